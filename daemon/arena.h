/* SPDX-License-Identifier: MIT */
/*
 * Memory for the time of one request: handed out in a row, given back all at once. What
 * a usual request needs fits into the first chunk, which is kept, so that it costs no
 * malloc. Main thread.
 */
#ifndef DAEMON_ARENA_H
#define DAEMON_ARENA_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

struct arena_chunk;

struct arena {
	ProtobufCAllocator allocator; /* allocates here, frees nothing */
	struct arena_chunk *first;    /* kept */
	struct arena_chunk *extra;    /* newest first; until the next reset */
	bool failed;                  /* there was no memory, since the last reset */
};

/* -ENOMEM. */
int arena_init(struct arena *a);
void arena_done(struct arena *a);

/* Memory for any type, not cleared; NULL: there is none. */
void *arena_alloc(struct arena *a, size_t size);

/* Gives back everything that was handed out. */
void arena_reset(struct arena *a);

#endif
