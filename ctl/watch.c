/* SPDX-License-Identifier: MIT */
/*
 * The verb events: subscribes to sources, to new ones as they appear, and prints what
 * happens to them.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "event.h"
#include "json.h"
#include "sources.h"
#include "verbs.h"

enum { LOOK_MS = 200 }; /* how often to look for new sources */

/* A source that is subscribed to. */
struct watched {
	struct event_source about;
	struct aud_source *source;
	bool listed; /* by the daemon, when it was last asked */
};

struct watch {
	struct ctl *ctl;
	struct watched *watched;
	size_t num_watched;
	uint64_t count; /* events printed */
	bool over;      /* all is printed that was asked for, or nobody reads it */
	int status;     /* exit status; not 0: something has gone wrong */
};

static struct watched *find(const struct watch *w, uint64_t handle)
{
	for (size_t i = 0; i < w->num_watched; i++)
		if (w->watched[i].about.handle == handle)
			return &w->watched[i];
	return NULL;
}

static void watch_fail(struct watch *w, int status)
{
	if (!w->status)
		w->status = status;
}

/* ---- what happens ------------------------------------------------------------------ */

static void print(const struct aud_event *event, void *user)
{
	struct watch *w = user;
	const struct watched *watched = find(w, event->source);
	struct event_source stranger = {.handle = event->source};
	const struct event_source *about = watched ? &watched->about : &stranger;

	if (w->over || w->status)
		return;
	if (w->ctl->options.json)
		watch_fail(w, json_print(w->ctl, event_json(event, about)));
	else
		event_say(event, about);
	watch_fail(w, ctl_flush(w->ctl));
	w->over = ++w->count == w->ctl->options.count;
}

/* ---- which sources ----------------------------------------------------------------- */

/* NULL: no memory. */
static struct watched *add(struct watch *w, const struct aud_source_status *status)
{
	struct watched *more;

	more = realloc(w->watched, (w->num_watched + 1) * sizeof(*more));
	if (!more)
		return NULL;
	w->watched = more;
	more += w->num_watched++;
	*more = (struct watched){.about = event_source(status), .listed = true};
	return more;
}

/* It stands in the table before events of it can come. That it has gone meanwhile is no
 * failure. */
static void subscribe(struct watch *w, const struct aud_source_status *status)
{
	struct watched *watched = add(w, status);
	int r;

	if (!watched) {
		ctl_error(w->ctl, "%s", strerror(ENOMEM));
		watch_fail(w, CTL_REFUSED);
		return;
	}
	r = aud_source_by_handle(w->ctl->aud, &watched->source, status->handle);
	if (r >= 0)
		r = aud_source_subscribe(watched->source,
					 (uint32_t)w->ctl->options.low_water_ms);
	if (r < 0 && r != -ENOENT)
		watch_fail(w, ctl_failed(w->ctl, r));
}

/* Events and answers come in order: what is listed no more has told its end. */
static void forget_gone(struct watch *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->num_watched; i++) {
		if (w->watched[i].listed)
			w->watched[kept++] = w->watched[i];
		else
			aud_source_free(w->watched[i].source);
	}
	w->num_watched = kept;
}

static void take_list(struct watch *w, const struct sources *sources)
{
	for (size_t i = 0; i < w->num_watched; i++)
		w->watched[i].listed = false;
	for (size_t i = 0; i < sources->num_chosen && !w->status; i++) {
		struct watched *watched = find(w, sources->chosen[i]->handle);

		if (watched)
			watched->listed = true;
		else
			subscribe(w, sources->chosen[i]);
	}
	forget_gone(w);
}

typedef int choose_fn(struct sources *s, struct ctl *ctl, char **operands,
		      size_t num_operands, enum sources_default otherwise);

static void look(struct watch *w, choose_fn *choose)
{
	struct ctl *ctl = w->ctl;
	struct sources sources = {0};

	watch_fail(w, choose(&sources, ctl, ctl->operands, ctl->num_operands,
			     ctl->options.all ? SOURCES_MINE : SOURCES_OWN));
	if (!w->status)
		take_list(w, &sources);
	sources_done(&sources);
}

/* ---- the verb ---------------------------------------------------------------------- */

/* Every line has been written when it was made, so nothing is left to be finished. */
static void end(int signal)
{
	(void)signal;
	_exit(CTL_DONE);
}

static void end_at_signals(void)
{
	const struct sigaction action = {.sa_handler = end};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static bool nobody_reads(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO};

	return poll(&out, 1, 0) > 0;
}

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void watch_run(struct watch *w)
{
	uint64_t next;

	look(w, sources_choose);
	next = clock_ms() + LOOK_MS;
	while (!w->over && !w->status) {
		uint64_t now = clock_ms();
		int r = now < next ? aud_wait(w->ctl->aud, (int)(next - now)) : 0;

		if (r < 0) {
			watch_fail(w, ctl_failed(w->ctl, r));
		} else if (now >= next) {
			look(w, sources_find);
			w->over |= nobody_reads();
			next = clock_ms() + LOOK_MS;
		}
	}
}

int verb_events(struct ctl *ctl)
{
	struct watch w = {.ctl = ctl};

	if (ctl->options.all && ctl->num_operands)
		return ctl_usage(ctl, "--all and '%s' cannot go together",
				 ctl->operands[0]);
	end_at_signals();
	w.status = ctl_connect(ctl);
	if (w.status)
		return w.status;
	aud_set_event_handler(ctl->aud, print, &w);
	watch_run(&w);
	aud_set_event_handler(ctl->aud, NULL, NULL);
	free(w.watched);
	return w.status;
}
