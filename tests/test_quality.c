/* SPDX-License-Identifier: MIT */
/*
 * How sources at other rates sound: what is promised, measured; and held against libsoxr, which is
 * known to be good, on the same gauge and sample by sample.
 */
#include <check.h>
#include <math.h>
#include <soxr.h>
#include <stdlib.h>
#include <string.h>

#include "gauge.h"
#include "suite.h"

/* The usual rates to the usual outputs; then those whose phases are too many to have a row each;
 * then the ends of what there is. */
static const struct pair {
	uint32_t from, to;
} pairs[] = {
	{8000, 44100},  {11025, 44100}, {16000, 44100},  {22050, 44100},  {24000, 44100},
	{32000, 44100}, {48000, 44100}, {96000, 44100},  {192000, 44100}, {8000, 48000},
	{11025, 48000}, {16000, 48000}, {22050, 48000},  {24000, 48000},  {32000, 48000},
	{44100, 48000}, {96000, 48000}, {192000, 48000}, {44101, 48000},  {47999, 48000},
	{48000, 47999}, {48001, 48000}, {7919, 48000},   {191999, 44100}, {768000, 48000},
	{1000, 48000},  {48000, 1000},  {1000, 768000},  {767999, 48000},
};

/* The sanitizers are slow, and look for other things than how it sounds. */
enum { NUM_PAIRS = SANITIZED ? 1 : sizeof(pairs) / sizeof(pairs[0]) };

static void soxr_best(uint32_t from, uint32_t to, const float *in, size_t n_in,
		      float *out, size_t n_out)
{
	soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
	soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
	soxr_t s = soxr_create(from, to, 1, NULL, &io, &quality, NULL);
	size_t done, more = 0;

	ck_assert_ptr_null(soxr_process(s, in, n_in, NULL, out, n_out, &done));
	while (done < n_out) {
		ck_assert_ptr_null(
			soxr_process(s, NULL, 0, NULL, out + done, n_out - done, &more));
		if (more == 0)
			break;
		done += more;
	}
	soxr_delete(s);
}

/* What a resampler must not be. */
static void straight_line(uint32_t from, uint32_t to, const float *in, size_t n_in,
			  float *out, size_t n_out)
{
	for (size_t i = 0; i < n_out; i++) {
		double at = (double)i * from / to;
		size_t n = (size_t)at;

		if (n + 1 < n_in)
			out[i] = (float)(in[n] + (at - (double)n) * (in[n + 1] - in[n]));
	}
}

START_TEST(what_is_promised_of_the_sound_is_so)
{
	const struct pair *p = &pairs[_i];
	struct gauge_figures f = gauge_all(gauge_ours, p->from, p->to);

	ck_assert_double_lt(fabs(f.level), 0.01);
	ck_assert_double_le(f.thd_n, -105.0);
	ck_assert_double_lt(f.ripple, 0.01);
	ck_assert_double_le(f.images, -100.0);
	ck_assert_double_le(f.aliases, -100.0);
}
END_TEST

/* Tones all over what both let pass unchanged. */
static void make_chord(float *frames, size_t n, uint32_t rate, double band)
{
	enum { TONES = 40 };

	memset(frames, 0, n * sizeof(*frames));
	for (int k = 1; k <= TONES; k++)
		for (size_t i = 0; i < n; i++)
			frames[i] += (float)(0.5 / TONES *
					     sin(2 * M_PI * 0.7 * band * k / TONES *
							 (double)i / rate +
						 k * k));
}

START_TEST(it_is_what_the_best_of_libsoxr_is)
{
	const struct pair *p = &pairs[_i];
	size_t n_out = 4000 + 500 * (size_t)(p->to / p->from),
	       n_in = n_out * p->from / p->to + 1;
	float *in = malloc(n_in * sizeof(*in));
	float *ours = calloc(n_out, sizeof(*ours)),
	      *theirs = calloc(n_out, sizeof(*ours));
	double power = 0, rest = 0;

	make_chord(in, n_in, p->from, gauge_band(p->from, p->to));
	gauge_ours(p->from, p->to, in, n_in, ours, n_out);
	soxr_best(p->from, p->to, in, n_in, theirs, n_out);

	/* At the ends each has something else to say about what is not there. */
	for (size_t i = n_out / 4; i < n_out * 3 / 4; i++) {
		power += theirs[i] * theirs[i];
		rest += (ours[i] - theirs[i]) * (ours[i] - theirs[i]);
	}
	ck_assert_double_lt(10 * log10(rest / power), -100.0);
	free(in);
	free(ours);
	free(theirs);
}
END_TEST

/* A source that is brought down by 768 is looked at 122880 frames at a time. */
START_TEST(the_longest_filter_there_is_keeps_the_promise)
{
	struct gauge_tone passes = gauge_tone(gauge_ours, 768000, 1000, 97);
	struct gauge_tone edge = gauge_tone(gauge_ours, 768000, 1000, 450);
	struct gauge_tone stops = gauge_tone(gauge_ours, 768000, 1000, 501);

	ck_assert_double_lt(fabs(passes.level), 0.01);
	ck_assert_double_lt(passes.rest, -105.0);
	ck_assert_double_lt(fabs(edge.level), 0.1);
	ck_assert_double_lt(edge.rest, -100.0);
	ck_assert_double_lt(stops.rest, -100.0);
}
END_TEST

START_TEST(the_gauge_tells_good_from_bad)
{
	struct gauge_figures good = gauge_all(soxr_best, 44100, 48000);
	struct gauge_figures bad = gauge_all(straight_line, 44100, 48000);
	struct gauge_figures down = gauge_all(straight_line, 96000, 48000);

	ck_assert_double_lt(fabs(good.level), 0.001);
	ck_assert_double_lt(good.thd_n, -120.0);
	ck_assert_double_lt(good.ripple, 0.01);
	ck_assert_double_lt(good.images, -110.0);
	ck_assert_double_gt(bad.thd_n, -80.0);
	ck_assert_double_gt(bad.ripple, 1.0);
	ck_assert_double_gt(bad.images, -20.0);
	ck_assert_double_gt(down.aliases, -10.0);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("quality");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, what_is_promised_of_the_sound_is_so, 0, NUM_PAIRS);
	tcase_add_loop_test(t, it_is_what_the_best_of_libsoxr_is, 0, NUM_PAIRS);
	if (!SANITIZED)
		tcase_add_test(t, the_longest_filter_there_is_keeps_the_promise);
	tcase_add_test(t, the_gauge_tells_good_from_bad);
	return suite_run("quality", t);
}
