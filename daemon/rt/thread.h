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
	int wanted;           /* SCHED_FIFO priority to ask for; 0: do not ask */
	_Atomic bool stop;    /* main: finish and return */
	_Atomic int priority; /* thread: that it really has; 0: none */
	_Atomic int refused;  /* thread: errno of asking for it; 0: granted */
};

/* The thread's whole life; `thread` is a struct thread. Returns NULL when it was stopped and
 * the player has finished. */
void *thread_run(void *thread);

#endif
