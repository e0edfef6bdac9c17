/* SPDX-License-Identifier: MIT */
/*
 * A program on libaud whose daemon is restarted, and killed: its calls go on, and every frame
 * is heard once, in what all of the daemon's lives have played.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- a program that pushes meanwhile ------------------------------------------------ */

struct push {
	pthread_t thread;
	uint32_t frames;
	struct aud_captured captured;
	struct aud_playout playout;
};

static void *push_and_wait(void *user)
{
	struct push *p = user;
	int16_t *frames = program_frames(0, p->frames);

	program_must(aud_source_capture_frame(program.source, frames, p->frames,
					      &p->captured));
	program_must(aud_source_wait_for_playout(program.source, NULL, &p->playout));
	free(frames);
	return NULL;
}

static void begin_push(struct push *p, uint32_t frames)
{
	*p = (struct push){.frames = frames};
	pthread_create(&p->thread, NULL, push_and_wait, p);
}

static void assert_pushed(struct push *p)
{
	struct aud_source_status *status;

	pthread_join(p->thread, NULL);
	ck_assert_uint_eq(p->captured.first, 0);
	ck_assert_uint_eq(p->captured.accepted, p->frames);
	ck_assert_uint_eq(p->captured.dropped, 0);
	ck_assert_uint_eq(p->captured.skipped, 0);
	ck_assert_int_eq(p->playout.reason, AUD_PLAYED);
	ck_assert_uint_eq(p->playout.played, p->frames);
	program_must(aud_source_status(program.source, &status));
	ck_assert_uint_eq(status->heard, p->frames);
	ck_assert_uint_eq(status->pushed, p->frames);
	aud_source_status_free(status);
}

START_TEST(calls_that_wait_go_on_through_restarts)
{
	enum { TOTAL = 2 * PROGRAM_RATE, RESTARTS = 5 };
	struct push push;

	begin_push(&push, TOTAL);
	for (int i = 0; i < RESTARTS; i++) {
		audd_pause(200);
		lives_stop(&program.lives);
		lives_begin(&program.lives);
	}
	assert_pushed(&push);

	program_assert_heard(&program, TOTAL, 0);
	ck_assert_int_eq(program_count(&program, AUD_EVENT_DAEMON_LOST), RESTARTS);
	ck_assert_int_eq(program_count(&program, AUD_EVENT_DAEMON_BACK), RESTARTS);
	ck_assert_int_eq(program_count(&program, AUD_EVENT_SOURCE_LOST), 0);
}
END_TEST

START_TEST(calls_that_wait_go_on_through_kills)
{
	enum { TOTAL = 2 * PROGRAM_RATE, KILLS = 10 };
	struct push push;

	begin_push(&push, TOTAL);
	for (int i = 0; i < KILLS; i++) {
		audd_pause(100);
		program_kill(&program);
	}
	assert_pushed(&push);

	program_assert_heard(&program, TOTAL, PROGRAM_BUFFER);
}
END_TEST

/* ---- what is asked while there is no daemon ----------------------------------------- */

static void count_done(const struct aud_result *result, void *user)
{
	int *n = user;

	ck_assert_msg(result->error == 0, "%s", result->message);
	++*n;
}

static void dispatch_until(const int *n, int wanted)
{
	for (int i = 0; *n < wanted; i++) {
		ck_assert_int_lt(i, 1000);
		program_must(aud_wait(program.aud, 100));
	}
}

START_TEST(what_is_asked_while_the_daemon_is_away_is_done_when_it_is_back)
{
	enum { TOTAL = 1000 };
	int16_t *frames = program_frames(0, TOTAL);
	struct aud_source_status *status;
	int done = 0;

	lives_kill(&program.lives);
	program_must(aud_source_pause_async(program.source, NULL, count_done, &done));
	program_must(aud_source_capture_frame_async(program.source, frames, TOTAL, NULL,
						    count_done, &done));
	program_must(
		aud_source_set_gain_async(program.source, 0.5f, 0, count_done, &done));
	program_must(aud_wait(program.aud, 20));
	lives_begin(&program.lives);
	dispatch_until(&done, 3);

	program_must(aud_source_status(program.source, &status));
	ck_assert(status->paused);
	ck_assert_uint_eq(status->queued, TOTAL);
	ck_assert_float_eq(status->gain, 0.5f);
	aud_source_status_free(status);
	free(frames);
}
END_TEST

/* As if it had got into the queue in whole right before the kill. */
static void take(uint32_t frames)
{
	struct program_memory m = program_memory(&program);
	struct queue_pusher *p = &m.writer->keep.pushers[0];
	uint64_t end = m.writer->written + frames;

	ck_assert_uint_ne(p->client, 0);
	p->taken[0] = (struct queue_taken){p->taken[0].accepted + frames, end};
	m.writer->written = end;
	program_memory_done(&m);
}

/* What was found in the queue once is not taken for the next capture at the next kill. */
START_TEST(a_capture_whose_answer_was_lost_counts_once)
{
	enum { FIRST = 1000, SECOND = 700 };
	int16_t *frames = program_frames(0, FIRST + SECOND);
	struct aud_source_status *status;
	int done = 0;

	program_must(aud_source_pause(program.source, NULL, NULL));
	lives_kill(&program.lives);
	program_must(aud_source_capture_frame_async(program.source, frames, FIRST, NULL,
						    count_done, &done));
	take(FIRST);
	lives_begin(&program.lives);
	dispatch_until(&done, 1);
	lives_kill(&program.lives);
	program_must(aud_source_capture_frame_async(program.source, frames + FIRST,
						    SECOND, NULL, count_done, &done));
	lives_begin(&program.lives);
	dispatch_until(&done, 2);

	program_must(aud_source_status(program.source, &status));
	ck_assert_uint_eq(status->queued, FIRST + SECOND);
	aud_source_status_free(status);
	free(frames);
}
END_TEST

START_TEST(a_paused_source_stays_paused_and_is_cleared_once)
{
	enum { TOTAL = 1000 };
	int16_t *frames = program_frames(0, TOTAL);
	struct aud_cleared cleared;
	uint64_t position;

	program_must(aud_source_pause(program.source, NULL, NULL));
	program_must(aud_source_capture_frame(program.source, frames, TOTAL, NULL));
	program_kill(&program);

	program_must(aud_source_clear_queue(program.source, NULL, &cleared));
	program_must(aud_source_resume(program.source, NULL, &position));

	ck_assert_uint_eq(cleared.dropped, TOTAL);
	ck_assert_uint_eq(cleared.heard_until, 0);
	ck_assert_uint_eq(position, TOTAL);
	free(frames);
}
END_TEST

/* ---- what is gone ----------------------------------------------------------------- */

START_TEST(a_source_that_is_gone_ends_its_calls)
{
	enum { TOTAL = 1000 };
	int16_t *frames = program_frames(0, TOTAL);
	struct aud_source_status *status;
	struct aud_source *next;

	lives_kill(&program.lives);
	fake_systemd_forget_all(&program.lives.systemd);
	lives_begin(&program.lives);

	ck_assert_int_eq(aud_source_capture_frame(program.source, frames, TOTAL, NULL),
			 -ENOENT);
	ck_assert_int_eq(program_count(&program, AUD_EVENT_SOURCE_LOST), 1);
	ck_assert_int_eq(aud_source_pause(program.source, NULL, NULL), -ENOENT);
	program_must(aud_source_new(program.aud, &next, PROGRAM_RATE, 1, NULL));
	ck_assert_uint_gt(aud_source_handle(next), aud_source_handle(program.source));
	aud_source_free(program.source);
	program_must(aud_source_status(next, &status));
	ck_assert(!status->ending);
	aud_source_status_free(status);
	free(frames);
}
END_TEST

static void count_lost(const struct aud_event *event, void *user)
{
	int *n = user;

	*n += event->kind == AUD_EVENT_SOURCE_LOST;
}

START_TEST(who_watches_a_source_is_told_that_it_is_gone)
{
	struct aud_source *watched;
	struct aud *watcher;
	int lost = 0;

	program_must(aud_connect(&watcher, program.lives.audd.socket, "watcher"));
	aud_set_event_handler(watcher, count_lost, &lost);
	program_must(aud_source_by_handle(watcher, &watched,
					  aud_source_handle(program.source)));
	program_must(aud_source_subscribe(watched, 0));
	lives_kill(&program.lives);
	fake_systemd_forget_all(&program.lives.systemd);
	lives_begin(&program.lives);

	for (int i = 0; i < 1000 && !lost; i++)
		program_must(aud_wait(watcher, 100));
	program_must(aud_wait(watcher, 10));
	ck_assert_int_eq(lost, 1);
	aud_free(watcher);
}
END_TEST

START_TEST(a_daemon_that_does_not_come_back_is_given_up)
{
	const struct aud_connect_options hasty = {.reconnect_ms = 50};
	struct aud_source *s;
	struct aud *a;

	program_must(aud_connect_with(&a, program.lives.audd.socket, "test", &hasty));
	program_must(aud_source_new(a, &s, PROGRAM_RATE, 1, NULL));
	lives_kill(&program.lives);

	ck_assert_int_eq(aud_source_pause(s, NULL, NULL), -ENOTCONN);
	ck_assert_ptr_nonnull(strstr(aud_error(a), "has not come back"));
	ck_assert_int_eq(aud_dispatch(a), -ENOTCONN);
	aud_free(a);
}
END_TEST

START_TEST(a_connection_that_shall_not_come_back_does_not)
{
	const struct aud_connect_options never = {.reconnect_ms = 0};
	struct aud *a;

	program_must(aud_connect_with(&a, program.lives.audd.socket, "test", &never));
	lives_kill(&program.lives);

	ck_assert_int_eq(aud_wait(a, 1000), -ENOTCONN);
	aud_free(a);
}
END_TEST

START_TEST(several_sources_of_two_programs_go_on)
{
	enum { TOTAL = 4800, NUM = 4 };
	int16_t *frames = program_frames(0, TOTAL);
	struct aud_source *all[NUM];
	struct aud_playout playout;
	struct aud *other;

	program_must(aud_connect(&other, program.lives.audd.socket, "other"));
	for (int i = 0; i < NUM; i++) {
		program_must(aud_source_new(i % 2 ? other : program.aud, &all[i],
					    PROGRAM_RATE, 1, NULL));
		program_must(aud_source_pause(all[i], NULL, NULL));
		program_must(aud_source_capture_frame(all[i], frames, TOTAL, NULL));
	}
	program_kill(&program);
	for (int i = 0; i < NUM; i++)
		program_must(aud_source_resume(all[i], NULL, NULL));
	for (int i = 0; i < NUM; i++) {
		program_must(aud_source_wait_for_playout(all[i], NULL, &playout));
		ck_assert_int_eq(playout.reason, AUD_PLAYED);
		ck_assert_uint_eq(playout.played, TOTAL);
	}
	aud_free(other);
	free(frames);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lib_restart");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, calls_that_wait_go_on_through_restarts);
	tcase_add_test(t, calls_that_wait_go_on_through_kills);
	tcase_add_test(t, what_is_asked_while_the_daemon_is_away_is_done_when_it_is_back);
	tcase_add_test(t, a_capture_whose_answer_was_lost_counts_once);
	tcase_add_test(t, a_paused_source_stays_paused_and_is_cleared_once);
	tcase_add_test(t, a_source_that_is_gone_ends_its_calls);
	tcase_add_test(t, who_watches_a_source_is_told_that_it_is_gone);
	tcase_add_test(t, a_daemon_that_does_not_come_back_is_given_up);
	tcase_add_test(t, a_connection_that_shall_not_come_back_does_not);
	tcase_add_test(t, several_sources_of_two_programs_go_on);
	return suite_run("lib_restart", t);
}
