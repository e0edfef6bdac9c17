/* SPDX-License-Identifier: MIT */
/*
 * Events: what they say, what they are called, and who is told.
 */
#include <assert.h>
#include <stddef.h>

#include "connection.h"
#include "event.h"

static_assert((int)AUD__EVENT__KIND_MARK_HEARD == (int)AUD_EVENT_MARK_HEARD + 1,
	      "the kinds are numbered in the order of the protocol");
static_assert((int)AUD__EVENT__KIND_EVENTS_LOST == (int)AUD_EVENT_EVENTS_LOST + 1,
	      "the kinds are numbered in the order of the protocol");

static bool read_mark(const Aud__Event *in, struct aud_event *out)
{
	switch (in->kind_case) {
	case AUD__EVENT__KIND_MARK_HEARD:
		out->mark_id = in->mark_heard->mark_id;
		out->position = in->mark_heard->position;
		out->at_ns = in->mark_heard->at_ns;
		return true;
	case AUD__EVENT__KIND_MARK_DROPPED:
		out->mark_id = in->mark_dropped->mark_id;
		out->position = in->mark_dropped->position;
		return true;
	default:
		return false;
	}
}

static bool read_sound(const Aud__Event *in, struct aud_event *out)
{
	switch (in->kind_case) {
	case AUD__EVENT__KIND_PLAYBACK_STARTED:
		out->position = in->playback_started->position;
		out->at_ns = in->playback_started->at_ns;
		return true;
	case AUD__EVENT__KIND_UNDERRUN:
		out->position = in->underrun->position;
		out->frames = in->underrun->frames;
		out->cause = (enum aud_underrun_cause)in->underrun->cause;
		return true;
	case AUD__EVENT__KIND_DRAINED:
		out->position = in->drained->position;
		out->at_ns = in->drained->at_ns;
		return true;
	case AUD__EVENT__KIND_LOW_WATER:
		out->frames = in->low_water->queued;
		out->at_ns = in->low_water->at_ns;
		return true;
	default:
		return false;
	}
}

static bool read_change(const Aud__Event *in, struct aud_event *out)
{
	switch (in->kind_case) {
	case AUD__EVENT__KIND_DEVICE_LOST:
		out->position = in->device_lost->position;
		return true;
	case AUD__EVENT__KIND_DEVICE_BACK:
		out->position = in->device_back->position;
		return true;
	case AUD__EVENT__KIND_SOURCE_CLOSED:
		out->frames = in->source_closed->heard;
		out->dropped = in->source_closed->dropped;
		return true;
	case AUD__EVENT__KIND_EVENTS_LOST:
		out->source = AUD_NO_POSITION; /* of any of them */
		out->frames = in->events_lost->count;
		return true;
	default:
		return false;
	}
}

bool event_read(const Aud__Event *in, struct aud_event *ret)
{
	struct aud_event event = {
		.kind = (enum aud_event_kind)((int)in->kind_case - 1),
		.source = in->source_handle,
	};

	if (!read_mark(in, &event) && !read_sound(in, &event) && !read_change(in, &event))
		return false;
	*ret = event;
	return true;
}

int event_tell(struct aud *a, const struct aud_event *event)
{
	aud_event_fn *handler = a->event_handler;
	void *user = a->event_user;

	if (!handler)
		return 0;
	pthread_mutex_unlock(&a->lock);
	handler(event, user);
	pthread_mutex_lock(&a->lock);
	return 1;
}

void aud_set_event_handler(struct aud *a, aud_event_fn *handler, void *user)
{
	pthread_mutex_lock(&a->lock);
	a->event_handler = handler;
	a->event_user = user;
	pthread_mutex_unlock(&a->lock);
}

const char *aud_event_name(enum aud_event_kind kind)
{
	static const char *const names[] = {
		[AUD_EVENT_MARK_HEARD] = "mark-heard",
		[AUD_EVENT_MARK_DROPPED] = "mark-dropped",
		[AUD_EVENT_PLAYBACK_STARTED] = "playback-started",
		[AUD_EVENT_UNDERRUN] = "underrun",
		[AUD_EVENT_DRAINED] = "drained",
		[AUD_EVENT_LOW_WATER] = "low-water",
		[AUD_EVENT_DEVICE_LOST] = "device-lost",
		[AUD_EVENT_DEVICE_BACK] = "device-back",
		[AUD_EVENT_SOURCE_CLOSED] = "source-closed",
		[AUD_EVENT_EVENTS_LOST] = "events-lost",
		[AUD_EVENT_DAEMON_LOST] = "daemon-lost",
		[AUD_EVENT_DAEMON_BACK] = "daemon-back",
		[AUD_EVENT_SOURCE_LOST] = "source-lost",
	};
	size_t i = (size_t)kind;

	return i < sizeof(names) / sizeof(names[0]) && names[i] ? names[i] : "unknown";
}
