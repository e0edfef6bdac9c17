/* SPDX-License-Identifier: MIT */
/*
 * Small lists, searched from end to end.
 */
#include "model.h"

#include <check.h>
#include <stdlib.h>

void model_done(struct model *m)
{
	free(m->at);
}

void model_push(struct model *m, uint64_t number, uint64_t frames,
		const Aud__CaptureAudioFrameReply *r)
{
	ck_assert_int_lt(m->num_takes, MODEL_TAKES);
	ck_assert_uint_eq(r->accepted + r->dropped, frames);
	ck_assert_int_eq(r->reason, r->dropped ? AUD__DROP_REASON__DROPPED_BY_CLEAR
					       : AUD__DROP_REASON__NOT_DROPPED);
	m->captured += frames;
	m->refused += r->dropped;
	if (r->accepted == 0)
		return;
	ck_assert_uint_eq(r->first, m->written);
	m->takes[m->num_takes++] = (struct model_take){r->first, r->accepted, number};
	m->written += r->accepted;
}

void model_clear(struct model *m, const Aud__ClearAudioBufferReply *r)
{
	ck_assert_int_lt(m->num_cuts, MODEL_CUTS);
	ck_assert_uint_le(r->heard_until, m->written);
	ck_assert_uint_eq(r->dropped, m->written - r->heard_until);
	ck_assert_uint_le(r->taken_back, r->dropped);
	ck_assert_uint_le(r->in_device, r->heard_until);
	m->cuts[m->num_cuts++] = (struct model_cut){r->heard_until, m->written};
	model_rest(m, r->heard_until);
	model_rest(m, m->written);
}

void model_rest(struct model *m, uint64_t position)
{
	ck_assert_int_lt(m->num_rests, MODEL_RESTS);
	m->rests[m->num_rests++] = position;
}

static uint64_t frames_cut(const struct model *m)
{
	uint64_t n = 0;

	for (int i = 0; i < m->num_cuts; i++)
		n += m->cuts[i].to - m->cuts[i].from;
	return n;
}

uint64_t model_heard(const struct model *m)
{
	return m->written - frames_cut(m);
}

static bool is_rest(const struct model *m, uint64_t position)
{
	if (position == 0 || position == m->written)
		return true;
	for (int i = 0; i < m->num_rests; i++)
		if (m->rests[i] == position)
			return true;
	return false;
}

static uint64_t number_at(const struct model *m, uint64_t position)
{
	for (int i = 0; i < m->num_takes; i++) {
		const struct model_take *t = &m->takes[i];

		if (position - t->first < t->frames)
			return t->number + (position - t->first);
	}
	ck_abort_msg("position %d is in no capture", (int)position);
}

/* The position itself, or that behind the cuts which begin there; they are in order. */
static uint64_t skip_cuts(const struct model *m, uint64_t position)
{
	for (int i = 0; i < m->num_cuts; i++)
		if (m->cuts[i].from == position)
			position = m->cuts[i].to;
	return position;
}

static void check_frame(struct model *m, uint64_t position, uint64_t index,
			int16_t sample)
{
	ck_assert_msg(position < m->written, "frame %d of the recording, %d, is too many",
		      (int)index, sample);
	ck_assert_msg(sample == venue_number(number_at(m, position)),
		      "frame %d of the recording is %d, where position %d, %d, was due",
		      (int)index, sample, (int)position,
		      venue_number(number_at(m, position)));
	m->at[position] = index;
}

void model_check(struct model *m, const int16_t *heard, uint64_t n, uint64_t stray)
{
	uint64_t position = 0, end = 0;

	m->at = malloc((m->written + 1) * sizeof(*m->at));
	for (uint64_t i = 0; i <= m->written; i++)
		m->at[i] = MODEL_NEVER;
	for (uint64_t i = 0; i < n; i++) {
		if (heard[i] == 0) {
			m->stray += !is_rest(m, position);
			continue;
		}
		position = skip_cuts(m, position);
		check_frame(m, position++, i, heard[i]);
		end = i + 1;
	}
	ck_assert_msg(skip_cuts(m, position) == m->written, "heard up to %d of %d",
		      (int)position, (int)m->written);
	m->at[m->written] = end;
	ck_assert_uint_le(m->stray, stray);
}

void model_check_ledger(const struct model *m, const Aud__AudioSourceStatus *s)
{
	ck_assert_uint_eq(s->pushed, m->captured);
	ck_assert_uint_eq(s->heard, model_heard(m));
	ck_assert_uint_eq(s->queued, 0);
	ck_assert_uint_eq(s->dropped_cleared, frames_cut(m) + m->refused);
	ck_assert_uint_eq(s->dropped_closed, 0);
	ck_assert_uint_eq(s->dropped_refused, 0);
}
