/* SPDX-License-Identifier: MIT */
/*
 * Sleeps as the player does, and looks how late it is.
 */
#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>

#include "parts.h"

#define NAP_NS                                                                           \
	UINT64_C(2130000) /* no round number: not in step with the machine's ticks */

static int become_realtime(int priority)
{
	struct sched_param param = {.sched_priority = priority};

	prctl(PR_SET_TIMERSLACK, 1);
	if (priority > 0 &&
	    sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param) < 0)
		return errno;
	return 0;
}

int wake_measure(uint64_t for_ns, int priority, struct wake_figures *ret)
{
	static const uint32_t bounds_us[SELFTEST_LATE - 1] = {50,   100,  200, 500,
							      1000, 2000, 5000};
	uint64_t next, end = selftest_now() + for_ns;

	ret->refused = become_realtime(priority);
	ret->priority = ret->refused ? 0 : priority;
	for (next = selftest_now() + NAP_NS; next < end; ret->wakes++) {
		uint64_t late;
		int i = 0;

		if (!selftest_sleep_until(next))
			return -EINTR;
		late = selftest_now() - next;
		while (i < SELFTEST_LATE - 1 && late >= bounds_us[i] * UINT64_C(1000))
			i++;
		ret->late[i]++;
		ret->worst_ns = late > ret->worst_ns ? late : ret->worst_ns;
		next = selftest_now() + NAP_NS;
	}
	return 0;
}
