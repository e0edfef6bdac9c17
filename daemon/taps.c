/* SPDX-License-Identifier: MIT */
/*
 * A sinc that ends the passband between 0.9 and 1.0 of the lower Nyquist frequency, under a
 * Kaiser window for 110 dB. A rate pair has as many phases as its ratio's denominator; where that
 * is too many, rows stand close enough for a straight line between two of them to be as good.
 */
#include "taps.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "rt/place.h"

enum {
	HALF = 72,         /* frames of the lower rate on each side */
	MAX_PHASES = 1024, /* more are interpolated: the error is below -118 dB */
	MIN_PHASES = 16,
};

#define CUTOFF 0.95 /* of the lower Nyquist frequency: the middle of the slope */
#define BETA   11.2 /* of the window */

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

/* The modified Bessel function of the first kind, order 0. */
static double bessel(double x)
{
	double sum = 1.0, term = 1.0;

	for (int k = 1; term > sum * 1e-18; k++) {
		term *= (x / (2 * k)) * (x / (2 * k));
		sum += term;
	}
	return sum;
}

static double kernel(double x, double half, double cutoff)
{
	double w = x / half, angle = M_PI * cutoff * x;

	if (w <= -1.0 || w >= 1.0)
		return 0.0;
	return (angle == 0.0 ? 1.0 : sin(angle) / angle) *
	       bessel(BETA * sqrt(1.0 - w * w));
}

/* The row for a place `way` behind a frame. Its sum is 1, whatever the phase, so that a constant
 * stays one. */
static void fill_row(float *row, uint32_t half, double way, double cutoff)
{
	double sum = 0.0;

	for (uint32_t i = 0; i < 2 * half; i++) {
		double h = kernel((double)i - (half - 1) - way, half, cutoff);

		row[i] = (float)h;
		sum += h;
	}
	for (uint32_t i = 0; i < 2 * half; i++)
		row[i] = (float)(row[i] / sum);
}

static uint32_t phases_for(struct ratio r)
{
	uint32_t many = MAX_PHASES;

	/* A filter that is stretched for a lower rate changes more slowly from row to row. */
	if (r.num > r.den)
		many = MAX_PHASES / (r.num / r.den);
	if (many < MIN_PHASES)
		many = MIN_PHASES;
	return r.den < many ? r.den : many;
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

static struct taps_entry *make(uint32_t from, uint32_t to)
{
	struct ratio r = reduce(from, to);
	uint32_t half = taps_half(from, to), phases = phases_for(r);
	double cutoff = from > to ? CUTOFF * to / from : CUTOFF;
	size_t floats = (size_t)(phases + 1) * 2 * half;
	struct taps_entry *e = malloc(sizeof(*e) + floats * sizeof(float));

	if (!e)
		return NULL;
	e->users = 0;
	e->taps = (struct taps){.ratio = r, .half = half, .phases = phases};
	for (uint32_t i = 0; i <= phases; i++)
		fill_row(e->taps.rows + (size_t)i * 2 * half, half, (double)i / phases,
			 cutoff);
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
