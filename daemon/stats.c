/* SPDX-License-Identifier: MIT */
/*
 * The ledger: pushed = heard + queued + dropped. What the player counts comes from one look
 * at it; the rest, the main thread alone changes.
 */
#include "stats.h"

#include <stdio.h>

#include "optional.h"
#include "wire_format.h"

static void tell_identity(const struct source *s, Aud__AudioSourceStatus *ret)
{
	SET(ret, source_handle, s->id);
	ret->name = (char *)s->name;
	ret->client = (char *)s->client;
	SET(ret, pid, (uint32_t)s->pid);
	SET(ret, uid, s->user->uid);
	SET(ret, sample_rate, s->queue.shape.rate);
	SET(ret, num_channels, s->queue.shape.channels);
	SET(ret, format, wire_format(s->queue.shape.format));
	SET(ret, queue_size_ms, s->queue_ms);
	SET(ret, queue_frames, s->queue.shape.limit);
	SET(ret, state,
	    s->state == SOURCE_LIVE ? AUD__SOURCE_STATE__LIVE
				    : AUD__SOURCE_STATE__ENDING);
	SET(ret, paused, s->paused);
	SET(ret, gain, queue_gain(&s->queue).factor);
	SET(ret, muted, queue_gain(&s->queue).muted);
	ret->layout = (char *)s->layout;
	if (s->queue.writer->speech)
		SET(ret, role, AUD__SOURCE_ROLE__SPEECH);
	SET(ret, own_matrix, s->queue.writer->channels.outputs > 0);
	SET(ret, waiting_captures, s->captures.count);
	SET(ret, attached, s->num_attached);
	SET(ret, linger_ms, s->linger_ms);
	ret->output = (char *)output_config(s->output)->name;
}

void stats_source(const struct source *s, Aud__AudioSourceStatus *ret)
{
	const struct queue_keep *k = s->keep;
	struct source_look look;

	source_look(s, &look);
	*ret = (Aud__AudioSourceStatus)AUD__AUDIO_SOURCE_STATUS__INIT;
	tell_identity(s, ret);
	SET(ret, pushed, source_pushed(s));
	SET(ret, heard, look.heard);
	SET(ret, queued, source_written(s) - look.heard - look.dropped);
	SET(ret, in_device, look.at_device);
	SET(ret, dropped_cleared, look.dropped - k->cut_by_close + k->cleared);
	SET(ret, dropped_closed, k->cut_by_close + k->closed);
	SET(ret, dropped_refused, k->refused);
	SET(ret, silence, look.dry);
	SET(ret, not_finite, k->not_finite);
	SET(ret, played, look.played);
	SET(ret, sounding, look.at_device > 0);
	SET(ret, begins_ns, source_ns(s, look.ahead));
	SET(ret, at_ns, look.report.when_ns);
}

/* ---- outputs --------------------------------------------------------------------- */

static uint64_t load(const _Atomic uint64_t *number)
{
	return atomic_load_explicit(number, memory_order_relaxed);
}

static const char *state_name(enum player_state state)
{
	static const char *const names[] = {
		[PLAYER_CLOSED] = "closed",
		[PLAYER_READY] = "ready",
		[PLAYER_PLAYING] = "playing",
		[PLAYER_LOST] = "lost",
	};

	return names[state];
}

static void tell_device(const struct device *d, Aud__OutputStatus *ret)
{
	const struct device_facts *f = device_facts(d);

	ret->backend = (char *)device_backend(d);
	ret->device = (char *)device_name(d);
	ret->state = (char *)state_name(device_state(d));
	ret->error = (char *)device_error(d);
	if (!device_is_there(d))
		return;
	SET(ret, sample_rate, f->rate);
	SET(ret, num_channels, f->channels);
	ret->format = (char *)f->info.format;
	ret->access = (char *)f->info.access;
	SET(ret, buffer_frames, device_buffer(d));
	SET(ret, margin_frames, device_margin(d));
	SET(ret, period_frames, f->info.period);
	SET(ret, rewinds, f->rewinds);
	SET(ret, guard_frames, f->guard);
	SET(ret, alsa_locks, f->info.alsa_locks);
	SET(ret, significant_bits, f->info.bits);
	SET(ret, dithers, f->dithers);
}

static void tell_scheduling(const struct scheduling *s, Aud__OutputStatus *ret)
{
	ret->scheduling = (char *)scheduling_got(s);
	ret->scheduling_asked = (char *)scheduling_asked(s);
	ret->scheduling_by = (char *)scheduling_by(s);
	SET(ret, realtime, scheduling_is_realtime(s));
}

static void tell_player(struct player *p, struct stats_output *ret)
{
	Aud__OutputStatus *to = &ret->status;
	const struct player_counts *n = &p->counts;
	struct player_report report;
	uint64_t seq;

	do {
		seq = player_look(p);
		player_get_report(p, &report);
	} while (player_moved(p, seq));
	SET(to, dev_fed, report.dev_fed);
	SET(to, dev_played, report.dev_played);
	SET(to, at_ns, report.when_ns);
	SET(to, turns, load(&n->turns));
	SET(to, wakeups, load(&n->wakeups));
	SET(to, xruns, load(&n->xruns));
	SET(to, losses, load(&n->losses));
	SET(to, clipped, load(&n->clipped));
	SET(to, asked_back, load(&n->asked_back));
	SET(to, given_back, load(&n->given_back));
	for (int i = 0; i < PLAYER_LATE_BUCKETS; i++)
		ret->late_us[i] = load(&n->late[i]);
	to->late_us = ret->late_us;
	to->n_late_us = PLAYER_LATE_BUCKETS;
}

void stats_output(struct output *o, const struct config *c, struct stats_output *ret)
{
	*ret = (struct stats_output){.status = AUD__OUTPUT_STATUS__INIT};
	ret->status.name = (char *)output_config(o)->name;
	tell_device(output_device(o), &ret->status);
	tell_scheduling(output_scheduling(o), &ret->status);
	tell_player(output_player(o), ret);
	SET(&ret->status, gain, output_gain(o).factor);
	SET(&ret->status, muted, output_gain(o).muted);
	if (device_is_there(output_device(o)))
		ret->status.layout = (char *)layout_write(
			&device_facts(output_device(o))->layout,
			device_facts(output_device(o))->channels, ret->layout);
	SET(&ret->status, memory_locked, c->memory_is_locked);
}
