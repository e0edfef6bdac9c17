/* SPDX-License-Identifier: MIT */
/*
 * aud-ctl, whose daemon is restarted, and killed, meanwhile.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static pid_t run_ctl(const char *words)
{
	char line[256];
	pid_t pid;

	snprintf(line, sizeof(line), "exec %s/aud-ctl %s >%s/out 2>%s/err", BUILD_DIR,
		 words, program.lives.audd.dir, program.lives.audd.dir);
	setenv("AUD_SOCKET", program.lives.audd.socket, true);
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

	snprintf(path, sizeof(path), "%s/%s", program.lives.audd.dir, file);
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

	snprintf(path, sizeof(path), "%s/%s", program.lives.audd.dir, called);
	unlink(path);
}

START_TEST(aud_ctl_plays_on_through_restarts_and_kills)
{
	enum { TOTAL = 2 * PROGRAM_RATE, LIVES = 6 };
	int16_t *frames = program_frames(0, TOTAL);
	char path[64], words[160];
	pid_t pid;
	FILE *f;

	snprintf(path, sizeof(path), "%s/sound", program.lives.audd.dir);
	f = fopen(path, "we");
	ck_assert_uint_eq(fwrite(frames, sizeof(*frames), TOTAL, f), TOTAL);
	fclose(f);
	snprintf(words, sizeof(words),
		 "--quiet play --queue 300 --rate %d --channels 1 - <%s", PROGRAM_RATE,
		 path);
	pid = run_ctl(words);
	for (int i = 0; i < LIVES; i++) {
		audd_pause(200);
		if (i % 2)
			lives_kill(&program.lives);
		else
			lives_stop(&program.lives);
		lives_begin(&program.lives);
	}

	ck_assert_int_eq(audd_wait(pid), 0);
	program_assert_heard(&program, TOTAL, PROGRAM_BUFFER);
	remove_file("sound");
	remove_file("out");
	remove_file("err");
	free(frames);
}
END_TEST

static bool holds_sound(void)
{
	struct aud_source_status *all;
	bool found = false;
	int n = aud_list(program.aud, &all);

	program_must(n);
	for (int i = 0; i < n; i++)
		found |= all[i].queued > PROGRAM_RATE / 10;
	aud_list_free(all);
	return found;
}

/* An endless sound, until there is some of it. */
static pid_t start_endless(void)
{
	pid_t pid = run_ctl("play --rate 48000 --channels 1 - </dev/zero");

	while (!holds_sound())
		audd_pause(1);
	return pid;
}

START_TEST(an_interrupted_play_does_not_wait_long_for_a_daemon)
{
	pid_t pid = start_endless();

	lives_stop(&program.lives);
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

	lives_stop(&program.lives);
	kill(pid, SIGINT);
	lives_begin(&program.lives);

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

	program_must(aud_source_subscribe(program.source, 0));
	audd_pause(300);
	lives_stop(&program.lives);
	await_words("daemon-lost");
	lives_begin(&program.lives);
	await_words("daemon-back");

	kill(pid, SIGTERM);
	ck_assert_int_eq(audd_wait(pid), 0);
	remove_file("out");
	remove_file("err");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("ctl_restart");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, aud_ctl_plays_on_through_restarts_and_kills);
	tcase_add_test(t, an_interrupted_play_does_not_wait_long_for_a_daemon);
	tcase_add_test(t, an_interrupted_play_is_dropped_after_a_restart);
	tcase_add_test(t, aud_ctl_events_says_that_the_daemon_went_and_came_back);
	return suite_run("ctl_restart", t);
}
