/* SPDX-License-Identifier: MIT */
/*
 * The verb mark: sets a mark in a source and waits for what becomes of it.
 */
#include <inttypes.h>

#include "event.h"
#include "json.h"
#include "sources.h"
#include "text.h"
#include "verbs.h"

struct mark {
	struct aud_source *source;
	uint64_t id;
	bool over;
	struct aud_event event; /* what became of it, when it is over */
};

static void mark_happened(const struct aud_event *event, void *user)
{
	struct mark *m = user;

	if (event->kind != AUD_EVENT_MARK_HEARD && event->kind != AUD_EVENT_MARK_DROPPED)
		return;
	if (event->source != aud_source_handle(m->source) || event->mark_id != m->id)
		return;
	m->event = *event;
	m->over = true;
}

/* Until it is over. Negative errno: it cannot be set, or nobody will know. */
static int mark_wait(struct mark *m, struct aud *aud, uint64_t position)
{
	int r;

	aud_set_event_handler(aud, mark_happened, m);
	r = aud_source_set_mark(m->source, m->id, position, NULL);
	while (!m->over && r >= 0)
		r = aud_wait(aud, -1);
	aud_set_event_handler(aud, NULL, NULL);
	return m->over ? 0 : r;
}

static int mark_tell(const struct ctl *ctl, const struct mark *m,
		     const struct aud_source_status *on)
{
	struct event_source source = event_source(on);
	bool dropped = m->event.kind == AUD_EVENT_MARK_DROPPED;
	int status = CTL_DONE;

	if (ctl->options.json)
		status = json_print(ctl, event_json(&m->event, &source));
	else if (!dropped && !ctl->options.quiet)
		event_say(&m->event, &source);
	if (!dropped)
		return status;
	ctl_error(ctl,
		  "%s: mark %" PRIu64 " at %s s (frame %" PRIu64
		  ") was dropped and will not be heard",
		  source_label(on->handle, on->name).s, m->id,
		  text_seconds(m->event.position, on->sample_rate).s, m->event.position);
	return CTL_REFUSED;
}

static int mark_one(struct ctl *ctl, const struct aud_source_status *on)
{
	struct mark m = {.id = ctl->options.id};
	int r;

	r = aud_source_by_handle(ctl->aud, &m.source, on->handle);
	if (r >= 0)
		r = mark_wait(&m, ctl->aud, ctl->options.at);
	if (r < 0)
		return ctl_failed(ctl, r);
	return mark_tell(ctl, &m, on);
}

int verb_mark(struct ctl *ctl)
{
	struct sources sources = {0};
	int status;

	if (ctl->num_operands > 1)
		return ctl_usage(ctl, "'%s' is one operand too many", ctl->operands[1]);
	status = ctl_connect(ctl);
	if (status)
		return status;
	status = sources_choose(&sources, ctl, ctl->operands, 1, SOURCES_OWN);
	if (!status && sources.num_chosen > 1) {
		ctl_error(ctl, "%zu sources are named '%s'; say which by its handle",
			  sources.num_chosen, ctl->operands[0]);
		status = CTL_REFUSED;
	}
	if (!status)
		status = mark_one(ctl, sources.chosen[0]);
	sources_done(&sources);
	return status;
}
