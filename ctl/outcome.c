/* SPDX-License-Identifier: MIT */
/*
 * What became of all that was played.
 */
#include "outcome.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "text.h"

void outcome_init(struct outcome *o)
{
	*o = (struct outcome){.sources = json_array()};
}

void outcome_done(struct outcome *o)
{
	json_decref(o->sources);
	o->sources = NULL;
}

static json_t *stream_json(const struct stream *s, const struct input *in)
{
	json_t *object = json_object();

	json_add_count(&object, "source", aud_source_handle(s->source));
	json_add_count(&object, "sample_rate", in->rate);
	json_add_count(&object, "num_channels", in->channels);
	json_add(&object, "format", json_string(aud_format_name(in->format)));
	json_add(&object, "ledger", json_ledger(&s->report.ledger));
	return object;
}

void outcome_add(struct outcome *o, const struct stream *s, const struct input *in,
		 bool known)
{
	const struct ledger *ledger = &s->report.ledger;

	o->streams++;
	o->unknown += !known;
	ledger_add(&o->ledger, ledger);
	o->heard_ns += text_frames_to_ns(ledger->heard, in->rate);
	o->dropped_ns += text_frames_to_ns(ledger_dropped(ledger), in->rate);
	o->taken_back += s->taken_back;
	json_append(&o->sources, stream_json(s, in));
}

static json_t *outcome_json(const struct outcome *o, int signal)
{
	json_t *object = json_object();

	json_add(&object, "signal",
		 signal ? json_string(signal == SIGINT ? "SIGINT" : "SIGTERM")
			: json_null());
	json_add(&object, "ledger", json_ledger(&o->ledger));
	json_add(&object, "sources", json_incref(o->sources));
	return object;
}

int outcome_tell(struct outcome *o, const struct ctl *ctl, int signal)
{
	if (!o->streams || o->unknown)
		return CTL_DONE;
	if (ctl->options.json)
		return json_print(ctl, outcome_json(o, signal));
	if (ctl->options.quiet)
		return CTL_DONE;
	if (signal)
		printf("heard %s s (%" PRIu64 " frames), dropped %s s (%" PRIu64
		       " frames; %" PRIu64 " taken back from the device)",
		       text_ns(o->heard_ns).s, o->ledger.heard, text_ns(o->dropped_ns).s,
		       ledger_dropped(&o->ledger), o->taken_back);
	else
		printf("played %s s (%" PRIu64 " frames), %" PRIu64 " dropped",
		       text_ns(o->heard_ns).s, o->ledger.heard,
		       ledger_dropped(&o->ledger));
	if (o->ledger.queued) /* somebody else has closed it, to play out */
		printf(", %" PRIu64 " still queued", o->ledger.queued);
	printf("\n");
	return CTL_DONE;
}
