/* SPDX-License-Identifier: MIT */
/*
 * The noise of dither: a hash of the sample's number, of 32 bits, so that it comes round after
 * hours.
 */
#include "loops.h"

#include "room.h"

/* Each bit of the number changes half of the bits (the last steps of MurmurHash3). */
static inline uint32_t hash(uint32_t x)
{
	x ^= x >> 16;
	x *= 0x85ebca6bu;
	x ^= x >> 13;
	x *= 0xc2b2ae35u;
	return x ^ x >> 16;
}

/* The difference of two evenly distributed numbers has a triangular distribution. */
static void add_noise(float *samples, uint32_t number, size_t n, float step)
{
	float scale = step / 65536.0f;

	for (size_t i = 0; i < n; i++) {
		uint32_t x = hash(number + (uint32_t)i);
		int32_t noise = (int32_t)(x >> 16) - (int32_t)(x & 0xffff);

		samples[i] += samples[i] == 0.0f ? 0.0f : scale * (float)noise;
	}
}

const struct dither_loops LOOPS_OF_THIS_SET(dither_loops) = {
	.add_noise = add_noise,
};
