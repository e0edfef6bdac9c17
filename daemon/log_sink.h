/* SPDX-License-Identifier: MIT */
/*
 * Where lines of the log go, and what keeps them from there; for log.c alone. Main thread.
 */
#ifndef DAEMON_LOG_SINK_H
#define DAEMON_LOG_SINK_H

#include <stdbool.h>

#include "log.h"

/* Opens the journal's socket, if standard error is connected to the journal. */
void log_sink_open(const char *journal);

/* Writes a line, whose text has no line breaks, without waiting. False: there was no room. */
bool log_sink_write(enum log_level level, const struct log_subject *subject,
		    const char *text);

#endif
