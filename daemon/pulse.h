/* SPDX-License-Identifier: MIT */
/*
 * Whether a player gets on with what it has to do, as the main thread can tell from outside:
 * by its turns. Main thread.
 */
#ifndef DAEMON_PULSE_H
#define DAEMON_PULSE_H

#include "rt/player.h"

struct pulse {
	uint64_t turns;    /* that it had made when it was last seen to get on */
	uint64_t since_us; /* when that was */
};

/* Looks once more; now_us on any one clock. False: it has something to do (its device plays, it
 * was rung for, it is in the midst of a turn) and has not made a turn for so long. One that has
 * nothing to do may sleep as long as it likes. */
bool pulse_beats(struct pulse *pulse, const struct player *p, uint64_t patience_us,
		 uint64_t now_us);

#endif
