/* SPDX-License-Identifier: MIT */
/*
 * As server.c does it, but for the listener, the service and the threads.
 */
#include "hall.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "must.h"
#include "request.h"
#include "stats.h"

static void on_bell(void *user, struct output *o)
{
	struct hall *h = user;

	sources_serve(&h->hub.sources, o);
}

static void read_settings(struct config *c, const char *text)
{
	int fd = memfd_create("settings", MFD_CLOEXEC);
	char path[32], *error = NULL;

	must(write(fd, text, strlen(text)) == (ssize_t)strlen(text), "no memory file");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	must(config_init(c) == 0, "no settings");
	must(config_read(c, path, true, &error) == 0, "%s", error);
	must(config_finish(c, &error) == 0, "%s", error);
	close(fd);
}

void hall_open(struct hall *h, const char *settings)
{
	struct hub *hub = &h->hub;
	char *error = NULL;

	*h = (struct hall){0};
	must(sd_event_new(&h->event) >= 0, "no event loop");
	read_settings(&h->config, settings);
	hub->event = h->event;
	hub->config = &h->config;
	hub->on_message = request_handle;
	TAILQ_INIT(&hub->conns);
	TAILQ_INIT(&hub->touched);
	must(arena_init(&hub->arena) == 0, "no arena");
	must(outputs_init(&hub->outputs, h->event, &h->config, on_bell, h, &error) >= 0,
	     "%s", error);
	must(sources_init(&hub->sources, h->event, &h->config, &hub->outputs) == 0,
	     "no sources");
}

void hall_close(struct hall *h)
{
	struct hub *hub = &h->hub;

	outputs_stop(&hub->outputs);
	while (!TAILQ_EMPTY(&hub->conns))
		conn_free(TAILQ_FIRST(&hub->conns));
	sources_done(&hub->sources);
	outputs_done(&hub->outputs);
	wire_reader_done(&hub->reader);
	arena_done(&hub->arena);
	config_done(&h->config);
	sd_event_unref(h->event);
}

int hall_join(struct hall *h)
{
	struct creds creds;
	struct conn *conn;
	struct user *user;
	int fds[2];

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0, "no socket");
	must(creds_init(&creds, fds[0]) == 0, "no credentials");
	user = users_get(&h->hub.users, creds.uid);
	must(conn_new(&conn, &h->hub, fds[0], &creds, user) == 0, "no connection");
	user_unref(user);
	return fds[1];
}

bool hall_serve(struct hall *h)
{
	bool any = false;
	struct conn *c;

	while (sd_event_run(h->event, 0) > 0) {
		any = true;
		outputs_flush(&h->hub.outputs);
		while ((c = TAILQ_FIRST(&h->hub.touched))) {
			if (!conn_flush(c))
				conn_free(c);
		}
		outputs_flush(&h->hub.outputs);
	}
	return any;
}

bool hall_is_due(struct output *o, uint64_t now_ns)
{
	const struct player *p = output_player(o);
	uint64_t rings;

	return read(p->bell_player, &rings, sizeof(rings)) > 0 || p->wake_ns <= now_ns;
}

const char *hall_imbalance(const struct source *s, char *buf, size_t size)
{
	Aud__AudioSourceStatus a;
	uint64_t dropped;

	stats_source(s, &a);
	dropped = a.dropped_cleared + a.dropped_closed + a.dropped_refused;
	if (a.pushed == a.heard + a.queued + dropped &&
	    a.queued <= s->queue.shape.limit && a.in_device <= a.queued)
		return NULL;
	snprintf(buf, size,
		 "pushed %" PRIu64 ", heard %" PRIu64 ", queued %" PRIu64
		 " (in the device %" PRIu64 "), dropped %" PRIu64,
		 a.pushed, a.heard, a.queued, a.in_device, dropped);
	return buf;
}
