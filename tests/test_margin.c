/* SPDX-License-Identifier: MIT */
/*
 * A device that runs dry again and again is filled earlier, and as usual again after a quiet
 * while: by the rules, by a player, and as it is told.
 */
#include <check.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "device.h"
#include "margin.h"
#include "rig.h"
#include "suite.h"

/* ---- rules -------------------------------------------------------------------------- */

enum { MOST_MS = 50 };

#define S UINT64_C(1000000)

static struct margin_rules rules;
static uint64_t xruns;

/* So many more xruns by then; whether it changes. */
static bool had(uint64_t n, uint64_t now_us)
{
	xruns += n;
	return margin_look(&rules, xruns, MOST_MS, now_us);
}

START_TEST(three_xruns_in_a_minute_make_a_margin_and_fewer_do_not)
{
	ck_assert(!had(1, 1000 * S));
	ck_assert(!had(1, 1030 * S));
	ck_assert(!had(1, 1061 * S)); /* the first one is too long ago */
	ck_assert(!had(1, 1062 * S));

	ck_assert(had(1, 1063 * S));

	ck_assert_uint_eq(rules.ms, 10);
	ck_assert(!had(0, 1064 * S));
}
END_TEST

START_TEST(it_grows_in_steps_up_to_the_most)
{
	static const uint32_t steps[] = {10, 20, 40, MOST_MS};

	for (int i = 0; i < 4; i++) {
		ck_assert(!had(2, (1000 + (uint64_t)i) * S));
		ck_assert(had(1, (1000 + (uint64_t)i) * S));
		ck_assert_uint_eq(rules.ms, steps[i]);
	}

	ck_assert(!had(3, 1010 * S));
	ck_assert_uint_eq(rules.ms, MOST_MS);
}
END_TEST

START_TEST(after_each_quiet_while_it_is_halved_until_there_is_none)
{
	had(3, 1000 * S);
	had(3, 1000 * S);
	had(3, 1000 * S);
	ck_assert(!had(1, 1500 * S)); /* the quiet begins here */

	ck_assert(!had(0, 2099 * S));
	ck_assert(had(0, 2100 * S));
	ck_assert_uint_eq(rules.ms, 20);
	ck_assert(!had(0, 2699 * S));
	ck_assert(had(0, 2700 * S));
	ck_assert_uint_eq(rules.ms, 10);
	ck_assert(had(0, 3300 * S));
	ck_assert_uint_eq(rules.ms, 0);
	ck_assert(!had(0, 9000 * S));
}
END_TEST

START_TEST(with_no_most_there_is_never_one)
{
	ck_assert(!margin_look(&rules, 100, 0, 1000 * S));
	ck_assert_uint_eq(rules.ms, 0);
}
END_TEST

/* ---- the player --------------------------------------------------------------------- */

enum { BUFFER = 1600, SPARE = 1200, LOW = 100, LIMIT = 48000 };

static struct rig rig;
static struct rig_source *source;

static void set_up(void)
{
	rig_init(&rig, 1, BUFFER);
	rig.sink.sink.spare = SPARE;
	rig.sink.sink.low_water = LOW;
	rig.sink.sink.rewinds = false;
	source = rig_add(&rig, 0, LIMIT);
	rig_push(&rig, source, LIMIT);
}

static void tear_down(void)
{
	rig_done(&rig);
}

static uint32_t level(void)
{
	return (uint32_t)(rig.sink.written - rig.sink.played);
}

START_TEST(without_a_margin_the_spare_part_stays_empty)
{
	rig_turn(&rig);
	ck_assert_uint_eq(level(), BUFFER - SPARE);

	for (int i = 0; i < 10; i++) {
		rig_wake(&rig);
		ck_assert_uint_eq(level(), BUFFER - SPARE);
	}
	ck_assert_uint_eq(rig.sink.played, 10 * (BUFFER - SPARE - LOW));
}
END_TEST

START_TEST(with_a_margin_it_is_filled_so_much_earlier_and_so_much_more)
{
	uint64_t before;

	rig_turn(&rig);
	player_set_margin(&rig.player, 480);

	rig_wake(&rig);
	ck_assert_uint_eq(level(), BUFFER - SPARE + 480);
	before = rig.sink.played;
	rig_wake(&rig);

	/* With 580 frames left, not with 100. */
	ck_assert_uint_eq(rig.sink.played - before, BUFFER - SPARE - LOW);
	ck_assert_uint_eq(level(), BUFFER - SPARE + 480);
}
END_TEST

START_TEST(a_smaller_margin_lets_it_run_down_and_loses_nothing)
{
	player_set_margin(&rig.player, 1000);
	rig_turn(&rig);
	rig_wake(&rig);
	ck_assert_uint_eq(level(), BUFFER - SPARE + 1000);

	player_set_margin(&rig.player, 0);
	for (int i = 0; i < 10; i++)
		rig_wake(&rig);

	ck_assert_uint_eq(level(), BUFFER - SPARE);
	ck_assert_uint_eq(rig.player.counts.xruns, 0);
	rig_assert_heard(&rig, 0, 0, 0, rig.sink.taped);
}
END_TEST

START_TEST(a_device_that_rewinds_is_filled_earlier_but_never_when_it_is_nearly_full)
{
	rig.sink.sink.rewinds = true;
	rig.sink.sink.spare = 0;
	player_set_margin(&rig.player, 1000);
	rig_turn(&rig);
	rig_wake(&rig);
	ck_assert_uint_eq(rig.sink.played, BUFFER - LOW - 1000);

	player_set_margin(&rig.player, 5000);
	rig_turn(&rig);
	rig_wake(&rig);

	ck_assert_uint_eq(rig.sink.played, BUFFER - LOW - 1000 + BUFFER / 4);
}
END_TEST

/* Where there is nothing to fill it with yet, that is no reason to look again and again, nor to
 * play silence before it must. */
START_TEST(a_margin_that_the_queue_does_not_have_costs_no_more_turns)
{
	uint64_t turns;

	rig_remove(&rig, 0);
	source = rig_add(&rig, 0, LIMIT);
	player_set_margin(&rig.player, 1000);
	rig_push(&rig, source, 800);
	rig_turn(&rig);
	turns = rig.player.counts.turns;

	while (rig.sink.played < 700)
		rig_wake(&rig);

	ck_assert_uint_le(rig.player.counts.turns - turns, 4);
	rig_assert_heard(&rig, 0, 0, 0, 700);
}
END_TEST

START_TEST(what_is_heard_is_the_same_whatever_the_margin_does)
{
	srand(1);
	rig_turn(&rig);
	for (int i = 0; i < 1500; i++) {
		if (rand() % 4 == 0)
			player_set_margin(&rig.player, (uint32_t)rand() % 2000);
		rig_push(&rig, source, LIMIT);
		rig_wake(&rig);
	}

	ck_assert_uint_gt(rig.sink.taped, 200000);
	ck_assert_uint_eq(rig.player.counts.xruns, 0);
	for (uint64_t at = 0; at < rig.sink.taped; at++)
		if (rig_number(&rig, 0, at, &(float){0}) != at % RIG_NUMBERS)
			ck_abort_msg("frame %lu is another", (unsigned long)at);
}
END_TEST

/* ---- the device --------------------------------------------------------------------- */

START_TEST(a_device_that_had_three_xruns_has_a_longer_buffer)
{
	struct player player;
	_Atomic(struct voice *) slots[1] = {NULL};
	struct voice *voices[1];
	struct device *device;
	struct config config;
	sd_event *event;
	char *error = NULL;

	ck_assert_int_ge(sd_event_new(&event), 0);
	ck_assert_int_eq(config_init(&config), 0);
	config.output.backend = BACKEND_NULL;
	config.output.rewind = _i ? REWIND_YES : REWIND_NO;
	player_init(&player, slots, voices, 1, eventfd(0, EFD_NONBLOCK),
		    eventfd(0, EFD_NONBLOCK));
	ck_assert_int_ge(device_new(&device, event, &config.output, &player, &error), 0);
	device_start(device);
	ck_assert_uint_eq(device_buffer(device), _i ? 9600 : 1920);
	ck_assert_uint_eq(device_margin(device), 0);

	atomic_store(&player.counts.xruns, 3);
	device_serve(device);

	ck_assert_uint_eq(device_margin(device), 480);
	ck_assert_uint_eq(device_buffer(device), _i ? 9600 : 1920 + 480);
	ck_assert_uint_eq(atomic_load(&player.margin), 480);
	player_finish(&player);
	device_free(device);
	close(player.bell_player);
	close(player.bell_main);
	config_done(&config);
	sd_event_unref(event);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("margin");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, three_xruns_in_a_minute_make_a_margin_and_fewer_do_not);
	tcase_add_test(t, it_grows_in_steps_up_to_the_most);
	tcase_add_test(t, after_each_quiet_while_it_is_halved_until_there_is_none);
	tcase_add_test(t, with_no_most_there_is_never_one);
	tcase_add_test(t, without_a_margin_the_spare_part_stays_empty);
	tcase_add_test(t, with_a_margin_it_is_filled_so_much_earlier_and_so_much_more);
	tcase_add_test(t, a_smaller_margin_lets_it_run_down_and_loses_nothing);
	tcase_add_test(
		t,
		a_device_that_rewinds_is_filled_earlier_but_never_when_it_is_nearly_full);
	tcase_add_test(t, a_margin_that_the_queue_does_not_have_costs_no_more_turns);
	tcase_add_test(t, what_is_heard_is_the_same_whatever_the_margin_does);
	tcase_add_loop_test(t, a_device_that_had_three_xruns_has_a_longer_buffer, 0, 2);
	return suite_run("margin", t);
}
