/* SPDX-License-Identifier: MIT */
/*
 * What is said to the service manager; see sd_notify(3). Without one nothing is, and nothing
 * fails. Main thread.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdbool.h>

/* Whether somebody listens. */
bool notify_is_heard(void);

void notify_ready(void);

/* The settings are being read again, until notify_ready is called. */
void notify_reloading(void);

void notify_stopping(void);

/* How it is: one line, for people. */
void notify_status(const char *sentence);

/* Feeds the watchdog. */
void notify_alive(void);

#endif
