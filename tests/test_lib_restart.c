/* SPDX-License-Identifier: MIT */
/*
 * A program on libaud whose daemon is restarted, and killed: its calls go on, and every frame
 * is heard once, in what all of the daemon's lives have played.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aud.h"
#include "lives.h"
#include "suite.h"

enum {
	RATE = 48000,
	NUMBERS = 32000, /* frames are numbered modulo this, and from 1 on */
	BUFFER = RATE / 5,
	MAX_EVENTS = 64,
};

static const char config[] = "[output]\nrewind = yes\n";

static struct lives lives;
static struct aud *aud;
static struct aud_source *source;
static int num_events;
static struct aud_event events[MAX_EVENTS];

static void note_event(const struct aud_event *event, void *user)
{
	(void)user;
	if (num_events < MAX_EVENTS)
		events[num_events++] = *event;
}

static int count(enum aud_event_kind kind)
{
	int n = 0;

	for (int i = 0; i < num_events; i++)
		n += events[i].kind == kind;
	return n;
}

static void must(int r)
{
	ck_assert_msg(r >= 0, "%s", aud_error(NULL));
}

static void set_up(void)
{
	const struct aud_source_options options = {.queue_size_ms = 500};

	num_events = 0;
	lives_init(&lives, config, "rewinds yes");
	lives_begin(&lives);
	must(aud_connect(&aud, lives.audd.socket, "test"));
	aud_set_event_handler(aud, note_event, NULL);
	must(aud_source_new(aud, &source, RATE, 1, &options));
}

static void tear_down(void)
{
	aud_free(aud);
	lives_done(&lives);
}

static int16_t *numbered(uint32_t n)
{
	int16_t *frames = malloc(n * sizeof(*frames));

	for (uint32_t i = 0; i < n; i++)
		frames[i] = (int16_t)(i % NUMBERS + 1);
	return frames;
}

/* All frames of [0, total) in a row; a life that was killed may repeat up to `twice`. */
static void assert_heard(uint32_t total, uint32_t twice)
{
	int16_t *heard;
	size_t n = lives_heard(&lives, &heard);
	uint32_t next = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t back =
			(next % NUMBERS + 1 - (uint16_t)heard[i] + NUMBERS) % NUMBERS;

		if (heard[i] == 0)
			continue;
		ck_assert_msg(back <= twice && back <= next, "frame %u is %d", next,
			      heard[i]);
		next = next - back + 1;
	}
	free(heard);
	ck_assert_uint_eq(next, total);
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
	int16_t *frames = numbered(p->frames);

	must(aud_source_capture_frame(source, frames, p->frames, &p->captured));
	must(aud_source_wait_for_playout(source, NULL, &p->playout));
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
	must(aud_source_status(source, &status));
	ck_assert_uint_eq(status->heard, p->frames);
	ck_assert_uint_eq(status->pushed, p->frames);
	aud_source_status_free(status);
}

START_TEST(calls_that_wait_go_on_through_restarts)
{
	enum { TOTAL = 2 * RATE, RESTARTS = 5 };
	struct push push;

	begin_push(&push, TOTAL);
	for (int i = 0; i < RESTARTS; i++) {
		audd_pause(200);
		lives_stop(&lives);
		lives_begin(&lives);
	}
	assert_pushed(&push);

	assert_heard(TOTAL, 0);
	ck_assert_int_eq(count(AUD_EVENT_DAEMON_LOST), RESTARTS);
	ck_assert_int_eq(count(AUD_EVENT_DAEMON_BACK), RESTARTS);
	ck_assert_int_eq(count(AUD_EVENT_SOURCE_LOST), 0);
}
END_TEST

START_TEST(calls_that_wait_go_on_through_kills)
{
	enum { TOTAL = 2 * RATE, KILLS = 10 };
	struct push push;

	begin_push(&push, TOTAL);
	for (int i = 0; i < KILLS; i++) {
		audd_pause(100);
		lives_kill(&lives);
		lives_begin(&lives);
	}
	assert_pushed(&push);

	assert_heard(TOTAL, BUFFER);
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
		must(aud_wait(aud, 100));
	}
}

START_TEST(what_is_asked_while_the_daemon_is_away_is_done_when_it_is_back)
{
	enum { TOTAL = 1000 };
	int16_t *frames = numbered(TOTAL);
	struct aud_source_status *status;
	int done = 0;

	lives_kill(&lives);
	must(aud_source_pause_async(source, NULL, count_done, &done));
	must(aud_source_capture_frame_async(source, frames, TOTAL, NULL, count_done,
					    &done));
	must(aud_source_set_gain_async(source, 0.5f, 0, count_done, &done));
	must(aud_wait(aud, 20));
	lives_begin(&lives);
	dispatch_until(&done, 3);

	must(aud_source_status(source, &status));
	ck_assert(status->paused);
	ck_assert_uint_eq(status->queued, TOTAL);
	ck_assert_float_eq(status->gain, 0.5f);
	aud_source_status_free(status);
	free(frames);
}
END_TEST

START_TEST(a_paused_source_stays_paused_and_is_cleared_once)
{
	enum { TOTAL = 1000 };
	int16_t *frames = numbered(TOTAL);
	struct aud_cleared cleared;
	uint64_t position;

	must(aud_source_pause(source, NULL, NULL));
	must(aud_source_capture_frame(source, frames, TOTAL, NULL));
	lives_kill(&lives);
	lives_begin(&lives);

	must(aud_source_clear_queue(source, NULL, &cleared));
	must(aud_source_resume(source, NULL, &position));

	ck_assert_uint_eq(cleared.dropped, TOTAL);
	ck_assert_uint_eq(cleared.heard_until, 0);
	ck_assert_uint_eq(position, TOTAL);
	free(frames);
}
END_TEST

/* ---- marks, events, other sources --------------------------------------------------- */

START_TEST(marks_and_subscriptions_are_set_again)
{
	enum { TOTAL = RATE / 4 };
	int16_t *frames = numbered(TOTAL);
	int marks = 0;

	must(aud_source_subscribe(source, 0));
	must(aud_source_pause(source, NULL, NULL));
	must(aud_source_capture_frame(source, frames, TOTAL, NULL));
	must(aud_source_set_mark(source, 7, TOTAL / 2, NULL));
	must(aud_source_set_mark(source, 8, TOTAL, NULL));
	lives_kill(&lives);
	lives_begin(&lives);
	must(aud_source_resume(source, NULL, NULL));
	must(aud_source_wait_for_playout(source, NULL, NULL));
	for (int i = 0; i < 100 && !count(AUD_EVENT_DRAINED); i++)
		must(aud_wait(aud, 100));

	ck_assert_int_eq(count(AUD_EVENT_MARK_HEARD), 2);
	ck_assert_int_eq(count(AUD_EVENT_DRAINED), 1);
	for (int i = 0; i < num_events; i++) {
		if (events[i].kind != AUD_EVENT_MARK_HEARD)
			continue;
		ck_assert_uint_eq(events[i].mark_id, 7 + marks);
		ck_assert_uint_eq(events[i].position, ++marks * TOTAL / 2);
	}
	free(frames);
}
END_TEST

/* The daemon that played past it could not tell. */
START_TEST(a_mark_that_was_passed_meanwhile_is_told_once)
{
	enum { TOTAL = RATE / 4 };
	int16_t *frames = numbered(TOTAL);

	must(aud_source_capture_frame(source, frames, TOTAL, NULL));
	must(aud_source_set_mark(source, 9, TOTAL, NULL));
	audd_pause(400);
	lives_stop(&lives);
	lives_begin(&lives);
	must(aud_source_wait_for_playout(source, NULL, NULL));

	ck_assert_int_eq(count(AUD_EVENT_MARK_HEARD), 1);
	ck_assert_uint_eq(events[0].mark_id, 9);
	free(frames);
}
END_TEST

START_TEST(a_source_that_is_gone_ends_its_calls)
{
	enum { TOTAL = 1000 };
	int16_t *frames = numbered(TOTAL);
	struct aud_source *next;

	lives_kill(&lives);
	fake_systemd_forget_all(&lives.systemd);
	lives_begin(&lives);

	ck_assert_int_eq(aud_source_capture_frame(source, frames, TOTAL, NULL), -ENOENT);
	ck_assert_int_eq(count(AUD_EVENT_SOURCE_LOST), 1);
	ck_assert_int_eq(aud_source_pause(source, NULL, NULL), -ENOENT);
	must(aud_source_new(aud, &next, RATE, 1, NULL));
	free(frames);
}
END_TEST

START_TEST(a_daemon_that_does_not_come_back_is_given_up)
{
	const struct aud_connect_options hasty = {.reconnect_ms = 50};
	struct aud_source *s;
	struct aud *a;

	must(aud_connect_with(&a, lives.audd.socket, "test", &hasty));
	must(aud_source_new(a, &s, RATE, 1, NULL));
	lives_kill(&lives);

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

	must(aud_connect_with(&a, lives.audd.socket, "test", &never));
	lives_kill(&lives);

	ck_assert_int_eq(aud_wait(a, 1000), -ENOTCONN);
	aud_free(a);
}
END_TEST

START_TEST(several_sources_of_two_programs_go_on)
{
	enum { TOTAL = 4800, NUM = 4 };
	int16_t *frames = numbered(TOTAL);
	struct aud_source *all[NUM];
	struct aud_playout playout;
	struct aud *other;

	must(aud_connect(&other, lives.audd.socket, "other"));
	for (int i = 0; i < NUM; i++) {
		must(aud_source_new(i % 2 ? other : aud, &all[i], RATE, 1, NULL));
		must(aud_source_pause(all[i], NULL, NULL));
		must(aud_source_capture_frame(all[i], frames, TOTAL, NULL));
	}
	lives_kill(&lives);
	lives_begin(&lives);
	for (int i = 0; i < NUM; i++)
		must(aud_source_resume(all[i], NULL, NULL));
	for (int i = 0; i < NUM; i++) {
		must(aud_source_wait_for_playout(all[i], NULL, &playout));
		ck_assert_int_eq(playout.reason, AUD_PLAYED);
		ck_assert_uint_eq(playout.played, TOTAL);
	}
	aud_free(other);
	free(frames);
}
END_TEST

/* ---- aud-ctl ------------------------------------------------------------------------ */

static pid_t run_ctl(const char *words)
{
	char line[256];
	pid_t pid;

	snprintf(line, sizeof(line), "exec %s/aud-ctl %s >%s/out 2>%s/err", BUILD_DIR,
		 words, lives.audd.dir, lives.audd.dir);
	setenv("AUD_SOCKET", lives.audd.socket, true);
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", line, NULL);
		_exit(127);
	}
	return pid;
}

static bool has_said(const char *file, const char *words)
{
	char path[64], line[256];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", lives.audd.dir, file);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		found |= strstr(line, words) != NULL;
	if (f)
		fclose(f);
	return found;
}

static void await_words(const char *words)
{
	for (int ms = 0; !has_said("out", words); ms++) {
		ck_assert_msg(ms < 5000, "aud-ctl does not say %s", words);
		audd_pause(1);
	}
}

static void remove_file(const char *called)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", lives.audd.dir, called);
	unlink(path);
}

START_TEST(aud_ctl_plays_on_through_restarts_and_kills)
{
	enum { TOTAL = 2 * RATE, LIVES = 6 };
	int16_t *frames = numbered(TOTAL);
	char path[64], words[160];
	pid_t pid;
	FILE *f;

	snprintf(path, sizeof(path), "%s/sound", lives.audd.dir);
	f = fopen(path, "we");
	ck_assert_uint_eq(fwrite(frames, sizeof(*frames), TOTAL, f), TOTAL);
	fclose(f);
	snprintf(words, sizeof(words),
		 "--quiet play --queue 300 --rate %d --channels 1 - <%s", RATE, path);
	pid = run_ctl(words);
	for (int i = 0; i < LIVES; i++) {
		audd_pause(200);
		if (i % 2)
			lives_kill(&lives);
		else
			lives_stop(&lives);
		lives_begin(&lives);
	}

	ck_assert_int_eq(audd_wait(pid), 0);
	assert_heard(TOTAL, BUFFER);
	remove_file("sound");
	remove_file("out");
	remove_file("err");
	free(frames);
}
END_TEST

/* An endless sound, until there is some of it. */
static pid_t start_endless(void)
{
	struct aud_daemon_status *status;
	uint32_t sources = 0;
	pid_t pid = run_ctl("play --rate 48000 --channels 1 - </dev/zero");

	while (sources < 2) {
		must(aud_daemon_status(aud, &status));
		sources = status->sources;
		aud_daemon_status_free(status);
	}
	return pid;
}

START_TEST(an_interrupted_play_does_not_wait_long_for_a_daemon)
{
	pid_t pid = start_endless();

	lives_stop(&lives);
	kill(pid, SIGINT);

	ck_assert_int_eq(audd_wait(pid), 128 + SIGINT);
	ck_assert(has_said("err", "the daemon is away"));
	remove_file("out");
	remove_file("err");
}
END_TEST

START_TEST(an_interrupted_play_is_dropped_after_a_restart)
{
	pid_t pid = start_endless();

	lives_stop(&lives);
	kill(pid, SIGINT);
	lives_begin(&lives);

	ck_assert_int_eq(audd_wait(pid), 128 + SIGINT);
	ck_assert(has_said("out", "dropped"));
	ck_assert(!has_said("out", "dropped 0.000 s"));
	remove_file("out");
	remove_file("err");
}
END_TEST

START_TEST(aud_ctl_events_says_that_the_daemon_went_and_came_back)
{
	pid_t pid = run_ctl("events --all");

	must(aud_source_subscribe(source, 0));
	audd_pause(300);
	lives_stop(&lives);
	await_words("daemon-lost");
	lives_begin(&lives);
	await_words("daemon-back");

	kill(pid, SIGTERM);
	ck_assert_int_eq(audd_wait(pid), 0);
	remove_file("out");
	remove_file("err");
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
	tcase_add_test(t, a_paused_source_stays_paused_and_is_cleared_once);
	tcase_add_test(t, marks_and_subscriptions_are_set_again);
	tcase_add_test(t, a_mark_that_was_passed_meanwhile_is_told_once);
	tcase_add_test(t, a_source_that_is_gone_ends_its_calls);
	tcase_add_test(t, a_daemon_that_does_not_come_back_is_given_up);
	tcase_add_test(t, a_connection_that_shall_not_come_back_does_not);
	tcase_add_test(t, several_sources_of_two_programs_go_on);
	tcase_add_test(t, aud_ctl_plays_on_through_restarts_and_kills);
	tcase_add_test(t, an_interrupted_play_does_not_wait_long_for_a_daemon);
	tcase_add_test(t, an_interrupted_play_is_dropped_after_a_restart);
	tcase_add_test(t, aud_ctl_events_says_that_the_daemon_went_and_came_back);
	return suite_run("lib_restart", t);
}
