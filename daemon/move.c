/* SPDX-License-Identifier: MIT */
/*
 * A move is what there is already, one after the other: the source is parked, as by a pause;
 * what was before that is heard; the voice leaves its slot; it is set up for the other device,
 * and gets a slot there; it goes on. Between two players a voice is the main thread's: what is
 * asked of the source meanwhile, the next player obeys.
 *
 * Where there is no device, nothing has to be heard: all is in the queue.
 */
#include "move.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "optional.h"

struct move {
	TAILQ_ENTRY(move) link;
	struct ticket ticket;
	struct output *to;
	const struct taps *taps; /* NULL: none are needed, or the source has them now */
	struct fade fade;
};

static struct move *current(const struct source *s)
{
	return TAILQ_FIRST(&s->moves.list);
}

static void forget(struct source *s, struct move *m)
{
	TAILQ_REMOVE(&s->moves.list, m, link);
	taps_unref(m->taps);
	source_end_wait(&s->num_waiting, m);
}

/* ---- answers --------------------------------------------------------------------- */

static void answer(const struct move *m, uint64_t position)
{
	Aud__MoveAudioSourceReply body = AUD__MOVE_AUDIO_SOURCE_REPLY__INIT;
	Aud__Reply r = AUD__REPLY__INIT;

	SET(&body, position, position);
	r.kind_case = AUD__REPLY__KIND_MOVE_AUDIO_SOURCE;
	r.move_audio_source = &body;
	ticket_answer(&m->ticket, &r);
}

static void answer_closed(const struct source *s, const struct move *m)
{
	Aud__Error error = AUD__ERROR__INIT;
	Aud__Reply r = AUD__REPLY__INIT;
	char sentence[80];

	snprintf(sentence, sizeof(sentence),
		 "source %" PRIu64 " has ended before it was moved", s->id);
	SET(&error, code, AUD__ERROR_CODE__CLOSED);
	error.message = sentence;
	r.kind_case = AUD__REPLY__KIND_ERROR;
	r.error = &error;
	ticket_answer(&m->ticket, &r);
}

/* ---- the steps ------------------------------------------------------------------- */

static void begin(struct source *s);

static void step_to(struct source *s, enum move_step step, void (*due)(struct waiter *w))
{
	s->moves.step = step;
	s->moves.waiter.due = due;
}

static void entered(struct waiter *w)
{
	struct source *s = SOURCE_OF(w, moves.waiter);

	answer(current(s), s->moves.position);
	forget(s, current(s));
	step_to(s, MOVE_NONE, NULL);
	begin(s);
}

static void take_taps(struct source *s, struct move *m)
{
	taps_unref(s->taps);
	s->taps = m->taps;
	m->taps = NULL;
	queue_set_near(&s->queue, sources_near(m->to, s->queue.shape.rate, s->taps));
}

/* The voice is ours. There is a slot for it: each output has as many as there are sources. */
static void left(struct waiter *w)
{
	struct source *s = SOURCE_OF(w, moves.waiter);
	struct move *m = current(s);
	uint64_t asked;

	take_taps(s, m);
	voice_move(&s->voice, s->taps);
	s->moves.position = s->voice.next;
	s->output = m->to;
	s->keep->output = output_key(m->to);
	queue_park(&s->queue, false, m->fade);
	s->slot = (uint32_t)output_add(s->output, &s->voice);
	step_to(s, MOVE_ENTERING, entered);
	asked = source_ask(s);
	waiters_postpone(&s->waiters, AWAIT_APPLIED, asked);
	waiter_add(&s->waiters, w, AWAIT_APPLIED, asked);
	sources_watch_device(s);
}

static void leave(struct source *s)
{
	step_to(s, MOVE_LEAVING, left);
	waiters_postpone(&s->waiters, AWAIT_APPLIED, WAITER_NEVER);
	s->moves.left_at = output_remove(s->output, s->slot);
	waiter_add(&s->waiters, &s->moves.waiter, AWAIT_APPLIED, s->moves.left_at);
}

/* As far as the player or we know: what one has not seen yet, the other has. */
static bool has_device(const struct output *o)
{
	const struct device *d = output_device(o);

	return output_has_device(o) || (d && device_is_there(d));
}

/* It is parked; a clear can have moved the place where. */
static void parked(struct waiter *w)
{
	struct source *s = SOURCE_OF(w, moves.waiter);
	struct source_look look;

	source_look(s, &look);
	s->moves.step = MOVE_PARKED;
	if (look.played < look.stopped_at && has_device(s->output))
		waiter_add(&s->waiters, w, AWAIT_PLAYED, look.stopped_at);
	else
		leave(s);
}

static void begin(struct source *s)
{
	struct source_look look;
	struct move *m;

	while ((m = current(s)) && m->to == s->output) {
		source_look(s, &look);
		answer(m, look.played);
		forget(s, m);
	}
	if (!m)
		return;
	step_to(s, MOVE_PARKING, parked);
	queue_park(&s->queue, true, m->fade);
	waiter_add(&s->waiters, &s->moves.waiter, AWAIT_APPLIED, source_ask(s));
}

/* ---- what others call ------------------------------------------------------------ */

static int make(struct sources *set, struct source *s, struct output *to,
		struct move **ret)
{
	void *memory;
	int r = source_begin_wait(s, &s->num_waiting, sizeof(**ret), &memory);

	if (r < 0)
		return r;
	*ret = memory;
	r = taps_get(&set->taps, s->queue.shape.rate, output_config(to)->rate,
		     &(*ret)->taps);
	if (r < 0)
		source_end_wait(&s->num_waiting, memory);
	return r;
}

int move_source(struct sources *set, struct source *s, const struct ticket *t,
		struct output *to, struct fade fade)
{
	struct move *m;
	int r = make(set, s, to, &m);

	if (r < 0)
		return r;
	m->ticket = *t;
	m->to = to;
	m->fade = fade;
	TAILQ_INSERT_TAIL(&s->moves.list, m, link);
	if (s->moves.step == MOVE_NONE)
		begin(s);
	return 0;
}

void moves_serve(struct source *s)
{
	if (s->moves.step == MOVE_PARKED) {
		waiter_remove(&s->moves.waiter);
		parked(&s->moves.waiter);
	}
}

void moves_done(struct source *s)
{
	waiter_remove(&s->moves.waiter);
	while (current(s))
		forget(s, current(s));
}

uint64_t moves_end(struct source *s)
{
	bool leaves = s->moves.step == MOVE_LEAVING;
	struct move *m;

	TAILQ_FOREACH (m, &s->moves.list, link)
		answer_closed(s, m);
	moves_done(s);
	s->moves.step = MOVE_NONE;
	return leaves ? s->moves.left_at : output_remove(s->output, s->slot);
}

void moves_forget(struct source *s, const struct conn *c)
{
	struct move *m;

	TAILQ_FOREACH (m, &s->moves.list, link) {
		if (m->ticket.conn == c)
			m->ticket.conn = NULL;
	}
}
