/* SPDX-License-Identifier: MIT */
/*
 * How long who wants to end waits for a daemon that is away.
 */
#ifndef CTL_PATIENCE_H
#define CTL_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "aud.h"

/* Zero-initialised the daemon is there. */
struct patience {
	bool away;         /* the daemon is, and may come back */
	uint64_t until_ms; /* by CLOCK_MONOTONIC; 0: not set */
};

/* To be shown every event of the connection. */
void patience_note(struct patience *p, const struct aud_event *event);

/* Milliseconds, for poll(); 0: it is at an end, -1: it is endless. */
int patience_left(struct patience *p, bool wants_to_end);

#endif
