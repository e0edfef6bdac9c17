/* SPDX-License-Identifier: MIT */
/*
 * A moment at which something is over. Main thread.
 */
#ifndef DAEMON_TIMER_H
#define DAEMON_TIMER_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/* Makes one that does not run. It is let go by sd_event_source_disable_unref. Negative
 * errno. */
int timer_new(sd_event_source **ret, sd_event *event, uint64_t accuracy_us,
	      sd_event_time_handler_t over, void *user);

/* Runs for so long from now on; one that runs already begins again. Negative errno. */
int timer_start(sd_event_source *timer, uint64_t ms);

/* Whether it was to be over by then; NULL never is. */
bool timer_is_over(sd_event_source *timer, uint64_t now_us);

/* NULL is allowed. */
void timer_stop(sd_event_source *timer);

#endif
