/* SPDX-License-Identifier: MIT */
/*
 * Who has its turn when, of those who send requests. What is done about one takes as long here as
 * the test says.
 */
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "hall.h"
#include "shortage.h"
#include "suite.h"

enum {
	MANY = 50,
	LONG_US = 1000, /* longer than any client may go on for */
};

static struct hall hall;
static struct conn *taken[4 * MANY];  /* whose message was taken, one after the other, */
static uint8_t first_bytes[4 * MANY]; /* and how it began */
static int num_taken;
static int last_with_memory; /* behind that message there is none; 0: there always is */

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void take_slowly(struct conn *c, const uint8_t *message, size_t len)
{
	uint64_t until = now_us() + LONG_US;

	ck_assert_uint_ge(len, 1);
	ck_assert_int_lt(num_taken, 4 * MANY);
	taken[num_taken] = c;
	first_bytes[num_taken++] = message[0];
	if (num_taken == last_with_memory)
		shortage_begin(1, UINT32_MAX);
	while (now_us() < until)
		;
}

static void set_up(void)
{
	num_taken = last_with_memory = 0;
	hall_open(&hall, "[output]\nbackend = null\n");
	hall.hub.on_message = take_slowly;
}

static void tear_down(void)
{
	hall_close(&hall);
}

/* Messages of two bytes, from `from` on, all at once. */
static void say(int fd, int from, int n)
{
	uint8_t bytes[3 * MANY];

	for (int i = 0; i < n; i++) {
		bytes[3 * i] = 2;
		bytes[3 * i + 1] = bytes[3 * i + 2] = (uint8_t)(from + i);
	}
	ck_assert_int_eq(send(fd, bytes, (size_t)(3 * n), 0), 3 * n);
}

START_TEST(whoever_asks_for_much_lets_others_have_their_turn)
{
	int much = hall_join(&hall), little = hall_join(&hall), more = hall_join(&hall);
	struct conn *asks_little = TAILQ_NEXT(TAILQ_FIRST(&hall.hub.conns), link);
	int at = 0;

	say(much, 0, MANY);
	say(more, 0, MANY);
	say(little, 0, 1);
	hall_serve(&hall);

	ck_assert_int_eq(num_taken, 2 * MANY + 1);
	while (taken[at] != asks_little)
		at++;
	ck_assert_int_le(at, 2);
	for (int i = 3; i < 2 * MANY - 2; i++)
		ck_assert_ptr_ne(taken[i], taken[i + 1]);
	close(much);
	close(little);
	close(more);
}
END_TEST

START_TEST(what_is_put_off_is_done_in_order_though_its_client_goes)
{
	int fd = hall_join(&hall);

	say(fd, 0, MANY);
	ck_assert_int_eq(send(fd, "\2", 1, 0), 1); /* and half of one */
	hall_serve(&hall);
	ck_assert_int_eq(num_taken, MANY);
	ck_assert_int_eq(send(fd, "\x32\x32", 2, 0), 2);
	say(fd, MANY + 1, MANY - 1);
	close(fd);
	hall_serve(&hall);

	ck_assert_int_eq(num_taken, 2 * MANY);
	for (int i = 0; i < 2 * MANY; i++)
		ck_assert_int_eq(first_bytes[i], i);
	ck_assert_uint_eq(hall.hub.num_conns, 0);
}
END_TEST

START_TEST(one_that_is_cut_off_with_something_put_off_leaves_nothing)
{
	int fd = hall_join(&hall);

	say(fd, 0, MANY);
	ck_assert_int_gt(sd_event_run(hall.event, 0), 0);
	ck_assert_int_lt(num_taken, MANY);
	conn_free(TAILQ_FIRST(&hall.hub.conns));
	hall_serve(&hall);

	ck_assert_int_lt(num_taken, MANY);
	close(fd);
}
END_TEST

START_TEST(whoever_cannot_be_put_off_for_want_of_memory_is_cut_off)
{
	int fd = hall_join(&hall);

	last_with_memory = 2;
	say(fd, 0, MANY);
	shortage_count(true);
	hall_serve(&hall);
	shortage_count(false);

	ck_assert(shortage_end());
	ck_assert_int_eq(num_taken, last_with_memory);
	ck_assert_uint_eq(hall.hub.num_conns, 0);
	close(fd);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("conn");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, whoever_asks_for_much_lets_others_have_their_turn);
	tcase_add_test(tc, what_is_put_off_is_done_in_order_though_its_client_goes);
	tcase_add_test(tc, one_that_is_cut_off_with_something_put_off_leaves_nothing);
	tcase_add_test(tc, whoever_cannot_be_put_off_for_want_of_memory_is_cut_off);
	return suite_run("conn", tc);
}
