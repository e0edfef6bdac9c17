/* SPDX-License-Identifier: MIT */
/*
 * A tone is taken out of what came out by least squares; what is left is the rest.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gauge.h"
#include "rt/mix.h"
#include "taps.h"

/* What is looked at and what is passed over before and behind it: frames of the output, and at the
 * least so much of the source. */
enum { LOOK = 3000, LOOK_IN = 200, PASS = 600, PASS_IN = 100 };

#define LOUD 0.9

double gauge_band(uint32_t from, uint32_t to)
{
	return (from < to ? from : to) / 2.0;
}

/* sin and cos of `angle` times i, for one i after the other. */
struct pointer {
	double sin, cos, sin_step, cos_step;
};

static void pointer_turn(struct pointer *p)
{
	double sine = p->sin;

	p->sin = sine * p->cos_step + p->cos * p->sin_step;
	p->cos = p->cos * p->cos_step - sine * p->sin_step;
}

static struct pointer pointer_of(double frequency, uint32_t rate)
{
	double angle = 2 * M_PI * frequency / rate;

	return (struct pointer){0, 1, sin(angle), cos(angle)};
}

static struct gauge_tone judge(const float *out, size_t n, double frequency,
			       uint32_t rate, double band)
{
	double ss = 0, cc = 0, sc = 0, ys = 0, yc = 0, power = 0, d, a = 0, b = 0;
	struct pointer p = pointer_of(frequency, rate);

	for (size_t i = 0; i < n; i++, pointer_turn(&p)) {
		ss += p.sin * p.sin;
		cc += p.cos * p.cos;
		sc += p.sin * p.cos;
		ys += out[i] * p.sin;
		yc += out[i] * p.cos;
	}
	d = ss * cc - sc * sc;
	if (frequency < band) {
		a = (ys * cc - yc * sc) / d;
		b = (yc * ss - ys * sc) / d;
	}
	p = pointer_of(frequency, rate);
	for (size_t i = 0; i < n; i++, pointer_turn(&p)) {
		double rest = a * p.sin + b * p.cos - out[i];

		power += rest * rest;
	}
	return (struct gauge_tone){
		.level = 20 * log10(sqrt(a * a + b * b) / LOUD),
		.rest = 10 * log10(power / (double)n / (LOUD * LOUD / 2) + 1e-30),
	};
}

struct gauge_tone gauge_tone(gauge_convert *convert, uint32_t from, uint32_t to,
			     double frequency)
{
	size_t scale = to > from ? to / from : 1;
	size_t pass = PASS + PASS_IN * scale;
	size_t look = LOOK > LOOK_IN * scale ? LOOK : LOOK_IN * scale;
	size_t n_out = look + 2 * pass;
	size_t n_in = (size_t)((double)n_out * from / to);
	float *in = malloc(n_in * sizeof(*in)), *out = calloc(n_out, sizeof(*out));
	struct pointer p = pointer_of(frequency, from);
	struct gauge_tone tone;

	for (size_t i = 0; i < n_in; i++, pointer_turn(&p))
		in[i] = (float)(LOUD * p.sin);
	convert(from, to, in, n_in, out, n_out);
	tone = judge(out + pass, look, frequency, to, gauge_band(from, to));
	free(in);
	free(out);
	return tone;
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

struct gauge_figures gauge_all(gauge_convert *convert, uint32_t from, uint32_t to)
{
	static const double inside[] = {0.01, 0.05, 0.1,  0.2,  0.3,  0.4,
					0.5,  0.6,  0.7,  0.8,  0.85, 0.9,
					0.93, 0.96, 0.98, 0.99, 0.995};
	static const double outside[] = {1.001, 1.005, 1.01, 1.02, 1.03, 1.05, 1.08, 1.12,
					 1.2,   1.3,   1.5,  1.7,  2.1,  2.9,  3.7,  4.6};
	double band = gauge_band(from, to);
	struct gauge_tone tone =
		gauge_tone(convert, from, to, band > 1100 ? 997 : band / 10);
	struct gauge_figures f = {tone.level, tone.rest, 0, -999, -999};

	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		tone = gauge_tone(convert, from, to, inside[i] * band);
		f.images = larger(f.images, tone.rest);
		if (inside[i] <= 0.9)
			f.ripple = larger(f.ripple, fabs(tone.level));
	}
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		if (outside[i] * band < from / 2.0)
			f.aliases = larger(
				f.aliases,
				gauge_tone(convert, from, to, outside[i] * band).rest);
	return f;
}

/* ---- ours ------------------------------------------------------------------------------ */

/* As a player has it. */
struct bench {
	float block[MIX_FRAMES * MIX_CHANNELS], frames[MIX_FRAMES * MIX_CHANNELS];
	float window[MIX_WINDOW], planes[MIX_WINDOW];
};

void gauge_ours(uint32_t from, uint32_t to, const float *in, size_t n_in, float *out,
		size_t n_out)
{
	static struct bench bench;
	static const struct ramp flat = {.from = 1.0f, .to = 1.0f};
	struct taps_set set = {0};
	struct queue q = {.shape = {.rate = from, .channels = 1, .format = FORMAT_F32},
			  .frame_bytes = sizeof(float),
			  .ring_bytes = n_in * sizeof(float),
			  .ring = (uint8_t *)in};
	struct mix m = {.loops = loops_best(),
			.channels = 1,
			.block = bench.block,
			.frames = bench.frames,
			.window = bench.window,
			.planes = bench.planes};
	struct channels unnamed = {0};
	struct layout layout = layout_default(1);
	struct channel_map map;
	struct sound sound = {
		.queue = &q, .map = &map, .high = n_in, .fade = &flat, .gain = &flat};

	channel_map_make(&map, &unnamed, 1, &layout, 1);
	if (taps_get(&set, from, to, &sound.taps) < 0)
		abort();
	for (size_t done = 0; done < n_out; done += MIX_FRAMES) {
		size_t n = n_out - done < MIX_FRAMES ? n_out - done : MIX_FRAMES;
		struct span s = {
			.dev = done,
			.src = place_after((struct place){0}, sound.taps->ratio, done),
			.len = (uint32_t)n};

		memset(bench.block, 0, n * sizeof(float));
		mix_add(&m, 0, &sound, &s);
		memcpy(out + done, bench.block, n * sizeof(float));
	}
	taps_unref(sound.taps);
}
