/* SPDX-License-Identifier: MIT */
/*
 * What can be done to a source that plays: clear, wait, pause, resume, move.
 */
#include "connection.h"
#include "source.h"

static const struct aud_fade default_fade = {AUD_FADE_DEFAULT_MS, AUD_LINEAR};
static const struct aud_wait_options no_limits = AUD_WAIT_OPTIONS_INIT;

static int clear(struct aud_source *s, const struct aud_fade *fade, struct ending ending)
{
	Aud__ClearAudioBuffer message = AUD__CLEAR_AUDIO_BUFFER__INIT;
	Aud__Request request = AUD__REQUEST__INIT;

	if (!fade)
		fade = &default_fade;
	message.has_source_handle = true;
	message.source_handle = s->handle;
	message.has_fade_ms = true;
	message.fade_ms = fade->ms;
	message.has_curve = true;
	message.curve = (Aud__FadeCurve)fade->curve;
	request.kind_case = AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER;
	request.clear_audio_buffer = &message;
	return connection_request(s->aud, &request, ending);
}

int aud_source_clear_queue(struct aud_source *s, const struct aud_fade *fade,
			   struct aud_cleared *ret)
{
	struct outcome outcome;
	int r;

	r = clear(s, fade, ending_awaited(&outcome));
	if (r == 0 && ret)
		*ret = outcome.cleared;
	return r;
}

int aud_source_clear_queue_async(struct aud_source *s, const struct aud_fade *fade,
				 aud_done_fn *done, void *user)
{
	return clear(s, fade, ending_told(done, user));
}

static int wait_for_playout(struct aud_source *s, const struct aud_wait_options *options,
			    struct ending ending)
{
	Aud__WaitForPlayout message = AUD__WAIT_FOR_PLAYOUT__INIT;
	Aud__Request request = AUD__REQUEST__INIT;

	if (!options)
		options = &no_limits;
	message.has_source_handle = true;
	message.source_handle = s->handle;
	message.has_timeout_ms = options->timeout_ms != AUD_NO_TIMEOUT;
	message.timeout_ms = options->timeout_ms;
	message.has_device_lost_ms = options->device_lost_ms != AUD_NO_TIMEOUT;
	message.device_lost_ms = options->device_lost_ms;
	message.has_only_present = true;
	message.only_present = options->only_present;
	request.kind_case = AUD__REQUEST__KIND_WAIT_FOR_PLAYOUT;
	request.wait_for_playout = &message;
	return connection_request(s->aud, &request, ending);
}

int aud_source_wait_for_playout(struct aud_source *s,
				const struct aud_wait_options *options,
				struct aud_playout *ret)
{
	struct outcome outcome;
	int r;

	r = wait_for_playout(s, options, ending_awaited(&outcome));
	if (r == 0 && ret)
		*ret = outcome.playout;
	return r;
}

int aud_source_wait_for_playout_async(struct aud_source *s,
				      const struct aud_wait_options *options,
				      aud_done_fn *done, void *user)
{
	return wait_for_playout(s, options, ending_told(done, user));
}

static int pause_source(struct aud_source *s, const struct aud_fade *fade,
			struct ending ending)
{
	Aud__PauseAudioSource message = AUD__PAUSE_AUDIO_SOURCE__INIT;
	Aud__Request request = AUD__REQUEST__INIT;

	if (!fade)
		fade = &default_fade;
	message.has_source_handle = true;
	message.source_handle = s->handle;
	message.has_fade_ms = true;
	message.fade_ms = fade->ms;
	message.has_curve = true;
	message.curve = (Aud__FadeCurve)fade->curve;
	request.kind_case = AUD__REQUEST__KIND_PAUSE_AUDIO_SOURCE;
	request.pause_audio_source = &message;
	return connection_request(s->aud, &request, ending);
}

int aud_source_pause(struct aud_source *s, const struct aud_fade *fade,
		     uint64_t *ret_position)
{
	struct outcome outcome;
	int r;

	r = pause_source(s, fade, ending_awaited(&outcome));
	if (r == 0 && ret_position)
		*ret_position = outcome.position;
	return r;
}

int aud_source_pause_async(struct aud_source *s, const struct aud_fade *fade,
			   aud_done_fn *done, void *user)
{
	return pause_source(s, fade, ending_told(done, user));
}

static int resume_source(struct aud_source *s, const struct aud_fade *fade,
			 struct ending ending)
{
	Aud__ResumeAudioSource message = AUD__RESUME_AUDIO_SOURCE__INIT;
	Aud__Request request = AUD__REQUEST__INIT;

	if (!fade)
		fade = &default_fade;
	message.has_source_handle = true;
	message.source_handle = s->handle;
	message.has_fade_ms = true;
	message.fade_ms = fade->ms;
	message.has_curve = true;
	message.curve = (Aud__FadeCurve)fade->curve;
	request.kind_case = AUD__REQUEST__KIND_RESUME_AUDIO_SOURCE;
	request.resume_audio_source = &message;
	return connection_request(s->aud, &request, ending);
}

int aud_source_resume(struct aud_source *s, const struct aud_fade *fade,
		      uint64_t *ret_position)
{
	struct outcome outcome;
	int r;

	r = resume_source(s, fade, ending_awaited(&outcome));
	if (r == 0 && ret_position)
		*ret_position = outcome.position;
	return r;
}

int aud_source_resume_async(struct aud_source *s, const struct aud_fade *fade,
			    aud_done_fn *done, void *user)
{
	return resume_source(s, fade, ending_told(done, user));
}

static int move(struct aud_source *s, const char *output, const struct aud_fade *fade,
		struct ending ending)
{
	Aud__MoveAudioSource message = AUD__MOVE_AUDIO_SOURCE__INIT;
	Aud__Request request = AUD__REQUEST__INIT;

	if (!fade)
		fade = &default_fade;
	message.has_source_handle = true;
	message.source_handle = s->handle;
	message.output = (char *)output;
	message.has_fade_ms = true;
	message.fade_ms = fade->ms;
	message.has_curve = true;
	message.curve = (Aud__FadeCurve)fade->curve;
	request.kind_case = AUD__REQUEST__KIND_MOVE_AUDIO_SOURCE;
	request.move_audio_source = &message;
	return connection_request(s->aud, &request, ending);
}

int aud_source_move(struct aud_source *s, const char *output, const struct aud_fade *fade,
		    uint64_t *ret_position)
{
	struct outcome outcome;
	int r;

	r = move(s, output, fade, ending_awaited(&outcome));
	if (r == 0 && ret_position)
		*ret_position = outcome.position;
	return r;
}

int aud_source_move_async(struct aud_source *s, const char *output,
			  const struct aud_fade *fade, aud_done_fn *done, void *user)
{
	return move(s, output, fade, ending_told(done, user));
}
