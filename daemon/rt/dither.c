/* SPDX-License-Identifier: MIT */
/*
 * The noise is a hash of the sample's number, of 32 bits: it comes round after hours.
 */
#include <stddef.h>

#include "dither.h"

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
static void add_noise(float *samples, uint32_t number, uint32_t n, float step)
{
	float scale = step / 65536.0f;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t x = hash(number + i);
		int32_t noise = (int32_t)(x >> 16) - (int32_t)(x & 0xffff);

		samples[i] += samples[i] == 0.0f ? 0.0f : scale * (float)noise;
	}
}

void dither(float *block, const uint8_t *mixed, uint32_t channels, uint64_t dev,
	    uint32_t n, uint32_t bits)
{
	float step = 2.0f / (float)(1u << bits);

	for (uint32_t from = 0, end; from < n; from = end + 1) {
		for (end = from; end < n && mixed[end] == MIXED_ROUGH;)
			end++;
		add_noise(block + (size_t)from * channels,
			  (uint32_t)((dev + from) * channels), (end - from) * channels,
			  step);
	}
}
