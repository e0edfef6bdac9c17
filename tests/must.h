/* SPDX-License-Identifier: MIT */
/*
 * For what programs of tests and fuzzers share: an assertion that needs no test to be running.
 */
#ifndef TESTS_MUST_H
#define TESTS_MUST_H

#include <stdio.h>
#include <stdlib.h>

/* Ends the program, and says why: must(a == b, "%d is not %d", a, b). */
#define must(what, ...)                                                                  \
	do {                                                                             \
		if (!(what)) {                                                           \
			fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                  \
			fprintf(stderr, __VA_ARGS__);                                    \
			fputc('\n', stderr);                                             \
			abort();                                                         \
		}                                                                        \
	} while (0)

#endif
