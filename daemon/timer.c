/* SPDX-License-Identifier: MIT */
/*
 * sd-event's timers, as they are used here.
 */
#include "timer.h"

int timer_new(sd_event_source **ret, sd_event *event, uint64_t accuracy_us,
	      sd_event_time_handler_t over, void *user)
{
	sd_event_source *timer = NULL;
	int r;

	r = sd_event_add_time(event, &timer, CLOCK_MONOTONIC, 0, accuracy_us, over, user);
	if (r < 0)
		return r;
	r = sd_event_source_set_enabled(timer, SD_EVENT_OFF);
	if (r < 0) {
		sd_event_source_unref(timer);
		return r;
	}
	*ret = timer;
	return 0;
}

int timer_start(sd_event_source *timer, uint64_t ms)
{
	int r = sd_event_source_set_time_relative(timer, ms * 1000);

	if (r >= 0)
		r = sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
	return r;
}

bool timer_is_over(sd_event_source *timer, uint64_t now_us)
{
	uint64_t until_us;

	return timer && sd_event_source_get_time(timer, &until_us) >= 0 &&
	       until_us <= now_us;
}

void timer_stop(sd_event_source *timer)
{
	if (timer)
		sd_event_source_set_enabled(timer, SD_EVENT_OFF);
}
