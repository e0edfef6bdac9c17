/* SPDX-License-Identifier: MIT */
/*
 * The filters for pairs of rates: made when a source needs one, shared by those that have the
 * same pair. Main thread.
 */
#ifndef DAEMON_TAPS_H
#define DAEMON_TAPS_H

#include <sys/queue.h>

#include "rt/resample.h"

struct taps_entry;

/* Those that are in use. Zero-initialised there are none. */
struct taps_set {
	LIST_HEAD(, taps_entry) entries;
};

/* The filter from one rate (Hz) to another, to be given back by taps_unref; *ret is NULL for two
 * that are the same. -ENOMEM. */
int taps_get(struct taps_set *set, uint32_t from, uint32_t to, const struct taps **ret);

/* NULL is allowed. */
void taps_unref(const struct taps *t);

/* Frames of a source at `from` that the filter looks ahead and behind; 0 for the same rate. */
uint32_t taps_half(uint32_t from, uint32_t to);

#endif
