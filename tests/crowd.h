/* SPDX-License-Identifier: MIT */
/*
 * Very many clients at once, in this thread. Each may have a source (mono, s16), and stream into it in
 * pieces of 20 ms, as real ones do: the next piece when there is room for it. All samples that are
 * pushed have the same value. Whatever is not as it should be is said on standard error, and ends the
 * program.
 */
#ifndef TESTS_CROWD_H
#define TESTS_CROWD_H

#include <stdint.h>

enum { CROWD_SAMPLE = 8, CROWD_QUEUE_MS = 200 };

struct crowd;

/* Connects so many clients; each has been greeted when this returns. */
struct crowd *crowd_new(const char *socket, uint32_t clients);
void crowd_free(struct crowd *c);

/* Clients number 0 to n - 1 make a source each, at this rate (Hz). */
void crowd_open(struct crowd *c, uint32_t n, uint32_t rate);

/* n of them, from `first` on, stream for so many pieces each, and wait until all is heard. */
void crowd_stream(struct crowd *c, uint32_t first, uint32_t n, uint32_t pieces);

/* Each source has been heard to its end, all of it, and nothing else. Returns the frames of all. */
uint64_t crowd_heard(struct crowd *c);

/* The same client disconnects, connects and is greeted again, so often. */
void crowd_storm(struct crowd *c, uint32_t client, uint32_t times);

/* Processor time that a thread of the daemon with this name (NULL: all of them) has taken. */
uint64_t crowd_cpu_ns(int pid, const char *thread);

#endif
