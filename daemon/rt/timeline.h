/* SPDX-License-Identifier: MIT */
/*
 * Which frames of a source are where at the device: spans of device frames and of source
 * frames side by side, in order, for what the device has not played yet. Answers both ways:
 * the device has played up to D, which source frame is that? The device gave back down to D,
 * which source frame is next? Player only.
 */
#ifndef RT_TIMELINE_H
#define RT_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "place.h"

enum { TIMELINE_SPANS = 32 };

struct span {
	uint64_t dev;     /* device frame where it begins */
	struct place src; /* what of the source lies there */
	uint64_t skipped; /* source frames below it that cuts have taken, ever */
	uint64_t before;  /* device frame behind the source's previous frames */
	uint32_t len;     /* device frames */
	bool dry;         /* from `before` to dev there was silence for want of data */
};

/* Empty when all but the ratio is zero. */
struct timeline {
	struct ratio ratio;
	uint32_t first, count;
	struct span spans[TIMELINE_SPANS]; /* a ring */
};

/* Adds a span at the end, or makes the last one longer where both sides continue it. False:
 * there is no room; nothing was done. */
bool timeline_add(struct timeline *t, const struct span *s);

/* Gaps in a source's sound that have been played. */
struct gaps {
	uint64_t count;
	uint64_t frames; /* device frames of silence for want of data, in all */
	uint64_t at;     /* the latest one: the source frame that came after it */
	uint64_t length; /* likewise: device frames */
};

/* The device has played up to dev: forgets what lies before. Returns the span that is being
 * played or comes next, cut down to what is left of it; NULL if all is played. Adds to *dry
 * the silence for want of data that was passed. */
const struct span *timeline_settle(struct timeline *t, uint64_t dev, struct gaps *dry);

/* Adds to *dry what all of its spans will, when they are played. */
void timeline_pass(const struct timeline *t, struct gaps *dry);

/* The device has taken back all from dev on. True, and *ret is where the source stood when dev
 * was fed (len 0), if anything of it was taken back. */
bool timeline_take_back(struct timeline *t, uint64_t dev, struct span *ret);

/* The device frame at which all source frames below src are played, as far as they are in
 * here: for a src behind the last span that span's end, 0 if there is none. */
uint64_t timeline_find(const struct timeline *t, uint64_t src);

/* Source frames in it. After settling: those that the device has and has not played. */
uint64_t timeline_frames(const struct timeline *t);

/* Device frame behind the first span: when room for another comes. 0: empty. */
uint64_t timeline_first_end(const struct timeline *t);

static inline bool timeline_is_full(const struct timeline *t)
{
	return t->count == TIMELINE_SPANS;
}

#endif
