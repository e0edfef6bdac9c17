/* SPDX-License-Identifier: MIT */
/*
 * Marks: somebody wants to know when a position of a source is heard, or that it never
 * will be. Each is told once, of one or the other. Main thread.
 */
#ifndef DAEMON_MARK_H
#define DAEMON_MARK_H

#include "source.h"

struct mark {
	struct waiter waiter;
	TAILQ_ENTRY(mark) link;
	struct source *source;
	uint64_t position;
	bool is_client;
	uint64_t id; /* the client's */

	/* How it ended; at_ns: when it was heard. It is freed then. */
	void (*told)(const struct mark *m, bool heard, uint64_t at_ns);
};

/* A client's. Answers t, and tells it of the rest by an event. -ERANGE: the position is
 * below what is played, or behind the end of what is captured;
 * -ENOBUFS: max_marks are on it already; -EDQUOT: max_marks_per_user are on sources of its
 * user; -ENOMEM. */
int mark_set(struct source *s, const struct ticket *t, uint64_t id, uint64_t position);

/* One that was set before a restart: it may have been passed, and is then told at once: as dropped
 * if a clear took it, else as heard, at the time that is likely. */
int mark_set_again(struct source *s, const struct ticket *t, uint64_t id,
		   uint64_t position);

/* One of our own: not counted, and not told that it was dropped when the source goes. The
 * caller serves the source. -ENOMEM. */
int mark_add(struct source *s, uint64_t position,
	     void (*told)(const struct mark *m, bool heard, uint64_t at_ns));

/* A clear has taken the frames [from, to). */
void marks_cut(struct source *s, uint64_t from, uint64_t to);

/* n frames at a position that was not yet written have been dropped: marks behind the
 * first of them go with them, those behind the last move down. */
void marks_close_up(struct source *s, uint64_t position, uint64_t n);

/* The source goes: all are told, by what has been heard. */
void marks_end(struct source *s);

#endif
