/* SPDX-License-Identifier: MIT */
/*
 * libaud: a source's token, taking the source up again by it, and going on at a position.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pieces.h"
#include "suite.h"
#include "talk.h"

static const uint8_t token[AUD_TOKEN_BYTES] = "sixteen bytes it";

START_TEST(a_source_that_was_made_here_has_a_token_and_begins_at_0)
{
	uint8_t got[AUD_TOKEN_BYTES];
	struct talk t;

	talk_init(&t);

	ck_assert_int_eq(aud_source_token(t.s, got), 0);

	for (int i = 0; i < AUD_TOKEN_BYTES; i++)
		ck_assert_uint_eq(got[i], 5);
	ck_assert_uint_eq(aud_source_written(t.s), 0);
	talk_done(&t);
}
END_TEST

static void make_without_token(struct peer *p)
{
	Aud__NewAudioSourceReply made = AUD__NEW_AUDIO_SOURCE_REPLY__INIT;
	uint8_t bytes[AUD_TOKEN_BYTES - 1] = {0};

	peer_expect(p, AUD__REQUEST__KIND_NEW_AUDIO_SOURCE);
	made.has_token = true;
	made.token.data = bytes;
	made.token.len = sizeof(bytes);
	peer_answer(p, AUD__REPLY__KIND_NEW_AUDIO_SOURCE, &made);
}

START_TEST(where_there_is_no_token_none_is_given)
{
	uint8_t got[AUD_TOKEN_BYTES] = {77};
	struct aud_source *others, *odd;
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(aud_source_by_handle(t.a, &others, 9), 0);
	peer_run(&t.peer, make_without_token);
	ck_assert_int_eq(aud_source_new(t.a, &odd, 48000, 2, NULL), 0);
	peer_join(&t.peer);

	ck_assert_int_eq(aud_source_token(others, got), -EINVAL);
	ck_assert_str_eq(aud_error(t.a), "source 9: its token is not known here");
	ck_assert_int_eq(aud_source_token(odd, got), -EINVAL);

	ck_assert_uint_eq(got[0], 77);
	talk_done(&t);
}
END_TEST

/* Takes an attach to source 9, and answers with p->user. */
static void attach(struct peer *p)
{
	peer_expect(p, AUD__REQUEST__KIND_ATTACH_AUDIO_SOURCE);
	ck_assert_uint_eq(p->request->attach_audio_source->source_handle, 9);
	ck_assert_uint_eq(p->request->attach_audio_source->token.len, sizeof(token));
	ck_assert_mem_eq(p->request->attach_audio_source->token.data, token,
			 sizeof(token));
	peer_answer(p, AUD__REPLY__KIND_ATTACH_AUDIO_SOURCE, p->user);
}

static Aud__AttachAudioSourceReply attached(void)
{
	Aud__AttachAudioSourceReply r = AUD__ATTACH_AUDIO_SOURCE_REPLY__INIT;

	r.has_queue_frames = r.has_sample_rate = r.has_num_channels = true;
	r.has_format = r.has_written = r.has_played = true;
	r.queue_frames = 4800;
	r.sample_rate = 24000;
	r.num_channels = 3;
	r.format = AUD__SAMPLE_FORMAT__F32;
	r.written = 1234567890123;
	r.played = 1234567890000;
	return r;
}

/* The source that is attached to. */
static struct aud_source *attach_to(struct talk *t)
{
	Aud__AttachAudioSourceReply reply = attached();
	struct aud_source *s;

	t->peer.user = &reply;
	peer_run(&t->peer, attach);
	ck_assert_int_eq(aud_source_attach(t->a, &s, 9, token), 0);
	peer_join(&t->peer);
	return s;
}

START_TEST(an_attached_source_knows_what_the_daemon_says_of_it)
{
	uint8_t got[AUD_TOKEN_BYTES];
	struct aud_source *s;
	struct talk t;

	talk_init(&t);

	s = attach_to(&t);

	ck_assert_uint_eq(aud_source_handle(s), 9);
	ck_assert_uint_eq(aud_source_queue_frames(s), 4800);
	ck_assert_uint_eq(aud_source_written(s), 1234567890123);
	ck_assert_int_eq(aud_source_token(s, got), 0);
	ck_assert_mem_eq(got, token, sizeof(token));
	talk_done(&t);
}
END_TEST

/* Takes 100 frames, of which the first 40 are known. */
static void take_the_rest(struct peer *p)
{
	Aud__CaptureAudioFrameReply captured = AUD__CAPTURE_AUDIO_FRAME_REPLY__INIT;

	peer_expect(p, AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME);
	ck_assert_uint_eq(taken(p)->source_handle, 9);
	ck_assert_uint_eq(taken(p)->at, 1234567890083);
	ck_assert_uint_eq(taken(p)->buffer->sample_rate, 24000);
	ck_assert_uint_eq(taken(p)->buffer->num_channels, 3);
	ck_assert_uint_eq(taken(p)->buffer->data.len, 100 * 3 * sizeof(float));
	captured.has_first = captured.has_accepted = captured.has_skipped = true;
	captured.first = 1234567890123;
	captured.accepted = 60;
	captured.skipped = 40;
	peer_answer(p, AUD__REPLY__KIND_CAPTURE_AUDIO_FRAME, &captured);
}

START_TEST(an_attached_source_goes_on_where_its_queue_ends)
{
	struct aud_capture_options options = AUD_CAPTURE_OPTIONS_INIT;
	struct aud_captured captured;
	static float data[100 * 3];
	struct aud_source *s;
	struct talk t;

	talk_init(&t);
	s = attach_to(&t);
	options.at = aud_source_written(s) - 40;
	peer_run(&t.peer, take_the_rest);

	ck_assert_int_eq(aud_source_capture_frame_with(s, data, 100, &options, &captured),
			 0);

	ck_assert_uint_eq(captured.first, 1234567890123);
	ck_assert_uint_eq(captured.accepted, 60);
	ck_assert_uint_eq(captured.skipped, 40);
	ck_assert_uint_eq(captured.dropped, 0);
	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

/* The queue has the first 100 frames of what comes. */
static void take_at(struct peer *p)
{
	Aud__CaptureAudioFrameReply captured = AUD__CAPTURE_AUDIO_FRAME_REPLY__INIT;
	struct piece piece;

	captured.has_first = captured.has_accepted = captured.has_skipped = true;
	for (uint32_t came = 0; came < LONG; came += piece.frames) {
		piece = take_piece(p);
		ck_assert(taken(p)->has_at);
		ck_assert_uint_eq(taken(p)->at, 7000 + piece.first);
		captured.skipped = piece.first == 0 ? 100 : 0;
		captured.first = 7000 + piece.first + captured.skipped;
		captured.accepted = piece.frames - captured.skipped;
		peer_answer(p, AUD__REPLY__KIND_CAPTURE_AUDIO_FRAME, &captured);
	}
}

START_TEST(each_piece_has_its_own_position)
{
	uint32_t *frames = frames_new(0, LONG);
	struct aud_capture_options options = AUD_CAPTURE_OPTIONS_INIT;
	struct aud_captured captured;
	struct talk t;

	talk_init(&t);
	options.at = 7000;
	peer_run(&t.peer, take_at);

	ck_assert_int_eq(
		aud_source_capture_frame_with(t.s, frames, LONG, &options, &captured), 0);

	peer_join(&t.peer);
	ck_assert_uint_eq(captured.first, 7100);
	ck_assert_uint_eq(captured.accepted, LONG - 100);
	ck_assert_uint_eq(captured.skipped, 100);
	ck_assert_uint_eq(captured.dropped, 0);
	talk_done(&t);
	free(frames);
}
END_TEST

static void refuse_gap(struct peer *p)
{
	peer_expect(p, AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME);
	peer_refuse(p, AUD__ERROR_CODE__INVALID_ARGUMENT, "the queue ends at 10");
}

START_TEST(a_gap_is_refused)
{
	struct aud_captured captured = {.accepted = 77};
	struct aud_capture_options options = AUD_CAPTURE_OPTIONS_INIT;
	struct talk t;

	talk_init(&t);
	options.at = 11;
	peer_run(&t.peer, refuse_gap);

	ck_assert_int_eq(
		aud_source_capture_frame_with(t.s, "abcd", 1, &options, &captured),
		-EINVAL);

	ck_assert_str_eq(aud_error(t.a), "the queue ends at 10");
	ck_assert_uint_eq(captured.accepted, 77);
	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

START_TEST(freeing_an_attached_source_does_not_close_it)
{
	struct talk t;

	talk_init(&t);

	aud_source_free(attach_to(&t));

	ck_assert(!peer_has_more(&t.peer));
	talk_done(&t);
}
END_TEST

static const struct {
	Aud__ErrorCode code;
	int error;
	const char *sentence;
} refusals[] = {
	{AUD__ERROR_CODE__NOT_FOUND, -ENOENT, "there is no source 9"},
	{AUD__ERROR_CODE__PERMISSION_DENIED, -EACCES, "that is not its token"},
};

static void refuse(struct peer *p)
{
	int i = *(int *)p->user;

	peer_expect(p, AUD__REQUEST__KIND_ATTACH_AUDIO_SOURCE);
	peer_refuse(p, refusals[i].code, refusals[i].sentence);
}

START_TEST(an_attach_that_is_refused_gives_no_source)
{
	struct aud_source *s = NULL;
	int i = _i;
	struct talk t;

	talk_init(&t);
	t.peer.user = &i;
	peer_run(&t.peer, refuse);

	ck_assert_int_eq(aud_source_attach(t.a, &s, 9, token), refusals[i].error);

	ck_assert_str_eq(aud_error(t.a), refusals[i].sentence);
	ck_assert_ptr_null(s);
	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

static const struct {
	uint32_t num_channels;
	int format;
} strange[] = {
	{0, AUD__SAMPLE_FORMAT__S16},
	{33, AUD__SAMPLE_FORMAT__S16},
	{0x40000000, AUD__SAMPLE_FORMAT__F32}, /* 0 bytes, counted in 32 bits */
	{2, AUD__SAMPLE_FORMAT__FORMAT_UNSPECIFIED},
	{2, 99},
};

START_TEST(a_source_whose_frames_are_not_known_here_cannot_be_attached_to)
{
	Aud__AttachAudioSourceReply reply = attached();
	struct aud_source *s = NULL;
	struct talk t;

	talk_init(&t);
	reply.num_channels = strange[_i].num_channels;
	reply.format = (Aud__SampleFormat)strange[_i].format;
	t.peer.user = &reply;
	peer_run(&t.peer, attach);

	ck_assert_int_eq(aud_source_attach(t.a, &s, 9, token), -EPROTO);

	ck_assert_ptr_nonnull(strstr(aud_error(t.a), "source 9"));
	ck_assert_ptr_null(s);
	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lib_attach");

	tcase_add_test(t, a_source_that_was_made_here_has_a_token_and_begins_at_0);
	tcase_add_test(t, where_there_is_no_token_none_is_given);
	tcase_add_test(t, an_attached_source_knows_what_the_daemon_says_of_it);
	tcase_add_test(t, an_attached_source_goes_on_where_its_queue_ends);
	tcase_add_test(t, each_piece_has_its_own_position);
	tcase_add_test(t, a_gap_is_refused);
	tcase_add_test(t, freeing_an_attached_source_does_not_close_it);
	tcase_add_loop_test(t, an_attach_that_is_refused_gives_no_source, 0,
			    sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_loop_test(
		t, a_source_whose_frames_are_not_known_here_cannot_be_attached_to, 0,
		sizeof(strange) / sizeof(strange[0]));
	return suite_run("lib_attach", t);
}
