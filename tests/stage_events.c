/* SPDX-License-Identifier: MIT */
/*
 * The stage's notes of events.
 */
#include <check.h>

#include "stage.h"

static void copy_event(struct stage_event *to, const Aud__Event *e)
{
	switch (e->kind_case) {
	case AUD__EVENT__KIND_MARK_HEARD:
		to->heard = *e->mark_heard;
		break;
	case AUD__EVENT__KIND_MARK_DROPPED:
		to->dropped = *e->mark_dropped;
		break;
	case AUD__EVENT__KIND_PLAYBACK_STARTED:
		to->started = *e->playback_started;
		break;
	case AUD__EVENT__KIND_UNDERRUN:
		to->underrun = *e->underrun;
		break;
	case AUD__EVENT__KIND_DRAINED:
		to->drained = *e->drained;
		break;
	case AUD__EVENT__KIND_LOW_WATER:
		to->low_water = *e->low_water;
		break;
	case AUD__EVENT__KIND_DEVICE_LOST:
		to->lost = *e->device_lost;
		break;
	case AUD__EVENT__KIND_DEVICE_BACK:
		to->back = *e->device_back;
		break;
	case AUD__EVENT__KIND_SOURCE_CLOSED:
		to->closed = *e->source_closed;
		break;
	default:
		ck_abort_msg("an event of kind %d", e->kind_case);
	}
}

void stage_take_event(struct conn *c, const Aud__Event *e)
{
	const struct stage_client *client = (void *)c;
	struct stage *st = client->stage;
	struct stage_event *to = &st->events[st->num_events++];

	ck_assert_int_lt(st->num_events, STAGE_NOTES);
	to->client = client;
	to->source = e->source_handle;
	to->kind = e->kind_case;
	copy_event(to, e);
}

int stage_count_events(const struct stage *st, Aud__Event__KindCase kind)
{
	int n = 0;

	for (int i = 0; i < st->num_events; i++)
		n += st->events[i].kind == kind;
	return n;
}

const struct stage_event *stage_event(const struct stage *st, Aud__Event__KindCase kind,
				      int n)
{
	for (int i = 0; i < st->num_events; i++) {
		if (st->events[i].kind == kind && n-- == 0)
			return &st->events[i];
	}
	ck_abort_msg("no such event of kind %d", kind);
}

enum stage_fate stage_fate(const struct stage *st, uint64_t mark_id)
{
	enum stage_fate found = NOT_TOLD;

	for (int i = 0; i < st->num_events; i++) {
		const struct stage_event *e = &st->events[i];
		bool heard = e->kind == AUD__EVENT__KIND_MARK_HEARD &&
			     e->heard.mark_id == mark_id;

		if (!heard && (e->kind != AUD__EVENT__KIND_MARK_DROPPED ||
			       e->dropped.mark_id != mark_id))
			continue;
		ck_assert_int_eq(found, NOT_TOLD);
		found = heard ? WAS_HEARD : WAS_DROPPED;
	}
	return found;
}

void stage_assert_time(uint64_t at_ns, uint64_t device_frame)
{
	uint64_t ns = device_frame * 1000000000 / STAGE_RATE;

	ck_assert_uint_ge(at_ns + 1000000, ns);
	ck_assert_uint_le(at_ns, ns + 1000000);
}
