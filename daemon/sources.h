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

uint32_t sources_owned(const struct sources *set, const struct conn *owner);

/* The player has rung: whatever waits for a number is looked at, those that are over are
 * freed. */
void sources_serve(struct sources *set);

/* The source plays out what it holds, or drops it, and goes. Captures and waits are
 * answered at once. */
void sources_close(struct source *s, bool drop);

/* The connection has gone: its sources end, and nobody is told anything any more. */
void sources_leave(struct sources *set, const struct conn *c);

#endif
