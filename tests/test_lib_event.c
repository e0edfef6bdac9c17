/* SPDX-License-Identifier: MIT */
/*
 * libaud: events reach their handler, once and in order, whatever waits meanwhile.
 */
#include <check.h>
#include <errno.h>
#include <pthread.h>

#include "suite.h"
#include "talk.h"

START_TEST(without_a_handler_events_are_read_and_forgotten)
{
	struct events told = {0};
	struct talk t;

	talk_init(&t);
	peer_drained(&t.peer, 1);
	ck_assert_int_eq(aud_dispatch(t.a), 0);
	aud_set_event_handler(t.a, told_event, &told);
	peer_drained(&t.peer, 2);
	ck_assert_int_eq(aud_dispatch(t.a), 1);
	aud_set_event_handler(t.a, NULL, NULL);
	peer_drained(&t.peer, 3);

	ck_assert_int_eq(aud_dispatch(t.a), 0);

	ck_assert_int_eq(told.count, 1);
	ck_assert_uint_eq(told.events[0].position, 2);
	talk_done(&t);
}
END_TEST

/* One row for answers and events, in the order in which they come. */
static void append_answer(const struct aud_result *result, void *user)
{
	struct told *told = user;

	ck_assert_int_eq(result->error, 0);
	told->numbers[told->count++] = result->cleared->heard_until;
}

static void append_event(const struct aud_event *event, void *user)
{
	struct told *told = user;

	told->numbers[told->count++] = event->position;
}

START_TEST(events_and_answers_come_in_the_daemons_order)
{
	struct told told = {0};
	struct talk t;

	talk_init(&t);
	aud_set_event_handler(t.a, append_event, &told);
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(
			aud_source_clear_queue_async(t.s, NULL, append_answer, &told), 0);
		peer_take(&t.peer);
		peer_drained(&t.peer, 3 * i);
		peer_cleared(&t.peer, t.peer.request->async_id, 3 * i + 1);
		peer_drained(&t.peer, 3 * i + 2);
	}

	ck_assert_int_eq(aud_dispatch(t.a), 60);

	ck_assert_int_eq(told.count, 60);
	for (int i = 0; i < 60; i++)
		ck_assert_uint_eq(told.numbers[i], i);
	talk_done(&t);
}
END_TEST

/* Says ten events around the answer to a clear. */
static void answer_among_events(struct peer *p)
{
	peer_expect(p, AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER);
	for (int i = 0; i < 7; i++)
		peer_drained(p, i);
	peer_cleared(p, p->request->async_id, 4711);
	for (int i = 7; i < 10; i++)
		peer_drained(p, i);
}

START_TEST(a_blocking_call_tells_events_while_it_waits_and_loses_none)
{
	struct aud_cleared cleared;
	struct events told = {0};
	struct talk t;

	talk_init(&t);
	aud_set_event_handler(t.a, told_event, &told);
	peer_run(&t.peer, answer_among_events);

	ck_assert_int_eq(aud_source_clear_queue(t.s, NULL, &cleared), 0);

	ck_assert_uint_eq(cleared.heard_until, 4711);
	ck_assert_int_ge(told.count, 7);
	peer_join(&t.peer);
	ck_assert_int_ge(aud_dispatch(t.a), 0);
	ck_assert_int_eq(told.count, 10);
	for (int i = 0; i < 10; i++)
		ck_assert_uint_eq(told.events[i].position, i);
	talk_done(&t);
}
END_TEST

START_TEST(waiting_for_messages_ends_with_an_event)
{
	struct events told = {0};
	struct talk t;

	talk_init(&t);
	aud_set_event_handler(t.a, told_event, &told);
	peer_drained(&t.peer, 6);

	ck_assert_int_eq(aud_wait(t.a, -1), 1);

	ck_assert_int_eq(told.count, 1);
	talk_done(&t);
}
END_TEST

START_TEST(events_that_came_before_the_end_still_count)
{
	struct events told = {0};
	struct talk t;

	talk_init(&t);
	aud_set_event_handler(t.a, told_event, &told);
	peer_drained(&t.peer, 1);
	peer_drained(&t.peer, 2);

	peer_hang_up(&t.peer);

	ck_assert_int_eq(aud_dispatch(t.a), -ENOTCONN);
	ck_assert_int_eq(told.count, 2);
	talk_done(&t);
}
END_TEST

/* A handler that gives way to another one after the first event. */
struct giver {
	struct talk *talk;
	struct events own, others;
};

static void give_way(const struct aud_event *event, void *user)
{
	struct giver *g = user;

	told_event(event, &g->own);
	aud_set_event_handler(g->talk->a, told_event, &g->others);
}

START_TEST(a_handler_may_be_changed_from_within_itself)
{
	struct talk t;
	struct giver g = {.talk = &t};

	talk_init(&t);
	aud_set_event_handler(t.a, give_way, &g);
	for (int i = 0; i < 3; i++)
		peer_drained(&t.peer, i);

	ck_assert_int_eq(aud_dispatch(t.a), 3);

	ck_assert_int_eq(g.own.count, 1);
	ck_assert_uint_eq(g.own.events[0].position, 0);
	ck_assert_int_eq(g.others.count, 2);
	ck_assert_uint_eq(g.others.events[0].position, 1);
	ck_assert_uint_eq(g.others.events[1].position, 2);
	talk_done(&t);
}
END_TEST

/* Tries all sorts of calls from within a handler. */
struct caller {
	struct talk *talk;
	struct told told;
	int blocking, waiting, dispatching, submitting;
};

static void call_on(const struct aud_event *event, void *user)
{
	struct caller *c = user;

	ck_assert_int_eq(event->kind, AUD_EVENT_DRAINED);
	c->blocking = aud_source_subscribe(c->talk->s, 0);
	c->waiting = aud_wait(c->talk->a, -1);
	c->dispatching = aud_dispatch(c->talk->a);
	c->submitting = aud_source_set_mark_async(c->talk->s, 1, AUD_NO_POSITION,
						  told_position, &c->told);
}

START_TEST(a_handler_may_call_but_not_wait)
{
	struct talk t;
	struct caller c = {.talk = &t};

	talk_init(&t);
	aud_set_event_handler(t.a, call_on, &c);
	peer_drained(&t.peer, 0);

	ck_assert_int_eq(aud_dispatch(t.a), 1);

	ck_assert_int_eq(c.blocking, -EDEADLK);
	ck_assert_int_eq(c.waiting, -EDEADLK);
	ck_assert_int_eq(c.dispatching, 0);
	ck_assert_int_eq(c.submitting, 0);
	peer_expect(&t.peer, AUD__REQUEST__KIND_SET_MARK);
	talk_done(&t);
	ck_assert_int_eq(c.told.count, 1);
}
END_TEST

enum { CLEARS = 300 };

/* Says as many events as it gets clears of two threads, each just before its answer. */
static void answer_with_events(struct peer *p)
{
	for (int i = 0; i < 2 * CLEARS; i++) {
		peer_expect(p, AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER);
		peer_drained(p, i);
		peer_cleared(p, p->request->async_id, i);
	}
}

/* Counts in order, with no lock of its own: handlers run one at a time. */
static void count_on(const struct aud_event *event, void *user)
{
	uint64_t *next = user;

	ck_assert_uint_eq(event->position, (*next)++);
}

static void *clear_often(void *source)
{
	for (int i = 0; i < CLEARS; i++)
		ck_assert_int_eq(aud_source_clear_queue(source, NULL, NULL), 0);
	return NULL;
}

START_TEST(events_stay_in_order_when_two_threads_wait)
{
	uint64_t next = 0;
	pthread_t thread;
	struct talk t;

	talk_init(&t);
	aud_set_event_handler(t.a, count_on, &next);
	peer_run(&t.peer, answer_with_events);

	pthread_create(&thread, NULL, clear_often, t.s);
	clear_often(t.s);

	pthread_join(thread, NULL);
	peer_join(&t.peer);
	ck_assert_uint_eq(next, 2 * CLEARS);
	talk_done(&t);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lib_event");

	tcase_set_timeout(t, 30);
	tcase_add_test(t, without_a_handler_events_are_read_and_forgotten);
	tcase_add_test(t, events_and_answers_come_in_the_daemons_order);
	tcase_add_test(t, a_blocking_call_tells_events_while_it_waits_and_loses_none);
	tcase_add_test(t, waiting_for_messages_ends_with_an_event);
	tcase_add_test(t, events_that_came_before_the_end_still_count);
	tcase_add_test(t, a_handler_may_be_changed_from_within_itself);
	tcase_add_test(t, a_handler_may_call_but_not_wait);
	tcase_add_test(t, events_stay_in_order_when_two_threads_wait);
	return suite_run("lib_event", t);
}
