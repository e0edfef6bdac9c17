/* SPDX-License-Identifier: MIT */
/*
 * What libFuzzer calls, and calls for. A fuzzer is a program of tests/fuzz_*.c: it takes bytes,
 * does with the code what they say, and aborts where a promise is broken. Built without libFuzzer
 * it goes through the files that it is given (replay.c).
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Those that a fuzzer may have. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed);

/* libFuzzer's own. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

#endif
