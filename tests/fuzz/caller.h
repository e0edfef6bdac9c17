/* SPDX-License-Identifier: MIT */
/*
 * A client in a session: what it has sent and is to be answered, each once; and what it has learnt.
 */
#ifndef TESTS_FUZZ_CALLER_H
#define TESTS_FUZZ_CALLER_H

#include <stdbool.h>

#include "aud.pb-c.h"
#include "wire.h"

enum { CALLER_REQUESTS = 8192 };

/* Requests that are not answered. Several may have one id: which of them a refusal is for, nobody
 * can tell. */
struct asked {
	uint64_t id;
	uint32_t count;
	uint32_t kinds; /* 1 << Aud__Request__KindCase, of all that had it */
};

struct caller {
	int fd;      /* -1: it is not connected */
	bool deaf;   /* it does not read */
	bool broken; /* it has sent what is no message: nothing after that is looked at */
	bool may_end; /* it may be cut off: for that, or for something else that it did */
	uint64_t last_id;

	/* For the next request, or the next bytes. */
	uint32_t tail;
	bool with_file;

	struct wire_writer held;  /* what is kept back */
	struct wire_reader sent;  /* what has been sent, to find the requests in it */
	struct wire_reader reply; /* what has come */
	struct asked asked[CALLER_REQUESTS];
	uint32_t num_asked;
};

/* On this socket; with all that belongs to it forgotten. */
void caller_begin(struct caller *c, int fd);
void caller_hang_up(struct caller *c);

/* Adds bytes to what is held back, and sends all of that but the tail. False: the socket is full,
 * and not all of it was sent; there is more to do for whoever reads it. */
void caller_add(struct caller *c, const uint8_t *bytes, size_t n);
bool caller_send(struct caller *c);

/* Takes what has come. Aborts if a reply answers no request, or the connection has ended without
 * a reason. */
void caller_read(struct caller *c);

#endif
