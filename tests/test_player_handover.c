/* SPDX-License-Identifier: MIT */
/*
 * A better device is there: the player leaves the one that it has, and what was heard on the one
 * and then on the other is all there was, once.
 */
#include <errno.h>
#include <math.h>

#include "rig.h"
#include "suite.h"

enum { BUFFER = 9600, LIMIT = 48000, STEP = 48 };

static struct rig rig;
static struct rig_source *src;
static struct fake_sink better;

static void set_up(void)
{
	rig_init(&rig, 1, BUFFER);
	src = rig_add(&rig, 0, LIMIT);
	fake_sink_init(&better, 48000, rig.sink.sink.channels, BUFFER);
	better.sink.layout = rig.sink.sink.layout;
	rig_turn(&rig);
}

static void tear_down(void)
{
	rig_done(&rig);
	fake_sink_done(&better);
}

/* The number that a frame of a tape carries, or -1. */
static int64_t number(const struct fake_sink *f, uint64_t at)
{
	const float *frame = f->tape + at * f->sink.channels;

	return frame[1] == 0.0f
		       ? -1
		       : lround((double)frame[0] / frame[1] * RIG_NUMBERS) % RIG_NUMBERS;
}

/* A tape holds silence, the numbers from `first` to `end` in a row, and silence. */
static void assert_holds(const struct fake_sink *f, uint64_t first, uint64_t end)
{
	uint64_t at = 0;

	while (at < f->taped && number(f, at) < 0)
		at++;
	for (uint64_t n = first; n < end; n++, at++) {
		ck_assert_uint_lt(at, f->taped);
		ck_assert_int_eq(number(f, at), (int64_t)n);
	}
	for (; at < f->taped; at++)
		ck_assert_int_eq(number(f, at), -1);
}

/* Time passes for both devices, with turns after each step; main takes what comes back. Returns
 * the sink that has, or NULL. */
static struct sink *play(uint32_t frames)
{
	struct sink *back = NULL, *s;

	for (; frames >= STEP; frames -= STEP) {
		fake_sink_advance(&rig.sink, STEP);
		fake_sink_advance(&better, STEP);
		rig_turn(&rig);
		s = player_returned(&rig.player);
		if (s)
			back = s;
		while (rig.player.wake_ns <= rig.sink.now_ns)
			rig_turn(&rig);
	}
	return back;
}

static uint64_t gaps(void)
{
	return atomic_load(&src->queue.player->gaps);
}

START_TEST(what_the_old_device_played_is_not_played_again)
{
	uint64_t at;

	rig.sink.sink.rewinds = better.sink.rewinds = _i != 0;
	rig.sink.sink.guard = _i == 2 ? 480 : 0;
	rig_push(&rig, src, 30000);
	rig_turn(&rig);
	play(4800);
	player_offer(&rig.player, &better.sink);
	rig_turn(&rig);
	ck_assert_ptr_eq(play(12000), &rig.sink.sink);
	at = rig.sink.taped;
	play(30000);

	while (number(&rig.sink, at - 1) < 0)
		at--;
	ck_assert_int_eq(rig.sink.sink.error, 0);
	assert_holds(&rig.sink, 0, at);
	assert_holds(&better, at, 30000);
	if (_i) /* it gives back all but the guard */
		ck_assert_uint_le(at, 4800 + 480 + STEP);
	ck_assert_uint_eq(rig_heard(src), 30000);
	ck_assert_uint_eq(atomic_load(&src->queue.player->dry), 0);
	ck_assert_uint_eq(gaps(), 1);
	ck_assert_uint_eq(atomic_load(&src->queue.player->gap_at), at);
	ck_assert_uint_eq(atomic_load(&src->queue.player->gap_cause), GAP_DEVICE);
}
END_TEST

START_TEST(what_is_pushed_and_cleared_meanwhile_is_neither_lost_nor_heard)
{
	rig.sink.sink.rewinds = false;
	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	play(4800);
	player_offer(&rig.player, &better.sink);
	rig_turn(&rig);
	play(480);
	rig_clear(&rig, src, 0);
	rig_push(&rig, src, 5000);
	rig_turn(&rig);
	play(30000);

	ck_assert_uint_eq(rig_heard(src) + rig_dropped(src), 25000);
	assert_holds(&rig.sink, 0, rig_cut_from(src));
	assert_holds(&better, 20000, 25000);
}
END_TEST

START_TEST(a_device_that_is_stopped_is_left_at_once)
{
	player_offer(&rig.player, &better.sink);
	rig_turn(&rig);
	ck_assert_ptr_eq(player_returned(&rig.player), &rig.sink.sink);
	rig_turn(&rig);

	rig_push(&rig, src, 1000);
	rig_turn(&rig);
	play(4800);
	assert_holds(&better, 0, 1000);
	ck_assert_uint_eq(gaps(), 0);
}
END_TEST

START_TEST(a_device_that_is_lost_while_it_is_left_takes_nothing_with_it)
{
	rig.sink.sink.rewinds = false;
	rig_push(&rig, src, 30000);
	rig_turn(&rig);
	play(4800);
	player_offer(&rig.player, &better.sink);
	rig_turn(&rig);
	play(480);
	rig.sink.error = -ENODEV;
	rig_turn(&rig);
	ck_assert_ptr_eq(player_returned(&rig.player), &rig.sink.sink);
	rig_turn(&rig);
	play(40000);

	assert_holds(&better, 5280, 30000);
	ck_assert_uint_eq(rig_heard(src), 30000);
}
END_TEST

START_TEST(nobody_is_told_that_there_is_no_device)
{
	struct player_report report;

	rig_push(&rig, src, 30000);
	rig_turn(&rig);
	player_offer(&rig.player, &better.sink);
	for (int i = 0; i < 400; i++) {
		play(STEP);
		player_get_report(&rig.player, &report);
		ck_assert(report.state == PLAYER_READY || report.state == PLAYER_PLAYING);
	}
	ck_assert_uint_gt(better.taped, 0);
	ck_assert_uint_eq(rig.player.counts.losses, 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("handover");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, what_the_old_device_played_is_not_played_again, 0, 3);
	tcase_add_test(tc,
		       what_is_pushed_and_cleared_meanwhile_is_neither_lost_nor_heard);
	tcase_add_test(tc, a_device_that_is_stopped_is_left_at_once);
	tcase_add_test(tc, a_device_that_is_lost_while_it_is_left_takes_nothing_with_it);
	tcase_add_test(tc, nobody_is_told_that_there_is_no_device);
	return suite_run("player_handover", tc);
}
