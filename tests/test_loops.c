/* SPDX-License-Identifier: MIT */
/*
 * The hot loops: each set of them gives the same bits, as near to the truth as floats can be,
 * whatever is computed at once.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rt/loops.h"
#include "suite.h"
#include "taps.h"

enum {
	MOST_CHANNELS = 9,
	MOST_FRAMES = 100,
	MOST_SAMPLES = 200000,
	MARGIN = 100000,
	MANY = 3000
};

/* By group, with a cycle of one group and of many, with lanes to spare and none; by row, between rows
 * and not; up and down. */
static const struct pair {
	uint32_t from, to;
} pairs[] = {
	{24000, 48000},  {16000, 48000},  {32000, 48000}, {8000, 48000},   {96000, 48000},
	{192000, 48000}, {44100, 48000},  {48000, 44100}, {192000, 44100}, {44101, 48000},
	{48000, 47999},  {192000, 11025}, {7919, 768000}, {42000, 48000},  {64000, 48000},
	{16000, 17000},  {8000, 1000},    {9000, 1000},   {22050, 48000},
};

enum { NUM_PAIRS = sizeof(pairs) / sizeof(pairs[0]) };

static float src[MOST_SAMPLES + MARGIN], planes[MOST_SAMPLES + 2 * MARGIN];

static uint32_t random_below(uint32_t most)
{
	return (uint32_t)random() % most;
}

static void fill_source(void)
{
	for (size_t i = 0; i < sizeof(src) / sizeof(src[0]); i++)
		src[i] = (float)(random() - RAND_MAX / 2) / (float)RAND_MAX;
	for (size_t i = 0; i < sizeof(planes) / sizeof(planes[0]); i++)
		planes[i] = NAN; /* nothing else is looked at */
}

/* As rt/mix.c does it; src[0] is the first frame that the filter meets at p. */
static void make(const struct loops *loops, const struct taps *t, struct place p,
		 const float *from, uint32_t channels, float *out, uint32_t n)
{
	uint32_t count =
		2 * t->half + (uint32_t)(place_after(p, t->ratio, n - 1).src - p.src);
	struct planes at = {planes, count, channels};

	ck_assert_uint_lt((size_t)count * channels, sizeof(planes) / sizeof(planes[0]));
	loops->resample->split(planes, from, channels, count);
	memset(out, 0, (size_t)n * channels * sizeof(*out));
	loops->resample->convert(t, p, at, 0, 2 * t->half, out, n);
}

static const struct taps *taps_of(struct taps_set *set, const struct pair *pair)
{
	const struct taps *t;

	ck_assert_int_eq(taps_get(set, pair->from, pair->to, &t), 0);
	return t;
}

START_TEST(every_set_gives_the_same_bits)
{
	struct taps_set set = {0};
	const struct taps *t = taps_of(&set, &pairs[_i]);
	float plain[MOST_FRAMES * MOST_CHANNELS], other[MOST_FRAMES * MOST_CHANNELS];

	fill_source();
	for (uint32_t round = 0; round < 60; round++) {
		uint32_t channels = 1 + random_below(MOST_CHANNELS);
		uint32_t n = 1 + random_below(MOST_FRAMES);
		struct place p = {.phase = random_below(t->ratio.den)};
		const struct loops *loops;

		make(loops_set(0), t, p, src, channels, plain, n);
		for (uint32_t i = 1; (loops = loops_set(i)); i++) {
			make(loops, t, p, src, channels, other, n);
			ck_assert_mem_eq(other, plain, n * channels * sizeof(float));
		}
	}
	taps_unref(t);
}
END_TEST

START_TEST(a_frame_is_the_same_in_any_company)
{
	struct taps_set set = {0};
	const struct taps *t = taps_of(&set, &pairs[_i]);
	float together[MOST_FRAMES * 3], alone[3];
	struct place p = {.phase = random_below(t->ratio.den)};
	const struct loops *loops;

	fill_source();
	for (uint32_t i = 0; (loops = loops_set(i)); i++) {
		make(loops, t, p, src, 3, together, MOST_FRAMES);
		for (uint32_t k = 0; k < MOST_FRAMES; k++) {
			struct place at = place_after(p, t->ratio, k);

			make(loops, t, at, src + 3 * (at.src - p.src), 3, alone, 1);
			ck_assert_mem_eq(alone, together + 3 * (size_t)k, sizeof(alone));
		}
	}
	taps_unref(t);
}
END_TEST

/* The i-th tap at a phase, wherever it lies. */
static double tap_at(const struct taps *t, uint32_t phase, uint32_t i)
{
	uint32_t row = (uint32_t)((uint64_t)phase * t->phases / t->ratio.den);
	double way = (double)phase / t->ratio.den * t->phases - row;
	uint32_t q = 0, lane;

	if (t->cycle == 0)
		return (1 - way) * taps_row(t, row)[i] + way * taps_row(t, row + 1)[i];
	while ((uint64_t)q * t->ratio.num % t->ratio.den != phase)
		q++;
	lane = q % RESAMPLE_LANES;
	i += q * t->ratio.num / t->ratio.den - (q - lane) * t->ratio.num / t->ratio.den;
	return taps_group(t, q / RESAMPLE_LANES)[(size_t)i * RESAMPLE_LANES + lane];
}

/* The filter at one place, as the taps say, in double precision. */
static double truth(const struct taps *t, struct place p, const float *from,
		    uint32_t channels)
{
	double sum = 0;

	for (uint32_t i = 0; i < 2 * t->half; i++)
		sum += tap_at(t, p.phase, i) * from[(size_t)i * channels];
	return sum;
}

START_TEST(what_comes_out_is_the_sum_to_within_rounding)
{
	struct taps_set set = {0};
	const struct taps *t = taps_of(&set, &pairs[_i]);
	struct place p = {.phase = random_below(t->ratio.den)};
	float out[MOST_FRAMES * 2];

	fill_source();
	make(loops_best(), t, p, src, 2, out, MOST_FRAMES);
	for (uint32_t k = 0; k < MOST_FRAMES; k++)
		for (uint32_t c = 0; c < 2; c++) {
			struct place at = place_after(p, t->ratio, k);
			double sum = truth(t, at, src + 2 * (at.src - p.src) + c, 2);

			ck_assert(fabs(out[2 * k + c] - sum) < 2e-6);
		}
	taps_unref(t);
}
END_TEST

/* For a filter that is longer than what is looked at at once. */
START_TEST(a_filter_in_two_parts_gives_the_sum_of_both)
{
	struct taps_set set = {0};
	const struct taps *t = taps_of(&set, &pairs[_i]);
	struct place p = {.phase = random_below(t->ratio.den)};
	uint32_t first = 8 * random_below(2 * t->half / 8);
	const struct loops *loops;

	fill_source();
	for (uint32_t i = 0; (loops = loops_set(i)); i++) {
		const struct resample_loops *l = loops->resample;
		float out = 0.0f;

		l->convert(t, p, (struct planes){src, 0, 1}, 0, first, &out, 1);
		l->convert(t, p, (struct planes){src + first, 0, 1}, first,
			   2 * t->half - first, &out, 1);
		ck_assert(fabs(out - truth(t, p, src, 1)) < 2e-6);
	}
	taps_unref(t);
}
END_TEST

/* ---- formats --------------------------------------------------------------------------- */

static uint8_t noise[4 * MANY];

static void fill_noise(void)
{
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)(random() >> 8);
}

START_TEST(every_set_converts_alike)
{
	const struct conversion *plain = &loops_set(0)->format->of[_i];
	static float a[MANY], b[MANY];
	static uint8_t x[4 * MANY], y[4 * MANY];
	const struct loops *loops;

	fill_noise();
	for (uint32_t k = 1; (loops = loops_set(k)); k++)
		for (size_t n = 1; n < MANY; n = n * 3 / 2 + 1) {
			const struct conversion *c = &loops->format->of[_i];

			plain->to_float(a, noise, n);
			c->to_float(b, noise, n);
			ck_assert_mem_eq(a, b, n * sizeof(float));
			plain->add(a, noise, n, 0.7f);
			c->add(b, noise, n, 0.7f);
			ck_assert_mem_eq(a, b, n * sizeof(float));
			ck_assert_uint_eq(
				loops->format->not_finite((uint32_t)_i, noise, n),
				loops_set(0)->format->not_finite((uint32_t)_i, noise, n));
			ck_assert_int_eq(c->convert != NULL, formats[_i].high > 0);
			if (!c->convert)
				continue;
			ck_assert_uint_eq(
				loops->format->from_float((uint32_t)_i, y, a, n),
				loops_set(0)->format->from_float((uint32_t)_i, x, a, n));
			ck_assert_mem_eq(x, y, n * formats[_i].bytes);
		}
}
END_TEST

START_TEST(every_set_spreads_alike)
{
	static float plain[4 * MANY], other[4 * MANY];
	const struct loops *loops;

	fill_source();
	for (uint32_t k = 1; (loops = loops_set(k)); k++)
		for (uint32_t channels = 1; channels <= 4; channels++)
			for (uint32_t n = 1; n < MANY; n = n * 3 / 2 + 1) {
				memcpy(plain, src + MANY, sizeof(plain));
				memcpy(other, src + MANY, sizeof(other));
				loops_set(0)->mix->spread(plain, channels, src, n, 0.3f);
				loops->mix->spread(other, channels, src, n, 0.3f);
				ck_assert_mem_eq(plain, other, sizeof(plain));
			}
}
END_TEST

START_TEST(every_set_makes_the_same_noise)
{
	static float a[MANY], b[MANY];
	const struct loops *loops;

	for (uint32_t k = 1; (loops = loops_set(k)); k++)
		for (uint32_t n = 1; n < MANY; n = n * 3 / 2 + 1) {
			for (uint32_t i = 0; i < n; i++)
				a[i] = b[i] = i % 5 ? 1e-3f * (float)i : 0.0f;
			loops_set(0)->dither->add_noise(a, n - MANY, n, 0x1p-15f);
			loops->dither->add_noise(b, n - MANY, n, 0x1p-15f);
			ck_assert_mem_eq(a, b, n * sizeof(float));
		}
}
END_TEST

START_TEST(the_plainest_set_is_for_any_processor)
{
	uint32_t n = 0;

	ck_assert_str_eq(loops_set(0)->name, "any");
	while (loops_set(n))
		n++;
	ck_assert_ptr_eq(loops_best(), loops_set(n - 1));
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("loops");

	tcase_add_loop_test(t, every_set_gives_the_same_bits, 0, NUM_PAIRS);
	tcase_add_loop_test(t, a_frame_is_the_same_in_any_company, 0, NUM_PAIRS);
	tcase_add_loop_test(t, what_comes_out_is_the_sum_to_within_rounding, 0,
			    NUM_PAIRS);
	tcase_add_loop_test(t, a_filter_in_two_parts_gives_the_sum_of_both, 0, NUM_PAIRS);
	tcase_add_loop_test(t, every_set_converts_alike, 0, NUM_FORMATS);
	tcase_add_test(t, every_set_spreads_alike);
	tcase_add_test(t, every_set_makes_the_same_noise);
	tcase_add_test(t, the_plainest_set_is_for_any_processor);
	return suite_run("loops", t);
}
