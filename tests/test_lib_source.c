/* SPDX-License-Identifier: MIT */
/*
 * libaud: making, controlling, closing and freeing sources, by calls that wait.
 */
#include <check.h>
#include <errno.h>

#include "suite.h"
#include "talk.h"

static void answer_new(struct peer *p)
{
	Aud__NewAudioSourceReply made = AUD__NEW_AUDIO_SOURCE_REPLY__INIT;

	made.has_source_handle = true;
	made.source_handle = 77;
	made.has_queue_frames = true;
	made.queue_frames = 5512;
	peer_answer(p, AUD__REPLY__KIND_NEW_AUDIO_SOURCE, &made);
}

static void make_plain(struct peer *p)
{
	const Aud__NewAudioSource *make;

	peer_expect(p, AUD__REQUEST__KIND_NEW_AUDIO_SOURCE);
	make = p->request->new_audio_source;
	ck_assert_uint_eq(make->sample_rate, 24000);
	ck_assert_uint_eq(make->num_channels, 1);
	ck_assert_uint_eq(make->queue_size_ms, 1000); /* the protocol's default */
	ck_assert_int_eq(make->format, AUD__SAMPLE_FORMAT__S16);
	ck_assert_ptr_null(make->name);
	ck_assert(!make->drop_on_disconnect);
	ck_assert(!make->has_linger_ms);
	ck_assert_ptr_null(make->output);
	answer_new(p);
}

START_TEST(a_source_without_options_has_the_defaults)
{
	struct aud_source *s;
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, make_plain);

	ck_assert_int_eq(aud_source_new(t.a, &s, 24000, 1, NULL), 0);

	ck_assert_uint_eq(aud_source_handle(s), 77);
	ck_assert_uint_eq(aud_source_queue_frames(s), 5512);
	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

static void make_with_options(struct peer *p)
{
	const Aud__NewAudioSource *make;

	peer_expect(p, AUD__REQUEST__KIND_NEW_AUDIO_SOURCE);
	make = p->request->new_audio_source;
	ck_assert_uint_eq(make->sample_rate, 22050);
	ck_assert_uint_eq(make->num_channels, 32);
	ck_assert_uint_eq(make->queue_size_ms, 250);
	ck_assert_int_eq(make->format, AUD__SAMPLE_FORMAT__F32);
	ck_assert_str_eq(make->name, "speech");
	ck_assert(make->drop_on_disconnect);
	ck_assert_uint_eq(make->linger_ms, 30000);
	ck_assert_str_eq(make->output, "headset");
	answer_new(p);
	peer_expect(p, AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME);
	ck_assert_uint_eq(p->request->capture_audio_frame->buffer->data.len, 10 * 32 * 4);
	peer_captured(p, p->request->async_id, 0, 10, 0);
}

START_TEST(options_reach_the_daemon_and_the_size_of_a_frame_follows_them)
{
	struct aud_source_options options = {
		.queue_size_ms = 250,
		.format = AUD_FORMAT_F32,
		.name = "speech",
		.drop_on_disconnect = true,
		.linger_ms = 30000,
		.output = "headset",
	};
	static float data[10 * 32];
	struct aud_source *s;
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, make_with_options);

	ck_assert_int_eq(aud_source_new(t.a, &s, 22050, 32, &options), 0);
	ck_assert_int_eq(aud_source_capture_frame(s, data, 10, NULL), 0);

	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

START_TEST(a_source_of_no_size_is_refused_here)
{
	struct aud_source_options options = {.format = (enum aud_format)99};
	struct aud_source *s = NULL;
	struct talk t;

	talk_init(&t);

	ck_assert_int_eq(aud_source_new(t.a, &s, 48000, 2, &options), -EINVAL);
	ck_assert_str_eq(aud_error(t.a), "there is no sample format 99");
	ck_assert_int_eq(aud_source_new(t.a, &s, 48000, 0, NULL), -EINVAL);
	ck_assert_int_eq(aud_source_new(t.a, &s, 48000, 33, NULL), -EINVAL);
	ck_assert_str_eq(aud_error(t.a), "num_channels is 33; it can be 1 to 32");

	ck_assert_ptr_null(s);
	ck_assert(!peer_has_more(&t.peer));
	talk_done(&t);
}
END_TEST

static void refuse_new(struct peer *p)
{
	peer_expect(p, AUD__REQUEST__KIND_NEW_AUDIO_SOURCE);
	peer_refuse(p, AUD__ERROR_CODE__NOT_SUPPORTED, "the output plays 48000 Hz only");
}

START_TEST(a_source_that_the_daemon_refuses_is_none)
{
	struct aud_source *s = NULL;
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, refuse_new);

	ck_assert_int_eq(aud_source_new(t.a, &s, 44100, 2, NULL), -EOPNOTSUPP);

	ck_assert_str_eq(aud_error(t.a), "the output plays 48000 Hz only");
	ck_assert_ptr_null(s);
	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

static void obey_changes(struct peer *p)
{
	Aud__PauseAudioSourceReply paused = AUD__PAUSE_AUDIO_SOURCE_REPLY__INIT;
	Aud__ResumeAudioSourceReply resumed = AUD__RESUME_AUDIO_SOURCE_REPLY__INIT;
	Aud__MoveAudioSourceReply moved = AUD__MOVE_AUDIO_SOURCE_REPLY__INIT;
	Aud__SetAudioSourceGainReply set = AUD__SET_AUDIO_SOURCE_GAIN_REPLY__INIT;

	peer_expect(p, AUD__REQUEST__KIND_PAUSE_AUDIO_SOURCE);
	ck_assert_uint_eq(p->request->pause_audio_source->source_handle, 9);
	ck_assert_uint_eq(p->request->pause_audio_source->fade_ms, 1);
	ck_assert_int_eq(p->request->pause_audio_source->curve, AUD__FADE_CURVE__LINEAR);
	paused.has_position = true;
	paused.position = 100;
	peer_answer(p, AUD__REPLY__KIND_PAUSE_AUDIO_SOURCE, &paused);

	peer_expect(p, AUD__REQUEST__KIND_RESUME_AUDIO_SOURCE);
	ck_assert_uint_eq(p->request->resume_audio_source->source_handle, 9);
	ck_assert_uint_eq(p->request->resume_audio_source->fade_ms, 250);
	ck_assert_int_eq(p->request->resume_audio_source->curve,
			 AUD__FADE_CURVE__EQUAL_POWER);
	resumed.has_position = true;
	resumed.position = 101;
	peer_answer(p, AUD__REPLY__KIND_RESUME_AUDIO_SOURCE, &resumed);

	peer_expect(p, AUD__REQUEST__KIND_MOVE_AUDIO_SOURCE);
	ck_assert_uint_eq(p->request->move_audio_source->source_handle, 9);
	ck_assert_str_eq(p->request->move_audio_source->output, "headset");
	ck_assert_uint_eq(p->request->move_audio_source->fade_ms, 7);
	moved.has_position = true;
	moved.position = 102;
	peer_answer(p, AUD__REPLY__KIND_MOVE_AUDIO_SOURCE, &moved);

	peer_expect(p, AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN);
	ck_assert_uint_eq(p->request->set_audio_source_gain->source_handle, 9);
	ck_assert_float_eq(p->request->set_audio_source_gain->gain, 0.25f);
	ck_assert_uint_eq(p->request->set_audio_source_gain->ramp_ms, 30);
	peer_answer(p, AUD__REPLY__KIND_SET_AUDIO_SOURCE_GAIN, &set);
}

static void obey_ends(struct peer *p)
{
	Aud__ClearAudioBufferReply cleared = AUD__CLEAR_AUDIO_BUFFER_REPLY__INIT;
	Aud__WaitForPlayoutReply waited = AUD__WAIT_FOR_PLAYOUT_REPLY__INIT;

	peer_expect(p, AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER);
	ck_assert_uint_eq(p->request->clear_audio_buffer->source_handle, 9);
	ck_assert_uint_eq(p->request->clear_audio_buffer->fade_ms, 0);
	ck_assert_int_eq(p->request->clear_audio_buffer->curve,
			 AUD__FADE_CURVE__EQUAL_POWER);
	cleared.has_heard_until = cleared.has_dropped = cleared.has_taken_back = true;
	cleared.has_in_device = cleared.has_at_ns = true;
	cleared.heard_until = 1;
	cleared.dropped = 2;
	cleared.taken_back = 3;
	cleared.in_device = 4;
	cleared.at_ns = 5;
	peer_answer(p, AUD__REPLY__KIND_CLEAR_AUDIO_BUFFER, &cleared);

	peer_expect(p, AUD__REQUEST__KIND_WAIT_FOR_PLAYOUT);
	ck_assert_uint_eq(p->request->wait_for_playout->source_handle, 9);
	ck_assert_uint_eq(p->request->wait_for_playout->timeout_ms, 20);
	ck_assert_uint_eq(p->request->wait_for_playout->device_lost_ms, 0);
	ck_assert(p->request->wait_for_playout->has_device_lost_ms);
	ck_assert(p->request->wait_for_playout->only_present);
	waited.has_reason = waited.has_played = waited.has_at_ns = true;
	waited.reason = AUD__PLAYOUT_REASON__TIMED_OUT;
	waited.played = 6;
	waited.at_ns = 7;
	peer_answer(p, AUD__REPLY__KIND_WAIT_FOR_PLAYOUT, &waited);
}

/* Answers one request of each kind that controls a source, which has handle 9. */
static void obey(struct peer *p)
{
	obey_changes(p);
	obey_ends(p);
}

START_TEST(a_source_of_others_can_be_controlled)
{
	struct aud_wait_options limits = {.timeout_ms = 20, .only_present = true};
	struct aud_fade none = {0, AUD_EQUAL_POWER}, slow = {250, AUD_EQUAL_POWER};
	struct aud_fade quick = {1, AUD_LINEAR}, other = {7, AUD_LINEAR};
	struct aud_cleared cleared;
	struct aud_playout playout;
	uint64_t paused, resumed, moved;
	struct aud_source *s;
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(aud_source_by_handle(t.a, &s, 9), 0);
	ck_assert_uint_eq(aud_source_handle(s), 9);
	ck_assert_uint_eq(aud_source_queue_frames(s), 0);
	peer_run(&t.peer, obey);

	ck_assert_int_eq(aud_source_pause(s, &quick, &paused), 0);
	ck_assert_int_eq(aud_source_resume(s, &slow, &resumed), 0);
	ck_assert_int_eq(aud_source_move(s, "headset", &other, &moved), 0);
	ck_assert_int_eq(aud_source_set_gain(s, 0.25f, 30), 0);
	ck_assert_int_eq(aud_source_clear_queue(s, &none, &cleared), 0);
	ck_assert_int_eq(aud_source_wait_for_playout(s, &limits, &playout), 0);

	ck_assert_uint_eq(paused, 100);
	ck_assert_uint_eq(resumed, 101);
	ck_assert_uint_eq(moved, 102);
	ck_assert_uint_eq(cleared.heard_until, 1);
	ck_assert_uint_eq(cleared.dropped, 2);
	ck_assert_uint_eq(cleared.taken_back, 3);
	ck_assert_uint_eq(cleared.in_device, 4);
	ck_assert_uint_eq(cleared.at_ns, 5);
	ck_assert_int_eq(playout.reason, AUD_TIMED_OUT);
	ck_assert_uint_eq(playout.played, 6);
	ck_assert_uint_eq(playout.at_ns, 7);
	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

/* Answers a clear, a pause, a resume and a wait that have nothing but defaults. */
static void obey_defaults(struct peer *p)
{
	Aud__PauseAudioSourceReply paused = AUD__PAUSE_AUDIO_SOURCE_REPLY__INIT;
	Aud__ResumeAudioSourceReply resumed = AUD__RESUME_AUDIO_SOURCE_REPLY__INIT;

	peer_expect(p, AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER);
	ck_assert_uint_eq(p->request->clear_audio_buffer->fade_ms, 5);
	ck_assert_int_eq(p->request->clear_audio_buffer->curve, AUD__FADE_CURVE__LINEAR);
	peer_cleared(p, p->request->async_id, 0);
	peer_expect(p, AUD__REQUEST__KIND_PAUSE_AUDIO_SOURCE);
	ck_assert_uint_eq(p->request->pause_audio_source->fade_ms, 5);
	ck_assert_int_eq(p->request->pause_audio_source->curve, AUD__FADE_CURVE__LINEAR);
	peer_answer(p, AUD__REPLY__KIND_PAUSE_AUDIO_SOURCE, &paused);
	peer_expect(p, AUD__REQUEST__KIND_RESUME_AUDIO_SOURCE);
	ck_assert_uint_eq(p->request->resume_audio_source->fade_ms, 5);
	ck_assert_int_eq(p->request->resume_audio_source->curve, AUD__FADE_CURVE__LINEAR);
	peer_answer(p, AUD__REPLY__KIND_RESUME_AUDIO_SOURCE, &resumed);
	peer_expect(p, AUD__REQUEST__KIND_WAIT_FOR_PLAYOUT);
	ck_assert(!p->request->wait_for_playout->has_timeout_ms);
	ck_assert(!p->request->wait_for_playout->has_device_lost_ms);
	ck_assert(!p->request->wait_for_playout->only_present);
	peer_played(p, p->request->async_id, 0);
}

START_TEST(without_options_a_fade_is_5_ms_and_a_wait_has_no_limit)
{
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, obey_defaults);

	ck_assert_int_eq(aud_source_clear_queue(t.s, NULL, NULL), 0);
	ck_assert_int_eq(aud_source_pause(t.s, NULL, NULL), 0);
	ck_assert_int_eq(aud_source_resume(t.s, NULL, NULL), 0);
	ck_assert_int_eq(aud_source_wait_for_playout(t.s, NULL, NULL), 0);

	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

START_TEST(freeing_ones_own_source_closes_it_without_waiting)
{
	struct talk t;

	talk_init(&t);

	aud_source_free(t.s);

	peer_expect(&t.peer, AUD__REQUEST__KIND_CLOSE_AUDIO_SOURCE);
	ck_assert_uint_eq(t.peer.request->close_audio_source->source_handle, 5);
	ck_assert(!t.peer.request->close_audio_source->drop);
	peer_refuse(&t.peer, AUD__ERROR_CODE__NOT_FOUND, "nobody is told");
	ck_assert_int_eq(aud_dispatch(t.a), 0);
	talk_done(&t);
}
END_TEST

START_TEST(freeing_the_handle_of_anothers_source_leaves_it_alone)
{
	struct aud_source *s;
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(aud_source_by_handle(t.a, &s, 9), 0);

	aud_source_free(s);
	aud_source_free(NULL);

	ck_assert(!peer_has_more(&t.peer));
	talk_done(&t);
}
END_TEST

static void close_and_drop(struct peer *p)
{
	Aud__CloseAudioSourceReply closed = AUD__CLOSE_AUDIO_SOURCE_REPLY__INIT;

	peer_expect(p, AUD__REQUEST__KIND_CLOSE_AUDIO_SOURCE);
	ck_assert(p->request->close_audio_source->drop);
	peer_answer(p, AUD__REPLY__KIND_CLOSE_AUDIO_SOURCE, &closed);
}

START_TEST(a_source_that_was_closed_is_not_closed_again_when_it_is_freed)
{
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, close_and_drop);

	ck_assert_int_eq(aud_source_close(t.s, true), 0);
	peer_join(&t.peer);
	aud_source_free(t.s);

	ck_assert(!peer_has_more(&t.peer));
	talk_done(&t);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lib_source");

	tcase_add_test(t, a_source_without_options_has_the_defaults);
	tcase_add_test(t, options_reach_the_daemon_and_the_size_of_a_frame_follows_them);
	tcase_add_test(t, a_source_of_no_size_is_refused_here);
	tcase_add_test(t, a_source_that_the_daemon_refuses_is_none);
	tcase_add_test(t, a_source_of_others_can_be_controlled);
	tcase_add_test(t, without_options_a_fade_is_5_ms_and_a_wait_has_no_limit);
	tcase_add_test(t, freeing_ones_own_source_closes_it_without_waiting);
	tcase_add_test(t, freeing_the_handle_of_anothers_source_leaves_it_alone);
	tcase_add_test(t, a_source_that_was_closed_is_not_closed_again_when_it_is_freed);
	return suite_run("lib_source", t);
}
