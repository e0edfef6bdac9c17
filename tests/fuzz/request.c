/* SPDX-License-Identifier: MIT */
/*
 * One function for each kind. Flags, from the lowest: which of the optional fields are there, and
 * what else there is to choose; x, y and z: their numbers.
 */
#include "request.h"

#include <stdio.h>
#include <string.h>

#include "rt/format.h"

typedef void build_fn(struct request *to, const struct step *s,
		      const struct known *known);

/* A number of the step: below `most`, or anything. */
static uint32_t number(const struct step *s, uint32_t n, uint32_t most)
{
	return s->flags & REQUEST_RAW ? n : n % most;
}

static bool has(const struct step *s, int bit)
{
	return s->flags >> bit & 1;
}

static char *output_name(const struct step *s, uint32_t n)
{
	static const char *const names[] = {"main", "other", "none", ""};

	return has(s, 11) ? (char *)names[n % 4] : NULL;
}

#define BODY(type, KIND, field, member)                                                  \
	Aud__##type *b = &to->body.member;                                               \
	aud__##KIND##__init(b);                                                          \
	to->r.kind_case = AUD__REQUEST__KIND_##field;

static void build_hello(struct request *to, const struct step *s,
			const struct known *known)
{
	BODY(Hello, hello, HELLO, hello)
	(void)known;
	to->r.hello = b;
	b->has_version = !has(s, 0);
	b->version = has(s, 1) ? s->x : 1;
	memcpy(to->name, &s->y, 8);
	if (has(s, 3))
		memset(to->name, 'x', sizeof(to->name) - 1);
	b->name = has(s, 2) ? to->name : NULL;
	b->has_client_id = has(s, 4);
	b->client_id = s->z % 20;
}

static void add_channels(struct request *to, const struct step *s)
{
	static const char *const layouts[] = {"stereo",  "FL FR", "5.1",   "mono",
					      "FL ? FC", "bad",   "FL FL", ""};
	Aud__NewAudioSource *b = &to->body.new_source;
	uint32_t n = b->num_channels * 2;

	if (has(s, 4))
		b->layout = (char *)layouts[s->z >> 28 & 7];
	if (!has(s, 5))
		return;
	b->n_matrix = n < 64 && !has(s, 6) ? n : 64;
	b->matrix = to->matrix;
	for (uint32_t i = 0; i < 64; i++)
		to->matrix[i] = (float)((int)(s->z >> (i & 15) & 63) - 32) / 2.0f;
	if (has(s, 6))
		memcpy(&to->matrix[s->y & 63], &s->z, sizeof(float));
}

static void build_new(struct request *to, const struct step *s, const struct known *known)
{
	static const uint32_t rates[] = {40000, 20000, 8000,  44100,
					 40000, 1000,  96000, 48000};
	BODY(NewAudioSource, new_audio_source, NEW_AUDIO_SOURCE, new_source)
	(void)known;
	to->r.new_audio_source = b;
	b->has_sample_rate = !(s->flags & REQUEST_NO_HANDLE);
	b->sample_rate = s->flags & REQUEST_RAW ? s->x : rates[s->x & 7];
	b->has_num_channels = !has(s, 0);
	b->num_channels = s->flags & REQUEST_RAW ? s->y : 1 + s->y % 3 * (s->y >> 8 & 3);
	b->has_queue_size_ms = !has(s, 1);
	b->queue_size_ms = number(s, s->z, 500);
	b->has_format = has(s, 2);
	b->format = (Aud__SampleFormat)(s->x >> 8 & 15);
	b->has_drop_on_disconnect = b->drop_on_disconnect = has(s, 3);
	add_channels(to, s);
	b->has_linger_ms = has(s, 7);
	b->linger_ms = number(s, s->z >> 16, 200);
	b->has_role = has(s, 8);
	b->role = (Aud__SourceRole)(s->x >> 12 & 3);
	memcpy(to->name, &s->y, 8);
	b->name = has(s, 9) ? to->name : NULL;
	b->output = output_name(s, s->x >> 16);
}

static void add_frames(struct request *to, const struct step *s,
		       const struct known *known)
{
	Aud__AudioFrameBuffer *b = &to->buffer;
	size_t frame = known->channels * formats[known->format].bytes;
	uint32_t most = (uint32_t)(REQUEST_FRAME_BYTES / frame), n = s->x % 4000;

	aud__audio_frame_buffer__init(b);
	n = n < most ? n : most;
	b->has_data = true;
	b->data.data = to->frames;
	b->data.len = n * frame + (has(s, 6) ? 1 : 0);
	b->has_sample_rate = b->has_num_channels = true;
	b->has_samples_per_channel = !has(s, 8);
	b->sample_rate = known->rate;
	b->num_channels = known->channels;
	b->samples_per_channel = has(s, 9) ? s->z : n;
	if (has(s, 10))
		b->sample_rate = s->z;
	for (size_t i = 0; i < b->data.len; i++)
		to->frames[i] = (uint8_t)(i * (s->y | 1) >> 3);
}

static void build_capture(struct request *to, const struct step *s,
			  const struct known *known)
{
	BODY(CaptureAudioFrame, capture_audio_frame, CAPTURE_AUDIO_FRAME, capture)
	to->r.capture_audio_frame = b;
	b->has_source_handle = !(s->flags & REQUEST_NO_HANDLE);
	b->source_handle = known->handle;
	b->has_at = has(s, 0);
	b->at = s->flags & REQUEST_RAW ? (uint64_t)s->y << 32 | s->z
				       : known->written + s->y % 200 - 100;
	b->has_continues = b->continues = has(s, 1);
	b->has_timeout_ms = has(s, 2);
	b->timeout_ms = number(s, s->z, 50);
	b->has_only_what_fits = b->only_what_fits = has(s, 3);
	add_frames(to, s, known);
	b->buffer = has(s, 5) && has(s, 7) ? NULL : &to->buffer;
}

/* Those whose fields are called the same. */
#define FADE(b)                                                                          \
	((b)->has_source_handle = !(s->flags & REQUEST_NO_HANDLE),                       \
	 (b)->source_handle = known->handle, (b)->has_fade_ms = has(s, 0),               \
	 (b)->fade_ms = number(s, s->x, 260), (b)->has_curve = has(s, 1),                \
	 (b)->curve = (Aud__FadeCurve)number(s, s->y, 3))

#define LEVEL(b)                                                                         \
	((b)->has_gain = has(s, 0), (b)->gain = gain_of(s),                              \
	 (b)->has_ramp_ms = has(s, 1), (b)->ramp_ms = number(s, s->y, 300),              \
	 (b)->has_muted = has(s, 2), (b)->muted = has(s, 3))

static float gain_of(const struct step *s)
{
	float gain = (float)(s->x % 40) / 2.0f;

	if (s->flags & REQUEST_RAW)
		memcpy(&gain, &s->x, sizeof(gain));
	return gain;
}

static void build_clear(struct request *to, const struct step *s,
			const struct known *known)
{
	BODY(ClearAudioBuffer, clear_audio_buffer, CLEAR_AUDIO_BUFFER, clear)
	to->r.clear_audio_buffer = b;
	FADE(b);
}

static void build_pause(struct request *to, const struct step *s,
			const struct known *known)
{
	BODY(PauseAudioSource, pause_audio_source, PAUSE_AUDIO_SOURCE, pause)
	to->r.pause_audio_source = b;
	FADE(b);
}

static void build_resume(struct request *to, const struct step *s,
			 const struct known *known)
{
	BODY(ResumeAudioSource, resume_audio_source, RESUME_AUDIO_SOURCE, resume)
	to->r.resume_audio_source = b;
	FADE(b);
}

static void build_move(struct request *to, const struct step *s,
		       const struct known *known)
{
	BODY(MoveAudioSource, move_audio_source, MOVE_AUDIO_SOURCE, move)
	to->r.move_audio_source = b;
	FADE(b);
	b->output = output_name(s, s->z);
}

static void build_wait(struct request *to, const struct step *s,
		       const struct known *known)
{
	BODY(WaitForPlayout, wait_for_playout, WAIT_FOR_PLAYOUT, wait)
	to->r.wait_for_playout = b;
	b->has_source_handle = !(s->flags & REQUEST_NO_HANDLE);
	b->source_handle = known->handle;
	b->has_timeout_ms = has(s, 0);
	b->timeout_ms = number(s, s->x, 300);
	b->has_only_present = b->only_present = has(s, 1);
	b->has_device_lost_ms = has(s, 2);
	b->device_lost_ms = number(s, s->y, 300);
	b->has_asked_at = has(s, 3);
	b->asked_at = s->z;
}

static void build_gain(struct request *to, const struct step *s,
		       const struct known *known)
{
	BODY(SetAudioSourceGain, set_audio_source_gain, SET_AUDIO_SOURCE_GAIN, gain)
	to->r.set_audio_source_gain = b;
	b->has_source_handle = !(s->flags & REQUEST_NO_HANDLE);
	b->source_handle = known->handle;
	LEVEL(b);
}

static void build_output_gain(struct request *to, const struct step *s,
			      const struct known *known)
{
	BODY(SetOutputGain, set_output_gain, SET_OUTPUT_GAIN, output_gain)
	(void)known;
	to->r.set_output_gain = b;
	b->output = output_name(s, s->z);
	LEVEL(b);
}

static void build_get(struct request *to, const struct step *s, const struct known *known)
{
	BODY(GetAudioSource, get_audio_source, GET_AUDIO_SOURCE, get)
	to->r.get_audio_source = b;
	b->has_source_handle = !(s->flags & REQUEST_NO_HANDLE);
	b->source_handle = known->handle;
}

static void build_list(struct request *to, const struct step *s,
		       const struct known *known)
{
	BODY(ListAudioSources, list_audio_sources, LIST_AUDIO_SOURCES, list)
	(void)s;
	(void)known;
	to->r.list_audio_sources = b;
}

static void build_close(struct request *to, const struct step *s,
			const struct known *known)
{
	BODY(CloseAudioSource, close_audio_source, CLOSE_AUDIO_SOURCE, close)
	to->r.close_audio_source = b;
	b->has_source_handle = !(s->flags & REQUEST_NO_HANDLE);
	b->source_handle = known->handle;
	b->has_drop = has(s, 0);
	b->drop = has(s, 1);
}

static void build_status(struct request *to, const struct step *s,
			 const struct known *known)
{
	BODY(GetDaemonStatus, get_daemon_status, GET_DAEMON_STATUS, status)
	(void)s;
	(void)known;
	to->r.get_daemon_status = b;
}

static void build_attach(struct request *to, const struct step *s,
			 const struct known *known)
{
	BODY(AttachAudioSource, attach_audio_source, ATTACH_AUDIO_SOURCE, attach)
	to->r.attach_audio_source = b;
	b->has_source_handle = !(s->flags & REQUEST_NO_HANDLE);
	b->source_handle = known->handle;
	b->has_token = !has(s, 0);
	memcpy(to->name, known->token, sizeof(known->token));
	if (has(s, 1))
		to->name[s->x & 15] ^= 1;
	b->token.data = (uint8_t *)to->name;
	b->token.len = has(s, 2) ? s->y % 20 : sizeof(known->token);
}

static void build_mark(struct request *to, const struct step *s,
		       const struct known *known)
{
	BODY(SetMark, set_mark, SET_MARK, mark)
	to->r.set_mark = b;
	b->has_source_handle = !(s->flags & REQUEST_NO_HANDLE);
	b->source_handle = known->handle;
	b->has_mark_id = !has(s, 0);
	b->mark_id = s->x;
	b->has_position = has(s, 1);
	b->position = s->flags & REQUEST_RAW ? (uint64_t)s->y << 32 | s->z
					     : known->written + s->y % 4000 - 3500;
	b->has_again = b->again = has(s, 2);
}

static void build_subscribe(struct request *to, const struct step *s,
			    const struct known *known)
{
	BODY(Subscribe, subscribe, SUBSCRIBE, subscribe)
	to->r.subscribe = b;
	b->has_source_handle = !(s->flags & REQUEST_NO_HANDLE);
	b->source_handle = known->handle;
	b->has_off = b->off = has(s, 0);
	b->has_low_water_ms = has(s, 1);
	b->low_water_ms = number(s, s->x, 300);
}

/* The likelier ones first: a step's kind is taken modulo their number. */
static build_fn *const builds[REQUEST_KINDS] = {
	build_hello, build_new,         build_capture, build_clear, build_wait,
	build_pause, build_resume,      build_gain,    build_get,   build_list,
	build_close, build_status,      build_attach,  build_mark,  build_subscribe,
	build_move,  build_output_gain,
};

void request_build(struct request *to, uint32_t kind, const struct step *s,
		   const struct known *known)
{
	aud__request__init(&to->r);
	memset(to->name, 0, sizeof(to->name));
	builds[kind](to, s, known);
	to->r.has_async_id = true;
}
