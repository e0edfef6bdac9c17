/* SPDX-License-Identifier: MIT */
/*
 * An event in words, or as JSON.
 */
#include "event.h"

#include <inttypes.h>
#include <stdio.h>

#include "json.h"
#include "sources.h"
#include "text.h"

/* Which fields of an aud_event mean something, and what its frames are called. */
struct form {
	bool mark, position, at, cause;
	const char *frames;  /* what event.frames counts; NULL: it has none */
	const char *dropped; /* the same of event.dropped */
	const char *count;   /* what event.frames counts, if these are no frames */
};

static const struct form forms[] = {
	[AUD_EVENT_MARK_HEARD] = {.mark = true, .position = true, .at = true},
	[AUD_EVENT_MARK_DROPPED] = {.mark = true, .position = true},
	[AUD_EVENT_PLAYBACK_STARTED] = {.position = true, .at = true},
	[AUD_EVENT_UNDERRUN] = {.position = true, .frames = "length", .cause = true},
	[AUD_EVENT_DRAINED] = {.position = true, .at = true},
	[AUD_EVENT_LOW_WATER] = {.frames = "queued", .at = true},
	[AUD_EVENT_DEVICE_LOST] = {.position = true},
	[AUD_EVENT_DEVICE_BACK] = {.position = true},
	[AUD_EVENT_SOURCE_CLOSED] = {.frames = "heard", .dropped = "dropped"},
	[AUD_EVENT_EVENTS_LOST] = {.count = "count"},
};

static const struct form *form_of(const struct aud_event *event)
{
	static const struct form nothing = {0};

	return event->kind < sizeof(forms) / sizeof(forms[0]) ? &forms[event->kind]
							      : &nothing;
}

static const char *cause_name(enum aud_underrun_cause cause)
{
	switch (cause) {
	case AUD_CLIENT_LATE:
		return "client late";
	case AUD_WAKEUP_LATE:
		return "wakeup late";
	case AUD_DEVICE_STOPPED:
		return "device stopped";
	}
	return "unknown";
}

struct event_source event_source(const struct aud_source_status *status)
{
	struct event_source source = {
		.handle = status->handle,
		.sample_rate = status->sample_rate,
	};

	snprintf(source.name, sizeof(source.name), "%s", status->name);
	return source;
}

static void say_frames(const char *what, uint64_t frames, uint32_t rate)
{
	printf(", %s %s s (%" PRIu64 " frames)", what, text_seconds(frames, rate).s,
	       frames);
}

void event_say(const struct aud_event *event, const struct event_source *source)
{
	const struct form *form = form_of(event);
	uint32_t rate = source->sample_rate;

	if (event->source != AUD_NO_POSITION)
		printf("%s: ", source_label(source->handle, source->name).s);
	printf("%s", aud_event_name(event->kind));
	if (form->mark)
		printf(" %" PRIu64, event->mark_id);
	if (form->position)
		printf(" at %s s (frame %" PRIu64 ")",
		       text_seconds(event->position, rate).s, event->position);
	if (form->frames)
		say_frames(form->frames, event->frames, rate);
	if (form->dropped)
		say_frames(form->dropped, event->dropped, rate);
	if (form->count)
		printf(", %s %" PRIu64, form->count, event->frames);
	if (form->cause)
		printf(", %s", cause_name(event->cause));
	if (form->at)
		printf(", time %s s", text_ns(event->at_ns).s);
	printf("\n");
}

json_t *event_json(const struct aud_event *event, const struct event_source *source)
{
	const struct form *form = form_of(event);
	const char *frames = form->frames ? form->frames : form->count;
	json_t *object = json_object();

	json_add(&object, "event", json_string(aud_event_name(event->kind)));
	if (event->source != AUD_NO_POSITION) {
		json_add_count(&object, "source", source->handle);
		json_add(&object, "name", json_text(source->name));
		json_add_count(&object, "sample_rate", source->sample_rate);
	}
	if (form->mark)
		json_add_count(&object, "id", event->mark_id);
	if (form->position)
		json_add_count(&object, "position", event->position);
	if (frames)
		json_add_count(&object, frames, event->frames);
	if (form->dropped)
		json_add_count(&object, form->dropped, event->dropped);
	if (form->cause)
		json_add(&object, "cause", json_string(cause_name(event->cause)));
	if (form->at)
		json_add_count(&object, "at_ns", event->at_ns);
	return object;
}
