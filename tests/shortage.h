/* SPDX-License-Identifier: MIT */
/*
 * Memory that runs out, on purpose: the n-th of the allocations that the daemon's main thread makes
 * fails. The linker has led them here (see ALLOCATORS in the Makefile). The functions of libraries
 * that allocate for us (sd_event_add_…) fail as a whole, unless what these allocate is to fail.
 */
#ifndef TESTS_SHORTAGE_H
#define TESTS_SHORTAGE_H

#include <stdbool.h>
#include <stdint.h>

/* The n-th allocation from now on fails, and so do the `more` behind it. 0: none does. */
void shortage_begin(uint64_t n, uint64_t more);

/* On: what libraries allocate for us counts as well, as they do it; so none of their functions fails
 * as a whole. Needs heap/malloc.c, which the thread sanitizer does not let in: there nothing
 * changes. */
void shortage_everywhere(bool on);

/* For malloc and its kind: whether there is no memory; errno says so, too. */
bool shortage_strikes(void);

/* Whether one has; from now on none does. */
bool shortage_end(void);

/* Only what this thread allocates between shortage_count(true) and (false) is counted: the daemon
 * has its turn, and the test has not. */
void shortage_count(bool on);

/* Descriptors that this process has. */
int shortage_count_files(void);

#endif
