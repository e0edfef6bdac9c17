/* SPDX-License-Identifier: MIT */
/*
 * From one channel to many: a voice on all of the loudspeakers.
 */
#include "loops.h"

#include "room.h"

static void spread_to_two(float *restrict block, const float *restrict src, uint32_t n,
			  float level)
{
	for (size_t i = 0; i < n; i++) {
		float x = level * src[i];

		block[2 * i] += x;
		block[2 * i + 1] += x;
	}
}

static void spread(float *restrict block, uint32_t channels, const float *restrict src,
		   uint32_t n, float level)
{
	if (channels == 2) {
		spread_to_two(block, src, n, level);
		return;
	}
	for (size_t i = 0; i < n; i++)
		for (uint32_t c = 0; c < channels; c++)
			block[i * channels + c] += level * src[i];
}

const struct mix_loops LOOPS_OF_THIS_SET(mix_loops) = {
	.spread = spread,
};
