/* SPDX-License-Identifier: MIT */
/*
 * The line on a terminal that says how far playing has got.
 */
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "text.h"

enum {
	INTERVAL_NS = 200 * 1000 * 1000,
	MAX_NAME = 40, /* bytes of a file's name, so that the line fits into 80 columns */
};

void progress_init(struct progress *p, bool wanted)
{
	const struct itimerspec interval = {{0, INTERVAL_NS}, {0, INTERVAL_NS}};

	*p = (struct progress){.timer_fd = -1};
	if (!wanted || !isatty(STDERR_FILENO))
		return;
	p->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (p->timer_fd >= 0)
		timerfd_settime(p->timer_fd, 0, &interval, NULL);
}

void progress_done(struct progress *p)
{
	progress_erase(p);
	if (p->timer_fd >= 0)
		close(p->timer_fd);
	p->timer_fd = -1;
}

bool progress_is_due(struct progress *p)
{
	uint64_t times;

	return read(p->timer_fd, &times, sizeof(times)) > 0;
}

void progress_draw(struct progress *p, const struct input *in, uint64_t heard,
		   uint64_t queued, const char *silent)
{
	const char *slash = strrchr(in->path, '/');
	char name[MAX_NAME + 1], length[MAX_NAME] = "";

	if (in->frames)
		snprintf(length, sizeof(length), " / %s",
			 text_seconds(in->frames, in->rate).s);
	fprintf(stderr, "\r%s  %s%s s, queued %s s%s%s\033[K",
		text_safe(name, sizeof(name), slash ? slash + 1 : in->path),
		text_seconds(heard, in->rate).s, length, text_seconds(queued, in->rate).s,
		*silent ? ", " : "", silent);
	p->drawn = true;
}

void progress_erase(struct progress *p)
{
	if (p->drawn)
		fprintf(stderr, "\r\033[K");
	p->drawn = false;
}
