/* SPDX-License-Identifier: MIT */
/*
 * Between two rates: a windowed sinc, read off at any place between two frames. What comes out is
 * a function of the place and of the frames around it alone, with no memory of its own, so that
 * what is taken back and made again is the same.
 */
#ifndef RT_RESAMPLE_H
#define RT_RESAMPLE_H

#include "place.h"

/* The filter for a pair of rates, cut into phases; made by main, shared, never changed. */
struct taps {
	struct ratio ratio;
	uint32_t half; /* frames that it looks ahead, and behind; a multiple of 4 */
	uint32_t
		phases; /* rows of 2 x half; one more follows, the first shifted by a frame */
	float rows[];
};

/* One channel: n device frames of it, the first at place p, into out[0], out[stride] …
 * src[i] is source frame p.src - half + 1 + i; as many follow as the last one looks ahead. */
void resample(const struct taps *t, struct place p, const float *src, float *out,
	      uint32_t stride, uint32_t n);

#endif
