/* SPDX-License-Identifier: MIT */
/*
 * Conversions: exact where they can be, silent where a sample is no number.
 */
#include <check.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "rt/format.h"
#include "suite.h"

START_TEST(every_format_has_a_row_and_is_found_by_name)
{
	for (int i = 0; i < NUM_FORMATS; i++) {
		ck_assert_ptr_nonnull(formats[i].name);
		ck_assert_ptr_nonnull(formats[i].add);
		ck_assert_ptr_nonnull(formats[i].to_float);
		ck_assert_ptr_nonnull(formats[i].from_float);
		ck_assert_int_eq(format_find(formats[i].name), i);
	}
	ck_assert_int_eq(format_find("mp3"), -1);
}
END_TEST

START_TEST(each_16_bit_sample_comes_out_as_it_went_in_through_every_format)
{
	for (int to = 0; to < NUM_FORMATS; to++) {
		for (int x = SHRT_MIN; x <= SHRT_MAX; x++) {
			int16_t in = (int16_t)x, out = 0;
			float f = 0.0f, g = 0.0f;
			int32_t wide;

			formats[FORMAT_S16].add(&f, &in, 1, 1.0f);
			ck_assert_uint_eq(formats[to].from_float(&wide, &f, 1), 0);
			formats[to].to_float(&g, &wide, 1);
			formats[FORMAT_S16].from_float(&out, &g, 1);
			ck_assert_int_eq(out, in);
		}
	}
}
END_TEST

START_TEST(adding_twice_is_the_exact_sum)
{
	int16_t a[4] = {1000, -1000, 32767, -32768}, b[4] = {234, -5, -32767, 32767},
		out[4];
	float mix[4] = {0};

	formats[FORMAT_S16].add(mix, a, 4, 1.0f);
	formats[FORMAT_S16].add(mix, b, 4, 1.0f);
	formats[FORMAT_S16].from_float(out, mix, 4);

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(out[i], a[i] + b[i]);
}
END_TEST

START_TEST(what_is_too_loud_is_clipped_and_counted)
{
	float in[4] = {1.5f, -1.5f, 0.5f, 1e30f};
	int16_t s16[4];
	int32_t s32[4];
	float f32[4];

	ck_assert_uint_eq(formats[FORMAT_S16].from_float(s16, in, 4), 3);
	ck_assert_int_eq(s16[0], 32767);
	ck_assert_int_eq(s16[1], -32768);
	ck_assert_int_eq(s16[2], 16384);
	ck_assert_uint_eq(formats[FORMAT_S32].from_float(s32, in, 4), 3);
	ck_assert_int_ge(s32[0], 2147483520);
	ck_assert_int_eq(s32[1], INT_MIN);
	ck_assert_uint_eq(formats[FORMAT_F32].from_float(f32, in, 4), 3);
	ck_assert(f32[0] == 1.0f && f32[1] == -1.0f && f32[2] == 0.5f);
}
END_TEST

START_TEST(rounding_is_to_nearest)
{
	float in[4] = {0.4f / 32768, 0.6f / 32768, -0.6f / 32768, 100.49f / 32768};
	int16_t out[4];

	formats[FORMAT_S16].from_float(out, in, 4);

	ck_assert_int_eq(out[0], 0);
	ck_assert_int_eq(out[1], 1);
	ck_assert_int_eq(out[2], -1);
	ck_assert_int_eq(out[3], 100);
}
END_TEST

START_TEST(what_is_no_number_is_silence_and_spoils_no_other_source)
{
	float bad[4] = {NAN, INFINITY, -INFINITY, 0.25f},
	      mix[4] = {0.5f, 0.5f, 0.5f, 0.5f};
	float plain[4];

	formats[FORMAT_F32].add(mix, bad, 4, 1.0f);
	formats[FORMAT_F32].to_float(plain, bad, 4);

	ck_assert(mix[0] == 0.5f && mix[1] == 0.5f && mix[2] == 0.5f && mix[3] == 0.75f);
	ck_assert(plain[0] == 0.0f && plain[1] == 0.0f && plain[2] == 0.0f &&
		  plain[3] == 0.25f);
}
END_TEST

START_TEST(a_sum_that_is_no_number_becomes_a_sample_all_the_same)
{
	float in[2] = {NAN, -NAN};
	int16_t s16[2];
	int32_t s32[2];

	ck_assert_uint_eq(formats[FORMAT_S16].from_float(s16, in, 2), 2);
	ck_assert_uint_eq(formats[FORMAT_S32].from_float(s32, in, 2), 2);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("format");

	tcase_add_test(t, every_format_has_a_row_and_is_found_by_name);
	tcase_add_test(t,
		       each_16_bit_sample_comes_out_as_it_went_in_through_every_format);
	tcase_add_test(t, adding_twice_is_the_exact_sum);
	tcase_add_test(t, what_is_too_loud_is_clipped_and_counted);
	tcase_add_test(t, rounding_is_to_nearest);
	tcase_add_test(t, what_is_no_number_is_silence_and_spoils_no_other_source);
	tcase_add_test(t, a_sum_that_is_no_number_becomes_a_sample_all_the_same);
	return suite_run("format", t);
}
