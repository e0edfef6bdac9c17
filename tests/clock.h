/* SPDX-License-Identifier: MIT */
/*
 * The time of this process, as a test or a fuzzer sets it: CLOCK_MONOTONIC, also for the libraries that
 * it is linked with, and the timers that go by it. Until it is set it is the machine's.
 */
#ifndef TESTS_CLOCK_H
#define TESTS_CLOCK_H

#include <stdint.h>

/* From now on time is this, and stands still; 0: it is the machine's again, and the timers that there
 * are now are never over. */
void clock_set(uint64_t now_ns);

uint64_t clock_now(void);

/* When the next timer goes off; UINT64_MAX: none will. */
uint64_t clock_next(void);

#endif
