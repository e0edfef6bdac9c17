/* SPDX-License-Identifier: MIT */
/*
 * What a source is made of, and the numbers that others wait for.
 */
#include "source.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "fd_store.h"
#include "pushers.h"

/* With so much behind the frame that is waited for, it is enough to learn of it at the
 * player's next turn: that comes before its device runs low. */
enum { UNHURRIED_MS = 100 };

static struct source *source_make(void)
{
	struct source *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->alarm = s->awaited = WAITER_NEVER;
	TAILQ_INIT(&s->waiters);
	TAILQ_INIT(&s->attachments);
	TAILQ_INIT(&s->captures.list);
	TAILQ_INIT(&s->cuts.list);
	TAILQ_INIT(&s->marks.list);
	TAILQ_INIT(&s->events.list);
	TAILQ_INIT(&s->moves.list);
	return s;
}

/* What the memory of a new source has to say of it. */
static int fill_keep(struct queue_keep *k, uint64_t id, const struct source_order *order)
{
	k->id = id;
	k->output = output_key(order->output);
	snprintf(k->name, sizeof(k->name), "%s", order->name);
	snprintf(k->client, sizeof(k->client), "%s", order->client);
	k->pid = (uint32_t)order->pid;
	k->uid = order->user->uid;
	k->queue_ms = order->queue_ms;
	k->linger_ms = order->linger_ms;
	k->drop_on_disconnect = order->drop_on_disconnect;
	if (getrandom(k->token, sizeof(k->token), 0) != sizeof(k->token))
		return -EIO;
	return 0;
}

static uint64_t load(const _Atomic uint64_t *number)
{
	return atomic_load_explicit(number, memory_order_relaxed);
}

/* Its memory is there and says what it is: it becomes that, and the player gets it. */
static int become(struct source *s, const struct taps *taps, struct output *output)
{
	const struct queue_keep *k = s->keep;
	int r;

	s->id = k->id;
	memcpy(s->token, k->token, sizeof(s->token));
	memcpy(s->name, k->name, sizeof(s->name));
	memcpy(s->client, k->client, sizeof(s->client));
	s->pid = (pid_t)k->pid;
	s->queue_ms = k->queue_ms;
	s->linger_ms = k->linger_ms;
	s->drop_on_disconnect = k->drop_on_disconnect;
	s->state = k->ending ? SOURCE_ENDING : SOURCE_LIVE;
	s->paused = load(&s->queue.writer->held) & QUEUE_HELD;
	s->cuts.latest = load(&s->queue.writer->cut);
	s->cuts.told = load(&s->queue.player->dropped);
	holes_complete(&s->keep->holes, s->cuts.latest, s->cuts.told);
	pushers_settle(s->keep, source_written(s));
	layout_write(&s->queue.writer->channels.layout, s->queue.shape.channels,
		     s->layout);
	voice_init(&s->voice, &s->queue, taps);
	r = output_add(output, &s->voice);
	if (r < 0)
		return r;
	s->output = output;
	s->slot = (uint32_t)r;
	s->taps = taps;
	return 0;
}

int source_new(struct source **ret, uint64_t id, const struct source_order *order,
	       uint32_t near)
{
	struct source *s = source_make();
	int r;

	if (!s)
		return -ENOMEM;
	r = store_init(&s->store, &order->shape, near, &s->queue);
	if (r == 0) {
		s->keep = &s->queue.writer->keep;
		r = fill_keep(s->keep, id, order);
		if (order->channels)
			queue_describe(&s->queue, order->channels, order->speech);
	}
	if (r == 0)
		r = become(s, order->taps, order->output);
	if (r < 0) {
		source_free(s);
		return r;
	}
	snprintf(s->stored, sizeof(s->stored), "source-%" PRIu64, id);
	fd_store_keep(s->stored, s->store.fd);
	*ret = s;
	return 0;
}

int source_adopt(struct source **ret, const char *stored, const struct store *store,
		 const struct queue *queue, const struct taps *taps,
		 struct output *output)
{
	struct source *s = source_make();
	int r;

	if (!s)
		return -ENOMEM;
	s->queue = *queue;
	s->keep = &s->queue.writer->keep;
	r = become(s, taps, output);
	if (r < 0) {
		source_free(s);
		return r;
	}
	s->store = *store;
	s->adopted = true;
	snprintf(s->stored, sizeof(s->stored), "%s", stored);
	*ret = s;
	return 0;
}

void source_free(struct source *s)
{
	if (!s)
		return;
	waiters_done(&s->waiters);
	assert(TAILQ_EMPTY(&s->captures.list) && TAILQ_EMPTY(&s->cuts.list));
	assert(TAILQ_EMPTY(&s->attachments) && TAILQ_EMPTY(&s->marks.list));
	assert(TAILQ_EMPTY(&s->events.list));
	assert(s->num_waiting == 0 && s->num_changing == 0);
	sd_event_source_disable_unref(s->linger);
	store_done(&s->store);
	taps_unref(s->taps);
	free(s);
}

/* Device frames, in frames of the source. */
static uint64_t from_device(const struct source *s, uint64_t frames)
{
	if (!s->taps)
		return frames;
	return (frames * s->taps->ratio.num + s->taps->ratio.den / 2) /
	       s->taps->ratio.den;
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
		ret->dry = from_device(s, load(&q->dry));
		ret->at_device = load(&q->at_device);
		ret->ahead = from_device(s, load(&q->ahead));
		ret->since_end = from_device(s, load(&q->since_end));
		ret->cut_fed = load(&q->cut_fed);
		ret->cut_from = load(&q->cut_from);
		ret->stopped_at = load(&q->stopped_at);
		ret->gaps = load(&q->gaps);
		ret->gap_at = load(&q->gap_at);
		ret->gap_length = from_device(s, load(&q->gap_length));
		ret->gap_cause = (enum gap_cause)load(&q->gap_cause);
		player_get_report(p, &ret->report);
	} while (player_moved(p, seq));
}

uint64_t source_when(const struct source *s, const struct source_look *look,
		     uint64_t position)
{
	uint64_t since = holes_frames(&s->keep->holes, position, look->played);

	if (look->gaps > 0 && position <= look->gap_at && look->gap_at <= look->played)
		since += look->gap_length;
	return look->report.when_ns - source_ns(s, since + look->since_end);
}

/* Whether the player may let this position pass before its next turn: the device can have it
 * already, or get it in a turn that is under way. */
static bool may_be_in_device(const struct source *s, uint64_t at)
{
	const struct config_output *c = output_config(s->output);
	uint64_t played = atomic_load(&s->queue.player->played);
	uint32_t short_ms = c->short_buffer_ms + c->xrun_margin_ms;
	uint32_t buffer_ms = c->buffer_ms > short_ms ? c->buffer_ms : short_ms;

	/* Twice: a device takes more than it is asked to, at times. */
	return at != WAITER_NEVER && at > played &&
	       holes_frames(&s->keep->holes, played, at) <
		       source_frames(s, 2 * buffer_ms);
}

/* Whether the player has to look at the alarms now. It does so at its turns, which can be
 * far apart while the device has enough; room can wait until then, if there is time. */
static bool is_urgent(const struct source *s, uint64_t heard, uint64_t room)
{
	return heard < room || may_be_in_device(s, heard) ||
	       (room != WAITER_NEVER &&
		holes_frames(&s->keep->holes, room, source_written(s)) <
			source_frames(s, UNHURRIED_MS));
}

/* Asks the player to ring for the first of the positions that are waited for; true if it
 * is there already. The alarm is set before played is looked at: see queue.h. */
static bool set_alarm(struct source *s)
{
	uint64_t heard = waiters_wake_at(&s->waiters, AWAIT_PLAYED);
	uint64_t room = waiters_wake_at(&s->waiters, AWAIT_ROOM);
	uint64_t at = room < heard ? room : heard;
	bool due = queue_wake_at(&s->queue, at);

	if ((at != s->alarm || heard != s->awaited) && is_urgent(s, heard, room))
		output_ring(s->output);
	s->alarm = at;
	s->awaited = heard;
	return due;
}

uint64_t source_ask(struct source *s)
{
	return s->moves.step == MOVE_LEAVING ? WAITER_NEVER : output_ask(s->output);
}

void source_serve(struct source *s)
{
	uint64_t reached[NUM_AWAITED];

	do {
		const struct player *p = output_player(s->output);
		uint64_t played = atomic_load(&s->queue.player->played);

		reached[AWAIT_PLAYED] = reached[AWAIT_ROOM] = played;
		reached[AWAIT_APPLIED] =
			atomic_load_explicit(&p->applied, memory_order_acquire);
	} while (waiters_serve(&s->waiters, reached) || set_alarm(s));
}

int source_begin_wait(struct source *s, uint32_t *sort, size_t size, void **ret)
{
	void *p;

	if (*sort >= s->config->max_requests_per_source)
		return -ENOBUFS;
	p = calloc(1, size);
	if (!p)
		return -ENOMEM;
	(*sort)++;
	*ret = p;
	return 0;
}

void source_end_wait(uint32_t *sort, void *p)
{
	assert(*sort > 0);
	(*sort)--;
	free(p);
}
