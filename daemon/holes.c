/* SPDX-License-Identifier: MIT */
/*
 * A list in order, hardly ever with more than one hole in it.
 */
#include "holes.h"

#include <string.h>

static void forget_first(struct holes *h, uint32_t n)
{
	h->count -= n;
	memmove(h->list, h->list + n, h->count * sizeof(h->list[0]));
}

void holes_add(struct holes *h, uint64_t from, uint64_t to)
{
	if (from == to)
		return;
	if (h->count && h->list[h->count - 1].to == from) {
		h->list[h->count - 1].to = to;
		return;
	}
	if (h->count == HOLES_MAX)
		forget_first(h, 1);
	h->list[h->count++] = (struct hole){.from = from, .to = to};
}

void holes_pass(struct holes *h, uint64_t played)
{
	uint32_t n = 0;

	while (n < h->count && h->list[n].to <= played)
		n++;
	if (n > 0)
		forget_first(h, n);
}

bool holes_swallow(const struct holes *h, uint64_t position)
{
	for (uint32_t i = 0; i < h->count; i++) {
		if (h->list[i].from < position && position <= h->list[i].to)
			return true;
	}
	return false;
}

uint64_t holes_frames(const struct holes *h, uint64_t from, uint64_t to)
{
	uint64_t n = to - from;

	for (uint32_t i = 0; i < h->count; i++) {
		uint64_t begin = h->list[i].from > from ? h->list[i].from : from;
		uint64_t end = h->list[i].to < to ? h->list[i].to : to;

		if (begin < end)
			n -= end - begin;
	}
	return n;
}
