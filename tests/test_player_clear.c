/* SPDX-License-Identifier: MIT */
/*
 * Clears: what is heard of them, and what the numbers say. On a device whose clock the test moves; frames
 * number themselves (see rig.h), so positions are exact.
 */
#include <check.h>
#include <errno.h>
#include <math.h>

#include "rig.h"
#include "suite.h"

enum { BUFFER = 9600, GUARD = 48, IDLE = 4800, LIMIT = 48000 };

static struct rig rig;
static struct rig_source *src;

static void set_up(void)
{
	rig_init(&rig, 2, BUFFER);
	rig.sink.sink.guard = GUARD;
	rig.sink.sink.idle = IDLE;
	src = rig_add(&rig, 0, LIMIT);
	rig_turn(&rig);
	rig_rung(&rig);
}

static void tear_down(void)
{
	rig_done(&rig);
}

START_TEST(a_clear_is_silent_after_the_guard_however_deep_the_buffer)
{
	rig_push(&rig, src, 40000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig_clear(&rig, src, 0);
	rig_turn(&rig);
	ck_assert_uint_eq(rig_cut_from(src), 1000 + GUARD);
	ck_assert_uint_eq(rig_dropped(src), 40000 - 1000 - GUARD);
	rig_play(&rig, 2000, 2000);

	rig_assert_heard(&rig, 0, 0, 0, 1000 + GUARD);
	rig_assert_silent(&rig, 0, 1000 + GUARD, 3000);
	ck_assert_uint_eq(rig_heard(src), 1000 + GUARD);
	ck_assert_uint_eq(rig_played(src), 40000);
}
END_TEST

START_TEST(a_clear_fades_the_frames_that_would_have_come_next)
{
	float before = 2.0f, level;

	rig_push(&rig, src, 40000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig_clear(&rig, src, 240);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);

	rig_assert_heard(&rig, 0, 0, 0, 1000 + GUARD + 240);
	rig_assert_silent(&rig, 0, 1000 + GUARD + 240, 2000);
	for (uint64_t i = 0; i < 240; i++) {
		rig_number(&rig, 0, 1000 + GUARD + i, &level);
		ck_assert(level < before);
		ck_assert(fabsf(level - (1.0f - (float)i / 240)) < 1e-6f);
		before = level;
	}
	ck_assert_uint_eq(rig_cut_from(src), 1000 + GUARD + 240);
}
END_TEST

START_TEST(a_fade_of_equal_power_is_a_quarter_of_a_cosine)
{
	float level;

	rig_push(&rig, src, 40000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	queue_cut(&src->queue, (struct fade){.frames = 240, .curve = CURVE_EQUAL_POWER});
	player_ask(&rig.player);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);

	for (uint64_t i = 0; i < 240; i++) {
		rig_number(&rig, 0, 1000 + GUARD + i, &level);
		ck_assert(fabsf(level - cosf((float)i / 240 * (float)M_PI_2)) < 1e-6f);
	}
	rig_assert_silent(&rig, 0, 1000 + GUARD + 240, 2000);
}
END_TEST

START_TEST(a_clear_leaves_other_sources_untouched)
{
	struct rig_source *other = rig_add(&rig, 1, LIMIT);
	float level;

	rig_push(&rig, src, 30000);
	rig_push(&rig, other, 30000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig_clear(&rig, src, 100);
	rig_turn(&rig);
	rig_play(&rig, 9000, 480);

	rig_assert_heard(&rig, 1, 0, 0, 10000);
	for (uint64_t i = 0; i < 10000; i++) {
		rig_number(&rig, 1, i, &level);
		ck_assert(level == 1.0f);
	}
}
END_TEST

START_TEST(what_is_pushed_after_a_clear_is_heard_next)
{
	rig_push(&rig, src, 30000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig_clear(&rig, src, 0);
	rig_turn(&rig);
	fake_sink_advance(&rig.sink, 10);
	rig_turn(&rig);
	rig_push(&rig, src, 500);
	rig_turn(&rig);
	rig_play(&rig, 2000, 100);

	rig_assert_heard(&rig, 0, 0, 0, 1000 + GUARD);
	rig_assert_silent(&rig, 0, 1000 + GUARD, 1000 + GUARD + 10);
	rig_assert_heard(&rig, 0, 1000 + GUARD + 10, 30000, 500);
	ck_assert_uint_eq(rig_heard(src), 1000 + GUARD + 500);
}
END_TEST

START_TEST(a_push_behind_a_clear_rings_although_the_tail_is_still_heard)
{
	float frame[4] = {0};

	rig.sink.sink.rewinds = false;
	rig_push(&rig, src, 40000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig_clear(&rig, src, 0);
	rig_turn(&rig);

	ck_assert_uint_lt(rig_played(src), 40000);
	ck_assert(queue_write(&src->queue, frame, 1));
}
END_TEST

START_TEST(a_second_clear_during_the_fade_drops_only_what_came_since)
{
	rig_push(&rig, src, 10000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig_clear(&rig, src, 480);
	rig_turn(&rig);
	rig_push(&rig, src, 700);
	rig_play(&rig, 100, 100);
	rig_clear(&rig, src, 480);
	rig_turn(&rig);
	rig_play(&rig, 3000, 480);

	rig_assert_heard(&rig, 0, 0, 0, 1000 + GUARD + 480);
	rig_assert_silent(&rig, 0, 1000 + GUARD + 480, 4000);
	ck_assert_uint_eq(rig_heard(src), 1000 + GUARD + 480);
	ck_assert_uint_eq(rig_heard(src) + rig_dropped(src), 10700);
}
END_TEST

START_TEST(a_clear_before_the_first_frame_was_heard_drops_all_of_it)
{
	rig_push(&rig, src, 10000);
	rig_clear(&rig, src, 240);
	rig_turn(&rig);
	rig_play(&rig, 1000, 100);

	ck_assert_uint_eq(rig.sink.taped, 0);
	ck_assert_uint_eq(rig_dropped(src), 10000);
	ck_assert_uint_eq(rig_played(src), 10000);
}
END_TEST

START_TEST(a_clear_with_no_device_drops_at_once)
{
	rig.sink.error = -ENODEV;
	rig_turn(&rig);
	rig_push(&rig, src, 10000);
	rig_clear(&rig, src, 240);
	rig_turn(&rig);

	ck_assert_uint_eq(rig_dropped(src), 10000);
	ck_assert_uint_eq(queue_room(&src->queue), LIMIT);
}
END_TEST

START_TEST(a_clear_of_an_empty_source_drops_nothing)
{
	rig_clear(&rig, src, 240);
	rig_turn(&rig);

	ck_assert_uint_eq(rig_dropped(src), 0);
	ck_assert_uint_eq(rig_cut_from(src), 0);
}
END_TEST

START_TEST(a_device_that_does_not_rewind_plays_out_what_it_has_and_the_numbers_say_so)
{
	rig.sink.sink.rewinds = false;
	rig_push(&rig, src, 40000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig_clear(&rig, src, 0);
	rig_turn(&rig);
	ck_assert_uint_eq(rig_cut_from(src), 1000 + BUFFER);
	rig_play(&rig, 12000, 480);

	rig_assert_heard(&rig, 0, 0, 0, 1000 + BUFFER);
	rig_assert_silent(&rig, 0, 1000 + BUFFER, 13000);
	ck_assert_uint_eq(rig_heard(src), 1000 + BUFFER);
	ck_assert_uint_eq(rig_heard(src) + rig_dropped(src), 40000);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("player_clear");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_clear_is_silent_after_the_guard_however_deep_the_buffer);
	tcase_add_test(t, a_clear_fades_the_frames_that_would_have_come_next);
	tcase_add_test(t, a_fade_of_equal_power_is_a_quarter_of_a_cosine);
	tcase_add_test(t, a_clear_leaves_other_sources_untouched);
	tcase_add_test(t, what_is_pushed_after_a_clear_is_heard_next);
	tcase_add_test(t, a_push_behind_a_clear_rings_although_the_tail_is_still_heard);
	tcase_add_test(t, a_second_clear_during_the_fade_drops_only_what_came_since);
	tcase_add_test(t, a_clear_before_the_first_frame_was_heard_drops_all_of_it);
	tcase_add_test(t, a_clear_with_no_device_drops_at_once);
	tcase_add_test(t, a_clear_of_an_empty_source_drops_nothing);
	tcase_add_test(
		t,
		a_device_that_does_not_rewind_plays_out_what_it_has_and_the_numbers_say_so);
	return suite_run("player_clear", t);
}
