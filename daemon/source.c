/* SPDX-License-Identifier: MIT */
/*
 * What a source is made of, and the numbers that others wait for.
 */
#include "source.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* With so much behind the frame that is waited for, it is enough to learn of it at the
 * player's next turn: that comes before its device runs low. */
enum { UNHURRIED_MS = 100 };

static struct source *source_make(uint64_t id, const struct source_order *order)
{
	struct source *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->id = id;
	snprintf(s->name, sizeof(s->name), "%s", order->name);
	snprintf(s->client, sizeof(s->client), "%s", order->client);
	s->owner = order->owner;
	s->pid = order->pid;
	s->uid = order->uid;
	s->queue_ms = order->queue_ms;
	s->drop_on_disconnect = order->drop_on_disconnect;
	s->gain = 1.0f;
	s->alarm = WAITER_NEVER;
	TAILQ_INIT(&s->waiters);
	STAILQ_INIT(&s->captures.list);
	TAILQ_INIT(&s->cuts.list);
	return s;
}

int source_new(struct source **ret, uint64_t id, const struct source_order *order,
	       struct output *output, uint32_t near)
{
	struct source *s = source_make(id, order);
	int r;

	if (!s)
		return -ENOMEM;
	r = store_init(&s->store, &order->shape, near, &s->queue);
	if (r < 0) {
		free(s);
		return r;
	}
	voice_init(&s->voice, &s->queue);
	r = output_add(output, &s->voice);
	if (r < 0) {
		source_free(s);
		return r;
	}
	s->output = output;
	s->slot = (uint32_t)r;
	*ret = s;
	return 0;
}

void source_free(struct source *s)
{
	if (!s)
		return;
	waiters_done(&s->waiters);
	assert(STAILQ_EMPTY(&s->captures.list) && TAILQ_EMPTY(&s->cuts.list));
	assert(s->num_waiting == 0);
	sd_event_source_disable_unref(s->linger);
	store_done(&s->store);
	free(s);
}

static uint64_t load(const _Atomic uint64_t *number)
{
	return atomic_load_explicit(number, memory_order_relaxed);
}

void source_look(const struct source *s, struct source_look *ret)
{
	const struct queue_player_part *q = s->queue.player;
	const struct player *p = output_player(s->output);
	uint64_t seq;

	do {
		seq = player_look(p);
		ret->played = load(&q->played);
		ret->heard = load(&q->heard);
		ret->dropped = load(&q->dropped);
		ret->dry = load(&q->dry);
		ret->at_device = load(&q->at_device);
		ret->cut_fed = load(&q->cut_fed);
		ret->cut_from = load(&q->cut_from);
		ret->stopped_at = load(&q->stopped_at);
		player_get_report(p, &ret->report);
	} while (player_moved(p, seq));
}

/* Asks the player to ring at `at`; true if it is there already. The player reads this
 * at its turns only, which can be far apart while the device has enough: it is rung, to
 * look again, unless there is time. */
static bool set_alarm(struct source *s, uint64_t at)
{
	uint64_t written = source_written(s);

	if (at != s->alarm && at != WAITER_NEVER &&
	    written - at < source_frames(s, UNHURRIED_MS))
		output_ring(s->output);
	s->alarm = at;
	return queue_wake_at(&s->queue, at);
}

void source_serve(struct source *s)
{
	const struct player *p = output_player(s->output);
	uint64_t reached[NUM_MARKS];

	do {
		uint64_t played = atomic_load(&s->queue.player->played);

		reached[MARK_PLAYED] = reached[MARK_ROOM] = played;
		reached[MARK_APPLIED] =
			atomic_load_explicit(&p->applied, memory_order_acquire);
		waiters_serve(&s->waiters, reached);
	} while (set_alarm(s, waiters_wake_at(&s->waiters)));
}

int source_begin_wait(struct source *s, size_t size, void **ret)
{
	void *p;

	if (s->num_waiting >= SOURCE_MAX_WAITING)
		return -ENOBUFS;
	p = calloc(1, size);
	if (!p)
		return -ENOMEM;
	s->num_waiting++;
	*ret = p;
	return 0;
}

void source_end_wait(struct source *s, void *p)
{
	assert(s->num_waiting > 0);
	s->num_waiting--;
	free(p);
}
