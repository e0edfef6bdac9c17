/* SPDX-License-Identifier: MIT */
/*
 * The verbs that tell sources what to do: clear, pause, resume, move, wait, close. Each
 * is a kind of order: how it is sent, what is kept of the answer, how that is told.
 */
#include <inttypes.h>
#include <stdio.h>

#include "json.h"
#include "orders.h"
#include "sources.h"
#include "text.h"
#include "verbs.h"

static struct source_label label(const struct order *order)
{
	return source_label(order->on->handle, order->on->name);
}

static struct text_number seconds(const struct order *order, uint64_t frames)
{
	return text_seconds(frames, order->on->sample_rate);
}

static json_t *source_object(const struct order *order)
{
	json_t *object = json_object();

	json_add_count(&object, "source", order->on->handle);
	return object;
}

static struct aud_fade fade(const struct order *order)
{
	return (struct aud_fade){
		.ms = (uint32_t)order->options->fade_ms,
		.curve = order->options->curve,
	};
}

/* ---- clear ------------------------------------------------------------------------- */

static int clear_send(struct order *order)
{
	struct aud_fade f = fade(order);

	return aud_source_clear_queue_async(order->source, &f, order_answered, order);
}

static void clear_keep(struct order *order, const struct aud_result *result)
{
	order->cleared = *result->cleared;
}

static void clear_say(const struct order *order)
{
	const struct aud_cleared *c = &order->cleared;

	printf("%s: heard until %s s, dropped %s s (%" PRIu64 " frames; %" PRIu64
	       " taken back from the device)\n",
	       label(order).s, seconds(order, c->heard_until).s,
	       seconds(order, c->dropped).s, c->dropped, c->taken_back);
}

static json_t *clear_json(const struct order *order)
{
	const struct aud_cleared *c = &order->cleared;
	json_t *object = source_object(order);

	json_add_count(&object, "heard_until", c->heard_until);
	json_add_count(&object, "dropped", c->dropped);
	json_add_count(&object, "taken_back", c->taken_back);
	json_add_count(&object, "in_device", c->in_device);
	json_add_count(&object, "at_ns", c->at_ns);
	return object;
}

int verb_clear(struct ctl *ctl)
{
	static const struct order_kind kind = {
		.nothing = "nothing to clear",
		.send = clear_send,
		.keep = clear_keep,
		.say = clear_say,
		.to_json = clear_json,
	};

	return orders_give(ctl, &kind, ctl->operands, ctl->num_operands);
}

/* ---- pause and resume -------------------------------------------------------------- */

static int pause_send(struct order *order)
{
	struct aud_fade f = fade(order);

	return aud_source_pause_async(order->source, &f, order_answered, order);
}

static int resume_send(struct order *order)
{
	struct aud_fade f = fade(order);

	return aud_source_resume_async(order->source, &f, order_answered, order);
}

static void position_keep(struct order *order, const struct aud_result *result)
{
	order->position = result->position;
}

static void pause_say(const struct order *order)
{
	printf("%s: paused at %s s (frame %" PRIu64 ")\n", label(order).s,
	       seconds(order, order->position).s, order->position);
}

static void resume_say(const struct order *order)
{
	printf("%s: goes on at %s s (frame %" PRIu64 ")\n", label(order).s,
	       seconds(order, order->position).s, order->position);
}

static json_t *position_json(const struct order *order)
{
	json_t *object = source_object(order);

	json_add_count(&object, "position", order->position);
	return object;
}

int verb_pause(struct ctl *ctl)
{
	static const struct order_kind kind = {
		.nothing = "nothing to pause",
		.send = pause_send,
		.keep = position_keep,
		.say = pause_say,
		.to_json = position_json,
	};

	return orders_give(ctl, &kind, ctl->operands, ctl->num_operands);
}

int verb_resume(struct ctl *ctl)
{
	static const struct order_kind kind = {
		.nothing = "nothing to resume",
		.send = resume_send,
		.keep = position_keep,
		.say = resume_say,
		.to_json = position_json,
	};

	return orders_give(ctl, &kind, ctl->operands, ctl->num_operands);
}

/* ---- move -------------------------------------------------------------------------- */

static int move_send(struct order *order)
{
	struct aud_fade f = fade(order);

	return aud_source_move_async(order->source, order->options->output, &f,
				     order_answered, order);
}

static void move_say(const struct order *order)
{
	char output[64];

	printf("%s: goes on at %s, at %s s (frame %" PRIu64 ")\n", label(order).s,
	       text_safe(output, sizeof(output), order->options->output),
	       seconds(order, order->position).s, order->position);
}

static json_t *move_json(const struct order *order)
{
	json_t *object = position_json(order);

	json_add(&object, "output", json_text(order->options->output));
	return object;
}

int verb_move(struct ctl *ctl)
{
	static const struct order_kind kind = {
		.nothing = "nothing to move",
		.send = move_send,
		.keep = position_keep,
		.say = move_say,
		.to_json = move_json,
	};
	size_t num_sources = ctl->num_operands - 1; /* the last operand is no source */

	if (!num_sources && !ctl->options.all)
		return ctl_usage(ctl, "SOURCE or --all is missing");
	ctl->options.output = ctl->operands[num_sources];
	return orders_give(ctl, &kind, ctl->operands, num_sources);
}

/* ---- wait -------------------------------------------------------------------------- */

static int wait_send(struct order *order)
{
	const struct aud_wait_options options = {
		.timeout_ms = (uint32_t)order->options->timeout_ms,
		.device_lost_ms = (uint32_t)order->options->device_lost_ms,
		.only_present = order->options->present,
	};

	return aud_source_wait_for_playout_async(order->source, &options, order_answered,
						 order);
}

static void wait_keep(struct order *order, const struct aud_result *result)
{
	order->playout = *result->playout;
}

static const char *wait_reason(const struct order *order)
{
	switch (order->playout.reason) {
	case AUD_PLAYED:
		return "played";
	case AUD_CLEARED:
		return "cleared";
	case AUD_SOURCE_CLOSED:
		return "closed";
	case AUD_TIMED_OUT:
		return "timed out";
	case AUD_DEVICE_LOST:
		return "device lost";
	}
	return "unknown";
}

static void wait_say(const struct order *order)
{
	printf("%s: %s, at %s s (frame %" PRIu64 ")\n", label(order).s,
	       wait_reason(order), seconds(order, order->playout.played).s,
	       order->playout.played);
}

static json_t *wait_json(const struct order *order)
{
	json_t *object = source_object(order);

	json_add(&object, "reason", json_string(wait_reason(order)));
	json_add_count(&object, "played", order->playout.played);
	json_add_count(&object, "at_ns", order->playout.at_ns);
	return object;
}

static int wait_status(const struct order *order)
{
	enum aud_playout_reason reason = order->playout.reason;

	return reason == AUD_TIMED_OUT || reason == AUD_DEVICE_LOST ? CTL_REFUSED
								    : CTL_DONE;
}

int verb_wait(struct ctl *ctl)
{
	static const struct order_kind kind = {
		.nothing = "nothing to wait for",
		.send = wait_send,
		.keep = wait_keep,
		.say = wait_say,
		.to_json = wait_json,
		.status = wait_status,
	};

	return orders_give(ctl, &kind, ctl->operands, ctl->num_operands);
}

/* ---- close ------------------------------------------------------------------------- */

/* The library closes by a blocking call only; but the answer comes at once. */
static int close_send(struct order *order)
{
	static const struct aud_result done = {.message = ""};
	int r = aud_source_close(order->source, order->options->drop);

	if (r >= 0)
		order_answered(&done, order);
	return r;
}

static void close_say(const struct order *order)
{
	printf("%s: closed, %s\n", label(order).s,
	       order->options->drop ? "what was queued is dropped"
				    : "what is queued plays out");
}

static json_t *close_json(const struct order *order)
{
	json_t *object = source_object(order);

	json_add(&object, "drop", json_boolean(order->options->drop));
	return object;
}

int verb_close(struct ctl *ctl)
{
	static const struct order_kind kind = {
		.nothing = "nothing to close",
		.send = close_send,
		.say = close_say,
		.to_json = close_json,
	};

	if (!ctl->num_operands && !ctl->options.all)
		return ctl_usage(ctl, "SOURCE or --all is missing");
	return orders_give(ctl, &kind, ctl->operands, ctl->num_operands);
}
