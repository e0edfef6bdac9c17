/* SPDX-License-Identifier: MIT */
/*
 * A player on the null sink, on a clock of its own, whose voices never run dry: what its turns
 * cost.
 */
#ifndef TESTS_TREADMILL_H
#define TESTS_TREADMILL_H

#include <stdbool.h>
#include <stdint.h>

/* The device's. */
enum {
	TREADMILL_RATE = 48000,
	TREADMILL_CHANNELS = 2,
	TREADMILL_STEP = TREADMILL_RATE / 10, /* frames in a round */
	TREADMILL_VOICES = 128,
	TREADMILL_SLOTS = 4096,
};

/* The voices', all alike; s16. */
struct treadmill_shape {
	uint32_t rate, channels;
	bool ducked;    /* one of them speaks, and the others are softer */
	bool follows;   /* something was changed before each turn */
	uint32_t slots; /* that the player has; 0: TREADMILL_VOICES */
};

struct work {
	uint64_t ns, frames; /* frames: of the device, of all voices */
	uint64_t least_ns;   /* of the round that took least: others were disturbed */
};

/* Of the machine. */
uint64_t treadmill_now(void);

/* So many rounds with so many voices, at most TREADMILL_VOICES. */
struct work treadmill_run(const struct treadmill_shape *what, uint32_t voices,
			  uint32_t rounds);

#endif
