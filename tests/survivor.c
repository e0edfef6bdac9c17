/* SPDX-License-Identifier: MIT */
/*
 * What all lives have played stands in one recording.
 */
#include "survivor.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

static const char config[] = "[daemon]\nreconnect_ms = 300\nlinger_ms = 100\n"
			     "[output]\nrewind = yes\n";

static void begin(struct survivor *s)
{
	lives_begin(&s->lives);
	client_init(&s->client, s->lives.audd.socket);
}

void survivor_init(struct survivor *s)
{
	lives_init(&s->lives, config, "rewinds yes");
	begin(s);
}

void survivor_done(struct survivor *s)
{
	client_done(&s->client);
	lives_done(&s->lives);
}

void survivor_make(struct survivor *s, uint32_t queue_ms)
{
	const Aud__Reply *r = client_await(
		&s->client, client_new_source(&s->client, SURVIVOR_CHANNELS, queue_ms));

	ck_assert_int_eq(r->kind_case, AUD__REPLY__KIND_NEW_AUDIO_SOURCE);
	s->source = r->new_audio_source->source_handle;
	memcpy(s->token, r->new_audio_source->token.data, sizeof(s->token));
}

void survivor_push(struct survivor *s, uint32_t total)
{
	stream_push(&s->client, s->source, SURVIVOR_CHANNELS, SURVIVOR_PIECE, total);
	client_await(&s->client, s->client.last_id);
}

void survivor_next_life(struct survivor *s, bool kill)
{
	client_done(&s->client);
	if (kill)
		lives_kill(&s->lives);
	else
		lives_stop(&s->lives);
	begin(s);
}

const Aud__Reply *survivor_attach_as(struct survivor *s, uint64_t handle, uint8_t *token)
{
	Aud__AttachAudioSource body = AUD__ATTACH_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_token = true;
	body.source_handle = handle;
	body.token.data = token;
	body.token.len = sizeof(s->token);
	r.kind_case = AUD__REQUEST__KIND_ATTACH_AUDIO_SOURCE;
	r.attach_audio_source = &body;
	return client_await(&s->client, client_send(&s->client, &r));
}

const Aud__AttachAudioSourceReply *survivor_attach(struct survivor *s)
{
	const Aud__Reply *r = survivor_attach_as(s, s->source, s->token);

	ck_assert_int_eq(r->kind_case, AUD__REPLY__KIND_ATTACH_AUDIO_SOURCE);
	return r->attach_audio_source;
}

void survivor_assert_ledger(struct survivor *s)
{
	const Aud__AudioSourceStatus *is = client_look_at(&s->client, s->source);

	ck_assert_uint_eq(is->pushed, is->heard + is->queued + is->dropped_cleared +
					      is->dropped_closed + is->dropped_refused);
}

uint64_t survivor_assert_heard(const struct survivor *s, uint32_t total, uint32_t twice)
{
	int16_t *heard;
	size_t n = lives_heard(&s->lives, &heard);
	uint32_t next = 0;
	uint64_t again = 0;

	for (size_t i = 0; i < n; i++) {
		int16_t number = heard[i];
		uint32_t back =
			(uint32_t)(next % STREAM_NUMBERS + 1 - number + STREAM_NUMBERS) %
			STREAM_NUMBERS;

		if (number == 0)
			continue;
		ck_assert_msg(back <= twice && back <= next, "frame %u is %d", next,
			      number);
		next = next - back + 1;
		again += back;
	}
	free(heard);
	ck_assert_uint_eq(next, total);
	return again;
}
