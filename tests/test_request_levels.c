/* SPDX-License-Identifier: MIT */
/*
 * How loud and on which channels: gains, mute, layouts, matrices and the role, asked for of a real
 * daemon with six channels; what was heard is recorded.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audd.h"
#include "client.h"
#include "suite.h"

#define INVALID AUD__ERROR_CODE__INVALID_ARGUMENT

enum { OUTPUTS = 6, FRAMES = 4800, LOUD = 8000, NOBODY = 65534 };

static struct audd audd;
static struct client client;

static void set_up(void)
{
	audd_start(&audd, "[daemon]\nmax_gain_db = 6\n"
			  "[output]\nchannels = 6\nduck_db = 6\nduck_attack_ms = 0\n");
	client_init(&client, audd.socket);
}

static void tear_down(void)
{
	client_done(&client);
	if (audd.pid)
		ck_assert_int_eq(audd_stop(&audd), 0);
	audd_done(&audd);
}

/* ---- gains --------------------------------------------------------------------------- */

/* NAN and -1: not set. */
static uint64_t set_gain(uint64_t handle, float gain, int muted)
{
	Aud__SetAudioSourceGain body = AUD__SET_AUDIO_SOURCE_GAIN__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_ramp_ms = true;
	body.source_handle = handle;
	body.has_gain = !isnan(gain);
	body.gain = gain;
	body.has_muted = muted >= 0;
	body.muted = muted > 0;
	r.kind_case = AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN;
	r.set_audio_source_gain = &body;
	return client_send(&client, &r);
}

/* Within the time that the protocol has for those who name none. */
static uint64_t set_gain_by_default(uint64_t handle, float gain)
{
	Aud__SetAudioSourceGain body = AUD__SET_AUDIO_SOURCE_GAIN__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_gain = true;
	body.source_handle = handle;
	body.gain = gain;
	r.kind_case = AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN;
	r.set_audio_source_gain = &body;
	return client_send(&client, &r);
}

static uint64_t set_output_gain(struct client *c, const char *output, float gain,
				int muted)
{
	Aud__SetOutputGain body = AUD__SET_OUTPUT_GAIN__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_ramp_ms = true;
	body.output = (char *)output;
	body.has_gain = !isnan(gain);
	body.gain = gain;
	body.has_muted = muted >= 0;
	body.muted = muted > 0;
	r.kind_case = AUD__REQUEST__KIND_SET_OUTPUT_GAIN;
	r.set_output_gain = &body;
	return client_send(c, &r);
}

static void assert_gain(uint64_t handle, float gain, bool muted)
{
	const Aud__AudioSourceStatus *status = client_look_at(&client, handle);

	ck_assert_float_eq_tol(status->gain, gain, 1e-5f);
	ck_assert(status->muted == muted);
}

START_TEST(a_gain_beyond_the_cap_is_cut_down_and_that_is_said)
{
	uint64_t handle = client_source(&client, 1, 100);
	const Aud__SetAudioSourceGainReply *r;

	r = client_await(&client, set_gain(handle, 100.0f, -1))->set_audio_source_gain;
	ck_assert(r->capped);
	ck_assert_float_eq_tol(r->gain, 1.99526f, 1e-4f);
	r = client_await(&client, set_gain(handle, 1.9f, -1))->set_audio_source_gain;
	ck_assert(!r->capped);
	ck_assert_float_eq(r->gain, 1.9f);
}
END_TEST

START_TEST(mute_leaves_the_gain_what_it_is)
{
	uint64_t handle = client_source(&client, 1, 100);
	const Aud__SetAudioSourceGainReply *r;

	client_await(&client, set_gain(handle, 0.5f, -1));
	r = client_await(&client, set_gain(handle, NAN, 1))->set_audio_source_gain;
	ck_assert(r->muted && r->gain == 0.5f);
	assert_gain(handle, 0.5f, true);
	client_await(&client, set_gain(handle, 0.25f, -1));
	assert_gain(handle, 0.25f, true);
	client_await(&client, set_gain(handle, NAN, 0));
	assert_gain(handle, 0.25f, false);
	client_assert_refused(&client, set_gain(handle, NAN, -1), INVALID,
			      "both gain and muted are missing");
}
END_TEST

START_TEST(an_output_has_a_gain_and_a_mute_too)
{
	const Aud__OutputStatus *o;

	client_await(&client, set_output_gain(&client, "main", 0.5f, 1));
	o = client_await(&client, client_status(&client))->get_daemon_status->outputs[0];
	ck_assert(o->gain == 0.5f && o->muted);
	client_await(&client, set_output_gain(&client, NULL, NAN, 0));
	o = client_await(&client, client_status(&client))->get_daemon_status->outputs[0];

	ck_assert(o->gain == 0.5f && !o->muted);
	client_assert_refused(&client, set_output_gain(&client, "attic", 1, -1),
			      AUD__ERROR_CODE__NOT_FOUND, "'attic'; there are: main");
	client_assert_refused(&client, set_output_gain(&client, NULL, 16.5f, -1), INVALID,
			      "gain is 16.5, more than 16");
	client_assert_refused(&client, set_output_gain(&client, NULL, -1, -1), INVALID,
			      "gain is -1");
	client_assert_refused(&client, set_output_gain(&client, NULL, NAN, -1), INVALID,
			      "both");
}
END_TEST

START_TEST(only_administrators_set_an_output_s_gain)
{
	struct client stranger;

	client_init_as(&stranger, audd.socket, NOBODY, NOBODY);

	client_assert_refused(&stranger, set_output_gain(&stranger, NULL, 1, -1),
			      AUD__ERROR_CODE__PERMISSION_DENIED, "daemon.admin_group");
	client_done(&stranger);
}
END_TEST

/* ---- channels ------------------------------------------------------------------------ */

static uint64_t new_source(uint32_t channels, const char *layout, const float *matrix,
			   size_t n, int role)
{
	Aud__NewAudioSource body = AUD__NEW_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_sample_rate = body.has_num_channels = body.has_queue_size_ms = true;
	body.sample_rate = 48000;
	body.num_channels = channels;
	body.queue_size_ms = 1000;
	body.layout = (char *)layout;
	body.matrix = (float *)matrix;
	body.n_matrix = n;
	body.has_role = role != 0;
	body.role = (Aud__SourceRole)role;
	r.kind_case = AUD__REQUEST__KIND_NEW_AUDIO_SOURCE;
	r.new_audio_source = &body;
	return client_send(&client, &r);
}

static uint64_t made(uint64_t id)
{
	const Aud__Reply *r = client_await(&client, id);

	ck_assert_int_eq(r->kind_case, AUD__REPLY__KIND_NEW_AUDIO_SOURCE);
	return r->new_audio_source->source_handle;
}

START_TEST(a_wrong_layout_or_matrix_is_refused_with_the_reason)
{
	static const float numbers[600] = {0};
	float infinite[12] = {0}, large[12] = {0};

	infinite[5] = NAN;
	large[3] = -16.5f;
	client_assert_refused(&client, new_source(2, "FL XX", NULL, 0, 0), INVALID,
			      "layout: 'XX' is no channel");
	client_assert_refused(&client, new_source(2, "5.1", NULL, 0, 0), INVALID,
			      "layout: it names 6 channels, not 2");
	client_assert_refused(&client, new_source(2, NULL, numbers, 11, 0), INVALID,
			      "matrix: it has 11 factors");
	client_assert_refused(&client, new_source(2, NULL, numbers, 600, 0), INVALID,
			      "at most 512");
	client_assert_refused(&client, new_source(2, NULL, numbers, 8, 0), INVALID,
			      "it is for 4 channels, and the output 'main' has 6");
	client_assert_refused(&client, new_source(2, NULL, infinite, 12, 0), INVALID,
			      "not all of its factors are numbers");
	client_assert_refused(&client, new_source(2, NULL, large, 12, 0), INVALID,
			      "from -16 to 16");
	client_assert_refused(&client, new_source(9, NULL, NULL, 0, 0),
			      AUD__ERROR_CODE__NOT_SUPPORTED, "channel 9");
	client_assert_refused(&client, new_source(2, NULL, NULL, 0, 7), INVALID,
			      "role 7");
}
END_TEST

START_TEST(a_source_says_what_it_is)
{
	static const float own[12] = {0};
	uint64_t plain = made(new_source(2, NULL, NULL, 0, 0));
	uint64_t other =
		made(new_source(3, "FC,LFE RC", NULL, 0, AUD__SOURCE_ROLE__SPEECH));
	uint64_t matrix = made(new_source(2, NULL, own, 12, 0));
	const Aud__AudioSourceStatus *s = client_look_at(&client, plain);

	ck_assert_str_eq(s->layout, "FL FR");
	ck_assert(!s->own_matrix && s->role == AUD__SOURCE_ROLE__ROLE_UNSPECIFIED);
	s = client_look_at(&client, other);
	ck_assert_str_eq(s->layout, "FC LFE RC");
	ck_assert_int_eq(s->role, AUD__SOURCE_ROLE__SPEECH);
	ck_assert(client_look_at(&client, matrix)->own_matrix);
	ck_assert_str_eq(client_await(&client, client_status(&client))
				 ->get_daemon_status->outputs[0]
				 ->layout,
			 "FL FR RL RR FC LFE");
}
END_TEST

/* ---- what is heard ------------------------------------------------------------------- */

/* Pushes frames in which channel c is (c + 1) x LOUD / channels, all along. */
static void push(uint64_t handle, uint32_t channels)
{
	int16_t *samples = calloc(FRAMES * channels, sizeof(*samples));

	for (uint32_t i = 0; i < FRAMES * channels; i++)
		samples[i] = (int16_t)((i % channels + 1) * LOUD / channels);
	client_await(&client, client_capture(&client, handle, samples, channels, FRAMES));
	free(samples);
}

/* The recording has a frame in which these are the samples. */
static void assert_heard(const int16_t want[OUTPUTS])
{
	int16_t *heard;
	size_t n, found = 0;

	ck_assert_int_eq(audd_stop(&audd), 0);
	n = audd_recording(&audd, &heard);
	for (size_t i = 0; i + OUTPUTS <= n; i += OUTPUTS) {
		bool same = true;

		for (int c = 0; c < OUTPUTS; c++)
			same = same && abs(heard[i + c] - want[c]) <= 1;
		found += same;
	}
	ck_assert_msg(found >= FRAMES / 2, "%zu frames of %zu", found, n / OUTPUTS);
	free(heard);
}

START_TEST(channels_come_out_where_they_belong)
{
	uint64_t handle = made(new_source(3, "FC FL RC", NULL, 0, 0));

	push(handle, 3);
	client_await(&client, client_wait(&client, handle));

	assert_heard((const int16_t[]){2 * LOUD / 3, 0, 0.7071 * LOUD, 0.7071 * LOUD,
				       LOUD / 3, 0});
}
END_TEST

START_TEST(a_matrix_says_where_channels_come_out)
{
	static const float own[] = {0, 0, 1, 1, 0.5f, 0, 0, -1, 0, 0, 2, 0};
	uint64_t handle = made(new_source(2, NULL, own, 12, 0));

	push(handle, 2);
	client_await(&client, client_wait(&client, handle));

	assert_heard((const int16_t[]){0, 1.5 * LOUD, LOUD / 4, -LOUD, 0, LOUD});
}
END_TEST

START_TEST(gains_of_source_and_output_are_heard)
{
	uint64_t handle = made(new_source(1, NULL, NULL, 0, 0));

	client_await(&client, set_gain(handle, 0.5f, -1));
	client_await(&client, set_output_gain(&client, NULL, 0.25f, -1));
	push(handle, 1);
	client_await(&client, client_wait(&client, handle));

	assert_heard((const int16_t[]){LOUD / 8, LOUD / 8, LOUD / 8, LOUD / 8, LOUD / 8,
				       LOUD / 8});
}
END_TEST

START_TEST(a_gain_takes_20_ms_if_nothing_else_is_said)
{
	enum { STEPS = 960 };
	uint64_t handle = made(new_source(1, NULL, NULL, 0, 0));
	uint32_t between = 0;
	int16_t *heard;
	size_t n;

	for (int i = 0; i < 4; i++)
		push(handle, 1);
	audd_pause(20);
	client_await(&client, set_gain_by_default(handle, 0.5f));
	client_await(&client, client_wait(&client, handle));

	/* Each frame of the ramp is 4 softer than the one before; the noise of dither is less. */
	ck_assert_int_eq(audd_stop(&audd), 0);
	n = audd_recording(&audd, &heard);
	for (size_t i = 0; i + OUTPUTS <= n; i += OUTPUTS)
		between += heard[i] > LOUD / 2 + 2 && heard[i] < LOUD - 2;
	ck_assert_uint_ge(between, STEPS - 4);
	ck_assert_uint_le(between, STEPS);
	free(heard);
}
END_TEST

START_TEST(others_are_softer_while_speech_sounds)
{
	static const float left[6] = {1}, right[6] = {0, 1};
	uint64_t music = made(new_source(1, NULL, left, 6, 0));
	uint64_t speech = made(new_source(1, NULL, right, 6, AUD__SOURCE_ROLE__SPEECH));

	client_await(&client, client_pause(&client, music));
	client_await(&client, client_pause(&client, speech));
	push(music, 1);
	push(speech, 1);
	client_resume(&client, speech);
	client_resume(&client, music);
	client_await(&client, client_wait(&client, music));
	client_await(&client, client_wait(&client, speech));

	assert_heard((const int16_t[]){0.501187 * LOUD, LOUD, 0, 0, 0, 0});
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("request_levels");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, a_gain_beyond_the_cap_is_cut_down_and_that_is_said);
	tcase_add_test(tc, mute_leaves_the_gain_what_it_is);
	tcase_add_test(tc, an_output_has_a_gain_and_a_mute_too);
	if (geteuid() == 0)
		tcase_add_test(tc, only_administrators_set_an_output_s_gain);
	tcase_add_test(tc, a_wrong_layout_or_matrix_is_refused_with_the_reason);
	tcase_add_test(tc, a_source_says_what_it_is);
	tcase_add_test(tc, channels_come_out_where_they_belong);
	tcase_add_test(tc, a_matrix_says_where_channels_come_out);
	tcase_add_test(tc, gains_of_source_and_output_are_heard);
	tcase_add_test(tc, a_gain_takes_20_ms_if_nothing_else_is_said);
	tcase_add_test(tc, others_are_softer_while_speech_sounds);
	return suite_run("request_levels", tc);
}
