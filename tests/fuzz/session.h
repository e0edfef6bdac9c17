/* SPDX-License-Identifier: MIT */
/*
 * A daemon in this process, four callers, two outputs on fake sinks, and time that passes when a
 * step says so. After each step every request that was answered was so once, each source's ledger
 * balances, and nothing has grown beyond its bounds; at the end nothing is left.
 */
#ifndef TESTS_FUZZ_SESSION_H
#define TESTS_FUZZ_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "hall.h"

/* There is one at a time. The first two callers have said hello. */
void session_open(void);

/* Its daemon, to do something with it before the first step. */
struct hall *session_hall(void);

/* Does all steps that are in these bytes. */
void session_run(const uint8_t *data, size_t size);

/* Everything is closed and comes to its end. */
void session_close(void);

/* Changes steps, for LLVMFuzzerCustomMutator: adds, removes, repeats, swaps whole ones, or changes
 * a field. Returns the new size. */
size_t session_mutate(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

#endif
