/* SPDX-License-Identifier: MIT */
/*
 * The breaks in a voice's way: where it stops, where it goes on, and how loud it is there.
 */
#include <stddef.h>
#include <string.h>

#include "voice_parts.h"

#include "room.h"

struct voice_break *voice_last_break(struct voice *v)
{
	return v->num_breaks ? &v->breaks[v->num_breaks - 1] : NULL;
}

struct voice_break *voice_break_ahead(struct voice *v)
{
	for (uint32_t i = 0; i < v->num_breaks; i++)
		if (break_is_ahead(&v->breaks[i], v->next))
			return &v->breaks[i];
	return NULL;
}

static void skip(struct voice *v, uint64_t frames)
{
	v->skipped += frames;
	v->next += frames;
	v->expects = false;
	if (v->dropped < v->skipped)
		v->dropped = v->skipped;
	if (v->fed < v->next)
		v->fed = v->next < v->seen ? v->next : v->seen;
}

void voice_jump(struct voice *v)
{
	struct voice_break *b;

	while ((b = voice_break_ahead(v)) && b->stop <= v->next)
		skip(v, b->to - v->next);
}

void voice_pass_breaks(struct voice *v, const struct voice_break *b)
{
	for (; b < v->breaks + v->num_breaks && b->stop <= v->next; b++)
		if (b->clears)
			skip(v, b->to - b->stop);
}

const struct ramp *voice_fade_at(const struct voice *v, uint64_t src, uint64_t *ret_until)
{
	static const struct ramp none = {.from = 1.0f, .to = 1.0f};

	*ret_until = QUEUE_NEVER;
	for (uint32_t i = v->num_breaks; i-- > 0;) {
		const struct voice_break *b = &v->breaks[i];

		if (src >= b->to)
			return &b->in;
		if (src >= b->out.start)
			return &b->out;
		*ret_until = b->out.start;
	}
	return &none;
}

uint64_t voice_floor_at(const struct voice *v, uint64_t src)
{
	uint64_t floor = v->floor;

	for (uint32_t i = 0; i < v->num_breaks; i++)
		if (v->breaks[i].clears && v->breaks[i].to <= src)
			floor = v->breaks[i].to;
	return floor;
}

uint64_t voice_floor(const struct voice *v)
{
	return voice_floor_at(v, v->next);
}

static struct voice_break *add_break(struct voice *v, struct fade fade)
{
	struct voice_break *b;
	uint64_t until;
	float now;

	if (v->num_breaks == VOICE_BREAKS)
		return NULL;
	now = ramp_at(voice_fade_at(v, v->next, &until), v->next);
	b = &v->breaks[v->num_breaks];
	b->stop = v->next + fade.frames;
	b->out = (struct ramp){
		.start = v->next,
		.len = fade.frames,
		.curve = fade.curve,
		.from = now,
		.to = 0.0f,
	};
	break_go_on_at(b, b->stop);
	b->clears = false;
	v->num_breaks++;
	return b;
}

struct voice_break *voice_add_pause(struct voice *v, struct fade fade)
{
	return add_break(v, fade);
}

struct voice_break *voice_add_clear(struct voice *v, struct fade fade, uint64_t to)
{
	struct voice_break *b = add_break(v, fade);

	if (b)
		break_clear_to(b, to);
	return b;
}

bool voice_end_break_here(struct voice *v, struct voice_break *b)
{
	uint64_t until;

	if (b != voice_break_ahead(v) || b != voice_last_break(v) ||
	    v->num_breaks == VOICE_BREAKS)
		return false;
	b->in = voice_level(ramp_at(voice_fade_at(v, v->next, &until), v->next));
	b->in.start = v->next;
	b->stop = b->to = v->next;
	return true;
}

void voice_skip_at_once(struct voice *v, uint64_t to)
{
	break_clear_to(voice_last_break(v), to);
	skip(v, to - v->next);
}

void voice_retire_breaks(struct voice *v)
{
	uint32_t gone = 0;

	while (gone < v->num_breaks) {
		const struct voice_break *b = &v->breaks[gone];

		if (v->played < b->to + b->in.len || b->to == v->hold_at)
			break;
		if (b->clears)
			v->floor = b->to;
		gone++;
	}
	v->num_breaks -= gone;
	memmove(v->breaks, v->breaks + gone, v->num_breaks * sizeof(v->breaks[0]));
}
