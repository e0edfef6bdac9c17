/* SPDX-License-Identifier: MIT */
/*
 * Waiting until what is queued has been heard. Main thread.
 */
#ifndef DAEMON_PLAYOUT_H
#define DAEMON_PLAYOUT_H

#include "source.h"

#define PLAYOUT_NEVER UINT64_MAX

struct playout_order {
	uint64_t timeout_ms;     /* the longest that it waits, or PLAYOUT_NEVER */
	uint64_t device_lost_ms; /* the same while there is no device */
	bool only_present;       /* what comes in later is not waited for */
	bool again;              /* it was asked before a restart, */
	uint64_t asked_at;       /* when the queue ended here, at least; cut to its end */
};

/* Answers the ticket when everything that is queued by then has been heard, or when a
 * time is over; at once, as cleared, if a clear came between it and its being asked again. -ENOBUFS: too many wait already; -ENOMEM; or no timer can be had. */
int playout_wait(struct source *s, const struct ticket *t, const struct playout_order *o);

/* Answers all that wait for it, right now. */
void playouts_release(struct source *s, Aud__PlayoutReason reason);

/* The device has gone, or has come back. */
void playouts_watch_device(struct source *s, bool there);

/* n frames at a position that was not yet written have been dropped; what is behind them
 * moves down. */
void playouts_close_up(struct source *s, uint64_t position, uint64_t n);

#endif
