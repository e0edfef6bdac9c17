/* SPDX-License-Identifier: MIT */
/*
 * When to look again for a device: from time to time, less and less often, and when something has
 * changed in a folder, /dev/snd. Main thread.
 */
#ifndef DAEMON_RETRY_H
#define DAEMON_RETRY_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

struct retry {
	sd_event *event;
	const char *folder; /* that is watched; NULL: none */
	uint32_t ms;        /* until the next time, once it is asked for */
	void (*again)(void *user);
	void *user;
	sd_event_source *timer, *watch;
	uint32_t
		left; /* changes that may be followed at once, and since when they grow */
	uint64_t earned_us;
};

/* It does not look yet. The folder is an absolute path, and need not be there; it must live as long. again(user) is called when it is time. Negative errno; then retry_done is
 * due as well. */
int retry_init(struct retry *r, sd_event *event, const char *folder,
	       void (*again)(void *user), void *user);
void retry_done(struct retry *r);

/* After the time, or a change, once; the time after that is longer. Negative errno: there will be
 * no time. */
int retry_later(struct retry *r);

/* From now on it begins with the shortest time again. */
void retry_afresh(struct retry *r);

/* What has gone on for longer than the longest time is worth beginning afresh for. */
bool retry_is_long(uint64_t usec);

/* No more. */
void retry_stop(struct retry *r);

#endif
