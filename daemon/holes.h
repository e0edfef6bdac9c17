/* SPDX-License-Identifier: MIT */
/*
 * What clears have taken out of a source's frames: so that it is known which positions will
 * never be heard, or never were, and how many frames really lie between two. It stands in the
 * source's memory, as what a mark comes to may be asked for again after a restart. Main thread.
 */
#ifndef DAEMON_HOLES_H
#define DAEMON_HOLES_H

#include <stdbool.h>
#include <stdint.h>

#include "rt/queue.h"

/* So many lie ahead only on a device that does not rewind, if it is cleared again and again
 * within its buffer. One more, and the oldest is forgotten. */
enum { HOLES_MAX = QUEUE_HOLES - 1 };

/* Adds one, above all others; an empty one is none. A kill in the midst of it adds none. */
void holes_add(struct queue_holes *h, uint64_t from, uint64_t to);

/* After a restart: cuts took `total` frames in all, the last of them below `cut`. Those that no
 * hole tells of are the work of a cut that was not looked into: they lie right below it. */
void holes_complete(struct queue_holes *h, uint64_t cut, uint64_t total);

/* Whether the frame right below the position was taken: the position is never heard. Only by those
 * holes that end behind `above`. */
bool holes_swallow(const struct queue_holes *h, uint64_t position, uint64_t above);

/* Whether one took the frame right below the position, or any behind it. */
bool holes_reach(const struct queue_holes *h, uint64_t position);

/* The frames from one position to another, less those that were taken. */
uint64_t holes_frames(const struct queue_holes *h, uint64_t from, uint64_t to);

/* Whether they could be those of a queue with this cut. */
bool holes_are_sane(const struct queue_holes *h, uint64_t cut);

#endif
