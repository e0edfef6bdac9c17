/* SPDX-License-Identifier: MIT */
/*
 * A source's handle inside: which source it is and, for one that this connection holds,
 * what its frames look like.
 */
#ifndef LIB_SOURCE_H
#define LIB_SOURCE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "aud.h"

struct aud_source {
	struct aud *aud;
	struct aud_source *next; /* of the connection's */
	uint64_t handle;         /* of the daemon */

	bool made; /* by aud_source_new: it is closed when it is freed */
	bool closed;

	/* Of a source that was made here or attached to; all 0 else. */
	bool held; /* frames may be pushed */
	bool has_token;
	uint8_t token[AUD_TOKEN_BYTES];
	uint32_t sample_rate; /* Hz */
	uint32_t num_channels;
	uint32_t frame_bytes;
	uint64_t queue_frames;
	uint64_t written; /* position, when it was attached to */

	/* Blocking captures stand in line, so that the pieces of each stay together. */
	struct capture *line; /* the first has its turn */
	pthread_cond_t moved; /* the line has */
};

/* Frees the handles of a connection that is ending, and tells the daemon nothing. */
void source_free_all(struct aud *a);

#endif
