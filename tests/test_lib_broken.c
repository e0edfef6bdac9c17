/* SPDX-License-Identifier: MIT */
/*
 * libaud: when the connection ends, however it does, every request ends once.
 */
#include <check.h>
#include <errno.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "suite.h"
#include "talk.h"

/* Three requests that the daemon has not answered. */
static void submit_three(struct talk *t, struct told *told)
{
	ck_assert_int_eq(aud_source_wait_for_playout_async(t->s, NULL, told_played, told),
			 0);
	ck_assert_int_eq(aud_source_clear_queue_async(t->s, NULL, told_heard_until, told),
			 0);
	ck_assert_int_eq(aud_source_pause_async(t->s, NULL, told_position, told), 0);
	peer_take(&t->peer);
	peer_take(&t->peer);
	peer_take(&t->peer);
}

static void assert_all_failed(struct talk *t, const struct told *told, int error)
{
	ck_assert_int_eq(told->count, 3);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(told->errors[i], -ENOTCONN);
	ck_assert_int_eq(aud_dispatch(t->a), error);
	ck_assert_int_eq(aud_wait(t->a, -1), error);
	ck_assert_int_eq(aud_source_clear_queue_async(t->s, NULL, NULL, NULL), -ENOTCONN);
	ck_assert_int_eq(aud_source_clear_queue(t->s, NULL, NULL), -ENOTCONN);
	ck_assert_int_eq(told->count, 3);
}

START_TEST(a_lost_connection_ends_every_request_once)
{
	struct told told = {0};
	struct talk t;

	talk_init(&t);
	submit_three(&t, &told);

	peer_hang_up(&t.peer);

	ck_assert_int_eq(aud_dispatch(t.a), -ENOTCONN);
	ck_assert_str_eq(aud_error(t.a), "the daemon has closed the connection");
	ck_assert_str_eq(told.message, "the daemon has closed the connection");
	assert_all_failed(&t, &told, -ENOTCONN);
	talk_done(&t);
	ck_assert_int_eq(told.count, 3);
}
END_TEST

/* libaud reads no further until the daemon has gone. */
static atomic_bool is_going;
static _Thread_local bool is_daemon;

ssize_t recv(int fd, void *buf, size_t size, int flags)
{
	while (atomic_load(&is_going) && !is_daemon)
		usleep(1000);
	return recvfrom(fd, buf, size, flags, NULL, NULL);
}

static void go_after_the_welcome(struct peer *p)
{
	Aud__ListAudioSourcesReply none = AUD__LIST_AUDIO_SOURCES_REPLY__INIT;

	is_daemon = true;
	peer_welcome(p);
	peer_hang_up(p);
	atomic_store(&is_going, false);
	peer_welcome(p);
	peer_expect(p, AUD__REQUEST__KIND_LIST_AUDIO_SOURCES);
	peer_answer(p, AUD__REPLY__KIND_LIST_AUDIO_SOURCES, &none);
}

START_TEST(a_daemon_that_goes_right_after_its_welcome_is_come_back_to)
{
	struct aud_source_status *list;
	struct peer peer;
	struct aud *a;

	peer_init(&peer);
	atomic_store(&is_going, true);
	peer_run(&peer, go_after_the_welcome);

	ck_assert_int_eq(aud_connect(&a, peer.path, "test"), 0);
	ck_assert_int_eq(aud_list(a, &list), 0);

	aud_list_free(list);
	peer_join(&peer);
	aud_free(a);
	peer_done(&peer);
}
END_TEST

START_TEST(what_the_daemon_said_before_it_hung_up_still_counts)
{
	struct told told = {0};
	struct talk t;

	talk_init(&t);
	submit_three(&t, &told);
	peer_refuse(&t.peer, AUD__ERROR_CODE__LIMIT_REACHED, "too slow");

	peer_hang_up(&t.peer);
	ck_assert_int_eq(aud_source_clear_queue_async(t.s, NULL, NULL, NULL), 0);

	ck_assert_int_eq(aud_dispatch(t.a), -ENOTCONN);
	ck_assert_int_eq(told.count, 3);
	ck_assert_int_eq(told.errors[0], -ENOBUFS);
	ck_assert_int_eq(told.errors[1], -ENOTCONN);
	talk_done(&t);
}
END_TEST

static const struct {
	const char *bytes;
	size_t size;
} garbage[] = {
	{"\xff\xff\xff\xff\xff", 5}, /* no length */
	{"\x81\x80\x40", 3},         /* 1 MiB and a byte */
	{"\x05hello", 6},            /* no message */
	{"\x04\x0a\x09\x08\x01", 5}, /* a reply that says it is longer */
};

START_TEST(garbage_ends_the_connection)
{
	struct told told = {0};
	struct talk t;

	talk_init(&t);
	submit_three(&t, &told);

	peer_say(&t.peer, garbage[_i].bytes, garbage[_i].size);

	ck_assert_int_eq(aud_dispatch(t.a), -EPROTO);
	assert_all_failed(&t, &told, -EPROTO);
	talk_done(&t);
}
END_TEST

/* Whose turn it is to end. */
struct turn {
	int *next;
	int mine;
};

static void ends_in_turn(const struct aud_result *result, void *user)
{
	struct turn *turn = user;

	ck_assert_int_eq(result->error, -ENOTCONN);
	ck_assert_int_eq(turn->mine, (*turn->next)++);
}

START_TEST(requests_end_in_the_order_in_which_they_were_made)
{
	struct turn turns[20];
	struct talk t;
	int next = 0;

	talk_init(&t);
	for (int i = 0; i < 50;
	     i++) { /* so that the later ones' numbers wrap in the table */
		ck_assert_int_eq(aud_source_clear_queue_async(t.s, NULL, NULL, NULL), 0);
		peer_take(&t.peer);
		peer_cleared(&t.peer, t.peer.request->async_id, 0);
		ck_assert_int_eq(aud_dispatch(t.a), 0);
	}
	for (int i = 0; i < 20; i++) {
		turns[i] = (struct turn){.next = &next, .mine = i};
		ck_assert_int_eq(
			aud_source_clear_queue_async(t.s, NULL, ends_in_turn, &turns[i]),
			0);
	}

	peer_hang_up(&t.peer);

	ck_assert_int_eq(aud_dispatch(t.a), -ENOTCONN);
	ck_assert_int_eq(next, 20);
	talk_done(&t);
}
END_TEST

START_TEST(freeing_the_connection_ends_every_request_once)
{
	struct told told = {0};
	struct talk t;
	char byte;

	talk_init(&t);
	submit_three(&t, &told);

	aud_free(t.a);

	ck_assert_int_eq(told.count, 3);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(told.errors[i], -ENOTCONN);
	ck_assert_int_eq(recv(t.peer.fd, &byte, 1, 0), 0);
	peer_done(&t.peer);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lib_broken");

	tcase_add_test(t, a_lost_connection_ends_every_request_once);
	tcase_add_test(t, a_daemon_that_goes_right_after_its_welcome_is_come_back_to);
	tcase_add_test(t, what_the_daemon_said_before_it_hung_up_still_counts);
	tcase_add_loop_test(t, garbage_ends_the_connection, 0,
			    sizeof(garbage) / sizeof(garbage[0]));
	tcase_add_test(t, requests_end_in_the_order_in_which_they_were_made);
	tcase_add_test(t, freeing_the_connection_ends_every_request_once);
	return suite_run("lib_broken", t);
}
