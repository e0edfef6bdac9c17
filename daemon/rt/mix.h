/* SPDX-License-Identifier: MIT */
/*
 * How a run of frames of a queue sounds: converted, brought to the device's rate, shaped by its
 * levels, put onto the device's channels, added. A function of the frames and of the positions,
 * nothing else. Player only.
 */
#ifndef RT_MIX_H
#define RT_MIX_H

#include "channels.h"
#include "dither.h"
#include "loops.h"
#include "queue.h"
#include "ramp.h"
#include "resample.h"
#include "timeline.h"

enum {
	MIX_FRAMES = 512, /* frames in a block */
	MIX_CHANNELS = CHANNELS_MAX,
	MIX_WINDOW = 16384, /* samples that the resampler looks at at once */
};

struct duck;

/* Where it is added to, and room to work in. */
struct mix {
	const struct loops *loops;
	uint32_t channels;
	float *block; /* MIX_FRAMES frames of `channels`, interleaved */
	float *frames; /* MIX_FRAMES frames of MIX_CHANNELS: the source's, at the device's rate */
	float *window; /* MIX_WINDOW samples: the source's frames as floats */
	float *planes; /* MIX_WINDOW samples: these, channel by channel */
	struct duck
		*duck;  /* told where speech is, and how loud others are then; or NULL */
	uint8_t *mixed; /* MIX_FRAMES: enum mixed of each frame, */
	uint32_t bits;  /* on a device of so many bits; 0: nobody wants to know */
};

/* What a voice gives to be mixed. */
struct sound {
	const struct queue *queue;
	const struct taps *taps; /* NULL: it has the device's rate */
	const struct channel_map *map;
	uint64_t low, high; /* frames outside [low, high) are silence to the resampler */
	const struct ramp *fade; /* over source frames */
	const struct ramp *gain; /* over device frames */
	const struct ramp *duck; /* likewise; or NULL: it is not ducked */
};

/* Adds the frames of span s to the block, from its frame `at` on. */
void mix_add(const struct mix *m, uint32_t at, const struct sound *sound,
	     const struct span *s);

/* n frames of `channels`, which begin at device frame dev, times a level over these. */
void mix_scale(float *frames, uint8_t *mixed, uint32_t channels, uint64_t dev, uint32_t n,
	       const struct ramp *level);

#endif
