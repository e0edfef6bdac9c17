/* SPDX-License-Identifier: MIT */
/*
 * Two threads on a memory that is as weak as C allows. They have turns on one real thread, and
 * change over at any atomic operation. A load gets any store that it may: not only the latest, but
 * each that neither what the thread knows (by what it has acquired, and what it has seen before)
 * nor the order of all that is seq_cst rules out. So an order that is too weak is found on any
 * machine. Chance decides, by a seed.
 *
 * What it does not know: a load that gets what is stored later (nobody's code here could do that
 * by mistake), and plain memory, which is what test_races.c is for.
 */
#ifndef TESTS_WEAK_MEMORY_H
#define TESTS_WEAK_MEMORY_H

#include <stdbool.h>

/* Both run to their ends. All that was in memory before is known to both of them. */
void weak_run(void (*main_thread)(void), void (*player)(void), unsigned int seed);

/* A number below n, by chance. */
int weak_chance(int n);

#endif
