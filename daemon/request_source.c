/* SPDX-License-Identifier: MIT */
/*
 * Requests to one source: frames, changes, waits, looks, its end.
 */
#include <errno.h>
#include <inttypes.h>

#include "attach.h"
#include "capture.h"
#include "change.h"
#include "optional.h"
#include "playout.h"
#include "request_parts.h"

enum {
	FADE_MS_MAX = 250,
};

/* ---- what they all check --------------------------------------------------------- */

int refuse_unknown(struct answer *out, uint64_t handle)
{
	return refuse(out, AUD__ERROR_CODE__NOT_FOUND, "there is no source %" PRIu64,
		      handle);
}

int find_source(struct conn *c, bool there, uint64_t handle, struct answer *out,
		struct source **ret)
{
	struct source *s = sources_find(&c->hub->sources, handle);

	if (!there)
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "source_handle is missing");
	if (!s)
		return refuse_unknown(out, handle);
	if (!may_control(c, s))
		return refuse(out, AUD__ERROR_CODE__PERMISSION_DENIED,
			      "source %" PRIu64 " belongs to another user", handle);
	*ret = s;
	return 0;
}

int check_ms(struct answer *out, const char *field, uint32_t ms, uint32_t most)
{
	if (ms <= most)
		return 0;
	return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
		      "%s is %" PRIu32 ", more than %" PRIu32, field, ms, most);
}

int check_fade(struct answer *out, uint32_t ms, Aud__FadeCurve curve)
{
	int error = check_ms(out, "fade_ms", ms, FADE_MS_MAX);

	if (error == 0 && curve != AUD__FADE_CURVE__LINEAR &&
	    curve != AUD__FADE_CURVE__EQUAL_POWER)
		error = refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			       "curve %d is not known here", (int)curve);
	return error;
}

struct fade fade_of(const struct source *s, uint32_t ms, Aud__FadeCurve curve)
{
	return source_fade(s, ms,
			   curve == AUD__FADE_CURVE__EQUAL_POWER ? CURVE_EQUAL_POWER
								 : CURVE_LINEAR);
}

int later(const struct source *s, struct answer *out, int error)
{
	if (error >= 0)
		return LATER;
	if (error == -ENOBUFS)
		return refuse_limit(out, "this source",
				    s->config->max_requests_per_source,
				    "requests that wait", "max_requests_per_source");
	return refuse(out, AUD__ERROR_CODE__NO_MEMORY, "no memory for the request");
}

/* ---- capture --------------------------------------------------------------------- */

static int check_buffer(const struct source *s, const Aud__AudioFrameBuffer *b,
			struct answer *out)
{
	const struct queue_shape *shape = &s->queue.shape;
	uint64_t bytes;

	if (!b)
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "buffer is missing");
	if (!b->has_sample_rate || b->sample_rate != shape->rate)
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "the buffer's sample_rate is %" PRIu32
			      ", the source's %" PRIu32,
			      b->sample_rate, shape->rate);
	if (!b->has_num_channels || b->num_channels != shape->channels)
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "the buffer's num_channels is %" PRIu32
			      ", the source's %" PRIu32,
			      b->num_channels, shape->channels);
	if (!b->has_samples_per_channel)
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "samples_per_channel is missing");
	bytes = (uint64_t)b->samples_per_channel * s->queue.frame_bytes;
	if (bytes != b->data.len)
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "data is %zu bytes long; %" PRIu32 " frames have %" PRIu64,
			      b->data.len, b->samples_per_channel, bytes);
	return 0;
}

static int check_pusher(const struct conn *c, const struct source *s, struct answer *out)
{
	if (!attachment_find(s, c))
		return refuse(out, AUD__ERROR_CODE__PERMISSION_DENIED,
			      "only the connections that are attached to source %" PRIu64
			      " may push",
			      s->id);
	if (s->state != SOURCE_LIVE)
		return refuse(out, AUD__ERROR_CODE__CLOSED,
			      "source %" PRIu64 " is closed and takes no more", s->id);
	return 0;
}

static int refuse_capture(const struct source *s, uint64_t at, struct answer *out,
			  int error)
{
	switch (error) {
	case -ERANGE:
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "at is %" PRIu64
			      ", behind the end of the queue at %" PRIu64,
			      at, captures_end(s));
	case -ENOBUFS:
		return refuse(out, AUD__ERROR_CODE__LIMIT_REACHED,
			      "%" PRIu64 " bytes of captures wait for room already",
			      s->captures.bytes);
	default:
		return refuse(out, AUD__ERROR_CODE__NO_MEMORY,
			      "no memory for the frames");
	}
}

int do_capture_audio_frame(struct conn *c, const Aud__Request *r, struct answer *out)
{
	const Aud__CaptureAudioFrame *in = r->capture_audio_frame;
	struct capture_order order = {
		.at = in->has_at ? in->at : CAPTURE_ANYWHERE,
		.timeout_ms = in->has_timeout_ms ? in->timeout_ms : CAPTURE_NO_TIMEOUT,
		.continues = in->continues,
		.only_what_fits = in->only_what_fits,
	};
	struct ticket t = conn_ticket(c, r->async_id);
	struct source *s;
	int error = find_source(c, in->has_source_handle, in->source_handle, out, &s);

	if (error == 0)
		error = check_pusher(c, s, out);
	if (error == 0)
		error = check_buffer(s, in->buffer, out);
	if (error < 0)
		return error;
	order.frames = in->buffer->data.data;
	order.n = in->buffer->samples_per_channel;
	error = capture_add(s, &t, &order);
	return error < 0 ? refuse_capture(s, order.at, out, error) : LATER;
}

/* ---- changes --------------------------------------------------------------------- */

int do_clear_audio_buffer(struct conn *c, const Aud__Request *r, struct answer *out)
{
	const Aud__ClearAudioBuffer *in = r->clear_audio_buffer;
	struct ticket t = conn_ticket(c, r->async_id);
	struct source *s;
	int error = find_source(c, in->has_source_handle, in->source_handle, out, &s);

	if (error == 0)
		error = check_fade(out, in->fade_ms, in->curve);
	if (error < 0)
		return error;
	return later(s, out, change_clear(s, &t, fade_of(s, in->fade_ms, in->curve)));
}

int do_pause_audio_source(struct conn *c, const Aud__Request *r, struct answer *out)
{
	const Aud__PauseAudioSource *in = r->pause_audio_source;
	struct ticket t = conn_ticket(c, r->async_id);
	struct source *s;
	int error = find_source(c, in->has_source_handle, in->source_handle, out, &s);

	if (error == 0)
		error = check_fade(out, in->fade_ms, in->curve);
	if (error < 0)
		return error;
	return later(s, out,
		     change_hold(s, &t, true, fade_of(s, in->fade_ms, in->curve)));
}

int do_resume_audio_source(struct conn *c, const Aud__Request *r, struct answer *out)
{
	const Aud__ResumeAudioSource *in = r->resume_audio_source;
	struct ticket t = conn_ticket(c, r->async_id);
	struct source *s;
	int error = find_source(c, in->has_source_handle, in->source_handle, out, &s);

	if (error == 0)
		error = check_fade(out, in->fade_ms, in->curve);
	if (error < 0)
		return error;
	return later(s, out,
		     change_hold(s, &t, false, fade_of(s, in->fade_ms, in->curve)));
}

/* ---- waiting, looking, ending ---------------------------------------------------- */

int do_wait_for_playout(struct conn *c, const Aud__Request *r, struct answer *out)
{
	const Aud__WaitForPlayout *in = r->wait_for_playout;
	struct playout_order order = {
		.timeout_ms = in->has_timeout_ms ? in->timeout_ms : PLAYOUT_NEVER,
		.device_lost_ms =
			in->has_device_lost_ms ? in->device_lost_ms : PLAYOUT_NEVER,
		.only_present = in->only_present,
		.again = in->has_asked_at,
		.asked_at = in->asked_at,
	};
	struct ticket t = conn_ticket(c, r->async_id);
	struct source *s;
	int error = find_source(c, in->has_source_handle, in->source_handle, out, &s);

	if (error < 0)
		return error;
	return later(s, out, playout_wait(s, &t, &order));
}

int do_get_audio_source(struct conn *c, const Aud__Request *r, struct answer *out)
{
	const Aud__GetAudioSource *in = r->get_audio_source;
	struct source *s;
	int error = find_source(c, in->has_source_handle, in->source_handle, out, &s);

	if (error < 0)
		return error;
	stats_source(s, &out->body.source);
	SET(&out->body.source, may_control, true);
	out->reply.kind_case = AUD__REPLY__KIND_GET_AUDIO_SOURCE;
	out->reply.get_audio_source = &out->body.source;
	return 0;
}

int do_close_audio_source(struct conn *c, const Aud__Request *r, struct answer *out)
{
	const Aud__CloseAudioSource *in = r->close_audio_source;
	struct source *s;
	int error = find_source(c, in->has_source_handle, in->source_handle, out, &s);

	if (error < 0)
		return error;
	sources_close(s, in->drop);
	out->body.close = (Aud__CloseAudioSourceReply)AUD__CLOSE_AUDIO_SOURCE_REPLY__INIT;
	out->reply.kind_case = AUD__REPLY__KIND_CLOSE_AUDIO_SOURCE;
	out->reply.close_audio_source = &out->body.close;
	return 0;
}
