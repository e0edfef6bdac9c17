/* SPDX-License-Identifier: MIT */
/*
 * A session in an input: steps of one size, so that a mutation of one leaves the others what they
 * are. What the fields mean depends on what is done.
 */
#ifndef TESTS_FUZZ_STEP_H
#define TESTS_FUZZ_STEP_H

#include <stddef.h>
#include <stdint.h>

enum step_kind {
	STEP_TIME, /* x ms pass */
	STEP_CONNECT,
	STEP_HANG_UP,
	STEP_END,    /* it sends no more */
	STEP_LISTEN, /* it reads what it is sent, or (x odd) does not */
	STEP_BYTES,  /* x to z are sent as they are */
	STEP_TAIL,   /* of what is sent next, the last x bytes are kept back */
	STEP_FILE, /* what is sent next comes with a descriptor that nobody has asked for */
	STEP_SPOIL,  /* in the next request, byte x becomes y; and byte x >> 16 z, if z */
	STEP_DEVICE, /* see world.c */
	STEP_REQUEST, /* and what follows: a request of kind STEP_REQUEST + n */
};

struct step {
	uint8_t kind; /* modulo the number of kinds */
	uint8_t who;  /* low half: the caller, high half: the source */
	uint16_t flags;
	uint32_t x, y, z;
};

#endif
