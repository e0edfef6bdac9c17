/* SPDX-License-Identifier: MIT */
/*
 * RLIMIT_NOFILE.
 */
#include "files.h"

#include <sys/resource.h>

/* Standard streams, socket, timers, bells, the devices and the files that alsa-lib reads. */
enum { OTHERS = 64 };

uint32_t files_allow(uint32_t connections, uint32_t sources)
{
	rlim_t need = (rlim_t)connections + sources + OTHERS;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= need)
		return 0;
	limit.rlim_cur = limit.rlim_max < need ? limit.rlim_max : need;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur < need ? (uint32_t)(need - limit.rlim_cur) : 0;
}
