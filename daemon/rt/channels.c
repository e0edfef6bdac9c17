/* SPDX-License-Identifier: MIT */
/*
 * A channel goes to the device's channel of its own name. One that the device does not have goes
 * to its neighbours, by the coefficients of ITU-R BS.775; nothing is scaled down for that. The
 * table is also in audd(8).
 */
#include <math.h>
#include <stddef.h>

#include "channels.h"

#include "room.h"

#define HALF_POWER 0.70710678f

/* For a channel that the device does not have: the first row whose places it has. A channel that
 * only moves (level 1) shares the place with the source's own channel for it, at half the power
 * each. A low-frequency channel is for a loudspeaker of its own, and goes nowhere else. */
static const struct fold {
	uint8_t from, to[2];
	float level;
} folds[] = {
	{CHANNEL_FL, {CHANNEL_FC, CHANNEL_FC}, 0.5f},
	{CHANNEL_FR, {CHANNEL_FC, CHANNEL_FC}, 0.5f},
	{CHANNEL_FC, {CHANNEL_FL, CHANNEL_FR}, HALF_POWER},
	{CHANNEL_RL, {CHANNEL_SL, CHANNEL_SL}, 1.0f},
	{CHANNEL_RL, {CHANNEL_RC, CHANNEL_RC}, HALF_POWER},
	{CHANNEL_RL, {CHANNEL_FL, CHANNEL_FL}, HALF_POWER},
	{CHANNEL_RR, {CHANNEL_SR, CHANNEL_SR}, 1.0f},
	{CHANNEL_RR, {CHANNEL_RC, CHANNEL_RC}, HALF_POWER},
	{CHANNEL_RR, {CHANNEL_FR, CHANNEL_FR}, HALF_POWER},
	{CHANNEL_SL, {CHANNEL_RL, CHANNEL_RL}, 1.0f},
	{CHANNEL_SL, {CHANNEL_RC, CHANNEL_RC}, HALF_POWER},
	{CHANNEL_SL, {CHANNEL_FL, CHANNEL_FL}, HALF_POWER},
	{CHANNEL_SR, {CHANNEL_RR, CHANNEL_RR}, 1.0f},
	{CHANNEL_SR, {CHANNEL_RC, CHANNEL_RC}, HALF_POWER},
	{CHANNEL_SR, {CHANNEL_FR, CHANNEL_FR}, HALF_POWER},
	{CHANNEL_RC, {CHANNEL_RL, CHANNEL_RR}, HALF_POWER},
	{CHANNEL_RC, {CHANNEL_SL, CHANNEL_SR}, HALF_POWER},
	{CHANNEL_RC, {CHANNEL_FL, CHANNEL_FR}, 0.5f},
	{CHANNEL_FLC, {CHANNEL_FL, CHANNEL_FC}, HALF_POWER},
	{CHANNEL_FLC, {CHANNEL_FL, CHANNEL_FL}, 1.0f},
	{CHANNEL_FRC, {CHANNEL_FR, CHANNEL_FC}, HALF_POWER},
	{CHANNEL_FRC, {CHANNEL_FR, CHANNEL_FR}, 1.0f},
	{CHANNEL_RLC, {CHANNEL_RL, CHANNEL_RL}, 1.0f},
	{CHANNEL_RLC, {CHANNEL_SL, CHANNEL_SL}, 1.0f},
	{CHANNEL_RLC, {CHANNEL_FL, CHANNEL_FL}, HALF_POWER},
	{CHANNEL_RRC, {CHANNEL_RR, CHANNEL_RR}, 1.0f},
	{CHANNEL_RRC, {CHANNEL_SR, CHANNEL_SR}, 1.0f},
	{CHANNEL_RRC, {CHANNEL_FR, CHANNEL_FR}, HALF_POWER},
};
enum { NUM_FOLDS = sizeof(folds) / sizeof(folds[0]) };

struct layout layout_default(uint32_t count)
{
	static const uint8_t alsa[CHANNELS_NAMED] = {CHANNEL_FL, CHANNEL_FR, CHANNEL_RL,
						     CHANNEL_RR, CHANNEL_FC, CHANNEL_LFE,
						     CHANNEL_SL, CHANNEL_SR};
	struct layout l = {0};

	for (uint32_t i = 0; i < count && i < CHANNELS_NAMED; i++)
		l.at[i] = alsa[i];
	if (count == 1)
		l.at[0] = CHANNEL_MONO;
	if (count == 3)
		l.at[2] = CHANNEL_FC;
	if (count == 7)
		l.at[6] = CHANNEL_RC;
	return l;
}

bool channels_are_sane(const struct channels *c, uint32_t in)
{
	if (c->outputs > CHANNELS_MAX || c->outputs * in > CHANNELS_MATRIX_MAX)
		return false;
	for (uint32_t i = 0; i < CHANNELS_MAX; i++)
		if (c->layout.at[i] >= NUM_CHANNELS)
			return false;
	/* Not so for what is no number, too. */
	for (uint32_t i = 0; i < c->outputs * in; i++)
		if (!(fabsf(c->matrix[i]) <= CHANNELS_LEVEL_MAX))
			return false;
	return true;
}

static bool layout_has(const struct layout *l, uint32_t count, uint8_t channel)
{
	for (uint32_t i = 0; i < count; i++)
		if (l->at[i] == channel)
			return true;
	return false;
}

static bool layout_has_only(const struct layout *l, uint32_t count, uint8_t channel)
{
	for (uint32_t i = 0; i < count; i++)
		if (l->at[i] != channel)
			return false;
	return true;
}

/* ---- by names ------------------------------------------------------------------------- */

/* What a map is made of. */
struct names {
	const struct layout *from, *to;
	uint32_t in, out;
};

static void add(struct channel_map *m, uint32_t out, uint32_t in, float level)
{
	if (m->count < MAP_MAX_ROUTES)
		m->routes[m->count++] = (struct route){(uint8_t)out, (uint8_t)in, level};
}

/* The device's channel of that name; or `out`: it has none. */
static uint32_t find(const struct names *n, uint8_t channel)
{
	uint32_t i = 0;

	while (i < n->out && n->to->at[i] != channel)
		i++;
	return i;
}

static const struct fold *find_fold(const struct names *n, uint8_t channel)
{
	for (int i = 0; i < NUM_FOLDS; i++)
		if (folds[i].from == channel && find(n, folds[i].to[0]) < n->out &&
		    find(n, folds[i].to[1]) < n->out)
			return &folds[i];
	return NULL;
}

static void fold_in(struct channel_map *m, const struct names *n, uint32_t in)
{
	const struct fold *f = find_fold(n, n->from->at[in]);
	float level;

	if (!f)
		return;
	level = f->level;
	if (level == 1.0f && layout_has(n->from, n->in, f->to[0]))
		level = HALF_POWER;
	add(m, find(n, f->to[0]), in, level);
	if (f->to[1] != f->to[0])
		add(m, find(n, f->to[1]), in, level);
}

static void to_all(struct channel_map *m, const struct names *n, uint32_t in)
{
	for (uint32_t i = 0; i < n->out; i++)
		if (n->to->at[i] != CHANNEL_NA)
			add(m, i, in, 1.0f);
}

static bool is_mono(const struct names *n, uint32_t in)
{
	return n->from->at[in] == CHANNEL_MONO ||
	       (n->in == 1 && n->from->at[in] == CHANNEL_UNKNOWN);
}

static void place(struct channel_map *m, const struct names *n, uint32_t in)
{
	uint8_t channel = n->from->at[in];

	if (is_mono(n, in))
		to_all(m, n, in);
	else if (channel == CHANNEL_UNKNOWN && in < n->out)
		add(m, in, in, 1.0f);
	else if (channel > CHANNEL_NA && find(n, channel) < n->out)
		add(m, find(n, channel), in, 1.0f);
	else
		fold_in(m, n, in);
}

/* One loudspeaker has the mean of what two would have; of channels without names, their share. */
static void place_on_one(struct channel_map *m, const struct names *n, uint32_t in)
{
	static const struct layout pair = {{CHANNEL_FL, CHANNEL_FR}};
	struct names two = {n->from, &pair, n->in, 2};
	uint32_t first = m->count;
	float sum = 0;

	if (n->from->at[in] == CHANNEL_UNKNOWN && !is_mono(n, in)) {
		add(m, 0, in, 1.0f / (float)n->in);
		return;
	}
	place(m, &two, in);
	while (m->count > first)
		sum += m->routes[--m->count].level;
	if (sum != 0.0f)
		add(m, 0, in, 0.5f * sum);
}

/* ---- all of it ------------------------------------------------------------------------ */

float channel_map_level(const struct channel_map *m, uint32_t out, uint32_t in)
{
	float level = 0;

	if (m->matrix)
		return m->matrix[(size_t)out * m->in + in];
	for (uint32_t i = 0; i < m->count; i++)
		if (m->routes[i].out == out && m->routes[i].in == in)
			level += m->routes[i].level;
	return level;
}

/* Most of them are one of two for which there is a shorter way. */
static enum map_kind kind_of(const struct channel_map *m)
{
	bool is_same = m->in == m->out, is_spread = m->in == 1;

	for (uint32_t o = 0; o < m->out && (is_same || is_spread); o++)
		for (uint32_t i = 0; i < m->in; i++) {
			float level = channel_map_level(m, o, i);

			is_same = is_same && level == (o == i ? 1.0f : 0.0f);
			is_spread = is_spread && level == 1.0f;
		}
	return is_same ? MAP_SAME : is_spread ? MAP_SPREAD : MAP_ROUTES;
}

static bool is_plain(const struct channel_map *m)
{
	for (uint32_t o = 0; o < m->out; o++) {
		uint32_t heard = 0;

		for (uint32_t i = 0; i < m->in; i++) {
			float level = channel_map_level(m, o, i);

			if (level != 0.0f && (level != 1.0f || heard > 0))
				return false;
			heard += level != 0.0f;
		}
	}
	return true;
}

void channel_map_make(struct channel_map *m, const struct channels *from, uint32_t in,
		      const struct layout *to, uint32_t out)
{
	struct layout usual = layout_default(out);
	bool is_named = !layout_has_only(to, out, CHANNEL_UNKNOWN);
	struct names n = {&from->layout, is_named ? to : &usual, in, out};
	bool has_matrix = from->outputs == out && in * out <= CHANNELS_MATRIX_MAX;

	m->to = *to;
	m->in = in;
	m->out = out;
	m->count = 0;
	m->matrix = has_matrix ? from->matrix : NULL;
	for (uint32_t i = 0; i < in && !has_matrix; i++)
		if (out == 1)
			place_on_one(m, &n, i);
		else
			place(m, &n, i);
	m->kind = kind_of(m);
	if (has_matrix && m->kind == MAP_ROUTES)
		m->kind = MAP_MATRIX;
	m->is_plain = is_plain(m);
}

bool channel_map_fits(const struct channel_map *m, const struct layout *to, uint32_t out)
{
	bool fits = m->out == out;

	for (uint32_t i = 0; i < out && fits; i++)
		fits = m->to.at[i] == to->at[i];
	return fits;
}
