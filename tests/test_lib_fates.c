/* SPDX-License-Identifier: MIT */
/*
 * What becomes of marks and waits whose daemon is restarted, and killed.
 */
#include <stdlib.h>

#include "program.h"
#include "suite.h"

static struct program program;

static void set_up(void)
{
	program_init(&program);
}

static void tear_down(void)
{
	program_done(&program);
}

START_TEST(marks_and_subscriptions_are_set_again)
{
	enum { TOTAL = PROGRAM_RATE / 4 };
	int16_t *frames = program_frames(0, TOTAL);
	int marks = 0;

	program_must(aud_source_subscribe(program.source, 0));
	program_must(aud_source_pause(program.source, NULL, NULL));
	program_must(aud_source_capture_frame(program.source, frames, TOTAL, NULL));
	program_must(aud_source_set_mark(program.source, 7, TOTAL / 2, NULL));
	program_must(aud_source_set_mark(program.source, 8, TOTAL, NULL));
	program_kill(&program);
	program_must(aud_source_resume(program.source, NULL, NULL));
	program_must(aud_source_wait_for_playout(program.source, NULL, NULL));
	for (int i = 0; i < 100 && !program_count(&program, AUD_EVENT_DRAINED); i++)
		program_must(aud_wait(program.aud, 100));

	ck_assert_int_eq(program_count(&program, AUD_EVENT_MARK_HEARD), 2);
	ck_assert_int_eq(program_count(&program, AUD_EVENT_DRAINED), 1);
	for (int i = 0; i < program.num_events; i++) {
		if (program.events[i].kind != AUD_EVENT_MARK_HEARD)
			continue;
		ck_assert_uint_eq(program.events[i].mark_id, 7 + marks);
		ck_assert_uint_eq(program.events[i].position, ++marks * TOTAL / 2);
	}
	free(frames);
}
END_TEST

/* The daemon that played past it could not tell. */
START_TEST(a_mark_that_was_passed_meanwhile_is_told_once)
{
	enum { TOTAL = PROGRAM_RATE / 4 };
	int16_t *frames = program_frames(0, TOTAL);

	program_must(aud_source_capture_frame(program.source, frames, TOTAL, NULL));
	program_must(aud_source_set_mark(program.source, 9, TOTAL, NULL));
	audd_pause(400);
	lives_stop(&program.lives);
	lives_begin(&program.lives);
	program_must(aud_source_wait_for_playout(program.source, NULL, NULL));

	ck_assert_int_eq(program_count(&program, AUD_EVENT_MARK_HEARD), 1);
	ck_assert_uint_eq(program.events[0].mark_id, 9);
	free(frames);
}
END_TEST

/* ---- clears that a kill has left without an answer ------------------------------------ */

enum { TOTAL = PROGRAM_RATE / 2, STEP = 100, MARKS = TOTAL / STEP };

static void note_playout(const struct aud_result *result, void *user)
{
	enum aud_playout_reason *reason = user;

	ck_assert_msg(result->error == 0, "%s", result->message);
	*reason = result->playout->reason;
}

/* With a mark behind every STEP frames, whose id is its position, and a wait that goes on. It is
 * paused, as a mark may be set only on what is not played. */
static void push(enum aud_playout_reason *reason)
{
	int16_t *frames = program_frames(0, TOTAL);

	program_must(aud_source_pause(program.source, NULL, NULL));
	program_must(aud_source_capture_frame(program.source, frames, TOTAL, NULL));
	for (int i = 1; i <= MARKS; i++)
		program_must(aud_source_set_mark(program.source, (uint64_t)i * STEP,
						 (uint64_t)i * STEP, NULL));
	*reason = 0;
	program_must(aud_source_wait_for_playout_async(program.source, NULL, note_playout,
						       reason));
	free(frames);
}

/* The next life, until the wait has ended. */
static void live_on(const enum aud_playout_reason *reason)
{
	lives_begin(&program.lives);
	while (!*reason)
		program_must(aud_wait(program.aud, 1000));
}

/* Each mark is told once; up to this position as heard. */
static void assert_fates(uint64_t heard)
{
	int told = 0;

	for (int i = 0; i < program.num_events; i++) {
		const struct aud_event *e = &program.events[i];

		if (e->kind != AUD_EVENT_MARK_HEARD && e->kind != AUD_EVENT_MARK_DROPPED)
			continue;
		told++;
		ck_assert_uint_eq(e->mark_id, e->position);
		ck_assert_msg((e->kind == AUD_EVENT_MARK_HEARD) == (e->position <= heard),
			      "of %lu heard, %lu is %s", (unsigned long)heard,
			      (unsigned long)e->position, aud_event_name(e->kind));
	}
	ck_assert_int_eq(told, MARKS);
}

START_TEST(what_a_clear_took_right_before_a_kill_was_not_heard)
{
	enum aud_playout_reason reason;
	uint64_t played;
	struct program_memory m;

	push(&reason);
	program_must(aud_source_resume(program.source, NULL, NULL));
	audd_pause(100);
	lives_kill(&program.lives);
	m = program_memory(&program);
	played = m.saved->saved_played;
	atomic_store(&m.writer->cut, TOTAL);
	program_memory_done(&m);
	ck_assert_uint_lt(played, TOTAL);

	live_on(&reason);

	ck_assert_int_eq(reason, AUD_CLEARED);
	assert_fates(played);
}
END_TEST

/* The main thread had no turn any more after it. */
START_TEST(what_the_player_had_passed_by_then_was_not_heard_either)
{
	enum { HEARD = TOTAL / 3 };
	enum aud_playout_reason reason;
	struct aud_source_status *status;
	struct program_memory m;

	push(&reason);
	lives_kill(&program.lives);
	m = program_memory(&program);
	atomic_store(&m.writer->cut, TOTAL);
	atomic_store(&m.saved->saved_played, TOTAL);
	atomic_store(&m.saved->saved_heard, HEARD);
	program_memory_done(&m);

	live_on(&reason);

	ck_assert_int_eq(reason, AUD_CLEARED);
	assert_fates(HEARD);
	program_must(aud_source_status(program.source, &status));
	ck_assert_uint_eq(status->heard, HEARD);
	ck_assert_uint_eq(status->dropped_cleared, TOTAL - HEARD);
	aud_source_status_free(status);
}
END_TEST

START_TEST(what_was_played_out_meanwhile_was_heard)
{
	enum aud_playout_reason reason;

	push(&reason);
	program_must(aud_source_resume(program.source, NULL, NULL));
	lives_kill(&program.lives);
	live_on(&reason);

	ck_assert_int_eq(reason, AUD_PLAYED);
	assert_fates(TOTAL);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lib_fates");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, marks_and_subscriptions_are_set_again);
	tcase_add_test(t, a_mark_that_was_passed_meanwhile_is_told_once);
	tcase_add_test(t, what_a_clear_took_right_before_a_kill_was_not_heard);
	tcase_add_test(t, what_the_player_had_passed_by_then_was_not_heard_either);
	tcase_add_test(t, what_was_played_out_meanwhile_was_heard);
	return suite_run("lib_fates", t);
}
