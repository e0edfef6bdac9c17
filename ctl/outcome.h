/* SPDX-License-Identifier: MIT */
/*
 * What became of all that was played: the sum over its sources, in words or as JSON.
 */
#ifndef CTL_OUTCOME_H
#define CTL_OUTCOME_H

#include "stream.h"

struct outcome {
	size_t streams; /* that it is the sum of */
	size_t unknown; /* of these, how many ended nobody knows how */
	struct ledger ledger;
	uint64_t heard_ns, dropped_ns;
	uint64_t taken_back; /* frames */
	json_t *sources;
};

void outcome_init(struct outcome *o);
void outcome_done(struct outcome *o);

/* Adds a stream that has ended; in: one of its inputs; known: its last report is true. */
void outcome_add(struct outcome *o, const struct stream *s, const struct input *in,
		 bool known);

/* Tells it on stdout, if there is something and all of it is known. signal: that ended
 * it, or 0. Returns an exit status. */
int outcome_tell(struct outcome *o, const struct ctl *ctl, int signal);

#endif
