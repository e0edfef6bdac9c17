/* SPDX-License-Identifier: MIT */
/*
 * How often a message may be written; for log.c alone. A message is a format, and the output that
 * it is about. Main thread.
 */
#ifndef DAEMON_LOG_LIMIT_H
#define DAEMON_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum {
	LOG_BURST = 10,      /* times in an interval */
	LOG_INTERVAL_S = 10, /* from the first of them on */
	LOG_LAST_SIZE = 256,
};

/* One that has been left out. */
struct log_left_out {
	uint32_t times;
	char last[LOG_LAST_SIZE]; /* the latest of them, perhaps cut */
};

/* Whether this one may be written; if not, it is counted. now_ns: CLOCK_MONOTONIC. */
bool log_limit_passes(const char *format, const char *output, const char *text,
		      uint64_t now_ns);

/* The next message that was left out in an interval that is over; it is forgotten. False: there
 * is none. */
bool log_limit_take(uint64_t now_ns, struct log_left_out *ret);

#endif
