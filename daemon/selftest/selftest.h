/* SPDX-License-Identifier: MIT */
/*
 * `audd --selftest`: what a sound card is good for, measured on it by the code that will play to
 * it. It plays silence. No daemon, and no clients. Main thread, in place of a server.
 */
#ifndef DAEMON_SELFTEST_H
#define DAEMON_SELFTEST_H

#include <stdbool.h>
#include <stdint.h>

struct config_output;

/* Exit statuses. One ended by a signal adds its number to 128. */
enum {
	SELFTEST_FINE = 0,
	SELFTEST_PROBLEMS = 1,
	SELFTEST_NOT_TESTED = 3, /* it is not there, busy, or cannot be opened */
};

enum { SELFTEST_SECONDS_MAX = 600 };

struct selftest_order {
	const struct config_output *output; /* the best of its devices is tested */
	uint32_t seconds;                   /* about so long; 1 or more */
	int priority;                       /* SCHED_FIFO, for the time; 0: do not ask */
	bool json, quiet;                   /* the report; no progress */
};

/* Writes the report to stdout, what goes on to stderr. Returns the exit status. */
int selftest_run(const struct selftest_order *order);

#endif
