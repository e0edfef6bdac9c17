/* SPDX-License-Identifier: MIT */
/*
 * RealtimeKit: a service that gives real-time scheduling to threads of programs that may not take
 * it themselves. It is asked over the system's D-Bus, one question at a time, without waiting.
 * Main thread.
 */
#ifndef DAEMON_RTKIT_H
#define DAEMON_RTKIT_H

#include <sys/types.h>
#include <systemd/sd-event.h>

struct rtkit;

/* error: 0, and `value` is the priority or nice value that was asked for in the end, as much as
 * RealtimeKit allows; or a negative errno. Afterwards, or in it, the question is to be freed. */
typedef void rtkit_done_fn(void *user, int error, int value);

/* Asks for real-time scheduling of a thread, with this priority at most. RealtimeKit wants the
 * process to have a limit on real time without a pause (RLIMIT_RTTIME), so it gets one. Negative
 * errno: there is no bus. */
int rtkit_ask_realtime(struct rtkit **ret, sd_event *event, pid_t thread, int priority,
		       rtkit_done_fn *done, void *user);

/* The same for a nice value, with this one at least. */
int rtkit_ask_nice(struct rtkit **ret, sd_event *event, pid_t thread, int nice,
		   rtkit_done_fn *done, void *user);

/* Nothing is told any more. NULL is allowed. */
void rtkit_free(struct rtkit *r);

#endif
