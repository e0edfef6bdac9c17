/* SPDX-License-Identifier: MIT */
/*
 * The real-time thread of a player: wait for the bell, the device or the next moment; turn.
 * Main starts it with pthread_create(thread_run) and ends it by the flag, the bell and a join.
 */
#ifndef RT_THREAD_H
#define RT_THREAD_H

#include <stdatomic.h>
#include <stdbool.h>

#include "player.h"

struct thread {
	struct player *player;
	_Atomic bool stop; /* main: finish and return */
	_Atomic int tid;   /* thread: its number, for its scheduling; 0: not yet */
};

/* The thread's whole life; `thread` is a struct thread. Returns NULL when it was stopped and
 * the player has finished. */
void *thread_run(void *thread);

#endif
