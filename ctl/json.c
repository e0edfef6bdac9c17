/* SPDX-License-Identifier: MIT */
/*
 * The library's answers as JSON.
 */
#include "json.h"

#include <errno.h>
#include <string.h>

#include "text.h"

enum {
	PRECISION = 7,   /* digits that a float of the library is good for */
	MAX_TEXT = 1024, /* bytes of an escaped text */
};

struct ledger ledger_of(const struct aud_source_status *status)
{
	return (struct ledger){
		.pushed = status->pushed,
		.heard = status->heard,
		.queued = status->queued,
		.cleared = status->dropped_cleared,
		.refused = status->dropped_refused,
		.closed = status->dropped_closed,
		.silence = status->silence,
	};
}

void ledger_add(struct ledger *sum, const struct ledger *more)
{
	sum->pushed += more->pushed;
	sum->heard += more->heard;
	sum->queued += more->queued;
	sum->cleared += more->cleared;
	sum->refused += more->refused;
	sum->closed += more->closed;
	sum->silence += more->silence;
}

uint64_t ledger_dropped(const struct ledger *ledger)
{
	return ledger->cleared + ledger->refused + ledger->closed;
}

json_t *json_text(const char *s)
{
	json_t *text = json_string(s);
	char safe[MAX_TEXT];

	return text ? text : json_string(text_safe(safe, sizeof(safe), s));
}

void json_add(json_t **object, const char *key, json_t *value)
{
	if (json_object_set_new(*object, key, value)) {
		json_decref(*object);
		*object = NULL;
	}
}

void json_add_count(json_t **object, const char *key, uint64_t count)
{
	json_add(object, key, json_integer((json_int_t)count));
}

void json_append(json_t **array, json_t *value)
{
	if (json_array_append_new(*array, value)) {
		json_decref(*array);
		*array = NULL;
	}
}

static void add_text(json_t **object, const char *key, const char *s)
{
	json_add(object, key, json_text(s));
}

static void add_bool(json_t **object, const char *key, bool value)
{
	json_add(object, key, json_boolean(value));
}

json_t *json_ledger(const struct ledger *ledger)
{
	json_t *object = json_object(), *dropped = json_object();

	json_add_count(&dropped, "cleared", ledger->cleared);
	json_add_count(&dropped, "refused", ledger->refused);
	json_add_count(&dropped, "closed", ledger->closed);

	json_add_count(&object, "pushed", ledger->pushed);
	json_add_count(&object, "heard", ledger->heard);
	json_add_count(&object, "queued", ledger->queued);
	json_add(&object, "dropped", dropped);
	json_add_count(&object, "silence", ledger->silence);
	return object;
}

json_t *json_source(const struct aud_source_status *s)
{
	struct ledger ledger = ledger_of(s);
	json_t *object = json_object();

	json_add_count(&object, "source", s->handle);
	add_text(&object, "name", s->name);
	add_text(&object, "client", s->client);
	json_add_count(&object, "pid", s->pid);
	json_add_count(&object, "uid", s->uid);
	json_add_count(&object, "sample_rate", s->sample_rate);
	json_add_count(&object, "num_channels", s->num_channels);
	add_text(&object, "format", aud_format_name(s->format));
	json_add_count(&object, "queue_size_ms", s->queue_size_ms);
	json_add_count(&object, "queue_frames", s->queue_frames);
	add_bool(&object, "ending", s->ending);
	add_bool(&object, "paused", s->paused);
	add_bool(&object, "sounding", s->sounding);
	json_add(&object, "gain", json_real(s->gain));
	json_add_count(&object, "position", s->played);
	json_add_count(&object, "in_device", s->in_device);
	json_add_count(&object, "waiting_captures", s->waiting_captures);
	json_add_count(&object, "attached", s->attached);
	json_add_count(&object, "linger_ms", s->linger_ms);
	add_bool(&object, "may_control", s->may_control);
	json_add_count(&object, "not_finite", s->not_finite);
	add_text(&object, "output", s->output);
	add_text(&object, "layout", s->layout);
	add_bool(&object, "own_matrix", s->own_matrix);
	add_text(&object, "role", s->role == AUD_ROLE_SPEECH ? "speech" : "");
	add_bool(&object, "muted", s->muted);
	json_add_count(&object, "at_ns", s->at_ns);
	json_add_count(&object, "begins_ns", s->begins_ns);
	json_add(&object, "ledger", json_ledger(&ledger));
	return object;
}

json_t *json_daemon(const struct aud_daemon_status *d)
{
	json_t *object = json_object();

	add_text(&object, "version", d->version);
	json_add_count(&object, "pid", d->pid);
	json_add_count(&object, "uptime_ns", d->uptime_ns);
	json_add_count(&object, "connections", d->connections);
	json_add_count(&object, "sources", d->sources);
	json_add_count(&object, "refused", d->refused);
	json_add_count(&object, "broken", d->broken);
	add_text(&object, "config", d->config);
	json_add_count(&object, "config_age_ns", d->config_age_ns);
	add_text(&object, "config_error", d->config_error);
	return object;
}

static void add_output_counts(json_t **object, const struct aud_output_status *o)
{
	json_t *late = json_array();

	json_add_count(object, "dev_fed", o->dev_fed);
	json_add_count(object, "dev_played", o->dev_played);
	json_add_count(object, "at_ns", o->at_ns);
	json_add_count(object, "turns", o->turns);
	json_add_count(object, "wakeups", o->wakeups);
	json_add_count(object, "xruns", o->xruns);
	json_add_count(object, "margin_frames", o->margin_frames);
	json_add_count(object, "losses", o->losses);
	json_add_count(object, "clipped", o->clipped);
	json_add_count(object, "asked_back", o->asked_back);
	json_add_count(object, "given_back", o->given_back);
	for (size_t i = 0; i < o->num_late_us; i++)
		json_append(&late, json_integer((json_int_t)o->late_us[i]));
	json_add(object, "late_us", late);
}

static json_t *json_output(const struct aud_output_status *o)
{
	json_t *object = json_object();

	add_text(&object, "name", o->name);
	add_bool(&object, "is_default", o->is_default);
	add_text(&object, "backend", o->backend);
	add_text(&object, "device", o->device);
	add_text(&object, "state", o->state);
	add_text(&object, "error", o->error);
	json_add_count(&object, "sample_rate", o->sample_rate);
	json_add_count(&object, "num_channels", o->num_channels);
	add_text(&object, "format", o->format);
	add_text(&object, "access", o->access);
	json_add_count(&object, "buffer_frames", o->buffer_frames);
	json_add_count(&object, "period_frames", o->period_frames);
	add_bool(&object, "rewinds", o->rewinds);
	json_add_count(&object, "guard_frames", o->guard_frames);
	add_text(&object, "scheduling", o->scheduling);
	add_text(&object, "scheduling_asked", o->scheduling_asked);
	add_text(&object, "scheduling_by", o->scheduling_by);
	add_bool(&object, "realtime", o->realtime);
	add_bool(&object, "memory_locked", o->memory_locked);
	add_bool(&object, "alsa_locks", o->alsa_locks);
	json_add_count(&object, "significant_bits", o->significant_bits);
	add_bool(&object, "dithers", o->dithers);
	json_add(&object, "gain", json_real(o->gain));
	add_bool(&object, "muted", o->muted);
	add_text(&object, "layout", o->layout);
	add_output_counts(&object, o);
	return object;
}

json_t *json_outputs(const struct aud_daemon_status *status)
{
	json_t *array = json_array();

	for (size_t i = 0; i < status->num_outputs; i++)
		json_append(&array, json_output(&status->outputs[i]));
	return array;
}

int json_print(const struct ctl *ctl, json_t *root)
{
	if (!root) {
		ctl_error(ctl, "%s", strerror(ENOMEM));
		return CTL_REFUSED;
	}
	json_dumpf(root, stdout, JSON_REAL_PRECISION(PRECISION));
	putchar('\n');
	json_decref(root);
	return CTL_DONE;
}
