/* SPDX-License-Identifier: MIT */
/*
 * Requests as such: each kind has a handler, hello goes first, and what is no request is
 * refused.
 */
#include <string.h>
#include <unistd.h>

#include "audd.h"
#include "client.h"
#include "request.h"
#include "suite.h"

static struct audd audd;
static struct client client;
static uint64_t handle; /* a source of client's: 2 channels, 1000 ms */

static void set_up(void)
{
	audd_start(&audd, "[daemon]\nmax_sources = 4\nmax_sources_per_connection = 3\n"
			  "max_connections = 3\nmax_queue_bytes = 1000000\n");
	client_init(&client, audd.socket);
	handle = client_source(&client, 2, 1000);
}

static void tear_down(void)
{
	client_done(&client);
	ck_assert_int_eq(audd_stop(&audd), 0);
	audd_done(&audd);
}

START_TEST(every_kind_of_request_has_a_handler)
{
	const ProtobufCMessageDescriptor *d = &aud__request__descriptor;
	unsigned int kinds = 0;

	for (unsigned int i = 0; i < d->n_fields; i++) {
		if (!(d->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
			continue;
		kinds++;
		ck_assert_msg(request_is_known(d->fields[i].id), "%s has no handler",
			      d->fields[i].name);
	}
	ck_assert_uint_ge(kinds, 12);
	ck_assert(!request_is_known(0));
	ck_assert(!request_is_known(1));
	ck_assert(!request_is_known(1000000));
}
END_TEST

static uint64_t say_hello(struct client *c, uint32_t version, const char *name)
{
	Aud__Hello hello = AUD__HELLO__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	hello.has_version = version != 0;
	hello.version = version;
	hello.name = (char *)name;
	r.kind_case = AUD__REQUEST__KIND_HELLO;
	r.hello = &hello;
	return client_send(c, &r);
}

START_TEST(nothing_goes_before_hello)
{
	struct client other;

	client_connect(&other, audd.socket);
	client_assert_refused(&other, client_status(&other),
			      AUD__ERROR_CODE__WRONG_PROTOCOL, "hello");
	client_assert_refused(&other, say_hello(&other, 7, NULL),
			      AUD__ERROR_CODE__WRONG_PROTOCOL,
			      "version 1 of the protocol, not 7");
	client_assert_refused(&other, say_hello(&other, 0, NULL),
			      AUD__ERROR_CODE__WRONG_PROTOCOL, "not 0");
	client_assert_refused(&other, say_hello(&other, 1, "a\nb"),
			      AUD__ERROR_CODE__INVALID_ARGUMENT, "printable");
	client_assert_refused(&other, say_hello(&other, 1, "\xff\xfe"),
			      AUD__ERROR_CODE__INVALID_ARGUMENT, "printable");

	ck_assert_int_eq(client_await(&other, say_hello(&other, 1, "Stück"))->kind_case,
			 AUD__REPLY__KIND_HELLO);
	client_assert_refused(&other, say_hello(&other, 1, "x"),
			      AUD__ERROR_CODE__WRONG_PROTOCOL, "before");
	client_done(&other);
}
END_TEST

START_TEST(hello_says_who_answers)
{
	struct client other;
	const Aud__HelloReply *hello;

	client_connect(&other, audd.socket);
	hello = client_await(&other, say_hello(&other, 1, NULL))->hello;

	ck_assert_uint_eq(hello->version, 1);
	ck_assert_uint_eq(hello->max_message, 1 << 20);
	ck_assert_int_eq(strncmp(hello->server, "audd ", 5), 0);
	client_done(&other);
}
END_TEST

START_TEST(a_request_of_no_known_kind_is_refused)
{
	Aud__Request r = AUD__REQUEST__INIT;
	static const uint8_t kind_99[] = {5, 0x08, 77, 0x9a, 0x06, 0};

	client_assert_refused(&client, client_send(&client, &r),
			      AUD__ERROR_CODE__WRONG_PROTOCOL, "kind");
	ck_assert(client_say(&client, kind_99, sizeof(kind_99)));
	client_assert_refused(&client, 77, AUD__ERROR_CODE__WRONG_PROTOCOL, "kind");
	client_look_at(&client, handle);
}
END_TEST

START_TEST(a_reply_repeats_any_async_id)
{
	static const uint8_t largest[] = {13,   0x08, 0xff, 0xff, 0xff, 0xff, 0xff,
					  0xff, 0xff, 0xff, 0xff, 0x01, 0x6a, 0};
	static const uint8_t absent[] = {2, 0x6a, 0};

	ck_assert(client_say(&client, largest, sizeof(largest)));
	ck_assert(client_say(&client, absent, sizeof(absent)));

	ck_assert_int_eq(client_await(&client, UINT64_MAX)->kind_case,
			 AUD__REPLY__KIND_GET_DAEMON_STATUS);
	ck_assert_int_eq(client_await(&client, 0)->kind_case,
			 AUD__REPLY__KIND_GET_DAEMON_STATUS);
}
END_TEST

START_TEST(status_tells_what_there_is)
{
	const Aud__DaemonStatus *s;
	const Aud__OutputStatus *o;

	client_await(&client, client_get(&client, handle + 1));
	s = client_await(&client, client_status(&client))->get_daemon_status;
	ck_assert_uint_eq(s->n_outputs, 1);
	o = s->outputs[0];

	ck_assert_uint_eq(s->pid, (uint32_t)audd.pid);
	ck_assert_uint_eq(s->sources, 1);
	ck_assert_uint_eq(s->refused, 1);
	ck_assert_uint_eq(s->broken, 0);
	ck_assert_str_eq(o->backend, "null");
	ck_assert_str_eq(o->state, "ready");
	ck_assert_str_eq(o->format, "s16");
	ck_assert_str_eq(o->access, "memory");
	ck_assert_uint_eq(o->sample_rate, 48000);
	ck_assert_uint_eq(o->num_channels, 2);
	ck_assert_uint_eq(o->buffer_frames, 9600);
	ck_assert_uint_eq(o->guard_frames, 48);
	ck_assert(o->rewinds);
	ck_assert_uint_eq(o->n_late_us, 8);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("request");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, every_kind_of_request_has_a_handler);
	tcase_add_test(tc, nothing_goes_before_hello);
	tcase_add_test(tc, hello_says_who_answers);
	tcase_add_test(tc, a_request_of_no_known_kind_is_refused);
	tcase_add_test(tc, a_reply_repeats_any_async_id);
	tcase_add_test(tc, status_tells_what_there_is);
	return suite_run("request", tc);
}
