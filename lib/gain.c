/* SPDX-License-Identifier: MIT */
/*
 * How loud a source is, and all that an output plays.
 */
#include <math.h>

#include "connection.h"
#include "source.h"

float aud_gain_from_db(float db)
{
	return powf(10.0f, db / 20.0f);
}

float aud_gain_to_db(float gain)
{
	return 20.0f * log10f(gain);
}

/* What is to become of a level: one of the two, the other stays as it is. */
struct wish {
	bool has_gain, has_muted, muted;
	float gain;
	uint32_t ramp_ms;
};

static struct wish to_gain(float gain, uint32_t ramp_ms)
{
	return (struct wish){.has_gain = true, .gain = gain, .ramp_ms = ramp_ms};
}

static struct wish to_mute(bool muted, uint32_t ramp_ms)
{
	return (struct wish){.has_muted = true, .muted = muted, .ramp_ms = ramp_ms};
}

/* ---- sources ----------------------------------------------------------------------- */

static int set_source(struct aud_source *s, struct wish w, struct ending ending)
{
	Aud__SetAudioSourceGain message = AUD__SET_AUDIO_SOURCE_GAIN__INIT;
	Aud__Request request = AUD__REQUEST__INIT;

	message.has_source_handle = true;
	message.source_handle = s->handle;
	message.has_gain = w.has_gain;
	message.gain = w.gain;
	message.has_muted = w.has_muted;
	message.muted = w.muted;
	message.has_ramp_ms = true;
	message.ramp_ms = w.ramp_ms;
	request.kind_case = AUD__REQUEST__KIND_SET_AUDIO_SOURCE_GAIN;
	request.set_audio_source_gain = &message;
	return connection_request(s->aud, &request, ending);
}

int aud_source_set_gain(struct aud_source *s, float gain, uint32_t ramp_ms)
{
	struct outcome outcome;
	int r = set_source(s, to_gain(gain, ramp_ms), ending_awaited(&outcome));

	return r < 0 ? r : outcome.level.capped;
}

int aud_source_set_gain_async(struct aud_source *s, float gain, uint32_t ramp_ms,
			      aud_done_fn *done, void *user)
{
	return set_source(s, to_gain(gain, ramp_ms), ending_told(done, user));
}

int aud_source_set_mute(struct aud_source *s, bool muted, uint32_t ramp_ms)
{
	struct outcome outcome;

	return set_source(s, to_mute(muted, ramp_ms), ending_awaited(&outcome));
}

int aud_source_set_mute_async(struct aud_source *s, bool muted, uint32_t ramp_ms,
			      aud_done_fn *done, void *user)
{
	return set_source(s, to_mute(muted, ramp_ms), ending_told(done, user));
}

/* ---- outputs ----------------------------------------------------------------------- */

static int set_output(struct aud *a, const char *output, struct wish w,
		      struct ending ending)
{
	Aud__SetOutputGain message = AUD__SET_OUTPUT_GAIN__INIT;
	Aud__Request request = AUD__REQUEST__INIT;

	message.output = (char *)output;
	message.has_gain = w.has_gain;
	message.gain = w.gain;
	message.has_muted = w.has_muted;
	message.muted = w.muted;
	message.has_ramp_ms = true;
	message.ramp_ms = w.ramp_ms;
	request.kind_case = AUD__REQUEST__KIND_SET_OUTPUT_GAIN;
	request.set_output_gain = &message;
	return connection_request(a, &request, ending);
}

int aud_output_set_gain(struct aud *a, const char *output, float gain, uint32_t ramp_ms)
{
	struct outcome outcome;

	return set_output(a, output, to_gain(gain, ramp_ms), ending_awaited(&outcome));
}

int aud_output_set_gain_async(struct aud *a, const char *output, float gain,
			      uint32_t ramp_ms, aud_done_fn *done, void *user)
{
	return set_output(a, output, to_gain(gain, ramp_ms), ending_told(done, user));
}

int aud_output_set_mute(struct aud *a, const char *output, bool muted, uint32_t ramp_ms)
{
	struct outcome outcome;

	return set_output(a, output, to_mute(muted, ramp_ms), ending_awaited(&outcome));
}

int aud_output_set_mute_async(struct aud *a, const char *output, bool muted,
			      uint32_t ramp_ms, aud_done_fn *done, void *user)
{
	return set_output(a, output, to_mute(muted, ramp_ms), ending_told(done, user));
}
