/* SPDX-License-Identifier: MIT */
/*
 * What a service manager hears of a daemon that runs: how it is, and that it is well. One
 * thread of the daemon is stopped as a debugger would, for a player that hangs.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include "aud.h"
#include "audd.h"
#include "manager.h"
#include "suite.h"

enum { RATE = 48000, HUNGRY_MS = 900 };

static const char watchdog_us[] = "300000";

static struct audd audd;
static struct manager manager;
static char directory[] = "/tmp/test_service.XXXXXX";
static struct aud *aud;
static struct aud_source *source;

static void start(const char *watchdog)
{
	if (watchdog)
		setenv("WATCHDOG_USEC", watchdog, true);
	setenv("NOTIFY_SOCKET", manager.path, true);
	audd_start(&audd, "[output]\nidle_ms = 100\n");
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	manager_awaits(&manager, "READY=1");
}

static void set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(directory));
	manager_init(&manager, directory);
}

static void tear_down(void)
{
	aud_free(aud);
	audd_done(&audd);
	manager_done(&manager);
	rmdir(directory);
}

static void connect_client(void)
{
	ck_assert_int_eq(aud_connect(&aud, audd.socket, "test"), 0);
	ck_assert_int_ge(aud_source_new(aud, &source, RATE, 1, NULL), 0);
}

static void push(uint32_t ms)
{
	uint32_t frames = RATE / 1000 * ms;
	int16_t *samples = calloc(frames, sizeof(*samples));

	ck_assert_int_ge(aud_source_capture_frame(source, samples, frames, NULL), 0);
	free(samples);
}

/* ---- the sentence ---------------------------------------------------------------------- */

/* Waits until the sentence begins so. */
static void await_sentence(const char *begin)
{
	char text[256];

	snprintf(text, sizeof(text), "STATUS=%s", begin);
	manager_awaits(&manager, text);
}

START_TEST(it_says_in_a_sentence_how_it_is)
{
	const char *end;

	start(NULL);

	await_sentence("0 sources, silent on null, 48000 Hz, ");

	end = strrchr(manager.text, ',');
	ck_assert_str_eq(end, ", 0 xruns");
	ck_assert(strstr(manager.text, ", realtime fifo 50, ") ||
		  strstr(manager.text, ", not realtime, "));
}
END_TEST

START_TEST(it_says_so_when_that_has_changed)
{
	start(NULL);
	await_sentence("0 sources, silent on null");
	connect_client();

	push(2200);
	await_sentence("1 source, playing on null, 48000 Hz, ");

	ck_assert_int_ge(aud_source_wait_for_playout(source, NULL, NULL), 0);
	await_sentence("1 source, silent on null, 48000 Hz, ");
}
END_TEST

START_TEST(it_says_nothing_when_nothing_has_changed)
{
	start(NULL);
	await_sentence("0 sources");

	for (int i = 0; i < 200; i++) {
		struct aud_daemon_status *status;

		if (!aud)
			ck_assert_int_eq(aud_connect(&aud, audd.socket, "test"), 0);
		ck_assert_int_eq(aud_daemon_status(aud, &status), 0);
		aud_daemon_status_free(status);
	}

	ck_assert_ptr_null(manager_hears(&manager, 1200));
}
END_TEST

/* Of what is said until nothing is for so long. */
static int sentences(uint32_t ms)
{
	const char *text;
	int n = 0;

	while ((text = manager_hears(&manager, ms)))
		n += strncmp(text, "STATUS=", 7) == 0;
	return n;
}

START_TEST(it_does_not_say_every_change)
{
	time_t began = time(NULL);
	int said = 0;

	start(NULL);
	await_sentence("0 sources");
	ck_assert_int_eq(aud_connect(&aud, audd.socket, "test"), 0);

	for (int i = 0; i < 60; i++) {
		ck_assert_int_ge(aud_source_new(aud, &source, RATE, 1, NULL), 0);
		ck_assert_int_ge(aud_source_close(source, true), 0);
		said += sentences(0);
	}
	said += sentences(1200);

	ck_assert_int_le(said, 4 + (time(NULL) - began));
}
END_TEST

START_TEST(it_is_not_woken_up_by_having_nothing_to_say)
{
	start(NULL);
	await_sentence("0 sources, silent");

	ck_assert(audd_rests(&audd, 2000));
	ck_assert_ptr_null(manager_hears(&manager, 0));
}
END_TEST

/* ---- the watchdog ---------------------------------------------------------------------- */

static bool is_fed(void)
{
	const char *text;

	while ((text = manager_hears(&manager, HUNGRY_MS)))
		if (strcmp(text, "WATCHDOG=1") == 0)
			return true;
	return false;
}

START_TEST(it_feeds_the_watchdog_while_it_is_silent)
{
	start(watchdog_us);

	for (int i = 0; i < 5; i++)
		ck_assert(is_fed());
}
END_TEST

START_TEST(it_feeds_the_watchdog_while_it_plays)
{
	start(watchdog_us);
	connect_client();

	for (int i = 0; i < 8; i++) {
		push(200);
		ck_assert(is_fed());
	}
}
END_TEST

static pid_t find_thread(const char *name)
{
	char path[64], line[64];
	struct dirent *e;
	pid_t found = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", audd.pid);
	dir = opendir(path);
	ck_assert_ptr_nonnull(dir);
	while ((e = readdir(dir))) {
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/task/%.16s/comm", audd.pid,
			 e->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		if (fgets(line, sizeof(line), f) &&
		    strncmp(line, name, strlen(name)) == 0)
			found = atoi(e->d_name);
		fclose(f);
	}
	closedir(dir);
	ck_assert_int_gt(found, 0);
	return found;
}

static pid_t stop_player(void)
{
	pid_t thread = find_thread("player");

	ck_assert_int_eq(ptrace(PTRACE_SEIZE, thread, NULL, NULL), 0);
	ck_assert_int_eq(ptrace(PTRACE_INTERRUPT, thread, NULL, NULL), 0);
	ck_assert_int_eq(waitpid(thread, NULL, __WALL), thread);
	return thread;
}

START_TEST(it_lets_the_watchdog_starve_while_a_player_hangs_that_should_play)
{
	pid_t thread;

	start(watchdog_us);
	connect_client();
	push(1000);
	ck_assert(is_fed());

	thread = stop_player();
	while (is_fed())
		;
	ck_assert_int_eq(audd_log_lines(&audd, "the watchdog is not fed"), 1);

	ck_assert_int_eq(ptrace(PTRACE_DETACH, thread, NULL, NULL), 0);
	ck_assert(is_fed());
	ck_assert_int_ge(aud_source_wait_for_playout(source, NULL, NULL), 0);
	ck_assert(is_fed());
}
END_TEST

START_TEST(it_feeds_the_watchdog_while_a_player_hangs_that_has_nothing_to_do)
{
	pid_t thread;

	start(watchdog_us);
	ck_assert(is_fed());

	thread = stop_player();

	for (int i = 0; i < 8; i++)
		ck_assert(is_fed());
	ck_assert_int_eq(ptrace(PTRACE_DETACH, thread, NULL, NULL), 0);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("service");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, it_says_in_a_sentence_how_it_is);
	tcase_add_test(tests, it_does_not_say_every_change);
	tcase_add_test(tests, it_feeds_the_watchdog_while_it_plays);
	tcase_add_test(tests,
		       it_lets_the_watchdog_starve_while_a_player_hangs_that_should_play);
	if (SANITIZED)
		return suite_run("service", tests);
	/* Most of the time they wait for nothing to happen. */
	tcase_add_test(tests, it_says_so_when_that_has_changed);
	tcase_add_test(tests, it_says_nothing_when_nothing_has_changed);
	tcase_add_test(tests, it_is_not_woken_up_by_having_nothing_to_say);
	tcase_add_test(tests, it_feeds_the_watchdog_while_it_is_silent);
	tcase_add_test(tests,
		       it_feeds_the_watchdog_while_a_player_hangs_that_has_nothing_to_do);
	return suite_run("service", tests);
}
