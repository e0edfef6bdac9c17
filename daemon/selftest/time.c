/* SPDX-License-Identifier: MIT */
/*
 * The clock that devices are held against, and the signals that end a selftest.
 */
#include <errno.h>
#include <signal.h>
#include <time.h>

#include "parts.h"

#define NS_PER_S UINT64_C(1000000000)

static volatile sig_atomic_t came;

static void note(int number)
{
	came = number;
}

void selftest_take_signals(void)
{
	/* Without SA_RESTART: it ends the sleep. */
	const struct sigaction action = {.sa_handler = note};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

int selftest_signal(void)
{
	return came;
}

uint64_t selftest_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

bool selftest_sleep_until(uint64_t ns)
{
	const struct timespec t = {.tv_sec = (time_t)(ns / NS_PER_S),
				   .tv_nsec = (long)(ns % NS_PER_S)};

	while (!came &&
	       clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
	return !came;
}
