/* SPDX-License-Identifier: MIT */
/*
 * How a run of frames of a queue sounds: converted, shaped by its levels, put onto the
 * device's channels, added. A function of the frames and of the positions, nothing else.
 * Player only.
 */
#ifndef RT_MIX_H
#define RT_MIX_H

#include "queue.h"
#include "ramp.h"
#include "timeline.h"

enum {
	MIX_FRAMES = 512, /* frames in a block */
	MIX_CHANNELS = 32,
};

/* Where it is added to: interleaved floats. */
struct mix {
	uint32_t channels;
	float *block;   /* MIX_FRAMES frames of `channels` */
	float *scratch; /* MIX_FRAMES frames of MIX_CHANNELS */
};

/* Adds the frames of span s to the block, from its frame `at` on. fade is over source frames,
 * gain over device frames. */
void mix_add(const struct mix *m, uint32_t at, const struct queue *q,
	     const struct span *s, const struct ramp *fade, const struct ramp *gain);

#endif
