/* SPDX-License-Identifier: MIT */
/*
 * A program on libaud, with one source that has a channel at 48000 Hz and a queue of 500 ms, and
 * a daemon that has several lives.
 */
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include "aud.h"
#include "lives.h"
#include "rt/queue.h"

enum {
	PROGRAM_RATE = 48000,
	PROGRAM_NUMBERS = 32000, /* frames are numbered modulo this, and from 1 on */
	PROGRAM_BUFFER = PROGRAM_RATE / 5, /* the device's */
	PROGRAM_EVENTS = 1024,
};

struct program {
	struct lives lives;
	struct aud *aud;
	struct aud_source *source;
	int num_events;
	struct aud_event events[PROGRAM_EVENTS]; /* the first that were told */
};

/* Begins the first life, and makes the source. */
void program_init(struct program *p);
void program_done(struct program *p);

/* Fails the test unless a call has succeeded. */
void program_must(int r);

/* Events of this kind so far. */
int program_count(const struct program *p, enum aud_event_kind kind);

/* Dispatches until there are so many of them. */
void program_await(struct program *p, enum aud_event_kind kind, int wanted);

/* The next life; the last one has ended by SIGKILL. */
void program_kill(struct program *p);

/* The numbers of its source, while there is no daemon. */
struct program_memory {
	void *map;
	struct queue_saved *saved; /* the set that counts */
	struct queue_writer_part *writer;
};

struct program_memory program_memory(struct program *p);
void program_memory_done(struct program_memory *m);

/* Frames that carry the numbers from `first` on; to be freed. */
int16_t *program_frames(uint32_t first, uint32_t n);

/* All frames of [0, total) were heard in a row; a life that was killed may repeat up to `twice`. */
void program_assert_heard(const struct program *p, uint32_t total, uint32_t twice);

#endif
