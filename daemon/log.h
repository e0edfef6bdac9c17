/* SPDX-License-Identifier: MIT */
/*
 * Lines on stderr: with sd-daemon(3) priority prefixes ("<3>device hw:1,0: open failed: …"),
 * or, on a terminal, with words ("audd: error: …"). Main thread only. A line names the object,
 * what failed, why, and what happens now. Text from clients goes through text_escape first.
 */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include <stdbool.h>

/* Also writes debug lines. */
void log_set_verbose(bool verbose);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
