/* SPDX-License-Identifier: MIT */
/*
 * The memory of a queue: a memfd of a fixed size, its ring mapped twice in a row, every
 * page there before the player comes to it. Main thread.
 */
#ifndef DAEMON_STORE_H
#define DAEMON_STORE_H

#include <stddef.h>

#include "rt/queue.h"

struct store {
	int fd; /* sealed against resizing, so that it may be shared */
	void *map;
	size_t bytes; /* of address space */
};

/* Makes the memory and an empty queue in it; near: see struct queue. The queue lives as
 * long as the store. -ENOMEM, -EMFILE or another negative errno, and nothing is left
 * behind. */
int store_init(struct store *s, const struct queue_shape *shape, uint32_t near,
	       struct queue *ret);

/* The same of a file that may be the memory of a queue, or anything: fd becomes the store's if
 * it is one that can be gone on with; out: see queue_adopt. -EINVAL, or another negative errno, and *ret_why says in
 * a few words why it is not. */
int store_adopt(struct store *s, int fd, uint32_t near, const struct played_out *out,
		struct queue *ret, const char **ret_why);

void store_done(struct store *s);

#endif
