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

int main(void)
{
	TCase *t = tcase_create("lib_fates");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, marks_and_subscriptions_are_set_again);
	tcase_add_test(t, a_mark_that_was_passed_meanwhile_is_told_once);
	return suite_run("lib_fates", t);
}
