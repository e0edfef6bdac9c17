/* SPDX-License-Identifier: MIT */
/*
 * CLOCK_MONOTONIC in nanoseconds, and points in time until which somebody waits.
 */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

#define NS_PER_S    UINT64_C(1000000000)
#define NS_PER_MS   UINT64_C(1000000)
#define CLOCK_NEVER UINT64_MAX

static inline uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static inline struct timespec clock_timespec(uint64_t ns)
{
	return (struct timespec){.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
}

/* What is left until then; 0 if it is past. */
static inline uint64_t clock_left(uint64_t deadline)
{
	uint64_t now;

	if (deadline == CLOCK_NEVER)
		return CLOCK_NEVER;
	now = clock_ns();
	return deadline > now ? deadline - now : 0;
}

/* Waits for a condition, until then at most. */
static inline void clock_wait(pthread_cond_t *condition, pthread_mutex_t *lock,
			      uint64_t deadline)
{
	struct timespec until = clock_timespec(deadline);

	if (deadline == CLOCK_NEVER)
		pthread_cond_wait(condition, lock);
	else
		pthread_cond_clockwait(condition, lock, CLOCK_MONOTONIC, &until);
}

#endif
