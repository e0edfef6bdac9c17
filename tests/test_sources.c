/* SPDX-License-Identifier: MIT */
/*
 * How sources end.
 */
#include <errno.h>

#include "change.h"
#include "stage.h"
#include "suite.h"

enum { MS = STAGE_RATE / 1000, GUARD = MS, FADE = 5 * MS };

static struct stage *st;

static void set_up(void)
{
	st = stage_new();
}

static void tear_down(void)
{
	stage_free(st);
}

START_TEST(a_closed_source_plays_out_and_goes)
{
	uint64_t id = st->s->id;

	stage_push(st, 0, 4800);
	stage_play(st, 480);
	sources_close(st->s, false);
	ck_assert_ptr_eq(sources_find(&st->sources, id), st->s);
	ck_assert_int_eq(st->s->state, SOURCE_ENDING);
	stage_play(st, 4800);

	ck_assert_ptr_null(sources_find(&st->sources, id));
	ck_assert_uint_eq(st->sources.num, 0);
	stage_assert_heard(st, 0, 0, 4800);
}
END_TEST

START_TEST(a_dropped_source_fades_and_goes)
{
	stage_push(st, 0, 48000);
	stage_play(st, 4800);
	sources_close(st->s, true);
	stage_settle(st);
	ck_assert_uint_eq(stage_look(st).dropped_closed, 48000 - 4800 - GUARD - FADE);
	ck_assert_uint_eq(stage_look(st).dropped_cleared, 0);
	stage_play(st, GUARD + FADE + MS);

	ck_assert_uint_eq(st->sources.num, 0);
	stage_play(st, 480);
	ck_assert_int_eq(stage_heard(st, 4800 + GUARD + FADE), -1);
}
END_TEST

START_TEST(closing_answers_captures_and_waits)
{
	uint64_t capture, wait;

	capture = stage_push(st, 0, 50000);
	wait = stage_await(st);
	sources_close(st->s, false);

	ck_assert_uint_eq(stage_captured(st, capture)->accepted, 48000);
	ck_assert_uint_eq(stage_captured(st, capture)->dropped, 2000);
	ck_assert_int_eq(stage_captured(st, capture)->reason,
			 AUD__DROP_REASON__DROPPED_BY_CLOSE);
	ck_assert_int_eq(stage_playout(st, wait), AUD__PLAYOUT_REASON__SOURCE_CLOSED);
}
END_TEST

START_TEST(one_may_wait_for_the_playout_of_a_closed_source)
{
	uint64_t id;

	stage_push(st, 0, 4800);
	sources_close(st->s, false);
	id = stage_await(st);
	stage_play(st, 4800 + MS);

	ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__PLAYED);
	ck_assert_uint_eq(st->sources.num, 0);
}
END_TEST

START_TEST(a_source_that_plays_out_may_still_be_dropped)
{
	stage_push(st, 0, 48000);
	stage_play(st, 480);
	sources_close(st->s, false);
	stage_play(st, 480);
	sources_close(st->s, true);
	sources_close(st->s, true);
	stage_play(st, 4800);

	ck_assert_uint_eq(st->sources.num, 0);
}
END_TEST

START_TEST(an_empty_source_goes_at_once)
{
	sources_close(st->s, false);
	ck_assert_int_eq(st->s->state, SOURCE_GONE);
	ck_assert_uint_eq(st->sources.num, 1);

	stage_settle(st);
	ck_assert_uint_eq(st->sources.num, 0);
}
END_TEST

START_TEST(an_ending_source_that_cannot_play_goes_after_a_while)
{
	uint64_t wait;

	stage_push(st, 0, 4800);
	stage_hold(st, true);
	sources_close(st->s, false);
	wait = stage_await(st);
	stage_settle(st);
	ck_assert_uint_eq(st->sources.num, 1);

	while (stage_playout(st, wait) == AUD__PLAYOUT_REASON__PLAYOUT_UNSPECIFIED)
		stage_wait_for_timer(st);
	stage_settle(st);

	ck_assert_int_eq(stage_playout(st, wait), AUD__PLAYOUT_REASON__SOURCE_CLOSED);
	ck_assert_uint_eq(st->sources.num, 0);
}
END_TEST

START_TEST(a_source_whose_client_goes_plays_out_or_drops_as_it_was_told)
{
	struct source *drops = stage_source(st, 1000);

	drops->drop_on_disconnect = true;
	stage_push(st, 0, 60000);
	st->s = drops;
	stage_push(st, 0, 60000);
	stage_await(st);
	stage_play(st, 4800);
	st->num_notes = 0;
	sources_leave(&st->sources, (struct conn *)&st->clients[0]);
	stage_play(st, 4800);

	ck_assert_int_eq(st->num_notes, 1);
	ck_assert_ptr_eq(st->notes[0].client, &st->clients[1]);
	ck_assert_int_eq(st->notes[0].playout.reason, AUD__PLAYOUT_REASON__CLEARED);
	ck_assert_uint_eq(stage_look(st).queued, 0);
	ck_assert_uint_gt(stage_look(st).dropped_closed, 40000);
	st->s = st->sources.items[0];
	ck_assert_int_eq(st->s->state, SOURCE_LIVE);
	ck_assert_uint_eq(st->s->captures.count, 0);
	ck_assert_uint_eq(stage_look(st).pushed, 48000);
	stage_play(st, 60000);
	ck_assert_uint_eq(stage_look(st).heard, 48000);
}
END_TEST

START_TEST(whoever_has_gone_is_not_answered)
{
	struct conn *gone = (struct conn *)&st->clients[1];

	stage_push(st, 0, 4800);
	stage_play(st, 480);
	stage_hold(st, true);
	stage_clear(st, 5);
	stage_await(st);
	st->num_notes = 0;
	sources_leave(&st->sources, gone);
	stage_play(st, 9600);

	ck_assert_int_eq(st->num_notes, 0);
	ck_assert_int_eq(st->s->state, SOURCE_LIVE);
	ck_assert_uint_eq(st->s->num_waiting, 0);
	ck_assert_uint_gt(stage_look(st).dropped_cleared, 0);
}
END_TEST

START_TEST(there_are_as_many_sources_as_slots)
{
	struct source_order order = {
		.user = st->user,
		.output = st->output,
		.shape = {.rate = STAGE_RATE,
			  .channels = 2,
			  .format = FORMAT_S16,
			  .limit = 480},
		.name = "",
		.client = "",
		.owner = (struct conn *)&st->clients[0],
	};
	struct source *last;
	uint64_t id;

	for (int i = 1; i < 8; i++)
		last = stage_source(st, 10);
	id = last->id;

	ck_assert_int_eq(sources_add(&st->sources, &order, &st->s), -ENOBUFS);
	sources_close(last, true);
	ck_assert_int_eq(sources_add(&st->sources, &order, &st->s), -ENOBUFS);
	stage_settle(st);
	ck_assert_int_eq(sources_add(&st->sources, &order, &st->s), 0);
	ck_assert_uint_gt(st->s->id, id);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("sources");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_closed_source_plays_out_and_goes);
	tcase_add_test(tc, a_dropped_source_fades_and_goes);
	tcase_add_test(tc, closing_answers_captures_and_waits);
	tcase_add_test(tc, one_may_wait_for_the_playout_of_a_closed_source);
	tcase_add_test(tc, a_source_that_plays_out_may_still_be_dropped);
	tcase_add_test(tc, an_empty_source_goes_at_once);
	tcase_add_test(tc, an_ending_source_that_cannot_play_goes_after_a_while);
	tcase_add_test(tc, a_source_whose_client_goes_plays_out_or_drops_as_it_was_told);
	tcase_add_test(tc, whoever_has_gone_is_not_answered);
	tcase_add_test(tc, there_are_as_many_sources_as_slots);
	return suite_run("sources", tc);
}
