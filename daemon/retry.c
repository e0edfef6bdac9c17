/* SPDX-License-Identifier: MIT */
/*
 * Trying from time to time goes on in any case, so a watch that cannot be had is no loss.
 */
#include "retry.h"

#include <errno.h>
#include <string.h>

enum {
	MIN_MS = 100,
	MAX_MS = 5000,
	ACCURACY_US = 10000,
};

static void unwatch(struct retry *r)
{
	r->watch = sd_event_source_disable_unref(r->watch);
}

static int is_due(sd_event_source *source, uint64_t usec, void *user)
{
	struct retry *r = user;

	(void)source;
	(void)usec;
	r->again(r->user);
	return 0;
}

/* Something has come, or the right to open it. What is watched is made anew by the next
 * try that fails: it may be another directory now. */
static int snd_has_changed(sd_event_source *source, const struct inotify_event *e,
			   void *user)
{
	struct retry *r = user;

	(void)source;
	if (e->len > 0 && strcmp(e->name, "snd") != 0)
		return 0;
	unwatch(r);
	retry_afresh(r);
	r->again(r->user);
	return 0;
}

static int card_has_changed(sd_event_source *source, const struct inotify_event *e,
			    void *user)
{
	struct retry *r = user;

	(void)source;
	if (e->mask & IN_IGNORED)
		unwatch(r);
	retry_afresh(r);
	r->again(r->user);
	return 0;
}

static void watch(struct retry *r)
{
	if (!r->watches || r->watch)
		return;
	if (sd_event_add_inotify(r->event, &r->watch, "/dev/snd",
				 IN_CREATE | IN_ATTRIB | IN_ONLYDIR, card_has_changed,
				 r) == -ENOENT)
		sd_event_add_inotify(r->event, &r->watch, "/dev", IN_CREATE | IN_ONLYDIR,
				     snd_has_changed, r);
}

int retry_init(struct retry *r, sd_event *event, bool watches, void (*again)(void *user),
	       void *user)
{
	int error;

	*r = (struct retry){
		.event = event,
		.watches = watches,
		.ms = MIN_MS,
		.again = again,
		.user = user,
	};
	error = sd_event_add_time(event, &r->timer, CLOCK_MONOTONIC, 0, ACCURACY_US,
				  is_due, r);
	if (error >= 0)
		error = sd_event_source_set_enabled(r->timer, SD_EVENT_OFF);
	return error;
}

void retry_done(struct retry *r)
{
	unwatch(r);
	r->timer = sd_event_source_disable_unref(r->timer);
}

int retry_later(struct retry *r)
{
	int error = sd_event_source_set_time_relative(r->timer, r->ms * UINT64_C(1000));

	watch(r);
	if (error >= 0)
		error = sd_event_source_set_enabled(r->timer, SD_EVENT_ONESHOT);
	r->ms = r->ms < MAX_MS / 2 ? 2 * r->ms : MAX_MS;
	return error;
}

void retry_afresh(struct retry *r)
{
	r->ms = MIN_MS;
}

bool retry_is_long(uint64_t usec)
{
	return usec > MAX_MS * UINT64_C(1000);
}

void retry_stop(struct retry *r)
{
	unwatch(r);
	sd_event_source_set_enabled(r->timer, SD_EVENT_OFF);
}
