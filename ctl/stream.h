/* SPDX-License-Identifier: MIT */
/*
 * A source of our own while it is played: what was sent and what became of it. All
 * requests are asynchronous; what goes wrong with them is kept here, for whoever runs the
 * loop to see.
 */
#ifndef CTL_STREAM_H
#define CTL_STREAM_H

#include "input.h"
#include "json.h"

/* How it stood at the latest answer. */
struct stream_report {
	unsigned number;   /* of answers so far */
	uint64_t position; /* every frame below it is heard or dropped */
	bool paused;
	unsigned waiting; /* reports in a row: it should sound, and does not */
	struct ledger ledger;
};

struct stream {
	struct aud *aud;
	struct aud_source *source;
	uint64_t sent;      /* frames given to captures */
	unsigned captures;  /* outstanding */
	unsigned requests;  /* others outstanding */
	unsigned waits;     /* of these, for playout */
	unsigned questions; /* of these, for a report */
	bool was_cleared;   /* by whomever */
	bool was_closed;
	struct stream_report report;
	uint64_t taken_back; /* frames, by our own clear */
	int error;           /* negative errno: the first failure */
	char message[256];   /* its sentence */
};

/* Makes a source for this input. Negative errno; aud_error has the sentence. */
int stream_open(struct stream *s, struct aud *aud, const struct input *in,
		const struct options *options, const char *name);

/* Frees the source; nothing may be outstanding. (With a connection that is lost, a source
 * is freed by freeing the connection.) */
void stream_close(struct stream *s);

/* Sends the request; the answer goes into the fields above. */
void stream_capture(struct stream *s, const void *data, uint32_t frames);
void stream_wait_for_playout(struct stream *s);
void stream_clear(struct stream *s);
void stream_ask(struct stream *s);

static inline bool stream_is_busy(const struct stream *s)
{
	return s->captures || s->requests;
}

#endif
