/* SPDX-License-Identifier: MIT */
/*
 * The verbs that say how loud: gain, mute and unmute, of sources or of an output.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "level.h"
#include "orders.h"
#include "sources.h"
#include "text.h"
#include "verbs.h"

struct level_text level_text(float gain, bool muted)
{
	struct level_text text;

	if (gain > 0)
		snprintf(text.s, sizeof(text.s), "gain %g (%+.1f dB)%s", gain,
			 aud_gain_to_db(gain), muted ? ", muted" : "");
	else
		snprintf(text.s, sizeof(text.s), "gain 0%s", muted ? ", muted" : "");
	return text;
}

struct level_text level_unusual(float gain, bool muted)
{
	struct level_text text;

	if (gain == 1.0f)
		snprintf(text.s, sizeof(text.s), "%s", muted ? ", muted" : "");
	else
		snprintf(text.s, sizeof(text.s), ", %.60s", level_text(gain, muted).s);
	return text;
}

/* ---- sources ------------------------------------------------------------------------- */

static uint32_t ramp(const struct options *options)
{
	return (uint32_t)options->ramp_ms;
}

static int gain_send(struct order *order)
{
	return aud_source_set_gain_async(order->source, order->options->gain,
					 ramp(order->options), order_answered, order);
}

static int mute_send(struct order *order)
{
	return aud_source_set_mute_async(order->source, true, ramp(order->options),
					 order_answered, order);
}

static int unmute_send(struct order *order)
{
	return aud_source_set_mute_async(order->source, false, ramp(order->options),
					 order_answered, order);
}

static void level_keep(struct order *order, const struct aud_result *result)
{
	order->level = *result->level;
}

static void level_say(const struct order *order)
{
	const struct aud_level *l = &order->level;

	printf("%s: %s within %" PRIu64 " ms%s\n",
	       source_label(order->on->handle, order->on->name).s,
	       level_text(l->gain, l->muted).s, order->options->ramp_ms,
	       l->capped ? "; the daemon allows no more" : "");
}

static json_t *level_json(const struct order *order)
{
	json_t *object = json_object();

	json_add_count(&object, "source", order->on->handle);
	json_add(&object, "gain", json_real(order->level.gain));
	json_add(&object, "muted", json_boolean(order->level.muted));
	json_add(&object, "capped", json_boolean(order->level.capped));
	json_add_count(&object, "ramp_ms", order->options->ramp_ms);
	return object;
}

/* ---- outputs ------------------------------------------------------------------------- */

static bool is_for_output(const struct ctl *ctl)
{
	return ctl->options.given & OPTION_BIT(OPTION_OUTPUT);
}

/* What an output's level is after what was asked for, which is the answer `answered`. */
static int tell_output(struct ctl *ctl, int answered)
{
	struct aud_daemon_status *daemon;
	const struct aud_output_status *o = NULL;
	const char *name = ctl->options.output;
	int r = answered < 0 ? answered : aud_daemon_status(ctl->aud, &daemon);
	json_t *object;

	if (r < 0)
		return ctl_failed(ctl, r);
	for (size_t i = 0; i < daemon->num_outputs; i++)
		if (!strcmp(daemon->outputs[i].name, name))
			o = &daemon->outputs[i];
	if (o && ctl->options.json) {
		object = json_object();
		json_add(&object, "output", json_text(o->name));
		json_add(&object, "gain", json_real(o->gain));
		json_add(&object, "muted", json_boolean(o->muted));
		json_add_count(&object, "ramp_ms", ctl->options.ramp_ms);
		r = json_print(ctl, object);
	} else if (o && !ctl->options.quiet) {
		printf("output %s: %s within %" PRIu64 " ms\n", o->name,
		       level_text(o->gain, o->muted).s, ctl->options.ramp_ms);
	}
	aud_daemon_status_free(daemon);
	return r;
}

/* muted NULL: the gain is to be set. */
static int set_output(struct ctl *ctl, const bool *muted, size_t num_sources)
{
	const struct options *o = &ctl->options;
	int status, r;

	if (num_sources || o->all)
		return ctl_usage(ctl, "either --output or sources");
	status = ctl_connect(ctl);
	if (status)
		return status;
	if (muted)
		r = aud_output_set_mute(ctl->aud, o->output, *muted, ramp(o));
	else
		r = aud_output_set_gain(ctl->aud, o->output, o->gain, ramp(o));
	return tell_output(ctl, r);
}

/* ---- verbs --------------------------------------------------------------------------- */

int verb_gain(struct ctl *ctl)
{
	static const struct order_kind kind = {
		.nothing = "nothing to make louder or softer",
		.send = gain_send,
		.keep = level_keep,
		.say = level_say,
		.to_json = level_json,
	};
	struct options_error error;

	if (!options_to_gain("LEVEL", ctl->operands[0], &ctl->options.gain, &error))
		return ctl_usage(ctl, "%s", error.s);
	if (is_for_output(ctl))
		return set_output(ctl, NULL, ctl->num_operands - 1);
	return orders_give(ctl, &kind, ctl->operands + 1, ctl->num_operands - 1);
}

static int mute(struct ctl *ctl, const struct order_kind *kind, bool muted)
{
	if (is_for_output(ctl))
		return set_output(ctl, &muted, ctl->num_operands);
	return orders_give(ctl, kind, ctl->operands, ctl->num_operands);
}

int verb_mute(struct ctl *ctl)
{
	static const struct order_kind kind = {
		.nothing = "nothing to mute",
		.send = mute_send,
		.keep = level_keep,
		.say = level_say,
		.to_json = level_json,
	};

	return mute(ctl, &kind, true);
}

int verb_unmute(struct ctl *ctl)
{
	static const struct order_kind kind = {
		.nothing = "nothing to unmute",
		.send = unmute_send,
		.keep = level_keep,
		.say = level_say,
		.to_json = level_json,
	};

	return mute(ctl, &kind, false);
}
