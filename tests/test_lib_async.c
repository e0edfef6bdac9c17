/* SPDX-License-Identifier: MIT */
/*
 * libaud: calls that do not wait, and their callbacks.
 */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "suite.h"
#include "talk.h"

START_TEST(an_answer_reaches_its_callback)
{
	struct aud_fade fade = {.ms = 7};
	struct told told = {0};
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(
		aud_source_clear_queue_async(t.s, &fade, told_heard_until, &told), 0);
	ck_assert_int_eq(aud_dispatch(t.a), 0);
	ck_assert_int_eq(told.count, 0);

	peer_expect(&t.peer, AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER);
	ck_assert_uint_eq(t.peer.request->clear_audio_buffer->source_handle, 5);
	ck_assert_uint_eq(t.peer.request->clear_audio_buffer->fade_ms, 7);
	peer_cleared(&t.peer, t.peer.request->async_id, 4711);

	ck_assert_int_eq(aud_dispatch(t.a), 1);
	ck_assert_int_eq(told.count, 1);
	ck_assert_int_eq(told.errors[0], 0);
	ck_assert_uint_eq(told.numbers[0], 4711);
	ck_assert_str_eq(told.message, "");
	talk_done(&t);
}
END_TEST

START_TEST(a_refusal_reaches_its_callback_with_its_sentence)
{
	struct told told = {0};
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(aud_source_set_gain_async(t.s, 99, 0, told_position, &told), 0);
	peer_expect(&t.peer, AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN);
	peer_refuse(&t.peer, AUD__ERROR_CODE__INVALID_ARGUMENT, "gain is 99, at most 16");

	ck_assert_int_eq(aud_dispatch(t.a), 1);

	ck_assert_int_eq(told.errors[0], -EINVAL);
	ck_assert_str_eq(told.message, "gain is 99, at most 16");
	talk_done(&t);
}
END_TEST

START_TEST(pause_and_resume_tell_the_position)
{
	Aud__PauseAudioSourceReply paused = AUD__PAUSE_AUDIO_SOURCE_REPLY__INIT;
	Aud__ResumeAudioSourceReply resumed = AUD__RESUME_AUDIO_SOURCE_REPLY__INIT;
	Aud__MoveAudioSourceReply moved = AUD__MOVE_AUDIO_SOURCE_REPLY__INIT;
	struct told told = {0};
	struct talk t;

	talk_init(&t);
	paused.has_position = resumed.has_position = moved.has_position = true;
	paused.position = resumed.position = 1234;
	moved.position = 1235;
	ck_assert_int_eq(aud_source_pause_async(t.s, NULL, told_position, &told), 0);
	ck_assert_int_eq(aud_source_resume_async(t.s, NULL, told_position, &told), 0);
	ck_assert_int_eq(aud_source_move_async(t.s, "x", NULL, told_position, &told), 0);
	peer_expect(&t.peer, AUD__REQUEST__KIND_PAUSE_AUDIO_SOURCE);
	peer_answer(&t.peer, AUD__REPLY__KIND_PAUSE_AUDIO_SOURCE, &paused);
	peer_expect(&t.peer, AUD__REQUEST__KIND_RESUME_AUDIO_SOURCE);
	peer_answer(&t.peer, AUD__REPLY__KIND_RESUME_AUDIO_SOURCE, &resumed);
	peer_expect(&t.peer, AUD__REQUEST__KIND_MOVE_AUDIO_SOURCE);
	peer_answer(&t.peer, AUD__REPLY__KIND_MOVE_AUDIO_SOURCE, &moved);

	ck_assert_int_eq(aud_dispatch(t.a), 3);

	ck_assert_uint_eq(told.numbers[0], 1234);
	ck_assert_uint_eq(told.numbers[1], 1234);
	ck_assert_uint_eq(told.numbers[2], 1235);
	talk_done(&t);
}
END_TEST

START_TEST(answers_in_another_order_reach_their_own_callbacks)
{
	struct told first = {0}, second = {0};
	uint64_t id;
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(
		aud_source_wait_for_playout_async(t.s, NULL, told_played, &first), 0);
	ck_assert_int_eq(
		aud_source_clear_queue_async(t.s, NULL, told_heard_until, &second), 0);
	peer_expect(&t.peer, AUD__REQUEST__KIND_WAIT_FOR_PLAYOUT);
	id = t.peer.request->async_id;
	peer_expect(&t.peer, AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER);

	peer_cleared(&t.peer, t.peer.request->async_id, 22);
	ck_assert_int_eq(aud_dispatch(t.a), 1);
	ck_assert_int_eq(first.count, 0);
	ck_assert_uint_eq(second.numbers[0], 22);

	peer_played(&t.peer, id, 11);
	ck_assert_int_eq(aud_dispatch(t.a), 1);
	ck_assert_uint_eq(first.numbers[0], 11);
	ck_assert_int_eq(second.count, 1);
	talk_done(&t);
}
END_TEST

START_TEST(an_answer_to_no_request_is_ignored_also_a_second_one)
{
	struct told told = {0};
	uint64_t id;
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(aud_source_clear_queue_async(t.s, NULL, told_heard_until, &told),
			 0);
	peer_take(&t.peer);
	id = t.peer.request->async_id;

	peer_cleared(&t.peer, id + 1, 1);
	peer_cleared(&t.peer, 0, 2);
	peer_cleared(&t.peer, UINT64_MAX, 3);
	peer_cleared(&t.peer, id, 4);
	peer_cleared(&t.peer, id, 5);

	ck_assert_int_eq(aud_dispatch(t.a), 1);
	ck_assert_int_eq(told.count, 1);
	ck_assert_uint_eq(told.numbers[0], 4);
	talk_done(&t);
}
END_TEST

START_TEST(an_answer_of_another_kind_is_an_error_of_that_request)
{
	struct told told = {0};
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(aud_source_clear_queue_async(t.s, NULL, told_heard_until, &told),
			 0);
	peer_take(&t.peer);

	peer_played(&t.peer, t.peer.request->async_id, 1);

	ck_assert_int_eq(aud_dispatch(t.a), 1);
	ck_assert_int_eq(told.errors[0], -EPROTO);
	talk_done(&t);
}
END_TEST

START_TEST(a_long_wait_is_not_lost_among_thousands_of_others)
{
	struct told told = {0};
	uint64_t id;
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(aud_source_wait_for_playout_async(t.s, NULL, told_played, &told),
			 0);
	peer_take(&t.peer);
	ck_assert(!t.peer.request->wait_for_playout->has_timeout_ms);
	id = t.peer.request->async_id;

	for (int i = 0; i < 5000; i++) {
		ck_assert_int_eq(aud_source_clear_queue_async(t.s, NULL, NULL, NULL), 0);
		peer_take(&t.peer);
		ck_assert_uint_ne(t.peer.request->async_id, id);
		if (i % 100 < 90)
			peer_cleared(&t.peer, t.peer.request->async_id, i);
		ck_assert_int_eq(aud_dispatch(t.a), 0);
	}
	peer_played(&t.peer, id, 99);

	ck_assert_int_eq(aud_dispatch(t.a), 1);
	ck_assert_uint_eq(told.numbers[0], 99);
	talk_done(&t);
}
END_TEST

START_TEST(an_answer_may_come_a_byte_at_a_time)
{
	/* reply 8 bytes: async_id 3, wait_for_playout { reason PLAYED, played 9 } */
	static const char answer[] = "\x0a\x0a\x08\x08\x03\x3a\x04\x08\x01\x10\x09";
	struct told told = {0};
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(aud_source_wait_for_playout_async(t.s, NULL, told_played, &told),
			 0);
	peer_take(&t.peer);
	ck_assert_uint_eq(t.peer.request->async_id, 3);

	for (size_t i = 0; i < sizeof(answer) - 1; i++) {
		ck_assert_int_eq(told.count, 0);
		peer_say(&t.peer, answer + i, 1);
		ck_assert_int_ge(aud_dispatch(t.a), 0);
	}

	ck_assert_int_eq(told.count, 1);
	ck_assert_uint_eq(told.numbers[0], 9);
	talk_done(&t);
}
END_TEST

static void take_captures(struct peer *p)
{
	for (int i = 0; i < *(int *)p->user; i++)
		peer_expect(p, AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME);
}

START_TEST(what_is_pending_is_bounded_and_goes_out_when_the_daemon_reads)
{
	static uint8_t data[65536 * 4];
	struct pollfd fd = {.fd = -1};
	int sent = 0, error;
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(aud_poll_events(t.a), POLLIN);

	while ((error = aud_source_capture_frame_async(t.s, data, 65536, NULL, NULL,
						       NULL)) == 0)
		sent++;

	ck_assert_int_eq(error, -ENOBUFS);
	ck_assert_ptr_nonnull(strstr(aud_error(t.a), "8 MiB"));
	ck_assert_int_ge(sent, 32);
	ck_assert_int_le(sent, 40);
	ck_assert_int_eq(aud_poll_events(t.a), POLLIN | POLLOUT);

	t.peer.user = &sent;
	peer_run(&t.peer, take_captures);
	for (fd.fd = aud_fd(t.a); aud_poll_events(t.a) & POLLOUT;) {
		fd.events = aud_poll_events(t.a);
		ck_assert_int_eq(poll(&fd, 1, 3000), 1);
		ck_assert_int_eq(aud_dispatch(t.a), 0);
	}
	peer_join(&t.peer);
	ck_assert_int_eq(aud_source_capture_frame_async(t.s, data, 1, NULL, NULL, NULL),
			 0);
	talk_done(&t);
}
END_TEST

START_TEST(waiting_ends_with_the_time_or_with_an_answer)
{
	struct told told = {0};
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(aud_wait(t.a, 0), 0);
	ck_assert_int_eq(aud_wait(t.a, 1), 0);
	ck_assert_int_eq(aud_source_clear_queue_async(t.s, NULL, told_heard_until, &told),
			 0);
	peer_take(&t.peer);
	peer_cleared(&t.peer, t.peer.request->async_id, 6);

	ck_assert_int_eq(aud_wait(t.a, -1), 1);

	ck_assert_int_eq(told.count, 1);
	talk_done(&t);
}
END_TEST

/* Tries all sorts of calls from within a callback. */
struct caller {
	struct talk *talk;
	struct told told;
	int blocking, waiting, dispatching, submitting;
};

static void call_on(const struct aud_result *result, void *user)
{
	struct caller *c = user;
	struct aud_queued queued;

	ck_assert_int_eq(result->error, 0);
	c->blocking = aud_source_queued_duration(c->talk->s, &queued);
	c->waiting = aud_wait(c->talk->a, -1);
	c->dispatching = aud_dispatch(c->talk->a);
	c->submitting = aud_source_pause_async(c->talk->s, NULL, told_position, &c->told);
	aud_source_free(c->talk->s);
}

START_TEST(a_callback_may_call_but_not_wait)
{
	struct caller c = {0};
	struct talk t;

	talk_init(&t);
	c.talk = &t;
	ck_assert_int_eq(aud_source_clear_queue_async(t.s, NULL, call_on, &c), 0);
	peer_take(&t.peer);
	peer_cleared(&t.peer, t.peer.request->async_id, 0);

	ck_assert_int_eq(aud_dispatch(t.a), 1);

	ck_assert_int_eq(c.blocking, -EDEADLK);
	ck_assert_int_eq(c.waiting, -EDEADLK);
	ck_assert_int_eq(c.dispatching, 0);
	ck_assert_int_eq(c.submitting, 0);
	peer_expect(&t.peer, AUD__REQUEST__KIND_PAUSE_AUDIO_SOURCE);
	peer_expect(&t.peer, AUD__REQUEST__KIND_CLOSE_AUDIO_SOURCE);
	talk_done(&t);
	ck_assert_int_eq(c.told.count, 1);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lib_async");

	tcase_add_test(t, an_answer_reaches_its_callback);
	tcase_add_test(t, a_refusal_reaches_its_callback_with_its_sentence);
	tcase_add_test(t, pause_and_resume_tell_the_position);
	tcase_add_test(t, answers_in_another_order_reach_their_own_callbacks);
	tcase_add_test(t, an_answer_to_no_request_is_ignored_also_a_second_one);
	tcase_add_test(t, an_answer_of_another_kind_is_an_error_of_that_request);
	tcase_add_test(t, a_long_wait_is_not_lost_among_thousands_of_others);
	tcase_add_test(t, an_answer_may_come_a_byte_at_a_time);
	tcase_add_test(t, what_is_pending_is_bounded_and_goes_out_when_the_daemon_reads);
	tcase_add_test(t, waiting_ends_with_the_time_or_with_an_answer);
	tcase_add_test(t, a_callback_may_call_but_not_wait);
	return suite_run("lib_async", t);
}
