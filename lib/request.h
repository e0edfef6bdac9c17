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

/* Its end is either told to a callback, then it is on the heap and belongs to the table
 * while it is there; or a thread waits for it, then it is that thread's. */
struct request {
	uint64_t id;               /* async_id; set by request_table_add */
	Aud__Reply__KindCase kind; /* of the reply that it asks for */

	aud_done_fn *done; /* NULL: nobody is told */
	void *user;

	struct outcome *outcome; /* not NULL: a thread waits for this to be filled in */
	bool ended;              /* it is filled in */
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

/* Takes all out: the array that the slots were, the oldest request first, and how many
 * there are. The caller frees the array. May be NULL if there are none. */
struct request **request_table_take_all(struct request_table *t, size_t *ret_count);

#endif
