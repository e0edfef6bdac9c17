/* SPDX-License-Identifier: MIT */
/*
 * A thread that is scheduled as a player is, with all that the daemon does for it, and that runs
 * one job after the other. What opens devices or computes for long is none: RealtimeKit has those
 * killed who do not pause.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "parts.h"

struct realtime {
	pthread_t thread;
	sem_t go, done;
	pid_t tid;
	int (*job)(void *arg); /* NULL: it is to end */
	void *arg;
	int result;
	sd_event *event;
	struct scheduling *scheduling;
};

static void await(sem_t *s)
{
	while (sem_wait(s) < 0 && errno == EINTR)
		;
}

static void *work(void *user)
{
	struct realtime *t = user;

	prctl(PR_SET_TIMERSLACK, 1);
	t->tid = gettid();
	sem_post(&t->done);
	for (;;) {
		await(&t->go);
		if (!t->job)
			return NULL;
		t->result = t->job(t->arg);
		sem_post(&t->done);
	}
}

int realtime_new(struct realtime **ret, int priority)
{
	struct realtime *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	sem_init(&t->go, 0, 0);
	sem_init(&t->done, 0, 0);
	r = sd_event_new(&t->event);
	if (r >= 0)
		r = scheduling_new(&t->scheduling, t->event, "selftest");
	if (r >= 0)
		r = -pthread_create(&t->thread, NULL, work, t);
	if (r < 0) {
		scheduling_free(t->scheduling);
		sd_event_unref(t->event);
		free(t);
		return r;
	}
	await(&t->done);
	if (priority > 0)
		scheduling_ask(t->scheduling, t->tid, priority);
	while (scheduling_is_asking(t->scheduling) && !selftest_signal())
		if (sd_event_run(t->event, UINT64_MAX) < 0)
			break;
	*ret = t;
	return 0;
}

int realtime_run(struct realtime *t, int (*job)(void *arg), void *arg)
{
	t->job = job;
	t->arg = arg;
	sem_post(&t->go);
	await(&t->done);
	return t->result;
}

const struct scheduling *realtime_scheduling(const struct realtime *t)
{
	return t->scheduling;
}

void realtime_free(struct realtime *t)
{
	if (!t)
		return;
	t->job = NULL;
	sem_post(&t->go);
	pthread_join(t->thread, NULL);
	scheduling_free(t->scheduling);
	sd_event_unref(t->event);
	free(t);
}
