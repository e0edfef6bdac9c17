/* SPDX-License-Identifier: MIT */
/*
 * From replies of the daemon to what the caller gets: one case for each kind of reply.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "outcome.h"
#include "status.h"

/* A request and its reply have the same name, and the reply's number is one higher. */
static_assert((int)AUD__REPLY__KIND_HELLO == (int)AUD__REQUEST__KIND_HELLO + 1,
	      "the replies are numbered like the requests");
static_assert((int)AUD__REPLY__KIND_SET_OUTPUT_GAIN ==
		      (int)AUD__REQUEST__KIND_SET_OUTPUT_GAIN + 1,
	      "the replies are numbered like the requests");

Aud__Reply__KindCase outcome_kind(Aud__Request__KindCase request)
{
	return (Aud__Reply__KindCase)((int)request + 1);
}

static void keep_made(struct outcome *o, const Aud__NewAudioSourceReply *in)
{
	o->made.handle = in->source_handle;
	o->made.queue_frames = in->queue_frames;
	o->made.has_token = in->token.len == AUD_TOKEN_BYTES;
	if (o->made.has_token)
		memcpy(o->made.token, in->token.data, AUD_TOKEN_BYTES);
}

static void keep_attached(struct outcome *o, const Aud__AttachAudioSourceReply *in)
{
	o->attached.sample_rate = in->sample_rate;
	o->attached.num_channels = in->num_channels;
	o->attached.format = (enum aud_format)in->format;
	o->attached.queue_frames = in->queue_frames;
	o->attached.written = in->written;
	o->attached.played = in->played;
	o->attached.counted = in->has_accepted;
	o->attached.accepted = in->accepted;
	o->attached.accepted_end = in->accepted_end;
}

static struct aud_captured captured(const Aud__CaptureAudioFrameReply *in)
{
	return (struct aud_captured){
		.first = in->accepted > 0 ? in->first : AUD_NO_POSITION,
		.accepted = in->accepted,
		.dropped = in->dropped,
		.skipped = in->skipped,
		.free = in->free,
		.reason = (enum aud_drop_reason)in->reason,
	};
}

static struct aud_cleared cleared(const Aud__ClearAudioBufferReply *in)
{
	return (struct aud_cleared){
		.heard_until = in->heard_until,
		.dropped = in->dropped,
		.taken_back = in->taken_back,
		.in_device = in->in_device,
		.at_ns = in->at_ns,
	};
}

static struct aud_playout playout(const Aud__WaitForPlayoutReply *in)
{
	return (struct aud_playout){
		.reason = (enum aud_playout_reason)in->reason,
		.played = in->played,
		.at_ns = in->at_ns,
	};
}

static struct aud_level source_level(const Aud__SetAudioSourceGainReply *in)
{
	return (struct aud_level){
		.gain = in->gain,
		.muted = in->muted,
		.capped = in->capped,
	};
}

static struct aud_level output_level(const Aud__SetOutputGainReply *in)
{
	return (struct aud_level){.gain = in->gain, .muted = in->muted};
}

static void keep_block(struct outcome *o, void *block, size_t count)
{
	if (!block)
		outcome_fail(o, -ENOMEM, "no memory for the daemon's answer");
	o->block = block;
	o->count = count;
}

static void convert_block(struct outcome *o, const Aud__Reply *reply)
{
	switch (reply->kind_case) {
	case AUD__REPLY__KIND_GET_AUDIO_SOURCE:
		keep_block(o, status_new(&reply->get_audio_source, 1), 1);
		break;
	case AUD__REPLY__KIND_LIST_AUDIO_SOURCES:
		keep_block(o,
			   status_new(reply->list_audio_sources->sources,
				      reply->list_audio_sources->n_sources),
			   reply->list_audio_sources->n_sources);
		break;
	case AUD__REPLY__KIND_GET_DAEMON_STATUS:
		keep_block(o, status_new_daemon(reply->get_daemon_status), 1);
		break;
	default: /* those that say nothing but "done" */
		break;
	}
}

static void convert(struct outcome *o, const Aud__Reply *reply)
{
	switch (reply->kind_case) {
	case AUD__REPLY__KIND_HELLO:
		o->version = reply->hello->version;
		break;
	case AUD__REPLY__KIND_NEW_AUDIO_SOURCE:
		keep_made(o, reply->new_audio_source);
		break;
	case AUD__REPLY__KIND_ATTACH_AUDIO_SOURCE:
		keep_attached(o, reply->attach_audio_source);
		break;
	case AUD__REPLY__KIND_CAPTURE_AUDIO_FRAME:
		o->captured = captured(reply->capture_audio_frame);
		break;
	case AUD__REPLY__KIND_CLEAR_AUDIO_BUFFER:
		o->cleared = cleared(reply->clear_audio_buffer);
		break;
	case AUD__REPLY__KIND_WAIT_FOR_PLAYOUT:
		o->playout = playout(reply->wait_for_playout);
		break;
	case AUD__REPLY__KIND_PAUSE_AUDIO_SOURCE:
		o->position = reply->pause_audio_source->position;
		break;
	case AUD__REPLY__KIND_RESUME_AUDIO_SOURCE:
		o->position = reply->resume_audio_source->position;
		break;
	case AUD__REPLY__KIND_SET_MARK:
		o->position = reply->set_mark->position;
		break;
	case AUD__REPLY__KIND_MOVE_AUDIO_SOURCE:
		o->position = reply->move_audio_source->position;
		break;
	case AUD__REPLY__KIND_SET_AUDIO_SOURCE_GAIN:
		o->level = source_level(reply->set_audio_source_gain);
		break;
	case AUD__REPLY__KIND_SET_OUTPUT_GAIN:
		o->level = output_level(reply->set_output_gain);
		break;
	default:
		convert_block(o, reply);
		break;
	}
}

void outcome_reply(struct outcome *o, Aud__Reply__KindCase wanted,
		   const Aud__Reply *reply)
{
	*o = (struct outcome){0};
	if (reply->kind_case == AUD__REPLY__KIND_ERROR)
		outcome_fail(o, error_from_code(reply->error->code),
			     reply->error->message);
	else if (reply->kind_case == wanted)
		convert(o, reply);
	else
		outcome_fail(o, -EPROTO, "the daemon answered another question");
}

void outcome_fail(struct outcome *o, int error, const char *message)
{
	*o = (struct outcome){.error = error, .message = strdup(message ? message : "")};
}

struct aud_result outcome_result(const struct outcome *o, Aud__Reply__KindCase kind)
{
	struct aud_result result = {.error = o->error, .message = ""};

	if (o->error) {
		result.message = o->message ? o->message : "";
		return result;
	}
	switch (kind) {
	case AUD__REPLY__KIND_CAPTURE_AUDIO_FRAME:
		result.captured = &o->captured;
		break;
	case AUD__REPLY__KIND_CLEAR_AUDIO_BUFFER:
		result.cleared = &o->cleared;
		break;
	case AUD__REPLY__KIND_WAIT_FOR_PLAYOUT:
		result.playout = &o->playout;
		break;
	case AUD__REPLY__KIND_GET_AUDIO_SOURCE:
		result.status = o->block;
		break;
	case AUD__REPLY__KIND_PAUSE_AUDIO_SOURCE:
	case AUD__REPLY__KIND_RESUME_AUDIO_SOURCE:
	case AUD__REPLY__KIND_SET_MARK:
	case AUD__REPLY__KIND_MOVE_AUDIO_SOURCE:
		result.position = o->position;
		break;
	case AUD__REPLY__KIND_SET_AUDIO_SOURCE_GAIN:
	case AUD__REPLY__KIND_SET_OUTPUT_GAIN:
		result.level = &o->level;
		break;
	default:
		break;
	}
	return result;
}

int outcome_error(struct outcome *o)
{
	error_set(o->error, "%s",
		  o->message ? o->message : "no memory for the daemon's sentence");
	outcome_done(o);
	return o->error;
}

void outcome_done(struct outcome *o)
{
	free(o->message);
	free(o->block);
}
