/* SPDX-License-Identifier: MIT */
/*
 * A moment once a minute, and after the machine has slept. Main thread.
 */
#ifndef DAEMON_MINUTE_H
#define DAEMON_MINUTE_H

#include <systemd/sd-event.h>

struct minute;

/* Negative errno. */
int minute_new(struct minute **ret, sd_event *event, void (*has_come)(void *user),
	       void *user);

/* NULL is allowed. */
void minute_free(struct minute *m);

#endif
