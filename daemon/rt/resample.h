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

enum { RESAMPLE_LANES = 16 };

/* The filter for a pair of rates, cut into phases; made by main, shared, never changed. It lies in
 * one of two ways, for one of two ways of going about it (see loops.h):
 *
 * By group: the filters of RESAMPLE_LANES device frames in a row, side by side. Factor k of lane i
 * is what the k-th source frame counts in the i-th of these frames, where the first counts in the
 * first one; before and behind a lane's own filter there are zeros. After `cycle` frames, some
 * whole source frames further, the same groups come again; the last one may have lanes to spare.
 *
 * By row: row i is the filter for places i / phases behind a frame; one more follows the last, the
 * first shifted by a frame. What is between two rows is a straight line. */
struct taps {
	struct ratio ratio;
	uint32_t half; /* frames that it looks ahead, and behind; a multiple of 4 */
	uint32_t
		phases; /* ratio.den, or fewer: then what is between two is a straight line */
	uint32_t cycle;     /* 0: by row */
	uint32_t cycle_way; /* source frames in a cycle */
	uint32_t inverse;   /* times ratio.num: 1, modulo ratio.den */
	uint32_t depth;     /* factors in a lane */
	float factors[] __attribute__((aligned(64)));
};

static inline const float *taps_row(const struct taps *t, uint32_t i)
{
	return t->factors + 2 * (size_t)t->half * i;
}

static inline const float *taps_group(const struct taps *t, uint32_t i)
{
	return t->factors + (size_t)RESAMPLE_LANES * t->depth * i;
}

#endif
