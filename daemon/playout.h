/* SPDX-License-Identifier: MIT */
/*
 * Waiting until all that is queued has been heard. Main thread.
 */
#ifndef DAEMON_PLAYOUT_H
#define DAEMON_PLAYOUT_H

#include "source.h"

#define PLAYOUT_NO_TIMEOUT UINT64_MAX

/* Answers the ticket when everything that is queued by then has been heard, or when
 * timeout_ms are over. -ENOBUFS: too many wait already; -ENOMEM. */
int playout_wait(struct source *s, const struct ticket *t, sd_event *event,
		 uint64_t timeout_ms);

/* Answers all that wait for it, right now. */
void playouts_release(struct source *s, Aud__PlayoutReason reason);

#endif
