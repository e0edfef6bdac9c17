/* SPDX-License-Identifier: MIT */
/*
 * A source's handle inside: which source it is and, for one that was made here, what its
 * frames look like.
 */
#ifndef LIB_SOURCE_H
#define LIB_SOURCE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct aud;

struct aud_source {
	struct aud *aud;
	struct aud_source *next; /* of the connection's */
	uint64_t handle;         /* of the daemon */

	/* Of a source that was made here; all 0 else. */
	bool owned;
	bool closed;
	uint32_t sample_rate; /* Hz */
	uint32_t num_channels;
	uint32_t frame_bytes;
	uint64_t queue_frames;

	/* Blocking captures take turns, so that the pieces of each stay together. */
	uint64_t tickets; /* given out */
	uint64_t turn;    /* the ticket that is served now */
	pthread_cond_t turned;
};

/* Frees the handles of a connection that is ending, and tells the daemon nothing. */
void source_free_all(struct aud *a);

#endif
