/* SPDX-License-Identifier: MIT */
/*
 * What is made, in which order, and what every event leaves to be done.
 */
#include "server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listener.h"
#include "log.h"
#include "optional.h"
#include "request.h"

struct server {
	struct hub hub;
	struct listener *listener;
	sd_event_source *after;
	bool told_full;
};

/* ---- clients --------------------------------------------------------------------- */

/* A last word to one that cannot be served. */
static void turn_away(int fd, const char *sentence)
{
	struct wire_writer w = {0};
	Aud__Error error = AUD__ERROR__INIT;
	Aud__Reply r = AUD__REPLY__INIT;
	Aud__Message m = AUD__MESSAGE__INIT;

	SET(&error, code, AUD__ERROR_CODE__LIMIT_REACHED);
	error.message = (char *)sentence;
	SET(&r, async_id, 0);
	r.kind_case = AUD__REPLY__KIND_ERROR;
	r.error = &error;
	m.kind_case = AUD__MESSAGE__KIND_REPLY;
	m.reply = &r;
	if (wire_writer_add(&w, &m.base) == 0)
		wire_writer_flush(&w, fd);
	wire_writer_done(&w);
	close(fd);
}

static void on_client(void *user, int fd)
{
	struct server *s = user;
	uint32_t most = s->hub.config->max_connections;
	struct conn *c;
	int r;

	if (s->hub.num_conns >= most) {
		turn_away(fd, "the daemon has as many connections as it may have");
		if (!s->told_full)
			log_warning("a client was turned away: there are %u connections",
				    most);
		s->told_full = true;
		return;
	}
	s->told_full = false;
	r = conn_new(&c, &s->hub, fd);
	if (r < 0) {
		log_warning("a client was turned away: %s", strerror(-r));
		turn_away(fd, "the daemon has no memory for a connection");
	}
}

/* ---- after each event ------------------------------------------------------------ */

static void on_bell(void *user)
{
	struct server *s = user;

	sources_serve(&s->hub.sources);
}

/* Replies are sent and the player is rung once for all that one event has brought; and
 * what an event has closed is freed when nothing of it is in use any more. */
static int after_event(sd_event_source *source, void *user)
{
	struct server *s = user;
	struct conn *c;

	(void)source;
	output_flush(s->hub.output);
	while ((c = TAILQ_FIRST(&s->hub.touched))) {
		if (!conn_flush(c))
			conn_free(c);
	}
	output_flush(s->hub.output); /* whoever was freed has left sources */
	return 0;
}

/* ---- life ------------------------------------------------------------------------ */

static int make_output(struct server *s, char **ret_error)
{
	struct hub *hub = &s->hub;
	int r = output_new(&hub->output, hub->event, hub->config,
			   config_default_output(hub->config), on_bell, s, ret_error);

	if (r < 0)
		return r;
	return sources_init(&hub->sources, hub->event, hub->config, hub->output);
}

static int start(struct server *s, char **ret_error)
{
	struct hub *hub = &s->hub;
	int r = arena_init(&hub->arena);

	if (r == 0)
		r = make_output(s, ret_error);
	if (r >= 0)
		r = sd_event_add_post(hub->event, &s->after, after_event, s);
	if (r >= 0)
		r = sd_event_source_set_priority(s->after,
						 SD_EVENT_PRIORITY_IMPORTANT - 1);
	if (r >= 0)
		r = listener_new(&s->listener, hub->event, hub->config->socket, on_client,
				 s, ret_error);
	if (r >= 0)
		r = output_start(hub->output, ret_error);
	return r;
}

int server_new(struct server **ret, sd_event *event, const struct config *config,
	       char **ret_error)
{
	struct server *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->hub.event = event;
	s->hub.config = config;
	sd_event_now(event, CLOCK_MONOTONIC, &s->hub.start_us);
	s->hub.on_message = request_handle;
	TAILQ_INIT(&s->hub.conns);
	TAILQ_INIT(&s->hub.touched);
	r = start(s, ret_error);
	if (r < 0)
		server_free(s);
	else
		*ret = s;
	return r;
}

void server_free(struct server *s)
{
	if (!s)
		return;
	if (s->hub.output)
		output_stop(s->hub.output);
	sd_event_source_disable_unref(s->after);
	while (!TAILQ_EMPTY(&s->hub.conns))
		conn_free(TAILQ_FIRST(&s->hub.conns));
	sources_done(&s->hub.sources);
	output_free(s->hub.output);
	listener_free(s->listener);
	wire_reader_done(&s->hub.reader);
	arena_done(&s->hub.arena);
	free(s);
}
