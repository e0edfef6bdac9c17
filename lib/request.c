/* SPDX-License-Identifier: MIT */
/*
 * The table of outstanding requests. Ids are given out in a row, so that the low bits of
 * those outstanding seldom meet.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "request.h"

enum { MIN_SLOTS = 16 };

struct request *request_new(aud_done_fn *done, void *user)
{
	struct request *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->done = done;
	r->user = user;
	return r;
}

static struct request **slot(const struct request_table *t, uint64_t id)
{
	return &t->slots[id & (t->size - 1)];
}

void request_table_done(struct request_table *t)
{
	assert(t->count == 0);
	free(t->slots);
	*t = (struct request_table){0};
}

/* Ids that differ in their low bits differ in one bit more. */
static int grow(struct request_table *t)
{
	struct request_table bigger = *t;

	bigger.size = t->size ? 2 * t->size : MIN_SLOTS;
	bigger.slots = calloc(bigger.size, sizeof(bigger.slots[0]));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < t->size; i++) {
		if (t->slots[i])
			*slot(&bigger, t->slots[i]->id) = t->slots[i];
	}
	free(t->slots);
	*t = bigger;
	return 0;
}

int request_table_add(struct request_table *t, struct request *r)
{
	if (2 * t->count >= t->size && grow(t) < 0)
		return -ENOMEM;
	do
		r->id = ++t->last_id;
	while (*slot(t, r->id));
	*slot(t, r->id) = r;
	t->count++;
	return 0;
}

struct request *request_table_take(struct request_table *t, uint64_t id)
{
	struct request *r = t->size ? *slot(t, id) : NULL;

	if (!r || r->id != id)
		return NULL;
	*slot(t, id) = NULL;
	t->count--;
	return r;
}

struct request *request_table_next(const struct request_table *t, uint64_t id)
{
	while (t->size && id++ < t->last_id) {
		struct request *r = *slot(t, id);

		if (r && r->id == id)
			return r;
	}
	return NULL;
}

struct request *request_table_find_step(const struct request_table *t)
{
	for (size_t i = 0; i < t->size; i++) {
		if (t->slots[i] && t->slots[i]->step)
			return t->slots[i];
	}
	return NULL;
}

static int compare_ids(const void *a, const void *b)
{
	const struct request *const *x = a, *const *y = b;

	return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

struct request **request_table_take_all(struct request_table *t, size_t *ret_count)
{
	struct request **all = t->slots;
	size_t n = 0;

	for (size_t i = 0; i < t->size; i++) {
		if (all[i])
			all[n++] = all[i];
	}
	if (n > 0)
		qsort(all, n, sizeof(all[0]), compare_ids);
	*ret_count = n;
	*t = (struct request_table){.last_id = t->last_id};
	return all;
}
