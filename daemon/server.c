/* SPDX-License-Identifier: MIT */
/*
 * What is made, in which order, and what every event leaves to be done.
 */
#include "server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adopt.h"
#include "files.h"
#include "listener.h"
#include "log.h"
#include "minute.h"
#include "optional.h"
#include "request.h"
#include "service.h"
#include "text.h"

struct server {
	struct hub hub;
	struct listener *listener;
	struct service *service;
	struct minute *minute;
	sd_event_source *after;
	bool told_full;
};

/* ---- clients --------------------------------------------------------------------- */

/* A last word to one that cannot be served. */
static void turn_away(int fd, Aud__ErrorCode code, const char *sentence)
{
	struct wire_writer w = {0};
	Aud__Error error = AUD__ERROR__INIT;
	Aud__Reply r = AUD__REPLY__INIT;
	Aud__Message m = AUD__MESSAGE__INIT;

	SET(&error, code, code);
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

static void turn_away_full(int fd, const char *who, uint32_t number, const char *key,
			   bool *told)
{
	char sentence[160];

	snprintf(sentence, sizeof(sentence),
		 "%s has %u connections, and may have no more (daemon.%s): "
		 "the new one is closed",
		 who, number, key);
	turn_away(fd, AUD__ERROR_CODE__LIMIT_REACHED, sentence);
	if (!*told)
		log_about(LEVEL_WARNING, ABOUT(.event = EVENT_CLIENT_TURNED_AWAY),
			  "a client was turned away: %s", sentence);
	*told = true;
}

/* Whether there may be one more. */
static bool check_room(struct server *s, struct user *user, int fd)
{
	const struct config *config = s->hub.config;
	char who[32];

	snprintf(who, sizeof(who), "user %u", user->uid);
	if (s->hub.num_conns >= config->max_connections) {
		turn_away_full(fd, "the daemon", s->hub.num_conns, "max_connections",
			       &s->told_full);
		return false;
	}
	s->told_full = false;
	if (user->connections >= config->max_connections_per_user) {
		turn_away_full(fd, who, user->connections, "max_connections_per_user",
			       &user->told_full);
		return false;
	}
	user->told_full = false;
	return true;
}

static void on_client(void *data, int fd)
{
	struct server *s = data;
	struct user *user = NULL;
	struct creds creds = {0};
	struct conn *c;
	int r = creds_init(&creds, fd);

	if (r == 0) {
		user = users_get(&s->hub.users, creds.uid);
		r = user ? 0 : -ENOMEM;
	}
	if (r == 0 && !check_room(s, user, fd)) {
		creds_done(&creds);
		user_unref(user);
		return;
	}
	if (r == 0)
		r = conn_new(&c, &s->hub, fd, &creds, user);
	if (r < 0) {
		log_about(LEVEL_WARNING, ABOUT(.event = EVENT_CLIENT_TURNED_AWAY),
			  "a client was turned away: %s", strerror(-r));
		turn_away(fd, AUD__ERROR_CODE__NO_MEMORY,
			  "the daemon has no memory for a connection");
		creds_done(&creds);
	}
	if (user)
		user_unref(user);
}

/* ---- after each event ------------------------------------------------------------ */

static void on_bell(void *user, struct output *o)
{
	struct server *s = user;

	sources_serve(&s->hub.sources, o);
}

/* Replies are sent and the player is rung once for all that one event has brought; and
 * what an event has closed is freed when nothing of it is in use any more. */
static int after_event(sd_event_source *source, void *user)
{
	struct server *s = user;
	struct conn *c;

	(void)source;
	outputs_flush(&s->hub.outputs);
	while ((c = TAILQ_FIRST(&s->hub.touched))) {
		if (!conn_flush(c))
			conn_free(c);
	}
	outputs_flush(&s->hub.outputs); /* whoever was freed has left sources */
	service_touch(s->service);
	return 0;
}

/* ---- life ------------------------------------------------------------------------ */

static int make_outputs(struct server *s, char **ret_error)
{
	struct hub *hub = &s->hub;
	int r = outputs_init(&hub->outputs, hub->event, hub->config, on_bell, s,
			     ret_error);

	if (r < 0)
		return r;
	return sources_init(&hub->sources, hub->event, hub->config, &hub->outputs);
}

static void follow_admins(struct server *s)
{
	const char *group = s->hub.config->admin_group;
	char shown[64];

	if (policy_set_admins(&s->hub.policy, group) < 0)
		log_warning("daemon.admin_group: there is no group '%s'; only root and "
			    "the daemon's user control everything",
			    text_escape(shown, sizeof(shown), group));
}

/* What of the settings is kept elsewhere. */
static void follow_config(struct server *s)
{
	const struct config *c = s->hub.config;
	uint32_t missing = files_allow(c->max_connections, c->max_sources);

	log_set_level(c->log_level);
	follow_admins(s);
	if (missing > 0)
		log_warning("the limit of open files is too low by %u for all of "
			    "daemon.max_connections and daemon.max_sources; when it is "
			    "reached, clients and sources are turned away",
			    missing);
}

/* What has no moment of its own. */
static void minute_has_come(void *user)
{
	struct server *s = user;

	outputs_check(&s->hub.outputs);
	log_settle();
}

static int start(struct server *s, const char *socket, char **ret_error)
{
	struct hub *hub = &s->hub;
	int r = arena_init(&hub->arena);

	follow_config(s);
	if (r == 0)
		r = make_outputs(s, ret_error);
	if (r >= 0)
		r = sd_event_add_post(hub->event, &s->after, after_event, s);
	if (r >= 0)
		r = sd_event_source_set_priority(s->after,
						 SD_EVENT_PRIORITY_IMPORTANT - 1);
	if (r >= 0)
		r = listener_new(&s->listener, hub->event, socket,
				 hub->config->socket_group, on_client, s, ret_error);
	if (r >= 0)
		r = adopt_all(&hub->sources, &hub->users);
	ids_begin(&hub->sources.ids);
	if (r >= 0)
		r = outputs_start(&hub->outputs, ret_error);
	if (r >= 0)
		r = service_new(&s->service, hub);
	if (r >= 0)
		r = minute_new(&s->minute, hub->event, minute_has_come, s);
	return r;
}

int server_new(struct server **ret, sd_event *event, const struct config *config,
	       const char *socket, char **ret_error)
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
	s->hub.config_us = s->hub.start_us;
	r = start(s, socket, ret_error);
	if (r < 0)
		server_free(s);
	else
		*ret = s;
	return r;
}

/* ---- settings that change -------------------------------------------------------- */

static char sentence_is_missing[] = "there was no memory to keep why; the log says it";

/* NULL: all is well. */
static void set_config_error(struct hub *hub, const char *error)
{
	if (hub->config_error != sentence_is_missing)
		free(hub->config_error);
	hub->config_error = error ? strdup(error) : NULL;
	if (error && !hub->config_error)
		hub->config_error = sentence_is_missing;
}

void server_follow(struct server *s, const struct config_change *change)
{
	struct hub *hub = &s->hub;

	follow_config(s);
	outputs_follow(&hub->outputs, hub->config, change);
	sd_event_now(hub->event, CLOCK_MONOTONIC, &hub->config_us);
	set_config_error(hub, NULL);
	log_about(LEVEL_NOTICE, ABOUT(.event = EVENT_RELOADED),
		  "the settings are read again");
	if (*change->waits)
		log_about(LEVEL_NOTICE, ABOUT(.event = EVENT_RELOADED),
			  "what has changed in them, and waits for a restart: %s",
			  change->waits);
}

void server_refuse(struct server *s, const char *error)
{
	set_config_error(&s->hub, error);
	log_about(LEVEL_ERROR, ABOUT(.event = EVENT_RELOAD_REFUSED),
		  "%s; the settings stay as they were", error);
}

void server_free(struct server *s)
{
	if (!s)
		return;
	minute_free(s->minute);
	service_free(s->service);
	s->service = NULL;
	outputs_stop(&s->hub.outputs);
	sd_event_source_disable_unref(s->after);
	/* Before their clients: that we go is no reason for a source to end. */
	sources_done(&s->hub.sources);
	while (!TAILQ_EMPTY(&s->hub.conns))
		conn_free(TAILQ_FIRST(&s->hub.conns));
	outputs_done(&s->hub.outputs);
	listener_free(s->listener);
	wire_reader_done(&s->hub.reader);
	arena_done(&s->hub.arena);
	set_config_error(&s->hub, NULL);
	free(s);
}
