/* SPDX-License-Identifier: MIT */
/*
 * The whole player over a null sink of any format, on a clock that the test moves: what was heard
 * is the device's own bytes.
 */
#ifndef TESTS_LATHE_H
#define TESTS_LATHE_H

#include "rig.h"
#include "rt/sink_null.h"

enum { LATHE_RATE = 48000, LATHE_BUFFER = 4800, LATHE_GUARD = 48 };

struct lathe {
	struct rig rig;
	struct sink_null null;
	struct tape tape; /* keeps all: heard bytes from data on */
	uint64_t now_ns;
	uint32_t seed; /* of the take-backs; 0: there are none */
};

/* A device of this format that holds LATHE_BUFFER frames; it can record `frames`. It gets dither
 * if it has 16 bits. */
void lathe_init(struct lathe *l, uint32_t format, uint32_t channels, uint32_t frames);
void lathe_done(struct lathe *l);

/* A source of this format at the device's rate, whose queue holds `frames`. */
struct rig_source *lathe_add(struct lathe *l, uint32_t slot, uint32_t format,
			     uint32_t channels, uint32_t frames);

/* Pushes n frames, all of which fit. */
void lathe_push(struct lathe *l, struct rig_source *s, const void *frames, uint32_t n);

/* Time passes until so many frames are heard; with a seed, everything is taken back again and
 * again on the way, and mixed again with other bounds. */
void lathe_play(struct lathe *l, uint64_t frames);

/* Frame `at` of what was heard. */
const void *lathe_heard(const struct lathe *l, uint64_t at);

#endif
