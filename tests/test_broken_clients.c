/* SPDX-License-Identifier: MIT */
/*
 * Clients that are slow, go half away, or send what nobody has asked for; and a system that has no files
 * left, or sends signals: what plays goes on.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "audd.h"
#include "client.h"
#include "stream.h"
#include "suite.h"

enum { RATE = 48000 };

static struct audd audd;
static struct client client;

static void set_up(void)
{
	audd_start(&audd, "[daemon]\nlinger_ms = 0\n[output]\ndither = no\n");
	client_init(&client, audd.socket);
}

static void tear_down(void)
{
	client_done(&client);
	if (audd.pid)
		ck_assert_int_eq(audd_stop(&audd), 0);
	audd_done(&audd);
}

static const Aud__DaemonStatus *status(void)
{
	return client_await(&client, client_status(&client))->get_daemon_status;
}

/* ---- slow ones ------------------------------------------------------------------- */

/* A message of a client's that is not sent yet. */
static void put_status(struct client *c, int times)
{
	Aud__GetDaemonStatus body = AUD__GET_DAEMON_STATUS__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	r.kind_case = AUD__REQUEST__KIND_GET_DAEMON_STATUS;
	r.get_daemon_status = &body;
	for (int i = 0; i < times; i++)
		client_put(c, &r);
}

START_TEST(messages_that_come_a_byte_at_a_time_from_many_are_understood)
{
	enum { WRITERS = 40, REQUESTS = 20 };
	struct client writers[WRITERS];
	size_t bytes;

	for (int i = 0; i < WRITERS; i++) {
		client_init(&writers[i], audd.socket);
		put_status(&writers[i], REQUESTS);
	}
	bytes = wire_writer_pending(&writers[0].out);
	for (size_t k = 0; k < bytes; k++) {
		for (int i = 0; i < WRITERS; i++)
			client_say(&writers[i], writers[i].out.data + k, 1);
	}

	for (int i = 0; i < WRITERS; i++) {
		client_await(&writers[i], writers[i].last_id);
		ck_assert_uint_eq(writers[i].num_messages, 1 + REQUESTS);
		client_done(&writers[i]);
	}
}
END_TEST

START_TEST(one_that_reads_slowly_gets_every_reply)
{
	enum { REQUESTS = 1500 };
	int small = 4096;
	struct client slow;
	uint8_t bytes[700];
	size_t size;
	ssize_t n;

	client_connect(&slow, audd.socket);
	setsockopt(slow.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	client_await(&slow, client_hello(&slow));
	put_status(&slow, REQUESTS);
	client_push_out(&slow);
	for (int i = 0; i < 100; i++) {
		n = recv(slow.fd, bytes, sizeof(bytes), 0);
		ck_assert_int_gt(n, 0);
		memcpy(wire_reader_space(&slow.in, (size_t)n, &size), bytes, (size_t)n);
		wire_reader_received(&slow.in, (size_t)n);
		status();
	}

	client_await(&slow, slow.last_id);
	ck_assert_uint_eq(slow.num_messages, 1 + REQUESTS);
	client_done(&slow);
}
END_TEST

/* ---- half-open ones -------------------------------------------------------------- */

START_TEST(one_that_stops_to_send_is_closed_and_what_it_pushed_is_heard)
{
	struct client half;
	uint64_t source;

	client_init(&half, audd.socket);
	source = client_source(&half, 2, 1000);
	stream_push(&half, source, 2, 4800, 19200);
	client_await(&half, half.last_id);
	shutdown(half.fd, SHUT_WR);
	client_await_connections(&client, 1);
	client_play_out(&client, source);
	ck_assert_int_eq(audd_stop(&audd), 0);

	stream_assert_heard(&audd, 19200, 0);
	client_done(&half);
}
END_TEST

START_TEST(one_that_stops_to_read_is_closed_at_the_next_reply)
{
	struct client half;

	client_init(&half, audd.socket);
	shutdown(half.fd, SHUT_RD);
	client_status(&half);
	client_await_connections(&client, 1);
	client_done(&half);
}
END_TEST

/* ---- files that nobody asked for ------------------------------------------------- */

static void send_with_files(const struct client *c, const void *data, size_t len,
			    int file)
{
	enum { FILES = 100 };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(FILES * sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = (void *)data, .iov_len = len};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control.bytes,
			   .msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	*h = (struct cmsghdr){CMSG_LEN(FILES * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
	for (int i = 0; i < FILES; i++)
		memcpy(CMSG_DATA(h) + (size_t)i * sizeof(int), &file, sizeof(file));
	ck_assert_int_eq(sendmsg(c->fd, &m, MSG_NOSIGNAL), (ssize_t)len);
}

START_TEST(files_that_come_with_a_message_are_closed)
{
	static const uint8_t request[] = {4, 0x08, 77, 0x6a, 0};
	int files, ends[2];
	char byte;

	client_await_connections(&client, 1);
	files = audd_files(&audd);
	ck_assert_int_eq(pipe(ends), 0);
	send_with_files(&client, request, sizeof(request), ends[1]);
	ck_assert_int_eq(client_await(&client, 77)->kind_case,
			 AUD__REPLY__KIND_GET_DAEMON_STATUS);
	close(ends[1]);

	ck_assert_int_eq(audd_files(&audd), files);
	ck_assert_int_eq(read(ends[0], &byte, 1), 0); /* nobody has it open any more */
	close(ends[0]);
}
END_TEST

/* ---- no files left --------------------------------------------------------------- */

static void allow_files(int n)
{
	struct rlimit limit = {.rlim_cur = (rlim_t)n, .rlim_max = 1000};

	ck_assert_int_eq(prlimit(audd.pid, RLIMIT_NOFILE, &limit, NULL), 0);
}

START_TEST(without_files_left_a_source_is_refused_and_others_play_on)
{
	uint64_t source = client_source(&client, 2, 500), before;
	const Aud__AudioSourceStatus *s;
	struct client many[20];

	allow_files(audd_files(&audd));
	for (int i = 0; i < 20; i++)
		client_connect(&many[i], audd.socket);
	client_await_end(&many[19]);
	client_assert_refused(&client, client_new_source(&client, 2, 100),
			      AUD__ERROR_CODE__LIMIT_REACHED, "no more files");
	before = audd_cpu_ns(&audd);
	stream_push(&client, source, 2, 960, RATE);
	client_play_out(&client, source);
	s = client_look_at(&client, source);
	ck_assert_uint_eq(s->heard, RATE);
	ck_assert_uint_eq(s->dropped_cleared + s->dropped_closed + s->dropped_refused, 0);
	if (!SANITIZED)
		ck_assert_uint_lt(audd_cpu_ns(&audd) - before, 300000000);

	for (int i = 0; i < 20; i++)
		client_done(&many[i]);
	allow_files(1000);
	client_source(&client, 2, 100);
}
END_TEST

/* ---- signals --------------------------------------------------------------------- */

START_TEST(signals_do_not_disturb_what_plays)
{
	static const int signals[] = {SIGHUP,  SIGCHLD, SIGALRM,  SIGUSR1, SIGUSR2,
				      SIGPIPE, SIGURG,  SIGWINCH, SIGSTOP, SIGCONT};
	uint64_t source = client_source(&client, 2, 500), silence;
	const Aud__AudioSourceStatus *s;
	int16_t frames[960][2];

	for (int i = 0; i < 100; i++) {
		for (int k = 0; k < 960; k++)
			frames[k][0] = frames[k][1] =
				(int16_t)((960 * i + k) % STREAM_NUMBERS + 1);
		client_capture(&client, source, frames[0], 2, 960);
		for (size_t k = 0; k < sizeof(signals) / sizeof(signals[0]); k++)
			ck_assert_int_eq(kill(audd.pid, signals[k]), 0);
		client_await(&client, client.last_id);
	}
	client_play_out(&client, source);
	s = client_look_at(&client, source);
	ck_assert_uint_eq(s->heard, 96000);
	silence = s->silence;
	ck_assert_int_ge(audd_log_lines(&audd, "settings are read again"), 1);
	ck_assert_int_eq(audd_stop(&audd), 0);
	stream_assert_heard(&audd, 96000, silence);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("broken clients");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, messages_that_come_a_byte_at_a_time_from_many_are_understood);
	tcase_add_test(tc, one_that_reads_slowly_gets_every_reply);
	tcase_add_test(tc, one_that_stops_to_send_is_closed_and_what_it_pushed_is_heard);
	tcase_add_test(tc, one_that_stops_to_read_is_closed_at_the_next_reply);
	tcase_add_test(tc, files_that_come_with_a_message_are_closed);
	tcase_add_test(tc, without_files_left_a_source_is_refused_and_others_play_on);
	tcase_add_test(tc, signals_do_not_disturb_what_plays);
	return suite_run("broken_clients", tc);
}
