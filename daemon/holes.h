/* SPDX-License-Identifier: MIT */
/*
 * What clears have taken out of a source's frames, as far as it has not been passed yet: so
 * that it is known which positions will never be heard, and how many frames really lie
 * between two. Main thread.
 */
#ifndef DAEMON_HOLES_H
#define DAEMON_HOLES_H

#include <stdbool.h>
#include <stdint.h>

/* So many lie ahead only on a device that does not rewind, if it is cleared again and again
 * within its buffer. One more, and the oldest is forgotten. */
enum { HOLES_MAX = 32 };

struct hole {
	uint64_t from, to; /* the frames [from, to) are not heard */
};

/* Zero-initialised there are none. */
struct holes {
	uint32_t count;
	struct hole list[HOLES_MAX]; /* in order */
};

/* Adds one, above all others; an empty one is none. */
void holes_add(struct holes *h, uint64_t from, uint64_t to);

/* Everything below `played` is settled, and of no interest any more. */
void holes_pass(struct holes *h, uint64_t played);

/* Whether a frame right below the position was taken: the position is never heard. */
bool holes_swallow(const struct holes *h, uint64_t position);

/* The frames from one position to another, less those that were taken. */
uint64_t holes_frames(const struct holes *h, uint64_t from, uint64_t to);

#endif
