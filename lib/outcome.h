/* SPDX-License-Identifier: MIT */
/*
 * How a request ended: what the daemon's reply says, as the structs of aud.h, or an
 * error.
 */
#ifndef LIB_OUTCOME_H
#define LIB_OUTCOME_H

#include "aud.h"
#include "aud.pb-c.h"

struct outcome {
	int error;     /* 0 or a negative errno */
	char *message; /* the sentence for it; owned; may be NULL */
	void *block;   /* a status, list or daemon status; owned */
	size_t count;  /* of a list */
	union {
		struct aud_captured captured;
		struct aud_cleared cleared;
		struct aud_playout playout;
		struct aud_level level;
		uint64_t position;
		uint32_t version;
		struct {
			uint64_t handle, queue_frames;
			bool has_token;
			uint8_t token[AUD_TOKEN_BYTES];
		} made;
		struct {
			uint32_t sample_rate, num_channels;
			enum aud_format format;
			uint64_t queue_frames, written, played;
			bool counted;
			uint64_t accepted, accepted_end;
		} attached;
	};
};

/* The kind of reply that answers a request. */
Aud__Reply__KindCase outcome_kind(Aud__Request__KindCase request);

/* Fills in *o from a reply to a request that wanted one of this kind. */
void outcome_reply(struct outcome *o, Aud__Reply__KindCase wanted,
		   const Aud__Reply *reply);

/* Fills in *o with an error; message is copied. */
void outcome_fail(struct outcome *o, int error, const char *message);

/* The same for a callback's eyes; points into o. */
struct aud_result outcome_result(const struct outcome *o, Aud__Reply__KindCase kind);

/* Hands the error to the caller of the library, whose thread gets the sentence. Frees
 * what is owned, and returns the error. */
int outcome_error(struct outcome *o);

/* Frees what is owned. */
void outcome_done(struct outcome *o);

#endif
