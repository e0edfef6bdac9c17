/* SPDX-License-Identifier: MIT */
/*
 * A source taken up again, or by a second connection.
 */
#include <errno.h>
#include <inttypes.h>

#include "attach.h"
#include "optional.h"
#include "pushers.h"
#include "request_parts.h"
#include "wire_format.h"

/* A stranger learns no more than one who guesses. */
static int check_right(const struct conn *c, const struct source *s,
		       const ProtobufCBinaryData *token, struct answer *out)
{
	bool is_right = token_is_right(s, token->data, token->len);

	if (is_right && may_control(c, s))
		return 0;
	return refuse(out, AUD__ERROR_CODE__PERMISSION_DENIED,
		      "source %" PRIu64
		      " belongs to another user, or this is not its token",
		      s->id);
}

static int check(const struct conn *c, const Aud__AttachAudioSource *in, struct source *s,
		 struct answer *out)
{
	int error = check_right(c, s, &in->token, out);

	if (error < 0)
		return error;
	if (s->state != SOURCE_LIVE)
		return refuse(out, AUD__ERROR_CODE__CLOSED,
			      "source %" PRIu64 " is closed", s->id);
	return attachment_find(s, c) ? 0 : check_sources_of(c, out);
}

static void tell_accepted(const struct source *s, const struct conn *c,
			  Aud__AttachAudioSourceReply *body)
{
	const struct attachment *a = attachment_find(s, c);
	struct queue_taken taken;

	if (!a->pusher)
		return;
	taken = pushers_taken(a->pusher, source_written(s));
	SET(body, accepted, taken.accepted);
	SET(body, accepted_end, taken.end);
}

static void tell(const struct source *s, const struct conn *c, struct answer *out)
{
	Aud__AttachAudioSourceReply *body = &out->body.attach;
	struct source_look look;

	source_look(s, &look);
	*body = (Aud__AttachAudioSourceReply)AUD__ATTACH_AUDIO_SOURCE_REPLY__INIT;
	SET(body, queue_frames, s->queue.shape.limit);
	SET(body, sample_rate, s->queue.shape.rate);
	SET(body, num_channels, s->queue.shape.channels);
	SET(body, format, wire_format(s->queue.shape.format));
	SET(body, written, source_written(s));
	SET(body, played, look.played);
	tell_accepted(s, c, body);
	out->reply.kind_case = AUD__REPLY__KIND_ATTACH_AUDIO_SOURCE;
	out->reply.attach_audio_source = body;
}

int do_attach_audio_source(struct conn *c, const Aud__Request *r, struct answer *out)
{
	const Aud__AttachAudioSource *in = r->attach_audio_source;
	struct source *s = sources_find(&c->hub->sources, in->source_handle);
	int error;

	if (!in->has_source_handle || !in->has_token)
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT, "%s is missing",
			      in->has_source_handle ? "token" : "source_handle");
	if (!s)
		return refuse_unknown(out, in->source_handle);
	error = check(c, in, s, out);
	if (error < 0)
		return error;
	if (sources_attach(s, c) < 0)
		return refuse(out, AUD__ERROR_CODE__NO_MEMORY,
			      "no memory for one more at source %" PRIu64, s->id);
	pushers_join(s, attachment_find(s, c), c->client_id);
	tell(s, c, out);
	return 0;
}
