/* SPDX-License-Identifier: MIT */
/*
 * Dither: noise of a triangular distribution, as wide as one step of the device's to either side,
 * added before rounding to few bits, so that what rounding does is noise too and no distortion.
 * A pure function of position: what is taken back and mixed again gets the same noise again. No
 * noise where nothing is rounded, and none on a sample that is silent. Player only.
 */
#ifndef RT_DITHER_H
#define RT_DITHER_H

#include <stdint.h>

enum {
	DITHER_BITS = 16, /* a device of more bits needs none */
};

/* What a frame of a block is made of. */
enum mixed {
	MIXED_NOTHING,
	MIXED_EXACT, /* one voice, and it comes out to the bit */
	MIXED_ROUGH, /* anything else */
};

/* Of a frame, another voice was added to it; exact: that one would come out to the bit alone. */
static inline uint8_t mixed_with(uint8_t before, int exact)
{
	return exact && before == MIXED_NOTHING ? MIXED_EXACT : MIXED_ROUGH;
}

struct loops;

/* Adds noise to the rough ones of n frames, the first of which is device frame dev, for a device
 * of so many bits. */
void dither(const struct loops *loops, float *block, const uint8_t *mixed,
	    uint32_t channels, uint64_t dev, uint32_t n, uint32_t bits);

#endif
