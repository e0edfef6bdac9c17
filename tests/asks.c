/* SPDX-License-Identifier: MIT */
/*
 * The kinds, each as a client asks for it. Nothing of what is pushed can be heard.
 */
#include "asks.h"

#include <string.h>

enum { RATE = 24000, LONG = RATE * 3 / 2 };

static const int16_t silence[LONG];

void asker_note(struct asker *a, const Aud__Reply *r)
{
	const Aud__NewAudioSourceReply *made = r->new_audio_source;

	if (r->kind_case == AUD__REPLY__KIND_HELLO)
		a->greeted = true;
	if (r->kind_case != AUD__REPLY__KIND_NEW_AUDIO_SOURCE)
		return;
	a->handle = made->source_handle;
	a->token_len = made->token.len;
	memcpy(a->token, made->token.data, made->token.len);
}

/* ---- requests -------------------------------------------------------------------- */

static uint64_t new_source(struct asker *a)
{
	a->handle = 0;
	return client_new_source(&a->c, 1, 1000);
}

static uint64_t attach(struct asker *a)
{
	Aud__AttachAudioSource body = AUD__ATTACH_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_token = true;
	body.source_handle = a->handle;
	body.token = (ProtobufCBinaryData){a->token_len, a->token};
	r.kind_case = AUD__REQUEST__KIND_ATTACH_AUDIO_SOURCE;
	r.attach_audio_source = &body;
	return client_send(&a->c, &r);
}

static uint64_t subscribe(struct asker *a)
{
	Aud__Subscribe body = AUD__SUBSCRIBE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_low_water_ms = true;
	body.source_handle = a->handle;
	body.low_water_ms = 50;
	r.kind_case = AUD__REQUEST__KIND_SUBSCRIBE;
	r.subscribe = &body;
	return client_send(&a->c, &r);
}

/* More than the queue takes: it lies. */
static uint64_t push_much(struct asker *a)
{
	Aud__AudioFrameBuffer buffer = AUD__AUDIO_FRAME_BUFFER__INIT;
	Aud__CaptureAudioFrame body = AUD__CAPTURE_AUDIO_FRAME__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	buffer.has_data = buffer.has_sample_rate = buffer.has_num_channels = true;
	buffer.has_samples_per_channel = true;
	buffer.data = (ProtobufCBinaryData){sizeof(silence), (uint8_t *)silence};
	buffer.sample_rate = RATE;
	buffer.num_channels = 1;
	buffer.samples_per_channel = LONG;
	body.has_source_handle = body.has_timeout_ms = true;
	body.source_handle = a->handle;
	body.buffer = &buffer;
	body.timeout_ms = 60000;
	r.kind_case = AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME;
	r.capture_audio_frame = &body;
	return client_send(&a->c, &r);
}

static uint64_t push_little(struct asker *a)
{
	return client_capture(&a->c, a->handle, silence, 1, RATE / 100);
}

static uint64_t wait_long(struct asker *a)
{
	Aud__WaitForPlayout body = AUD__WAIT_FOR_PLAYOUT__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_timeout_ms = body.has_device_lost_ms = true;
	body.source_handle = a->handle;
	body.timeout_ms = 60000;
	body.device_lost_ms = 60000;
	r.kind_case = AUD__REQUEST__KIND_WAIT_FOR_PLAYOUT;
	r.wait_for_playout = &body;
	return client_send(&a->c, &r);
}

static uint64_t mark(struct asker *a)
{
	Aud__SetMark body = AUD__SET_MARK__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_mark_id = true;
	body.source_handle = a->handle;
	body.mark_id = 7;
	r.kind_case = AUD__REQUEST__KIND_SET_MARK;
	r.set_mark = &body;
	return client_send(&a->c, &r);
}

static uint64_t gain(struct asker *a)
{
	Aud__SetAudioSourceGain body = AUD__SET_AUDIO_SOURCE_GAIN__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_gain = true;
	body.source_handle = a->handle;
	body.gain = 0.5f;
	r.kind_case = AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN;
	r.set_audio_source_gain = &body;
	return client_send(&a->c, &r);
}

static uint64_t output_level(struct asker *a)
{
	Aud__SetOutputGain body = AUD__SET_OUTPUT_GAIN__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_gain = true;
	body.gain = 1.0f;
	r.kind_case = AUD__REQUEST__KIND_SET_OUTPUT_GAIN;
	r.set_output_gain = &body;
	return client_send(&a->c, &r);
}

static uint64_t move_to(struct asker *a, const char *output)
{
	Aud__MoveAudioSource body = AUD__MOVE_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = true;
	body.source_handle = a->handle;
	body.output = (char *)output;
	r.kind_case = AUD__REQUEST__KIND_MOVE_AUDIO_SOURCE;
	r.move_audio_source = &body;
	return client_send(&a->c, &r);
}

static uint64_t move_away(struct asker *a)
{
	return move_to(a, "other");
}

static uint64_t move_back(struct asker *a)
{
	return move_to(a, "main");
}

static uint64_t pause_it(struct asker *a)
{
	return client_pause(&a->c, a->handle);
}

static uint64_t resume(struct asker *a)
{
	return client_resume(&a->c, a->handle);
}

static uint64_t clear(struct asker *a)
{
	return client_clear(&a->c, a->handle, 5);
}

static uint64_t get(struct asker *a)
{
	return client_get(&a->c, a->handle);
}

static uint64_t list(struct asker *a)
{
	return client_list(&a->c);
}

static uint64_t status(struct asker *a)
{
	return client_status(&a->c);
}

static uint64_t close_it(struct asker *a)
{
	return client_close(&a->c, a->handle, false);
}

static uint64_t hello(struct asker *a)
{
	a->c.rate = RATE;
	return client_hello(&a->c);
}

const struct ask ask_hello = {AUD__REQUEST__KIND_HELLO, hello, false};
const struct ask ask_attach = {AUD__REQUEST__KIND_ATTACH_AUDIO_SOURCE, attach, false};

/* Those that lie are looked at when the next one is answered. */
const struct ask asks[NUM_ASKS] = {
	{AUD__REQUEST__KIND_HELLO, hello, false},
	{AUD__REQUEST__KIND_NEW_AUDIO_SOURCE, new_source, false},
	{AUD__REQUEST__KIND_SUBSCRIBE, subscribe, false},
	{AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME, push_little, false},
	{AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME, push_much, true},
	{AUD__REQUEST__KIND_SET_MARK, mark, false},
	{AUD__REQUEST__KIND_WAIT_FOR_PLAYOUT, wait_long, true},
	{AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN, gain, false},
	{AUD__REQUEST__KIND_SET_OUTPUT_GAIN, output_level, false},
	{AUD__REQUEST__KIND_PAUSE_AUDIO_SOURCE, pause_it, false},
	{AUD__REQUEST__KIND_GET_AUDIO_SOURCE, get, false},
	{AUD__REQUEST__KIND_LIST_AUDIO_SOURCES, list, false},
	{AUD__REQUEST__KIND_GET_DAEMON_STATUS, status, false},
	{AUD__REQUEST__KIND_RESUME_AUDIO_SOURCE, resume, false},
	{AUD__REQUEST__KIND_ATTACH_AUDIO_SOURCE, attach, false},
	{AUD__REQUEST__KIND_MOVE_AUDIO_SOURCE, move_away, false},
	{AUD__REQUEST__KIND_MOVE_AUDIO_SOURCE, move_back, false},
	{AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER, clear, false},
	{AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME, push_little, false},
	{AUD__REQUEST__KIND_CLOSE_AUDIO_SOURCE, close_it, false},
};
