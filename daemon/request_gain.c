/* SPDX-License-Identifier: MIT */
/*
 * How loud a source is, or all that an output plays: requests to set it.
 */
#include "change.h"
#include "decibel.h"
#include "optional.h"
#include "request_parts.h"

enum { RAMP_MS_MAX = 10000 };

#define GAIN_MAX 16.0f

/* What a request asks for, of a level that now is as in *gain. */
struct wish {
	bool has_gain, has_muted, muted;
	float gain;
	uint32_t ramp_ms;
};

/* Takes it over into *gain, for an output; no more than `most`. */
static int apply(const struct wish *w, const struct output *o, float most,
		 struct gain *gain, struct answer *out)
{
	int error = check_ms(out, "ramp_ms", w->ramp_ms, RAMP_MS_MAX);

	if (error < 0)
		return error;
	if (!w->has_gain && !w->has_muted)
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "both gain and muted are missing");
	if (w->has_gain && !(w->gain >= 0.0f && isfinite(w->gain)))
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "gain is %g, not a factor from 0 on", (double)w->gain);
	if (w->has_gain)
		gain->factor = w->gain < most ? w->gain : most;
	if (w->has_muted)
		gain->muted = w->muted;
	gain->ramp = config_frames(output_config(o), w->ramp_ms);
	return 0;
}

/* 24 dB are a little less than the largest factor. */
static float source_most(const struct config *c)
{
	float most = factor_of_db((float)c->max_gain_db);

	return c->max_gain_db == 24 ? GAIN_MAX : most;
}

int do_set_audio_source_gain(struct conn *c, const Aud__Request *r, struct answer *out)
{
	const Aud__SetAudioSourceGain *in = r->set_audio_source_gain;
	Aud__SetAudioSourceGainReply *body = &out->body.gain;
	struct wish w = {in->has_gain, in->has_muted, in->muted, in->gain, in->ramp_ms};
	float most = source_most(c->hub->config);
	struct source *s;
	struct gain gain;
	int error = find_source(c, in->has_source_handle, in->source_handle, out, &s);

	if (error < 0)
		return error;
	gain = queue_gain(&s->queue);
	error = apply(&w, s->output, most, &gain, out);
	if (error < 0)
		return error;
	change_gain(s, gain);
	*body = (Aud__SetAudioSourceGainReply)AUD__SET_AUDIO_SOURCE_GAIN_REPLY__INIT;
	SET(body, gain, gain.factor);
	SET(body, muted, gain.muted);
	SET(body, capped, in->has_gain && in->gain > most);
	out->reply.kind_case = AUD__REPLY__KIND_SET_AUDIO_SOURCE_GAIN;
	out->reply.set_audio_source_gain = body;
	return 0;
}

/* It concerns everybody's sources. */
static int check_admin(const struct conn *c, struct answer *out)
{
	if (policy_is_admin(&c->hub->policy, &c->creds))
		return 0;
	return refuse(
		out, AUD__ERROR_CODE__PERMISSION_DENIED,
		"how loud an output is may be set by root, the daemon's user and members "
		"of the group daemon.admin_group, and by nobody else");
}

int do_set_output_gain(struct conn *c, const Aud__Request *r, struct answer *out)
{
	const Aud__SetOutputGain *in = r->set_output_gain;
	Aud__SetOutputGainReply *body = &out->body.output_gain;
	struct wish w = {in->has_gain, in->has_muted, in->muted, in->gain, in->ramp_ms};
	struct output *o;
	struct gain gain;
	int error = check_admin(c, out);

	if (error == 0)
		error = find_output(c, in->output, out, &o);
	if (error < 0)
		return error;
	if (in->has_gain && in->gain > GAIN_MAX)
		return refuse(out, AUD__ERROR_CODE__INVALID_ARGUMENT,
			      "gain is %g, more than %g", (double)in->gain,
			      (double)GAIN_MAX);
	gain = output_gain(o);
	error = apply(&w, o, GAIN_MAX, &gain, out);
	if (error < 0)
		return error;
	output_set_gain(o, gain);
	*body = (Aud__SetOutputGainReply)AUD__SET_OUTPUT_GAIN_REPLY__INIT;
	SET(body, gain, gain.factor);
	SET(body, muted, gain.muted);
	out->reply.kind_case = AUD__REPLY__KIND_SET_OUTPUT_GAIN;
	out->reply.set_output_gain = body;
	return 0;
}
