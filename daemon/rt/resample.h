/* SPDX-License-Identifier: MIT */
/*
 * Between two rates: a windowed sinc, read off at any place between two frames. What comes out is
 * a function of the place and of the frames around it alone, with no memory of its own, so that
 * what is taken back and made again is the same.
 */
#ifndef RT_RESAMPLE_H
#define RT_RESAMPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "place.h"

enum {
	RESAMPLE_FEW = 8,    /* the most num and den of a pair that goes by phase */
	RESAMPLE_SLACK = 64, /* floats; see loops.h */
};

/* The filter for a pair of rates, cut into phases; made by main, shared, never changed. Row i is
 * the filter for places i / phases behind a frame; one more follows the last, the first shifted
 * by a frame. Where a row's two neighbours are looked at together, what is between is a straight
 * line. */
struct taps {
	struct ratio ratio;
	uint32_t half; /* frames that it looks ahead, and behind; a multiple of 4 */
	uint32_t
		phases; /* ratio.den, or fewer: then what is between two is a straight line */
	uint32_t pad;  /* zeros before the 2 x half of each row, and behind */
	bool by_phase; /* how to go about it; see loops.h */
	float rows[] __attribute__((aligned(32)));
};

/* Floats from row to row. */
static inline size_t taps_stride(const struct taps *t)
{
	return 2 * (size_t)t->half + 2 * (size_t)t->pad;
}

static inline const float *taps_row(const struct taps *t, uint32_t i)
{
	return t->rows + i * taps_stride(t) + t->pad;
}

#endif
