/* SPDX-License-Identifier: MIT */
/*
 * The files may be anything: of another version, of a machine that had no memory left, of
 * somebody who does not mean well. store_adopt and queue_adopt look at what the player needs;
 * here it is the rest.
 */
#include "adopt.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "device_kept.h"
#include "fd_store.h"
#include "holes.h"
#include "log.h"
#include "pushers.h"
#include "text.h"

enum {
	QUEUE_MS_MAX = 60000,
	LINGER_MS_MAX = 60 * 60 * 1000,
	NAME_SHOWN = 64, /* bytes of a name in the log */
};

#define ID_MAX    (UINT64_C(1) << 62)
#define COUNT_MAX (UINT64_C(1) << 62)

/* ---- who it is ------------------------------------------------------------------- */

static bool is_text(const char *name)
{
	return memchr(name, 0, QUEUE_NAME_SIZE) && text_is_printable(name);
}

/* A name that the source of this id would have: the second one, if it has moved. */
static bool is_called(uint64_t id, const char *stored)
{
	char name[SOURCE_STORED_SIZE];

	snprintf(name, sizeof(name), "source-%" PRIu64, id);
	return strncmp(stored, name, strlen(name)) == 0 &&
	       (!stored[strlen(name)] || strcmp(stored + strlen(name), "b") == 0);
}

static uint64_t load(const _Atomic uint64_t *number)
{
	return atomic_load_explicit(number, memory_order_relaxed);
}

static bool counts_are_sane(const struct queue *q)
{
	const struct queue_keep *k = &q->writer->keep;
	uint64_t dropped = load(&q->player->dropped);

	return k->cleared <= COUNT_MAX && k->closed <= COUNT_MAX &&
	       k->refused <= COUNT_MAX && k->not_finite <= COUNT_MAX &&
	       k->cut_by_close <= dropped && dropped <= load(&q->writer->cut) &&
	       holes_are_sane(&k->holes, load(&q->writer->cut)) &&
	       pushers_are_sane(k, load(&q->writer->written));
}

static const char *check_keep(const struct queue *q, const char *stored)
{
	const struct queue_keep *k = &q->writer->keep;
	uint64_t limit = (uint64_t)k->queue_ms * q->shape.rate / 1000;

	if (k->id == 0 || k->id > ID_MAX || !is_called(k->id, stored))
		return "it is of a source of another name";
	if (!is_text(k->name) || !is_text(k->client))
		return "its names are no text";
	if (k->queue_ms > QUEUE_MS_MAX || limit != q->shape.limit ||
	    k->linger_ms > LINGER_MS_MAX || k->drop_on_disconnect > 1 || k->ending > 1)
		return "it asks for what no source can have";
	if (!counts_are_sane(q))
		return "its numbers contradict each other";
	return NULL;
}

/* ---- a home for it --------------------------------------------------------------- */

struct found {
	char stored[SOURCE_STORED_SIZE]; /* its name in systemd's store */
	struct store store;
	struct queue queue;
};

/* Into memory with room for the resampler's look back, which the old has not: an output's rate
 * has changed. Both are kept for a moment, under two names; they say the same. */
static int move(struct found *f, uint32_t lookback)
{
	struct queue_shape shape = f->queue.shape;
	char old[SOURCE_STORED_SIZE];
	uint32_t near = f->queue.near;
	struct store store;
	struct queue queue;
	int r;

	shape.lookback = lookback;
	r = store_init(&store, &shape, near, &queue);
	if (r < 0)
		return r;
	queue_copy(&queue, &f->queue);
	strcpy(old, f->stored);
	snprintf(f->stored, sizeof(f->stored), "source-%" PRIu64 "%s",
		 queue.writer->keep.id, strchr(old, 'b') ? "" : "b");
	fd_store_keep(f->stored, store.fd);
	fd_store_forget(old);
	store_done(&f->store);
	f->store = store;
	f->queue = queue;
	return 0;
}

static const char *settle(struct sources *set, struct found *f, struct user *user)
{
	uint32_t rate = f->queue.shape.rate, lookback;
	struct output *o = outputs_find_key(set->outputs, f->queue.writer->keep.output);
	const struct taps *taps;
	int r;

	if (!o)
		o = set->outputs->standard;
	r = taps_get(&set->taps, rate, output_config(o)->rate, &taps);
	if (r < 0)
		return strerror(-r);
	f->queue.near = sources_near(o, rate, taps);
	lookback = outputs_lookback(set->outputs, rate);
	if (lookback > f->queue.shape.lookback)
		r = move(f, lookback);
	if (r == 0)
		r = sources_adopt(set, f->stored, &f->store, &f->queue, taps, o, user);
	if (r == 0)
		return NULL;
	taps_unref(taps);
	fd_store_forget(f->stored);
	return r == -ENOBUFS ? "there are as many sources as there may be" : strerror(-r);
}

static const char *house(struct sources *set, struct users *users, struct found *f)
{
	struct user *user = users_get(users, f->queue.writer->keep.uid);
	const char *why;

	if (!user)
		return strerror(ENOMEM);
	why = settle(set, f, user);
	user_unref(user);
	return why;
}

/* NULL, and the file is a source's; or why it is not. */
static const char *adopt(struct sources *set, struct users *users,
			 const struct played_out *out, struct fd_store_file *file)
{
	struct found f;
	const char *why;

	if (store_adopt(&f.store, file->fd, 0, out, &f.queue, &why) < 0)
		return why;
	file->fd = -1;
	why = check_keep(&f.queue, file->name);
	if (!why && sources_find(set, f.queue.writer->keep.id))
		why = "there is another of that id";
	if (!why) {
		strcpy(f.stored, file->name);
		why = house(set, users, &f);
	}
	if (why)
		store_done(&f.store);
	return why;
}

/* ---- all that is passed ---------------------------------------------------------- */

/* Two may have had this name, and systemd forgets both. */
static void forget(struct sources *set, const char *stored)
{
	fd_store_forget(stored);
	if (set->ids.fd >= 0 && strcmp(stored, IDS_STORED) == 0)
		fd_store_keep(stored, set->ids.fd);
	for (uint32_t i = 0; i < set->num; i++) {
		if (strcmp(set->items[i]->stored, stored) == 0)
			fd_store_keep(stored, set->items[i]->store.fd);
	}
}

static bool take(struct sources *set, struct users *users, const struct played_out *out,
		 struct fd_store_file *file)
{
	char name[TEXT_ESCAPED_SIZE(NAME_SHOWN)];
	const char *why = NULL;

	if (strncmp(file->name, "source-", strlen("source-")) == 0)
		why = adopt(set, users, out, file);
	else if (strcmp(file->name, IDS_STORED) != 0)
		why = "nothing here is called so";
	else if (ids_adopt(&set->ids, file->fd) == 0)
		file->fd = -1;
	else
		why = "it is not ours";
	if (why)
		log_warning("%s, which systemd has kept, is thrown away: %s",
			    text_escape(name, sizeof(name), file->name), why);
	return why == NULL;
}

int adopt_all(struct sources *set, struct users *users)
{
	struct fd_store_file *files = NULL;
	int num = fd_store_take(&files);
	struct devices_kept devices;
	struct played_out out;

	if (num < 0)
		return num;
	devices_kept_take(&devices, files, num);
	out = devices_kept_played_out(&devices);
	for (int i = 0; i < num; i++) {
		if (!device_kept_is_name(files[i].name) &&
		    !take(set, users, &out, &files[i]))
			forget(set, files[i].name);
	}
	if (set->num)
		log_info("%u sources go on where a daemon before this one left them",
			 set->num);
	fd_store_done(files, num);
	return 0;
}
