/* SPDX-License-Identifier: MIT */
/*
 * The kernel ends a timer that stands by the wall clock when that is set, and also when the machine
 * resumes: it is the one thing by which a process learns of it at once.
 */
#include "minute.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "timer.h"

enum {
	MINUTE_MS = 60000,
	ACCURACY_US = 10000000, /* together with what wakes the machine anyhow */
	YEARS_S = 100 * 365 * 24 * 60 * 60LL,
};

struct minute {
	int fd; /* -1: resumes go unnoticed */
	sd_event_source *timer, *resume;
	void (*has_come)(void *user);
	void *user;
};

static int is_over(sd_event_source *source, uint64_t usec, void *user)
{
	struct minute *m = user;

	(void)source;
	(void)usec;
	timer_start(m->timer, MINUTE_MS);
	m->has_come(m->user);
	return 0;
}

static int arm(int fd)
{
	struct itimerspec never = {.it_value.tv_sec = time(NULL) + YEARS_S};

	return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never,
			       NULL);
}

static int has_resumed(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct minute *m = user;
	uint64_t times;

	(void)revents;
	(void)!read(fd, &times, sizeof(times));
	if (arm(fd) < 0)
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
	m->has_come(m->user);
	return 0;
}

/* Without it there is still the minute. */
static void watch_clock(struct minute *m, sd_event *event)
{
	m->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (m->fd >= 0 && arm(m->fd) == 0)
		sd_event_add_io(event, &m->resume, m->fd, EPOLLIN, has_resumed, m);
}

int minute_new(struct minute **ret, sd_event *event, void (*has_come)(void *user),
	       void *user)
{
	struct minute *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	m->fd = -1;
	m->has_come = has_come;
	m->user = user;
	r = timer_new(&m->timer, event, ACCURACY_US, is_over, m);
	if (r >= 0)
		r = timer_start(m->timer, MINUTE_MS);
	if (r < 0) {
		minute_free(m);
		return r;
	}
	watch_clock(m, event);
	*ret = m;
	return 0;
}

void minute_free(struct minute *m)
{
	if (!m)
		return;
	sd_event_source_disable_unref(m->timer);
	sd_event_source_disable_unref(m->resume);
	if (m->fd >= 0)
		close(m->fd);
	free(m);
}
