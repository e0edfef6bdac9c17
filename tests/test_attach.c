/* SPDX-License-Identifier: MIT */
/*
 * Several connections at one source, and none: what becomes of it.
 */
#include <string.h>

#include "attach.h"
#include "change.h"
#include "stage.h"
#include "suite.h"

enum { MS = STAGE_RATE / 1000 };

static struct stage *st;
static struct conn *first, *second;

static void set_up(void)
{
	st = stage_new();
	first = (struct conn *)&st->clients[0];
	second = (struct conn *)&st->clients[1];
}

static void tear_down(void)
{
	stage_free(st);
}

static void leave(struct conn *c)
{
	sources_leave(&st->sources, c);
}

static uint64_t push(int client, uint64_t number, uint32_t n, bool continues)
{
	const struct capture_order order = {.n = n,
					    .at = CAPTURE_ANYWHERE,
					    .timeout_ms = CAPTURE_NO_TIMEOUT,
					    .continues = continues};

	ck_assert_int_eq(stage_capture(st, client, number, &order), 0);
	return st->last_id;
}

/* ---- several --------------------------------------------------------------------- */

START_TEST(captures_of_several_are_taken_as_they_come)
{
	uint64_t a, b, c;

	ck_assert_int_eq(sources_attach(st->s, second), 0);
	ck_assert_int_eq(sources_attach(st->s, second), 0);
	ck_assert_uint_eq(stage_look(st).attached, 2);
	a = push(0, 0, 47000, false);
	b = push(1, 47000, 2000, false);
	c = push(0, 49000, 1000, false);
	stage_play(st, 60000);

	ck_assert_uint_eq(stage_captured(st, a)->first, 0);
	ck_assert_uint_eq(stage_captured(st, b)->first, 47000);
	ck_assert_uint_eq(stage_captured(st, c)->first, 49000);
	stage_assert_heard(st, 0, 0, 50000);
}
END_TEST

START_TEST(what_continues_a_capture_continues_that_of_its_own_connection)
{
	ck_assert_int_eq(sources_attach(st->s, second), 0);
	push(0, 0, 1000, false);
	push(1, 0, 1000, false);
	stage_clear(st, 0);
	push(1, 0, 1000, false);

	ck_assert_uint_eq(stage_captured(st, push(0, 0, 10, true))->dropped, 10);
	ck_assert_uint_eq(stage_captured(st, push(1, 0, 10, true))->accepted, 10);
}
END_TEST

START_TEST(one_that_leaves_takes_only_its_own_captures_along)
{
	uint64_t lost, kept;
	int notes;

	ck_assert_int_eq(sources_attach(st->s, second), 0);
	push(0, 0, 48000, false);
	lost = push(0, 0, 1000, false);
	kept = push(1, 48000, 1000, false);
	notes = st->num_notes;
	leave(first);
	ck_assert_int_eq(st->num_notes, notes);
	ck_assert_uint_eq(stage_look(st).pushed, 48000);

	stage_play(st, 60000);
	ck_assert_ptr_null(stage_note(st, lost));
	ck_assert_uint_eq(stage_captured(st, kept)->first, 48000);
	stage_assert_heard(st, 0, 0, 49000);
	ck_assert_uint_eq(stage_look(st).pushed, 49000);
	ck_assert_uint_eq(stage_look(st).attached, 1);
}
END_TEST

START_TEST(a_source_does_not_drop_while_one_is_left)
{
	st->s->drop_on_disconnect = true;
	ck_assert_int_eq(sources_attach(st->s, second), 0);
	push(0, 0, 4800, false);
	leave(first);
	stage_play(st, 9600);
	ck_assert_uint_eq(stage_look(st).heard, 4800);

	push(1, 0, 48000, false);
	stage_play(st, 480);
	leave(second);
	stage_play(st, 9600);
	ck_assert_uint_gt(stage_look(st).dropped_closed, 40000);
	ck_assert_uint_eq(stage_look(st).queued, 0);
}
END_TEST

START_TEST(a_source_that_is_left_again_and_again_drops_each_time)
{
	st->s->drop_on_disconnect = true;
	push(0, 0, 4800, false);
	stage_settle(st);
	leave(first);
	ck_assert_int_eq(sources_attach(st->s, first), 0);
	push(0, 0, 1000, false);
	leave(first);
	ck_assert_int_eq(sources_attach(st->s, first), 0);
	push(0, 10000, 4800, false);
	stage_play(st, 9600);

	ck_assert_uint_eq(stage_look(st).pushed, 4800 + 1000 + 4800);
	ck_assert_uint_le(stage_look(st).heard, 4800 + 6 * MS);
	ck_assert_uint_eq(stage_look(st).dropped_cleared, 0);
	ck_assert_uint_eq(stage_look(st).queued, 0);
}
END_TEST

START_TEST(a_token_is_right_only_as_a_whole)
{
	uint8_t token[SOURCE_TOKEN_BYTES + 1] = {0};
	struct source *other = stage_source(st, 10);

	memcpy(token, st->s->token, SOURCE_TOKEN_BYTES);
	ck_assert(token_is_right(st->s, token, SOURCE_TOKEN_BYTES));
	ck_assert(!token_is_right(st->s, token, SOURCE_TOKEN_BYTES - 1));
	ck_assert(!token_is_right(st->s, token, SOURCE_TOKEN_BYTES + 1));
	ck_assert(!token_is_right(st->s, NULL, 0));
	ck_assert(!token_is_right(other, token, SOURCE_TOKEN_BYTES));
	for (int i = 0; i < 8 * SOURCE_TOKEN_BYTES; i++) {
		token[i / 8] ^= 1 << i % 8;
		ck_assert(!token_is_right(st->s, token, SOURCE_TOKEN_BYTES));
		token[i / 8] ^= 1 << i % 8;
	}
}
END_TEST

/* ---- none ------------------------------------------------------------------------ */

START_TEST(a_source_that_is_left_alone_lingers_and_can_be_taken_up)
{
	uint64_t id = st->s->id;

	push(0, 0, 4800, false);
	leave(first);
	stage_play(st, 9600);
	ck_assert_ptr_eq(sources_find(&st->sources, id), st->s);
	ck_assert_uint_eq(stage_look(st).attached, 0);
	ck_assert_int_eq(stage_look(st).state, AUD__SOURCE_STATE__LIVE);

	ck_assert_int_eq(sources_attach(st->s, second), 0);
	ck_assert_int_eq(sd_event_source_get_enabled(st->s->linger, NULL), 0);
	push(1, 4800, 1000, false);
	stage_play(st, 9600);
	ck_assert_uint_eq(stage_look(st).heard, 5800);
}
END_TEST

START_TEST(a_source_that_has_lingered_goes)
{
	push(0, 0, 4800, false);
	leave(first);
	stage_play(st, 9600);
	ck_assert_uint_eq(st->sources.num, 1);

	stage_wait_for_timer(st);
	ck_assert_uint_eq(st->sources.num, 0);
}
END_TEST

START_TEST(a_source_plays_out_even_if_it_has_lingered)
{
	uint64_t id = st->s->id;

	push(0, 0, 48000, false);
	leave(first);
	stage_play(st, 4800);
	st->s->stuck = false; /* there is a device */
	stage_wait_for_timer(st);
	ck_assert_ptr_eq(sources_find(&st->sources, id), st->s);
	ck_assert_uint_gt(stage_look(st).queued, 0);

	stage_play(st, 48000);
	ck_assert_uint_eq(st->sources.num, 0);
	stage_assert_heard(st, 0, 0, 48000);
}
END_TEST

START_TEST(a_source_that_lingers_for_no_time_goes_when_it_has_played)
{
	st->s->linger_ms = 0;
	push(0, 0, 4800, false);
	leave(first);
	stage_play(st, 4800 - MS);
	ck_assert_uint_eq(st->sources.num, 1);

	stage_play(st, 2 * MS);
	ck_assert_uint_eq(st->sources.num, 0);
}
END_TEST

START_TEST(a_source_that_lingers_and_cannot_play_is_dropped)
{
	uint64_t wait;

	push(0, 0, 4800, false);
	stage_hold(st, true);
	wait = stage_await(st);
	leave(first);
	stage_settle(st);
	stage_wait_for_timer(st);

	ck_assert_uint_eq(st->sources.num, 0);
	ck_assert_int_eq(stage_playout(st, wait), AUD__PLAYOUT_REASON__SOURCE_CLOSED);
}
END_TEST

START_TEST(a_close_ends_what_lingers_at_once)
{
	push(0, 0, 4800, false);
	leave(first);
	sources_close(st->s, false);
	stage_play(st, 9600);

	ck_assert_uint_eq(st->sources.num, 0);
	stage_assert_heard(st, 0, 0, 4800);
}
END_TEST

START_TEST(what_lingers_counts_as_a_source)
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
		.owner = second,
	};
	struct source *s;

	for (int i = 1; i < 8; i++)
		stage_source(st, 10);
	leave(first);
	stage_settle(st);
	ck_assert_uint_eq(sources_attached(&st->sources, first), 0);

	ck_assert_int_lt(sources_add(&st->sources, &order, &s), 0);
	while (st->sources.num)
		stage_wait_for_timer(st);
	ck_assert_int_eq(sources_add(&st->sources, &order, &s), 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("attach");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, captures_of_several_are_taken_as_they_come);
	tcase_add_test(tc, what_continues_a_capture_continues_that_of_its_own_connection);
	tcase_add_test(tc, one_that_leaves_takes_only_its_own_captures_along);
	tcase_add_test(tc, a_source_does_not_drop_while_one_is_left);
	tcase_add_test(tc, a_source_that_is_left_again_and_again_drops_each_time);
	tcase_add_test(tc, a_token_is_right_only_as_a_whole);
	tcase_add_test(tc, a_source_that_is_left_alone_lingers_and_can_be_taken_up);
	tcase_add_test(tc, a_source_that_has_lingered_goes);
	tcase_add_test(tc, a_source_plays_out_even_if_it_has_lingered);
	tcase_add_test(tc, a_source_that_lingers_for_no_time_goes_when_it_has_played);
	tcase_add_test(tc, a_source_that_lingers_and_cannot_play_is_dropped);
	tcase_add_test(tc, a_close_ends_what_lingers_at_once);
	tcase_add_test(tc, what_lingers_counts_as_a_source);
	return suite_run("attach", tc);
}
