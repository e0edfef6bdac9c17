/* SPDX-License-Identifier: MIT */
/*
 * What is a gap, whose fault it was, and what has to be done at once lest there be one. On a
 * device whose clock the test moves; frames number themselves (see rig.h), so positions are
 * exact.
 */
#include <check.h>
#include <errno.h>
#include <unistd.h>

#include "rig.h"
#include "suite.h"
#include "trap.h"

enum { BUFFER = 9600, GUARD = 48, IDLE = 4800, LIMIT = 48000, FRAMES_PER_MS = 48 };

#define NS_PER_MS UINT64_C(1000000)

static struct rig rig;
static struct rig_source *src;

static void begin(uint32_t buffer)
{
	rig_init(&rig, 2, buffer);
	rig.sink.sink.guard = GUARD;
	rig.sink.sink.idle = IDLE;
	src = rig_add(&rig, 0, LIMIT);
	rig_turn(&rig);
}

static void set_up(void)
{
	begin(BUFFER);
}

static void tear_down(void)
{
	rig_done(&rig);
}

static void play_a_thousand(void)
{
	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 1000);
}

/* The device runs low, so silence lies behind the last frame. What comes while that can be
 * had back comes in time. */
START_TEST(what_comes_before_the_guard_does_is_in_time)
{
	enum { LONG_GUARD = 288, FIRST = 2000, MORE = 1000 };

	rig.sink.sink.guard = LONG_GUARD;
	queue_set_near(&src->queue, LONG_GUARD + GUARD);
	rig_push(&rig, src, FIRST);
	rig_turn(&rig);
	rig_play(&rig, FIRST - LONG_GUARD - 2 * GUARD, FIRST);

	rig_push(&rig, src, MORE);
	rig_wake(&rig);
	rig_play(&rig, MORE + 2 * LONG_GUARD, FIRST);

	rig_assert_heard(&rig, 0, 0, 0, FIRST + MORE);
	ck_assert_uint_eq(atomic_load(&src->queue.player->gaps), 0);
}
END_TEST

static void assert_one_gap(uint64_t at, uint64_t length, enum gap_cause cause)
{
	struct queue_player_part *told = src->queue.player;

	ck_assert_uint_eq(atomic_load(&told->gaps), 1);
	ck_assert_uint_eq(atomic_load(&told->gap_at), at);
	ck_assert_uint_eq(atomic_load(&told->gap_length), length);
	ck_assert_uint_eq(atomic_load(&told->gap_cause), cause);
}

/* The player's bell; takes it. */
static bool player_was_rung(void)
{
	uint64_t rings;

	return read(rig.bells[0], &rings, sizeof(rings)) == sizeof(rings);
}

/* ---- gaps --------------------------------------------------------------------------- */

START_TEST(a_pause_is_no_gap)
{
	play_a_thousand();

	rig_hold(&rig, src, true, 0);
	rig_turn(&rig);
	rig_play(&rig, 3000, 480);
	rig_hold(&rig, src, false, 0);
	rig_turn(&rig);
	rig_play(&rig, 2000, 480);

	ck_assert_uint_eq(rig_heard(src), 1000 + 2000);
	ck_assert_uint_eq(atomic_load(&src->queue.player->gaps), 0);
	ck_assert_uint_eq(atomic_load(&src->queue.player->dry), 0);
}
END_TEST

START_TEST(a_device_that_stops_right_after_a_look_is_a_gap)
{
	play_a_thousand();

	rig.sink.xruns = 1;
	rig.sink.now_ns += 100 * NS_PER_MS;
	rig_turn(&rig);
	rig_play(&rig, 1000, 480);

	assert_one_gap(1000, 100 * FRAMES_PER_MS, GAP_DEVICE);
	rig_assert_heard(&rig, 0, 0, 0, 2000);
}
END_TEST

START_TEST(a_device_that_stops_by_itself_at_a_turn_in_time_is_at_fault)
{
	uint64_t due, until_due;

	play_a_thousand();
	due = rig.player.wake_ns;
	until_due = (due - rig.sink.now_ns) * FRAMES_PER_MS / NS_PER_MS;

	fake_sink_advance(&rig.sink, (uint32_t)until_due - 48);
	rig.sink.xruns = 1;
	rig.sink.now_ns = due + NS_PER_MS / 50;
	rig_turn(&rig);

	ck_assert_uint_eq(rig.player.counts.xruns, 1);
	assert_one_gap(1000 + until_due - 48, 48 + 1, GAP_DEVICE);
}
END_TEST

START_TEST(a_device_that_runs_dry_for_a_late_turn_is_not_at_fault)
{
	play_a_thousand();

	fake_sink_advance(&rig.sink, BUFFER + 480);
	rig_turn(&rig);

	ck_assert_uint_eq(rig.player.counts.xruns, 1);
	assert_one_gap(1000 + BUFFER, 480, GAP_WAKEUP_LATE);
}
END_TEST

/* For ten seconds a push of 10 ms comes every 10 ms, 20 ms ahead of what is heard. */
START_TEST(a_thin_stream_on_a_short_device_that_does_not_rewind_has_one_gap_at_most)
{
	enum { CHUNK = 10 * FRAMES_PER_MS, SHORT = 1920 };

	rig_done(&rig);
	begin(SHORT);
	rig.sink.sink.low_water = SHORT / 4;
	rig.sink.sink.rewinds = false;
	rig_push(&rig, src, 2 * CHUNK);
	rig_turn(&rig);

	for (uint32_t at = 1; at <= 1000 * CHUNK; at++) {
		fake_sink_advance(&rig.sink, 1);
		if (at % CHUNK == 0)
			rig_push(&rig, src, CHUNK);
		if (player_was_rung() || rig.player.wake_ns <= rig.sink.now_ns)
			rig_turn(&rig);
	}

	ck_assert_uint_le(atomic_load(&src->queue.player->gaps), 1);
	ck_assert_uint_eq(rig.player.counts.xruns, 0);
	ck_assert_uint_ge(rig_heard(src), 998 * CHUNK);
}
END_TEST

/* ---- what the next turn is for ------------------------------------------------------ */

START_TEST(a_write_that_takes_nothing_once_is_tried_again)
{
	rig.sink.most_written = 0;
	rig_push(&rig, src, 5000);
	rig_turn(&rig);
	ck_assert_uint_eq(rig.sink.starts, 0);

	rig.sink.most_written = UINT32_MAX;
	rig_wake(&rig);
	rig_play(&rig, 5000, 480);

	rig_assert_heard(&rig, 0, 0, 0, 5000);
}
END_TEST

/* Another source gets its first frames while the player is within a turn. */
static struct rig_source *other;
static struct sink_ops ops;
static int (*fake_take_back)(struct sink *s, uint32_t n);

static int push_and_take_back(struct sink *s, uint32_t n)
{
	trap_set(false);
	if (rig_written(other) == 0)
		rig_push(&rig, other, 1000);
	trap_set(true);
	return fake_take_back(s, n);
}

START_TEST(a_push_in_mid_turn_is_heard_within_the_guard_and_a_turn)
{
	uint64_t pushed;

	ops = *rig.sink.sink.ops;
	fake_take_back = ops.take_back;
	ops.take_back = push_and_take_back;
	rig.sink.sink.ops = &ops;
	other = rig_add(&rig, 1, LIMIT);
	rig_push(&rig, src, 5000);
	rig_turn(&rig);
	rig_wake(&rig);
	rig_play(&rig, 10, 10);
	ck_assert_uint_eq(rig_written(other), 0);
	ck_assert_uint_gt(rig.player.dev_fed, 5000);
	player_was_rung();
	pushed = rig.sink.played;

	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	ck_assert_uint_eq(rig_written(other), 1000);
	ck_assert(player_was_rung() || rig.player.wake_ns <= rig.sink.now_ns);
	rig_turn(&rig);
	rig_play(&rig, 4000, 480);

	rig_assert_heard(&rig, 0, 0, 0, 6000);
	rig_assert_heard(&rig, 1, pushed + GUARD, 0, 1000);
}
END_TEST

START_TEST(a_small_push_with_no_device_lets_the_player_sleep)
{
	rig_push(&rig, src, 1000);
	rig_turn(&rig);
	rig_play(&rig, 950, 100);
	rig.sink.error = -ENODEV;
	rig_turn(&rig);
	ck_assert_ptr_eq(player_returned(&rig.player), &rig.sink.sink);
	rig_turn(&rig);

	rig_push(&rig, src, 10);
	rig_turn(&rig);

	ck_assert_uint_eq(rig.player.wake_ns, PLAYER_SLEEPS);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("player_gaps");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, what_comes_before_the_guard_does_is_in_time);
	tcase_add_test(t, a_pause_is_no_gap);
	tcase_add_test(t, a_device_that_stops_right_after_a_look_is_a_gap);
	tcase_add_test(t, a_device_that_stops_by_itself_at_a_turn_in_time_is_at_fault);
	tcase_add_test(t, a_device_that_runs_dry_for_a_late_turn_is_not_at_fault);
	tcase_add_test(
		t,
		a_thin_stream_on_a_short_device_that_does_not_rewind_has_one_gap_at_most);
	tcase_add_test(t, a_write_that_takes_nothing_once_is_tried_again);
	tcase_add_test(t, a_push_in_mid_turn_is_heard_within_the_guard_and_a_turn);
	tcase_add_test(t, a_small_push_with_no_device_lets_the_player_sleep);
	return suite_run("player_gaps", t);
}
