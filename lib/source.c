/* SPDX-License-Identifier: MIT */
/*
 * Handles on sources: made, attached to, found, closed, freed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "error.h"
#include "source.h"

enum { MAX_CHANNELS = 32 };

static struct aud_source *source_new(struct aud *a)
{
	struct aud_source *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->aud = a;
	pthread_cond_init(&s->moved, NULL);
	return s;
}

static void source_free(struct aud_source *s)
{
	pthread_cond_destroy(&s->moved);
	free(s);
}

static void source_link(struct aud_source *s)
{
	struct aud *a = s->aud;

	pthread_mutex_lock(&a->lock);
	s->next = a->sources;
	a->sources = s;
	pthread_mutex_unlock(&a->lock);
}

static void source_unlink(struct aud_source *s)
{
	struct aud *a = s->aud;
	struct aud_source **p;

	pthread_mutex_lock(&a->lock);
	for (p = &a->sources; *p != s; p = &(*p)->next)
		;
	*p = s->next;
	pthread_mutex_unlock(&a->lock);
}

void source_free_all(struct aud *a)
{
	struct aud_source *s;

	while ((s = a->sources)) {
		a->sources = s->next;
		source_free(s);
	}
}

/* Asks the daemon for a source like s, whose format is known already. */
static int ask_for(struct aud_source *s, enum aud_format format,
		   const struct aud_source_options *options)
{
	Aud__NewAudioSource make = AUD__NEW_AUDIO_SOURCE__INIT;
	Aud__Request request = AUD__REQUEST__INIT;
	struct outcome outcome;
	int r;

	make.has_sample_rate = true;
	make.sample_rate = s->sample_rate;
	make.has_num_channels = true;
	make.num_channels = s->num_channels;
	make.has_queue_size_ms = options->queue_size_ms != 0;
	make.queue_size_ms = options->queue_size_ms;
	make.has_format = true;
	make.format = (Aud__SampleFormat)format;
	make.name = (char *)options->name;
	make.has_drop_on_disconnect = true;
	make.drop_on_disconnect = options->drop_on_disconnect;
	make.has_linger_ms = options->linger_ms != 0;
	make.linger_ms = options->linger_ms;
	make.output = (char *)options->output;
	make.layout = (char *)options->layout;
	make.matrix = (float *)options->matrix;
	make.n_matrix = options->matrix ? options->matrix_length : 0;
	make.has_role = options->role != AUD_ROLE_NONE;
	make.role = (Aud__SourceRole)options->role;
	request.kind_case = AUD__REQUEST__KIND_NEW_AUDIO_SOURCE;
	request.new_audio_source = &make;
	r = connection_request(s->aud, &request, ending_awaited(&outcome));
	if (r < 0)
		return r;
	s->handle = outcome.made.handle;
	s->queue_frames = outcome.made.queue_frames;
	s->has_token = outcome.made.has_token;
	if (s->has_token)
		memcpy(s->token, outcome.made.token, AUD_TOKEN_BYTES);
	return 0;
}

int aud_source_new(struct aud *a, struct aud_source **ret, uint32_t sample_rate,
		   uint32_t num_channels, const struct aud_source_options *options)
{
	static const struct aud_source_options defaults;
	enum aud_format format =
		options && options->format ? options->format : AUD_FORMAT_S16;
	struct aud_source *s;
	int r;

	if (aud_format_bytes(format) == 0)
		return error_set(-EINVAL, "there is no sample format %d", (int)format);
	if (num_channels < 1 || num_channels > MAX_CHANNELS)
		return error_set(-EINVAL, "num_channels is %u; it can be 1 to %d",
				 num_channels, MAX_CHANNELS);
	s = source_new(a);
	if (!s)
		return error_set(-ENOMEM, "no memory for a source");
	s->made = s->held = true;
	s->sample_rate = sample_rate;
	s->num_channels = num_channels;
	s->frame_bytes = num_channels * aud_format_bytes(format);
	r = ask_for(s, format, options ? options : &defaults);
	if (r < 0) {
		source_free(s);
		return r;
	}
	source_link(s);
	*ret = s;
	return 0;
}

/* Holds the source with s's handle and token, and learns what its frames look like. */
static int hold(struct aud_source *s)
{
	Aud__AttachAudioSource attach = AUD__ATTACH_AUDIO_SOURCE__INIT;
	Aud__Request request = AUD__REQUEST__INIT;
	struct outcome outcome;
	int r;

	attach.has_source_handle = true;
	attach.source_handle = s->handle;
	attach.has_token = true;
	attach.token.data = s->token;
	attach.token.len = AUD_TOKEN_BYTES;
	request.kind_case = AUD__REQUEST__KIND_ATTACH_AUDIO_SOURCE;
	request.attach_audio_source = &attach;
	r = connection_request(s->aud, &request, ending_awaited(&outcome));
	if (r < 0)
		return r;
	s->sample_rate = outcome.attached.sample_rate;
	s->num_channels = outcome.attached.num_channels;
	s->frame_bytes = s->num_channels * aud_format_bytes(outcome.attached.format);
	s->queue_frames = outcome.attached.queue_frames;
	s->written = outcome.attached.written;
	if (s->frame_bytes == 0 || s->num_channels > MAX_CHANNELS)
		return error_set(-EPROTO,
				 "source %llu has %u channels of the sample format %d, "
				 "which libaud does not know",
				 (unsigned long long)s->handle, s->num_channels,
				 (int)outcome.attached.format);
	return 0;
}

int aud_source_attach(struct aud *a, struct aud_source **ret, uint64_t handle,
		      const uint8_t token[AUD_TOKEN_BYTES])
{
	struct aud_source *s = source_new(a);
	int r;

	if (!s)
		return error_set(-ENOMEM, "no memory for a source");
	s->handle = handle;
	s->held = s->has_token = true;
	memcpy(s->token, token, AUD_TOKEN_BYTES);
	r = hold(s);
	if (r < 0) {
		source_free(s);
		return r;
	}
	source_link(s);
	*ret = s;
	return 0;
}

int aud_source_by_handle(struct aud *a, struct aud_source **ret, uint64_t handle)
{
	struct aud_source *s = source_new(a);

	if (!s)
		return error_set(-ENOMEM, "no memory for a source");
	s->handle = handle;
	source_link(s);
	*ret = s;
	return 0;
}

static int close_source(struct aud_source *s, bool drop, struct ending ending)
{
	Aud__CloseAudioSource close = AUD__CLOSE_AUDIO_SOURCE__INIT;
	Aud__Request request = AUD__REQUEST__INIT;

	close.has_source_handle = true;
	close.source_handle = s->handle;
	close.has_drop = true;
	close.drop = drop;
	request.kind_case = AUD__REQUEST__KIND_CLOSE_AUDIO_SOURCE;
	request.close_audio_source = &close;
	return connection_request(s->aud, &request, ending);
}

int aud_source_close(struct aud_source *s, bool drop)
{
	struct outcome outcome;
	int r;

	r = close_source(s, drop, ending_awaited(&outcome));
	if (r < 0)
		return r;
	pthread_mutex_lock(&s->aud->lock);
	s->closed = true;
	pthread_mutex_unlock(&s->aud->lock);
	return 0;
}

void aud_source_free(struct aud_source *s)
{
	if (!s)
		return;
	/* If it cannot be sent, the source ends with the connection. */
	if (s->made && !s->closed)
		close_source(s, false, ending_told(NULL, NULL));
	source_unlink(s);
	source_free(s);
}

uint64_t aud_source_handle(const struct aud_source *s)
{
	return s->handle;
}

uint64_t aud_source_queue_frames(const struct aud_source *s)
{
	return s->queue_frames;
}

int aud_source_token(const struct aud_source *s, uint8_t token[AUD_TOKEN_BYTES])
{
	if (!s->has_token)
		return error_set(-EINVAL, "source %llu: its token is not known here",
				 (unsigned long long)s->handle);
	memcpy(token, s->token, AUD_TOKEN_BYTES);
	return 0;
}

uint64_t aud_source_written(const struct aud_source *s)
{
	return s->written;
}
