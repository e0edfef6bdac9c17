/* SPDX-License-Identifier: MIT */
/*
 * What a player does, turn by turn: joining, mixing, levels, waits. On a device whose clock the test moves; frames
 * number themselves (see rig.h), so positions are exact.
 */
#include <check.h>
#include <math.h>
#include <unistd.h>

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

START_TEST(a_push_into_silence_rings_and_is_heard_from_its_first_frame)
{
	uint64_t rings;

	ck_assert_int_eq((int)rig_push(&rig, src, 1000), 1000);
	ck_assert_int_eq((int)read(rig.bells[0], &rings, sizeof(rings)), sizeof(rings));
	rig_turn(&rig);
	rig_play(&rig, 1000, 100);

	rig_assert_heard(&rig, 0, 0, 0, 1000);
	ck_assert_uint_eq(rig_heard(src), 1000);
	ck_assert_uint_eq(rig_played(src), 1000);
}
END_TEST

START_TEST(a_push_into_a_sounding_source_rings_no_bell)
{
	rig_push(&rig, src, 4800);
	rig_turn(&rig);

	ck_assert(!queue_write(&src->queue, (float[4]){0}, 1));
}
END_TEST

START_TEST(a_push_in_the_middle_is_picked_up_without_a_gap)
{
	rig_push(&rig, src, 2000);
	rig_turn(&rig);
	fake_sink_advance(&rig.sink, 500);
	rig_push(&rig, src, 3000);
	for (int i = 0; i < 20 && rig_played(src) < 4900; i++)
		rig_wake(&rig);

	rig_assert_heard(&rig, 0, 0, 0, 4900);
	ck_assert_uint_eq(atomic_load(&src->queue.player->dry), 0);
}
END_TEST

START_TEST(two_sources_are_heard_at_once)
{
	struct rig_source *other = rig_add(&rig, 1, LIMIT);

	rig_push(&rig, src, 3000);
	rig_push(&rig, other, 2000);
	rig_turn(&rig);
	rig_play(&rig, 3000, 480);

	rig_assert_heard(&rig, 0, 0, 0, 3000);
	rig_assert_heard(&rig, 1, 0, 0, 2000);
	rig_assert_silent(&rig, 1, 2000, 3000);
}
END_TEST

START_TEST(a_source_that_joins_is_heard_within_the_guard)
{
	struct rig_source *other;

	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	other = rig_add(&rig, 1, LIMIT);
	rig_push(&rig, other, 500);
	rig_turn(&rig);
	rig_play(&rig, 2000, 2000);

	rig_assert_silent(&rig, 1, 0, 1000 + GUARD);
	rig_assert_heard(&rig, 1, 1000 + GUARD, 0, 500);
	rig_assert_heard(&rig, 0, 0, 0, 3000);
}
END_TEST

START_TEST(a_gain_is_heard_within_the_guard_and_ramps)
{
	float level;

	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	queue_set_gain(&src->queue, (struct gain){.factor = 0.5f, .ramp = 100});
	player_ask(&rig.player);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	rig_assert_heard(&rig, 0, 0, 0, 3000);
	rig_number(&rig, 0, 1000 + GUARD, &level);
	ck_assert(level == 1.0f);
	rig_number(&rig, 0, 1000 + GUARD + 50, &level);
	ck_assert(fabsf(level - 0.75f) < 1e-6f);
	rig_number(&rig, 0, 1000 + GUARD + 100, &level);
	ck_assert(level == 0.5f);
}
END_TEST

START_TEST(taking_back_changes_no_sample_of_what_goes_on)
{
	struct rig_source *other = rig_add(&rig, 1, LIMIT);
	float level;

	rig_push(&rig, src, 20000);
	rig_push(&rig, other, 20000);
	rig_turn(&rig);
	queue_set_gain(&src->queue, (struct gain){.factor = 0.5f, .ramp = 5000});
	player_ask(&rig.player);
	rig_turn(&rig);
	for (int i = 0; i < 100; i++) {
		rig_play(&rig, 97, 97);
		rig_hold(&rig, other, i & 1, 10);
		rig_turn(&rig);
	}

	rig_assert_heard(&rig, 0, 0, 0, 9700);
	for (uint64_t i = 0; i < 9700; i++) {
		float way = i < GUARD          ? 0.0f
			    : i < GUARD + 5000 ? (float)(i - GUARD) / 5000
					       : 1.0f;

		rig_number(&rig, 0, i, &level);
		ck_assert(fabsf(level - (1.0f - 0.5f * way)) < 1e-6f);
	}
}
END_TEST

START_TEST(a_wait_is_rung_for_at_its_very_frame)
{
	rig_push(&rig, src, 5000);
	rig_turn(&rig);
	rig_rung(&rig);
	ck_assert(!queue_wake_at(&src->queue, 1234));
	rig_turn(&rig);
	ck_assert(!rig_rung(&rig));
	rig_wake(&rig);

	ck_assert(rig_rung(&rig));
	ck_assert_uint_ge(rig_played(src), 1234);
	ck_assert_uint_le(rig_played(src), 1235);
	rig_turn(&rig);
	ck_assert(!rig_rung(&rig));
}
END_TEST

START_TEST(a_wait_for_the_last_frame_ends_when_it_was_heard)
{
	rig_push(&rig, src, 1);
	queue_wake_at(&src->queue, 1);
	rig_turn(&rig);
	rig_rung(&rig);
	rig_wake(&rig);

	ck_assert(rig_rung(&rig));
	ck_assert_uint_eq(rig_heard(src), 1);
	ck_assert_uint_eq(rig.sink.taped, 1);
}
END_TEST

START_TEST(a_tail_of_any_length_is_heard_in_time_and_not_before_the_next_sound)
{
	for (uint32_t n = 1; n < 100; n += 7) {
		uint64_t first = rig_written(src), at;

		rig_push(&rig, src, n);
		rig_turn(&rig);
		at = rig.sink.taped + rig.sink.written - rig.sink.played;
		rig_play(&rig, 1000, 100);

		ck_assert_uint_eq(rig_heard(src), first + n);
		ck_assert_uint_ge(at, n);
	}
}
END_TEST

START_TEST(silence_for_want_of_data_is_counted)
{
	rig_push(&rig, src, 1000);
	rig_turn(&rig);
	rig_play(&rig, 1500, 100);
	rig_push(&rig, src, 1000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 100);

	ck_assert_uint_eq(atomic_load(&src->queue.player->dry), 500 + GUARD);
	ck_assert_uint_eq(atomic_load(&src->queue.player->gaps), 1);
	ck_assert_uint_eq(atomic_load(&src->queue.player->gap_at), 1000);
	ck_assert_uint_eq(atomic_load(&src->queue.player->gap_length), 500 + GUARD);
	ck_assert_uint_eq(atomic_load(&src->queue.player->gap_cause), GAP_CLIENT_LATE);
	rig_assert_heard(&rig, 0, 1500 + GUARD, 1000, 900);
}
END_TEST

START_TEST(a_change_is_applied_and_said)
{
	uint64_t ask = player_ask(&rig.player);

	ck_assert(!player_has_applied(&rig.player, ask));
	rig_turn(&rig);

	ck_assert(player_has_applied(&rig.player, ask));
	ck_assert(rig_rung(&rig));
}
END_TEST

START_TEST(a_source_that_left_is_not_heard_any_more)
{
	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig_remove(&rig, 0);
	rig_play(&rig, 2000, 480);

	rig_assert_heard(&rig, 0, 0, 0, 1000 + GUARD);
	rig_assert_silent(&rig, 0, 1000 + GUARD, rig.sink.taped);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("player");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_push_into_silence_rings_and_is_heard_from_its_first_frame);
	tcase_add_test(t, a_push_into_a_sounding_source_rings_no_bell);
	tcase_add_test(t, a_push_in_the_middle_is_picked_up_without_a_gap);
	tcase_add_test(t, two_sources_are_heard_at_once);
	tcase_add_test(t, a_source_that_joins_is_heard_within_the_guard);
	tcase_add_test(t, a_gain_is_heard_within_the_guard_and_ramps);
	tcase_add_test(t, taking_back_changes_no_sample_of_what_goes_on);
	tcase_add_test(t, a_wait_is_rung_for_at_its_very_frame);
	tcase_add_test(t, a_wait_for_the_last_frame_ends_when_it_was_heard);
	tcase_add_test(
		t, a_tail_of_any_length_is_heard_in_time_and_not_before_the_next_sound);
	tcase_add_test(t, silence_for_want_of_data_is_counted);
	tcase_add_test(t, a_change_is_applied_and_said);
	tcase_add_test(t, a_source_that_left_is_not_heard_any_more);
	return suite_run("player", t);
}
