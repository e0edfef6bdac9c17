/* SPDX-License-Identifier: MIT */
/*
 * When something was told of a frame, held against the recording and the device's clock.
 */
#ifndef TESTS_MOMENT_H
#define TESTS_MOMENT_H

#include "venue.h"

/* The moment of which it was told, and how much was on record when it was. */
struct moment {
	uint64_t at_ns, recorded;
	uint64_t now_ns; /* where time is virtual */
};

/* Where time is real: what moments are held against. */
struct timing {
	bool steady; /* as venue_is_steady; else nobody knows for how long the device stood still */

	/* The first moment that was checked. */
	uint64_t at_ns, index;
};

struct moment moment_note(struct venue *v, uint64_t at_ns);

/* Fails the test unless it was the moment at which this frame of the recording began to
 * sound, and was told then: not before, and, where time is virtual, not later than the
 * player wakes. The venue is closed. */
void moment_check(const struct moment *m, const struct venue *v, struct timing *t,
		  uint64_t index);

#endif
