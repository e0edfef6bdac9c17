/* SPDX-License-Identifier: MIT */
/*
 * A queue as the main thread uses it.
 */
#include <check.h>
#include <string.h>

#include "rig.h"
#include "suite.h"

static struct rig rig;

static void set_up(void)
{
	rig_init(&rig, 1, 9600);
	rig_turn(&rig);
}

static void tear_down(void)
{
	rig_done(&rig);
}

/* The player has played up to here. */
static void play_to(struct rig_source *s, uint64_t pos)
{
	atomic_store(&s->queue.player->played, pos);
}

START_TEST(a_queue_takes_its_limit_to_the_frame)
{
	struct rig_source *s = rig_add(&rig, 0, 1003);

	ck_assert_uint_eq(queue_room(&s->queue), 1003);
	ck_assert_uint_eq(rig_push(&rig, s, 5000), 1003);
	ck_assert_uint_eq(queue_room(&s->queue), 0);
	play_to(s, 10);
	ck_assert_uint_eq(queue_room(&s->queue), 10);
}
END_TEST

START_TEST(the_longest_and_widest_queue_is_measured_without_overflow)
{
	const struct queue_shape shape = {
		.rate = 768000, .channels = 32, .format = FORMAT_F32, .limit = 46080000};

	ck_assert_uint_eq(queue_file_bytes(&shape) - QUEUE_RING_OFFSET,
			  UINT64_C(60) * 768000 * 32 * 4);
}
END_TEST

START_TEST(any_window_of_the_ring_is_contiguous)
{
	struct rig_source *s = rig_add(&rig, 0, 777);
	float frames[2 * 777];

	for (uint64_t pos = 0; pos < 20000; pos += 777) {
		for (uint32_t i = 0; i < 777; i++)
			frames[2 * i] = frames[2 * i + 1] = (float)(pos + i);
		queue_write(&s->queue, frames, 777);
		ck_assert_mem_eq(queue_at(&s->queue, pos), frames, sizeof(frames));
		play_to(s, pos + 777);
	}
}
END_TEST

START_TEST(a_frame_size_that_does_not_divide_the_page_wraps_within_a_frame)
{
	struct queue_shape shape = {
		.rate = 48000, .channels = 3, .format = FORMAT_S16, .limit = 1000};

	ck_assert_uint_eq(queue_file_bytes(&shape), 2 * QUEUE_PAGE + 8192);
}
END_TEST

START_TEST(the_largest_queue_there_may_be_overflows_nothing)
{
	struct queue_shape shape = {.rate = 768000,
				    .channels = 32,
				    .format = FORMAT_F32,
				    .limit = 768000 * 60};

	ck_assert_uint_eq(queue_file_bytes(&shape),
			  2 * QUEUE_PAGE + UINT64_C(768000) * 60 * 32 * 4);
}
END_TEST

START_TEST(a_push_rings_only_when_hardly_anything_is_unheard)
{
	struct rig_source *s = rig_add(&rig, 0, 48000);
	float frames[2 * 1000] = {0};

	ck_assert(queue_write(&s->queue, frames, 1000));
	ck_assert(!queue_write(&s->queue, frames, 1000));
	play_to(s, 2000 - queue_near(&s->queue) - 1);
	ck_assert(!queue_write(&s->queue, frames, 1));
	play_to(s, 2001 - queue_near(&s->queue));
	ck_assert(queue_write(&s->queue, frames, 1));
}
END_TEST

START_TEST(a_cut_takes_all_that_was_written_and_nothing_that_comes)
{
	struct rig_source *s = rig_add(&rig, 0, 48000);

	rig_push(&rig, s, 1000);
	queue_cut(&s->queue, (struct fade){.frames = 240, .curve = CURVE_EQUAL_POWER});
	rig_push(&rig, s, 500);

	ck_assert_uint_eq(atomic_load(&s->queue.writer->cut), 1000);
	ck_assert_uint_eq(
		queue_unpack_fade(atomic_load(&s->queue.writer->cut_fade)).frames, 240);
	ck_assert_uint_eq(
		queue_unpack_fade(atomic_load(&s->queue.writer->cut_fade)).curve,
		CURVE_EQUAL_POWER);
	ck_assert_uint_eq(rig_written(s), 1500);
}
END_TEST

START_TEST(waiting_for_what_has_been_played_is_over_at_once)
{
	struct rig_source *s = rig_add(&rig, 0, 48000);

	rig_push(&rig, s, 1000);
	play_to(s, 400);

	ck_assert(queue_wake_at(&s->queue, 400));
	ck_assert(!queue_wake_at(&s->queue, 401));
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("queue");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_queue_takes_its_limit_to_the_frame);
	tcase_add_test(t, the_longest_and_widest_queue_is_measured_without_overflow);
	tcase_add_test(t, any_window_of_the_ring_is_contiguous);
	tcase_add_test(t,
		       a_frame_size_that_does_not_divide_the_page_wraps_within_a_frame);
	tcase_add_test(t, the_largest_queue_there_may_be_overflows_nothing);
	tcase_add_test(t, a_push_rings_only_when_hardly_anything_is_unheard);
	tcase_add_test(t, a_cut_takes_all_that_was_written_and_nothing_that_comes);
	tcase_add_test(t, waiting_for_what_has_been_played_is_over_at_once);
	return suite_run("queue", t);
}
