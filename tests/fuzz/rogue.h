/* SPDX-License-Identifier: MIT */
/*
 * A daemon that does not mean well, for fuzzing libaud: whatever the library waits for, it does the
 * next of its steps. Time is the fuzzer's (clock.h); connect() and ppoll() come here.
 */
#ifndef TESTS_FUZZ_ROGUE_H
#define TESTS_FUZZ_ROGUE_H

#include "step.h"

enum { ROGUE_STEPS = 512, ROGUE_HANDLE = 5 };

enum rogue_step {
	ROGUE_ANSWER, /* a request, one that is not answered, with what kind of reply it should have */
	ROGUE_AGAIN,   /* likewise */
	ROGUE_MISTAKE, /* the same with any kind of reply */
	ROGUE_REFUSE,
	ROGUE_TELL,  /* an event */
	ROGUE_BYTES, /* x to z as they are */
	ROGUE_HANG_UP,
	ROGUE_ALL, /* all requests are answered as they should be */
	NUM_ROGUE_STEPS,
};

/* Flag of any of them: byte x of its message becomes z. */
enum { ROGUE_SPOILT = 1 << 15 };

/* Its kind is modulo NUM_ROGUE_STEPS; y is what its messages are made from. */
void rogue_begin(void);
void rogue_add(const struct step *s);
void rogue_end(void);

#endif
