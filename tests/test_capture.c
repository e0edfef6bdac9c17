/* SPDX-License-Identifier: MIT */
/*
 * Frames on their way into a queue: what is taken, when it is answered, what is heard.
 */
#include <errno.h>
#include <math.h>

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

START_TEST(a_capture_that_fits_is_answered_at_once)
{
	uint64_t id = stage_push(st, 0, 4800);

	ck_assert_uint_eq(stage_captured(st, id)->first, 0);
	ck_assert_uint_eq(stage_captured(st, id)->accepted, 4800);
	ck_assert_uint_eq(stage_captured(st, id)->dropped, 0);
	ck_assert_int_eq(stage_captured(st, id)->reason, AUD__DROP_REASON__NOT_DROPPED);
}
END_TEST

START_TEST(a_capture_longer_than_the_queue_is_answered_when_all_of_it_is_in)
{
	uint64_t id = stage_push(st, 0, 3 * 48000);

	stage_play(st, 48000);
	ck_assert_ptr_null(stage_note(st, id));

	stage_play(st, 2 * 48000);
	ck_assert_uint_eq(stage_captured(st, id)->accepted, 3 * 48000);
	stage_assert_heard(st, 0, 0, 3 * 48000 - 4800);
	ck_assert_uint_eq(stage_look(st).silence, 0);
}
END_TEST

START_TEST(captures_are_taken_and_answered_in_their_order)
{
	uint64_t first = stage_push(st, 0, 48000), second = stage_push(st, 48000, 10),
		 third = stage_push(st, 48010, 4800);

	ck_assert_ptr_nonnull(stage_note(st, first));
	ck_assert_ptr_null(stage_note(st, second));
	stage_play(st, 40000);

	ck_assert_uint_eq(stage_captured(st, second)->first, 48000);
	ck_assert_uint_eq(stage_captured(st, third)->first, 48010);
	ck_assert_uint_eq(st->notes[1].async_id, second);
	ck_assert_uint_eq(st->notes[2].async_id, third);
	stage_play(st, 20000);
	stage_assert_heard(st, 0, 0, 48000 + 4810);
}
END_TEST

START_TEST(a_full_queue_wakes_its_client_in_good_pieces_and_never_runs_dry)
{
	uint64_t next = 0;

	while (captures_end(st->s) < 48000 + 960)
		stage_push(st, 960 * next++, 960);
	st->bells = 0;
	for (int ms = 0; ms < 5000; ms++) {
		stage_play(st, MS);
		while (!st->s->captures.count)
			stage_push(st, 960 * next++, 960);
	}

	ck_assert_uint_le(st->bells, 5 * 11);
	ck_assert_uint_eq(stage_look(st).silence, 0);
	stage_assert_heard(st, 0, 0, 5 * 48000 - 4800);
}
END_TEST

START_TEST(a_short_queue_does_not_run_dry_while_a_capture_waits)
{
	st->s = stage_source(st, 20);
	stage_push(st, 0, 48000);

	stage_play(st, 48000 + 4800);

	ck_assert_uint_eq(stage_look(st).heard, 48000);
	ck_assert_uint_eq(stage_look(st).silence, 0);
	stage_assert_heard(st, 0, 0, 48000);
}
END_TEST

START_TEST(a_queue_of_one_frame_plays_all_that_is_pushed)
{
	struct source_order order = {
		.user = st->user,
		.output = st->output,
		.shape = {.rate = STAGE_RATE,
			  .channels = 2,
			  .format = FORMAT_S16,
			  .limit = 1},
		.name = "",
		.client = "",
		.owner = (struct conn *)&st->clients[0],
	};

	ck_assert_int_eq(sources_add(&st->sources, &order, &st->s), 0);
	stage_push(st, 0, 20);
	stage_play(st, 4800);

	ck_assert_uint_eq(stage_look(st).heard, 20);
}
END_TEST

START_TEST(no_frames_are_answered_at_once_even_behind_those_that_wait)
{
	uint64_t id;

	stage_push(st, 0, 48000 + 1);
	id = stage_push(st, 0, 0);

	ck_assert_uint_eq(stage_captured(st, id)->accepted, 0);
	ck_assert_uint_eq(stage_captured(st, id)->first, 48001);
	ck_assert_uint_eq(st->s->captures.count, 1);
}
END_TEST

START_TEST(frames_that_the_queue_has_are_skipped)
{
	uint64_t id;

	stage_push(st, 0, 1000);
	ck_assert_int_eq(stage_try(st, 900, 300, 900), 0);
	id = st->last_id;
	ck_assert_uint_eq(stage_captured(st, id)->skipped, 100);
	ck_assert_uint_eq(stage_captured(st, id)->first, 1000);
	ck_assert_uint_eq(stage_captured(st, id)->accepted, 200);
	ck_assert_int_eq(stage_try(st, 0, 300, 0), 0);
	ck_assert_uint_eq(stage_captured(st, st->last_id)->skipped, 300);
	ck_assert_uint_eq(stage_captured(st, st->last_id)->accepted, 0);

	stage_play(st, 4800);
	stage_assert_heard(st, 0, 0, 1200);
}
END_TEST

START_TEST(frames_behind_the_end_are_refused_and_change_nothing)
{
	stage_push(st, 0, 1000);

	ck_assert_int_eq(stage_try(st, 0, 10, 1001), -ERANGE);

	ck_assert_uint_eq(stage_look(st).pushed, 1000);
	ck_assert_ptr_null(stage_note(st, st->last_id));
}
END_TEST

START_TEST(the_end_counts_what_waits)
{
	uint64_t id;

	stage_push(st, 0, 50000);
	ck_assert_int_eq(stage_try(st, 0, 10, 50001), -ERANGE);
	ck_assert_int_eq(stage_try(st, 49990, 110, 49990), 0);
	id = st->last_id;
	ck_assert_ptr_null(stage_note(st, id));

	stage_play(st, 60000);

	ck_assert_uint_eq(stage_captured(st, id)->skipped, 10);
	ck_assert_uint_eq(stage_captured(st, id)->first, 50000);
	stage_assert_heard(st, 0, 0, 50100);
}
END_TEST

START_TEST(what_may_wait_is_bounded_and_the_rest_is_refused)
{
	int pushed = 0, r;

	stage_push(st, 0, 48000);
	while ((r = stage_try(st, 0, 1200, CAPTURE_ANYWHERE)) == 0)
		pushed++;

	ck_assert_int_eq(r, -ENOBUFS);
	ck_assert_int_ge(pushed, 200);
	ck_assert_int_le(pushed, 1024 * 1024 / 4800);
	stage_play(st, 48000);
	ck_assert_int_eq(stage_try(st, 0, 1200, CAPTURE_ANYWHERE), 0);
}
END_TEST

START_TEST(one_capture_of_any_size_is_always_taken)
{
	uint64_t id = stage_push(st, 0, 1024 * 1024);

	stage_play(st, 1024 * 1024);

	ck_assert_uint_eq(stage_captured(st, id)->accepted, 1024 * 1024);
}
END_TEST

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

START_TEST(a_clear_between_two_pieces_of_a_capture_drops_all_the_rest)
{
	stage_push(st, 0, 1000);
	assert_dropped(push_rest(0, 500), 500, 0, AUD__DROP_REASON__NOT_DROPPED);
	stage_clear(st, 0);

	for (int i = 0; i < 2; i++)
		assert_dropped(push_rest(0, 500), 0, 500,
			       AUD__DROP_REASON__DROPPED_BY_CLEAR);
	ck_assert_uint_eq(stage_look(st).dropped_cleared, 2500);

	stage_push(st, 0, 1000);
	assert_dropped(push_rest(0, 500), 500, 0, AUD__DROP_REASON__NOT_DROPPED);
	ck_assert_uint_eq(stage_look(st).pushed, 4000);
}
END_TEST

/* It is mixed again and again; what counts is what was pushed. */
START_TEST(samples_that_are_no_number_are_counted_once_each)
{
	struct source_order source = {
		.user = st->user,
		.shape = {.rate = STAGE_RATE,
			  .channels = 2,
			  .format = FORMAT_F32,
			  .limit = 4800},
		.name = "",
		.client = "",
		.owner = (struct conn *)&st->clients[0],
	};
	static float frames[10000][2];
	struct capture_order order = {.frames = frames,
				      .n = 10000,
				      .at = CAPTURE_ANYWHERE,
				      .timeout_ms = CAPTURE_NO_TIMEOUT};
	struct ticket t = stage_ticket(st, 0);

	for (int i = 0; i < 10000; i++)
		frames[i][0] = frames[i][1] = 0.25f;
	frames[10][0] = NAN;
	frames[4799][1] = INFINITY;
	frames[4800][0] = frames[4800][1] = -INFINITY;
	ck_assert_int_eq(sources_add(&st->sources, &source, &st->s), 0);
	ck_assert_int_eq(capture_add(st->s, &t, &order), 0);
	stage_settle(st);
	ck_assert_uint_eq(stage_look(st).not_finite, 2); /* the rest waits */

	for (int i = 0; i < 10; i++) {
		stage_hold(st, i % 2 == 0);
		stage_settle(st);
	}
	ck_assert_uint_eq(stage_look(st).not_finite, 2);
	stage_play(st, 10000 + 4800);

	ck_assert_uint_eq(stage_look(st).heard, 10000);
	ck_assert_uint_eq(stage_look(st).not_finite, 4);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("capture");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_capture_that_fits_is_answered_at_once);
	tcase_add_test(tc,
		       a_capture_longer_than_the_queue_is_answered_when_all_of_it_is_in);
	tcase_add_test(tc, captures_are_taken_and_answered_in_their_order);
	tcase_add_test(tc,
		       a_full_queue_wakes_its_client_in_good_pieces_and_never_runs_dry);
	tcase_add_test(tc, a_short_queue_does_not_run_dry_while_a_capture_waits);
	tcase_add_test(tc, a_queue_of_one_frame_plays_all_that_is_pushed);
	tcase_add_test(tc, no_frames_are_answered_at_once_even_behind_those_that_wait);
	tcase_add_test(tc, frames_that_the_queue_has_are_skipped);
	tcase_add_test(tc, frames_behind_the_end_are_refused_and_change_nothing);
	tcase_add_test(tc, the_end_counts_what_waits);
	tcase_add_test(tc, what_may_wait_is_bounded_and_the_rest_is_refused);
	tcase_add_test(tc, one_capture_of_any_size_is_always_taken);
	tcase_add_test(tc, a_clear_between_two_pieces_of_a_capture_drops_all_the_rest);
	tcase_add_test(tc, samples_that_are_no_number_are_counted_once_each);
	return suite_run("capture", tc);
}
