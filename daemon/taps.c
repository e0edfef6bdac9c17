/* SPDX-License-Identifier: MIT */
/*
 * A sinc under a Kaiser window. Up to 0.9 of the lower Nyquist frequency it lets pass what there
 * is, within 0.001 dB; from 1.0 on nothing, within -103 dB. What is heard of the slope in between is
 * what the best converters make of it: of speech at 22050 Hz the difference to theirs is below
 * -90 dB. Its cost and what it looks ahead go by its length. A pair of rates has as many phases as its
 * ratio's denominator; where that is too many, rows stand close enough for a straight line
 * between two of them to be as good.
 */
#include "taps.h"

#include <errno.h>
#include <math.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "rt/place.h"

enum {
	HALF = 72,           /* frames of the lower rate on each side */
	EXACT_PHASES = 1024, /* of a frame of the lower rate: more are interpolated, */
	ROWS = 512,          /* between so many; the error is below -108 dB */
	MOST_STRETCH = 8,    /* source frames for a device frame, in groups */
	MOST_CYCLE = 256,    /* device frames, but for those that have more phases */
	LANES = RESAMPLE_LANES,
};

#define CUTOFF 0.955 /* of the lower Nyquist frequency */
#define BETA   10.15 /* of the window */

struct taps_entry {
	LIST_ENTRY(taps_entry) link;
	uint32_t users;
	struct taps taps;
};

static struct ratio reduce(uint32_t from, uint32_t to)
{
	uint32_t a = from, b = to;

	while (b) {
		uint32_t rest = a % b;

		a = b;
		b = rest;
	}
	return (struct ratio){.num = from / a, .den = to / a};
}

/* The window at x (-1 .. 1) is the modified Bessel function of BETA sqrt(1 - x x): as its terms
 * have even powers only, a polynomial in 1 - x x. */
enum { TERMS = 24 };

struct window {
	double factors[TERMS];
};

static void make_window(struct window *w)
{
	const double q = BETA * BETA / 4;

	w->factors[0] = 1.0;
	for (int k = 1; k < TERMS; k++)
		w->factors[k] = w->factors[k - 1] * q / (k * k);
}

static double window_at(const struct window *w, double x)
{
	double u = 1.0 - x * x, sum = 0.0;

	if (u <= 0.0)
		return 0.0;
	for (int k = TERMS - 1; k >= 0; k--)
		sum = sum * u + w->factors[k];
	return sum;
}

/* sin of `angle` times i, for one i after the other: turning a pointer. */
struct turn {
	double sin, cos, sin_step, cos_step;
};

static struct turn turn_from(double start, double angle)
{
	return (struct turn){sin(start), cos(start), sin(angle), cos(angle)};
}

static double turn_next(struct turn *t)
{
	double sine = t->sin;

	t->sin = sine * t->cos_step + t->cos * t->sin_step;
	t->cos = t->cos * t->cos_step - sine * t->sin_step;
	return sine;
}

/* The taps for a place `way` behind a frame, `step` floats from one to the next. Their sum is 1,
 * whatever the phase, so that a constant stays one. */
static void fill(const struct window *w, float *taps, size_t step, uint32_t half,
		 double way, double cutoff)
{
	double sum = 0.0, x = -(half - 1.0) - way;
	struct turn turn = turn_from(M_PI * cutoff * x, M_PI * cutoff);

	for (uint32_t i = 0; i < 2 * half; i++, x += 1.0) {
		double sine = turn_next(&turn);
		double sinc = fabs(x) < 1e-6 ? 1.0 : sine / (M_PI * cutoff * x);
		double h = sinc * window_at(w, x / half);

		taps[i * step] = (float)h;
		sum += h;
	}
	for (uint32_t i = 0; i < 2 * half; i++)
		taps[i * step] = (float)(taps[i * step] / sum);
}

static void fill_rows(struct taps *t, const struct window *w, double cutoff)
{
	for (uint32_t i = 0; i <= t->phases; i++)
		fill(w, (float *)taps_row(t, i), 1, t->half, (double)i / t->phases,
		     cutoff);
}

static void fill_groups(struct taps *t, const struct window *w, double cutoff)
{
	uint64_t num = t->ratio.num, den = t->ratio.den;

	for (uint32_t q = 0; q < t->cycle; q++) {
		uint32_t lane = q % LANES;
		uint64_t way = q * num, first = (q - lane) * num / den;
		const float *group = taps_group(t, q / LANES);

		fill(w, (float *)group + (way / den - first) * LANES + lane, LANES,
		     t->half, (double)(way % den) / (double)den, cutoff);
	}
}

/* A filter that is stretched for a lower rate changes more slowly from row to row. */
static uint32_t phases_for(struct ratio r)
{
	uint32_t stretch = r.num > r.den ? r.num / r.den : 1;

	if (r.den <= 2 || r.den <= EXACT_PHASES / stretch)
		return r.den;
	return ROWS / stretch > 2 ? ROWS / stretch : 2;
}

uint32_t taps_half(uint32_t from, uint32_t to)
{
	uint64_t half = HALF;

	if (from == to)
		return 0;
	if (from > to)
		half = ((uint64_t)HALF * from + to - 1) / to;
	return (uint32_t)((half + 3) / 4 * 4);
}

/* The multiple of the phases that leaves the fewest lanes to spare. */
static uint32_t cycle_for(struct ratio r)
{
	uint32_t best = r.den, most = MOST_CYCLE / r.den;

	for (uint32_t i = 2; i <= most; i++) {
		uint32_t cycle = i * r.den;

		if ((uint64_t)(LANES - 1 - (cycle - 1) % LANES) * best <
		    (uint64_t)(LANES - 1 - (best - 1) % LANES) * cycle)
			best = cycle;
	}
	return best;
}

static uint32_t inverse_of(struct ratio r)
{
	uint64_t inverse = 1;

	while (inverse * r.num % r.den != 1 % r.den)
		inverse++;
	return (uint32_t)inverse;
}

static void plan(struct taps *t, uint32_t from, uint32_t to)
{
	struct ratio r = reduce(from, to);

	t->ratio = r;
	t->half = taps_half(from, to);
	t->phases = phases_for(r);
	if (t->phases != r.den || r.num > MOST_STRETCH * r.den)
		return;
	t->cycle = cycle_for(r);
	t->cycle_way = t->cycle / r.den * r.num;
	t->inverse = inverse_of(r);
	t->depth = 2 * t->half + ((LANES - 1) * r.num + r.den - 1) / r.den;
}

/* Behind the last group a register may be read that begins in it. */
static size_t floats_of(const struct taps *t)
{
	size_t groups = (t->cycle + LANES - 1) / LANES;

	if (t->cycle)
		return groups * t->depth * LANES + LANES;
	return (t->phases + (size_t)1) * 2 * t->half;
}

static struct taps_entry *allocate(const struct taps *t)
{
	size_t align = alignof(struct taps_entry);
	size_t bytes = sizeof(struct taps_entry) + floats_of(t) * sizeof(float);
	struct taps_entry *e = aligned_alloc(align, (bytes + align - 1) / align * align);

	if (!e)
		return NULL;
	memset(e, 0, bytes);
	e->taps = *t;
	return e;
}

static struct taps_entry *make(uint32_t from, uint32_t to)
{
	struct taps t = {0};
	double cutoff = from > to ? CUTOFF * to / from : CUTOFF;
	struct taps_entry *e;
	struct window w;

	plan(&t, from, to);
	e = allocate(&t);
	if (!e)
		return NULL;
	make_window(&w);
	if (t.cycle)
		fill_groups(&e->taps, &w, cutoff);
	else
		fill_rows(&e->taps, &w, cutoff);
	return e;
}

static bool is_for(const struct taps_entry *e, uint32_t from, uint32_t to)
{
	struct ratio r = reduce(from, to);

	return e->taps.ratio.num == r.num && e->taps.ratio.den == r.den;
}

int taps_get(struct taps_set *set, uint32_t from, uint32_t to, const struct taps **ret)
{
	struct taps_entry *e = NULL;

	*ret = NULL;
	if (from == to)
		return 0;
	LIST_FOREACH(e, &set->entries, link)
	if (is_for(e, from, to))
		break;
	if (!e) {
		e = make(from, to);
		if (!e)
			return -ENOMEM;
		LIST_INSERT_HEAD(&set->entries, e, link);
	}
	e->users++;
	*ret = &e->taps;
	return 0;
}

void taps_unref(const struct taps *t)
{
	struct taps_entry *e;

	if (!t)
		return;
	e = (struct taps_entry *)((char *)t - offsetof(struct taps_entry, taps));
	if (--e->users > 0)
		return;
	LIST_REMOVE(e, link);
	free(e);
}
