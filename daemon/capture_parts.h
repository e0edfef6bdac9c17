/* SPDX-License-Identifier: MIT */
/*
 * One capture; for capture.c and captures.c alone.
 */
#ifndef DAEMON_CAPTURE_PARTS_H
#define DAEMON_CAPTURE_PARTS_H

#include "capture.h"

struct capture {
	TAILQ_ENTRY(capture) link;
	struct source *source;
	struct ticket ticket;
	uint64_t call;     /* see struct attachment */
	uint64_t first;    /* position of its first frame that is, or will be, accepted */
	uint64_t accepted; /* frames in the queue */
	uint64_t skipped;  /* frames that the queue had before */
	uint32_t left;     /* frames not yet in the queue */
	bool placed;       /* it goes there and nowhere else */
	bool ends;         /* it is about to be dropped */
	const uint8_t *next; /* the first of the frames that are left */
	uint64_t cost;       /* bytes; 0: it was never kept */
	sd_event_source *deadline;
	uint8_t frames[];
};

/* Puts n frames into the queue, which has room for them. */
void capture_feed(struct capture *c, uint32_t n);

/* How many of those that are left there is room for. */
uint32_t capture_fitting(const struct capture *c);

/* It is over: answers it. If something of it is left, that is lost for this reason, and so
 * is what continues it. */
void capture_finish(const struct capture *c, Aud__DropReason reason);

/* Makes a copy of what will not have gone in when `fed` frames have. -ENOBUFS: too much is
 * waiting already; -ENOMEM; or no timer can be had. */
int capture_keep(const struct capture *c, uint32_t fed, uint64_t timeout_ms,
		 struct capture **ret);

/* Hands it to those that wait. */
void captures_append(struct capture *c);

#endif
