/* SPDX-License-Identifier: MIT */
/*
 * The daemon from one life to the next: what was queued is heard, what was heard is not heard
 * again. Frames number themselves over all that are pushed, in what all lives have played.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "lives.h"
#include "stream.h"
#include "suite.h"

enum {
	RATE = 48000,
	CHANNELS = 2,
	LOOK = RATE / 50,  /* output.look_ms */
	BUFFER = RATE / 5, /* the device's */
	PIECE = RATE / 10,
	LOST_AND_BACK = 5, /* lives of one source */
};

static const char config[] = "[daemon]\nreconnect_ms = 300\nlinger_ms = 100\n"
			     "[output]\nrewind = yes\n";

static struct lives lives;
static struct client client;
static uint64_t source;
static uint8_t token[16];

static void begin(void)
{
	lives_begin(&lives);
	client_init(&client, lives.audd.socket);
}

static void make_source(uint32_t queue_ms)
{
	const Aud__Reply *r =
		client_await(&client, client_new_source(&client, CHANNELS, queue_ms));

	ck_assert_int_eq(r->kind_case, AUD__REPLY__KIND_NEW_AUDIO_SOURCE);
	source = r->new_audio_source->source_handle;
	memcpy(token, r->new_audio_source->token.data, sizeof(token));
}

static void set_up(void)
{
	lives_init(&lives, config, "rewinds yes");
	begin();
}

static void tear_down(void)
{
	client_done(&client);
	lives_done(&lives);
}

/* Returns when all of it is in the queue. */
static void push(uint32_t total)
{
	stream_push(&client, source, CHANNELS, PIECE, total);
	client_await(&client, client.last_id);
}

/* Into a source of floats. */
static void push_no_numbers(uint32_t frames)
{
	Aud__CaptureAudioFrame body = AUD__CAPTURE_AUDIO_FRAME__INIT;
	Aud__AudioFrameBuffer buffer = AUD__AUDIO_FRAME_BUFFER__INIT;
	Aud__Request r = AUD__REQUEST__INIT;
	float *samples = malloc(frames * CHANNELS * sizeof(*samples));

	for (uint32_t i = 0; i < frames * CHANNELS; i++)
		samples[i] = NAN;
	buffer.has_data = buffer.has_sample_rate = true;
	buffer.data.data = (uint8_t *)samples;
	buffer.data.len = frames * CHANNELS * sizeof(*samples);
	buffer.sample_rate = RATE;
	buffer.has_num_channels = buffer.has_samples_per_channel = true;
	buffer.num_channels = CHANNELS;
	buffer.samples_per_channel = frames;
	body.has_source_handle = true;
	body.source_handle = source;
	body.buffer = &buffer;
	r.kind_case = AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME;
	r.capture_audio_frame = &body;
	client_await(&client, client_send(&client, &r));
	free(samples);
}

static const Aud__Reply *attach_as(uint64_t handle, uint8_t *with)
{
	Aud__AttachAudioSource body = AUD__ATTACH_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_token = true;
	body.source_handle = handle;
	body.token.data = with;
	body.token.len = sizeof(token);
	r.kind_case = AUD__REQUEST__KIND_ATTACH_AUDIO_SOURCE;
	r.attach_audio_source = &body;
	return client_await(&client, client_send(&client, &r));
}

static const Aud__AttachAudioSourceReply *attach(void)
{
	const Aud__Reply *r = attach_as(source, token);

	ck_assert_int_eq(r->kind_case, AUD__REPLY__KIND_ATTACH_AUDIO_SOURCE);
	return r->attach_audio_source;
}

static void next_life(bool kill)
{
	client_done(&client);
	if (kill)
		lives_kill(&lives);
	else
		lives_stop(&lives);
	begin();
}

static void assert_ledger(const Aud__AudioSourceStatus *s)
{
	ck_assert_uint_eq(s->pushed, s->heard + s->queued + s->dropped_cleared +
					     s->dropped_closed + s->dropped_refused);
}

/* All frames of [0, total) in a row; at most `twice` of them again after a life's end. Returns
 * how many were heard again. */
static uint64_t assert_heard(uint32_t total, uint32_t twice)
{
	int16_t *heard;
	size_t n = lives_heard(&lives, &heard);
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

/* ---- the end of a life ------------------------------------------------------------- */

START_TEST(after_sigterm_it_goes_on_at_the_very_frame)
{
	enum { TOTAL = RATE };

	make_source(2000);
	push(TOTAL);

	for (int i = 0; i < LOST_AND_BACK; i++) {
		audd_pause(100);
		next_life(false);
		ck_assert_uint_eq(attach()->written, TOTAL);
	}
	client_play_out(&client, source);

	ck_assert_uint_eq(client_look_at(&client, source)->heard, TOTAL);
	assert_ledger(client_look_at(&client, source));
	ck_assert_uint_eq(assert_heard(TOTAL, 0), 0);
}
END_TEST

START_TEST(after_sigkill_nothing_is_lost)
{
	enum { TOTAL = RATE };

	make_source(2000);
	push(TOTAL);

	for (int i = 0; i < LOST_AND_BACK; i++) {
		audd_pause(100);
		next_life(true);
		ck_assert_uint_eq(attach()->written, TOTAL);
	}
	client_play_out(&client, source);

	ck_assert_uint_eq(client_look_at(&client, source)->heard, TOTAL);
	assert_ledger(client_look_at(&client, source));
	assert_heard(TOTAL, BUFFER);
}
END_TEST

START_TEST(what_nobody_comes_back_for_is_played_out_and_gone)
{
	enum { TOTAL = RATE / 2 };

	make_source(1000);
	push(TOTAL);
	next_life(true);

	for (int ms = 0; fake_systemd_count(&lives.systemd, "source-"); ms++) {
		ck_assert_int_lt(ms, 5000);
		audd_pause(1);
	}

	assert_heard(TOTAL, BUFFER);
	client_assert_refused(&client, client_get(&client, source),
			      AUD__ERROR_CODE__NOT_FOUND, "no source");
}
END_TEST

/* ---- what a source keeps ----------------------------------------------------------- */

START_TEST(a_source_keeps_who_and_how_it_is)
{
	const Aud__AudioSourceStatus *s;
	char client_name[64];
	uint64_t queue_frames;
	uint32_t linger_ms;

	make_source(750);
	client_await(&client, client_pause(&client, source));
	push(3 * PIECE);
	client_await(&client, client_clear(&client, source, 0));
	push(2 * PIECE);
	s = client_look_at(&client, source);
	snprintf(client_name, sizeof(client_name), "%s", s->client);
	queue_frames = s->queue_frames;
	linger_ms = s->linger_ms;
	next_life(true);
	s = client_look_at(&client, source);

	ck_assert_str_eq(s->client, client_name);
	ck_assert_uint_eq(s->uid, getuid());
	ck_assert_uint_eq(s->queue_size_ms, 750);
	ck_assert_uint_eq(s->queue_frames, queue_frames);
	ck_assert_uint_eq(s->linger_ms, linger_ms);
	ck_assert(s->paused);
	ck_assert_uint_eq(s->pushed, 5 * PIECE);
	ck_assert_uint_eq(s->dropped_cleared, 3 * PIECE);
	ck_assert_uint_eq(s->queued, 2 * PIECE);
	ck_assert_uint_eq(s->attached, 0);
	ck_assert_uint_eq(attach()->played, 3 * PIECE);
}
END_TEST

static void make_speech(void)
{
	Aud__NewAudioSource make = AUD__NEW_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;
	float matrix[] = {0.5f, 0.25f};

	make.has_sample_rate = make.has_num_channels = make.has_role = true;
	make.sample_rate = RATE;
	make.num_channels = 1;
	make.layout = (char *)"RC";
	make.matrix = matrix;
	make.n_matrix = 2;
	make.role = AUD__SOURCE_ROLE__SPEECH;
	r.kind_case = AUD__REQUEST__KIND_NEW_AUDIO_SOURCE;
	r.new_audio_source = &make;
	source = client_await(&client, client_send(&client, &r))
			 ->new_audio_source->source_handle;
}

static void mute_at(float gain)
{
	Aud__SetAudioSourceGain set = AUD__SET_AUDIO_SOURCE_GAIN__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	set.has_source_handle = set.has_gain = set.has_muted = true;
	set.source_handle = source;
	set.gain = gain;
	set.muted = true;
	r.kind_case = AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN;
	r.set_audio_source_gain = &set;
	client_await(&client, client_send(&client, &r));
}

START_TEST(a_source_keeps_its_channels_its_role_and_how_loud_it_is)
{
	const Aud__AudioSourceStatus *s;

	make_speech();
	mute_at(0.75f);
	client_await(&client, client_pause(&client, source));
	next_life(true);
	s = client_look_at(&client, source);

	ck_assert_str_eq(s->layout, "RC");
	ck_assert(s->own_matrix);
	ck_assert_int_eq(s->role, AUD__SOURCE_ROLE__SPEECH);
	ck_assert(s->gain == 0.75f && s->muted);
}
END_TEST

START_TEST(a_source_keeps_how_it_sounds)
{
	enum { FRAMES = 100 };
	Aud__NewAudioSource make = AUD__NEW_AUDIO_SOURCE__INIT;
	Aud__SetAudioSourceGain gain = AUD__SET_AUDIO_SOURCE_GAIN__INIT;
	Aud__Request r = AUD__REQUEST__INIT;
	float matrix[] = {0.0f, 1.0f, 0.5f, 0.0f};
	const Aud__AudioSourceStatus *s;

	make.has_sample_rate = make.has_num_channels = make.has_format = true;
	make.sample_rate = RATE;
	make.num_channels = CHANNELS;
	make.format = AUD__SAMPLE_FORMAT__F32;
	make.layout = (char *)"FR FL";
	make.has_role = true;
	make.role = AUD__SOURCE_ROLE__SPEECH;
	make.matrix = matrix;
	make.n_matrix = 4;
	make.output = (char *)"main";
	make.has_drop_on_disconnect = true;
	make.drop_on_disconnect = true;
	r.kind_case = AUD__REQUEST__KIND_NEW_AUDIO_SOURCE;
	r.new_audio_source = &make;
	source = client_await(&client, client_send(&client, &r))
			 ->new_audio_source->source_handle;
	gain.has_source_handle = gain.has_gain = gain.has_muted = true;
	gain.source_handle = source;
	gain.gain = 0.25f;
	gain.muted = true;
	r.kind_case = AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN;
	r.set_audio_source_gain = &gain;
	client_await(&client, client_send(&client, &r));
	push_no_numbers(FRAMES);
	next_life(true);
	s = client_look_at(&client, source);

	ck_assert_int_eq(s->format, AUD__SAMPLE_FORMAT__F32);
	ck_assert_str_eq(s->layout, "FR FL");
	ck_assert_str_eq(s->output, "main");
	ck_assert_int_eq(s->role, AUD__SOURCE_ROLE__SPEECH);
	ck_assert(s->own_matrix);
	ck_assert(s->muted);
	ck_assert_float_eq(s->gain, 0.25f);
	ck_assert_uint_eq(s->not_finite, FRAMES * CHANNELS);
}
END_TEST

START_TEST(a_wrong_token_stays_wrong)
{
	uint8_t wrong[16];

	make_source(750);
	memcpy(wrong, token, sizeof(wrong));
	wrong[3] ^= 1;
	next_life(true);

	ck_assert_int_eq(attach_as(source, wrong)->kind_case, AUD__REPLY__KIND_ERROR);
	attach();
}
END_TEST

START_TEST(an_id_is_never_given_out_again)
{
	uint64_t first;

	make_source(100);
	first = source;
	make_source(100);
	client_await(&client, client_close(&client, source, true));
	client_await(&client, client_close(&client, first, true));
	while (fake_systemd_count(&lives.systemd, "source-"))
		audd_pause(1);
	next_life(true);

	make_source(100);

	ck_assert_uint_gt(source, first + 1);
}
END_TEST

/* The device's rate is another in the next life, and the old memory has no frames for the
 * resampler to look back at. */
START_TEST(another_rate_of_the_device_loses_nothing)
{
	enum { TOTAL = RATE / 2 };
	const Aud__AudioSourceStatus *s;

	make_source(1000);
	push(TOTAL);
	lives_configure(&lives, "[output]\nrewind = yes\nrate = 44100\n");
	next_life(true);
	attach();
	next_life(true);
	attach();

	client_play_out(&client, source);

	s = client_look_at(&client, source);
	ck_assert_uint_eq(s->heard, TOTAL);
	assert_ledger(s);
	ck_assert_int_eq(fake_systemd_count(&lives.systemd, "source-"), 1);
}
END_TEST

static void move_to(const char *output)
{
	Aud__MoveAudioSource move = AUD__MOVE_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	move.has_source_handle = true;
	move.source_handle = source;
	move.output = (char *)output;
	r.kind_case = AUD__REQUEST__KIND_MOVE_AUDIO_SOURCE;
	r.move_audio_source = &move;
	ck_assert_int_eq(client_await(&client, client_send(&client, &r))->kind_case,
			 AUD__REPLY__KIND_MOVE_AUDIO_SOURCE);
}

START_TEST(a_source_goes_on_at_its_output_or_where_that_is_none_at_the_default_one)
{
	lives_configure(&lives, "[output a]\n[output b]\nbackend = null\n");
	next_life(true);
	make_source(1000);
	push(PIECE);
	move_to("b");
	next_life(false);
	attach();
	ck_assert_str_eq(client_look_at(&client, source)->output, "b");

	lives_configure(&lives, "[output c]\nbackend = null\n[output a]\n");
	next_life(true);
	attach();
	ck_assert_str_eq(client_look_at(&client, source)->output, "c");
	client_play_out(&client, source);
	assert_ledger(client_look_at(&client, source));
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("restart");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, after_sigterm_it_goes_on_at_the_very_frame);
	tcase_add_test(t, after_sigkill_nothing_is_lost);
	tcase_add_test(t, what_nobody_comes_back_for_is_played_out_and_gone);
	tcase_add_test(t, a_source_keeps_who_and_how_it_is);
	tcase_add_test(t, a_source_keeps_its_channels_its_role_and_how_loud_it_is);
	tcase_add_test(t, a_source_keeps_how_it_sounds);
	tcase_add_test(t, a_wrong_token_stays_wrong);
	tcase_add_test(t, an_id_is_never_given_out_again);
	tcase_add_test(t, another_rate_of_the_device_loses_nothing);
	tcase_add_test(
		t,
		a_source_goes_on_at_its_output_or_where_that_is_none_at_the_default_one);
	return suite_run("restart", t);
}
