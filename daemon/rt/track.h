/* SPDX-License-Identifier: MIT */
/*
 * A level over device frames: ramps, each from the level that was there when it began. What it is
 * at a frame stays the same until it is told otherwise from an earlier frame on, so what is mixed
 * again is as loud as it was. Player only.
 */
#ifndef RT_TRACK_H
#define RT_TRACK_H

#include <string.h>

#include "ramp.h"

enum { TRACK_RAMPS = 16 };

struct track {
	uint32_t count;                 /* at least one */
	struct ramp ramps[TRACK_RAMPS]; /* by start; the first also holds before that */
};

static inline void track_init(struct track *t, float level)
{
	t->count = 1;
	t->ramps[0] = (struct ramp){.from = level, .to = level};
}

/* Where it goes in the end. */
static inline float track_target(const struct track *t)
{
	return t->ramps[t->count - 1].to;
}

/* The ramp that holds at a device frame, and the frame up to which it does. */
static inline const struct ramp *track_at(const struct track *t, uint64_t dev,
					  uint64_t *ret_until)
{
	uint32_t i = t->count - 1;

	*ret_until = UINT64_MAX;
	while (i > 0 && dev < t->ramps[i].start)
		*ret_until = t->ramps[i--].start;
	return &t->ramps[i];
}

/* Forgets what would begin at dev or later. */
static inline void track_trim(struct track *t, uint64_t dev)
{
	while (t->count > 1 && t->ramps[t->count - 1].start >= dev)
		t->count--;
}

/* Nobody will ask for frames before dev. */
static inline void track_retire(struct track *t, uint64_t dev)
{
	uint32_t gone = 0;

	while (gone + 1 < t->count && t->ramps[gone + 1].start <= dev)
		gone++;
	if (gone == 0)
		return;
	t->count -= gone;
	memmove(t->ramps, t->ramps + gone, t->count * sizeof(t->ramps[0]));
}

/* From dev on, to another level within len frames. Where there are too many ramps the oldest goes:
 * what lies before the next is then mixed again at that one's first level. */
static inline void track_turn(struct track *t, uint64_t dev, float to, uint32_t len)
{
	uint64_t until;
	float from;

	track_trim(t, dev);
	from = ramp_at(track_at(t, dev, &until), dev);
	if (t->count == TRACK_RAMPS)
		memmove(t->ramps, t->ramps + 1, --t->count * sizeof(t->ramps[0]));
	t->ramps[t->count++] =
		(struct ramp){.start = dev, .len = len, .from = from, .to = to};
}

#endif
