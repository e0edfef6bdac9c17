/* SPDX-License-Identifier: MIT */
/*
 * Waiting until all has been heard.
 */
#include <errno.h>

#include "change.h"
#include "playout.h"
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

START_TEST(a_wait_ends_with_the_last_frame_and_not_before)
{
	uint64_t id;

	stage_push(st, 0, 4801);
	id = stage_await(st);
	stage_play(st, 4800);
	ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__PLAYOUT_UNSPECIFIED);

	stage_play(st, 1);
	stage_play(st, MS);
	ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__PLAYED);
	ck_assert_uint_eq(stage_note(st, id)->playout.played, 4801);
	ck_assert_uint_eq(stage_note(st, id)->playout.at_ns, st->sink.now_ns - 1000000);
}
END_TEST

START_TEST(a_wait_for_nothing_ends_at_once)
{
	uint64_t id;

	ck_assert_int_eq(stage_playout(st, stage_await(st)), AUD__PLAYOUT_REASON__PLAYED);
	stage_push(st, 0, 100);
	stage_play(st, 4800);
	id = stage_await(st);
	stage_settle(st);
	ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__PLAYED);
}
END_TEST

START_TEST(a_wait_is_longer_for_what_comes_in_later)
{
	uint64_t id;

	stage_push(st, 0, 4800);
	id = stage_await(st);
	stage_play(st, 2400);
	stage_push(st, 4800, 4800);
	stage_play(st, 2 * 4800 - 2400 - MS);
	ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__PLAYOUT_UNSPECIFIED);

	stage_play(st, 2 * MS);
	ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__PLAYED);
}
END_TEST

START_TEST(a_wait_waits_for_the_captures_that_wait)
{
	uint64_t id;

	stage_push(st, 0, 60000);
	id = stage_await(st);
	stage_play(st, 60000 - MS);
	ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__PLAYOUT_UNSPECIFIED);

	stage_play(st, 2 * MS);
	ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__PLAYED);
}
END_TEST

START_TEST(a_tail_of_any_length_is_heard_in_time)
{
	for (uint32_t tail = 1; tail < 600; tail += 23) {
		uint64_t id;

		stage_push(st, 0, tail);
		id = stage_await(st);
		stage_play(st, tail + 2 * MS);
		ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__PLAYED);
		stage_play(st, 500);
	}
}
END_TEST

START_TEST(a_clear_releases_who_waits)
{
	uint64_t first, second;

	stage_push(st, 0, 4800);
	first = stage_await(st);
	second = stage_await(st);
	stage_play(st, 480);
	stage_clear(st, 5);

	ck_assert_int_eq(stage_playout(st, first), AUD__PLAYOUT_REASON__CLEARED);
	ck_assert_int_eq(stage_playout(st, second), AUD__PLAYOUT_REASON__CLEARED);
}
END_TEST

START_TEST(a_wait_ends_when_its_time_is_over)
{
	const struct playout_order order = {.timeout_ms = 1,
					    .device_lost_ms = PLAYOUT_NEVER};
	uint64_t id;

	stage_push(st, 0, 4800);
	id = stage_await_this(st, &order);
	stage_wait_for_timer(st);

	ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__TIMED_OUT);
	ck_assert_uint_eq(st->s->num_waiting, 0);
	stage_play(st, 9600);
	ck_assert_int_eq(st->num_notes, 2);
}
END_TEST

START_TEST(waits_whose_time_is_over_end_together)
{
	const struct playout_order order = {.timeout_ms = 20,
					    .device_lost_ms = PLAYOUT_NEVER};
	uint64_t first = st->last_id + 2, patient;

	stage_push(st, 0, 48000);
	for (int i = 0; i < 100; i++)
		stage_await_this(st, &order);
	patient = stage_await(st);
	stage_wait_for_timer(st);

	for (uint64_t id = first; id < first + 100; id++)
		ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__TIMED_OUT);
	ck_assert_int_eq(stage_playout(st, patient),
			 AUD__PLAYOUT_REASON__PLAYOUT_UNSPECIFIED);
}
END_TEST

START_TEST(the_number_of_those_who_wait_is_bounded)
{
	const struct playout_order order = {.timeout_ms = PLAYOUT_NEVER,
					    .device_lost_ms = PLAYOUT_NEVER};
	struct ticket t = stage_ticket(st, 0);

	st->config.max_requests_per_source = 7;
	stage_push(st, 0, 4800);
	for (int i = 0; i < 7; i++)
		stage_await(st);

	ck_assert_int_eq(playout_wait(st->s, &t, &order), -ENOBUFS);
	ck_assert_uint_eq(stage_look(st).queued, 4800);
}
END_TEST

START_TEST(as_many_as_may_wait_do_not_keep_a_clear_out)
{
	uint64_t waits[7];

	st->config.max_requests_per_source = 7;
	stage_push(st, 0, 4800);
	for (int i = 0; i < 7; i++)
		waits[i] = stage_await(st);

	stage_clear(st, 0);
	stage_settle(st);

	for (int i = 0; i < 7; i++)
		ck_assert_int_eq(stage_playout(st, waits[i]),
				 AUD__PLAYOUT_REASON__CLEARED);
	ck_assert_uint_eq(st->s->num_waiting, 0);
}
END_TEST

START_TEST(the_number_of_changes_on_their_way_is_bounded)
{
	struct ticket t = stage_ticket(st, 0);

	st->config.max_requests_per_source = 2;
	stage_push(st, 0, 4800);
	change_clear(st->s, &t, (struct fade){0});
	change_hold(st->s, &t, false, (struct fade){0});

	ck_assert_int_eq(change_clear(st->s, &t, (struct fade){0}), -ENOBUFS);
	ck_assert_int_eq(change_hold(st->s, &t, true, (struct fade){0}), -ENOBUFS);
	ck_assert(!st->s->paused);
	stage_settle(st);
	ck_assert_uint_eq(st->s->num_changing, 0);
}
END_TEST

/* ---- waits that are not for everything --------------------------------------------- */

static const struct playout_order present = {.timeout_ms = PLAYOUT_NEVER,
					     .device_lost_ms = PLAYOUT_NEVER,
					     .only_present = true};
static const struct playout_order with_device = {.timeout_ms = PLAYOUT_NEVER,
						 .device_lost_ms = 1};

static void assert_waits(uint64_t id)
{
	ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__PLAYOUT_UNSPECIFIED);
}

START_TEST(what_comes_in_later_need_not_be_waited_for)
{
	uint64_t id;

	stage_push(st, 0, 50000);
	id = stage_await_this(st, &present);
	stage_push(st, 0, 4800);
	stage_play(st, 50000 - MS);
	assert_waits(id);

	stage_play(st, 2 * MS);
	ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__PLAYED);
	ck_assert_uint_gt(stage_look(st).queued, 0);
}
END_TEST

START_TEST(what_never_gets_in_is_not_waited_for)
{
	const struct capture_order hasty = {
		.n = 1000, .at = CAPTURE_ANYWHERE, .timeout_ms = 1};
	uint64_t id;

	stage_push(st, 0, 48000);
	ck_assert_int_eq(stage_capture(st, 0, 0, &hasty), 0);
	id = stage_await_this(st, &present);
	stage_push(st, 0, 4800);
	stage_wait_for_timer(st);
	stage_play(st, 48000 - MS);
	assert_waits(id);

	stage_play(st, 2 * MS);
	ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__PLAYED);
}
END_TEST

START_TEST(a_clear_releases_who_waits_for_the_present)
{
	uint64_t id;

	stage_push(st, 0, 50000);
	id = stage_await_this(st, &present);
	stage_clear(st, 5);

	ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__CLEARED);
}
END_TEST

START_TEST(a_wait_ends_when_the_device_is_away_for_too_long)
{
	uint64_t id, patient;

	stage_push(st, 0, 4800);
	patient = stage_await(st);
	id = stage_await_this(st, &with_device);
	stage_play(st, 480);
	assert_waits(id);

	stage_unplug(st);
	stage_wait_for_timer(st);
	ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__DEVICE_LOST);
	assert_waits(patient);
}
END_TEST

START_TEST(a_device_that_is_back_in_time_ends_no_wait)
{
	const struct playout_order order = {.timeout_ms = PLAYOUT_NEVER,
					    .device_lost_ms = 1000};
	uint64_t id;

	stage_push(st, 0, 4800);
	id = stage_await_this(st, &order);
	stage_play(st, 480);
	stage_unplug(st);
	assert_waits(id);
	stage_plug_in(st);
	stage_play(st, 9600);

	ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__PLAYED);
}
END_TEST

START_TEST(a_device_that_is_away_at_the_call_counts_from_there)
{
	uint64_t id;

	stage_unplug(st);
	ck_assert_int_eq(stage_playout(st, stage_await_this(st, &with_device)),
			 AUD__PLAYOUT_REASON__PLAYED);
	stage_push(st, 0, 4800);
	id = stage_await_this(st, &with_device);
	assert_waits(id);
	stage_wait_for_timer(st);

	ck_assert_int_eq(stage_playout(st, id), AUD__PLAYOUT_REASON__DEVICE_LOST);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("playout");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_wait_ends_with_the_last_frame_and_not_before);
	tcase_add_test(tc, a_wait_for_nothing_ends_at_once);
	tcase_add_test(tc, a_wait_is_longer_for_what_comes_in_later);
	tcase_add_test(tc, a_wait_waits_for_the_captures_that_wait);
	tcase_add_test(tc, a_tail_of_any_length_is_heard_in_time);
	tcase_add_test(tc, a_clear_releases_who_waits);
	tcase_add_test(tc, a_wait_ends_when_its_time_is_over);
	tcase_add_test(tc, waits_whose_time_is_over_end_together);
	tcase_add_test(tc, the_number_of_those_who_wait_is_bounded);
	tcase_add_test(tc, as_many_as_may_wait_do_not_keep_a_clear_out);
	tcase_add_test(tc, the_number_of_changes_on_their_way_is_bounded);
	tcase_add_test(tc, what_comes_in_later_need_not_be_waited_for);
	tcase_add_test(tc, what_never_gets_in_is_not_waited_for);
	tcase_add_test(tc, a_clear_releases_who_waits_for_the_present);
	tcase_add_test(tc, a_wait_ends_when_the_device_is_away_for_too_long);
	tcase_add_test(tc, a_device_that_is_back_in_time_ends_no_wait);
	tcase_add_test(tc, a_device_that_is_away_at_the_call_counts_from_there);
	return suite_run("playout", tc);
}
