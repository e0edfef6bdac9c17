/* SPDX-License-Identifier: MIT */
/*
 * Taking up a source: by its token, and by nothing else.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audd.h"
#include "client.h"
#include "suite.h"

#define INVALID AUD__ERROR_CODE__INVALID_ARGUMENT
#define DENIED  AUD__ERROR_CODE__PERMISSION_DENIED

enum { RATE = 48000, TOKEN_BYTES = 16 };

static struct audd audd;
static struct client client, other;
static uint64_t
	handle; /* a source of client's: 2 channels, 1000 ms, lingers for 300 ms */
static uint8_t token[TOKEN_BYTES];

static uint64_t ask_for_source(struct client *c, uint32_t linger_ms, bool drop)
{
	Aud__NewAudioSource body = AUD__NEW_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_sample_rate = body.has_num_channels = body.has_linger_ms =
		body.has_drop_on_disconnect = true;
	body.sample_rate = RATE;
	body.num_channels = 2;
	body.linger_ms = linger_ms;
	body.drop_on_disconnect = drop;
	r.kind_case = AUD__REQUEST__KIND_NEW_AUDIO_SOURCE;
	r.new_audio_source = &body;
	return client_send(c, &r);
}

static void make_source(struct client *c, bool drop)
{
	const Aud__NewAudioSourceReply *r =
		client_await(c, ask_for_source(c, 300, drop))->new_audio_source;

	ck_assert_ptr_nonnull(r);
	ck_assert_uint_eq(r->token.len, TOKEN_BYTES);
	memcpy(token, r->token.data, TOKEN_BYTES);
	handle = r->source_handle;
}

static void set_up(void)
{
	audd_start(&audd, "[daemon]\nmax_sources_per_connection = 3\n");
	client_init(&client, audd.socket);
	client_init(&other, audd.socket);
	make_source(&client, false);
}

static void tear_down(void)
{
	client_done(&client);
	client_done(&other);
	if (audd.pid)
		ck_assert_int_eq(audd_stop(&audd), 0);
	audd_done(&audd);
}

/* len < 0: no token at all. */
static uint64_t attach(struct client *c, uint64_t source, const uint8_t *data, int len)
{
	Aud__AttachAudioSource body = AUD__ATTACH_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = true;
	body.source_handle = source;
	body.has_token = len >= 0;
	body.token.data = (uint8_t *)data;
	body.token.len = len >= 0 ? (size_t)len : 0;
	r.kind_case = AUD__REQUEST__KIND_ATTACH_AUDIO_SOURCE;
	r.attach_audio_source = &body;
	return client_send(c, &r);
}

static const Aud__AttachAudioSourceReply *attached(struct client *c)
{
	const Aud__Reply *r = client_await(c, attach(c, handle, token, TOKEN_BYTES));

	ck_assert_int_eq(r->kind_case, AUD__REPLY__KIND_ATTACH_AUDIO_SOURCE);
	return r->attach_audio_source;
}

static void push(struct client *c, uint32_t frames)
{
	static int16_t samples[2 * RATE];

	ck_assert_int_eq(
		client_await(c, client_capture(c, handle, samples, 2, frames))->kind_case,
		AUD__REPLY__KIND_CAPTURE_AUDIO_FRAME);
}

START_TEST(a_token_that_is_wrong_is_refused)
{
	uint8_t guess[2 * TOKEN_BYTES] = {0};

	client_assert_refused(&other, attach(&other, handle, guess, TOKEN_BYTES), DENIED,
			      "token");
	client_assert_refused(&other, attach(&other, handle, guess, 0), DENIED, "token");
	client_assert_refused(&other, attach(&other, handle, token, TOKEN_BYTES - 1),
			      DENIED, "token");
	memcpy(guess, token, TOKEN_BYTES);
	client_assert_refused(&other, attach(&other, handle, guess, TOKEN_BYTES + 1),
			      DENIED, "token");
	guess[TOKEN_BYTES - 1] ^= 1;
	client_assert_refused(&other, attach(&other, handle, guess, TOKEN_BYTES), DENIED,
			      "token");
	client_assert_refused(&other, attach(&other, handle, NULL, -1), INVALID,
			      "token is missing");
	client_assert_refused(&other, attach(&other, handle + 1, token, TOKEN_BYTES),
			      AUD__ERROR_CODE__NOT_FOUND, "no source");
	ck_assert_uint_eq(client_look_at(&client, handle)->attached, 1);
}
END_TEST

START_TEST(no_two_sources_have_the_same_token)
{
	uint8_t first[TOKEN_BYTES];
	uint64_t source = handle;

	memcpy(first, token, TOKEN_BYTES);
	make_source(&client, false);
	ck_assert(memcmp(first, token, TOKEN_BYTES) != 0);
	client_assert_refused(&other, attach(&other, source, token, TOKEN_BYTES), DENIED,
			      "token");
}
END_TEST

START_TEST(whoever_has_the_token_may_push)
{
	const Aud__AttachAudioSourceReply *r;

	client_await(&client, client_pause(&client, handle));
	push(&client, 960);
	r = attached(&other);
	ck_assert_uint_eq(r->written, 960);
	ck_assert_uint_eq(r->played, 0);
	ck_assert_uint_eq(r->queue_frames, RATE);
	ck_assert_uint_eq(r->sample_rate, RATE);
	ck_assert_uint_eq(r->num_channels, 2);
	ck_assert_int_eq(r->format, AUD__SAMPLE_FORMAT__S16);
	push(&other, 960);

	ck_assert_uint_eq(client_look_at(&client, handle)->pushed, 1920);
	ck_assert_uint_eq(client_look_at(&client, handle)->attached, 2);
	ck_assert_uint_eq(client_look_at(&client, handle)->linger_ms, 300);
	attached(&other);
	ck_assert_uint_eq(client_look_at(&client, handle)->attached, 2);
}
END_TEST

START_TEST(a_source_is_taken_up_after_its_client_has_gone)
{
	push(&client, 4800);
	client_done(&client);
	client_init(&client, audd.socket);
	while (client_look_at(&other, handle)->attached)
		;
	ck_assert_uint_eq(attached(&other)->written, 4800);
	push(&other, 4800);
	client_play_out(&other, handle);

	ck_assert_uint_eq(client_look_at(&other, handle)->heard, 9600);
}
END_TEST

START_TEST(a_source_that_nobody_takes_up_goes)
{
	client_done(&client);
	client_init(&client, audd.socket);
	while (client_await(&client, client_status(&client))->get_daemon_status->sources)
		;
	client_assert_refused(&other, attach(&other, handle, token, TOKEN_BYTES),
			      AUD__ERROR_CODE__NOT_FOUND, "no source");
}
END_TEST

START_TEST(a_source_that_is_to_drop_drops_and_can_still_be_taken_up)
{
	make_source(&client, true);
	push(&client, RATE);
	client_done(&client);
	client_init(&client, audd.socket);
	while (client_look_at(&other, handle)->dropped_closed == 0)
		;
	attached(&other);
	push(&other, 960);
	client_play_out(&other, handle);

	ck_assert_uint_eq(client_look_at(&other, handle)->pushed, RATE + 960);
	ck_assert_uint_eq(client_look_at(&other, handle)->heard +
				  client_look_at(&other, handle)->dropped_closed,
			  RATE + 960);
}
END_TEST

START_TEST(a_closed_source_is_not_taken_up)
{
	client_await(&client, client_pause(&client, handle));
	push(&client, 960);
	client_await(&client, client_close(&client, handle, false));

	client_assert_refused(&other, attach(&other, handle, token, TOKEN_BYTES),
			      AUD__ERROR_CODE__CLOSED, "closed");
}
END_TEST

START_TEST(what_is_attached_counts_among_a_connections_sources)
{
	for (int i = 0; i < 3; i++)
		client_source(&other, 2, 100);

	client_assert_refused(&other, attach(&other, handle, token, TOKEN_BYTES),
			      AUD__ERROR_CODE__LIMIT_REACHED, "has 3 sources");
}
END_TEST

START_TEST(a_source_cannot_linger_for_ever)
{
	client_assert_refused(&client, ask_for_source(&client, 3600001, false), INVALID,
			      "linger_ms is 3600001");
	ck_assert_int_eq(
		client_await(&client, ask_for_source(&client, 3600000, false))->kind_case,
		AUD__REPLY__KIND_NEW_AUDIO_SOURCE);
}
END_TEST

START_TEST(a_stranger_learns_nothing_by_the_token)
{
	struct client stranger;
	uint8_t guess[TOKEN_BYTES] = {0};
	uint64_t right, wrong;

	client_init_as(&stranger, audd.socket, 65534, 65534);

	right = attach(&stranger, handle, token, TOKEN_BYTES);
	wrong = attach(&stranger, handle, guess, TOKEN_BYTES);
	client_assert_refused(&stranger, right, DENIED, "another user, or");
	client_assert_refused(&stranger, wrong, DENIED, "another user, or");
	ck_assert_str_eq(client_await(&stranger, right)->error->message,
			 client_await(&stranger, wrong)->error->message);
	client_done(&stranger);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("request_attach");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, a_token_that_is_wrong_is_refused);
	tcase_add_test(tc, no_two_sources_have_the_same_token);
	tcase_add_test(tc, whoever_has_the_token_may_push);
	tcase_add_test(tc, a_source_is_taken_up_after_its_client_has_gone);
	tcase_add_test(tc, a_source_that_nobody_takes_up_goes);
	tcase_add_test(tc, a_source_that_is_to_drop_drops_and_can_still_be_taken_up);
	tcase_add_test(tc, a_closed_source_is_not_taken_up);
	tcase_add_test(tc, what_is_attached_counts_among_a_connections_sources);
	tcase_add_test(tc, a_source_cannot_linger_for_ever);
	if (geteuid() == 0)
		tcase_add_test(tc, a_stranger_learns_nothing_by_the_token);
	return suite_run("request_attach", tc);
}
