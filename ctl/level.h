/* SPDX-License-Identifier: MIT */
/*
 * How loud something is, for people.
 */
#ifndef CTL_LEVEL_H
#define CTL_LEVEL_H

#include <stdbool.h>

/* Returned by value, to be used in a printf. */
struct level_text {
	char s[64];
};

/* "gain 0.5 (-6.0 dB), muted" */
struct level_text level_text(float gain, bool muted);

/* The same behind a comma, or as much of it as is not as it usually is: ", muted", "". */
struct level_text level_unusual(float gain, bool muted);

#endif
