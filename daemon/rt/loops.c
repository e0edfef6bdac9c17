/* SPDX-License-Identifier: MIT */
/*
 * Which loops there are, and which this processor can run.
 */
#include "loops.h"

#include "room.h"

static const struct loops any = {"any", &format_loops_any, &mix_loops_any,
				 &resample_loops_any, &dither_loops_any};

#ifdef __x86_64__
static const struct loops avx2 = {"avx2", &format_loops_avx2, &mix_loops_avx2,
				  &resample_loops_avx2, &dither_loops_avx2};
#endif

const struct loops *loops_set(uint32_t i)
{
	if (i == 0)
		return &any;
#ifdef __x86_64__
	if (i == 1 && __builtin_cpu_supports("avx2"))
		return &avx2;
#endif
	return NULL;
}

const struct loops *loops_best(void)
{
	const struct loops *best = NULL, *set;

	for (uint32_t i = 0; (set = loops_set(i)); i++)
		best = set;
	return best;
}
