/* SPDX-License-Identifier: MIT */
/*
 * Threads that have a processor of their own each.
 */
#ifndef TESTS_PROCESSORS_H
#define TESTS_PROCESSORS_H

/* How many this process may use. Before any thread is pinned. */
int processors_count(void);

/* The calling thread runs on the n-th of them; with only one, on that. First called by the thread
 * that makes the others. */
void processors_pin(int n);

#endif
