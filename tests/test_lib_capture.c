/* SPDX-License-Identifier: MIT */
/*
 * libaud: captures, whole and in pieces.
 */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "pieces.h"
#include "suite.h"
#include "talk.h"

enum { NUM_PIECES = 4 }; /* that the library has under way */

/* Accepts all of the latest capture. */
static void accept_all(struct peer *p, uint64_t first)
{
	peer_captured(p, p->request->async_id, first, taken_frames(p), 0);
}

static void take_one(struct peer *p)
{
	const Aud__AudioFrameBuffer *buffer;

	peer_expect(p, AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME);
	buffer = taken(p)->buffer;
	ck_assert_uint_eq(taken(p)->source_handle, 5);
	ck_assert(!taken(p)->has_at);
	ck_assert(!taken(p)->continues);
	ck_assert_uint_eq(buffer->sample_rate, 48000);
	ck_assert_uint_eq(buffer->num_channels, 2);
	ck_assert_uint_eq(buffer->samples_per_channel, 480);
	ck_assert_uint_eq(buffer->data.len, 480 * FRAME_BYTES);
	for (uint32_t i = 0; i < 480; i++)
		ck_assert_mem_eq(buffer->data.data + i * FRAME_BYTES, &i, FRAME_BYTES);
	accept_all(p, 7000);
}

START_TEST(a_short_capture_is_one_message)
{
	uint32_t *frames = frames_new(0, 480);
	struct aud_captured captured;
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, take_one);

	ck_assert_int_eq(aud_source_capture_frame(t.s, frames, 480, &captured), 0);

	peer_join(&t.peer);
	ck_assert_uint_eq(captured.first, 7000);
	ck_assert_uint_eq(captured.accepted, 480);
	ck_assert_uint_eq(captured.dropped, 0);
	ck_assert_int_eq(captured.reason, AUD_NOT_DROPPED);
	ck_assert(!peer_has_more(&t.peer));
	talk_done(&t);
	free(frames);
}
END_TEST

START_TEST(no_frames_are_captured_at_once)
{
	struct aud_captured captured = {.accepted = 1};
	struct talk t;

	talk_init(&t);

	ck_assert_int_eq(aud_source_capture_frame(t.s, NULL, 0, &captured), 0);
	ck_assert_int_eq(aud_source_capture_frame(t.s, NULL, 0, NULL), 0);

	ck_assert_uint_eq(captured.accepted, 0);
	ck_assert_uint_eq(captured.dropped, 0);
	ck_assert_uint_eq(captured.first, AUD_NO_POSITION);
	ck_assert(!peer_has_more(&t.peer));
	talk_done(&t);
}
END_TEST

START_TEST(what_cannot_be_captured_is_refused_here)
{
	static uint8_t data[65537 * FRAME_BYTES];
	struct aud_source *other, *wide;
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(aud_source_by_handle(t.a, &other, 9), 0);
	wide = peer_source(&t.peer, t.a, 6, 32);

	ck_assert_int_eq(aud_source_capture_frame(t.s, NULL, 1, NULL), -EINVAL);
	ck_assert_int_eq(aud_source_capture_frame(other, data, 1, NULL), -EACCES);
	ck_assert_int_eq(aud_source_capture_frame_async(other, data, 1, NULL, NULL, NULL),
			 -EACCES);
	ck_assert_int_eq(
		aud_source_capture_frame_async(t.s, data, 65537, NULL, NULL, NULL),
		-EMSGSIZE);
	ck_assert_int_eq(
		aud_source_capture_frame_async(wide, data, 15361, NULL, NULL, NULL),
		-EMSGSIZE);

	ck_assert(!peer_has_more(&t.peer));
	talk_done(&t);
}
END_TEST

START_TEST(a_capture_that_does_not_wait_copies_its_data)
{
	uint32_t *frames = frames_new(100, 65536);
	struct told told = {0};
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(aud_source_capture_frame_async(t.s, frames, 65536, NULL,
							told_accepted, &told),
			 0);
	memset(frames, 0xff, 65536 * FRAME_BYTES);
	free(frames);

	peer_run(&t.peer, peer_take);
	while (aud_poll_events(t.a) != POLLIN)
		ck_assert_int_eq(aud_dispatch(t.a), 0);
	peer_join(&t.peer);
	ck_assert_uint_eq(taken_frames(&t.peer), 65536);
	ck_assert_uint_eq(first_taken(&t.peer), 100);
	accept_all(&t.peer, 0);

	ck_assert_int_eq(aud_wait(t.a, -1), 1);
	ck_assert_uint_eq(told.numbers[0], 65536);
	talk_done(&t);
}
END_TEST

/* Takes one long capture, which is answered a piece at a time when no more will come. */
static void take_long(struct peer *p)
{
	struct piece pieces[NUM_PIECES];
	uint32_t came = 0, answered = 0;
	int head = 0, tail = 0;

	while (answered < LONG) {
		while (came < LONG && tail - head < NUM_PIECES) {
			pieces[tail % NUM_PIECES] = take_piece(p);
			ck_assert_uint_eq(pieces[tail % NUM_PIECES].first, came);
			came += pieces[tail++ % NUM_PIECES].frames;
			ck_assert_uint_le((came - answered) * FRAME_BYTES, 1024 * 1024);
		}
		ck_assert(!peer_has_more(p));
		peer_captured(p, pieces[head % NUM_PIECES].id, 50 + answered,
			      pieces[head % NUM_PIECES].frames, 0);
		answered += pieces[head++ % NUM_PIECES].frames;
	}
}

START_TEST(a_long_capture_is_cut_into_pieces_and_summed_up)
{
	uint32_t *frames = frames_new(0, LONG);
	struct aud_captured captured;
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, take_long);

	ck_assert_int_eq(aud_source_capture_frame(t.s, frames, LONG, &captured), 0);

	peer_join(&t.peer);
	ck_assert_uint_eq(captured.first, 50);
	ck_assert_uint_eq(captured.accepted, LONG);
	ck_assert_uint_eq(captured.dropped, 0);
	ck_assert_int_eq(captured.reason, AUD_NOT_DROPPED);
	talk_done(&t);
	free(frames);
}
END_TEST

/* Takes as many pieces as come, and answers as if a clear had come when 1000 frames of
 * the first were in the queue. */
static void clear_a_long_one(struct peer *p)
{
	struct piece pieces[NUM_PIECES];

	for (int i = 0; i < NUM_PIECES; i++)
		pieces[i] = take_piece(p);
	peer_captured(p, pieces[0].id, 50, 1000, pieces[0].frames - 1000);
	for (int i = 1; i < NUM_PIECES; i++)
		peer_captured(p, pieces[i].id, 0, 0, pieces[i].frames);
}

START_TEST(a_clear_drops_all_the_rest_also_what_was_not_sent)
{
	uint32_t *frames = frames_new(0, LONG);
	struct aud_captured captured;
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, clear_a_long_one);

	ck_assert_int_eq(aud_source_capture_frame(t.s, frames, LONG, &captured), 0);

	peer_join(&t.peer);
	ck_assert_uint_eq(captured.first, 50);
	ck_assert_uint_eq(captured.accepted, 1000);
	ck_assert_uint_eq(captured.dropped, LONG - 1000);
	ck_assert_int_eq(captured.reason, AUD_DROPPED_BY_CLEAR);
	ck_assert(!peer_has_more(&t.peer));
	talk_done(&t);
	free(frames);
}
END_TEST

static void refuse_a_long_one(struct peer *p)
{
	for (int i = 0; i < NUM_PIECES; i++)
		take_piece(p);
	peer_refuse(p, AUD__ERROR_CODE__LIMIT_REACHED, "the last of them");
	for (int i = 1; i < NUM_PIECES; i++) {
		p->request->async_id--;
		peer_refuse(p, AUD__ERROR_CODE__LIMIT_REACHED, "too many bytes");
	}
	take_one(p);
}

START_TEST(a_refusal_says_nothing_about_the_next_capture)
{
	uint32_t *frames = frames_new(0, LONG);
	struct aud_captured captured = {.accepted = 3};
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, refuse_a_long_one);

	ck_assert_int_eq(aud_source_capture_frame(t.s, frames, LONG, &captured),
			 -ENOBUFS);
	ck_assert_str_eq(aud_error(t.a), "too many bytes");
	ck_assert_uint_eq(captured.accepted, 3);
	ck_assert_int_eq(aud_source_capture_frame(t.s, frames, 480, &captured), 0);

	peer_join(&t.peer);
	ck_assert_uint_eq(captured.accepted, 480);
	talk_done(&t);
	free(frames);
}
END_TEST

static void hang_up_on_a_long_one(struct peer *p)
{
	take_piece(p);
	take_piece(p);
	peer_hang_up(p);
}

START_TEST(a_connection_lost_in_the_middle_is_an_error)
{
	uint32_t *frames = frames_new(0, LONG);
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, hang_up_on_a_long_one);

	ck_assert_int_eq(aud_source_capture_frame(t.s, frames, LONG, NULL), -ENOTCONN);

	ck_assert_str_eq(aud_error(t.a), "the daemon has closed the connection");
	peer_join(&t.peer);
	talk_done(&t);
	free(frames);
}
END_TEST

enum { CAPTURES = 10 }; /* of each of two threads */

/* Takes all that two threads capture: what begins has to be finished before another
 * begins. */
static void take_in_turn(struct peer *p)
{
	uint32_t next = 0;
	struct piece piece;

	for (int captures = 0; captures < 2 * CAPTURES;) {
		piece = take_piece(p);
		if (next % LONG == 0)
			ck_assert_uint_eq(piece.first % LONG, 0);
		else
			ck_assert_uint_eq(piece.first, next);
		next = piece.first + piece.frames;
		captures += next % LONG == 0;
		peer_captured(p, piece.id, 0, piece.frames, 0);
	}
}

struct capturer {
	struct aud_source *source;
	const uint32_t *frames;
};

static void *capture_often(void *capturer)
{
	struct capturer *c = capturer;
	struct aud_captured captured;

	for (int i = 0; i < CAPTURES; i++) {
		ck_assert_int_eq(
			aud_source_capture_frame(c->source, c->frames, LONG, &captured),
			0);
		ck_assert_uint_eq(captured.accepted, LONG);
	}
	return NULL;
}

START_TEST(captures_of_two_threads_do_not_mix)
{
	uint32_t *frames = frames_new(0, LONG), *others = frames_new(LONG, LONG);
	struct capturer one, two;
	pthread_t thread;
	struct talk t;

	talk_init(&t);
	one = (struct capturer){.source = t.s, .frames = frames};
	two = (struct capturer){.source = t.s, .frames = others};
	peer_run(&t.peer, take_in_turn);

	ck_assert_int_eq(pthread_create(&thread, NULL, capture_often, &two), 0);
	capture_often(&one);

	pthread_join(thread, NULL);
	peer_join(&t.peer);
	ck_assert(!peer_has_more(&t.peer));
	talk_done(&t);
	free(frames);
	free(others);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lib_capture");

	tcase_set_timeout(t, 30);
	tcase_add_test(t, a_short_capture_is_one_message);
	tcase_add_test(t, no_frames_are_captured_at_once);
	tcase_add_test(t, what_cannot_be_captured_is_refused_here);
	tcase_add_test(t, a_capture_that_does_not_wait_copies_its_data);
	tcase_add_test(t, a_long_capture_is_cut_into_pieces_and_summed_up);
	tcase_add_test(t, a_clear_drops_all_the_rest_also_what_was_not_sent);
	tcase_add_test(t, a_refusal_says_nothing_about_the_next_capture);
	tcase_add_test(t, a_connection_lost_in_the_middle_is_an_error);
	tcase_add_test(t, captures_of_two_threads_do_not_mix);
	return suite_run("lib_capture", t);
}
