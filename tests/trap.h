/* SPDX-License-Identifier: MIT */
/*
 * Between trap_set(true) and trap_set(false) this thread may not allocate, lock or block: the
 * linker has led those functions here (see TRAPS in the Makefile), and they abort.
 */
#ifndef TESTS_TRAP_H
#define TESTS_TRAP_H

#include <stdbool.h>

void trap_set(bool on);

/* For a function of this name: aborts where it may not be called. */
void trap_check(const char *name);

#endif
