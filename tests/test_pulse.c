/* SPDX-License-Identifier: MIT */
/*
 * Whether a player that gets on is told from one that does not, by someone who only looks. The
 * player is turned by hand, or is not.
 */
#include <errno.h>
#include <sys/eventfd.h>

#include "pulse.h"
#include "rig.h"
#include "suite.h"

enum { BUFFER = 9600, LOOK = 2400, PATIENCE_US = 1200000, TICK_US = 500000 };

static struct rig rig;
static struct rig_source *source;
static struct pulse pulse;
static uint64_t now_us;

/* As the thread does: it hears the bell, and turns. */
static void get_up(void)
{
	eventfd_t times;

	eventfd_read(rig.bells[0], &times);
	rig_turn(&rig);
}

static void set_up(void)
{
	rig_init(&rig, 1, BUFFER);
	source = rig_add(&rig, 0, 480000);
	pulse = (struct pulse){0};
	now_us = 1000000;
	get_up();
}

static void tear_down(void)
{
	rig_done(&rig);
}

/* Looks after so long. */
static bool beats_after(uint64_t us)
{
	now_us += us;
	return pulse_beats(&pulse, &rig.player, PATIENCE_US, now_us);
}

static void start_playing(void)
{
	rig_push(&rig, source, 240000);
	get_up();
	ck_assert_int_eq(rig.player.state, PLAYER_PLAYING);
}

START_TEST(one_that_plays_and_turns_gets_on)
{
	start_playing();

	for (int i = 0; i < 50; i++) {
		rig_play(&rig, LOOK, LOOK);
		ck_assert(beats_after(TICK_US));
	}
}
END_TEST

START_TEST(one_that_plays_and_does_not_turn_is_given_time_and_then_given_up)
{
	start_playing();
	ck_assert(beats_after(TICK_US));

	ck_assert(beats_after(PATIENCE_US - 1));
	ck_assert(!beats_after(1));
	ck_assert(!beats_after(TICK_US));
}
END_TEST

START_TEST(one_that_turns_again_gets_on_again)
{
	start_playing();
	ck_assert(beats_after(TICK_US));
	ck_assert(!beats_after(2 * PATIENCE_US));

	rig_turn(&rig);

	ck_assert(beats_after(TICK_US));
	ck_assert(!beats_after(2 * PATIENCE_US));
}
END_TEST

START_TEST(one_that_is_silent_may_sleep)
{
	for (int i = 0; i < 10; i++)
		ck_assert(beats_after(2 * PATIENCE_US));
}
END_TEST

START_TEST(one_that_has_played_to_the_end_may_sleep)
{
	start_playing();
	while (rig.player.state == PLAYER_PLAYING)
		rig_play(&rig, LOOK, LOOK);

	for (int i = 0; i < 10; i++)
		ck_assert(beats_after(2 * PATIENCE_US));
}
END_TEST

START_TEST(one_that_is_paused_may_sleep)
{
	start_playing();
	queue_hold(&source->queue, true, (struct fade){0});
	player_ask(&rig.player);
	get_up();
	while (rig.player.state == PLAYER_PLAYING)
		rig_play(&rig, LOOK, LOOK);

	for (int i = 0; i < 10; i++)
		ck_assert(beats_after(2 * PATIENCE_US));
}
END_TEST

START_TEST(one_without_a_device_may_sleep)
{
	start_playing();
	rig.sink.error = -ENODEV;
	get_up();
	player_returned(&rig.player);
	get_up();
	ck_assert_int_eq(rig.player.state, PLAYER_LOST);

	for (int i = 0; i < 10; i++)
		ck_assert(beats_after(2 * PATIENCE_US));
}
END_TEST

START_TEST(one_that_does_not_get_up_when_it_is_rung_for_is_given_up)
{
	ck_assert(beats_after(TICK_US));

	player_ask(&rig.player);

	ck_assert(beats_after(TICK_US));
	ck_assert(!beats_after(PATIENCE_US));
}
END_TEST

/* ---- a device that holds the player up ------------------------------------------------- */

static bool held_up, beat_before, beat_after;

/* Time passes while the player is in here for the first time. */
static int write_slowly(struct sink *s, const float *block, uint32_t frames)
{
	(void)s;
	(void)block;
	if (!held_up) {
		beat_before = beats_after(TICK_US);
		beat_after = beats_after(PATIENCE_US);
	}
	held_up = true;
	return (int)frames;
}

START_TEST(one_that_does_not_come_out_of_its_turn_is_given_up)
{
	static struct sink_ops ops;

	ops = *rig.sink.sink.ops;
	ck_assert(beats_after(TICK_US));
	ops.write = write_slowly;
	rig.sink.sink.ops = &ops;

	rig_push(&rig, source, 240000);
	eventfd_read(rig.bells[0], &(eventfd_t){0});
	player_turn(&rig.player);

	ck_assert(held_up);
	ck_assert(beat_before);
	ck_assert(!beat_after);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("pulse");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, one_that_plays_and_turns_gets_on);
	tcase_add_test(tests,
		       one_that_plays_and_does_not_turn_is_given_time_and_then_given_up);
	tcase_add_test(tests, one_that_turns_again_gets_on_again);
	tcase_add_test(tests, one_that_is_silent_may_sleep);
	tcase_add_test(tests, one_that_has_played_to_the_end_may_sleep);
	tcase_add_test(tests, one_that_is_paused_may_sleep);
	tcase_add_test(tests, one_without_a_device_may_sleep);
	tcase_add_test(tests, one_that_does_not_get_up_when_it_is_rung_for_is_given_up);
	tcase_add_test(tests, one_that_does_not_come_out_of_its_turn_is_given_up);
	return suite_run("pulse", tests);
}
