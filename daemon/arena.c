/* SPDX-License-Identifier: MIT */
/*
 * One chunk that stays, and more where a request is large.
 */
#include "arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

enum { CHUNK_BYTES = 16 * 1024 };

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	alignas(max_align_t) uint8_t bytes[];
};

static struct arena_chunk *chunk_new(size_t size)
{
	struct arena_chunk *c = malloc(sizeof(*c) + size);

	if (c)
		*c = (struct arena_chunk){.size = size};
	return c;
}

static void *chunk_take(struct arena_chunk *c, size_t size)
{
	void *p = c->bytes + c->used;

	if (c->size - c->used < size)
		return NULL;
	c->used += size;
	return p;
}

static size_t rounded(size_t size)
{
	const size_t to = alignof(max_align_t);

	return (size + to - 1) / to * to;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_chunk *c = a->extra ? a->extra : a->first;
	void *p = chunk_take(c, rounded(size));

	if (p)
		return p;
	c = chunk_new(rounded(size) > CHUNK_BYTES ? rounded(size) : CHUNK_BYTES);
	if (!c) {
		a->failed = true;
		return NULL;
	}
	c->next = a->extra;
	a->extra = c;
	return chunk_take(c, rounded(size));
}

static void *protobuf_alloc(void *arena, size_t size)
{
	return arena_alloc(arena, size);
}

static void protobuf_free(void *arena, void *p)
{
	(void)arena;
	(void)p;
}

int arena_init(struct arena *a)
{
	*a = (struct arena){
		.allocator = {protobuf_alloc, protobuf_free, a},
		.first = chunk_new(CHUNK_BYTES),
	};
	return a->first ? 0 : -ENOMEM;
}

void arena_reset(struct arena *a)
{
	while (a->extra) {
		struct arena_chunk *next = a->extra->next;

		free(a->extra);
		a->extra = next;
	}
	a->first->used = 0;
	a->failed = false;
}

void arena_done(struct arena *a)
{
	if (!a->first)
		return;
	arena_reset(a);
	free(a->first);
	*a = (struct arena){0};
}
