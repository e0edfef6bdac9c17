/* SPDX-License-Identifier: MIT */
/*
 * Frames that number themselves: two 16-bit samples of which neither is 0, so that silence is
 * told from all of them.
 */
#ifndef TESTS_VM_NUMBERS_H
#define TESTS_VM_NUMBERS_H

#include <stdint.h>

enum { NUMBERS_BASE = 32000 };

static inline void number_frame(uint64_t n, int16_t *ret)
{
	ret[0] = (int16_t)(n % NUMBERS_BASE + 1);
	ret[1] = (int16_t)(n / NUMBERS_BASE % NUMBERS_BASE + 1);
}

static inline uint64_t number_of_frame(const int16_t *frame)
{
	return (uint64_t)(frame[1] - 1) * NUMBERS_BASE + (uint64_t)(frame[0] - 1);
}

#endif
