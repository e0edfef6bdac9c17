/* SPDX-License-Identifier: MIT */
/*
 * The verbs that show things: list and status.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "level.h"
#include "sources.h"
#include "text.h"
#include "verbs.h"

enum { MAX_CELL = 256 }; /* bytes */

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void print_cell(const char *s, int width)
{
	printf("%s%*s  ", s, width - text_width(s), "");
}

static int max(int a, int b)
{
	return a > b ? a : b;
}

/* ---- sources ----------------------------------------------------------------------- */

/* Returned by value, to be used in a printf. */
struct state {
	char s[160];
};

static const char *doing(const struct aud_source_status *s)
{
	if (s->paused)
		return "paused";
	if (s->sounding)
		return "playing";
	return s->queued ? "waiting" : "idle";
}

/* Who is attached is worth a word where it is not just the client. */
static struct state state_of(const struct aud_source_status *s)
{
	struct state state;
	char what[96];

	snprintf(what, sizeof(what), "%s%s%s", doing(s),
		 level_unusual(s->gain, s->muted).s,
		 s->role == AUD_ROLE_SPEECH ? ", speech" : "");

	if (s->ending)
		snprintf(state.s, sizeof(state.s), "%s, ending", what);
	else if (s->attached > 1)
		snprintf(state.s, sizeof(state.s), "%s, %" PRIu32 " attached", what,
			 s->attached);
	else if (!s->attached && s->linger_ms)
		snprintf(state.s, sizeof(state.s), "%s, lingers %s s", what,
			 text_seconds(s->linger_ms, 1000).s);
	else
		snprintf(state.s, sizeof(state.s), "%s", what);
	return state;
}

static void print_list(const struct sources *sources)
{
	char handle[24], name[MAX_CELL], client[MAX_CELL], output[MAX_CELL];
	int handle_width = 6, name_width = 4, client_width = 6, output_width = 6;

	if (!sources->num_chosen) {
		puts("no sources");
		return;
	}
	for (size_t i = 0; i < sources->num_chosen; i++) {
		const struct aud_source_status *s = sources->chosen[i];

		snprintf(handle, sizeof(handle), "%" PRIu64, s->handle);
		handle_width = max(handle_width, text_width(handle));
		text_safe(name, sizeof(name), s->name);
		text_safe(client, sizeof(client), s->client);
		name_width = max(name_width, text_width(name));
		client_width = max(client_width, text_width(client));
		text_safe(output, sizeof(output), s->output);
		output_width = max(output_width, text_width(output));
	}
	print_cell("SOURCE", handle_width);
	print_cell("NAME", name_width);
	print_cell("CLIENT", client_width);
	printf("%-7s  %-6s  %-8s  %-6s  ", "PID", "RATE", "CHANNELS", "FORMAT");
	print_cell("OUTPUT", output_width);
	puts("STATE");
	for (size_t i = 0; i < sources->num_chosen; i++) {
		const struct aud_source_status *s = sources->chosen[i];

		snprintf(handle, sizeof(handle), "%" PRIu64, s->handle);
		print_cell(handle, handle_width);
		print_cell(text_safe(name, sizeof(name), s->name), name_width);
		print_cell(text_safe(client, sizeof(client), s->client), client_width);
		printf("%-7" PRIu32 "  %-6" PRIu32 "  %-8" PRIu32 "  %-6s  ", s->pid,
		       s->sample_rate, s->num_channels, aud_format_name(s->format));
		print_cell(text_safe(output, sizeof(output), s->output), output_width);
		puts(state_of(s).s);
	}
}

static void print_sources(const struct sources *sources)
{
	int label_width = 0, state_width = 0;

	for (size_t i = 0; i < sources->num_chosen; i++) {
		const struct aud_source_status *s = sources->chosen[i];

		label_width =
			max(label_width, text_width(source_label(s->handle, s->name).s));
		state_width = max(state_width, text_width(state_of(s).s));
	}
	for (size_t i = 0; i < sources->num_chosen; i++) {
		const struct aud_source_status *s = sources->chosen[i];
		struct ledger ledger = ledger_of(s);

		print_cell(source_label(s->handle, s->name).s, label_width);
		print_cell(state_of(s).s, state_width);
		printf("heard %s s  queued %s s  dropped %s s\n",
		       text_seconds(ledger.heard, s->sample_rate).s,
		       text_seconds(ledger.queued, s->sample_rate).s,
		       text_seconds(ledger_dropped(&ledger), s->sample_rate).s);
	}
}

static json_t *json_sources(const struct sources *sources)
{
	json_t *array = json_array();

	for (size_t i = 0; i < sources->num_chosen; i++)
		json_append(&array, json_source(sources->chosen[i]));
	return array;
}

int verb_list(struct ctl *ctl)
{
	struct sources sources = {0};
	int status;

	status = ctl_connect(ctl);
	if (status)
		return status;
	status = sources_choose(&sources, ctl, NULL, 0, SOURCES_ALL);
	if (!status && ctl->options.json)
		status = json_print(ctl, json_sources(&sources));
	else if (!status)
		print_list(&sources);
	sources_done(&sources);
	return status;
}

/* ---- the daemon -------------------------------------------------------------------- */

static void print_shape(const struct aud_output_status *o)
{
	double ms = o->sample_rate / 1000.0; /* frames in one */
	char layout[MAX_CELL];

	printf(", %" PRIu32 " Hz, %" PRIu32 " channel%s", o->sample_rate, o->num_channels,
	       plural(o->num_channels));
	if (o->num_channels > 2) /* or it goes without saying */
		printf(" (%s)", text_safe(layout, sizeof(layout), o->layout));
	printf(", %s, %s, buffer %.0f ms", o->format, o->access, o->buffer_frames / ms);
	if (o->margin_frames)
		printf(", filled %.0f ms early", o->margin_frames / ms);
	if (o->rewinds)
		printf(", rewinds (guard %.1f ms)", o->guard_frames / ms);
	else
		printf(", does not rewind");
}

/* How many wake-ups by the clock were how late; nothing if there were none. */
static void print_lateness(const struct aud_output_status *o)
{
	static const char *const bounds[] = {"< 50 us",  "< 100 us", "< 200 us",
					     "< 500 us", "< 1 ms",   "< 2 ms",
					     "< 5 ms",   ">= 5 ms"};
	const char *before = "  wake-ups late by ";

	for (size_t i = 0; i < o->num_late_us && i < sizeof(bounds) / sizeof(bounds[0]);
	     i++) {
		if (o->late_us[i] == 0)
			continue;
		printf("%s%s: %" PRIu64, before, bounds[i], o->late_us[i]);
		before = ", ";
	}
	if (*before == ',')
		printf("\n");
}

static void print_output(const struct aud_output_status *o, bool alone)
{
	char name[MAX_CELL], device[MAX_CELL], error[MAX_CELL];

	printf("output %s%s: %s", text_safe(name, sizeof(name), o->name),
	       o->is_default && !alone ? " (default)" : "", o->state);
	if (*o->device)
		printf(" on %s", text_safe(device, sizeof(device), o->device));
	else
		printf(" on %s", o->backend);
	if (o->sample_rate)
		print_shape(o);
	printf("%s, %s %s", level_unusual(o->gain, o->muted).s,
	       o->realtime ? "realtime" : "not realtime:", o->scheduling);
	if (strcmp(o->scheduling, o->scheduling_asked))
		printf(" (asked: %s)", o->scheduling_asked);
	printf(", %" PRIu64 " xrun%s", o->xruns, plural(o->xruns));
	if (o->losses)
		printf(", lost %" PRIu64 " time%s", o->losses, plural(o->losses));
	if (o->clipped)
		printf(", %" PRIu64 " sample%s clipped", o->clipped, plural(o->clipped));
	if (*o->error)
		printf("; %s", text_safe(error, sizeof(error), o->error));
	printf("\n");
	print_lateness(o);
}

static void print_outputs(const struct aud_daemon_status *d)
{
	for (size_t i = 0; i < d->num_outputs; i++)
		print_output(&d->outputs[i], d->num_outputs == 1);
}

static void print_config(const struct aud_daemon_status *d)
{
	char text[512];

	printf("settings: %s, taken over %s ago\n",
	       *d->config ? text_safe(text, sizeof(text), d->config) : "the defaults",
	       text_long(d->config_age_ns).s);
	if (*d->config_error)
		printf("settings: newer ones were refused: %s\n",
		       text_safe(text, sizeof(text), d->config_error));
}

static void print_daemon(const struct aud_daemon_status *d)
{
	printf("audd %s: pid %" PRIu32 ", up %s, %" PRIu32 " connection%s, %" PRIu32
	       " source%s, %" PRIu64 " request%s refused, %" PRIu64
	       " connection%s broken\n",
	       d->version, d->pid, text_long(d->uptime_ns).s, d->connections,
	       plural(d->connections), d->sources, plural(d->sources), d->refused,
	       plural(d->refused), d->broken, plural(d->broken));
	print_config(d);
	print_outputs(d);
}

/* daemon NULL: only the sources were asked for. */
static int show_status(const struct ctl *ctl, const struct aud_daemon_status *daemon,
		       const struct sources *sources)
{
	json_t *object;

	if (!ctl->options.json) {
		if (daemon)
			print_daemon(daemon);
		print_sources(sources);
		return CTL_DONE;
	}
	object = json_object();
	if (daemon) {
		json_add(&object, "daemon", json_daemon(daemon));
		json_add(&object, "outputs", json_outputs(daemon));
	}
	json_add(&object, "sources", json_sources(sources));
	return json_print(ctl, object);
}

int verb_status(struct ctl *ctl)
{
	struct aud_daemon_status *daemon = NULL;
	struct sources sources = {0};
	int status, r = 0;

	status = ctl_connect(ctl);
	if (status)
		return status;
	if (!ctl->num_operands)
		r = aud_daemon_status(ctl->aud, &daemon);
	if (r < 0)
		status = ctl_failed(ctl, r);
	if (!status)
		status = sources_choose(&sources, ctl, ctl->operands, ctl->num_operands,
					SOURCES_ALL);
	if (!status)
		status = show_status(ctl, daemon, &sources);
	aud_daemon_status_free(daemon);
	sources_done(&sources);
	return status;
}

int verb_outputs(struct ctl *ctl)
{
	struct aud_daemon_status *daemon;
	int status, r;

	status = ctl_connect(ctl);
	if (status)
		return status;
	r = aud_daemon_status(ctl->aud, &daemon);
	if (r < 0)
		return ctl_failed(ctl, r);
	if (ctl->options.json)
		status = json_print(ctl, json_outputs(daemon));
	else
		print_outputs(daemon);
	aud_daemon_status_free(daemon);
	return status;
}
