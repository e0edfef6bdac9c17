/* SPDX-License-Identifier: MIT */
/*
 * Numbers as they are told: what a source and an output are and have done. Texts in what
 * is filled in belong to the source, the output or the program; nothing is to be freed.
 * Main thread.
 */
#ifndef DAEMON_STATS_H
#define DAEMON_STATS_H

#include "source.h"

void stats_source(const struct source *s, Aud__AudioSourceStatus *ret);

/* What an Aud__OutputStatus points to. */
struct stats_output {
	Aud__OutputStatus status;
	uint64_t late_us[PLAYER_LATE_BUCKETS];
	char layout[LAYOUT_TEXT];
};

void stats_output(struct output *o, const struct config *c, struct stats_output *ret);

#endif
