/* SPDX-License-Identifier: MIT */
/*
 * A new source: what may be asked for, what the output can play, what is left of the
 * limits.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "attach.h"
#include "optional.h"
#include "pushers.h"
#include "request_parts.h"
#include "wire_format.h"

enum {
	RATE_MIN = 1000, /* Hz */
	RATE_MAX = 768000,
	QUEUE_MS_MAX = 60000,
	LINGER_MS_MAX = 60 * 60 * 1000,
};

static int check_number(struct answer *out, const char *field, bool there, uint32_t n,
			uint32_t min, uint32_t max)
{
	if (!there)
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT, "%s is missing",
			      field);
	if (n < min || n > max)
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "%s is %" PRIu32 ", not from %" PRIu32 " to %" PRIu32,
			      field, n, min, max);
	return 0;
}

/* Whether it is a source at all. */
static int check_fields(const Aud__NewAudioSource *in, struct answer *out)
{
	int r = check_number(out, "sample_rate", in->has_sample_rate, in->sample_rate,
			     RATE_MIN, RATE_MAX);

	if (r == 0)
		r = check_number(out, "num_channels", in->has_num_channels,
				 in->num_channels, 1, CHANNELS_MAX);
	if (r == 0)
		r = check_number(out, "queue_size_ms", true, in->queue_size_ms, 1,
				 QUEUE_MS_MAX);
	if (r == 0 && wire_format_find(in->format) < 0)
		r = refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			   "format %d is not known here", (int)in->format);
	if (r == 0 && in->role != AUD__SOURCE_ROLE__ROLE_UNSPECIFIED &&
	    in->role != AUD__SOURCE_ROLE__SPEECH)
		r = refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			   "role %d is not known here", (int)in->role);
	if (r == 0)
		r = check_ms(out, "linger_ms", in->linger_ms, LINGER_MS_MAX);
	if (r == 0)
		r = refuse_bad_name(out, "the source's name", in->name);
	return r;
}

int check_sources_of(const struct conn *c, struct answer *out)
{
	uint32_t most = c->hub->config->max_sources_per_connection;

	if (sources_attached(&c->hub->sources, c) < most)
		return 0;
	return refuse_limit(out, "this connection", most, "sources",
			    "max_sources_per_connection");
}

static int check_queue(const struct conn *c, uint64_t bytes, struct answer *out)
{
	const struct config *config = c->hub->config;

	if (bytes > config->max_queue_bytes)
		return refuse(out, AUD__ERROR_CODE__LIMIT_REACHED,
			      "a queue of %" PRIu64 " bytes; at most %" PRIu32
			      " are allowed (daemon.max_queue_bytes): "
			      "the request is refused",
			      bytes, config->max_queue_bytes);
	if (c->user->queue_bytes + bytes > config->max_queue_bytes_per_user)
		return refuse(
			out, AUD__ERROR_CODE__LIMIT_REACHED,
			"a queue of %" PRIu64 " bytes; this user has %" PRIu64
			", and may have %" PRIu32 " (daemon.max_queue_bytes_per_user): "
			"the request is refused",
			bytes, c->user->queue_bytes, config->max_queue_bytes_per_user);
	return 0;
}

static int check_limits(const struct conn *c, const struct queue_shape *shape,
			struct answer *out)
{
	const struct config *config = c->hub->config;
	const struct sources *set = &c->hub->sources;

	if (check_queue(c, source_queue_bytes(shape), out) < 0 ||
	    check_sources_of(c, out) < 0)
		return -EBADR;
	if (c->user->sources >= config->max_sources_per_user)
		return refuse_limit(out, "this user", c->user->sources, "sources",
				    "max_sources_per_user");
	if (set->num >= config->max_sources)
		return refuse_limit(out, "the daemon", set->num, "sources",
				    "max_sources");
	return 0;
}

/* Why sources_add has failed, limits aside. */
static int refuse_error(struct answer *out, int error)
{
	if (error == -EMFILE || error == -ENFILE)
		return refuse(out, AUD__ERROR_CODE__LIMIT_REACHED,
			      "the daemon may open no more files");
	return refuse(out, AUD__ERROR_CODE__NO_MEMORY, "no memory for the queue: %s",
		      strerror(-error));
}

/* What is asked for, where all of it is in order; channels: its own ones. */
static struct source_order order_of(struct conn *c, const Aud__NewAudioSource *in,
				    struct output *o, const struct channels *channels)
{
	return (struct source_order){
		.shape.rate = in->sample_rate,
		.shape.channels = in->num_channels,
		.shape.format = (uint32_t)wire_format_find(in->format),
		.shape.limit =
			(uint32_t)((uint64_t)in->queue_size_ms * in->sample_rate / 1000),
		.channels = channels,
		.speech = in->role == AUD__SOURCE_ROLE__SPEECH,
		.output = o,
		.queue_ms = in->queue_size_ms,
		.name = in->name ? in->name : "",
		.client = c->name,
		.owner = c,
		.user = c->user,
		.pid = c->creds.pid,
		.drop_on_disconnect = in->drop_on_disconnect,
		.linger_ms =
			in->has_linger_ms ? in->linger_ms : c->hub->config->linger_ms,
	};
}

static void tell_source(const struct source *s, struct answer *out)
{
	Aud__NewAudioSourceReply *body = &out->body.new_audio_source;

	*body = (Aud__NewAudioSourceReply)AUD__NEW_AUDIO_SOURCE_REPLY__INIT;
	SET(body, source_handle, s->id);
	SET(body, queue_frames, s->queue.shape.limit);
	body->has_token = true;
	body->token.data = (uint8_t *)s->token;
	body->token.len = sizeof(s->token);
	out->reply.kind_case = AUD__REPLY__KIND_NEW_AUDIO_SOURCE;
	out->reply.new_audio_source = body;
}

int do_new_audio_source(struct conn *c, const Aud__Request *r, struct answer *out)
{
	const Aud__NewAudioSource *in = r->new_audio_source;
	struct source_order order;
	struct channels channels;
	struct output *o;
	struct source *s;
	int error = check_fields(in, out);

	if (error == 0)
		error = find_output(c, in->output, out, &o);
	if (error == 0)
		error = read_channels(in, out, &channels);
	if (error == 0)
		error = check_channels(&channels, in->num_channels, output_config(o),
				       out);
	if (error < 0)
		return error;
	order = order_of(c, in, o, &channels);
	error = check_limits(c, &order.shape, out);
	if (error < 0)
		return error;
	error = sources_add(&c->hub->sources, &order, &s);
	if (error < 0)
		return refuse_error(out, error);
	pushers_join(s, attachment_find(s, c), c->client_id);
	tell_source(s, out);
	return 0;
}
