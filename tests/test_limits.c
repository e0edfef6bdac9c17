/* SPDX-License-Identifier: MIT */
/*
 * What one user may take from the others, and the files that all of it may need. The tests run as
 * root; the strangers are nobody and somebody.
 */
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "audd.h"
#include "client.h"
#include "suite.h"

#define LIMIT AUD__ERROR_CODE__LIMIT_REACHED

enum { NOBODY = 65534, SOMEBODY = 4711 };

static struct audd audd;
static struct client client; /* root's */

static void set_up(void)
{
	memset(&audd, 0, sizeof(audd));
}

static void tear_down(void)
{
	if (audd.pid)
		ck_assert_int_eq(audd_stop(&audd), 0);
	audd_done(&audd);
}

static void start(const char *config)
{
	audd_start(&audd, config);
	client_init(&client, audd.socket);
}

static void stop(void)
{
	client_done(&client);
	ck_assert_int_eq(audd_stop(&audd), 0);
}

/* ---- limits ------------------------------------------------------------------------- */

static uint64_t order_source(struct client *c, uint32_t queue_ms)
{
	return client_new_source(c, 2, queue_ms);
}

START_TEST(one_user_cannot_take_all_connections)
{
	struct client mine[2], more, other;

	start("[daemon]\nmax_connections_per_user = 2\nmax_connections = 4\n");
	for (int i = 0; i < 2; i++)
		client_init_as(&mine[i], audd.socket, NOBODY, NOBODY);
	ck_assert_int_eq(seteuid(NOBODY), 0);
	client_connect(&more, audd.socket);
	ck_assert_int_eq(seteuid(0), 0);

	client_assert_refused(&more, 0, LIMIT,
			      "user 65534 has 2 connections, and may have no more "
			      "(daemon.max_connections_per_user): the new one is closed");
	client_await_end(&more);
	client_done(&more);
	client_init_as(&other, audd.socket, SOMEBODY, SOMEBODY);
	client_done(&other);

	client_done(&mine[0]);
	while (client_await(&client, client_status(&client))
		       ->get_daemon_status->connections > 2)
		;
	client_init_as(&mine[0], audd.socket, NOBODY, NOBODY);
	client_done(&mine[0]);
	client_done(&mine[1]);
	stop();
}
END_TEST

START_TEST(one_user_cannot_take_all_sources)
{
	struct client first, second, other;
	uint64_t handle;

	start("[daemon]\nmax_sources_per_user = 3\nmax_sources = 4\n");
	client_init_as(&first, audd.socket, NOBODY, NOBODY);
	client_init_as(&second, audd.socket, NOBODY, NOBODY);
	client_init_as(&other, audd.socket, SOMEBODY, SOMEBODY);
	handle = client_source(&first, 2, 10);
	client_source(&first, 2, 10);
	client_source(&second, 2, 10);

	client_assert_refused(&second, order_source(&second, 10), LIMIT,
			      "this user has 3 sources, and may have no more "
			      "(daemon.max_sources_per_user)");
	client_source(&other, 2, 10);
	client_assert_refused(&other, order_source(&other, 10), LIMIT,
			      "the daemon has 4 sources, and may have no more "
			      "(daemon.max_sources)");

	client_await(&first, client_close(&first, handle, true));
	while (client_await(&first, client_status(&first))->get_daemon_status->sources >
	       3)
		;
	client_source(&second, 2, 10);
	client_done(&first);
	client_done(&second);
	client_done(&other);
	stop();
}
END_TEST

START_TEST(one_user_cannot_take_all_memory)
{
	struct client mine, other;

	start("[daemon]\nmax_queue_bytes_per_user = 500000\nmax_queue_bytes = 400000\n");
	client_init_as(&mine, audd.socket, NOBODY, NOBODY);
	client_init_as(&other, audd.socket, SOMEBODY, SOMEBODY);
	client_source(&mine, 2, 2000); /* 384000 bytes */

	client_assert_refused(&mine, order_source(&mine, 1000), LIMIT,
			      "a queue of 192000 bytes; this user has 384000, and may "
			      "have 500000 (daemon.max_queue_bytes_per_user)");
	client_assert_refused(&mine, order_source(&mine, 3000), LIMIT,
			      "at most 400000 are allowed (daemon.max_queue_bytes)");
	client_source(&mine, 2, 500);
	client_source(&other, 2, 2000);
	client_done(&mine);
	client_done(&other);
	stop();
}
END_TEST

/* A source that holds what it has, so that a wait for it lasts. */
static uint64_t hold_source(struct client *c)
{
	int16_t samples[2 * 480] = {0};
	uint64_t handle = client_source(c, 2, 1000);

	client_await(c, client_pause(c, handle));
	client_await(c, client_capture(c, handle, samples, 2, 480));
	return handle;
}

START_TEST(requests_without_an_answer_are_limited_but_never_what_ends_them)
{
	struct client mine, second;
	uint64_t handle;

	start("[daemon]\nmax_requests_per_connection = 3\nmax_requests_per_user = 4\n");
	client_init_as(&mine, audd.socket, NOBODY, NOBODY);
	client_init_as(&second, audd.socket, NOBODY, NOBODY);
	handle = hold_source(&mine);
	for (int i = 0; i < 3; i++)
		client_wait(&mine, handle);
	client_assert_refused(&mine, client_wait(&mine, handle), LIMIT,
			      "this connection has 3 requests without an answer, and may "
			      "have no more (daemon.max_requests_per_connection)");
	client_wait(&second, handle);
	client_look_at(&second, handle);
	client_assert_refused(&second, client_wait(&second, handle), LIMIT,
			      "this user has 4 requests without an answer, and may have "
			      "no more (daemon.max_requests_per_user)");

	ck_assert_int_eq(client_await(&mine, client_clear(&mine, handle, 0))->kind_case,
			 AUD__REPLY__KIND_CLEAR_AUDIO_BUFFER);
	client_await(&mine, client_resume(&mine, handle));
	client_play_out(&mine, handle);
	client_done(&mine);
	client_done(&second);
	stop();
}
END_TEST

static uint64_t move_source(struct client *c, uint64_t handle)
{
	Aud__MoveAudioSource in = AUD__MOVE_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	in.has_source_handle = true;
	in.source_handle = handle;
	in.output = (char *)"main";
	r.kind_case = AUD__REQUEST__KIND_MOVE_AUDIO_SOURCE;
	r.move_audio_source = &in;
	return client_send(c, &r);
}

/* Each of many moves of a source waits until the one before it is done. */
START_TEST(moves_count_among_the_requests_without_an_answer)
{
	struct client mine;
	uint64_t handle;

	start("[daemon]\nmax_requests_per_connection = 3\n");
	client_init_as(&mine, audd.socket, NOBODY, NOBODY);
	handle = hold_source(&mine);
	for (int i = 0; i < 3; i++)
		client_wait(&mine, handle);

	client_assert_refused(&mine, move_source(&mine, handle), LIMIT,
			      "this connection has 3 requests without an answer");
	client_await(&mine, client_clear(&mine, handle, 0));
	ck_assert_int_eq(client_await(&mine, move_source(&mine, handle))->kind_case,
			 AUD__REPLY__KIND_MOVE_AUDIO_SOURCE);
	client_done(&mine);
	stop();
}
END_TEST

START_TEST(who_goes_gives_back_what_its_requests_have_taken)
{
	struct client mine;
	uint64_t handle;

	start("[daemon]\nmax_requests_per_connection = 3\nmax_requests_per_user = 3\n");
	for (int i = 0; i < 3; i++) {
		client_init_as(&mine, audd.socket, NOBODY, NOBODY);
		handle = hold_source(&mine);
		client_wait(&mine, handle);
		client_wait(&mine, handle);
		client_look_at(&mine, handle);
		client_done(&mine);
		while (client_await(&client, client_status(&client))
			       ->get_daemon_status->connections > 1)
			;
	}
	stop();
}
END_TEST

/* ---- files -------------------------------------------------------------------------- */

/* Each test is a process of its own: the limit goes with it. */
static void start_with_files(const struct rlimit *limit)
{
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, limit), 0);
	start(NULL);
}

START_TEST(the_limit_of_files_is_raised_to_what_may_be_needed)
{
	struct rlimit limit = {.rlim_cur = 100, .rlim_max = 4096};

	start_with_files(&limit);

	ck_assert_int_eq(prlimit(audd.pid, RLIMIT_NOFILE, NULL, &limit), 0);
	ck_assert_uint_ge(limit.rlim_cur, 256 + 64 + 3);
	ck_assert_int_eq(audd_log_lines(&audd, "open files"), 0);
	stop();
}
END_TEST

START_TEST(a_limit_of_files_that_is_too_low_is_said)
{
	struct rlimit limit = {.rlim_cur = 100, .rlim_max = 200};

	start_with_files(&limit);

	ck_assert_int_eq(prlimit(audd.pid, RLIMIT_NOFILE, NULL, &limit), 0);
	ck_assert_uint_eq(limit.rlim_cur, 200);
	ck_assert_int_eq(audd_log_lines(&audd, "open files is too low by 184"), 1);
	stop();
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("limits");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, one_user_cannot_take_all_connections);
	tcase_add_test(tc, one_user_cannot_take_all_sources);
	tcase_add_test(tc, one_user_cannot_take_all_memory);
	tcase_add_test(tc,
		       requests_without_an_answer_are_limited_but_never_what_ends_them);
	tcase_add_test(tc, moves_count_among_the_requests_without_an_answer);
	tcase_add_test(tc, who_goes_gives_back_what_its_requests_have_taken);
	tcase_add_test(tc, the_limit_of_files_is_raised_to_what_may_be_needed);
	tcase_add_test(tc, a_limit_of_files_that_is_too_low_is_said);
	return suite_run("limits", tc);
}
