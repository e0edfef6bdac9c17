/* SPDX-License-Identifier: MIT */
/*
 * What a player does, turn by turn, on a device whose clock the test moves. Frames number
 * themselves (see rig.h), so positions below are exact.
 */
#include <check.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
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

/* The tape, from frame `at` on, holds n frames of the slot from number `first` on. */
static void assert_heard(uint32_t slot, uint64_t at, uint64_t first, uint64_t n)
{
	float level;

	for (uint64_t i = 0; i < n; i++)
		ck_assert_uint_eq(rig_number(&rig, slot, at + i, &level), first + i);
}

static void assert_silent(uint32_t slot, uint64_t from, uint64_t to)
{
	float level;

	for (uint64_t i = from; i < to; i++)
		ck_assert_uint_eq(rig_number(&rig, slot, i, &level), RIG_SILENCE);
}

/* Time passes until the player wants its next turn, which it gets. */
static void wake(void)
{
	uint64_t now = rig.sink.now_ns, due = rig.player.wake_ns;
	uint64_t frames = due > now ? (due - now) * 48 / 1000000 : 0;

	ck_assert_uint_ne(due, PLAYER_SLEEPS);
	fake_sink_advance(&rig.sink, (uint32_t)frames);
	rig_turn(&rig);
}

START_TEST(a_push_into_silence_rings_and_is_heard_from_its_first_frame)
{
	uint64_t rings;

	ck_assert_int_eq((int)rig_push(&rig, src, 1000), 1000);
	ck_assert_int_eq((int)read(rig.bells[0], &rings, sizeof(rings)), sizeof(rings));
	rig_turn(&rig);
	rig_play(&rig, 1000, 100);

	assert_heard(0, 0, 0, 1000);
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
		wake();

	assert_heard(0, 0, 0, 4900);
	ck_assert_uint_eq(atomic_load(&src->queue.player->dry), 0);
}
END_TEST

START_TEST(what_is_in_the_device_counts_as_unheard)
{
	rig_push(&rig, src, 5000);
	rig_turn(&rig);
	fake_sink_advance(&rig.sink, 1000);
	rig_turn(&rig);

	ck_assert_uint_eq(rig_heard(src), 1000);
	ck_assert_uint_eq(queue_room(&src->queue), LIMIT - 4000);
	ck_assert_uint_eq(atomic_load(&src->queue.player->fed), 5000);
}
END_TEST

START_TEST(two_sources_are_heard_at_once)
{
	struct rig_source *other = rig_add(&rig, 1, LIMIT);

	rig_push(&rig, src, 3000);
	rig_push(&rig, other, 2000);
	rig_turn(&rig);
	rig_play(&rig, 3000, 480);

	assert_heard(0, 0, 0, 3000);
	assert_heard(1, 0, 0, 2000);
	assert_silent(1, 2000, 3000);
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

	assert_silent(1, 0, 1000 + GUARD);
	assert_heard(1, 1000 + GUARD, 0, 500);
	assert_heard(0, 0, 0, 3000);
}
END_TEST

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

	assert_heard(0, 0, 0, 1000 + GUARD);
	assert_silent(0, 1000 + GUARD, 3000);
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

	assert_heard(0, 0, 0, 1000 + GUARD + 240);
	assert_silent(0, 1000 + GUARD + 240, 2000);
	for (uint64_t i = 0; i < 240; i++) {
		rig_number(&rig, 0, 1000 + GUARD + i, &level);
		ck_assert(level < before);
		ck_assert(fabsf(level - (1.0f - (float)i / 240)) < 1e-6f);
		before = level;
	}
	ck_assert_uint_eq(rig_cut_from(src), 1000 + GUARD + 240);
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

	assert_heard(1, 0, 0, 10000);
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

	assert_heard(0, 0, 0, 1000 + GUARD);
	assert_silent(0, 1000 + GUARD, 1000 + GUARD + 10);
	assert_heard(0, 1000 + GUARD + 10, 30000, 500);
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

	assert_heard(0, 0, 0, 1000 + GUARD + 480);
	assert_silent(0, 1000 + GUARD + 480, 4000);
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

	assert_heard(0, 0, 0, 1000 + BUFFER);
	assert_silent(0, 1000 + BUFFER, 13000);
	ck_assert_uint_eq(rig_heard(src), 1000 + BUFFER);
	ck_assert_uint_eq(rig_heard(src) + rig_dropped(src), 40000);
}
END_TEST

START_TEST(a_pause_holds_the_very_frame_and_a_resume_goes_on_with_it)
{
	uint64_t stop = 1000 + GUARD, back;

	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig_hold(&rig, src, true, 0);
	rig_turn(&rig);
	ck_assert_uint_eq(atomic_load(&src->queue.player->stopped_at), stop);
	rig_play(&rig, 3000, 480);
	assert_silent(0, stop, 4000);
	rig_hold(&rig, src, false, 0);
	rig_turn(&rig);
	back = 4000 + GUARD;
	rig_play(&rig, 2000, 480);

	assert_silent(0, 4000, back);
	assert_heard(0, back, stop, 1900);
	ck_assert_uint_eq(rig_dropped(src), 0);
}
END_TEST

START_TEST(a_pause_fades_out_and_a_resume_fades_in)
{
	uint64_t stop = 1000 + GUARD + 100, back = 3000 + GUARD;
	float level;

	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig_hold(&rig, src, true, 100);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);
	rig_hold(&rig, src, false, 50);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	assert_heard(0, 0, 0, stop);
	assert_silent(0, stop, back);
	assert_heard(0, back, stop, 1000);
	rig_number(&rig, 0, stop - 50, &level);
	ck_assert(fabsf(level - 0.5f) < 1e-6f);
	rig_number(&rig, 0, back + 24, &level);
	ck_assert(fabsf(level - 0.5f) < 1e-6f);
	rig_number(&rig, 0, back + 50, &level);
	ck_assert(level == 1.0f);
}
END_TEST

START_TEST(a_pause_and_a_resume_before_the_next_turn_are_nothing)
{
	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig_hold(&rig, src, true, 100);
	rig_hold(&rig, src, false, 100);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	assert_heard(0, 0, 0, 3000);
}
END_TEST

START_TEST(a_clear_while_paused_drops_and_the_next_frame_comes_unfaded_after_the_resume)
{
	float level;

	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig_hold(&rig, src, true, 100);
	rig_turn(&rig);
	rig_play(&rig, 1000, 480);
	rig_clear(&rig, src, 100);
	rig_turn(&rig);
	ck_assert_uint_eq(rig_played(src), 20000);
	rig_push(&rig, src, 1000);
	rig_play(&rig, 1000, 480);
	rig_hold(&rig, src, false, 100);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	assert_silent(0, 1000 + GUARD + 100, 3000 + GUARD);
	assert_heard(0, 3000 + GUARD, 20000, 1000);
	rig_number(&rig, 0, 3000 + GUARD, &level);
	ck_assert(level == 1.0f);
	ck_assert_uint_eq(rig_heard(src), 1000 + GUARD + 100 + 1000);
}
END_TEST

START_TEST(a_paused_source_goes_on_taking_frames)
{
	rig_hold(&rig, src, true, 0);
	rig_turn(&rig);

	ck_assert_uint_eq(rig_push(&rig, src, LIMIT + 10), LIMIT);
	rig_turn(&rig);
	ck_assert_uint_eq(rig.sink.starts, 0);
}
END_TEST

START_TEST(a_gain_is_heard_within_the_guard_and_ramps)
{
	float level;

	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	queue_set_gain(&src->queue, 0.5f, 100);
	player_ask(&rig.player);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	assert_heard(0, 0, 0, 3000);
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
	queue_set_gain(&src->queue, 0.5f, 5000);
	player_ask(&rig.player);
	rig_turn(&rig);
	for (int i = 0; i < 100; i++) {
		rig_play(&rig, 97, 97);
		rig_hold(&rig, other, i & 1, 10);
		rig_turn(&rig);
	}

	assert_heard(0, 0, 0, 9700);
	for (uint64_t i = 0; i < 9700; i++) {
		float way = i < GUARD          ? 0.0f
			    : i < GUARD + 5000 ? (float)(i - GUARD) / 5000
					       : 1.0f;

		rig_number(&rig, 0, i, &level);
		ck_assert(fabsf(level - (1.0f - 0.5f * way)) < 1e-6f);
	}
}
END_TEST

START_TEST(a_lost_device_is_a_pause_and_no_frame_is_missing)
{
	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
	rig.sink.error = -ENODEV;
	rig_turn(&rig);
	ck_assert_ptr_eq(player_returned(&rig.player), &rig.sink.sink);
	ck_assert_int_eq(rig.sink.sink.error, -ENODEV);
	ck_assert_uint_eq(rig_heard(src), 1000);
	rig.sink.error = 0;
	rig.sink.running = false;
	rig.sink.written = rig.sink.played;
	player_offer(&rig.player, &rig.sink.sink);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	assert_heard(0, 0, 0, 3000);
	ck_assert_uint_eq(rig.player.counts.losses, 1);
}
END_TEST

START_TEST(an_underrun_is_counted_and_loses_nothing)
{
	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	fake_sink_advance(&rig.sink, BUFFER + 500);
	rig_turn(&rig);
	rig_play(&rig, 3000, 480);

	assert_heard(0, 0, 0, BUFFER + 3000);
	ck_assert_uint_eq(rig.player.counts.xruns, 1);
}
END_TEST

START_TEST(short_writes_lose_nothing)
{
	rig.sink.most_written = 7;
	rig_push(&rig, src, 1000);
	rig_turn(&rig);
	for (int i = 0; i < 1000 && rig_played(src) < 1000; i++) {
		fake_sink_advance(&rig.sink, 3);
		rig_turn(&rig);
	}

	assert_heard(0, 0, 0, 1000);
	ck_assert_uint_eq(rig_heard(src), 1000);
}
END_TEST

START_TEST(the_device_is_stopped_after_idle_and_nobody_wakes)
{
	rig_push(&rig, src, 1000);
	rig_turn(&rig);
	for (int i = 0; i < 50 && rig.player.wake_ns != PLAYER_SLEEPS; i++)
		wake();

	ck_assert_uint_eq(rig.player.wake_ns, PLAYER_SLEEPS);
	ck_assert_uint_eq(rig.sink.stops, 1);
	ck_assert_uint_eq(rig_heard(src), 1000);
	ck_assert_uint_ge(rig.sink.taped, 1000 + IDLE);
	ck_assert_uint_le(rig.sink.taped, 1000 + IDLE + 1);
	ck_assert_uint_eq(rig.player.counts.xruns, 0);
}
END_TEST

START_TEST(an_idle_player_takes_few_turns_to_come_to_rest)
{
	uint64_t turns;

	rig_push(&rig, src, 1000);
	rig_turn(&rig);
	turns = rig.player.counts.turns;
	while (rig.player.wake_ns != PLAYER_SLEEPS)
		wake();

	ck_assert_uint_le(rig.player.counts.turns - turns, 6);
}
END_TEST

START_TEST(a_stream_that_is_ahead_costs_at_most_twelve_turns_a_second)
{
	uint64_t turns, end = 48000 * 10;

	rig_push(&rig, src, LIMIT);
	rig_turn(&rig);
	turns = rig.player.counts.turns;
	while (rig_played(src) < end) {
		wake();
		if (queue_room(&src->queue) >= 4800)
			rig_push(&rig, src, LIMIT);
	}

	ck_assert_uint_le(rig.player.counts.turns - turns, 120);
	ck_assert_uint_eq(rig.player.counts.xruns, 0);
	assert_heard(0, 0, 0, end);
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
	wake();

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
	wake();

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
	assert_heard(0, 1500 + GUARD, 1000, 900);
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

	assert_heard(0, 0, 0, 1000 + GUARD);
	assert_silent(0, 1000 + GUARD, rig.sink.taped);
}
END_TEST

START_TEST(finishing_says_what_was_heard_and_gives_the_sink_back)
{
	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	fake_sink_advance(&rig.sink, 1234);
	player_finish(&rig.player);

	ck_assert_uint_eq(rig_heard(src), 1234);
	ck_assert_uint_eq(rig_played(src), 1234);
	ck_assert_ptr_eq(player_returned(&rig.player), &rig.sink.sink);
	ck_assert_int_eq(rig.sink.sink.error, 0);
}
END_TEST

START_TEST(many_sources_with_gaps_do_not_overflow_the_timeline)
{
	struct rig_source *other = rig_add(&rig, 1, LIMIT);

	rig_push(&rig, other, 40000);
	rig_turn(&rig);
	for (int i = 0; i < 100; i++) {
		rig_push(&rig, src, 1);
		rig_turn(&rig);
		fake_sink_advance(&rig.sink, 3);
		rig_turn(&rig);
	}
	rig_play(&rig, 9000, 480);

	ck_assert_uint_eq(rig_heard(src), 100);
	assert_heard(1, 0, 0, 9300);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("player");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_push_into_silence_rings_and_is_heard_from_its_first_frame);
	tcase_add_test(t, a_push_into_a_sounding_source_rings_no_bell);
	tcase_add_test(t, a_push_in_the_middle_is_picked_up_without_a_gap);
	tcase_add_test(t, what_is_in_the_device_counts_as_unheard);
	tcase_add_test(t, two_sources_are_heard_at_once);
	tcase_add_test(t, a_source_that_joins_is_heard_within_the_guard);
	tcase_add_test(t, a_clear_is_silent_after_the_guard_however_deep_the_buffer);
	tcase_add_test(t, a_clear_fades_the_frames_that_would_have_come_next);
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
	tcase_add_test(t, a_pause_holds_the_very_frame_and_a_resume_goes_on_with_it);
	tcase_add_test(t, a_pause_fades_out_and_a_resume_fades_in);
	tcase_add_test(t, a_pause_and_a_resume_before_the_next_turn_are_nothing);
	tcase_add_test(
		t,
		a_clear_while_paused_drops_and_the_next_frame_comes_unfaded_after_the_resume);
	tcase_add_test(t, a_paused_source_goes_on_taking_frames);
	tcase_add_test(t, a_gain_is_heard_within_the_guard_and_ramps);
	tcase_add_test(t, taking_back_changes_no_sample_of_what_goes_on);
	tcase_add_test(t, a_lost_device_is_a_pause_and_no_frame_is_missing);
	tcase_add_test(t, an_underrun_is_counted_and_loses_nothing);
	tcase_add_test(t, short_writes_lose_nothing);
	tcase_add_test(t, the_device_is_stopped_after_idle_and_nobody_wakes);
	tcase_add_test(t, an_idle_player_takes_few_turns_to_come_to_rest);
	tcase_add_test(t, a_stream_that_is_ahead_costs_at_most_twelve_turns_a_second);
	tcase_add_test(t, a_wait_is_rung_for_at_its_very_frame);
	tcase_add_test(t, a_wait_for_the_last_frame_ends_when_it_was_heard);
	tcase_add_test(
		t, a_tail_of_any_length_is_heard_in_time_and_not_before_the_next_sound);
	tcase_add_test(t, silence_for_want_of_data_is_counted);
	tcase_add_test(t, a_change_is_applied_and_said);
	tcase_add_test(t, a_source_that_left_is_not_heard_any_more);
	tcase_add_test(t, finishing_says_what_was_heard_and_gives_the_sink_back);
	tcase_add_test(t, many_sources_with_gaps_do_not_overflow_the_timeline);
	return suite_run("player", t);
}
