/* SPDX-License-Identifier: MIT */
/*
 * A list of runs of speech by device frame, and the ramps that follow from it.
 */
#include <stddef.h>

#include "duck.h"

#include "room.h"

void duck_init(struct duck *d)
{
	d->shape = (struct duck_shape){.level = 1.0f};
	d->count = 0;
	track_init(&d->track, 1.0f);
}

static struct duck_run *last_run_of(struct duck *d, const void *who)
{
	for (uint32_t i = d->count; i-- > 0;)
		if (d->runs[i].who == who)
			return &d->runs[i];
	return NULL;
}

/* When there are too many, a gap in what somebody says counts as said. */
void duck_note(struct duck *d, const void *who, uint64_t from, uint64_t end)
{
	struct duck_run *r = last_run_of(d, who);

	if (d->shape.level == 1.0f)
		return;
	if (d->count < DUCK_RUNS && (!r || r->end != from)) {
		r = &d->runs[d->count++];
		*r = (struct duck_run){.who = who, .from = from};
	}
	if (!r)
		return;
	r->end = end;
	r->until = end + d->shape.hold;
}

void duck_let_go(struct duck *d, const void *who, uint64_t dev)
{
	for (uint32_t i = 0; i < d->count; i++) {
		struct duck_run *r = &d->runs[i];
		uint64_t until = r->end > dev ? r->end : dev;

		if (r->who == who && r->until > until)
			r->until = until;
	}
}

void duck_keep(struct duck *d, const void *const *who, uint32_t n)
{
	for (uint32_t i = 0; i < d->count; i++) {
		bool is_there = false;

		for (uint32_t j = 0; j < n && !is_there; j++)
			is_there = d->runs[i].who == who[j];
		if (!is_there)
			d->runs[i].who = NULL;
	}
}

/* Whether the others are kept down at dev, and the frame up to which that is so. */
static bool is_kept_down(const struct duck *d, uint64_t dev, uint64_t *ret_until)
{
	bool down = false;

	*ret_until = UINT64_MAX;
	for (uint32_t i = 0; i < d->count; i++) {
		const struct duck_run *r = &d->runs[i];
		uint64_t next = dev < r->from ? r->from : r->until;

		if (dev >= r->until)
			continue;
		if (dev >= r->from)
			down = true;
		if (next < *ret_until)
			*ret_until = next;
	}
	return down;
}

void duck_follow(struct duck *d, uint64_t dev, uint32_t n)
{
	uint64_t end = dev + n;

	while (dev < end) {
		uint64_t until;
		bool down = is_kept_down(d, dev, &until);
		float level = down ? d->shape.level : 1.0f;

		if (track_target(&d->track) != level)
			track_turn(&d->track, dev, level,
				   down ? d->shape.attack : d->shape.release);
		dev = until;
	}
}

/* What somebody goes on to say is noted again; who does not was told to stop. */
void duck_take_back(struct duck *d, uint64_t dev)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < d->count; i++) {
		struct duck_run *r = &d->runs[i];

		if (r->from >= dev)
			continue;
		if (r->end > dev)
			r->end = r->until = dev;
		d->runs[kept++] = *r;
	}
	d->count = kept;
	track_trim(&d->track, dev);
}

void duck_settle(struct duck *d, uint64_t dev)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < d->count; i++) {
		const struct duck_run *r = &d->runs[i];

		if (r->end > dev || r->until > dev)
			d->runs[kept++] = *r;
	}
	d->count = kept;
	track_retire(&d->track, dev);
}
