/* SPDX-License-Identifier: MIT */
/*
 * Requests for events: marks, subscriptions.
 */
#include <errno.h>
#include <inttypes.h>

#include "capture.h"
#include "events.h"
#include "mark.h"
#include "optional.h"
#include "request_parts.h"

enum { LOW_WATER_MS_MAX = 60000 };

static int refuse_mark(const struct source *s, uint64_t position, struct answer *out,
		       int error)
{
	struct source_look look;

	switch (error) {
	case -ERANGE:
		source_look(s, &look);
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "position is %" PRIu64 ", not from what is played, %" PRIu64
			      ", to what is captured, %" PRIu64,
			      position, look.played, captures_end(s));
	case -ENOBUFS:
		return refuse_limit(out, "this source", s->config->max_marks, "marks",
				    "max_marks");
	case -EDQUOT:
		return refuse_limit(out, "the source's user",
				    s->config->max_marks_per_user, "marks",
				    "max_marks_per_user");
	default:
		return refuse(out, AUD__ERROR_CODE__NO_MEMORY, "no memory for a mark");
	}
}

int do_set_mark(struct conn *c, const Aud__Request *r, struct answer *out)
{
	const Aud__SetMark *in = r->set_mark;
	struct ticket t = conn_ticket(c, r->async_id);
	uint64_t position;
	struct source *s;
	int error = find_source(c, in->has_source_handle, in->source_handle, out, &s);

	if (error < 0)
		return error;
	position = in->has_position ? in->position : captures_end(s);
	error = in->again ? mark_set_again(s, &t, in->mark_id, position)
			  : mark_set(s, &t, in->mark_id, position);
	return error < 0 ? refuse_mark(s, position, out, error) : LATER;
}

static int check_low_water(const Aud__Subscribe *in, struct answer *out)
{
	if (in->has_low_water_ms && in->low_water_ms == 0)
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "low_water_ms is 0: there is never less queued");
	return check_ms(out, "low_water_ms", in->low_water_ms, LOW_WATER_MS_MAX);
}

int do_subscribe(struct conn *c, const Aud__Request *r, struct answer *out)
{
	const Aud__Subscribe *in = r->subscribe;
	struct ticket t = conn_ticket(c, r->async_id);
	struct source *s;
	int error = find_source(c, in->has_source_handle, in->source_handle, out, &s);

	if (error == 0)
		error = check_low_water(in, out);
	if (error < 0)
		return error;
	if (in->off)
		events_unsubscribe(s, &t);
	else if (events_subscribe(s, &t, source_frames(s, in->low_water_ms)) < 0)
		return refuse(out, AUD__ERROR_CODE__NO_MEMORY,
			      "no memory for a subscription");
	return LATER;
}
