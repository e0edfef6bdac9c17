/* SPDX-License-Identifier: MIT */
/*
 * What aud-ctl makes of numbers for people.
 */
#include <check.h>

#include "../ctl/text.h"
#include "suite.h"

static const struct {
	uint64_t ns;
	const char *text;
} times[] = {
	{0, "0.000 s"},
	{2500000000, "2.500 s"},
	{59999999999, "59.999 s"},
	{60000000000, "1 min 0 s"},
	{185900000000, "3 min 5 s"},
	{3599000000000, "59 min 59 s"},
	{7259000000000, "2 h 0 min"},
	{86399000000000, "23 h 59 min"},
	{86400000000000, "1 d 0 h"},
	{3567600000000000, "41 d 7 h"},
	{UINT64_MAX, "213503 d 23 h"},
};
enum { NUM_TIMES = sizeof(times) / sizeof(times[0]) };

START_TEST(a_time_has_the_two_units_that_matter)
{
	ck_assert_str_eq(text_long(times[_i].ns).s, times[_i].text);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("ctl_text");

	tcase_add_loop_test(tc, a_time_has_the_two_units_that_matter, 0, NUM_TIMES);
	return suite_run("ctl_text", tc);
}
