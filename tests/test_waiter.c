/* SPDX-License-Identifier: MIT */
/*
 * Waiting for numbers.
 */
#include <string.h>

#include "waiter.h"
#include "suite.h"

/* Something that waits, and notes in which order it was called. */
struct probe {
	struct waiter waiter;
	int due, discarded; /* when, counted from 1; 0: not yet */
	struct probe *other;
};

static struct waiters list;
static struct probe probes[4];
static int calls;

static void note_due(struct waiter *w)
{
	((struct probe *)w)->due = ++calls;
}

static void note_discard(struct waiter *w)
{
	((struct probe *)w)->discarded = ++calls;
}

static void set_up(void)
{
	TAILQ_INIT(&list);
	memset(probes, 0, sizeof(probes));
	calls = 0;
	for (int i = 0; i < 4; i++) {
		probes[i].waiter.due = note_due;
		probes[i].waiter.discard = note_discard;
	}
}

static void add(int i, enum awaited awaited, uint64_t at)
{
	waiter_add(&list, &probes[i].waiter, awaited, at);
}

static bool serve(uint64_t played, uint64_t applied)
{
	uint64_t reached[NUM_AWAITED] = {[AWAIT_PLAYED] = played,
					 [AWAIT_ROOM] = played,
					 [AWAIT_APPLIED] = applied};

	return waiters_serve(&list, reached);
}

START_TEST(one_is_due_when_its_number_is_there_and_not_before)
{
	add(0, AWAIT_PLAYED, 100);

	ck_assert(!serve(99, 1000));
	ck_assert_int_eq(probes[0].due, 0);

	ck_assert(serve(100, 0));
	ck_assert_int_eq(probes[0].due, 1);
	ck_assert(TAILQ_EMPTY(&list));
}
END_TEST

START_TEST(each_waits_for_its_own_mark)
{
	add(0, AWAIT_APPLIED, 5);
	add(1, AWAIT_ROOM, 5);

	serve(0, 5);

	ck_assert_int_eq(probes[0].due, 1);
	ck_assert_int_eq(probes[1].due, 0);
}
END_TEST

START_TEST(those_that_are_due_are_called_in_the_order_in_which_they_came)
{
	add(2, AWAIT_PLAYED, 30);
	add(0, AWAIT_APPLIED, 1);
	add(3, AWAIT_ROOM, 10);
	add(1, AWAIT_PLAYED, 50);

	serve(40, 1);

	ck_assert_int_eq(probes[2].due, 1);
	ck_assert_int_eq(probes[0].due, 2);
	ck_assert_int_eq(probes[3].due, 3);
	ck_assert_int_eq(probes[1].due, 0);
}
END_TEST

START_TEST(the_least_position_is_that_of_those_that_wait_for_the_same)
{
	add(0, AWAIT_APPLIED, 3);
	ck_assert_uint_eq(waiters_wake_at(&list, AWAIT_PLAYED), WAITER_NEVER);

	add(1, AWAIT_PLAYED, 50);
	add(2, AWAIT_ROOM, 40);
	add(3, AWAIT_PLAYED, 45);
	ck_assert_uint_eq(waiters_wake_at(&list, AWAIT_ROOM), 40);
	ck_assert_uint_eq(waiters_wake_at(&list, AWAIT_PLAYED), 45);

	waiter_remove(&probes[3].waiter);
	ck_assert_uint_eq(waiters_wake_at(&list, AWAIT_PLAYED), 50);
}
END_TEST

START_TEST(one_that_is_added_again_waits_for_the_new_number_only)
{
	add(0, AWAIT_PLAYED, 10);
	add(0, AWAIT_PLAYED, 20);

	serve(10, 0);
	ck_assert_int_eq(probes[0].due, 0);

	serve(20, 0);
	ck_assert_int_eq(probes[0].due, 1);
}
END_TEST

static void remove_other(struct waiter *w)
{
	note_due(w);
	waiter_remove(&((struct probe *)w)->other->waiter);
}

START_TEST(one_that_is_due_may_remove_another_that_is_due)
{
	add(0, AWAIT_PLAYED, 10);
	add(1, AWAIT_PLAYED, 10);
	add(2, AWAIT_PLAYED, 10);
	probes[0].waiter.due = remove_other;
	probes[0].other = &probes[1];

	serve(10, 0);

	ck_assert_int_eq(probes[0].due, 1);
	ck_assert_int_eq(probes[1].due, 0);
	ck_assert_int_eq(probes[2].due, 2);
}
END_TEST

static void add_again(struct waiter *w)
{
	note_due(w);
	waiter_add(&list, w, AWAIT_PLAYED, w->at);
}

START_TEST(one_that_adds_itself_again_is_not_called_twice_at_once)
{
	add(0, AWAIT_PLAYED, 10);
	probes[0].waiter.due = add_again;

	serve(10, 0);

	ck_assert_int_eq(calls, 1);
	ck_assert_uint_eq(waiters_wake_at(&list, AWAIT_PLAYED), 10);
}
END_TEST

START_TEST(a_lost_connection_discards_its_waits_and_keeps_its_changes)
{
	struct conn *gone = (struct conn *)&probes[0], *other = (struct conn *)&probes[1];

	add(0, AWAIT_PLAYED, 10);
	add(1, AWAIT_APPLIED, 10);
	add(2, AWAIT_PLAYED, 10);
	probes[0].waiter.ticket.conn = probes[1].waiter.ticket.conn = gone;
	probes[2].waiter.ticket.conn = other;

	waiters_forget(&list, gone);

	ck_assert_int_eq(probes[0].discarded, 1);
	ck_assert_int_eq(probes[1].discarded, 0);
	ck_assert_ptr_null(probes[1].waiter.ticket.conn);
	ck_assert_ptr_eq(probes[2].waiter.ticket.conn, other);
	serve(10, 10);
	ck_assert_int_eq(probes[0].due, 0);
	ck_assert_int_eq(probes[1].due, 2);
	ck_assert_int_eq(probes[2].due, 3);
}
END_TEST

START_TEST(the_end_discards_all_and_calls_none)
{
	add(0, AWAIT_PLAYED, 0);
	add(1, AWAIT_APPLIED, 10);
	probes[1].waiter.discard = NULL;

	waiters_done(&list);

	ck_assert(TAILQ_EMPTY(&list));
	ck_assert_int_eq(probes[0].discarded, 1);
	ck_assert_int_eq(probes[0].due + probes[1].due, 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("waiter");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, one_is_due_when_its_number_is_there_and_not_before);
	tcase_add_test(tc, each_waits_for_its_own_mark);
	tcase_add_test(tc, those_that_are_due_are_called_in_the_order_in_which_they_came);
	tcase_add_test(tc, the_least_position_is_that_of_those_that_wait_for_the_same);
	tcase_add_test(tc, one_that_is_added_again_waits_for_the_new_number_only);
	tcase_add_test(tc, one_that_is_due_may_remove_another_that_is_due);
	tcase_add_test(tc, one_that_adds_itself_again_is_not_called_twice_at_once);
	tcase_add_test(tc, a_lost_connection_discards_its_waits_and_keeps_its_changes);
	tcase_add_test(tc, the_end_discards_all_and_calls_none);

	return suite_run("waiter", tc);
}
