/* SPDX-License-Identifier: MIT */
/*
 * A daemon that is restarted is there again in time for what a signal wants; one that has ended
 * is not worth the wait.
 */
#include "patience.h"

#include <time.h>

enum { PATIENCE_MS = 1000 };

void patience_note(struct patience *p, const struct aud_event *event)
{
	if (event->kind == AUD_EVENT_DAEMON_LOST || event->kind == AUD_EVENT_DAEMON_BACK)
		p->away = event->kind == AUD_EVENT_DAEMON_LOST;
}

int patience_left(struct patience *p, bool wants_to_end)
{
	struct timespec t;
	uint64_t now;

	if (!wants_to_end || !p->away) {
		p->until_ms = 0;
		return -1;
	}
	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
	if (!p->until_ms)
		p->until_ms = now + PATIENCE_MS;
	return now < p->until_ms ? (int)(p->until_ms - now) : 0;
}
