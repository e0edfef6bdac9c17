/* SPDX-License-Identifier: MIT */
/*
 * A list in order, the oldest of which are written over. After a restart the newest may lie over
 * some before it: it is looked at first.
 */
#include "holes.h"

#include <stdatomic.h>

#define COUNT_MAX (UINT64_C(1) << 62)

/* The n-th newest one, from 0 on; NULL: there are no more. */
static const struct queue_hole *newest(const struct queue_holes *h, uint64_t n)
{
	if (n >= HOLES_MAX || n >= h->count)
		return NULL;
	return &h->list[(h->count - 1 - n) % QUEUE_HOLES];
}

static uint64_t total(const struct queue_holes *h)
{
	const struct queue_hole *last = newest(h, 0);

	return last ? last->total : 0;
}

static uint64_t excess(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* It is whole before it counts. */
static void put(struct queue_holes *h, struct queue_hole hole)
{
	h->list[h->count % QUEUE_HOLES] = hole;
	atomic_signal_fence(memory_order_release);
	h->count++;
}

void holes_add(struct queue_holes *h, uint64_t from, uint64_t to)
{
	if (from < to)
		put(h, (struct queue_hole){from, to, total(h) + to - from});
}

void holes_complete(struct queue_holes *h, uint64_t cut, uint64_t all)
{
	uint64_t from = cut, missing = all > total(h) ? all - total(h) : 0;
	const struct queue_hole *hole;

	if (!missing)
		return;
	for (uint64_t n = 0; (hole = newest(h, n)) && missing > excess(from, hole->to);
	     n++) {
		missing -= excess(from, hole->to);
		from = smaller(from, hole->from);
	}
	put(h, (struct queue_hole){excess(from, missing), cut, all});
}

bool holes_swallow(const struct queue_holes *h, uint64_t position, uint64_t above)
{
	const struct queue_hole *hole;

	for (uint64_t n = 0; (hole = newest(h, n)) && hole->to > above; n++) {
		if (hole->from < position && position <= hole->to)
			return true;
	}
	return false;
}

bool holes_reach(const struct queue_holes *h, uint64_t position)
{
	const struct queue_hole *last = newest(h, 0);

	return last && last->to >= position;
}

uint64_t holes_frames(const struct queue_holes *h, uint64_t from, uint64_t to)
{
	uint64_t n = to - from;
	const struct queue_hole *hole;

	for (uint64_t i = 0; (hole = newest(h, i)) && hole->to > from; i++) {
		uint64_t begin = hole->from > from ? hole->from : from;
		uint64_t end = smaller(hole->to, to);

		if (begin >= end)
			continue;
		n -= end - begin;
		to = begin;
	}
	return n;
}

bool holes_are_sane(const struct queue_holes *h, uint64_t cut)
{
	const struct queue_hole *hole;

	if (h->count > COUNT_MAX)
		return false;
	for (uint64_t n = 0; (hole = newest(h, n)); n++) {
		if (hole->from >= hole->to || hole->to > cut)
			return false;
		cut = hole->to;
	}
	return true;
}
