/* SPDX-License-Identifier: MIT */
/*
 * Captures that do not wait for ever: those with a deadline, and those that take what fits.
 */
#include <time.h>

#include "capture.h"
#include "stage.h"
#include "suite.h"

enum { MS = STAGE_RATE / 1000 };

static struct stage *st;

static void set_up(void)
{
	st = stage_new();
}

static void tear_down(void)
{
	stage_free(st);
}

/* The rest of a capture that was cut into pieces. Returns the async_id. */
static uint64_t push_rest(int client, uint32_t n)
{
	const struct capture_order rest = {.n = n,
					   .at = CAPTURE_ANYWHERE,
					   .timeout_ms = CAPTURE_NO_TIMEOUT,
					   .continues = true};

	ck_assert_int_eq(stage_capture(st, client, 0, &rest), 0);
	return st->last_id;
}

static void assert_dropped(uint64_t id, uint64_t accepted, uint64_t dropped,
			   Aud__DropReason reason)
{
	ck_assert_uint_eq(stage_captured(st, id)->accepted, accepted);
	ck_assert_uint_eq(stage_captured(st, id)->dropped, dropped);
	ck_assert_int_eq(stage_captured(st, id)->reason, reason);
}

static uint64_t push_with(uint64_t first, uint32_t n, uint64_t timeout_ms,
			  bool only_what_fits)
{
	const struct capture_order order = {.n = n,
					    .at = CAPTURE_ANYWHERE,
					    .timeout_ms = timeout_ms,
					    .only_what_fits = only_what_fits};

	ck_assert_int_eq(stage_capture(st, 0, first, &order), 0);
	return st->last_id;
}

static uint64_t try_to_push(uint64_t first, uint32_t n)
{
	return push_with(first, n, CAPTURE_NO_TIMEOUT, true);
}

START_TEST(only_what_fits_is_taken_and_the_rest_dropped_at_once)
{
	uint64_t fits = try_to_push(0, 40000), half = try_to_push(40000, 10000),
		 none = try_to_push(0, 10);

	assert_dropped(fits, 40000, 0, AUD__DROP_REASON__NOT_DROPPED);
	ck_assert_uint_eq(stage_captured(st, fits)->free, 8000);
	assert_dropped(half, 8000, 2000, AUD__DROP_REASON__DROPPED_FOR_ROOM);
	assert_dropped(none, 0, 10, AUD__DROP_REASON__DROPPED_FOR_ROOM);
	ck_assert_uint_eq(stage_captured(st, none)->free, 0);
	ck_assert_uint_eq(stage_look(st).pushed, 50010);
	ck_assert_uint_eq(stage_look(st).dropped_refused, 2010);

	stage_play(st, 60000);
	ck_assert_uint_eq(stage_look(st).heard, 48000);
}
END_TEST

START_TEST(nothing_fits_behind_those_that_wait)
{
	uint64_t id;

	stage_push(st, 0, 40000);
	stage_push(st, 40000, 10000);
	stage_settle(st);
	fake_sink_advance(&st->sink, 9000);
	player_turn(output_player(st->output)); /* there is room that nobody has seen */
	id = try_to_push(0, 10);

	assert_dropped(id, 0, 10, AUD__DROP_REASON__DROPPED_FOR_ROOM);
	ck_assert_uint_eq(stage_captured(st, id)->free, 0);
}
END_TEST

START_TEST(what_continues_a_capture_that_did_not_fit_is_dropped_too)
{
	uint64_t rest;

	try_to_push(0, 50000);
	stage_play(st, 24000);
	rest = push_rest(0, 100);
	assert_dropped(rest, 0, 100, AUD__DROP_REASON__DROPPED_FOR_ROOM);

	assert_dropped(try_to_push(0, 100), 100, 0, AUD__DROP_REASON__NOT_DROPPED);
}
END_TEST

START_TEST(a_deadline_ends_a_capture_with_what_has_got_in)
{
	uint64_t late, next;

	late = push_with(0, 60000, 1, false);
	next = stage_push(st, 0, 1000);
	ck_assert_ptr_null(stage_note(st, late));
	stage_wait_for_timer(st);

	assert_dropped(late, 48000, 12000, AUD__DROP_REASON__DROPPED_BY_DEADLINE);
	ck_assert_uint_eq(stage_captured(st, late)->first, 0);
	ck_assert_uint_eq(stage_look(st).dropped_refused, 12000);
	ck_assert_ptr_null(stage_note(st, next));

	stage_play(st, 60000);
	ck_assert_uint_eq(stage_captured(st, next)->first, 48000);
	stage_assert_heard(st, 0, 0, 48000);
	stage_assert_heard(st, 48000, 0, 1000);
}
END_TEST

START_TEST(at_its_deadline_a_capture_takes_the_room_that_there_is)
{
	uint64_t first, late, exact;

	stage_push(st, 0, 48000);
	first = stage_push(st, 48000, 1000);
	late = push_with(49000, 3000, 300, false);
	stage_settle(st);
	fake_sink_advance(&st->sink, 2000);
	player_turn(output_player(st->output));
	stage_wait_for_timer(st);
	ck_assert_ptr_nonnull(stage_note(st, first));
	assert_dropped(late, 1000, 2000, AUD__DROP_REASON__DROPPED_BY_DEADLINE);

	exact = push_with(0, 1000, 1, false);
	fake_sink_advance(&st->sink, 1000);
	player_turn(output_player(st->output));
	stage_wait_for_timer(st);
	assert_dropped(exact, 1000, 0, AUD__DROP_REASON__NOT_DROPPED);
}
END_TEST

START_TEST(no_time_at_all_is_a_deadline_that_is_over)
{
	uint64_t id = push_with(0, 50000, 0, false);

	assert_dropped(id, 48000, 2000, AUD__DROP_REASON__DROPPED_BY_DEADLINE);
	ck_assert_uint_eq(st->s->captures.count, 0);
}
END_TEST

START_TEST(a_deadline_drops_all_the_rest_of_its_capture)
{
	uint64_t waits, comes_later, another;

	push_with(0, 49000, 1, false);
	waits = push_rest(0, 500);
	another = stage_push(st, 0, 100);
	stage_wait_for_timer(st);
	assert_dropped(waits, 0, 500, AUD__DROP_REASON__DROPPED_BY_DEADLINE);
	ck_assert_ptr_null(stage_note(st, another));

	comes_later = push_rest(0, 20);
	stage_play(st, 60000);
	ck_assert_uint_eq(stage_captured(st, another)->accepted, 100);
	ck_assert_uint_eq(stage_captured(st, comes_later)->accepted, 20);

	push_with(0, 49000, 1, false);
	stage_wait_for_timer(st);
	stage_play(st, 60000);
	assert_dropped(push_rest(0, 20), 0, 20, AUD__DROP_REASON__DROPPED_BY_DEADLINE);
}
END_TEST

START_TEST(a_capture_for_a_position_that_will_not_come_is_dropped)
{
	const struct capture_order placed = {
		.n = 100, .at = 49000, .timeout_ms = CAPTURE_NO_TIMEOUT};
	uint64_t id;

	push_with(0, 49000, 1, false);
	ck_assert_int_eq(stage_capture(st, 0, 0, &placed), 0);
	id = st->last_id;
	stage_wait_for_timer(st);

	assert_dropped(id, 0, 100, AUD__DROP_REASON__DROPPED_BY_DEADLINE);
	ck_assert_uint_eq(captures_end(st->s), 48000);
}
END_TEST

START_TEST(what_is_refused_for_a_limit_stands_in_the_ledger)
{
	uint64_t pushed;

	stage_push(st, 0, 48000);
	while (stage_try(st, 0, 1200, CAPTURE_ANYWHERE) == 0)
		;
	pushed = stage_look(st).pushed;

	ck_assert_uint_eq(stage_look(st).dropped_refused, 1200);
	ck_assert_uint_eq(pushed, 48000 + 1200);
}
END_TEST

START_TEST(what_continues_a_capture_that_was_refused_is_dropped_too)
{
	uint64_t rest;

	stage_push(st, 0, 48000);
	while (stage_try(st, 0, 1200, CAPTURE_ANYWHERE) == 0)
		;
	stage_play(st, 48000);
	rest = push_rest(0, 100);

	assert_dropped(rest, 0, 100, AUD__DROP_REASON__DROPPED_FOR_ROOM);
}
END_TEST

START_TEST(captures_whose_time_is_over_end_together)
{
	uint64_t first = 0, patient;

	stage_push(st, 0, 48000);
	for (int i = 0; i < 100; i++)
		first = push_with(0, 10, 20, false) - (uint64_t)i;
	patient = stage_push(st, 48000, 100);
	stage_wait_for_timer(st);

	for (uint64_t id = first; id < first + 100; id++)
		assert_dropped(id, 0, 10, AUD__DROP_REASON__DROPPED_BY_DEADLINE);
	stage_play(st, 4800);
	assert_dropped(patient, 100, 0, AUD__DROP_REASON__NOT_DROPPED);
	ck_assert_uint_eq(stage_captured(st, patient)->first, 48000);
}
END_TEST

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Of a clear of thousands of captures that wait, with so many marks behind them. */
static uint64_t cost_of_clear(int marks)
{
	uint64_t before;

	stage_push(st, 0, 48000);
	for (int i = 0; i < 3000; i++)
		stage_push(st, 0, 1);
	for (int i = 0; i < marks; i++)
		stage_mark(st, (uint64_t)i, UINT64_MAX);
	before = cpu_ns();
	stage_clear(st, 0);
	before = cpu_ns() - before;
	stage_play(st, 480);
	return before;
}

START_TEST(a_clear_of_many_captures_costs_little_more_with_many_marks)
{
	uint64_t without = cost_of_clear(0), with = UINT64_MAX;

	/* Other programs make the same work dearer at times. */
	for (int i = 0; i < 4 && with >= 10 * without; i++) {
		st->num_notes = st->num_events = 0;
		with = cost_of_clear(1000);
	}
	ck_assert_uint_lt(with, 10 * without);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("capture_limits");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, only_what_fits_is_taken_and_the_rest_dropped_at_once);
	tcase_add_test(tc, nothing_fits_behind_those_that_wait);
	tcase_add_test(tc, what_continues_a_capture_that_did_not_fit_is_dropped_too);
	tcase_add_test(tc, a_deadline_ends_a_capture_with_what_has_got_in);
	tcase_add_test(tc, at_its_deadline_a_capture_takes_the_room_that_there_is);
	tcase_add_test(tc, no_time_at_all_is_a_deadline_that_is_over);
	tcase_add_test(tc, a_deadline_drops_all_the_rest_of_its_capture);
	tcase_add_test(tc, a_capture_for_a_position_that_will_not_come_is_dropped);
	tcase_add_test(tc, what_is_refused_for_a_limit_stands_in_the_ledger);
	tcase_add_test(tc, what_continues_a_capture_that_was_refused_is_dropped_too);
	tcase_add_test(tc, a_clear_of_many_captures_costs_little_more_with_many_marks);
	tcase_add_test(tc, captures_whose_time_is_over_end_together);
	return suite_run("capture_limits", tc);
}
