/* SPDX-License-Identifier: MIT */
/*
 * libaud: captures with a deadline, or only as far as there is room. Of one that ends
 * early, what is accepted is its beginning, and nothing behind that is sent.
 */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "pieces.h"
#include "suite.h"
#include "talk.h"

enum { MINUTE = 60000 }; /* ms: more than a test may take */

static struct aud_capture_options options(void)
{
	return (struct aud_capture_options)AUD_CAPTURE_OPTIONS_INIT;
}

/* Accepts so many frames of a piece, from this position. */
static void answer(struct peer *p, const struct piece *piece, uint64_t first,
		   uint32_t accepted, Aud__DropReason reason)
{
	Aud__CaptureAudioFrameReply captured = AUD__CAPTURE_AUDIO_FRAME_REPLY__INIT;

	captured.has_first = captured.has_accepted = captured.has_dropped = true;
	captured.has_reason = captured.has_free = true;
	captured.first = first;
	captured.accepted = accepted;
	captured.dropped = piece->frames - accepted;
	captured.reason = reason;
	captured.free = 10000 + piece->first;
	peer_answer_id(p, piece->id, AUD__REPLY__KIND_CAPTURE_AUDIO_FRAME, &captured);
}

static void accept_all(struct peer *p, const struct piece *piece)
{
	answer(p, piece, 50 + piece->first, piece->frames, AUD__DROP_REASON__NOT_DROPPED);
}

/* ---- without waiting for the answer ------------------------------------------------- */

START_TEST(options_go_with_a_capture_that_does_not_wait)
{
	struct aud_capture_options o = {.at = 0, .timeout_ms = 0, .only_what_fits = true};
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(aud_source_capture_frame_async(t.s, "abcd", 1, &o, NULL, NULL),
			 0);
	ck_assert_int_eq(aud_source_capture_frame_async(t.s, "abcd", 1, NULL, NULL, NULL),
			 0);

	peer_expect(&t.peer, AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME);
	ck_assert(taken(&t.peer)->has_at);
	ck_assert_uint_eq(taken(&t.peer)->at, 0);
	ck_assert(taken(&t.peer)->has_timeout_ms);
	ck_assert_uint_eq(taken(&t.peer)->timeout_ms, 0);
	ck_assert(taken(&t.peer)->only_what_fits);
	peer_expect(&t.peer, AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME);
	ck_assert(!taken(&t.peer)->has_at);
	ck_assert(!taken(&t.peer)->has_timeout_ms);
	ck_assert(!taken(&t.peer)->only_what_fits);
	talk_done(&t);
}
END_TEST

/* ---- only what fits ----------------------------------------------------------------- */

static void take_what_fits(struct peer *p)
{
	struct piece piece = take_piece(p);

	ck_assert(taken(p)->only_what_fits);
	ck_assert(!taken(p)->has_timeout_ms);
	answer(p, &piece, 50, 300, AUD__DROP_REASON__DROPPED_FOR_ROOM);
}

START_TEST(a_try_says_what_fitted_and_how_much_more_would)
{
	uint32_t *frames = frames_new(0, 480);
	struct aud_captured captured;
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, take_what_fits);

	ck_assert_int_eq(aud_source_try_capture_frame(t.s, frames, 480, &captured), 0);

	ck_assert_uint_eq(captured.first, 50);
	ck_assert_uint_eq(captured.accepted, 300);
	ck_assert_uint_eq(captured.dropped, 180);
	ck_assert_uint_eq(captured.free, 10000);
	ck_assert_int_eq(captured.reason, AUD_DROPPED_FOR_ROOM);
	peer_join(&t.peer);
	talk_done(&t);
	free(frames);
}
END_TEST

/* Two pieces fit, and half of the third. None may be on its way behind it. */
static void take_two_and_a_half(struct peer *p)
{
	struct piece piece;

	for (int i = 0; i < 3; i++) {
		piece = take_piece(p);
		ck_assert(taken(p)->only_what_fits);
		ck_assert(!peer_has_more(p));
		if (i < 2)
			accept_all(p, &piece);
	}
	answer(p, &piece, 50 + piece.first, piece.frames / 2,
	       AUD__DROP_REASON__DROPPED_FOR_ROOM);
}

START_TEST(the_first_piece_that_does_not_fit_whole_ends_a_try)
{
	uint32_t *frames = frames_new(0, LONG);
	struct aud_captured captured;
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, take_two_and_a_half);

	ck_assert_int_eq(aud_source_try_capture_frame(t.s, frames, LONG, &captured), 0);

	peer_join(&t.peer);
	ck_assert_uint_eq(captured.first, 50);
	ck_assert_uint_eq(captured.accepted, 2 * PIECE + PIECE / 2);
	ck_assert_uint_eq(captured.dropped, LONG - captured.accepted);
	ck_assert_uint_eq(captured.free, 10000 + 2 * PIECE);
	ck_assert_int_eq(captured.reason, AUD_DROPPED_FOR_ROOM);
	ck_assert(!peer_has_more(&t.peer));
	talk_done(&t);
	free(frames);
}
END_TEST

/* ---- deadlines ---------------------------------------------------------------------- */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* Each piece takes 2 ms and more; the third ends by the deadline, with 1000 frames in. */
static void take_by_deadline(struct peer *p)
{
	uint32_t left = MINUTE + 2;
	struct piece piece;
	uint64_t came;

	for (int i = 0; i < 3; i++) {
		piece = take_piece(p);
		came = now_ns();
		ck_assert(taken(p)->has_timeout_ms);
		ck_assert_uint_gt(taken(p)->timeout_ms, 0);
		ck_assert_uint_le(taken(p)->timeout_ms, left - 2);
		left = taken(p)->timeout_ms;
		while (now_ns() < came + 2000000)
			;
		ck_assert(!peer_has_more(p));
		if (i < 2)
			accept_all(p, &piece);
	}
	answer(p, &piece, 50 + piece.first, 1000, AUD__DROP_REASON__DROPPED_BY_DEADLINE);
}

START_TEST(a_deadline_is_one_for_all_pieces_and_ends_them)
{
	uint32_t *frames = frames_new(0, LONG);
	struct aud_capture_options o = options();
	struct aud_captured captured;
	struct talk t;

	talk_init(&t);
	o.timeout_ms = MINUTE;
	peer_run(&t.peer, take_by_deadline);

	ck_assert_int_eq(aud_source_capture_frame_with(t.s, frames, LONG, &o, &captured),
			 0);

	peer_join(&t.peer);
	ck_assert_uint_eq(captured.first, 50);
	ck_assert_uint_eq(captured.accepted, 2 * PIECE + 1000);
	ck_assert_uint_eq(captured.dropped, LONG - captured.accepted);
	ck_assert_int_eq(captured.reason, AUD_DROPPED_BY_DEADLINE);
	ck_assert(!peer_has_more(&t.peer));
	talk_done(&t);
	free(frames);
}
END_TEST

/* Takes a capture of two pieces that have no time to wait. */
static void take_without_time(struct peer *p)
{
	struct piece piece;

	for (int i = 0; i < 2; i++) {
		piece = take_piece(p);
		ck_assert(taken(p)->has_timeout_ms);
		ck_assert_uint_eq(taken(p)->timeout_ms, 0);
		accept_all(p, &piece);
	}
}

START_TEST(even_without_any_time_there_may_be_room_for_all)
{
	uint32_t *frames = frames_new(0, 2 * PIECE);
	struct aud_capture_options o = options();
	struct aud_captured captured;
	struct talk t;

	talk_init(&t);
	o.timeout_ms = 0;
	peer_run(&t.peer, take_without_time);

	ck_assert_int_eq(
		aud_source_capture_frame_with(t.s, frames, 2 * PIECE, &o, &captured), 0);

	peer_join(&t.peer);
	ck_assert_uint_eq(captured.accepted, 2 * PIECE);
	ck_assert_int_eq(captured.reason, AUD_NOT_DROPPED);
	talk_done(&t);
	free(frames);
}
END_TEST

/* ---- standing in line behind another thread's capture ------------------------------- */

static void *capture_one(void *source)
{
	struct aud_captured captured;

	ck_assert_int_eq(aud_source_capture_frame(source, "abcd", 1, &captured), 0);
	ck_assert_uint_eq(captured.accepted, 1);
	return NULL;
}

static const struct {
	struct aud_capture_options options;
	enum aud_drop_reason reason;
} impatient[] = {
	{{AUD_NO_POSITION, AUD_NO_TIMEOUT, true}, AUD_DROPPED_FOR_ROOM},
	{{AUD_NO_POSITION, MINUTE, true}, AUD_DROPPED_FOR_ROOM},
	{{AUD_NO_POSITION, 0, false}, AUD_DROPPED_BY_DEADLINE},
	{{AUD_NO_POSITION, 3, false}, AUD_DROPPED_BY_DEADLINE},
};

START_TEST(who_may_not_wait_does_not_stand_in_line)
{
	struct aud_captured captured;
	pthread_t thread;
	struct talk t;

	talk_init(&t);
	pthread_create(&thread, NULL, capture_one, t.s);
	peer_expect(&t.peer, AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME);

	ck_assert_int_eq(aud_source_capture_frame_with(t.s, "abcd", 1,
						       &impatient[_i].options, &captured),
			 0);

	ck_assert_uint_eq(captured.first, AUD_NO_POSITION);
	ck_assert_uint_eq(captured.accepted, 0);
	ck_assert_uint_eq(captured.dropped, 1);
	ck_assert_uint_eq(captured.free, 0);
	ck_assert_int_eq(captured.reason, impatient[_i].reason);
	ck_assert(!peer_has_more(&t.peer));
	peer_captured(&t.peer, t.peer.request->async_id, 0, 1, 0);
	pthread_join(thread, NULL);
	talk_done(&t);
}
END_TEST

enum { CAPTURES = 300, PATIENT = 2, THREADS = 4 };

/* Accepts a frame at a time, until all that the patient threads have is there. */
static void take_patient_ones(struct peer *p)
{
	for (int patient = 0; patient < PATIENT * CAPTURES;) {
		peer_expect(p, AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME);
		patient += !taken(p)->has_timeout_ms;
		peer_captured(p, p->request->async_id, 0, 1, 0);
	}
}

static void *capture_patiently(void *source)
{
	for (int i = 0; i < CAPTURES; i++)
		capture_one(source);
	return NULL;
}

/* Stands in line again and again; leaves it, or the daemon has gone home. */
static void *capture_impatiently(void *source)
{
	struct aud_capture_options o = options();
	int r = 0;

	for (int i = 0; r == 0; i++) {
		o.timeout_ms = i % 2;
		r = aud_source_capture_frame_with(source, "abcd", 1, &o, NULL);
	}
	ck_assert_int_eq(r, -ENOTCONN);
	return NULL;
}

START_TEST(who_leaves_the_line_does_not_stop_those_behind)
{
	pthread_t threads[THREADS];
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, take_patient_ones);

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL,
			       i < PATIENT ? capture_patiently : capture_impatiently,
			       t.s);
	for (int i = 0; i < PATIENT; i++)
		pthread_join(threads[i], NULL);

	peer_join(&t.peer);
	peer_hang_up(&t.peer);
	for (int i = PATIENT; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	talk_done(&t);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lib_capture_limits");

	tcase_set_timeout(t, 30);
	tcase_add_test(t, options_go_with_a_capture_that_does_not_wait);
	tcase_add_test(t, a_try_says_what_fitted_and_how_much_more_would);
	tcase_add_test(t, the_first_piece_that_does_not_fit_whole_ends_a_try);
	tcase_add_test(t, a_deadline_is_one_for_all_pieces_and_ends_them);
	tcase_add_test(t, even_without_any_time_there_may_be_room_for_all);
	tcase_add_loop_test(t, who_may_not_wait_does_not_stand_in_line, 0,
			    sizeof(impatient) / sizeof(impatient[0]));
	tcase_add_test(t, who_leaves_the_line_does_not_stop_those_behind);
	return suite_run("lib_capture_limits", t);
}
