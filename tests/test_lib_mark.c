/* SPDX-License-Identifier: MIT */
/*
 * libaud: marks, and subscriptions to events.
 */
#include <check.h>
#include <errno.h>
#include <malloc.h>

#include "suite.h"
#include "talk.h"

static void answer_mark(struct peer *p, uint64_t position)
{
	Aud__SetMarkReply set = AUD__SET_MARK_REPLY__INIT;

	set.has_position = true;
	set.position = position;
	peer_answer(p, AUD__REPLY__KIND_SET_MARK, &set);
}

/* Takes a mark at a position, one at the end, and one of an id and a position of 0. */
static void set_marks(struct peer *p)
{
	const Aud__SetMark *mark;

	peer_expect(p, AUD__REQUEST__KIND_SET_MARK);
	mark = p->request->set_mark;
	ck_assert_uint_eq(mark->source_handle, 5);
	ck_assert_uint_eq(mark->mark_id, UINT64_MAX);
	ck_assert_uint_eq(mark->position, 4800);
	answer_mark(p, 4800);
	peer_expect(p, AUD__REQUEST__KIND_SET_MARK);
	mark = p->request->set_mark;
	ck_assert_uint_eq(mark->mark_id, 2);
	ck_assert(!mark->has_position);
	answer_mark(p, 9600);
	peer_expect(p, AUD__REQUEST__KIND_SET_MARK);
	mark = p->request->set_mark;
	ck_assert(mark->has_mark_id);
	ck_assert_uint_eq(mark->mark_id, 0);
	ck_assert(mark->has_position);
	ck_assert_uint_eq(mark->position, 0);
	answer_mark(p, 0);
}

START_TEST(a_mark_has_an_id_and_a_position_or_marks_the_end)
{
	uint64_t position, end;
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, set_marks);

	ck_assert_int_eq(aud_source_set_mark(t.s, UINT64_MAX, 4800, &position), 0);
	ck_assert_int_eq(aud_source_set_mark(t.s, 2, AUD_NO_POSITION, &end), 0);
	ck_assert_int_eq(aud_source_set_mark(t.s, 0, 0, NULL), 0);

	ck_assert_uint_eq(position, 4800);
	ck_assert_uint_eq(end, 9600);
	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

START_TEST(a_mark_that_does_not_wait_tells_its_position)
{
	struct told told = {0};
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(
		aud_source_set_mark_async(t.s, 7, AUD_NO_POSITION, told_position, &told),
		0);
	peer_expect(&t.peer, AUD__REQUEST__KIND_SET_MARK);
	ck_assert_uint_eq(t.peer.request->set_mark->mark_id, 7);
	answer_mark(&t.peer, 12345);

	ck_assert_int_eq(aud_dispatch(t.a), 1);

	ck_assert_int_eq(told.errors[0], 0);
	ck_assert_uint_eq(told.numbers[0], 12345);
	talk_done(&t);
}
END_TEST

static void refuse_mark(struct peer *p)
{
	peer_expect(p, AUD__REQUEST__KIND_SET_MARK);
	peer_refuse(p, AUD__ERROR_CODE__INVALID_ARGUMENT, "position 3 has been played");
}

START_TEST(a_mark_that_is_refused_leaves_the_position_as_it_was)
{
	uint64_t position = 77;
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, refuse_mark);

	ck_assert_int_eq(aud_source_set_mark(t.s, 1, 3, &position), -EINVAL);

	ck_assert_str_eq(aud_error(t.a), "position 3 has been played");
	ck_assert_uint_eq(position, 77);
	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

static void take_subscription(struct peer *p, bool off, bool has_low_water)
{
	Aud__SubscribeReply subscribed = AUD__SUBSCRIBE_REPLY__INIT;

	peer_expect(p, AUD__REQUEST__KIND_SUBSCRIBE);
	ck_assert_uint_eq(p->request->subscribe->source_handle, 9);
	ck_assert_int_eq(p->request->subscribe->off, off);
	ck_assert_int_eq(p->request->subscribe->has_low_water_ms, has_low_water);
	if (has_low_water)
		ck_assert_uint_eq(p->request->subscribe->low_water_ms, 60);
	peer_answer(p, AUD__REPLY__KIND_SUBSCRIBE, &subscribed);
}

static void take_subscriptions(struct peer *p)
{
	take_subscription(p, false, false);
	take_subscription(p, false, true);
	take_subscription(p, true, false);
}

START_TEST(a_subscription_begins_changes_and_ends)
{
	struct aud_source *s;
	struct talk t;

	talk_init(&t);
	ck_assert_int_eq(aud_source_by_handle(t.a, &s, 9), 0);
	peer_run(&t.peer, take_subscriptions);

	ck_assert_int_eq(aud_source_subscribe(s, 0), 0);
	ck_assert_int_eq(aud_source_subscribe(s, 60), 0);
	ck_assert_int_eq(aud_source_unsubscribe(s), 0);

	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

static void refuse_subscription(struct peer *p)
{
	peer_expect(p, AUD__REQUEST__KIND_SUBSCRIBE);
	peer_refuse(p, AUD__ERROR_CODE__NOT_FOUND, "there is no source 5");
}

START_TEST(a_subscription_to_a_source_that_is_gone_is_an_error)
{
	struct talk t;

	talk_init(&t);
	peer_run(&t.peer, refuse_subscription);

	ck_assert_int_eq(aud_source_subscribe(t.s, 0), -ENOENT);

	ck_assert_str_eq(aud_error(t.a), "there is no source 5");
	peer_join(&t.peer);
	talk_done(&t);
}
END_TEST

/* Sets a mark in a source of this handle, which is heard, and lets go of the source. */
static void mark_once(struct peer *p, struct aud *a, uint64_t handle)
{
	Aud__MarkHeard heard = AUD__MARK_HEARD__INIT;
	struct aud_source *s;

	ck_assert_int_eq(aud_source_by_handle(a, &s, handle), 0);
	ck_assert_int_eq(aud_source_set_mark_async(s, 1, 100, NULL, NULL), 0);
	peer_expect(p, AUD__REQUEST__KIND_SET_MARK);
	answer_mark(p, 100);
	heard.has_mark_id = true;
	heard.mark_id = 1;
	peer_event(p, handle, AUD__EVENT__KIND_MARK_HEARD, &heard);
	ck_assert_int_ge(aud_dispatch(a), 0);
	aud_source_free(s);
}

START_TEST(nothing_is_kept_of_a_source_whose_marks_were_told)
{
	enum { WARM = 10, ROUNDS = 1000 };
	struct mallinfo2 before;
	uint64_t handle = 0;
	struct peer peer;
	struct aud *a;

	/* One that comes back, and so remembers. */
	peer_init(&peer);
	peer_run(&peer, peer_welcome);
	ck_assert_int_eq(aud_connect(&a, peer.path, "test"), 0);
	peer_join(&peer);
	while (handle < WARM)
		mark_once(&peer, a, handle++);
	before = mallinfo2();
	while (handle < WARM + ROUNDS)
		mark_once(&peer, a, handle++);

	ck_assert_uint_lt(mallinfo2().uordblks, before.uordblks + 10 * ROUNDS);
	aud_free(a);
	peer_done(&peer);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lib_mark");

	tcase_add_test(t, a_mark_has_an_id_and_a_position_or_marks_the_end);
	tcase_add_test(t, a_mark_that_does_not_wait_tells_its_position);
	tcase_add_test(t, a_mark_that_is_refused_leaves_the_position_as_it_was);
	tcase_add_test(t, nothing_is_kept_of_a_source_whose_marks_were_told);
	tcase_add_test(t, a_subscription_begins_changes_and_ends);
	tcase_add_test(t, a_subscription_to_a_source_that_is_gone_is_an_error);
	return suite_run("lib_mark", t);
}
