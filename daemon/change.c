/* SPDX-License-Identifier: MIT */
/*
 * The player sees numbers, not requests: of several clears that came before its turn it
 * obeys the last, and reports where that one began and how much is dropped in all. So
 * clears are told together, when the latest is obeyed: the newest dropped what lies
 * between where it began and its end, and the older ones dropped the rest.
 */
#include "change.h"

#include "capture.h"
#include "events.h"
#include "mark.h"
#include "optional.h"
#include "playout.h"

static uint64_t load(const _Atomic uint64_t *number)
{
	return atomic_load_explicit(number, memory_order_relaxed);
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t excess(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* ---- clear ----------------------------------------------------------------------- */

/* Frames below a position that are still to be heard; older cuts may lie before it. */
static uint64_t unheard(const struct source *s, const struct source_look *look,
			uint64_t position)
{
	if (position <= look->played)
		return 0;
	return holes_frames(&s->keep->holes, look->played, position);
}

static void cut_answer(const struct source *s, const struct cut *c,
		       const struct source_look *look)
{
	Aud__ClearAudioBufferReply body = AUD__CLEAR_AUDIO_BUFFER_REPLY__INIT;
	Aud__Reply r = AUD__REPLY__INIT;

	SET(&body, heard_until, c->from);
	SET(&body, dropped, c->dropped);
	SET(&body, taken_back, smaller(c->dropped, excess(look->cut_fed, c->from)));
	SET(&body, in_device, unheard(s, look, c->from));
	SET(&body, at_ns, look->report.when_ns);
	r.kind_case = AUD__REPLY__KIND_CLEAR_AUDIO_BUFFER;
	r.clear_audio_buffer = &body;
	ticket_answer(&c->ticket, &r);
}

/* What each of them took; the player has obeyed the newest. The oldest took what is left: it may go
 * back behind the end of one that is told, if the device was lost before it played what that one
 * had found in it. */
static void share_out(struct source *s, const struct source_look *look)
{
	struct cut *c = TAILQ_LAST(&s->cuts.list, cut_list);
	uint64_t left = look->dropped - s->cuts.told;
	uint64_t began = larger(look->cut_from, c->before);
	uint64_t from = look->cut_from;

	while (c) {
		struct cut *older = TAILQ_PREV(c, cut_list, link);

		c->dropped = older ? smaller(left, excess(c->to, began)) : left;
		c->from = c->dropped ? c->to - c->dropped : from;
		left -= c->dropped;
		from = c->from;
		c = older;
		began = c ? c->before : 0;
	}
	s->cuts.told = look->dropped;
}

static void forget(struct source *s, struct cut *c)
{
	TAILQ_REMOVE(&s->cuts.list, c, link);
	if (c == &s->cuts.closing)
		s->cuts.is_closing = false;
	else
		source_end_wait(&s->num_changing, c);
}

static void cuts_obeyed(struct waiter *w)
{
	struct source *s = SOURCE_OF(w, cuts.applied);
	struct source_look look;
	struct cut *c;

	source_look(s, &look);
	share_out(s, &look);
	while ((c = TAILQ_FIRST(&s->cuts.list))) {
		uint64_t from = c->to - c->dropped, to = c->to;

		if (c == &s->cuts.closing)
			s->keep->cut_by_close += c->dropped;
		cut_answer(s, c, &look);
		forget(s, c);
		holes_add(&s->keep->holes, from, to);
		marks_cut(s, from, to);
	}
	events_cut(s);
}

/* All that is written goes. */
static void cut(struct source *s, struct fade fade)
{
	s->cuts.latest = source_written(s);
	queue_cut(&s->queue, fade);
	s->cuts.applied.due = cuts_obeyed;
	waiter_add(&s->waiters, &s->cuts.applied, AWAIT_APPLIED, source_ask(s));
}

/* Before a new one is issued: each that is still open makes it harder to say which of them
 * took what. */
static void tell_those_obeyed(struct source *s)
{
	if (!TAILQ_EMPTY(&s->cuts.list) &&
	    player_has_applied(output_player(s->output), s->cuts.applied.at)) {
		waiter_remove(&s->cuts.applied);
		cuts_obeyed(&s->cuts.applied);
	}
}

static void issue(struct source *s, struct cut *c, struct fade fade)
{
	tell_those_obeyed(s);
	c->to = source_written(s);
	c->before = s->cuts.latest;
	TAILQ_INSERT_TAIL(&s->cuts.list, c, link);
	cut(s, fade);
}

int change_clear(struct source *s, const struct ticket *t, struct fade fade)
{
	struct cut *c;
	void *memory;
	int r = source_begin_wait(s, &s->num_changing, sizeof(*c), &memory);

	if (r < 0)
		return r;
	c = memory;
	c->ticket = *t;
	captures_cancel(s, AUD__DROP_REASON__DROPPED_BY_CLEAR);
	issue(s, c, fade);
	playouts_release(s, AUD__PLAYOUT_REASON__CLEARED);
	return 0;
}

/* One that comes before the last one is told joins the newest that is not. */
void change_drop(struct source *s, struct fade fade)
{
	tell_those_obeyed(s);
	if (s->cuts.is_closing) {
		TAILQ_LAST(&s->cuts.list, cut_list)->to = source_written(s);
		cut(s, fade);
	} else {
		s->cuts.is_closing = true;
		issue(s, &s->cuts.closing, fade);
	}
}

void cuts_forget(struct source *s, const struct conn *c)
{
	struct cut *cut;

	TAILQ_FOREACH (cut, &s->cuts.list, link) {
		if (cut->ticket.conn == c)
			cut->ticket.conn = NULL;
	}
}

void cuts_done(struct source *s)
{
	while (!TAILQ_EMPTY(&s->cuts.list))
		forget(s, TAILQ_FIRST(&s->cuts.list));
}

/* ---- pause and resume ------------------------------------------------------------ */

struct hold {
	struct waiter waiter;
	struct source *source;
	bool paused;
	uint64_t least; /* the answer is at least this */
};

static void hold_discard(struct waiter *w)
{
	struct hold *h = (struct hold *)w;

	source_end_wait(&h->source->num_changing, h);
}

/* Where it stands, or goes on. If a resume came before the player's turn, stopped_at is
 * of an older pause, or there never was one. */
static uint64_t position(const struct hold *h)
{
	struct source_look look;

	source_look(h->source, &look);
	return larger(look.stopped_at, h->least);
}

static void hold_obeyed(struct waiter *w)
{
	struct hold *h = (struct hold *)w;
	Aud__PauseAudioSourceReply paused = AUD__PAUSE_AUDIO_SOURCE_REPLY__INIT;
	Aud__ResumeAudioSourceReply resumed = AUD__RESUME_AUDIO_SOURCE_REPLY__INIT;
	Aud__Reply r = AUD__REPLY__INIT;

	if (h->paused) {
		SET(&paused, position, position(h));
		r.kind_case = AUD__REPLY__KIND_PAUSE_AUDIO_SOURCE;
		r.pause_audio_source = &paused;
	} else {
		SET(&resumed, position, position(h));
		r.kind_case = AUD__REPLY__KIND_RESUME_AUDIO_SOURCE;
		r.resume_audio_source = &resumed;
	}
	ticket_answer(&w->ticket, &r);
	hold_discard(w);
}

int change_hold(struct source *s, const struct ticket *t, bool paused, struct fade fade)
{
	struct hold *h;
	void *memory;
	int r = source_begin_wait(s, &s->num_changing, sizeof(*h), &memory);

	if (r < 0)
		return r;
	if (!s->paused)
		s->before_pause = load(&s->queue.player->played);
	h = memory;
	h->source = s;
	h->paused = paused;
	h->least = s->before_pause;
	h->waiter.ticket = *t;
	h->waiter.due = hold_obeyed;
	h->waiter.discard = hold_discard;
	s->paused = paused;
	queue_hold(&s->queue, paused, fade);
	waiter_add(&s->waiters, &h->waiter, AWAIT_APPLIED, source_ask(s));
	return 0;
}

/* ---- gain ------------------------------------------------------------------------ */

void change_gain(struct source *s, struct gain gain)
{
	queue_set_gain(&s->queue, gain);
	source_ask(s);
}
