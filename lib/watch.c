/* SPDX-License-Identifier: MIT */
/*
 * Asking to be told of a source by events: of a position, or of all that happens to it.
 */
#include "connection.h"
#include "source.h"

static int set_mark(struct aud_source *s, uint64_t mark_id, uint64_t position,
		    struct ending ending)
{
	Aud__SetMark message = AUD__SET_MARK__INIT;
	Aud__Request request = AUD__REQUEST__INIT;

	message.has_source_handle = true;
	message.source_handle = s->handle;
	message.has_mark_id = true;
	message.mark_id = mark_id;
	message.has_position = position != AUD_NO_POSITION;
	message.position = position;
	request.kind_case = AUD__REQUEST__KIND_SET_MARK;
	request.set_mark = &message;
	return connection_request(s->aud, &request, ending);
}

int aud_source_set_mark(struct aud_source *s, uint64_t mark_id, uint64_t position,
			uint64_t *ret_position)
{
	struct outcome outcome;
	int r;

	r = set_mark(s, mark_id, position, ending_awaited(&outcome));
	if (r == 0 && ret_position)
		*ret_position = outcome.position;
	return r;
}

int aud_source_set_mark_async(struct aud_source *s, uint64_t mark_id, uint64_t position,
			      aud_done_fn *done, void *user)
{
	return set_mark(s, mark_id, position, ending_told(done, user));
}

static int subscribe(struct aud_source *s, bool off, uint32_t low_water_ms)
{
	Aud__Subscribe message = AUD__SUBSCRIBE__INIT;
	Aud__Request request = AUD__REQUEST__INIT;
	struct outcome outcome;

	message.has_source_handle = true;
	message.source_handle = s->handle;
	message.has_off = true;
	message.off = off;
	message.has_low_water_ms = low_water_ms != 0;
	message.low_water_ms = low_water_ms;
	request.kind_case = AUD__REQUEST__KIND_SUBSCRIBE;
	request.subscribe = &message;
	return connection_request(s->aud, &request, ending_awaited(&outcome));
}

int aud_source_subscribe(struct aud_source *s, uint32_t low_water_ms)
{
	return subscribe(s, false, low_water_ms);
}

int aud_source_unsubscribe(struct aud_source *s)
{
	return subscribe(s, true, 0);
}
