/* SPDX-License-Identifier: MIT */
/*
 * Messages that come again and again.
 */
#include <stdio.h>
#include <string.h>

#include "log_limit.h"
#include "suite.h"

#define SECOND UINT64_C(1000000000)

static const char first[] = "client %s", second[] = "device %s";

/* How many of n messages pass. */
static int send(const char *format, const char *output, int n, uint64_t now_ns)
{
	int passed = 0;

	for (int i = 0; i < n; i++) {
		char text[32];

		snprintf(text, sizeof(text), "message %d", i);
		passed += log_limit_passes(format, output, text, now_ns);
	}
	return passed;
}

START_TEST(a_burst_passes_and_the_rest_is_told_when_its_time_is_over)
{
	struct log_left_out left_out;

	ck_assert_int_eq(send(first, NULL, 25, SECOND), LOG_BURST);
	ck_assert(!log_limit_take(10 * SECOND, &left_out));

	ck_assert(log_limit_take(11 * SECOND, &left_out));
	ck_assert_uint_eq(left_out.times, 25 - LOG_BURST);
	ck_assert_str_eq(left_out.last, "message 24");
	ck_assert(!log_limit_take(11 * SECOND, &left_out));
	ck_assert_int_eq(send(first, NULL, 25, 11 * SECOND), LOG_BURST);
}
END_TEST

START_TEST(others_are_not_limited_by_it)
{
	ck_assert_int_eq(send(first, NULL, 25, SECOND), LOG_BURST);

	ck_assert_int_eq(send(second, NULL, 3, SECOND), 3);
	ck_assert_int_eq(send(first, "main", 25, SECOND), LOG_BURST);
	ck_assert_int_eq(send(second, "main", 3, SECOND), 3);
}
END_TEST

START_TEST(what_comes_seldom_always_passes)
{
	for (uint64_t t = 1; t < 1000; t++)
		ck_assert_int_eq(send(first, NULL, 1, 2 * t * SECOND), 1);
}
END_TEST

START_TEST(more_kinds_than_there_are_rows_for_pass)
{
	static const char outputs[200];

	for (int i = 0; i < 200; i++)
		ck_assert_int_eq(send(first, &outputs[i], 3, SECOND), 3);
	ck_assert_int_eq(send(first, &outputs[0], 20, SECOND), LOG_BURST - 3);
	ck_assert_int_eq(send(first, &outputs[199], 20, SECOND), 20);
	ck_assert_int_eq(send(first, &outputs[199], 20, 12 * SECOND), LOG_BURST);
}
END_TEST

START_TEST(a_long_message_is_kept_up_to_a_whole_character)
{
	struct log_left_out left_out;
	char text[500] = "";

	for (size_t i = 1; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "ä", 2);
	text[0] = 'x';
	send(first, NULL, LOG_BURST, SECOND);
	ck_assert(!log_limit_passes(first, NULL, text, SECOND));
	ck_assert(log_limit_take(11 * SECOND, &left_out));

	ck_assert_uint_lt(strlen(left_out.last), LOG_LAST_SIZE);
	ck_assert_uint_gt(strlen(left_out.last), LOG_LAST_SIZE - 8);
	ck_assert_str_eq(left_out.last + strlen(left_out.last) - 5, "ä…");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("log_limit");

	tcase_add_test(tc, a_burst_passes_and_the_rest_is_told_when_its_time_is_over);
	tcase_add_test(tc, others_are_not_limited_by_it);
	tcase_add_test(tc, what_comes_seldom_always_passes);
	tcase_add_test(tc, more_kinds_than_there_are_rows_for_pass);
	tcase_add_test(tc, a_long_message_is_kept_up_to_a_whole_character);
	return suite_run("log_limit", tc);
}
