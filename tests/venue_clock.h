/* SPDX-License-Identifier: MIT */
/*
 * The clock of this process, where time is virtual. For one file of a program that is linked with
 * --wrap=clock_gettime and has a `venue`.
 */
#ifndef TESTS_VENUE_CLOCK_H
#define TESTS_VENUE_CLOCK_H

#include <time.h>

#include "sandbox.h"

int __real_clock_gettime(clockid_t id, struct timespec *ret);
int __wrap_clock_gettime(clockid_t id, struct timespec *ret);

static struct venue venue;

int __wrap_clock_gettime(clockid_t id, struct timespec *ret)
{
	uint64_t now;

	if (!venue.sandbox || id != CLOCK_MONOTONIC)
		return __real_clock_gettime(id, ret);
	now = sandbox_now_ns(venue.sandbox);
	ret->tv_sec = (time_t)(now / 1000000000);
	ret->tv_nsec = (long)(now % 1000000000);
	return 0;
}

#endif
