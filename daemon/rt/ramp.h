/* SPDX-License-Identifier: MIT */
/*
 * A level that moves from one value to another between two positions: a pure function of
 * the position, so that mixing a frame again gives the same sample.
 */
#ifndef RT_RAMP_H
#define RT_RAMP_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

enum curve {
	CURVE_LINEAR,
	CURVE_EQUAL_POWER, /* a quarter of a cosine: its square moves evenly in angle */
};

struct ramp {
	uint64_t start; /* position of the first frame of the ramp */
	uint32_t len;   /* frames; 0: a step */
	uint32_t curve; /* enum curve */
	float from, to;
};

/* How much of the way from `from` to `to` lies behind at `way` (0 .. 1) of the time. Down and up
 * mirror each other: the loud end of the curve is the flat one. */
static inline float ramp_progress(const struct ramp *r, float way)
{
	const float quarter = 1.57079633f;

	if (r->curve == CURVE_LINEAR)
		return way;
	return r->to < r->from ? 1.0f - cosf(way * quarter)
			       : cosf((1.0f - way) * quarter);
}

static inline float ramp_at(const struct ramp *r, uint64_t pos)
{
	if (pos < r->start)
		return r->from;
	if (pos - r->start >= r->len)
		return r->to;
	return r->from + (r->to - r->from) * ramp_progress(r, (float)(pos - r->start) /
								      (float)r->len);
}

/* Whether the level is the same for all of [pos, pos + n). */
static inline bool ramp_is_flat(const struct ramp *r, uint64_t pos, uint32_t n)
{
	return r->from == r->to || pos >= r->start + r->len || pos + n <= r->start;
}

#endif
