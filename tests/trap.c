/* SPDX-License-Identifier: MIT */
/*
 * What the real-time room may not do, caught in the act; allocations are in shortage.c. Sanitizers
 * have these functions for themselves, so there the traps are left out (TRAPS is not defined).
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "trap.h"

static _Thread_local bool trapped;

void trap_set(bool on)
{
	trapped = on;
}

void trap_check(const char *name)
{
	if (!trapped)
		return;
	trapped = false;
	fprintf(stderr, "%s was called inside a turn\n", name);
	abort();
}

#ifdef TRAPS
#define TRAP(type, name, params, args)                                                   \
	type __real_##name params;                                                       \
	type __wrap_##name params;                                                       \
	type __wrap_##name params                                                        \
	{                                                                                \
		trap_check(#name);                                                       \
		return __real_##name args;                                               \
	}

TRAP(int, pthread_mutex_lock, (pthread_mutex_t * m), (m))
TRAP(int, poll, (struct pollfd * fds, nfds_t n, int timeout), (fds, n, timeout))
TRAP(int, usleep, (useconds_t us), (us))
TRAP(int, nanosleep, (const struct timespec *t, struct timespec *left), (t, left))
TRAP(int, ppoll,
     (struct pollfd * fds, nfds_t n, const struct timespec *t, const sigset_t *mask),
     (fds, n, t, mask))

void __real_free(void *p);
void __wrap_free(void *p);

void __wrap_free(void *p)
{
	trap_check("free");
	__real_free(p);
}
#endif
