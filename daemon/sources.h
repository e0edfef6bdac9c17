/* SPDX-License-Identifier: MIT */
/*
 * All sources there are: how they begin, how they are found, how they end. Main thread.
 */
#ifndef DAEMON_SOURCES_H
#define DAEMON_SOURCES_H

#include "ids.h"
#include "outputs.h"
#include "source.h"

struct sources {
	sd_event *event;
	const struct config *config;
	struct outputs *outputs;
	struct taps_set taps;
	struct ids ids;
	uint32_t num;          /* those that are gone and not yet freed included */
	struct source **items; /* by id; max_sources of them at most */
};

/* config and outputs must live longer. -ENOMEM. */
int sources_init(struct sources *set, sd_event *event, const struct config *config,
		 struct outputs *outputs);

/* The players have stopped: frees all, at once. */
void sources_done(struct sources *set);

/* -ENOBUFS: max_sources are there already; else see source_new. */
int sources_add(struct sources *set, const struct source_order *order,
		struct source **ret);

/* A source of a daemon before this one, in memory that was kept under this name: it plays on and
 * may be attached to; some time later it is as if its clients had left. taps and the store become
 * the source's if it succeeds. Failures as above. */
int sources_adopt(struct sources *set, const char *stored, const struct store *store,
		  const struct queue *queue, const struct taps *taps,
		  struct output *output, struct user *user);

/* queue.near of a source at this rate (Hz) that plays to an output by these taps. */
uint32_t sources_near(const struct output *o, uint32_t rate, const struct taps *taps);

/* NULL: there is none, or it is gone. */
struct source *sources_find(const struct sources *set, uint64_t id);

/* How many a connection is attached to. */
uint32_t sources_attached(const struct sources *set, const struct conn *c);

/* The connection may push into the source from now on. -ENOMEM. */
int sources_attach(struct source *s, struct conn *c);

/* Tells those who wait and watch whether its output has a device now, if that is news. */
void sources_watch_device(struct source *s);

/* The player of an output has rung: whatever waits for a number of its is looked at, those that
 * are over are freed. */
void sources_serve(struct sources *set, struct output *o);

/* The source plays out what it holds, or drops it, and goes. Captures and waits are
 * answered at once. */
void sources_close(struct source *s, bool drop);

/* The connection has gone: it is not told anything any more. Sources that nobody else is
 * attached to linger, and end if they are left alone. */
void sources_leave(struct sources *set, const struct conn *c);

#endif
