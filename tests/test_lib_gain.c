/* SPDX-License-Identifier: MIT */
/*
 * libaud: gains, mutes and what a source says of its channels, on the wire and back.
 */
#include <check.h>
#include <errno.h>
#include <math.h>

#include "suite.h"
#include "talk.h"

static void make_with_channels(struct peer *p)
{
	Aud__NewAudioSourceReply made = AUD__NEW_AUDIO_SOURCE_REPLY__INIT;
	const Aud__NewAudioSource *make;

	peer_expect(p, AUD__REQUEST__KIND_NEW_AUDIO_SOURCE);
	make = p->request->new_audio_source;
	ck_assert_str_eq(make->layout, "FC RC");
	ck_assert_uint_eq(make->n_matrix, 6);
	ck_assert_float_eq(make->matrix[0], 0.5f);
	ck_assert_float_eq(make->matrix[5], -1.0f);
	ck_assert_int_eq(make->role, AUD__SOURCE_ROLE__SPEECH);
	made.has_source_handle = true;
	made.source_handle = 7;
	peer_answer(p, AUD__REPLY__KIND_NEW_AUDIO_SOURCE, &made);
}

START_TEST(channels_and_role_reach_the_daemon)
{
	static const float matrix[] = {0.5f, 0, 0, 0, 0, -1.0f};
	struct aud_source_options options = {
		.layout = "FC RC",
		.matrix = matrix,
		.matrix_length = 6,
		.role = AUD_ROLE_SPEECH,
	};
	struct aud_source *s;
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, make_with_channels);

	ck_assert_int_eq(aud_source_new(t.a, &s, 48000, 2, &options), 0);

	ck_assert_uint_eq(aud_source_handle(s), 7);
	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

/* ---- sources ------------------------------------------------------------------------- */

static void answer_source(struct peer *p, float gain, bool muted, bool capped)
{
	Aud__SetAudioSourceGainReply r = AUD__SET_AUDIO_SOURCE_GAIN_REPLY__INIT;

	r.has_gain = r.has_muted = r.has_capped = true;
	r.gain = gain;
	r.muted = muted;
	r.capped = capped;
	peer_answer(p, AUD__REPLY__KIND_SET_AUDIO_SOURCE_GAIN, &r);
}

static void set_source(struct peer *p)
{
	const Aud__SetAudioSourceGain *in;

	peer_expect(p, AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN);
	in = p->request->set_audio_source_gain;
	ck_assert(in->gain == 8.0f && in->ramp_ms == 30 && !in->has_muted);
	answer_source(p, 2.0f, false, true);

	peer_expect(p, AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN);
	in = p->request->set_audio_source_gain;
	ck_assert(!in->has_gain && in->muted && in->ramp_ms == 40);
	answer_source(p, 2.0f, true, false);

	peer_expect(p, AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN);
	in = p->request->set_audio_source_gain;
	ck_assert(!in->has_gain && in->has_muted && !in->muted);
	answer_source(p, 2.0f, false, false);
}

START_TEST(a_gain_and_a_mute_are_asked_for_each_by_itself)
{
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, set_source);

	ck_assert_int_eq(aud_source_set_gain(t.s, 8.0f, 30), 1);
	ck_assert_int_eq(aud_source_set_mute(t.s, true, 40), 0);
	ck_assert_int_eq(aud_source_set_mute(t.s, false, 0), 0);

	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

static void told_level(const struct aud_result *result, void *user)
{
	struct aud_level *levels = user;

	ck_assert_int_eq(result->error, 0);
	while (levels->gain != 0)
		levels++;
	*levels = *result->level;
}

START_TEST(callbacks_are_told_what_holds_now)
{
	struct aud_level levels[3] = {0};
	Aud__SetOutputGainReply r = AUD__SET_OUTPUT_GAIN_REPLY__INIT;
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(aud_source_set_gain_async(t.s, 99, 0, told_level, levels), 0);
	peer_take(&t.peer);
	answer_source(&t.peer, 16.0f, true, true);
	ck_assert_int_eq(aud_source_set_mute_async(t.s, false, 0, told_level, levels), 0);
	peer_take(&t.peer);
	answer_source(&t.peer, 0.5f, false, false);
	ck_assert_int_eq(aud_output_set_gain_async(t.a, NULL, 3, 0, told_level, levels),
			 0);
	peer_expect(&t.peer, AUD__REQUEST__KIND_SET_OUTPUT_GAIN);
	ck_assert_ptr_null(t.peer.request->set_output_gain->output);
	r.has_gain = true;
	r.gain = 3.0f;
	peer_answer(&t.peer, AUD__REPLY__KIND_SET_OUTPUT_GAIN, &r);
	while (levels[2].gain == 0)
		ck_assert_int_ge(aud_wait(t.a, 1000), 0);

	ck_assert(levels[0].gain == 16.0f && levels[0].muted && levels[0].capped);
	ck_assert(levels[1].gain == 0.5f && !levels[1].muted && !levels[1].capped);
	ck_assert(levels[2].gain == 3.0f && !levels[2].muted && !levels[2].capped);
	talk_done(&t);
}
END_TEST

/* ---- outputs ------------------------------------------------------------------------- */

static void set_output(struct peer *p)
{
	Aud__SetOutputGainReply r = AUD__SET_OUTPUT_GAIN_REPLY__INIT;
	const Aud__SetOutputGain *in;

	peer_expect(p, AUD__REQUEST__KIND_SET_OUTPUT_GAIN);
	in = p->request->set_output_gain;
	ck_assert_str_eq(in->output, "speaker");
	ck_assert(in->gain == 0.25f && in->ramp_ms == 10 && !in->has_muted);
	peer_answer(p, AUD__REPLY__KIND_SET_OUTPUT_GAIN, &r);

	peer_expect(p, AUD__REQUEST__KIND_SET_OUTPUT_GAIN);
	in = p->request->set_output_gain;
	ck_assert(in->muted && !in->has_gain);
	peer_refuse(p, AUD__ERROR_CODE__PERMISSION_DENIED, "not you");
}

START_TEST(an_output_is_set_by_its_name_and_may_be_refused)
{
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, set_output);

	ck_assert_int_eq(aud_output_set_gain(t.a, "speaker", 0.25f, 10), 0);
	ck_assert_int_eq(aud_output_set_mute(t.a, "speaker", true, 0), -EACCES);
	ck_assert_str_eq(aud_error(t.a), "not you");

	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

START_TEST(decibels_and_factors_say_the_same)
{
	ck_assert_float_eq_tol(aud_gain_from_db(-6.0f), 0.501187f, 1e-6f);
	ck_assert_float_eq(aud_gain_from_db(0), 1.0f);
	ck_assert_float_eq_tol(aud_gain_to_db(2.0f), 6.0206f, 1e-4f);
	ck_assert(isinf(aud_gain_to_db(0)));
	for (float db = -60; db <= 24; db += 7)
		ck_assert_float_eq_tol(aud_gain_to_db(aud_gain_from_db(db)), db, 1e-4f);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lib_gain");

	tcase_set_timeout(t, 30);
	tcase_add_test(t, channels_and_role_reach_the_daemon);
	tcase_add_test(t, a_gain_and_a_mute_are_asked_for_each_by_itself);
	tcase_add_test(t, callbacks_are_told_what_holds_now);
	tcase_add_test(t, an_output_is_set_by_its_name_and_may_be_refused);
	tcase_add_test(t, decibels_and_factors_say_the_same);
	return suite_run("lib_gain", t);
}
