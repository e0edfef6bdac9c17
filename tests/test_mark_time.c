/* SPDX-License-Identifier: MIT */
/*
 * When marks are told, and what is said of when they were heard.
 */
#include "stage.h"
#include "suite.h"

#define HEARD AUD__EVENT__KIND_MARK_HEARD

enum { MS = STAGE_RATE / 1000, GUARD = MS };

static struct stage *st;

static void set_up(void)
{
	st = stage_new();
}

static void tear_down(void)
{
	stage_free(st);
}

START_TEST(marks_are_told_in_time_however_much_lies_behind_them)
{
	/* In the second round captures wait for room. */
	for (int i = 0; i < (_i ? 200 : 50); i++)
		stage_push(st, 0, 960);
	stage_play(st, 4800);
	for (uint64_t i = 0; i < 20; i++)
		stage_mark(st, i, 5000 + 777 * i);

	for (uint64_t i = 0; i < 20; i++) {
		stage_play(st, (uint32_t)(5000 + 777 * i + 2 * MS - st->sink.taped));
		ck_assert_msg(stage_fate(st, i) == WAS_HEARD, "mark %d is late", (int)i);
	}
}
END_TEST

START_TEST(when_a_mark_was_heard_is_right_across_a_clear)
{
	uint64_t until = 4800 + GUARD;

	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	stage_mark(st, 1, until);
	stage_clear(st, 0);
	stage_push(st, 0, 1000);
	stage_mark(st, 2, 48480);
	stage_settle(st);
	fake_sink_advance(&st->sink, 960);
	stage_settle(st);

	ck_assert_int_eq(stage_fate(st, 1), WAS_HEARD);
	stage_assert_time(stage_event(st, HEARD, 0)->heard.at_ns, until);
	ck_assert_int_eq(stage_fate(st, 2), WAS_HEARD);
	stage_assert_time(stage_event(st, HEARD, 1)->heard.at_ns, until + 480);
}
END_TEST

/* The main thread has much to do: when it looks, the source has paused and gone on. */
START_TEST(when_a_mark_was_heard_is_right_across_a_gap)
{
	stage_push(st, 0, 480);
	stage_mark(st, 1, 300);
	stage_mark(st, 2, 480);
	stage_settle(st);
	fake_sink_advance(&st->sink, 240);
	player_turn(output_player(st->output));
	fake_sink_advance(&st->sink, 1200);
	player_turn(output_player(st->output));
	stage_push(st, 0, 4800);
	player_turn(output_player(st->output));
	fake_sink_advance(&st->sink, 960);
	player_turn(output_player(st->output));
	stage_settle(st);

	ck_assert_int_eq(stage_fate(st, 1), WAS_HEARD);
	stage_assert_time(stage_event(st, HEARD, 0)->heard.at_ns, 300);
	ck_assert_int_eq(stage_fate(st, 2), WAS_HEARD);
	stage_assert_time(stage_event(st, HEARD, 1)->heard.at_ns, 480);
	stage_mark(st, 3, 480 + 1000);
	stage_play(st, 960);
	stage_assert_time(stage_event(st, HEARD, 2)->heard.at_ns,
			  240 + 1200 + GUARD + 1000);
}
END_TEST

START_TEST(what_was_heard_weeks_ago_was_heard_then)
{
	const uint64_t day_ns = UINT64_C(86400) * 1000000000;
	struct source_look look = {
		.played = 4800,
		.since_end = UINT64_C(30) * 86400 * STAGE_RATE,
		.report.when_ns = 40 * day_ns,
	};

	ck_assert_uint_eq(source_when(st->s, &look, 4800), 10 * day_ns);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("mark_time");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, marks_are_told_in_time_however_much_lies_behind_them, 0,
			    2);
	tcase_add_test(tc, when_a_mark_was_heard_is_right_across_a_clear);
	tcase_add_test(tc, when_a_mark_was_heard_is_right_across_a_gap);
	tcase_add_test(tc, what_was_heard_weeks_ago_was_heard_then);
	return suite_run("mark_time", tc);
}
