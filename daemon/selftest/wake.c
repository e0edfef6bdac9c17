/* SPDX-License-Identifier: MIT */
/*
 * Sleeps as the player does, and looks how late it is.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "parts.h"

#define NAP_NS                                                                           \
	UINT64_C(2130000) /* no round number: not in step with the machine's ticks */

struct naps {
	uint64_t for_ns;
	struct wake_figures *figures;
};

static int take_naps(void *arg)
{
	static const uint32_t bounds_us[SELFTEST_LATE - 1] = {50,   100,  200, 500,
							      1000, 2000, 5000};
	const struct naps *naps = arg;
	struct wake_figures *f = naps->figures;
	uint64_t next, end = selftest_now() + naps->for_ns;

	for (next = selftest_now() + NAP_NS; next < end; f->wakes++) {
		uint64_t late;
		int i = 0;

		if (!selftest_sleep_until(next))
			return -EINTR;
		late = selftest_now() - next;
		while (i < SELFTEST_LATE - 1 && late >= bounds_us[i] * UINT64_C(1000))
			i++;
		f->late[i]++;
		f->worst_ns = late > f->worst_ns ? late : f->worst_ns;
		next = selftest_now() + NAP_NS;
	}
	return 0;
}

int wake_measure(struct realtime *t, uint64_t for_ns, struct wake_figures *ret)
{
	const struct scheduling *s = realtime_scheduling(t);
	struct naps naps = {.for_ns = for_ns, .figures = ret};

	strcpy(ret->asked, scheduling_asked(s));
	strcpy(ret->got, scheduling_got(s));
	snprintf(ret->by, sizeof(ret->by), "%s", scheduling_by(s));
	return realtime_run(t, take_naps, &naps);
}
