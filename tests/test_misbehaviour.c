/* SPDX-License-Identifier: MIT */
/*
 * Clients that break the protocol, flood, or do not listen: each harms himself alone.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "audd.h"
#include "client.h"
#include "stream.h"
#include "suite.h"

enum { RATE = 48000 };

static struct audd audd;
static struct client client;

static void set_up(void)
{
	audd_start(&audd, NULL);
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

static void say_and_be_closed(const void *data, size_t len)
{
	struct client bad;
	const Aud__Reply *r;

	client_init(&bad, audd.socket);
	client_say(&bad, data, len);
	r = client_await(&bad, 0);
	ck_assert_int_eq(r->kind_case, AUD__REPLY__KIND_ERROR);
	ck_assert_int_eq(r->error->code, AUD__ERROR_CODE__WRONG_PROTOCOL);
	ck_assert_uint_gt(strlen(r->error->message), 10);
	client_await_end(&bad);
	client_done(&bad);
}

START_TEST(garbage_is_answered_and_closes_the_connection_alone)
{
	static const uint8_t no_message[] = {4, 0xff, 0xff, 0xff, 0xff};
	static const uint8_t wrong_type[] = {3, 0x32, 0x05, 0x00};
	static const uint8_t too_long[] = {0x81, 0x80, 0x40, 0, 0};
	static const uint8_t no_prefix[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	say_and_be_closed(no_message, sizeof(no_message));
	say_and_be_closed(wrong_type, sizeof(wrong_type));
	say_and_be_closed(too_long, sizeof(too_long));
	say_and_be_closed(no_prefix, sizeof(no_prefix));

	ck_assert_uint_eq(status()->broken, 4);
	ck_assert_int_eq(audd_log_lines(&audd, "connection closed"), 4);
	ck_assert_uint_eq(status()->connections, 1);
}
END_TEST

START_TEST(one_that_has_not_said_who_it_is_is_closed_in_a_whole_sentence)
{
	static const uint8_t no_message[] = {4, 0xff, 0xff, 0xff, 0xff};
	struct client nobody;

	client_connect(&nobody, audd.socket);
	client_say(&nobody, no_message, sizeof(no_message));
	client_await_end(&nobody);

	ck_assert_int_eq(audd_log_lines(&audd, "client (pid "), 1);
	client_done(&nobody);
}
END_TEST

START_TEST(random_bytes_harm_nobody)
{
	uint8_t bytes[300];

	srand(1);
	for (int i = 0; i < 300; i++) {
		struct client bad;

		if (i % 2)
			client_connect(&bad, audd.socket);
		else
			client_init(&bad, audd.socket);
		for (size_t k = 0; k < sizeof(bytes); k++)
			bytes[k] = (uint8_t)rand();
		if (i % 3 == 0)
			bytes[0] = (uint8_t)(rand() % 100); /* a prefix that is right */
		client_say(&bad, bytes, sizeof(bytes));
		client_done(&bad);
	}
	while (status()->connections > 1)
		;
	ck_assert_uint_gt(status()->broken, 50);
}
END_TEST

/* Goes on asking for lists and reads nothing, until the daemon has enough of it. */
static void never_read(struct client *bad)
{
	static const uint8_t status_request[] = {2, 0x6a, 0};
	static uint8_t many[3 * 4096];
	struct timeval patience = {.tv_sec = 10};

	for (size_t i = 0; i < sizeof(many); i++)
		many[i] = status_request[i % 3];
	setsockopt(bad->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	for (int i = 0; i < 1000; i++) {
		if (!client_say(bad, many, sizeof(many)))
			break;
	}
	ck_assert_int_ne(errno, EAGAIN);
}

/* Everything that a client can do wrong, while `client` plays. */
static void *misbehave(void *user)
{
	static const uint8_t half[] = {100, 0x08, 1};
	static const uint8_t huge[] = {0xff, 0xff, 0xff, 0xff, 0x0f};
	struct client stays, bad;

	client_init(&stays, audd.socket);
	client_say(&stays, half, sizeof(half));
	/* First, since so many closed connections are not all logged. */
	client_init(&bad, audd.socket);
	never_read(&bad);
	client_done(&bad);
	for (int i = 0; i < 100; i++) {
		client_connect(&bad, audd.socket);
		if (i % 3 == 0)
			client_say(&bad, half, sizeof(half));
		if (i % 3 == 1)
			client_say(&bad, huge, sizeof(huge));
		client_done(&bad);
	}
	client_done(&stays);
	*(bool *)user = true;
	return NULL;
}

START_TEST(bad_clients_disturb_nobody)
{
	uint64_t source = client_source(&client, 2, 500), silence;
	const Aud__AudioSourceStatus *s;
	bool done = false;
	pthread_t thread;

	pthread_create(&thread, NULL, misbehave, &done);
	stream_push(&client, source, 2, 960, RATE * 2);
	pthread_join(thread, NULL);
	ck_assert(done);
	client_play_out(&client, source);
	s = client_look_at(&client, source);
	ck_assert_uint_eq(s->heard, RATE * 2);
	silence = s->silence;

	ck_assert_int_eq(audd_log_lines(&audd, "does not read its replies"), 1);
	ck_assert_int_eq(audd_stop(&audd), 0);
	stream_assert_heard(&audd, RATE * 2, silence);
}
END_TEST

START_TEST(a_message_may_come_byte_by_byte)
{
	static const uint8_t request[] = {4, 0x08, 77, 0x6a, 0};

	for (size_t i = 0; i < sizeof(request); i++) {
		client_say(&client, &request[i], 1);
		audd_pause(2);
	}
	ck_assert_int_eq(client_await(&client, 77)->kind_case,
			 AUD__REPLY__KIND_GET_DAEMON_STATUS);
}
END_TEST

START_TEST(every_request_of_a_flood_is_answered_once)
{
	Aud__GetDaemonStatus body = AUD__GET_DAEMON_STATUS__INIT;
	size_t before = client.num_messages;
	uint64_t id = 0;

	for (int i = 0; i < 2000; i++) {
		Aud__Request r = AUD__REQUEST__INIT;

		r.kind_case = AUD__REQUEST__KIND_GET_DAEMON_STATUS;
		r.get_daemon_status = &body;
		id = client_put(&client, &r);
	}
	client_push_out(&client);
	client_await(&client, id);

	ck_assert_uint_eq(client.num_messages, before + 2000);
	for (int i = 0; i < 2000; i++)
		ck_assert_uint_eq(client.messages[before + i]->reply->async_id,
				  id - 1999 + i);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("misbehaviour");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, garbage_is_answered_and_closes_the_connection_alone);
	tcase_add_test(tc, one_that_has_not_said_who_it_is_is_closed_in_a_whole_sentence);
	tcase_add_test(tc, random_bytes_harm_nobody);
	tcase_add_test(tc, bad_clients_disturb_nobody);
	tcase_add_test(tc, a_message_may_come_byte_by_byte);
	tcase_add_test(tc, every_request_of_a_flood_is_answered_once);
	return suite_run("misbehaviour", tc);
}
