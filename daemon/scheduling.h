/* SPDX-License-Identifier: MIT */
/*
 * How a player's thread is scheduled: what is asked for, who gives it, and what the kernel says
 * that it has. The limits are asked first, then RealtimeKit; then both for a nice value; then it
 * plays as it is. Main thread.
 */
#ifndef DAEMON_SCHEDULING_H
#define DAEMON_SCHEDULING_H

#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

enum { SCHEDULING_TEXT = 24 };

struct scheduling;

/* Of the output of that name, which must live as long. Nothing is asked yet. -ENOMEM. */
int scheduling_new(struct scheduling **ret, sd_event *event, const char *output);
void scheduling_free(struct scheduling *s);

/* The thread runs; it should have this SCHED_FIFO priority. 0: what it has is what was asked for.
 * The same again changes nothing. */
void scheduling_ask(struct scheduling *s, pid_t thread, int priority);

/* Looks at what the thread has now; if that is not what it was given, asks again. */
void scheduling_check(struct scheduling *s);

/* Whether somebody has still to answer. */
bool scheduling_is_asking(const struct scheduling *s);

/* For people: "fifo 50", "rr 20", "nice -11", "other"; "limits", "rtkit" or "" for nobody. */
const char *scheduling_asked(const struct scheduling *s);
const char *scheduling_got(const struct scheduling *s);
const char *scheduling_by(const struct scheduling *s);

/* Whether what it has is a real-time class. */
bool scheduling_is_realtime(const struct scheduling *s);

#endif
