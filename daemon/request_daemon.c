/* SPDX-License-Identifier: MIT */
/*
 * Requests to the daemon as a whole: hello, the list of sources, its status.
 */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "optional.h"
#include "request_parts.h"

enum { LIST_BYTES_MAX = WIRE_MAX_MESSAGE - 1024 };

int do_hello(struct conn *c, const Aud__Request *r, struct answer *out)
{
	const Aud__Hello *in = r->hello;
	Aud__HelloReply *body = &out->body.hello;
	int error;

	if (c->state != CONN_NEW)
		return refuse(out, AUD__ERROR_CODE__WRONG_PROTOCOL,
			      "hello was said before");
	if (in->version != AUD__VERSION__PROTOCOL_VERSION)
		return refuse(
			out, AUD__ERROR_CODE__WRONG_PROTOCOL,
			"this daemon speaks version %d of the protocol, not %" PRIu32,
			AUD__VERSION__PROTOCOL_VERSION, in->version);
	error = refuse_bad_name(out, "the client's name", in->name);
	if (error < 0)
		return error;

	snprintf(c->name, sizeof(c->name), "%s", in->name ? in->name : "");
	c->client_id = in->client_id;
	c->state = CONN_READY;
	*body = (Aud__HelloReply)AUD__HELLO_REPLY__INIT;
	SET(body, version, AUD__VERSION__PROTOCOL_VERSION);
	body->server = (char *)"audd " AUD_VERSION;
	SET(body, max_message, WIRE_MAX_MESSAGE);
	out->reply.kind_case = AUD__REPLY__KIND_HELLO;
	out->reply.hello = body;
	return 0;
}

bool may_control(const struct conn *c, const struct source *s)
{
	return policy_may_control(&c->hub->policy, &c->creds, s->user->uid);
}

/* All of them, whosever they are: tokens and marks are not in it. -1: no memory. */
static int fill_list(struct conn *c, Aud__ListAudioSourcesReply *ret)
{
	struct sources *set = &c->hub->sources;
	struct arena *a = &c->hub->arena;
	Aud__AudioSourceStatus *all = arena_alloc(a, set->num * sizeof(*all));

	ret->sources = arena_alloc(a, set->num * sizeof(*ret->sources));
	if (!all || !ret->sources)
		return -1;
	for (uint32_t i = 0; i < set->num; i++) {
		const struct source *s = set->items[i];

		if (s->state == SOURCE_GONE)
			continue;
		stats_source(s, all);
		SET(all, may_control, may_control(c, s));
		ret->sources[ret->n_sources++] = all++;
	}
	return 0;
}

int do_list_audio_sources(struct conn *c, const Aud__Request *r, struct answer *out)
{
	Aud__ListAudioSourcesReply *body = &out->body.list;

	(void)r;
	*body = (Aud__ListAudioSourcesReply)AUD__LIST_AUDIO_SOURCES_REPLY__INIT;
	if (fill_list(c, body) < 0)
		return refuse(out, AUD__ERROR_CODE__NO_MEMORY, "no memory for the list");
	if (protobuf_c_message_get_packed_size(&body->base) > LIST_BYTES_MAX)
		return refuse(out, AUD__ERROR_CODE__LIMIT_REACHED,
			      "%zu sources do not fit into one message", body->n_sources);
	out->reply.kind_case = AUD__REPLY__KIND_LIST_AUDIO_SOURCES;
	out->reply.list_audio_sources = body;
	return 0;
}

/* -1: no memory. */
static int fill_outputs(struct hub *hub, Aud__DaemonStatus *ret)
{
	const struct outputs *set = &hub->outputs;
	struct stats_output *all = arena_alloc(&hub->arena, set->num * sizeof(*all));

	ret->outputs = arena_alloc(&hub->arena, set->num * sizeof(*ret->outputs));
	if (!all || !ret->outputs)
		return -1;
	for (uint32_t i = 0; i < set->num; i++) {
		stats_output(set->items[i], hub->config, &all[i]);
		SET(&all[i].status, is_default, set->items[i] == set->standard);
		ret->outputs[ret->n_outputs++] = &all[i].status;
	}
	return 0;
}

int do_get_daemon_status(struct conn *c, const Aud__Request *r, struct answer *out)
{
	struct hub *hub = c->hub;
	Aud__DaemonStatus *body = &out->body.daemon;
	uint64_t now_us = hub->start_us;

	(void)r;
	sd_event_now(hub->event, CLOCK_MONOTONIC, &now_us);
	*body = (Aud__DaemonStatus)AUD__DAEMON_STATUS__INIT;
	body->version = (char *)AUD_VERSION;
	SET(body, pid, (uint32_t)getpid());
	SET(body, uptime_ns, (now_us - hub->start_us) * 1000);
	SET(body, connections, hub->num_conns);
	SET(body, sources, hub->sources.num);
	SET(body, refused, hub->refused);
	SET(body, broken, hub->broken);
	body->config = hub->config->path;
	body->config_error = hub->config_error;
	SET(body, config_age_ns, (now_us - hub->config_us) * 1000);

	if (fill_outputs(hub, body) < 0)
		return refuse(out, AUD__ERROR_CODE__NO_MEMORY,
			      "no memory for the status");
	out->reply.kind_case = AUD__REPLY__KIND_GET_DAEMON_STATUS;
	out->reply.get_daemon_status = body;
	return 0;
}
