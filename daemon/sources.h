/* SPDX-License-Identifier: MIT */
/*
 * All sources there are: how they begin, how they are found, how they end. Main thread.
 */
#ifndef DAEMON_SOURCES_H
#define DAEMON_SOURCES_H

#include "source.h"

struct sources {
	sd_event *event;
	const struct config *config;
	struct output *output;
	struct taps_set taps;
	bool has_device; /* as all have been told */
	uint64_t last_id;
	uint32_t num;          /* those that are gone and not yet freed included */
	struct source **items; /* by id; max_sources of them at most */
};

/* config and output must live longer. -ENOMEM. */
int sources_init(struct sources *set, sd_event *event, const struct config *config,
		 struct output *output);

/* The player has stopped: frees all, at once. */
void sources_done(struct sources *set);

/* -ENOBUFS: max_sources are there already; else see source_new. */
int sources_add(struct sources *set, const struct source_order *order,
		struct source **ret);

/* NULL: there is none, or it is gone. */
struct source *sources_find(const struct sources *set, uint64_t id);

/* How many a connection is attached to. */
uint32_t sources_attached(const struct sources *set, const struct conn *c);

/* The connection may push into the source from now on. -ENOMEM. */
int sources_attach(struct source *s, struct conn *c);

/* The player has rung: whatever waits for a number is looked at, those that are over are
 * freed. */
void sources_serve(struct sources *set);

/* The source plays out what it holds, or drops it, and goes. Captures and waits are
 * answered at once. */
void sources_close(struct source *s, bool drop);

/* The connection has gone: it is not told anything any more. Sources that nobody else is
 * attached to linger, and end if they are left alone. */
void sources_leave(struct sources *set, const struct conn *c);

#endif
