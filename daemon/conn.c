/* SPDX-License-Identifier: MIT */
/*
 * Reading goes through one buffer that all connections share; only what is left, of a
 * message that has not all come mostly, is kept by the connection. So an idle client costs
 * next to nothing. Reading never stops for want of room in a queue: the next message may be
 * a clear. But whoever asks for much lets others have their turn in between, by the clock:
 * so their clears come in time, whatever it asks for.
 */
#include "conn.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "optional.h"
#include "text.h"

enum {
	READ_BYTES = 64 * 1024,         /* at a time */
	READ_MIN = 4 * 1024,            /* the same, when it is the rest of a message */
	READ_BUDGET = 256 * 1024,       /* in one go, then others have their turn; */
	TIME_BUDGET_US = 200,           /* likewise */
	MAX_UNSENT = 1024 * 1024,       /* bytes that a client does not read: too much */
	MAX_UNSENT_EVENTS = 256 * 1024, /* with so many, it is sent no more events */
};

/* ---- the end --------------------------------------------------------------------- */

static void touch(struct conn *c)
{
	if (c->touched)
		return;
	c->touched = true;
	TAILQ_INSERT_TAIL(&c->hub->touched, c, touched_link);
}

static void conn_close(struct conn *c)
{
	c->state = CONN_CLOSING;
	c->io = sd_event_source_disable_unref(c->io);
	c->more = sd_event_source_disable_unref(c->more);
	touch(c);
}

static void close_and_tell(struct conn *c, const char *why)
{
	char name[TEXT_ESCAPED_SIZE(SOURCE_NAME_MAX)];

	log_about(LEVEL_WARNING, ABOUT(.event = EVENT_CLIENT_BROKEN),
		  "client %s%s(pid %d, uid %u): %s; connection closed",
		  text_escape(name, sizeof(name), c->name), *c->name ? " " : "",
		  c->creds.pid, c->creds.uid, why);
	conn_close(c);
}

/* ---- replies and events ---------------------------------------------------------- */

/* A client that would miss a reply is better off without this connection. */
static void put_reply(struct conn *c, const Aud__Reply *r)
{
	Aud__Message m = AUD__MESSAGE__INIT;
	int error;

	if (c->state == CONN_CLOSING)
		return;
	m.kind_case = AUD__MESSAGE__KIND_REPLY;
	m.reply = (Aud__Reply *)r;
	error = wire_writer_add(&c->out, &m.base);
	if (error < 0)
		close_and_tell(c, strerror(-error));
	else if (wire_writer_pending(&c->out) > MAX_UNSENT)
		close_and_tell(c, "it does not read its replies");
	touch(c);
}

void conn_break(struct conn *c, Aud__ErrorCode code, const char *sentence)
{
	Aud__Error error = AUD__ERROR__INIT;
	Aud__Reply r = AUD__REPLY__INIT;

	SET(&error, code, code);
	error.message = (char *)sentence;
	r.kind_case = AUD__REPLY__KIND_ERROR;
	r.error = &error;
	SET(&r, async_id, 0);
	put_reply(c, &r);
	c->hub->broken += code == AUD__ERROR_CODE__WRONG_PROTOCOL;
	close_and_tell(c, sentence);
}

void conn_asks(struct conn *c)
{
	c->requests++;
	c->user->requests++;
}

void conn_answer(struct conn *c, const Aud__Reply *r)
{
	assert(c->requests > 0);
	c->requests--;
	c->user->requests--;
	put_reply(c, r);
}

/* False: no memory. */
static bool put_event(struct conn *c, const Aud__Event *e)
{
	Aud__Message m = AUD__MESSAGE__INIT;

	m.kind_case = AUD__MESSAGE__KIND_EVENT;
	m.event = (Aud__Event *)e;
	touch(c);
	return wire_writer_add(&c->out, &m.base) == 0;
}

/* That events were lost, before any that come after them, when there is room for some. */
static void tell_lost(struct conn *c)
{
	Aud__EventsLost body = AUD__EVENTS_LOST__INIT;
	Aud__Event e = AUD__EVENT__INIT;

	if (!c->events_lost || wire_writer_pending(&c->out) > MAX_UNSENT_EVENTS / 2)
		return;
	SET(&body, count, c->events_lost);
	e.kind_case = AUD__EVENT__KIND_EVENTS_LOST;
	e.events_lost = &body;
	if (put_event(c, &e))
		c->events_lost = 0;
}

void conn_tell(struct conn *c, const Aud__Event *e)
{
	if (c->state == CONN_CLOSING)
		return;
	tell_lost(c);
	if (!e || c->events_lost || wire_writer_pending(&c->out) > MAX_UNSENT_EVENTS ||
	    !put_event(c, e)) {
		c->events_lost++;
		touch(c);
	}
}

struct ticket conn_ticket(struct conn *c, uint64_t async_id)
{
	return (struct ticket){.conn = c,
			       .async_id = async_id,
			       .answer = conn_answer,
			       .tell = conn_tell};
}

static void await_room(struct conn *c, bool full)
{
	if (full == c->awaits_room)
		return;
	c->awaits_room = full;
	sd_event_source_set_io_events(c->io, full ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

bool conn_flush(struct conn *c)
{
	int r = wire_writer_flush(&c->out, c->fd);

	if (r == 0 && c->events_lost && c->state != CONN_CLOSING) {
		tell_lost(c);
		r = wire_writer_flush(&c->out, c->fd);
	}
	TAILQ_REMOVE(&c->hub->touched, c, touched_link);
	c->touched = false;
	if (r < 0 || c->state == CONN_CLOSING)
		return false;
	await_room(c, wire_writer_pending(&c->out) > 0);
	return true;
}

/* ---- requests -------------------------------------------------------------------- */

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Those that are all there. False: its time is over before that, or it is. */
static bool take_messages(struct conn *c, struct wire_reader *reader, uint64_t until_us)
{
	const uint8_t *message;
	size_t len;
	int r = 0;

	while (c->state != CONN_CLOSING &&
	       (r = wire_reader_next(reader, &message, &len)) > 0) {
		c->hub->on_message(c, message, len);
		if (now_us() >= until_us)
			break;
	}
	if (r == -EMSGSIZE)
		conn_break(c, AUD__ERROR_CODE__WRONG_PROTOCOL,
			   "a message is longer than 1 MiB");
	else if (r < 0)
		conn_break(c, AUD__ERROR_CODE__WRONG_PROTOCOL,
			   "what stands before a message is not its length");
	return r == 0 && c->state != CONN_CLOSING;
}

static size_t unread(const struct wire_reader *reader)
{
	return reader->end - reader->start;
}

/* What is left goes from the shared buffer into the connection's own. */
static void keep_rest(struct conn *c, struct wire_reader *reader)
{
	size_t rest = unread(reader), size;
	void *space;

	if (reader == &c->in) {
		wire_reader_trim(reader, 0);
		return;
	}
	if (rest > 0 && c->state != CONN_CLOSING) {
		space = wire_reader_space(&c->in, rest, &size);
		if (!space) {
			close_and_tell(c, strerror(ENOMEM));
		} else {
			memcpy(space, reader->data + reader->start, rest);
			wire_reader_received(&c->in, rest);
		}
	}
	reader->start = reader->end = 0;
	wire_reader_trim(reader, READ_BUDGET);
}

static size_t wanted(const struct conn *c, const struct wire_reader *reader)
{
	size_t missing;

	if (reader != &c->in)
		return READ_BYTES;
	missing = wire_reader_missing(reader);
	return missing > READ_MIN ? missing : READ_MIN;
}

/* Returns how many bytes came if there may be more and all that came is taken, else 0. */
static size_t receive(struct conn *c, struct wire_reader *reader, uint64_t until_us)
{
	size_t size;
	void *space = wire_reader_space(reader, wanted(c, reader), &size);
	ssize_t n;

	if (!space) {
		close_and_tell(c, strerror(ENOMEM));
		return 0;
	}
	n = recv(c->fd, space, size, MSG_DONTWAIT);
	if (n > 0) {
		wire_reader_received(reader, (size_t)n);
		return take_messages(c, reader, until_us) && (size_t)n == size ? size : 0;
	}
	if (n == 0 && unread(reader) > 0)
		close_and_tell(c, "it ended in the middle of a message");
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		conn_close(c);
	return 0;
}

static int conn_goes_on(sd_event_source *source, void *user);

/* Made anew each time: one that is switched on again would stand before all others. */
static void go_on_later(struct conn *c)
{
	int r = sd_event_add_defer(c->hub->event, &c->more, conn_goes_on, c);

	if (r < 0)
		close_and_tell(c, strerror(-r));
}

/* What was left the last time comes first. */
static void conn_read(struct conn *c)
{
	struct wire_reader *reader = unread(&c->in) > 0 ? &c->in : &c->hub->reader;
	uint64_t until_us = now_us() + TIME_BUDGET_US;
	size_t total = 0, n;

	if (take_messages(c, reader, until_us)) {
		do {
			n = receive(c, reader, until_us);
			total += n;
		} while (n > 0 && total < READ_BUDGET);
	}
	keep_rest(c, reader);
	if (c->state != CONN_CLOSING && unread(&c->in) > 0 && now_us() >= until_us)
		go_on_later(c);
}

static int conn_goes_on(sd_event_source *source, void *user)
{
	struct conn *c = user;

	(void)source;
	c->more = sd_event_source_disable_unref(c->more);
	conn_read(c);
	return 0;
}

static int conn_is_ready(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct conn *c = user;

	(void)source;
	(void)fd;
	if (revents & EPOLLOUT)
		touch(c);
	if (revents & ~(uint32_t)EPOLLOUT && !c->more)
		conn_read(c);
	return 0;
}

/* ---- life ------------------------------------------------------------------------ */

int conn_new(struct conn **ret, struct hub *hub, int fd, const struct creds *creds,
	     struct user *user)
{
	struct conn *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	r = sd_event_add_io(hub->event, &c->io, fd, EPOLLIN, conn_is_ready, c);
	if (r < 0) {
		free(c);
		return r;
	}
	c->hub = hub;
	c->fd = fd;
	c->creds = *creds;
	c->user = user_ref(user);
	user->connections++;
	TAILQ_INSERT_TAIL(&hub->conns, c, link);
	hub->num_conns++;
	*ret = c;
	return 0;
}

void conn_free(struct conn *c)
{
	if (!c)
		return;
	sources_leave(&c->hub->sources, c);
	if (c->touched)
		TAILQ_REMOVE(&c->hub->touched, c, touched_link);
	TAILQ_REMOVE(&c->hub->conns, c, link);
	c->hub->num_conns--;
	c->user->connections--;
	c->user->requests -= c->requests;
	user_unref(c->user);
	creds_done(&c->creds);
	sd_event_source_disable_unref(c->io);
	sd_event_source_disable_unref(c->more);
	close(c->fd);
	wire_reader_done(&c->in);
	wire_writer_done(&c->out);
	free(c);
}
