/* SPDX-License-Identifier: MIT */
/*
 * A client that asks for one thing of every kind, in an order in which all of it can be done.
 */
#ifndef TESTS_ASKS_H
#define TESTS_ASKS_H

#include "client.h"

enum { NUM_ASKS = 20 };

struct asker {
	struct client c;
	bool greeted;    /* hello was answered */
	uint64_t handle; /* of its source, with its token; 0: it has none */
	uint8_t token[64];
	size_t token_len;
};

struct ask {
	Aud__Request__KindCase kind;
	uint64_t (*ask)(struct asker *a); /* returns the async_id */
	bool lies; /* it is answered some time after those behind it were sent */
};

extern const struct ask asks[NUM_ASKS];

/* For one that comes back: hello, and its source again. */
extern const struct ask ask_hello, ask_attach;

/* What it learns of a reply. */
void asker_note(struct asker *a, const Aud__Reply *r);

#endif
