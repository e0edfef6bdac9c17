/* SPDX-License-Identifier: MIT */
/*
 * Makes and ends connections, and sends requests on them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "connection.h"
#include "error.h"
#include "link.h"
#include "socket.h"
#include "source.h"

enum {
	CONNECT_LIMIT_S = 5,
	MAX_PENDING = 8 * 1024 * 1024, /* bytes that may wait to be sent */
};

int connection_may_block(const struct aud *a)
{
	if (a->dispatching && pthread_equal(a->dispatcher, pthread_self()))
		return error_set(-EDEADLK, "a blocking call from within a callback");
	return 0;
}

int connection_send(struct aud *a, Aud__Request *m, struct request *r)
{
	int error;

	if (a->broken)
		return error_set(-ENOTCONN, "%s", a->why);
	r->kind = outcome_kind(m->kind_case);
	if (request_table_add(&a->requests, r) < 0)
		return error_set(-ENOMEM, "no memory for a request");
	m->has_async_id = true;
	m->async_id = r->id;
	error = link_keep(a, r, m);
	if (error == 0 && link_is_up(a)) {
		error = wire_writer_add(&a->writer, &m->base);
		if (error < 0)
			error_set(error, error == -ENOMEM
						 ? "no memory for a message"
						 : "a message of more than 1 MiB");
	}
	if (error < 0) {
		request_table_take(&a->requests, r->id);
		link_release(a, r);
		return error;
	}
	if (!link_is_up(a))
		return 0;
	/* That the daemon is gone is found out, with what it still said, by receiving. */
	wire_writer_flush(&a->writer, a->fd);
	link_update(a);
	if (wire_writer_pending(&a->writer) > 0)
		connection_ring(a);
	return 0;
}

static int submit(struct aud *a, Aud__Request *m, struct request *r)
{
	if (wire_writer_pending(&a->writer) >= MAX_PENDING ||
	    (!link_is_up(a) && a->kept >= MAX_PENDING))
		return error_set(-ENOBUFS,
				 "8 MiB wait to be sent: the daemon does not read");
	return connection_send(a, m, r);
}

static int request_told(struct aud *a, Aud__Request *m, const struct ending *ending)
{
	struct request *r = request_new(ending->done, ending->user);
	int error;

	if (!r)
		return error_set(-ENOMEM, "no memory for a request");
	pthread_mutex_lock(&a->lock);
	error = submit(a, m, r);
	pthread_mutex_unlock(&a->lock);
	if (error < 0)
		free(r);
	return error;
}

static int call(struct aud *a, Aud__Request *m, struct outcome *outcome,
		uint64_t deadline)
{
	struct request r = {.outcome = outcome};
	int error;

	error = connection_may_block(a);
	if (error == 0)
		error = connection_send(a, m, &r);
	if (error == 0)
		error = connection_await(a, &r, deadline);
	return error;
}

static int request_awaited(struct aud *a, Aud__Request *m, struct outcome *ret,
			   uint64_t deadline)
{
	struct outcome outcome;
	int error;

	pthread_mutex_lock(&a->lock);
	error = call(a, m, &outcome, deadline);
	pthread_mutex_unlock(&a->lock);
	if (error < 0)
		return error;
	if (outcome.error < 0)
		return outcome_error(&outcome);
	*ret = outcome;
	return 0;
}

int connection_request(struct aud *a, Aud__Request *m, struct ending ending)
{
	if (ending.outcome)
		return request_awaited(a, m, ending.outcome, CLOCK_NEVER);
	return request_told(a, m, &ending);
}

static void aud_freep(struct aud **a)
{
	aud_free(*a);
}

static int hello(struct aud *a, const char *path, const char *name, uint64_t deadline)
{
	Aud__Hello hello = AUD__HELLO__INIT;
	Aud__Request request = AUD__REQUEST__INIT;
	struct outcome outcome;
	int r;

	hello.has_version = true;
	hello.version = AUD__VERSION__PROTOCOL_VERSION;
	hello.name = (char *)name;
	hello.has_client_id = true;
	hello.client_id = a->client_id;
	request.kind_case = AUD__REQUEST__KIND_HELLO;
	request.hello = &hello;
	r = request_awaited(a, &request, &outcome, deadline);
	if (r == -ETIMEDOUT)
		return error_set(r, "%s: audd did not answer in time", path);
	if (r == -ENOTCONN)
		return a->broken; /* the reason, which may be -EPROTO */
	if (r < 0)
		return r;
	if (outcome.version != AUD__VERSION__PROTOCOL_VERSION)
		return error_set(-EPROTO,
				 "%s: audd speaks version %u of the protocol, libaud %d",
				 path, outcome.version, AUD__VERSION__PROTOCOL_VERSION);
	return 0;
}

/* A connection that is not open yet. */
static struct aud *new_connection(void)
{
	struct aud *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->fd = a->bell = a->set = a->timer = -1;
	TAILQ_INIT(&a->memories);
	pthread_mutex_init(&a->lock, NULL);
	(void)!getrandom(&a->client_id, sizeof(a->client_id), 0);
	return a;
}

static const struct aud_connect_options default_options = AUD_CONNECT_OPTIONS_INIT;

int aud_connect(struct aud **ret, const char *socket_path, const char *name)
{
	return aud_connect_with(ret, socket_path, name, &default_options);
}

/* For the way back. */
static void remember(struct aud *a, const char *path, const char *name,
		     const struct aud_connect_options *options)
{
	snprintf(a->path, sizeof(a->path), "%s", path);
	snprintf(a->name, sizeof(a->name), "%s", name ? name : "");
	a->reconnect_ms = options->reconnect_ms;
}

int aud_connect_with(struct aud **ret, const char *socket_path, const char *name,
		     const struct aud_connect_options *options)
{
	uint64_t deadline = clock_ns() + CONNECT_LIMIT_S * NS_PER_S;
	struct aud *a __attribute__((cleanup(aud_freep))) = new_connection();
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	int r;

	if (!a)
		return error_set(-ENOMEM, "no memory for a connection");
	r = aud_socket_path(socket_path, path, sizeof(path));
	if (r < 0)
		return r;
	a->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (a->bell < 0)
		return error_set(-errno, "cannot make an eventfd: %m");
	r = link_init(a);
	if (r < 0)
		return r;
	r = socket_connect(path, deadline);
	if (r < 0)
		return r;
	link_follow(a, r);
	remember(a, path, name, options ? options : &default_options);
	r = hello(a, path, name, deadline);
	if (r < 0)
		return r;
	*ret = a;
	a = NULL; /* it is the caller's */
	return 0;
}

void aud_free(struct aud *a)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	if (!a->broken)
		connection_break(a, -ENOTCONN, "the connection was freed");
	pthread_mutex_unlock(&a->lock);
	source_free_all(a);
	request_table_done(&a->requests);
	link_done(a);
	if (a->fd >= 0)
		close(a->fd);
	if (a->bell >= 0)
		close(a->bell);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

int aud_fd(const struct aud *a)
{
	return a->set;
}
