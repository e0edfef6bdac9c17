/* SPDX-License-Identifier: MIT */
/*
 * UP: what is asked is sent. AWAY: there is no socket; it is tried again from time to time.
 * GREETING: there is one, and hello is said. TAKING_UP: the sources that we hold are attached
 * to again. Then all that was not answered is sent once more, and it is UP.
 */
#include "link.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"
#include "error.h"
#include "event.h"
#include "resend.h"
#include "socket.h"

enum {
	RETRY_MIN_MS = 5,
	RETRY_MAX_MS = 250,
};

/* ---- what is polled for ---------------------------------------------------------- */

static int add(struct aud *a, int fd)
{
	struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(a->set, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

int link_init(struct aud *a)
{
	a->set = epoll_create1(EPOLL_CLOEXEC);
	a->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (a->set < 0 || a->timer < 0 || add(a, a->timer) < 0)
		return error_set(-errno, "cannot make what is polled: %m");
	return 0;
}

void link_done(struct aud *a)
{
	if (a->set >= 0)
		close(a->set);
	if (a->timer >= 0)
		close(a->timer);
	memories_done(&a->memories);
}

void link_follow(struct aud *a, int fd)
{
	a->fd = fd;
	a->watched = EPOLLIN;
	add(a, fd);
}

void link_update(struct aud *a)
{
	struct epoll_event e = {.events = EPOLLIN, .data.fd = a->fd};

	if (wire_writer_pending(&a->writer) > 0)
		e.events |= EPOLLOUT;
	if (a->fd < 0 || e.events == a->watched)
		return;
	epoll_ctl(a->set, EPOLL_CTL_MOD, a->fd, &e);
	a->watched = e.events;
}

static void wake_at(struct aud *a, uint64_t at_ns)
{
	struct itimerspec when = {.it_value = clock_timespec(at_ns)};

	timerfd_settime(a->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void sleep_on(struct aud *a)
{
	const struct itimerspec never = {.it_value = {0}};
	uint64_t times;

	timerfd_settime(a->timer, 0, &never, NULL);
	(void)!read(a->timer, &times, sizeof(times));
}

/* ---- what is kept ---------------------------------------------------------------- */

static uint64_t handle_of(const Aud__Request *m)
{
	switch (m->kind_case) {
	case AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME:
		return m->capture_audio_frame->source_handle;
	case AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER:
		return m->clear_audio_buffer->source_handle;
	case AUD__REQUEST__KIND_WAIT_FOR_PLAYOUT:
		return m->wait_for_playout->source_handle;
	case AUD__REQUEST__KIND_PAUSE_AUDIO_SOURCE:
		return m->pause_audio_source->source_handle;
	case AUD__REQUEST__KIND_RESUME_AUDIO_SOURCE:
		return m->resume_audio_source->source_handle;
	case AUD__REQUEST__KIND_MOVE_AUDIO_SOURCE:
		return m->move_audio_source->source_handle;
	case AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN:
		return m->set_audio_source_gain->source_handle;
	case AUD__REQUEST__KIND_GET_AUDIO_SOURCE:
		return m->get_audio_source->source_handle;
	case AUD__REQUEST__KIND_CLOSE_AUDIO_SOURCE:
		return m->close_audio_source->source_handle;
	case AUD__REQUEST__KIND_SET_MARK:
		return m->set_mark->source_handle;
	case AUD__REQUEST__KIND_SUBSCRIBE:
		return m->subscribe->source_handle;
	default:
		return 0;
	}
}

int link_keep(struct aud *a, struct request *r, const Aud__Request *m)
{
	size_t size = aud__request__get_packed_size(m);

	if (!a->reconnect_ms || !a->met || r->step)
		return 0;
	if (size > WIRE_MAX_MESSAGE)
		return error_set(-EMSGSIZE, "a message of more than 1 MiB");
	r->message = malloc(size);
	if (!r->message)
		return error_set(-ENOMEM, "no memory for a message");
	r->size = aud__request__pack(m, r->message);
	r->handle = handle_of(m);
	r->sent_ns = clock_ns();
	a->kept += size;
	return 0;
}

void link_release(struct aud *a, struct request *r)
{
	a->kept -= r->size;
	free(r->message);
	r->message = NULL;
	r->size = 0;
}

/* ---- away ------------------------------------------------------------------------ */

static int tell(struct aud *a, enum aud_event_kind kind, uint64_t source)
{
	struct aud_event event = {.kind = kind, .source = source};

	return event_tell(a, &event);
}

/* Steps that were under way are nobody's; what the caller asked stays. */
static void forget_steps(struct aud *a)
{
	struct request *r;

	while ((r = request_table_find_step(&a->requests))) {
		request_table_take(&a->requests, r->id);
		free(r);
	}
}

bool link_may_return(const struct aud *a, int error)
{
	return a->met && a->reconnect_ms && error == -ENOTCONN;
}

int link_lost(struct aud *a)
{
	bool was_up = link_is_up(a);

	if (a->fd >= 0) {
		epoll_ctl(a->set, EPOLL_CTL_DEL, a->fd, NULL);
		close(a->fd);
	}
	a->fd = -1;
	wire_reader_done(&a->reader);
	wire_writer_done(&a->writer);
	forget_steps(a);
	a->link = LINK_AWAY;
	if (was_up) {
		a->retry_ms = RETRY_MIN_MS;
		a->give_up_ns = clock_ns() + a->reconnect_ms * NS_PER_MS;
		wake_at(a, clock_ns());
		return tell(a, AUD_EVENT_DAEMON_LOST, AUD_NO_POSITION);
	}
	wake_at(a, clock_ns() + a->retry_ms * NS_PER_MS);
	a->retry_ms = a->retry_ms < RETRY_MAX_MS / 2 ? 2 * a->retry_ms : RETRY_MAX_MS;
	return 0;
}

/* ---- back ------------------------------------------------------------------------ */

/* A request of our own; `step` is what its reply leads to. */
static int ask(struct aud *a, Aud__Request *m, uint64_t handle,
	       const struct memory_mark *mark, request_step_fn *step)
{
	struct request *r = request_new(NULL, NULL);
	int error = -ENOMEM;

	if (!r)
		return error;
	r->kind = outcome_kind(m->kind_case);
	r->step = step;
	r->handle = handle;
	if (mark) {
		r->mark.id = mark->id;
		r->mark.position = mark->position;
	}
	if (request_table_add(&a->requests, r) < 0) {
		free(r);
		return error;
	}
	m->has_async_id = true;
	m->async_id = r->id;
	error = wire_writer_add(&a->writer, &m->base);
	if (error < 0)
		free(request_table_take(&a->requests, r->id));
	else
		wire_writer_flush(&a->writer, a->fd);
	return error;
}

static int tell_gone(struct aud *a)
{
	struct memory *m;
	int callbacks = 0;

again:
	TAILQ_FOREACH (m, &a->memories, link) {
		if (!m->gone || m->told_gone)
			continue;
		m->told_gone = true;
		callbacks += tell(a, AUD_EVENT_SOURCE_LOST, m->handle);
		goto again; /* the list may be another one by now */
	}
	return callbacks;
}

/* A source that is only watched is not attached to: this tells whether it is there. */
static int subscribed(struct aud *a, const struct request *r, const struct outcome *o)
{
	struct memory *m = memory_find(&a->memories, r->handle);

	if (m && o->error == -ENOENT)
		m->gone = true;
	return tell_gone(a);
}

static int subscribe_again(struct aud *a, const struct memory *m)
{
	Aud__Subscribe body = AUD__SUBSCRIBE__INIT;
	Aud__Request request = AUD__REQUEST__INIT;

	body.has_source_handle = true;
	body.source_handle = m->handle;
	body.has_low_water_ms = m->low_water_ms != 0;
	body.low_water_ms = m->low_water_ms;
	request.kind_case = AUD__REQUEST__KIND_SUBSCRIBE;
	request.subscribe = &body;
	return ask(a, &request, m->handle, NULL, subscribed);
}

/* The daemon will not have it: the frames before it have never come. */
static int marked(struct aud *a, const struct request *r, const struct outcome *o)
{
	struct aud_event event = {
		.kind = AUD_EVENT_MARK_DROPPED,
		.source = r->handle,
		.mark_id = r->mark.id,
		.position = r->mark.position,
	};

	if (o->error == 0)
		return 0;
	memory_forget_mark(&a->memories, r->handle, r->mark.id);
	return event_tell(a, &event);
}

static int mark_again(struct aud *a, const struct memory *m,
		      const struct memory_mark *mark)
{
	Aud__SetMark body = AUD__SET_MARK__INIT;
	Aud__Request request = AUD__REQUEST__INIT;

	body.has_source_handle = true;
	body.source_handle = m->handle;
	body.has_mark_id = true;
	body.mark_id = mark->id;
	body.has_position = true;
	body.position = mark->position;
	body.has_again = true;
	body.again = true; /* it tells of it at once if it was passed */
	request.kind_case = AUD__REQUEST__KIND_SET_MARK;
	request.set_mark = &body;
	return ask(a, &request, m->handle, mark, marked);
}

/* Of what the daemon has; what lies behind its end by now is on its way again. */
static int mark_all_again(struct aud *a, bool behind_end)
{
	struct memory_mark *mark;
	struct memory *m;
	int r = 0;

	TAILQ_FOREACH (m, &a->memories, link) {
		TAILQ_FOREACH (mark, &m->marks, link) {
			bool is_behind = m->held && mark->position > m->written;

			if (r == 0 && !m->gone && is_behind == behind_end)
				r = mark_again(a, m, mark);
		}
	}
	return r;
}

static int subscribe_all_again(struct aud *a)
{
	struct memory *m;
	int r = 0;

	TAILQ_FOREACH (m, &a->memories, link) {
		if (r == 0 && m->subscribed && !m->gone)
			r = subscribe_again(a, m);
	}
	return r;
}

/* Every source that is still there is ours again. */
static int taken_up(struct aud *a)
{
	int callbacks, r;

	r = mark_all_again(a, false);
	if (r < 0)
		return r;
	callbacks = resend_all(a);
	if (callbacks < 0)
		return callbacks;
	r = mark_all_again(a, true);
	if (r == 0)
		r = subscribe_all_again(a);
	if (r < 0)
		return r;
	a->link = LINK_UP;
	sleep_on(a);
	callbacks += tell(a, AUD_EVENT_DAEMON_BACK, AUD_NO_POSITION);
	return callbacks + tell_gone(a);
}

static int attached(struct aud *a, const struct request *r, const struct outcome *o)
{
	struct memory *m = memory_find(&a->memories, r->handle);

	if (m && o->error == 0) {
		m->written = o->attached.written;
		m->played = o->attached.played;
		m->queue_frames = o->attached.queue_frames;
		if (!o->attached.counted || o->attached.accepted < m->accepted)
			m->uncounted = true;
		m->unseen = o->attached.accepted - m->accepted;
		m->unseen_end = o->attached.accepted_end;
	} else if (m && o->error == -ECANCELED) {
		m->held = false; /* it was closed, and plays out */
	} else if (m) {
		m->gone = true;
	}
	return --a->to_attach ? 0 : taken_up(a);
}

static int attach_again(struct aud *a, struct memory *m)
{
	Aud__AttachAudioSource body = AUD__ATTACH_AUDIO_SOURCE__INIT;
	Aud__Request request = AUD__REQUEST__INIT;

	body.has_source_handle = true;
	body.source_handle = m->handle;
	body.has_token = true;
	body.token.data = m->token;
	body.token.len = sizeof(m->token);
	request.kind_case = AUD__REQUEST__KIND_ATTACH_AUDIO_SOURCE;
	request.attach_audio_source = &body;
	return ask(a, &request, m->handle, NULL, attached);
}

static int greeted(struct aud *a, const struct request *r, const struct outcome *o)
{
	struct memory *m;
	int error = 0;

	(void)r;
	if (o->error)
		return -EPROTO;
	a->link = LINK_TAKING_UP;
	a->to_attach = 1;
	TAILQ_FOREACH (m, &a->memories, link) {
		if (error || !m->held || m->gone)
			continue;
		error = attach_again(a, m);
		a->to_attach++;
	}
	if (error < 0)
		return error;
	return --a->to_attach ? 0 : taken_up(a);
}

static int greet(struct aud *a)
{
	Aud__Hello hello = AUD__HELLO__INIT;
	Aud__Request request = AUD__REQUEST__INIT;

	hello.has_version = true;
	hello.version = AUD__VERSION__PROTOCOL_VERSION;
	hello.name = *a->name ? a->name : NULL;
	hello.has_client_id = true;
	hello.client_id = a->client_id;
	request.kind_case = AUD__REQUEST__KIND_HELLO;
	request.hello = &hello;
	a->link = LINK_GREETING;
	wake_at(a, a->give_up_ns);
	return ask(a, &request, 0, NULL, greeted);
}

int link_step(struct aud *a)
{
	int fd;

	if (clock_left(a->give_up_ns) == 0)
		return -ENOTCONN;
	if (a->link != LINK_AWAY)
		return 0;
	fd = socket_try(a->path);
	if (fd < 0) {
		link_lost(a);
		return 0;
	}
	link_follow(a, fd);
	return greet(a);
}
