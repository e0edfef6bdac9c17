/* SPDX-License-Identifier: MIT */
/*
 * A mark waits for `played` like any other. But `played` also passes what a clear has
 * taken; so while there is a clear that the player has obeyed and that is not yet looked
 * into, a mark waits for that first.
 */
#include "mark.h"

#include <errno.h>
#include <stdlib.h>

#include "capture.h"
#include "optional.h"

static void mark_free(struct mark *m)
{
	TAILQ_REMOVE(&m->source->marks.list, m, link);
	if (m->is_client) {
		m->source->marks.clients--;
		m->source->user->marks--;
	}
	free(m);
}

/* Nobody wants to know any more. */
static void mark_discard(struct waiter *w)
{
	mark_free((struct mark *)w);
}

static void tell(struct mark *m, bool heard, uint64_t at_ns)
{
	waiter_remove(&m->waiter);
	m->told(m, heard, at_ns);
	mark_free(m);
}

static void mark_due(struct waiter *w)
{
	struct mark *m = (struct mark *)w;
	struct source *s = m->source;
	struct source_look look;

	source_look(s, &look);
	if (look.dropped != s->cuts.told && !TAILQ_EMPTY(&s->cuts.list))
		waiter_add(&s->waiters, w, AWAIT_APPLIED, s->cuts.applied.at);
	else
		tell(m, true, source_when(s, &look, m->position));
}

/* What a hole that ends at or below `above` took is of no interest to it. */
static void place(struct mark *m, uint64_t above)
{
	struct source *s = m->source;

	if (holes_swallow(&s->keep->holes, m->position, above))
		tell(m, false, 0);
	else
		waiter_add(&s->waiters, &m->waiter, AWAIT_PLAYED, m->position);
}

static struct mark *make(struct source *s, uint64_t position,
			 void (*told)(const struct mark *m, bool heard, uint64_t at_ns))
{
	struct mark *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->source = s;
	m->position = position;
	m->told = told;
	m->waiter.due = mark_due;
	m->waiter.discard = mark_discard;
	TAILQ_INSERT_TAIL(&s->marks.list, m, link);
	return m;
}

int mark_add(struct source *s, uint64_t position,
	     void (*told)(const struct mark *m, bool heard, uint64_t at_ns))
{
	struct mark *m = make(s, position, told);

	struct source_look look;

	if (!m)
		return -ENOMEM;
	source_look(s, &look);
	place(m, look.played);
	return 0;
}

/* ---- those of clients ------------------------------------------------------------ */

static void tell_client(const struct mark *m, bool heard, uint64_t at_ns)
{
	Aud__MarkHeard was_heard = AUD__MARK_HEARD__INIT;
	Aud__MarkDropped was_dropped = AUD__MARK_DROPPED__INIT;
	Aud__Event e = AUD__EVENT__INIT;

	SET(&e, source_handle, m->source->id);
	if (heard) {
		SET(&was_heard, mark_id, m->id);
		SET(&was_heard, position, m->position);
		SET(&was_heard, at_ns, at_ns);
		e.kind_case = AUD__EVENT__KIND_MARK_HEARD;
		e.mark_heard = &was_heard;
	} else {
		SET(&was_dropped, mark_id, m->id);
		SET(&was_dropped, position, m->position);
		e.kind_case = AUD__EVENT__KIND_MARK_DROPPED;
		e.mark_dropped = &was_dropped;
	}
	ticket_tell(&m->waiter.ticket, &e);
}

static void answer(const struct ticket *t, uint64_t position)
{
	Aud__SetMarkReply body = AUD__SET_MARK_REPLY__INIT;
	Aud__Reply r = AUD__REPLY__INIT;

	SET(&body, position, position);
	r.kind_case = AUD__REPLY__KIND_SET_MARK;
	r.set_mark = &body;
	ticket_answer(t, &r);
}

static int set(struct source *s, const struct ticket *t, uint64_t id, uint64_t position,
	       uint64_t above)
{
	struct mark *m;

	if (position > captures_end(s))
		return -ERANGE;
	if (s->marks.clients >= s->config->max_marks)
		return -ENOBUFS;
	if (s->user->marks >= s->config->max_marks_per_user)
		return -EDQUOT;
	m = make(s, position, tell_client);
	if (!m)
		return -ENOMEM;
	m->id = id;
	m->is_client = true;
	s->marks.clients++;
	s->user->marks++;
	m->waiter.ticket = *t;
	answer(t, position);
	place(m, above);
	source_serve(s);
	return 0;
}

int mark_set(struct source *s, const struct ticket *t, uint64_t id, uint64_t position)
{
	struct source_look look;

	source_look(s, &look);
	return position < look.played ? -ERANGE : set(s, t, id, position, look.played);
}

int mark_set_again(struct source *s, const struct ticket *t, uint64_t id,
		   uint64_t position)
{
	return set(s, t, id, position, 0);
}

/* ---- what becomes of them -------------------------------------------------------- */

void marks_cut(struct source *s, uint64_t from, uint64_t to)
{
	struct mark *m, *next;

	for (m = TAILQ_FIRST(&s->marks.list); m; m = next) {
		next = TAILQ_NEXT(m, link);
		if (from < m->position && m->position <= to)
			tell(m, false, 0);
	}
}

void marks_close_up(struct source *s, uint64_t position, uint64_t n)
{
	struct mark *m, *next;

	for (m = TAILQ_FIRST(&s->marks.list); m; m = next) {
		next = TAILQ_NEXT(m, link);
		if (m->position <= position)
			continue;
		if (m->position <= position + n) {
			tell(m, false, 0);
		} else {
			m->position -= n;
			waiter_add(&s->waiters, &m->waiter, AWAIT_PLAYED, m->position);
		}
	}
}

void marks_end(struct source *s)
{
	struct source_look look;
	struct mark *m, *next;

	source_look(s, &look);
	for (m = TAILQ_FIRST(&s->marks.list); m; m = next) {
		next = TAILQ_NEXT(m, link);
		if (m->position <= look.played)
			tell(m, true, source_when(s, &look, m->position));
		else if (m->is_client)
			tell(m, false, 0);
	}
}
