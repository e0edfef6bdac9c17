/* SPDX-License-Identifier: MIT */
/*
 * Receives messages: tells each request its end, and events to their handler.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "connection.h"
#include "error.h"
#include "event.h"
#include "link.h"

/* Bytes. */
enum {
	RECEIVE_SIZE = 4096,     /* received at a time, unless more is known to come */
	READER_KEEP = 64 * 1024, /* what an empty reader may hold on to */
};

int connection_tell(struct aud *a, struct request *r, struct outcome *outcome)
{
	aud_done_fn *done = r->done;
	struct aud_result result;
	int callbacks = done ? 1 : 0;

	link_release(a, r);
	if (r->outcome) {
		*r->outcome = *outcome;
		r->ended = true;
		connection_rouse(a, r);
		return 0;
	}
	if (done) {
		result = outcome_result(outcome, r->kind);
		pthread_mutex_unlock(&a->lock);
		done(&result, r->user);
		pthread_mutex_lock(&a->lock);
	} else if (r->step) {
		callbacks = r->step(a, r, outcome);
	}
	outcome_done(outcome);
	free(r);
	return callbacks;
}

/* What the daemon before this one took counts too. */
static void add_already(const struct request *r, struct outcome *o)
{
	struct aud_captured *c = &o->captured;

	if (r->kind != AUD__REPLY__KIND_CAPTURE_AUDIO_FRAME || o->error)
		return;
	if (r->already)
		c->first = r->first;
	c->accepted += r->already;
	c->skipped += r->skipped;
}

static int take_reply(struct aud *a, const Aud__Reply *reply)
{
	struct request *r = request_table_take(&a->requests, reply->async_id);
	struct outcome outcome;

	if (!r)
		return 0; /* its caller has given up */
	outcome_reply(&outcome, r->kind, reply);
	if (r->kind == AUD__REPLY__KIND_HELLO && !outcome.error)
		a->met = true;
	add_already(r, &outcome);
	if (a->reconnect_ms && !r->step)
		memory_note_reply(&a->memories, r, reply);
	return connection_tell(a, r, &outcome);
}

/* Returns how many callbacks were run. */
static int take_event(struct aud *a, const Aud__Event *in)
{
	struct aud_event event;

	memory_note_event(&a->memories, in);
	return event_read(in, &event) ? event_tell(a, &event) : 0;
}

static int take_message(struct aud *a, const uint8_t *data, size_t size)
{
	Aud__Message *m = aud__message__unpack(NULL, size, data);
	int callbacks = 0;

	if (!m)
		return -EPROTO;
	a->messages++;
	if (m->kind_case == AUD__MESSAGE__KIND_REPLY)
		callbacks = take_reply(a, m->reply);
	else if (m->kind_case == AUD__MESSAGE__KIND_EVENT)
		callbacks = take_event(a, m->event);
	aud__message__free_unpacked(m, NULL);
	return callbacks; /* or a negative errno */
}

/* Takes the messages that are all there. */
static int take_messages(struct aud *a, int *callbacks)
{
	const uint8_t *data;
	size_t size;
	int r;

	while ((r = wire_reader_next(&a->reader, &data, &size)) > 0) {
		r = take_message(a, data, size);
		if (r < 0)
			return r;
		*callbacks += r;
	}
	wire_reader_trim(&a->reader, READER_KEEP);
	return r < 0 ? -EPROTO : 0;
}

/* 1: there may be more, 0: not now, or a negative errno. */
static int receive_once(struct aud *a)
{
	size_t want = wire_reader_missing(&a->reader), size;
	void *space;
	ssize_t n;

	space = wire_reader_space(&a->reader, want > RECEIVE_SIZE ? want : RECEIVE_SIZE,
				  &size);
	if (!space)
		return -ENOMEM;
	n = recv(a->fd, space, size, MSG_DONTWAIT);
	if (n < 0 && errno == EINTR)
		return 1;
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (n <= 0)
		return -ENOTCONN;
	wire_reader_received(&a->reader, n);
	return 1;
}

static int receive(struct aud *a, int *callbacks)
{
	int r, more;

	do {
		more = receive_once(a);
		if (more < 0)
			return more;
		r = take_messages(a, callbacks);
		if (r < 0)
			return r;
	} while (more);
	return 0;
}

static const char *sentence(const struct aud *a, int error)
{
	if (error == -ENOTCONN && !link_is_up(a))
		return "the daemon went away and has not come back";
	switch (error) {
	case -EPROTO:
		return "the daemon broke the protocol; the connection is closed";
	case -ENOMEM:
		return "no memory to receive; the connection is closed";
	default:
		return "the daemon has closed the connection";
	}
}

/* One round with the socket, if there is one. */
static int exchange(struct aud *a, int *callbacks)
{
	int sent, r;

	if (a->link == LINK_AWAY)
		return 0;
	sent = wire_writer_flush(&a->writer, a->fd);
	/* Even if the daemon takes no more: it may have said why. */
	r = receive(a, callbacks);
	return r == 0 && sent < 0 ? -ENOTCONN : r;
}

int connection_dispatch(struct aud *a)
{
	int callbacks = 0, r = 0;

	if (a->broken)
		return error_set(a->broken, "%s", a->why);
	if (a->dispatching)
		return 0;
	a->dispatching = true;
	a->dispatcher = pthread_self();
	if (!link_is_up(a))
		r = link_step(a);
	if (r == 0) {
		r = exchange(a, &callbacks);
		if (r < 0 && link_may_return(a, r)) {
			callbacks += link_lost(a);
			r = 0;
		}
	}
	if (r < 0)
		connection_break(a, r, sentence(a, r));
	link_update(a);
	a->dispatching = false;
	connection_rouse(a, NULL);
	return a->broken ? error_set(a->broken, "%s", a->why) : callbacks;
}

static void fail(struct aud *a, struct request *r)
{
	struct outcome outcome;

	outcome_fail(&outcome, -ENOTCONN, a->why);
	connection_tell(a, r, &outcome);
}

void connection_break(struct aud *a, int error, const char *why)
{
	struct request **all;
	size_t n;

	struct request *step;

	a->broken = error;
	a->why = why;
	a->dispatching = true;
	a->dispatcher = pthread_self();
	shutdown(a->fd, SHUT_RDWR);
	wire_reader_done(&a->reader);
	wire_writer_done(&a->writer);
	while ((step = request_table_find_step(&a->requests)))
		free(request_table_take(&a->requests, step->id));
	all = request_table_take_all(&a->requests, &n);
	/* First those of threads, under the lock: one whose time is over takes its
	 * request away. */
	for (size_t i = 0; i < n; i++) {
		if (all[i]->outcome) {
			fail(a, all[i]);
			all[i] = NULL;
		}
	}
	for (size_t i = 0; i < n; i++) {
		if (all[i])
			fail(a, all[i]);
	}
	free(all);
	a->dispatching = false;
}
