/* SPDX-License-Identifier: MIT */
/*
 * No memory where a daemon starts, reads its settings again, or takes a client: of all allocations,
 * one after the other is made to fail.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "config_change.h"
#include "log.h"
#include "server.h"
#include "shortage.h"
#include "suite.h"

static const char settings[] = "[daemon]\nlinger_ms = 70\nlog_level = error\n"
			       "[output]\nbackend = null\nidle_ms = 10\n"
			       "[output front]\nlook_ms = 5\nrecord = %s/heard.wav\n"
			       "[output back]\nrate = 44100\n";
static const char other_settings[] = "[daemon]\nlinger_ms = 80\nlog_level = error\n"
				     "admin_group = root\n"
				     "[output]\nbackend = null\nidle_ms = 20\n"
				     "[output front]\ndevice = hw:7\nlook_ms = 6\n"
				     "[output back]\nrate = 22050\n";

static char dir[32], config_path[64], socket_path[64], wav_path[64];
static struct config config;
static sd_event *event;
static struct server *server;

static void write_settings(const char *text)
{
	FILE *f = fopen(config_path, "we");

	ck_assert_ptr_nonnull(f);
	fprintf(f, text, dir);
	fclose(f);
}

static void set_up(void)
{
	strcpy(dir, "/tmp/audd-test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(config_path, sizeof(config_path), "%s/config", dir);
	snprintf(socket_path, sizeof(socket_path), "%s/socket", dir);
	snprintf(wav_path, sizeof(wav_path), "%s/heard.wav", dir);
	write_settings(settings);
	log_set_level(LEVEL_ERROR);
}

static void tear_down(void)
{
	unlink(config_path);
	unlink(wav_path);
	rmdir(dir);
}

/* As main does it, with the settings of the file. */
static int read_settings(struct config *c, char **ret_error)
{
	int r = config_init(c);

	if (r < 0)
		return r;
	r = config_read(c, config_path, true, ret_error);
	if (r == 0)
		r = config_finish(c, ret_error);
	if (r < 0)
		config_done(c);
	return r;
}

static int start(char **ret_error)
{
	int r = read_settings(&config, ret_error);

	if (r < 0)
		return r;
	r = server_new(&server, event, &config, socket_path, ret_error);
	if (r < 0)
		config_done(&config);
	return r;
}

static void stop(void)
{
	server_free(server);
	config_done(&config);
}

/* libsndfile has words for it, and no number. */
static bool says_why(int r, const char *error)
{
	return r == -ENOMEM || r == -EAGAIN ||
	       (r == -EIO && error && strstr(error, "malloc"));
}

/* Whether an allocation failed. */
static bool start_short_of(uint64_t n)
{
	int files = shortage_count_files(), r;
	char *error = NULL;
	bool happened;

	ck_assert_int_ge(sd_event_new(&event), 0);
	shortage_begin(n, 0);
	shortage_count(true);
	r = start(&error);
	shortage_count(false);
	happened = shortage_end();
	if (r >= 0)
		stop();
	else
		ck_assert_msg(says_why(r, error), "%d: %s", r, error ? error : "");
	free(error);
	sd_event_unref(event);
	ck_assert_int_eq(shortage_count_files(), files);
	ck_assert_int_ne(access(socket_path, F_OK), 0);
	return happened;
}

START_TEST(a_start_may_fail_at_any_allocation_and_leaves_nothing)
{
	uint64_t n = 1;

	shortage_everywhere(_i);
	while (start_short_of(n))
		n++;
	ck_assert_uint_gt(n, 20);
	printf("allocations of a start made to fail in turn: %d\n", (int)n - 1);
}
END_TEST

/* ---- settings again -------------------------------------------------------------- */

static int read_again(char **ret_error)
{
	struct config_change change;
	struct config next;
	int r = read_settings(&next, ret_error);

	if (r < 0)
		return r;
	r = config_change(&config, &next, &change, ret_error);
	if (r < 0)
		config_done(&next);
	else
		server_follow(server, &change);
	return r;
}

static bool read_again_short_of(uint64_t n)
{
	char *error = NULL;
	bool happened;
	int r;

	write_settings(settings);
	ck_assert_int_ge(sd_event_new(&event), 0);
	ck_assert_int_ge(start(&error), 0);
	write_settings(other_settings);
	shortage_begin(n, 0);
	shortage_count(true);
	r = read_again(&error);
	if (r < 0)
		server_refuse(server, error ? error : strerror(-r));
	shortage_count(false);
	happened = shortage_end();
	ck_assert_msg(r == 0 || r == -ENOMEM, "%d: %s", r, error ? error : "");
	ck_assert_uint_eq(config.linger_ms, r == 0 ? 80 : 70);
	ck_assert_uint_eq(config.outputs[0].idle_ms, r == 0 ? 20 : 10);
	ck_assert_uint_eq(config.outputs[0].look_ms, r == 0 ? 6 : 5);
	ck_assert_uint_eq(config.outputs[1].rate, 44100);
	ck_assert_str_eq(config.outputs[0].device, r == 0 ? "hw:7" : "default");
	free(error);
	stop();
	sd_event_unref(event);
	return happened;
}

START_TEST(settings_are_taken_over_whole_or_not_at_all)
{
	uint64_t n = 1;

	shortage_everywhere(_i);
	while (read_again_short_of(n))
		n++;
	ck_assert_uint_gt(n, 5);
	printf("allocations of a reload made to fail in turn: %d\n", (int)n - 1);
}
END_TEST

/* ---- clients --------------------------------------------------------------------- */

/* NULL: the daemon has closed the connection. */
static const Aud__Reply *await(struct client *c, uint64_t id)
{
	const Aud__Reply *r = NULL;

	for (int i = 0; i < 200 && !client_is_closed(c) && !(r = client_look(c, id));
	     i++) {
		shortage_count(true);
		sd_event_run(event, 10000);
		shortage_count(false);
	}
	return r;
}

static const Aud__Reply *greet(struct client *c)
{
	client_connect(c, socket_path);
	return await(c, client_hello(c));
}

static bool take_client_short_of(uint64_t n)
{
	const Aud__Reply *r, *last;
	struct client c, next;
	bool happened;

	shortage_begin(n, 0);
	r = greet(&c);
	happened = shortage_end();
	last = client_look(&c, 0);
	if (last)
		ck_assert_int_eq(last->error->code, AUD__ERROR_CODE__NO_MEMORY);
	else if (r)
		ck_assert_int_eq(r->kind_case, AUD__REPLY__KIND_HELLO);
	ck_assert(r || client_is_closed(&c));
	ck_assert_ptr_nonnull(greet(&next));
	client_done(&c);
	client_done(&next);
	return happened;
}

START_TEST(a_client_is_taken_or_told_why_not)
{
	uint64_t n = 1;
	char *error = NULL;
	struct client first;

	shortage_everywhere(_i);
	ck_assert_int_ge(sd_event_new(&event), 0);
	ck_assert_int_ge(start(&error), 0);
	while (take_client_short_of(n))
		n++;
	ck_assert_uint_gt(n, 3);
	ck_assert_ptr_nonnull(greet(&first));
	client_done(&first);
	stop();
	sd_event_unref(event);
	printf("allocations for a client made to fail in turn: %d\n", (int)n - 1);
}
END_TEST

START_TEST(settings_that_are_refused_are_told_of_without_memory_for_why)
{
	const Aud__Reply *r;
	char *error = NULL;
	struct client c;

	ck_assert_int_ge(sd_event_new(&event), 0);
	ck_assert_int_ge(start(&error), 0);
	shortage_begin(1, 0);
	shortage_count(true);
	server_refuse(server, "line 3");
	shortage_count(false);
	ck_assert(shortage_end());
	greet(&c);
	r = await(&c, client_status(&c));
	ck_assert_str_eq(r->get_daemon_status->config_error,
			 "there was no memory to keep why; the log says it");

	server_refuse(server, "line 4");
	r = await(&c, client_status(&c));
	ck_assert_str_eq(r->get_daemon_status->config_error, "line 4");
	client_done(&c);
	stop();
	sd_event_unref(event);
}
END_TEST

/* Those that loop: for what the daemon allocates itself; and for what libraries do as well. */
int main(void)
{
	TCase *tc = tcase_create("shortage at start");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_start_may_fail_at_any_allocation_and_leaves_nothing, 0,
			    2);
	tcase_add_loop_test(tc, settings_are_taken_over_whole_or_not_at_all, 0, 2);
	tcase_add_loop_test(tc, a_client_is_taken_or_told_why_not, 0, 2);
	tcase_add_test(tc, settings_that_are_refused_are_told_of_without_memory_for_why);
	return suite_run("shortage_start", tc);
}
