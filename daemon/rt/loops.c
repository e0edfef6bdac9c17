/* SPDX-License-Identifier: MIT */
/*
 * Which loops there are, and which this processor can run.
 */
#include "loops.h"

#include "room.h"

#define SET(set)                                                                         \
	{                                                                                \
#set, &format_loops_##set, &mix_loops_##set, &resample_loops_##set,      \
			&dither_loops_##set                                              \
	}

static const struct loops sets[] = {
	SET(any),
#ifdef __x86_64__
	SET(avx2),
	SET(avx512),
#endif
};

enum { NUM_SETS = sizeof(sets) / sizeof(sets[0]) };

/* Who can run one can run those before it. */
static uint32_t sets_here(void)
{
#ifdef __x86_64__
	bool has_avx2 = __builtin_cpu_supports("avx2");

	if (!has_avx2)
		return 1;
	if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
	    !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
		return 2;
#endif
	return NUM_SETS;
}

const struct loops *loops_set(uint32_t i)
{
	return i < sets_here() ? &sets[i] : NULL;
}

const struct loops *loops_best(void)
{
	return &sets[sets_here() - 1];
}
