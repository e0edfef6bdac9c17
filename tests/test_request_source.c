/* SPDX-License-Identifier: MIT */
/*
 * Requests to a source: every field that can be wrong, and whoever may not.
 */
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audd.h"
#include "client.h"
#include "suite.h"

#define INVALID AUD__ERROR_CODE__INVALID_ARGUMENT
#define MISSING INT64_C(-1)

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

/* ---- capture --------------------------------------------------------------------- */

struct capture_row {
	int64_t source;                           /* beside the right one, or MISSING */
	int64_t rate, channels, count, bytes, at; /* or MISSING; no bytes: no buffer */
	Aud__ErrorCode code;
	const char *words;
};

static const struct capture_row capture_rows[] = {
	{MISSING, 48000, 2, 10, 40, MISSING, INVALID, "source_handle is missing"},
	{1, 48000, 2, 10, 40, MISSING, AUD__ERROR_CODE__NOT_FOUND, "no source"},
	{0, 48000, 2, 10, MISSING, MISSING, INVALID, "buffer is missing"},
	{0, MISSING, 2, 10, 40, MISSING, INVALID, "sample_rate"},
	{0, 48000, MISSING, 10, 40, MISSING, INVALID, "num_channels"},
	{0, 48000, 2, MISSING, 40, MISSING, INVALID, "samples_per_channel"},
	{0, 44100, 2, 10, 40, MISSING, INVALID, "44100"},
	{0, 48000, 1, 10, 20, MISSING, INVALID, "num_channels is 1"},
	{0, 48000, 2, 10, 39, MISSING, INVALID, "39 bytes"},
	{0, 48000, 2, 10, 41, MISSING, INVALID, "41 bytes"},
	{0, 48000, 2, 10, 0, MISSING, INVALID, "0 bytes"},
	{0, 48000, 2, 0, 40, MISSING, INVALID, "0 frames"},
	{0, 48000, 2, UINT32_MAX, 40, MISSING, INVALID, "17179869180"},
	{0, 48000, 2, 1 << 30, 0, MISSING, INVALID, "4294967296"},
	{0, 48000, 2, 10, 40, 1, INVALID, "behind the end"},
	{0, 48000, 2, 10, 40, INT64_MAX, INVALID, "behind the end"},
};

static const struct capture_row right_capture = {0, 48000, 2, 10, 40, MISSING, 0, NULL};

static uint64_t capture(struct client *c, const struct capture_row *row)
{
	static uint8_t data[64];
	Aud__AudioFrameBuffer buffer = AUD__AUDIO_FRAME_BUFFER__INIT;
	Aud__CaptureAudioFrame body = AUD__CAPTURE_AUDIO_FRAME__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	buffer.has_data = true;
	buffer.data.data = data;
	buffer.data.len = (size_t)row->bytes;
	buffer.has_sample_rate = row->rate != MISSING;
	buffer.sample_rate = (uint32_t)row->rate;
	buffer.has_num_channels = row->channels != MISSING;
	buffer.num_channels = (uint32_t)row->channels;
	buffer.has_samples_per_channel = row->count != MISSING;
	buffer.samples_per_channel = (uint32_t)row->count;
	body.has_source_handle = row->source != MISSING;
	body.source_handle = handle + (uint64_t)row->source;
	body.buffer = row->bytes == MISSING ? NULL : &buffer;
	body.has_at = row->at != MISSING;
	body.at = (uint64_t)row->at;
	r.kind_case = AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME;
	r.capture_audio_frame = &body;
	return client_send(c, &r);
}

START_TEST(a_wrong_capture_is_refused)
{
	const struct capture_row *row = &capture_rows[_i];

	client_assert_refused(&client, capture(&client, row), row->code, row->words);

	ck_assert_uint_eq(client_look_at(&client, handle)->pushed, 0);
}
END_TEST

START_TEST(no_frames_succeed_and_do_nothing)
{
	const struct capture_row row = {0, 48000, 2, 0, 0, MISSING, 0, NULL};
	const Aud__Reply *r = client_await(&client, capture(&client, &row));

	ck_assert_int_eq(r->kind_case, AUD__REPLY__KIND_CAPTURE_AUDIO_FRAME);
	ck_assert_uint_eq(r->capture_audio_frame->accepted, 0);
	ck_assert_uint_eq(client_look_at(&client, handle)->pushed, 0);
}
END_TEST

/* 2 s into a queue of 1 s. */
static const Aud__CaptureAudioFrameReply *push_too_much(bool only_what_fits)
{
	static int16_t samples[2 * 96000];
	Aud__AudioFrameBuffer buffer = AUD__AUDIO_FRAME_BUFFER__INIT;
	Aud__CaptureAudioFrame body = AUD__CAPTURE_AUDIO_FRAME__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	buffer.has_data = buffer.has_sample_rate = buffer.has_num_channels =
		buffer.has_samples_per_channel = true;
	buffer.data.data = (uint8_t *)samples;
	buffer.data.len = sizeof(samples);
	buffer.sample_rate = 48000;
	buffer.num_channels = 2;
	buffer.samples_per_channel = 96000;
	body.has_source_handle = true;
	body.source_handle = handle;
	body.buffer = &buffer;
	body.has_only_what_fits = true;
	body.only_what_fits = only_what_fits;
	body.has_timeout_ms = !only_what_fits;
	body.timeout_ms = 0;
	r.kind_case = AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME;
	r.capture_audio_frame = &body;
	return client_await(&client, client_send(&client, &r))->capture_audio_frame;
}

START_TEST(a_capture_that_may_not_wait_is_answered_at_once)
{
	const Aud__CaptureAudioFrameReply *r;

	client_await(&client, client_pause(&client, handle));
	r = push_too_much(true);
	ck_assert_uint_eq(r->accepted, 48000);
	ck_assert_uint_eq(r->dropped, 48000);
	ck_assert_int_eq(r->reason, AUD__DROP_REASON__DROPPED_FOR_ROOM);
	ck_assert_uint_eq(r->free, 0);

	r = push_too_much(false);
	ck_assert_uint_eq(r->accepted, 0);
	ck_assert_int_eq(r->reason, AUD__DROP_REASON__DROPPED_BY_DEADLINE);
	ck_assert_uint_eq(client_look_at(&client, handle)->dropped_refused,
			  48000 + 96000);
}
END_TEST

START_TEST(only_connections_that_are_attached_may_push)
{
	struct client other;

	client_init(&other, audd.socket);
	client_assert_refused(&other, capture(&other, &right_capture),
			      AUD__ERROR_CODE__PERMISSION_DENIED, "only the connection");
	ck_assert_int_eq(client_await(&other, client_clear(&other, handle, 5))->kind_case,
			 AUD__REPLY__KIND_CLEAR_AUDIO_BUFFER);
	client_done(&other);
}
END_TEST

START_TEST(a_closed_source_takes_no_captures)
{

	client_await(&client, client_pause(&client, handle));
	client_await(&client, capture(&client, &right_capture));
	client_await(&client, client_close(&client, handle, false));

	client_assert_refused(&client, capture(&client, &right_capture),
			      AUD__ERROR_CODE__CLOSED, "closed");
}
END_TEST

/* ---- the others ------------------------------------------------------------------ */

/* A request of each kind that names a source. */
static uint64_t ask(struct client *c, Aud__Request__KindCase kind, const uint64_t *source,
		    uint32_t ms, float gain)
{
	Aud__ClearAudioBuffer clear = AUD__CLEAR_AUDIO_BUFFER__INIT;
	Aud__WaitForPlayout wait = AUD__WAIT_FOR_PLAYOUT__INIT;
	Aud__PauseAudioSource pause = AUD__PAUSE_AUDIO_SOURCE__INIT;
	Aud__ResumeAudioSource resume = AUD__RESUME_AUDIO_SOURCE__INIT;
	Aud__SetAudioSourceGain set = AUD__SET_AUDIO_SOURCE_GAIN__INIT;
	Aud__GetAudioSource get = AUD__GET_AUDIO_SOURCE__INIT;
	Aud__CloseAudioSource close = AUD__CLOSE_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	clear.has_source_handle = wait.has_source_handle = pause.has_source_handle =
		resume.has_source_handle = set.has_source_handle = get.has_source_handle =
			close.has_source_handle = source != NULL;
	clear.source_handle = wait.source_handle = pause.source_handle =
		resume.source_handle = set.source_handle = get.source_handle =
			close.source_handle = source ? *source : 0;
	clear.has_fade_ms = pause.has_fade_ms = resume.has_fade_ms = set.has_ramp_ms =
		true;
	clear.fade_ms = pause.fade_ms = resume.fade_ms = set.ramp_ms = ms;
	set.has_gain = true;
	set.gain = gain;
	r.kind_case = kind;
	switch (kind) {
	case AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER:
		r.clear_audio_buffer = &clear;
		break;
	case AUD__REQUEST__KIND_WAIT_FOR_PLAYOUT:
		r.wait_for_playout = &wait;
		break;
	case AUD__REQUEST__KIND_PAUSE_AUDIO_SOURCE:
		r.pause_audio_source = &pause;
		break;
	case AUD__REQUEST__KIND_RESUME_AUDIO_SOURCE:
		r.resume_audio_source = &resume;
		break;
	case AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN:
		r.set_audio_source_gain = &set;
		break;
	case AUD__REQUEST__KIND_GET_AUDIO_SOURCE:
		r.get_audio_source = &get;
		break;
	default:
		r.close_audio_source = &close;
	}
	return client_send(c, &r);
}

static const Aud__Request__KindCase source_kinds[] = {
	AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER,    AUD__REQUEST__KIND_WAIT_FOR_PLAYOUT,
	AUD__REQUEST__KIND_PAUSE_AUDIO_SOURCE,    AUD__REQUEST__KIND_RESUME_AUDIO_SOURCE,
	AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN, AUD__REQUEST__KIND_GET_AUDIO_SOURCE,
	AUD__REQUEST__KIND_CLOSE_AUDIO_SOURCE,
};

enum { NUM_SOURCE_KINDS = sizeof(source_kinds) / sizeof(source_kinds[0]) };

START_TEST(a_request_to_no_source_is_refused)
{
	Aud__Request__KindCase kind = source_kinds[_i];
	uint64_t unknown = handle + 1, never = UINT64_MAX;

	client_assert_refused(&client, ask(&client, kind, NULL, 5, 1.0f), INVALID,
			      "missing");
	client_assert_refused(&client, ask(&client, kind, &unknown, 5, 1.0f),
			      AUD__ERROR_CODE__NOT_FOUND, "no source");
	client_assert_refused(&client, ask(&client, kind, &never, 5, 1.0f),
			      AUD__ERROR_CODE__NOT_FOUND, "no source");
}
END_TEST

START_TEST(a_fade_that_is_too_long_is_refused)
{
	for (int i = 0; i < NUM_SOURCE_KINDS; i++) {
		Aud__Request__KindCase kind = source_kinds[i];

		if (kind == AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER ||
		    kind == AUD__REQUEST__KIND_PAUSE_AUDIO_SOURCE ||
		    kind == AUD__REQUEST__KIND_RESUME_AUDIO_SOURCE) {
			client_assert_refused(&client,
					      ask(&client, kind, &handle, 251, 1.0f),
					      INVALID, "fade_ms is 251");
			client_assert_refused(
				&client, ask(&client, kind, &handle, UINT32_MAX, 1.0f),
				INVALID, "fade_ms");
		}
	}
	ck_assert(!client_look_at(&client, handle)->paused);
}
END_TEST

START_TEST(a_fade_of_an_unknown_curve_is_refused)
{
	Aud__ClearAudioBuffer clear = AUD__CLEAR_AUDIO_BUFFER__INIT;
	Aud__PauseAudioSource pause = AUD__PAUSE_AUDIO_SOURCE__INIT;
	Aud__ResumeAudioSource resume = AUD__RESUME_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	clear.has_source_handle = pause.has_source_handle = resume.has_source_handle =
		true;
	clear.source_handle = pause.source_handle = resume.source_handle = handle;
	clear.has_curve = pause.has_curve = resume.has_curve = true;
	clear.curve = pause.curve = resume.curve = (Aud__FadeCurve)2;
	r.kind_case = AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER;
	r.clear_audio_buffer = &clear;
	client_assert_refused(&client, client_send(&client, &r), INVALID, "curve 2");
	r.kind_case = AUD__REQUEST__KIND_PAUSE_AUDIO_SOURCE;
	r.pause_audio_source = &pause;
	client_assert_refused(&client, client_send(&client, &r), INVALID, "curve 2");
	r.kind_case = AUD__REQUEST__KIND_RESUME_AUDIO_SOURCE;
	r.resume_audio_source = &resume;
	client_assert_refused(&client, client_send(&client, &r), INVALID, "curve 2");
	ck_assert(!client_look_at(&client, handle)->paused);

	clear.curve = AUD__FADE_CURVE__EQUAL_POWER;
	r.kind_case = AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER;
	r.clear_audio_buffer = &clear;
	ck_assert_int_eq(client_await(&client, client_send(&client, &r))->kind_case,
			 AUD__REPLY__KIND_CLEAR_AUDIO_BUFFER);
}
END_TEST

START_TEST(a_gain_out_of_range_is_refused)
{
	static const float wrong[] = {-0.1f, NAN, INFINITY, -INFINITY};
	Aud__Request__KindCase kind = AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		client_assert_refused(&client, ask(&client, kind, &handle, 5, wrong[i]),
				      INVALID, "gain");
	client_assert_refused(&client, ask(&client, kind, &handle, 10001, 1.0f), INVALID,
			      "ramp_ms is 10001");
	ck_assert_float_eq(client_look_at(&client, handle)->gain, 1.0f);

	client_await(&client, ask(&client, kind, &handle, 10000, 16.0f));
	ck_assert_float_eq(client_look_at(&client, handle)->gain, 16.0f);
}
END_TEST

/* ---- other users ----------------------------------------------------------------- */

START_TEST(a_source_of_another_user_is_out_of_reach)
{
	const Aud__ListAudioSourcesReply *list;
	struct client stranger;
	uint64_t theirs;

	client_init_as(&stranger, audd.socket, 65534, 65534);

	for (int i = 0; i < NUM_SOURCE_KINDS; i++)
		client_assert_refused(&stranger,
				      ask(&stranger, source_kinds[i], &handle, 5, 1.0f),
				      AUD__ERROR_CODE__PERMISSION_DENIED, "another user");
	client_assert_refused(&stranger, capture(&stranger, &right_capture),
			      AUD__ERROR_CODE__PERMISSION_DENIED, "another user");
	list = client_await(&stranger, client_list(&stranger))->list_audio_sources;
	ck_assert_uint_eq(list->n_sources, 1);
	ck_assert_uint_eq(list->sources[0]->source_handle, handle);
	ck_assert(!list->sources[0]->may_control);

	theirs = client_source(&stranger, 2, 100);
	ck_assert_uint_eq(client_look_at(&client, theirs)->uid, 65534);
	client_done(&stranger);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("request_source");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, a_wrong_capture_is_refused, 0,
			    (int)(sizeof(capture_rows) / sizeof(capture_rows[0])));
	tcase_add_test(tc, no_frames_succeed_and_do_nothing);
	tcase_add_test(tc, a_capture_that_may_not_wait_is_answered_at_once);
	tcase_add_test(tc, only_connections_that_are_attached_may_push);
	tcase_add_test(tc, a_closed_source_takes_no_captures);
	tcase_add_loop_test(tc, a_request_to_no_source_is_refused, 0, NUM_SOURCE_KINDS);
	tcase_add_test(tc, a_fade_that_is_too_long_is_refused);
	tcase_add_test(tc, a_fade_of_an_unknown_curve_is_refused);
	tcase_add_test(tc, a_gain_out_of_range_is_refused);
	if (geteuid() == 0)
		tcase_add_test(tc, a_source_of_another_user_is_out_of_reach);
	return suite_run("request_source", tc);
}
