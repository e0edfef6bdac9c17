/* SPDX-License-Identifier: MIT */
/*
 * libaud: several threads on one connection. Whoever polls, each call gets its own
 * answer, and nobody is left behind.
 */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "suite.h"
#include "talk.h"

static void *wait_until_played(void *source)
{
	struct aud_playout playout;

	ck_assert_int_eq(aud_source_wait_for_playout(source, NULL, &playout), 0);
	ck_assert_int_eq(playout.reason, AUD_PLAYED);
	ck_assert_uint_eq(playout.played, 11);
	return NULL;
}

static void answer(struct peer *p, Aud__Request__KindCase kind, uint64_t id)
{
	if (kind == AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER)
		peer_cleared(p, id, 22);
	else
		peer_played(p, id, 11);
}

/* Takes two requests and answers them in this order, or in the other. */
static void answer_two(struct peer *p)
{
	Aud__Request__KindCase kind;
	uint64_t id;

	peer_take(p);
	kind = p->request->kind_case;
	id = p->request->async_id;
	peer_take(p);
	if (p->user) {
		answer(p, kind, id);
		answer(p, p->request->kind_case, p->request->async_id);
	} else {
		answer(p, p->request->kind_case, p->request->async_id);
		answer(p, kind, id);
	}
}

START_TEST(two_threads_get_their_own_answers_in_either_order)
{
	struct aud_cleared cleared;
	pthread_t thread;
	struct talk t;

	talk_init(&t);
	for (int i = 0; i < 200; i++) {
		t.peer.user = i % 2 ? &t : NULL;
		peer_run(&t.peer, answer_two);
		pthread_create(&thread, NULL, wait_until_played, t.s);

		ck_assert_int_eq(aud_source_clear_queue(t.s, NULL, &cleared), 0);
		ck_assert_uint_eq(cleared.heard_until, 22);

		pthread_join(thread, NULL);
		peer_join(&t.peer);
	}
	talk_done(&t);
}
END_TEST

enum { THREADS = 8, CALLS = 200 };

/* Its answer is the question's own number. */
static void *ask_often(void *source)
{
	struct aud_cleared cleared;
	struct aud_fade number;

	for (int i = 0; i < CALLS; i++) {
		number = (struct aud_fade){.ms = (uint32_t)(uintptr_t)&cleared + i};
		ck_assert_int_eq(aud_source_clear_queue(source, &number, &cleared), 0);
		ck_assert_uint_eq(cleared.heard_until, number.ms);
	}
	return NULL;
}

/* Answers the questions of all threads in a random order. */
static void answer_at_random(struct peer *p)
{
	struct {
		uint64_t id, number;
	} open[THREADS];
	int num_open = 0, i;

	srand(1);
	for (int answered = 0; answered < THREADS * CALLS; answered++) {
		while (num_open == 0 || (num_open < THREADS && peer_has_more(p))) {
			peer_expect(p, AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER);
			open[num_open].id = p->request->async_id;
			open[num_open++].number = p->request->clear_audio_buffer->fade_ms;
		}
		i = rand() % num_open;
		peer_cleared(p, open[i].id, open[i].number);
		open[i] = open[--num_open];
	}
}

START_TEST(many_threads_ask_at_once)
{
	pthread_t threads[THREADS];
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, answer_at_random);

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, ask_often, t.s);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);

	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

static void *ask_in_vain(void *source)
{
	ck_assert_int_eq(aud_source_clear_queue(source, NULL, NULL), -ENOTCONN);
	ck_assert_str_eq(aud_error(NULL), "the daemon has closed the connection");
	return NULL;
}

static void hang_up_on_all(struct peer *p)
{
	for (int i = 0; i < THREADS; i++)
		peer_take(p);
	peer_hang_up(p);
}

START_TEST(a_lost_connection_releases_every_thread)
{
	pthread_t threads[THREADS];
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, hang_up_on_all);

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, ask_in_vain, t.s);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);

	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

static void *capture_and_be_cleared(void *source)
{
	static uint8_t data[4 * 100];
	struct aud_captured captured;

	ck_assert_int_eq(aud_source_capture_frame(source, data, 100, &captured), 0);
	ck_assert_uint_eq(captured.dropped, 100);
	ck_assert_int_eq(captured.reason, AUD_DROPPED_BY_CLEAR);
	return NULL;
}

START_TEST(a_clear_is_not_stuck_behind_a_capture_that_waits)
{
	struct told told = {0};
	pthread_t thread;
	uint64_t id;
	struct talk t;

	talk_init(&t);
	pthread_create(&thread, NULL, capture_and_be_cleared, t.s);
	peer_expect(&t.peer, AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME);
	id = t.peer.request->async_id;

	ck_assert_int_eq(aud_source_clear_queue_async(t.s, NULL, told_heard_until, &told),
			 0);

	peer_expect(&t.peer, AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER);
	peer_cleared(&t.peer, t.peer.request->async_id, 33);
	peer_captured(&t.peer, id, 0, 0, 100);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(told.numbers[0], 33);
	talk_done(&t);
}
END_TEST

/* A callback that tells which thread it ran on, and tries to wait there. */
struct witness {
	struct talk *talk;
	pthread_t thread;
	int waiting;
	atomic_int count;
};

static void witness(const struct aud_result *result, void *user)
{
	struct witness *w = user;

	ck_assert_int_eq(result->error, 0);
	w->thread = pthread_self();
	w->waiting = aud_source_clear_queue(w->talk->s, NULL, NULL);
	w->count++;
}

START_TEST(a_callback_runs_on_the_thread_that_waits)
{
	struct talk t;
	struct witness w = {.talk = &t};
	pthread_t thread;
	uint64_t id;

	talk_init(&t);
	pthread_create(&thread, NULL, wait_until_played, t.s);
	peer_expect(&t.peer, AUD__REQUEST__KIND_WAIT_FOR_PLAYOUT);
	id = t.peer.request->async_id;
	ck_assert_int_eq(aud_source_clear_queue_async(t.s, NULL, witness, &w), 0);
	peer_take(&t.peer);
	peer_cleared(&t.peer, t.peer.request->async_id, 0);
	peer_played(&t.peer, id, 11);

	pthread_join(thread, NULL);

	ck_assert_int_eq(w.count, 1);
	ck_assert(pthread_equal(w.thread, thread));
	ck_assert_int_eq(w.waiting, -EDEADLK);
	talk_done(&t);
}
END_TEST

START_TEST(waiting_for_messages_ends_when_another_thread_has_taken_them)
{
	struct talk t;
	struct witness w = {.talk = &t};
	pthread_t thread;
	uint64_t id;

	talk_init(&t);
	pthread_create(&thread, NULL, wait_until_played, t.s);
	peer_expect(&t.peer, AUD__REQUEST__KIND_WAIT_FOR_PLAYOUT);
	id = t.peer.request->async_id;
	for (int i = 0; i < 200; i++) {
		ck_assert_int_eq(aud_source_clear_queue_async(t.s, NULL, witness, &w), 0);
		peer_take(&t.peer);
		peer_cleared(&t.peer, t.peer.request->async_id, 0);

		/* The limit is for a callback that has run just before this waits. */
		while (w.count == i)
			ck_assert_int_ge(aud_wait(t.a, 300), 0);
	}

	peer_played(&t.peer, id, 11);
	pthread_join(thread, NULL);
	talk_done(&t);
}
END_TEST

START_TEST(what_does_not_fit_the_socket_is_sent_by_the_thread_that_polls)
{
	static uint8_t data[65536 * 4];
	struct told told = {0};
	pthread_t thread;
	uint64_t id;
	struct talk t;

	talk_init(&t);
	pthread_create(&thread, NULL, wait_until_played, t.s);
	peer_expect(&t.peer, AUD__REQUEST__KIND_WAIT_FOR_PLAYOUT);
	id = t.peer.request->async_id;
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(aud_source_capture_frame_async(t.s, data, 65536, NULL,
								told_accepted, &told),
				 0);

	/* This thread makes no call of the library now. */
	for (int i = 0; i < 20; i++) {
		peer_expect(&t.peer, AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME);
		peer_captured(&t.peer, t.peer.request->async_id, 0, 65536, 0);
	}
	peer_played(&t.peer, id, 11);

	pthread_join(thread, NULL);
	ck_assert_int_eq(told.count, 20);
	ck_assert_int_eq(aud_poll_events(t.a), POLLIN);
	talk_done(&t);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lib_threads");

	tcase_set_timeout(t, 30);
	tcase_add_test(t, two_threads_get_their_own_answers_in_either_order);
	tcase_add_test(t, many_threads_ask_at_once);
	tcase_add_test(t, a_lost_connection_releases_every_thread);
	tcase_add_test(t, a_clear_is_not_stuck_behind_a_capture_that_waits);
	tcase_add_test(t, a_callback_runs_on_the_thread_that_waits);
	tcase_add_test(t, waiting_for_messages_ends_when_another_thread_has_taken_them);
	tcase_add_test(t, what_does_not_fit_the_socket_is_sent_by_the_thread_that_polls);
	return suite_run("lib_threads", t);
}
