/* SPDX-License-Identifier: MIT */
/*
 * Statuses out of protobuf. A status is filled in twice: first into nowhere, to learn how
 * much memory all that it points at needs, then into the block that has this size.
 */
#include <stdlib.h>
#include <string.h>

#include "status.h"

/* The memory behind the structs in a block; at is NULL while it is only measured. */
struct tail {
	uint8_t *at;
	size_t size; /* bytes used so far */
};

/* NULL while measuring. */
static void *tail_take(struct tail *t, size_t size)
{
	uint8_t *taken = t->at ? t->at + t->size : NULL;

	t->size += (size + 7) / 8 * 8; /* what follows may be numbers */
	return taken;
}

static const void *tail_copy(struct tail *t, const void *src, size_t size)
{
	void *dst = tail_take(t, size);

	if (dst && size > 0)
		memcpy(dst, src, size);
	return dst;
}

static const char *tail_string(struct tail *t, const char *s)
{
	if (!s)
		s = "";
	return tail_copy(t, s, strlen(s) + 1);
}

static void fill_source(struct aud_source_status *out, const Aud__AudioSourceStatus *in,
			struct tail *t)
{
	*out = (struct aud_source_status){
		.handle = in->source_handle,
		.name = tail_string(t, in->name),
		.client = tail_string(t, in->client),
		.pid = in->pid,
		.uid = in->uid,
		.sample_rate = in->sample_rate,
		.num_channels = in->num_channels,
		.format = (enum aud_format)in->format,
		.queue_size_ms = in->queue_size_ms,
		.queue_frames = in->queue_frames,
		.ending = in->state == AUD__SOURCE_STATE__ENDING,
		.paused = in->paused,
		.gain = in->gain,
		.pushed = in->pushed,
		.heard = in->heard,
		.queued = in->queued,
		.in_device = in->in_device,
		.dropped_cleared = in->dropped_cleared,
		.dropped_closed = in->dropped_closed,
		.dropped_refused = in->dropped_refused,
		.silence = in->silence,
		.played = in->played,
		.sounding = in->sounding,
		.at_ns = in->at_ns,
		.begins_ns = in->begins_ns,
		.waiting_captures = in->waiting_captures,
		.attached = in->attached,
		.linger_ms = in->linger_ms,
		.may_control = in->may_control,
		.not_finite = in->not_finite,
		.output = tail_string(t, in->output),
		.layout = tail_string(t, in->layout),
		.own_matrix = in->own_matrix,
		.role = (enum aud_role)in->role,
		.muted = in->muted,
	};
}

static void fill_output(struct aud_output_status *out, const Aud__OutputStatus *in,
			struct tail *t)
{
	*out = (struct aud_output_status){
		.name = tail_string(t, in->name),
		.backend = tail_string(t, in->backend),
		.device = tail_string(t, in->device),
		.state = tail_string(t, in->state),
		.error = tail_string(t, in->error),
		.format = tail_string(t, in->format),
		.access = tail_string(t, in->access),
		.scheduling = tail_string(t, in->scheduling),
		.scheduling_asked = tail_string(t, in->scheduling_asked),
		.scheduling_by = tail_string(t, in->scheduling_by),
		.sample_rate = in->sample_rate,
		.num_channels = in->num_channels,
		.buffer_frames = in->buffer_frames,
		.period_frames = in->period_frames,
		.guard_frames = in->guard_frames,
		.rewinds = in->rewinds,
		.realtime = in->realtime,
		.memory_locked = in->memory_locked,
		.alsa_locks = in->alsa_locks,
		.is_default = in->is_default,
		.significant_bits = in->significant_bits,
		.dithers = in->dithers,
		.dev_fed = in->dev_fed,
		.dev_played = in->dev_played,
		.at_ns = in->at_ns,
		.turns = in->turns,
		.wakeups = in->wakeups,
		.xruns = in->xruns,
		.margin_frames = in->margin_frames,
		.losses = in->losses,
		.clipped = in->clipped,
		.asked_back = in->asked_back,
		.given_back = in->given_back,
		.late_us = tail_copy(t, in->late_us, in->n_late_us * sizeof(uint64_t)),
		.num_late_us = in->n_late_us,
		.gain = in->gain,
		.muted = in->muted,
		.layout = tail_string(t, in->layout),
	};
}

static void fill_daemon(struct aud_daemon_status *out, const Aud__DaemonStatus *in,
			struct tail *t)
{
	size_t size = in->n_outputs * sizeof(struct aud_output_status);
	struct aud_output_status *outputs = tail_take(t, size), nowhere;

	for (size_t i = 0; i < in->n_outputs; i++)
		fill_output(outputs ? &outputs[i] : &nowhere, in->outputs[i], t);
	*out = (struct aud_daemon_status){
		.version = tail_string(t, in->version),
		.pid = in->pid,
		.uptime_ns = in->uptime_ns,
		.connections = in->connections,
		.sources = in->sources,
		.refused = in->refused,
		.broken = in->broken,
		.config = tail_string(t, in->config),
		.config_age_ns = in->config_age_ns,
		.config_error = tail_string(t, in->config_error),
		.outputs = outputs,
		.num_outputs = in->n_outputs,
	};
}

struct aud_source_status *status_new(Aud__AudioSourceStatus *const *in, size_t n)
{
	size_t size = n * sizeof(struct aud_source_status);
	struct aud_source_status *out, nowhere;
	struct tail tail = {0};

	for (size_t i = 0; i < n; i++)
		fill_source(&nowhere, in[i], &tail);
	out = malloc(size + tail.size + 1); /* not 0, even for none */
	if (!out)
		return NULL;
	tail = (struct tail){.at = (uint8_t *)out + size};
	for (size_t i = 0; i < n; i++)
		fill_source(&out[i], in[i], &tail);
	return out;
}

struct aud_daemon_status *status_new_daemon(const Aud__DaemonStatus *in)
{
	struct aud_daemon_status *out, nowhere;
	struct tail tail = {0};

	fill_daemon(&nowhere, in, &tail);
	out = malloc(sizeof(*out) + tail.size);
	if (!out)
		return NULL;
	tail = (struct tail){.at = (uint8_t *)(out + 1)};
	fill_daemon(out, in, &tail);
	return out;
}
