/* SPDX-License-Identifier: MIT */
/*
 * A player and its device: how full, how often, lost, run dry, stopped. On a device whose clock the test moves; frames
 * number themselves (see rig.h), so positions are exact.
 */
#include <check.h>
#include <errno.h>
#include <math.h>

#include "rig.h"
#include "suite.h"

enum { BUFFER = 9600, GUARD = 48, IDLE = 4800, LIMIT = 48000, FAR = 3 * 48000 };

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

START_TEST(an_underrun_is_counted_and_loses_nothing)
{
	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	fake_sink_advance(&rig.sink, BUFFER + 500);
	rig_turn(&rig);
	rig_play(&rig, 3000, 480);

	rig_assert_heard(&rig, 0, 0, 0, BUFFER + 3000);
	ck_assert_uint_eq(rig.player.counts.xruns, 1);
	ck_assert_uint_eq(atomic_load(&src->queue.player->gaps), 1);
	ck_assert_uint_eq(atomic_load(&src->queue.player->gap_at), BUFFER);
	ck_assert_uint_eq(atomic_load(&src->queue.player->gap_length), 500);
	ck_assert_uint_eq(atomic_load(&src->queue.player->gap_cause), GAP_WAKEUP_LATE);
}
END_TEST

START_TEST(a_sink_that_is_unwanted_plays_out_and_the_next_goes_on)
{
	struct fake_sink other;
	uint64_t heard;

	fake_sink_init(&other, 48000, 4, BUFFER / 2);
	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	fake_sink_advance(&rig.sink, 700);

	player_offer(&rig.player, &player_no_sink);
	rig_turn(&rig);
	for (int i = 0; i < 100 && rig.player.sink; i++) {
		fake_sink_advance(&rig.sink, 480);
		rig_turn(&rig);
	}
	ck_assert_ptr_eq(player_returned(&rig.player), &rig.sink.sink);
	ck_assert_int_eq(rig.sink.sink.error, 0);
	rig_turn(&rig);
	ck_assert_ptr_null(player_returned(&rig.player));
	ck_assert_int_eq(rig.player.state, PLAYER_CLOSED);
	ck_assert_uint_eq(rig.player.wake_ns, PLAYER_SLEEPS);
	heard = rig_heard(src);
	rig_assert_heard(&rig, 0, 0, 0, heard);
	rig_assert_silent(&rig, 0, heard, rig.sink.taped);

	player_offer(&rig.player, &other.sink);
	rig_turn(&rig);
	fake_sink_advance(&other, 500);
	rig_turn(&rig);
	ck_assert_uint_eq(rig_heard(src), heard + 500);
	ck_assert_float_eq(other.tape[0] * RIG_NUMBERS, heard);
	ck_assert_uint_eq(rig.player.counts.losses, 0);
	player_finish(&rig.player);
	player_returned(&rig.player);
	fake_sink_done(&other);
}
END_TEST

START_TEST(a_player_without_a_sink_goes_on_without)
{
	player_offer(&rig.player, &player_no_sink);
	rig_turn(&rig);
	player_returned(&rig.player);
	rig_turn(&rig);

	player_offer(&rig.player, &player_no_sink);
	rig_turn(&rig);
	ck_assert_ptr_null(player_returned(&rig.player));
	ck_assert_ptr_null(player_offer(&rig.player, &rig.sink.sink));
	rig_push(&rig, src, 1000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 480);
	rig_assert_heard(&rig, 0, 0, 0, 1000);
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

	rig_assert_heard(&rig, 0, 0, 0, 1000);
	ck_assert_uint_eq(rig_heard(src), 1000);
}
END_TEST

START_TEST(the_device_is_stopped_after_idle_and_nobody_wakes)
{
	rig_push(&rig, src, 1000);
	rig_turn(&rig);
	for (int i = 0; i < 50 && rig.player.wake_ns != PLAYER_SLEEPS; i++)
		rig_wake(&rig);

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
		rig_wake(&rig);

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
		rig_wake(&rig);
		if (queue_room(&src->queue) >= 4800)
			rig_push(&rig, src, LIMIT);
	}

	ck_assert_uint_le(rig.player.counts.turns - turns, 120);
	ck_assert_uint_eq(rig.player.counts.xruns, 0);
	rig_assert_heard(&rig, 0, 0, 0, end);
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
	rig_assert_heard(&rig, 1, 0, 0, 9300);
}
END_TEST

/* A device that takes another's place may call its channels otherwise. */
START_TEST(the_next_device_gets_its_channels_in_its_own_order)
{
	static const struct layout swapped = {
		{CHANNEL_FR, CHANNEL_FL, CHANNEL_RL, CHANNEL_RR}};
	const float *frame;

	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 480);
	rig.sink.error = -ENODEV;
	rig_turn(&rig);
	ck_assert_ptr_eq(player_returned(&rig.player), &rig.sink.sink);
	fake_sink_plug_in(&rig.sink);
	rig.sink.sink.layout = swapped;
	player_offer(&rig.player, &rig.sink.sink);
	rig_turn(&rig);
	rig_play(&rig, 1000, 480);

	rig_assert_heard(&rig, 0, 0, 0, 1000);
	frame = rig.sink.tape + 1500 * 4;
	ck_assert(frame[0] == 1.0f && lroundf(frame[1] * RIG_NUMBERS) == 1500);
}
END_TEST

/* From the buffer to the ear it is three seconds more; as over a network. */
static const struct sink_ops *near_ops;

static int far_clock(struct sink *s, struct sink_clock *ret)
{
	uint64_t unheard;
	int r = near_ops->clock(s, ret);

	unheard = (uint64_t)ret->unheard + FAR;
	ret->unheard =
		(uint32_t)(unheard < rig.sink.written ? unheard : rig.sink.written);
	return r;
}

START_TEST(a_device_that_is_far_from_the_ear_does_not_stand_still)
{
	struct sink_ops far = *rig.sink.sink.ops;
	uint32_t played = 0;

	near_ops = rig.sink.sink.ops;
	far.clock = far_clock;
	rig.sink.sink.ops = &far;
	src = rig_add(&rig, 1, 2 * FAR);
	rig_push(&rig, src, 2 * FAR);
	rig_turn(&rig);
	for (; played < FAR + 1000; played += 480)
		rig_play(&rig, 480, 480);

	ck_assert_uint_eq(rig.player.counts.losses, 0);
	ck_assert_uint_eq(rig_heard(src), played - FAR);
	rig.sink.sink.ops = near_ops;
}
END_TEST

/* Nothing comes out of the buffer. */
START_TEST(a_device_that_stands_still_is_lost_after_two_seconds)
{
	rig_push(&rig, src, 20000);
	rig_turn(&rig);
	rig_play(&rig, 1000, 480);

	for (int ms = 0; ms <= 2000; ms += 100) {
		ck_assert_uint_eq(rig.player.counts.losses, 0);
		rig.sink.now_ns += UINT64_C(100) * 1000 * 1000;
		rig_turn(&rig);
	}

	ck_assert_uint_eq(rig.player.counts.losses, 1);
	ck_assert_int_eq(player_returned(&rig.player)->error, -ETIME);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("player_device");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, what_is_in_the_device_counts_as_unheard);
	tcase_add_test(t, an_underrun_is_counted_and_loses_nothing);
	tcase_add_test(t, a_sink_that_is_unwanted_plays_out_and_the_next_goes_on);
	tcase_add_test(t, a_player_without_a_sink_goes_on_without);
	tcase_add_test(t, short_writes_lose_nothing);
	tcase_add_test(t, the_device_is_stopped_after_idle_and_nobody_wakes);
	tcase_add_test(t, an_idle_player_takes_few_turns_to_come_to_rest);
	tcase_add_test(t, a_stream_that_is_ahead_costs_at_most_twelve_turns_a_second);
	tcase_add_test(t, finishing_says_what_was_heard_and_gives_the_sink_back);
	tcase_add_test(t, many_sources_with_gaps_do_not_overflow_the_timeline);
	tcase_add_test(t, the_next_device_gets_its_channels_in_its_own_order);
	tcase_add_test(t, a_device_that_is_far_from_the_ear_does_not_stand_still);
	tcase_add_test(t, a_device_that_stands_still_is_lost_after_two_seconds);
	return suite_run("player_device", t);
}
