/* SPDX-License-Identifier: MIT */
/*
 * The requests that the daemon has not answered yet, by their async_id. A request leaves
 * the table once, with its end.
 */
#ifndef LIB_REQUEST_H
#define LIB_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "outcome.h"

struct aud;
struct request;

/* What the reply to a request of the library's own leads to. Returns how many callbacks were
 * run, or a negative errno: the connection is of no use. */
typedef int request_step_fn(struct aud *a, const struct request *r,
			    const struct outcome *o);

/* Its end is either told to a callback, then it is on the heap and belongs to the table
 * while it is there; or a thread waits for it, then it is that thread's. */
struct request {
	uint64_t id;               /* async_id; set by request_table_add */
	Aud__Reply__KindCase kind; /* of the reply that it asks for */

	aud_done_fn *done; /* NULL: nobody is told */
	void *user;

	struct outcome *outcome; /* not NULL: a thread waits for this to be filled in */
	bool ended;              /* it is filled in */

	request_step_fn *step; /* not NULL: it is neither's, but the library's own */

	/* So that it can be asked again; see link.h. */
	uint8_t *message; /* NULL: it is not kept */
	size_t size;
	uint64_t handle; /* of the source that it is about, or 0 */
	uint64_t sent_ns;

	/* Of a capture that was asked again: what of it is in the queue already, and from which
	 * position on, if that is known, to which; and what was there before it. Frames. */
	uint64_t already, first, already_end, skipped;

	struct {
		uint64_t id, position;
	} mark; /* of a step that sets one again */
};

/* NULL: no memory. Free with free(). */
struct request *request_new(aud_done_fn *done, void *user);

/* Zero-initialised is empty. A slot is found by the id's low bits; an id whose slot is
 * taken by an older request is never used. */
struct request_table {
	struct request **slots;
	size_t size; /* a power of two, or 0 */
	size_t count;
	uint64_t last_id;
};

/* Frees the table, which must be empty. */
void request_table_done(struct request_table *t);

/* Puts a request into the table and gives it its id, which is never 0. -ENOMEM. */
int request_table_add(struct request_table *t, struct request *r);

/* Takes the request with this id out; NULL: there is none. */
struct request *request_table_take(struct request_table *t, uint64_t id);

/* The one with the lowest id above this; NULL: there is none. */
struct request *request_table_next(const struct request_table *t, uint64_t id);

/* One of the library's own, or NULL. */
struct request *request_table_find_step(const struct request_table *t);

/* Takes all out: the array that the slots were, the oldest request first, and how many
 * there are. The caller frees the array. May be NULL if there are none. */
struct request **request_table_take_all(struct request_table *t, size_t *ret_count);

#endif
