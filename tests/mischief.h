/* SPDX-License-Identifier: MIT */
/*
 * Anything that clients and devices can do to sources, in any order, on a stage; rand() decides.
 */
#ifndef TESTS_MISCHIEF_H
#define TESTS_MISCHIEF_H

#include "stage.h"

enum { MISCHIEF_REQUESTS = 300, MISCHIEF_RATES = 6 };

struct mischief {
	struct stage *st;

	/* What it is made with. */
	uint32_t rates[MISCHIEF_RATES];     /* of new sources, Hz */
	uint32_t least_queued, most_queued; /* size of a queue, ms */
	uint32_t most_pushed;               /* frames of a capture */
	bool stay;                          /* sources are not closed, nor left alone */
	void (*born)(struct source *s);     /* NULL, or called for each that is new */

	/* What was asked for in this round. */
	struct mischief_request {
		uint64_t id;
		int client;
		bool is_mark; /* its event has the request's id */
		bool left;    /* its client left before it was answered, */
		bool unheard; /* before it was told of the mark */
	} requests[MISCHIEF_REQUESTS];
	int num_requests;
	bool is_unplugged;
};

/* Forgets what was asked for and answered. */
void mischief_begin(struct mischief *m);

/* One request, or fault. */
void mischief_do(struct mischief *m);

/* So many turns of the player, with less than so many frames of the device's time between them;
 * the main thread comes late now and then. All ledgers are looked at. */
void mischief_drift(struct mischief *m, int turns, uint32_t frames);

/* Everything goes on, and plays out. Fails the test unless all has come to an end: each request
 * was answered once, each mark told once, nothing is left. */
void mischief_end(struct mischief *m, uint32_t frames);

#endif
