/* SPDX-License-Identifier: MIT */
/*
 * Trying from time to time goes on in any case, so a watch that cannot be had is no loss.
 */
#include "retry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	MIN_MS = 100,
	MAX_MS = 5000,
	ACCURACY_US = 10000,
	BURST = 10, /* changes that are followed at once */
};

#define US_PER_S UINT64_C(1000000)

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

/* Whether one more change may be followed at once: some at a time, and then one each second. */
static bool may_follow(struct retry *r)
{
	uint64_t now = 0, earned;

	sd_event_now(r->event, CLOCK_MONOTONIC, &now);
	earned = (now - r->earned_us) / US_PER_S;
	if (earned > 0) {
		r->left = earned < BURST - r->left ? r->left + (uint32_t)earned : BURST;
		r->earned_us = now;
	}
	if (r->left == 0)
		return false;
	r->left--;
	return true;
}

/* Something has come, or the right to open it. What is watched is made anew by the next try that
 * fails: it may be another directory now. Until then nothing wakes us; in a storm of changes the
 * timer alone does, and it comes less and less often. */
static void follow_change(struct retry *r)
{
	unwatch(r);
	if (!may_follow(r))
		return;
	if (r->left >= BURST / 2)
		retry_afresh(r);
	r->again(r->user);
}

static int parent_has_changed(sd_event_source *source, const struct inotify_event *e,
			      void *user)
{
	struct retry *r = user;

	(void)source;
	if (e->len == 0 || strcmp(e->name, strrchr(r->folder, '/') + 1) == 0)
		follow_change(r);
	return 0;
}

static int folder_has_changed(sd_event_source *source, const struct inotify_event *e,
			      void *user)
{
	(void)source;
	(void)e;
	follow_change(user);
	return 0;
}

static void watch_parent(struct retry *r)
{
	char *parent = strndup(r->folder, (size_t)(strrchr(r->folder, '/') - r->folder));

	if (parent)
		sd_event_add_inotify(r->event, &r->watch, parent, IN_CREATE | IN_ONLYDIR,
				     parent_has_changed, r);
	free(parent);
}

static void watch(struct retry *r)
{
	if (!r->folder || r->watch)
		return;
	if (sd_event_add_inotify(r->event, &r->watch, r->folder,
				 IN_CREATE | IN_ATTRIB | IN_ONLYDIR, folder_has_changed,
				 r) == -ENOENT)
		watch_parent(r);
}

int retry_init(struct retry *r, sd_event *event, const char *folder,
	       void (*again)(void *user), void *user)
{
	int error;

	*r = (struct retry){
		.event = event,
		.folder = folder,
		.left = BURST,
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
