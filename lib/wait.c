/* SPDX-License-Identifier: MIT */
/*
 * Which thread waits for the socket, and how the others wait for that thread.
 */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "clock.h"
#include "connection.h"
#include "error.h"
#include "link.h"

/* A thread that sleeps while another one polls or dispatches. */
struct follower {
	pthread_cond_t wake;
	const struct request *request; /* what it waits for; NULL: any message */
	struct follower *next;
};

void connection_ring(struct aud *a)
{
	if (!a->polling || a->rung)
		return;
	a->rung = true;
	eventfd_write(a->bell, 1);
}

void connection_rouse(struct aud *a, const struct request *r)
{
	for (struct follower *f = a->followers; f; f = f->next) {
		if (f->request == r)
			pthread_cond_signal(&f->wake);
	}
}

static bool is_tended(const struct aud *a)
{
	return a->polling || a->dispatching;
}

/* Somebody has to tend the socket as long as somebody waits. Who leaves, or was roused
 * for this and leaves, passes it on. */
static void pass_on(struct aud *a)
{
	if (!is_tended(a) && a->followers)
		pthread_cond_signal(&a->followers->wake);
}

static void follow(struct aud *a, const struct request *r, uint64_t deadline)
{
	struct follower me = {
		.wake = PTHREAD_COND_INITIALIZER,
		.request = r,
		.next = a->followers,
	};
	struct follower **f;

	a->followers = &me;
	clock_wait(&me.wake, &a->lock, deadline);
	for (f = &a->followers; *f != &me; f = &(*f)->next)
		;
	*f = me.next;
	pthread_cond_destroy(&me.wake);
}

static short events(const struct aud *a)
{
	return wire_writer_pending(&a->writer) > 0 ? POLLIN | POLLOUT : POLLIN;
}

/* Waits for the socket or the bell. 1, 0: the time is over, or a negative errno. */
static int poll_socket(struct aud *a, uint64_t deadline)
{
	struct pollfd fds[] = {
		{.fd = a->set, .events = POLLIN},
		{.fd = a->bell, .events = POLLIN},
	};
	struct timespec left = clock_timespec(clock_left(deadline));
	eventfd_t count;
	int r;

	link_update(a);
	a->polling = true;
	pthread_mutex_unlock(&a->lock);
	r = ppoll(fds, 2, deadline == CLOCK_NEVER ? NULL : &left, NULL);
	r = r < 0 ? -errno : r;
	pthread_mutex_lock(&a->lock);
	a->polling = false;
	if (a->rung)
		eventfd_read(a->bell, &count);
	a->rung = false;
	return r < 0 ? r : r > 0;
}

/* One step of waiting. How many callbacks were run, or a negative errno: a signal came,
 * or the connection is gone. */
static int step(struct aud *a, const struct request *r, uint64_t deadline)
{
	int n;

	if (is_tended(a)) {
		follow(a, r, deadline);
		return 0;
	}
	n = poll_socket(a, deadline);
	return n > 0 ? connection_dispatch(a) : n;
}

int connection_await(struct aud *a, struct request *r, uint64_t deadline)
{
	while (!r->ended) {
		if (clock_left(deadline) == 0 &&
		    request_table_take(&a->requests, r->id)) {
			link_release(a, r);
			break;
		}
		step(a, r, deadline);
	}
	pass_on(a);
	return r->ended ? 0 : -ETIMEDOUT;
}

short aud_poll_events(struct aud *a)
{
	short e;

	pthread_mutex_lock(&a->lock);
	link_update(a);
	e = events(a);
	pthread_mutex_unlock(&a->lock);
	return e;
}

int aud_dispatch(struct aud *a)
{
	int r;

	pthread_mutex_lock(&a->lock);
	r = connection_dispatch(a);
	pass_on(a);
	pthread_mutex_unlock(&a->lock);
	return r;
}

static int wait_for_message(struct aud *a, uint64_t deadline)
{
	uint64_t seen = a->messages;
	int r;

	do
		r = step(a, NULL, deadline);
	while (r == 0 && a->messages == seen && !a->broken && clock_left(deadline) > 0);
	if (r == 0 && a->broken)
		r = connection_dispatch(a); /* says why */
	pass_on(a);
	return r == -EINTR ? 0 : r;
}

int aud_wait(struct aud *a, int timeout_ms)
{
	uint64_t deadline = CLOCK_NEVER;
	int r;

	if (timeout_ms >= 0)
		deadline = clock_ns() + timeout_ms * NS_PER_MS;
	pthread_mutex_lock(&a->lock);
	r = connection_may_block(a);
	if (r == 0)
		r = wait_for_message(a, deadline);
	pthread_mutex_unlock(&a->lock);
	return r;
}
