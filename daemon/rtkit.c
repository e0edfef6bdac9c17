/* SPDX-License-Identifier: MIT */
/*
 * A question is a row of calls, each sent when the one before is answered: first what is allowed,
 * then the thing itself.
 */
#include "rtkit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

static const char service[] = "org.freedesktop.RealtimeKit1";
static const char object[] = "/org/freedesktop/RealtimeKit1";

enum { TIMEOUT_US = 2000000 }; /* for each call */

struct rtkit {
	sd_bus *bus;
	pid_t thread;
	int value; /* that is asked for */
	int error;
	sd_event_source *end; /* runs when it is over */
	rtkit_done_fn *done;
	void *user;
};

/* Told outside of the bus's own handlers: whoever is told closes it. */
static int tell(sd_event_source *source, void *user)
{
	struct rtkit *r = user;

	(void)source;
	r->done(r->user, r->error, r->value);
	return 0;
}

static int end(struct rtkit *r, int error)
{
	r->error = error;
	sd_event_source_set_enabled(r->end, SD_EVENT_ONESHOT);
	return 0;
}

/* What the answer to a call has brought, in a variant of this type. Negative errno. */
static int read_property(sd_bus_message *m, const char *type, void *ret)
{
	const sd_bus_error *e = sd_bus_message_get_error(m);

	return e ? -sd_bus_message_get_errno(m) : sd_bus_message_read(m, "v", type, ret);
}

static int get_property(struct rtkit *r, const char *name, sd_bus_message_handler_t then)
{
	return sd_bus_call_method_async(r->bus, NULL, service, object,
					"org.freedesktop.DBus.Properties", "Get", then, r,
					"ss", service, name);
}

static int is_done(sd_bus_message *m, void *user, sd_bus_error *unused)
{
	const sd_bus_error *e = sd_bus_message_get_error(m);

	(void)unused;
	return end(user, e ? -sd_bus_message_get_errno(m) : 0);
}

/* ---- real time ------------------------------------------------------------------- */

/* A thread that computes for so long without a pause is killed; that is the price. */
static int limit_time(int64_t most_us)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_RTTIME, &limit) < 0)
		return -errno;
	if (limit.rlim_max <= (rlim_t)most_us)
		return 0;
	limit.rlim_cur = limit.rlim_max = (rlim_t)most_us;
	return setrlimit(RLIMIT_RTTIME, &limit) < 0 ? -errno : 0;
}

static int take_priority(sd_bus_message *m, void *user, sd_bus_error *unused)
{
	struct rtkit *r = user;
	int32_t most = 0;
	int error = read_property(m, "i", &most);

	(void)unused;
	if (error >= 0 && most < r->value)
		r->value = most;
	if (error >= 0)
		error = sd_bus_call_method_async(r->bus, NULL, service, object, service,
						 "MakeThreadRealtimeWithPID", is_done, r,
						 "ttu", (uint64_t)getpid(),
						 (uint64_t)r->thread, (uint32_t)r->value);
	return error < 0 ? end(r, error) : 0;
}

static int take_time(sd_bus_message *m, void *user, sd_bus_error *unused)
{
	struct rtkit *r = user;
	int64_t most_us = 0;
	int error = read_property(m, "x", &most_us);

	(void)unused;
	if (error >= 0)
		error = limit_time(most_us);
	if (error >= 0)
		error = get_property(r, "MaxRealtimePriority", take_priority);
	return error < 0 ? end(r, error) : 0;
}

/* ---- nice ------------------------------------------------------------------------ */

static int take_nice(sd_bus_message *m, void *user, sd_bus_error *unused)
{
	struct rtkit *r = user;
	int32_t least = 0;
	int error = read_property(m, "i", &least);

	(void)unused;
	if (error >= 0 && least > r->value)
		r->value = least;
	if (error >= 0)
		error = sd_bus_call_method_async(r->bus, NULL, service, object, service,
						 "MakeThreadHighPriorityWithPID", is_done,
						 r, "tti", (uint64_t)getpid(),
						 (uint64_t)r->thread, (int32_t)r->value);
	return error < 0 ? end(r, error) : 0;
}

/* ---- questions ------------------------------------------------------------------- */

/* Connecting waits for nobody: what has to be said to the bus is said in the event loop. */
static int ask(struct rtkit **ret, sd_event *event, const struct rtkit *question,
	       const char *first, sd_bus_message_handler_t then)
{
	struct rtkit *r = malloc(sizeof(*r));
	int error;

	if (!r)
		return -ENOMEM;
	*r = *question;
	error = sd_event_add_defer(event, &r->end, tell, r);
	if (error >= 0)
		error = sd_event_source_set_enabled(r->end, SD_EVENT_OFF);
	if (error >= 0)
		error = sd_bus_open_system(&r->bus);
	if (error >= 0)
		error = sd_bus_set_method_call_timeout(r->bus, TIMEOUT_US);
	if (error >= 0)
		error = sd_bus_attach_event(r->bus, event, SD_EVENT_PRIORITY_NORMAL);
	if (error >= 0)
		error = get_property(r, first, then);
	if (error < 0)
		rtkit_free(r);
	else
		*ret = r;
	return error < 0 ? error : 0;
}

int rtkit_ask_realtime(struct rtkit **ret, sd_event *event, pid_t thread, int priority,
		       rtkit_done_fn *done, void *user)
{
	struct rtkit r = {
		.thread = thread, .value = priority, .done = done, .user = user};

	return ask(ret, event, &r, "RTTimeUSecMax", take_time);
}

int rtkit_ask_nice(struct rtkit **ret, sd_event *event, pid_t thread, int nice,
		   rtkit_done_fn *done, void *user)
{
	struct rtkit r = {.thread = thread, .value = nice, .done = done, .user = user};

	return ask(ret, event, &r, "MinNiceLevel", take_nice);
}

void rtkit_free(struct rtkit *r)
{
	if (!r)
		return;
	sd_event_source_disable_unref(r->end);
	if (r->bus)
		sd_bus_detach_event(r->bus);
	sd_bus_close_unref(r->bus);
	free(r);
}
