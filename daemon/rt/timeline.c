/* SPDX-License-Identifier: MIT */
/*
 * Source frame <-> device frame.
 */
#include <assert.h>
#include <stddef.h>

#include "timeline.h"

#include "room.h"

static struct span *span_at(const struct timeline *t, uint32_t i)
{
	return (struct span *)&t->spans[(t->first + i) % TIMELINE_SPANS];
}

static struct place place_in(const struct timeline *t, const struct span *s, uint64_t n)
{
	return place_after(s->src, t->ratio, n);
}

static bool span_continues(const struct timeline *t, const struct span *a,
			   const struct span *b)
{
	struct place end = place_in(t, a, a->len);

	return a->dev + a->len == b->dev && end.src == b->src.src &&
	       end.phase == b->src.phase && a->skipped == b->skipped;
}

bool timeline_add(struct timeline *t, const struct span *s)
{
	struct span *last = t->count ? span_at(t, t->count - 1) : NULL;

	assert(!last || last->dev + last->len <= s->dev);
	if (last && span_continues(t, last, s)) {
		last->len += s->len;
		return true;
	}
	if (timeline_is_full(t))
		return false;
	*span_at(t, t->count++) = *s;
	return true;
}

static void count_gap(const struct span *s, struct gaps *dry)
{
	if (!s->dry || s->before >= s->dev)
		return;
	dry->count++;
	dry->at = s->src.src;
	dry->length = s->dev - s->before;
	dry->frames += dry->length;
}

void timeline_pass(const struct timeline *t, struct gaps *dry)
{
	for (uint32_t i = 0; i < t->count; i++)
		count_gap(span_at(t, i), dry);
}

const struct span *timeline_settle(struct timeline *t, uint64_t dev, struct gaps *dry)
{
	while (t->count) {
		struct span *s = span_at(t, 0);
		uint64_t done;

		if (dev < s->dev)
			return s;
		count_gap(s, dry);
		s->dry = true; /* from here on it sounds */
		done = dev - s->dev;
		if (done < s->len) {
			s->src = place_in(t, s, done);
			s->dev += done;
			s->len -= (uint32_t)done;
			s->before = s->dev;
			return s;
		}
		t->first = (t->first + 1) % TIMELINE_SPANS;
		t->count--;
	}
	return NULL;
}

bool timeline_take_back(struct timeline *t, uint64_t dev, struct span *ret)
{
	bool any = false;

	while (t->count) {
		struct span *s = span_at(t, t->count - 1);

		if (s->dev + s->len <= dev)
			break;
		any = true;
		*ret = *s;
		ret->len = 0;
		if (s->dev < dev) {
			s->len = (uint32_t)(dev - s->dev);
			ret->src = place_in(t, s, s->len);
			ret->dev = ret->before = dev;
			ret->dry = true;
			break;
		}
		t->count--;
	}
	return any;
}

uint64_t timeline_find(const struct timeline *t, uint64_t src)
{
	uint64_t end = 0, n;

	for (uint32_t i = 0; i < t->count; i++) {
		const struct span *s = span_at(t, i);

		if (src <= s->src.src)
			break;
		n = place_frames_before(s->src, t->ratio, src);
		if (n <= s->len)
			return s->dev + n;
		end = s->dev + s->len;
	}
	return end;
}

uint64_t timeline_frames(const struct timeline *t)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < t->count; i++) {
		const struct span *s = span_at(t, i);

		n += place_in(t, s, s->len).src - s->src.src;
	}
	return n;
}

uint64_t timeline_first_end(const struct timeline *t)
{
	const struct span *s = span_at(t, 0);

	return t->count ? s->dev + s->len : 0;
}
