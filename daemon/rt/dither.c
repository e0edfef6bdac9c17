/* SPDX-License-Identifier: MIT */
/*
 * Which samples of a block get noise; what it is like is in loops_dither.c.
 */
#include <stddef.h>

#include "dither.h"
#include "loops.h"

#include "room.h"

void dither(const struct loops *loops, float *block, const uint8_t *mixed,
	    uint32_t channels, uint64_t dev, uint32_t n, uint32_t bits)
{
	float step = 2.0f / (float)(1u << bits);

	for (uint32_t from = 0, end; from < n; from = end + 1) {
		for (end = from; end < n && mixed[end] == MIXED_ROUGH;)
			end++;
		loops->dither->add_noise(block + (size_t)from * channels,
					 (uint32_t)((dev + from) * channels),
					 (size_t)(end - from) * channels, step);
	}
}
