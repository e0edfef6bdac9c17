/* SPDX-License-Identifier: MIT */
/*
 * A thread inherits what its maker is pinned to: so what there was is noted before.
 */
#include "processors.h"

#include <pthread.h>
#include <sched.h>

static cpu_set_t all;

int processors_count(void)
{
	if (CPU_COUNT(&all) == 0)
		sched_getaffinity(0, sizeof(all), &all);
	return CPU_COUNT(&all);
}

void processors_pin(int n)
{
	cpu_set_t one;

	n %= processors_count();
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all) && n-- == 0)
			CPU_SET(cpu, &one);
	pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
}
