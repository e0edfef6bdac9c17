/* SPDX-License-Identifier: MIT */
/*
 * Lists of names: what separates, what belongs to a name, what is no list.
 */
#include "names.h"
#include "suite.h"

static const struct row {
	const char *list;
	const char *names[4];
} rows[] = {
	{"hw:0", {"hw:0"}},
	{"hw:0,0", {"hw:0,0"}},
	{"hw:USB, hw:PCH", {"hw:USB", "hw:PCH"}},
	{"hw:0,0, hw:1,3,\thw:CARD=x,DEV=1", {"hw:0,0", "hw:1,3", "hw:CARD=x,DEV=1"}},
	{"a ,  b", {"a", "b"}},
	{"plug:front of it", {"plug:front of it"}},
	{"a,", {"a", ""}},
	{", a", {"", "a"}},
};

START_TEST(a_comma_separates_only_with_a_blank_behind_it)
{
	const struct row *row = &rows[_i];
	char name[64];
	uint32_t n = 0;

	for (; row->names[n]; n++) {
		ck_assert(names_get(row->list, n, name, sizeof(name)));
		ck_assert_str_eq(name, row->names[n]);
		ck_assert(names_have(row->list, row->names[n]));
	}
	ck_assert(!names_get(row->list, n, name, sizeof(name)));
	ck_assert_uint_eq(names_count(row->list), n);
	ck_assert(!names_have(row->list, "hw"));
}
END_TEST

START_TEST(a_list_is_sound_if_it_is_short_and_nothing_is_empty_or_there_twice)
{
	ck_assert(names_are_sound("a, b, c", 3));
	ck_assert(!names_are_sound("a, b, c", 2));
	ck_assert(!names_are_sound("a, b, a", 3));
	ck_assert(!names_are_sound("a,", 3));
	ck_assert(!names_are_sound("a, , b", 3));
	ck_assert(!names_are_sound("", 3));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("names");

	tcase_add_loop_test(tc, a_comma_separates_only_with_a_blank_behind_it, 0,
			    sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(
		tc, a_list_is_sound_if_it_is_short_and_nothing_is_empty_or_there_twice);
	return suite_run("names", tc);
}
