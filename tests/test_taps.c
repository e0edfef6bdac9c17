/* SPDX-License-Identifier: MIT */
/*
 * Filters for pairs of rates: made once for all who need the same, and gone with the last of them.
 */
#include <check.h>

#include "suite.h"
#include "taps.h"

static struct taps_set set;

static const struct taps *get(uint32_t from, uint32_t to)
{
	const struct taps *t;

	ck_assert_int_eq(taps_get(&set, from, to, &t), 0);
	return t;
}

START_TEST(sources_of_the_same_pair_share_a_filter)
{
	const struct taps *one = get(24000, 48000), *other = get(44100, 48000);

	ck_assert_ptr_eq(get(24000, 48000), one);
	ck_assert_ptr_eq(get(22050, 44100), one); /* twice as many frames, that is all */
	ck_assert_ptr_ne(other, one);
	ck_assert_ptr_ne(get(48000, 24000), one);
}
END_TEST

START_TEST(a_filter_goes_with_the_last_who_has_it)
{
	const struct taps *one = get(24000, 48000);

	get(24000, 48000);
	taps_unref(one);
	ck_assert_ptr_eq(get(24000, 48000), one);
	taps_unref(one);
	taps_unref(one);

	ck_assert(LIST_EMPTY(&set.entries));
}
END_TEST

START_TEST(the_same_rate_needs_none)
{
	ck_assert_ptr_null(get(48000, 48000));
	ck_assert(LIST_EMPTY(&set.entries));
	ck_assert_uint_eq(taps_half(48000, 48000), 0);
	taps_unref(NULL);
}
END_TEST

/* In frames of the source: as many of the lower rate, whichever that is. */
START_TEST(what_it_looks_ahead_goes_by_the_lower_rate)
{
	ck_assert_uint_eq(taps_half(24000, 48000), 72);
	ck_assert_uint_eq(taps_half(1000, 768000), 72);
	ck_assert_uint_eq(taps_half(96000, 48000), 144);
	ck_assert_uint_eq(taps_half(768000, 1000), 55296);
	ck_assert_uint_eq(get(24000, 48000)->half, 72);
}
END_TEST

/* Of a pair whose ratio cannot be reduced there are not as many rows as it has phases. */
START_TEST(a_filter_of_many_phases_has_rows_to_go_between)
{
	const struct taps *exact = get(44100, 48000), *between = get(47999, 48000);

	ck_assert_uint_eq(exact->phases, exact->ratio.den);
	ck_assert_uint_eq(between->ratio.den, 48000);
	ck_assert_uint_lt(between->phases, 1024);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("taps");

	tcase_add_test(t, sources_of_the_same_pair_share_a_filter);
	tcase_add_test(t, a_filter_goes_with_the_last_who_has_it);
	tcase_add_test(t, the_same_rate_needs_none);
	tcase_add_test(t, what_it_looks_ahead_goes_by_the_lower_rate);
	tcase_add_test(t, a_filter_of_many_phases_has_rows_to_go_between);
	return suite_run("taps", t);
}
