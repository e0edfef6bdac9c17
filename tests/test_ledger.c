/* SPDX-License-Identifier: MIT */
/*
 * Anything, in any order: nothing is lost, every request is answered once, and all comes
 * to an end.
 */
#include <stdlib.h>

#include "capture.h"
#include "change.h"
#include "playout.h"
#include "stage.h"
#include "suite.h"

static struct stage *st;

static void set_up(void)
{
	st = stage_new();
}

static void tear_down(void)
{
	stage_free(st);
}

/* One source of those there are; a new one where there is none. */
static void choose_source(void)
{
	struct sources *set = &st->sources;

	if (set->num < 3)
		stage_source(st, 1 + (uint32_t)rand() % 400);
	st->s = set->items[(uint32_t)rand() % set->num];
}

/* Whether the request was taken, and so has to be answered. */
static bool ask_something(struct ticket *t)
{
	uint32_t ms = (uint32_t)rand() % 20;

	switch (rand() % 10) {
	case 0:
		return change_clear(st->s, t, ms) == 0;
	case 1:
		return change_hold(st->s, t, true, ms) == 0;
	case 2:
	case 3:
		return change_hold(st->s, t, false, ms) == 0;
	case 4:
		return playout_wait(st->s, t, st->event, PLAYOUT_NO_TIMEOUT) == 0;
	default:
		return st->s->state == SOURCE_LIVE &&
		       stage_try(st, captures_end(st->s), (uint32_t)rand() % 4000,
				 CAPTURE_ANYWHERE) == 0;
	}
}

/* Returns how many requests have been taken. */
static int do_something(void)
{
	struct ticket t = stage_ticket(st, rand() % 2);

	choose_source();
	if (st->s->state == SOURCE_GONE)
		return 0;
	switch (rand() % 40) {
	case 0:
		sources_close(st->s, rand() % 2);
		return 0;
	case 1:
		st->sink.most_given_back = (uint32_t)rand() % 9600;
		return 0;
	default:
		return ask_something(&t);
	}
}

static void assert_all_is_well(void)
{
	for (uint32_t i = 0; i < st->sources.num; i++) {
		struct source *each = st->sources.items[i];

		stage_assert_ledger(each);
		ck_assert(each->captures.count > 0 || each->captures.bytes == 0);
	}
}

/* Everything goes on, and plays out. Returns how many requests that took. */
static int let_all_end(void)
{
	int taken = 0;

	st->sink.most_given_back = UINT32_MAX;
	for (uint32_t i = 0; i < st->sources.num; i++) {
		st->s = st->sources.items[i];
		if (st->s->state == SOURCE_GONE)
			continue;
		stage_hold(st, false);
		taken++;
	}
	stage_play(st, 3 * STAGE_RATE);
	return taken;
}

static void assert_all_has_ended(void)
{
	for (uint32_t i = 0; i < st->sources.num; i++) {
		st->s = st->sources.items[i];
		ck_assert_uint_eq(stage_look(st).queued, 0);
		ck_assert_uint_eq(st->s->num_waiting, 0);
		ck_assert_uint_eq(st->s->captures.count, 0);
	}
}

START_TEST(the_ledger_balances_whatever_is_done)
{
	srand((unsigned int)_i + 1);
	for (int round = 0; round < 30; round++) {
		int taken = 0;

		st->num_notes = 0;
		for (int i = 0; i < 100; i++) {
			taken += do_something();
			if (rand() % 4 == 0)
				player_turn(output_player(st->output));
			if (rand() % 3 == 0)
				stage_play(st, (uint32_t)rand() % 2000);
			assert_all_is_well();
		}
		taken += let_all_end();
		assert_all_is_well();
		assert_all_has_ended();
		ck_assert_int_eq(st->num_notes, taken);
		for (int i = 0; i < st->num_notes; i++)
			stage_note(st, st->notes[i].async_id);
	}
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("ledger");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, the_ledger_balances_whatever_is_done, 0, 8);
	return suite_run("ledger", tc);
}
