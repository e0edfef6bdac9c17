/* SPDX-License-Identifier: MIT */
/*
 * The line on a terminal that says how far playing has got.
 */
#ifndef CTL_PROGRESS_H
#define CTL_PROGRESS_H

#include <stdbool.h>

#include "input.h"

struct progress {
	int timer_fd; /* readable when the line is due again; -1: there is no line */
	bool drawn;
};

/* Without a terminal on stderr, or if it is not wanted, there is no line. */
void progress_init(struct progress *p, bool wanted);
void progress_done(struct progress *p);

/* Whether the line is due; to be asked when timer_fd is readable. */
bool progress_is_due(struct progress *p);

/* Draws the line: `heard` frames of the input have been heard, `queued` are to be; `silent` says why
 * they are not just now, or is "". */
void progress_draw(struct progress *p, const struct input *in, uint64_t heard,
		   uint64_t queued, const char *silent);

/* Takes the line away, before something else is printed. */
void progress_erase(struct progress *p);

#endif
