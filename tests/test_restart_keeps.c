/* SPDX-License-Identifier: MIT */
/*
 * What a source is stays what it is when the daemon is restarted.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"
#include "survivor.h"

static struct survivor survivor;

static void set_up(void)
{
	survivor_init(&survivor);
}

static void tear_down(void)
{
	survivor_done(&survivor);
}

/* Into a source of floats. */
static void push_no_numbers(uint32_t frames)
{
	Aud__CaptureAudioFrame body = AUD__CAPTURE_AUDIO_FRAME__INIT;
	Aud__AudioFrameBuffer buffer = AUD__AUDIO_FRAME_BUFFER__INIT;
	Aud__Request r = AUD__REQUEST__INIT;
	float *samples = malloc(frames * SURVIVOR_CHANNELS * sizeof(*samples));

	for (uint32_t i = 0; i < frames * SURVIVOR_CHANNELS; i++)
		samples[i] = NAN;
	buffer.has_data = buffer.has_sample_rate = true;
	buffer.data.data = (uint8_t *)samples;
	buffer.data.len = frames * SURVIVOR_CHANNELS * sizeof(*samples);
	buffer.sample_rate = SURVIVOR_RATE;
	buffer.has_num_channels = buffer.has_samples_per_channel = true;
	buffer.num_channels = SURVIVOR_CHANNELS;
	buffer.samples_per_channel = frames;
	body.has_source_handle = true;
	body.source_handle = survivor.source;
	body.buffer = &buffer;
	r.kind_case = AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME;
	r.capture_audio_frame = &body;
	client_await(&survivor.client, client_send(&survivor.client, &r));
	free(samples);
}

START_TEST(a_source_keeps_who_and_how_it_is)
{
	const Aud__AudioSourceStatus *s;
	char client_name[64];
	uint64_t queue_frames;
	uint32_t linger_ms;

	survivor_make(&survivor, 750);
	client_await(&survivor.client, client_pause(&survivor.client, survivor.source));
	survivor_push(&survivor, 3 * SURVIVOR_PIECE);
	client_await(&survivor.client,
		     client_clear(&survivor.client, survivor.source, 0));
	survivor_push(&survivor, 2 * SURVIVOR_PIECE);
	s = client_look_at(&survivor.client, survivor.source);
	snprintf(client_name, sizeof(client_name), "%s", s->client);
	queue_frames = s->queue_frames;
	linger_ms = s->linger_ms;
	survivor_next_life(&survivor, true);
	s = client_look_at(&survivor.client, survivor.source);

	ck_assert_str_eq(s->client, client_name);
	ck_assert_uint_eq(s->uid, getuid());
	ck_assert_uint_eq(s->queue_size_ms, 750);
	ck_assert_uint_eq(s->queue_frames, queue_frames);
	ck_assert_uint_eq(s->linger_ms, linger_ms);
	ck_assert(s->paused);
	ck_assert_uint_eq(s->pushed, 5 * SURVIVOR_PIECE);
	ck_assert_uint_eq(s->dropped_cleared, 3 * SURVIVOR_PIECE);
	ck_assert_uint_eq(s->queued, 2 * SURVIVOR_PIECE);
	ck_assert_uint_eq(s->attached, 0);
	ck_assert_uint_eq(survivor_attach(&survivor)->played, 3 * SURVIVOR_PIECE);
	ck_assert_int_eq(audd_log_lines(&survivor.lives.audd,
					"goes on at frame 14400, 9600 are queued"),
			 1);
}
END_TEST

static void make_speech(void)
{
	Aud__NewAudioSource make = AUD__NEW_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;
	float matrix[] = {0.5f, 0.25f};

	make.has_sample_rate = make.has_num_channels = make.has_role = true;
	make.sample_rate = SURVIVOR_RATE;
	make.num_channels = 1;
	make.layout = (char *)"RC";
	make.matrix = matrix;
	make.n_matrix = 2;
	make.role = AUD__SOURCE_ROLE__SPEECH;
	r.kind_case = AUD__REQUEST__KIND_NEW_AUDIO_SOURCE;
	r.new_audio_source = &make;
	survivor.source =
		client_await(&survivor.client, client_send(&survivor.client, &r))
			->new_audio_source->source_handle;
}

static void mute_at(float gain)
{
	Aud__SetAudioSourceGain set = AUD__SET_AUDIO_SOURCE_GAIN__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	set.has_source_handle = set.has_gain = set.has_muted = true;
	set.source_handle = survivor.source;
	set.gain = gain;
	set.muted = true;
	r.kind_case = AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN;
	r.set_audio_source_gain = &set;
	client_await(&survivor.client, client_send(&survivor.client, &r));
}

START_TEST(a_source_keeps_its_channels_its_role_and_how_loud_it_is)
{
	const Aud__AudioSourceStatus *s;

	make_speech();
	mute_at(0.75f);
	client_await(&survivor.client, client_pause(&survivor.client, survivor.source));
	survivor_next_life(&survivor, true);
	s = client_look_at(&survivor.client, survivor.source);

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
	make.sample_rate = SURVIVOR_RATE;
	make.num_channels = SURVIVOR_CHANNELS;
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
	survivor.source =
		client_await(&survivor.client, client_send(&survivor.client, &r))
			->new_audio_source->source_handle;
	gain.has_source_handle = gain.has_gain = gain.has_muted = true;
	gain.source_handle = survivor.source;
	gain.gain = 0.25f;
	gain.muted = true;
	r.kind_case = AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN;
	r.set_audio_source_gain = &gain;
	client_await(&survivor.client, client_send(&survivor.client, &r));
	push_no_numbers(FRAMES);
	survivor_next_life(&survivor, true);
	s = client_look_at(&survivor.client, survivor.source);

	ck_assert_int_eq(s->format, AUD__SAMPLE_FORMAT__F32);
	ck_assert_str_eq(s->layout, "FR FL");
	ck_assert_str_eq(s->output, "main");
	ck_assert_int_eq(s->role, AUD__SOURCE_ROLE__SPEECH);
	ck_assert(s->own_matrix);
	ck_assert(s->muted);
	ck_assert_float_eq(s->gain, 0.25f);
	ck_assert_uint_eq(s->not_finite, FRAMES * SURVIVOR_CHANNELS);
}
END_TEST

START_TEST(a_wrong_token_stays_wrong)
{
	uint8_t wrong[16];

	survivor_make(&survivor, 750);
	memcpy(wrong, survivor.token, sizeof(wrong));
	wrong[3] ^= 1;
	survivor_next_life(&survivor, true);

	ck_assert_int_eq(survivor_attach_as(&survivor, survivor.source, wrong)->kind_case,
			 AUD__REPLY__KIND_ERROR);
	survivor_attach(&survivor);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("restart_keeps");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_source_keeps_who_and_how_it_is);
	tcase_add_test(t, a_source_keeps_its_channels_its_role_and_how_loud_it_is);
	tcase_add_test(t, a_source_keeps_how_it_sounds);
	tcase_add_test(t, a_wrong_token_stays_wrong);
	return suite_run("restart_keeps", t);
}
