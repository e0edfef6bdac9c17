/* SPDX-License-Identifier: MIT */
/*
 * Ducking: while speech sounds, the other sources are softer. Where speech lies at the device is
 * noted as it is mixed, before the others are; how loud these are follows from that alone. So after
 * a take-back they are mixed again just as they were, or as a clear of the speech wants it. Player
 * only, but for duck_init.
 */
#ifndef RT_DUCK_H
#define RT_DUCK_H

#include <stdbool.h>
#include <stdint.h>

#include "track.h"

enum { DUCK_RUNS = 64 };

/* How it is done; lengths in device frames. */
struct duck_shape {
	float level;      /* of the others, a factor; 1: nothing is ducked */
	uint32_t attack;  /* on the way down */
	uint32_t hold;    /* behind the last frame of speech */
	uint32_t release; /* on the way up */
};

/* Device frames on which somebody spoke without a gap. */
struct duck_run {
	const void *who; /* NULL: nobody who is still there */
	uint64_t from, end;
	uint64_t until; /* the others are kept down: end, and the hold */
};

struct duck {
	struct duck_shape shape;
	uint32_t count;
	struct duck_run runs[DUCK_RUNS]; /* those that may still matter, oldest first */
	struct track track;              /* level of the others */
};

/* (main) Nothing is ducked. What is fed from now on goes by `shape`, which may change. */
void duck_init(struct duck *d);

/* Speech sounds on device frames [from, end); told in their order, for each who speaks. */
void duck_note(struct duck *d, const void *who, uint64_t from, uint64_t end);

/* Who speaks was told to be silent, at device frame dev: there is no hold behind that. */
void duck_let_go(struct duck *d, const void *who, uint64_t dev);

/* These n are still there. What others have said stands, and is nobody's. */
void duck_keep(struct duck *d, const void *const *who, uint32_t n);

/* All that speaks on device frames [dev, dev + n) is noted: finds the levels for them. */
void duck_follow(struct duck *d, uint64_t dev, uint32_t n);

/* The device has taken back, or lost, all from dev on. */
void duck_take_back(struct duck *d, uint64_t dev);

/* The device has played up to dev. */
void duck_settle(struct duck *d, uint64_t dev);

/* Whether the others are at full level, and stay there unless somebody speaks. */
static inline bool duck_is_idle(const struct duck *d)
{
	return d->count == 0 && d->track.count == 1 && track_target(&d->track) == 1.0f;
}

#endif
