/* SPDX-License-Identifier: MIT */
/*
 * What the log says of a source's life. Main thread.
 */
#ifndef DAEMON_SOURCE_LOG_H
#define DAEMON_SOURCE_LOG_H

#include "source.h"

void source_log_made(const struct source *s);

/* After a restart. */
void source_log_kept(const struct source *s);

void source_log_gone(const struct source *s);

#endif
