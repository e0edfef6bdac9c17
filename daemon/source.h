/* SPDX-License-Identifier: MIT */
/*
 * A source as the main thread sees it: whose it is, its memory, the player's voice for
 * it, and all that waits for one of its numbers. What a client may do with it stands in
 * files of its own: attach.c, capture.c, change.c, playout.c, mark.c, events.c; its birth
 * and end in sources.c.
 */
#ifndef DAEMON_SOURCE_H
#define DAEMON_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "config.h"
#include "holes.h"
#include "layout.h"
#include "output.h"
#include "rt/voice.h"
#include "store.h"
#include "taps.h"
#include "users.h"
#include "waiter.h"

enum {
	SOURCE_NAME_MAX = QUEUE_NAME_SIZE - 1, /* bytes */
	SOURCE_STORED_SIZE = 40,
	SOURCE_TOKEN_BYTES = QUEUE_TOKEN_BYTES,
};

enum source_state {
	SOURCE_LIVE,   /* takes captures, if anybody is attached */
	SOURCE_ENDING, /* plays out what it holds */
	SOURCE_GONE,   /* out of its slot; freed when the player has let go of it */
};

/* What a client wants; checked by the caller. */
struct source_order {
	struct queue_shape shape;
	const struct channels *channels; /* NULL: the usual ones */
	bool speech;
	struct output *output;   /* sources_add: NULL is the standard one */
	const struct taps *taps; /* from its rate to the output's; becomes the source's */
	uint32_t queue_ms;
	const char *name, *client; /* of the source, of the program; copied */
	struct conn *owner;        /* will be attached */
	struct user *user;
	pid_t pid;
	bool drop_on_disconnect;
	uint32_t linger_ms;
};

/* A connection that may push; see attach.c. */
struct attachment;
TAILQ_HEAD(attachment_list, attachment);

/* A frame that has not got into the queue yet; see capture.c. */
struct capture;
TAILQ_HEAD(capture_list, capture);

struct captures {
	struct capture_list list; /* in their order */
	uint64_t frames;          /* in all of them */
	uint64_t bytes;           /* that they cost us */
	uint32_t count;
	struct waiter room;
};

/* A cut that is not yet told; see change.c. */
struct cut {
	TAILQ_ENTRY(cut) link;
	struct ticket ticket;
	uint64_t to;      /* frames below it are unwanted */
	uint64_t before;  /* the same of the cut before it */
	uint64_t from;    /* found out later: where it began */
	uint64_t dropped; /* found out later: frames that it took */
};

TAILQ_HEAD(cut_list, cut);

/* What those that are told have left stands in queue_keep.holes. */
struct cuts {
	struct cut_list list; /* oldest first */
	struct waiter applied;
	uint64_t latest;    /* `to` of the latest one ever */
	uint64_t told;      /* frames dropped by those that are told */
	struct cut closing; /* for change_drop: it needs no memory */
	bool is_closing;    /* that is in the list */
};

/* Who waits for a position to be heard; see mark.c. */
struct mark;
TAILQ_HEAD(mark_list, mark);

struct marks {
	struct mark_list list;
	uint32_t clients; /* how many of them are clients' */
};

/* Who is told what happens; see events.c. The rest counts while somebody is. */
struct subscription;
TAILQ_HEAD(subscription_list, subscription);

struct events {
	struct subscription_list list;
	uint32_t count;
	uint64_t gaps;    /* queue.gaps, as it was seen last */
	uint64_t segment; /* the frame with which the latest one begins or will, */
	bool begun;       /* if there was any */
	bool awaits_end;  /* a mark stands at an end that the queue has, or had */
	uint64_t drained; /* the position that was told last, or UINT64_MAX */
	uint64_t drained_ns;
};

/* On its way to another output; see move.c. */
enum move_step {
	MOVE_NONE,
	MOVE_PARKING,  /* the player has been asked to hold it */
	MOVE_PARKED,   /* it does; what was before that is yet to be heard */
	MOVE_LEAVING,  /* out of its slot; when the player has seen that, in none */
	MOVE_ENTERING, /* in a slot of the other output, whose player is to see it */
};

struct move;
TAILQ_HEAD(move_list, move);

struct moves {
	struct move_list list; /* the first is under way, the others wait for it */
	enum move_step step;   /* of the first */
	struct waiter waiter;
	uint64_t left_at;  /* LEAVING: the number at which the player has seen it */
	uint64_t position; /* ENTERING: the frame with which it goes on */
};

struct source {
	uint64_t id; /* the handle on the wire; never used again */
	enum source_state state;
	uint8_t token[SOURCE_TOKEN_BYTES];
	char name[SOURCE_NAME_MAX + 1], client[SOURCE_NAME_MAX + 1];
	struct attachment_list attachments;
	uint32_t num_attached;
	struct user *user; /* whose it is */
	pid_t pid;
	uint32_t queue_ms;
	bool drop_on_disconnect;
	bool paused;
	uint64_t before_pause; /* what was played when the latest one was asked for */

	const struct config *config;
	sd_event *event;
	const struct taps *taps; /* NULL: it has the output's rate */
	struct output *output;
	uint32_t slot;
	bool has_device;   /* as those who wait and watch have been told */
	uint64_t guard_us; /* of its device, as queue.near was set for last */
	struct store store;
	struct queue queue;
	char layout[LAYOUT_TEXT]; /* its channels' names */
	struct queue_keep *keep;  /* in the store: what a restart needs, and counters */
	char stored[SOURCE_STORED_SIZE]; /* its name in systemd's FD store */
	struct voice voice;              /* the player's, while it is in the slot */

	struct waiters waiters;
	uint64_t alarm;                     /* queue.wake_at, as it was set last, */
	uint64_t awaited;                   /* and what was waited for to be heard then */
	uint32_t num_waiting, num_changing; /* see source_begin_wait */
	struct captures captures;
	struct cuts cuts;
	struct marks marks;
	struct events events;
	struct moves moves;

	/* The end; see sources.c. */
	struct waiter ending; /* PLAYED, when it is to go after that */
	struct waiter gone;   /* APPLIED, while it is GONE */
	bool freeable;        /* the player has let go of it */
	bool adopted;         /* a client of a daemon before us may still come for it */
	bool stuck;           /* it could not play when it was last looked at */
	uint32_t linger_ms;   /* between two looks, and while nobody is attached */
	sd_event_source *linger;
};

/* The source in which a waiter is embedded as `member`. */
#define SOURCE_OF(waiter, member)                                                        \
	((struct source *)((char *)(waiter)-offsetof(struct source, member)))

/* The numbers of the player about it: all true at report.when_ns. */
struct source_look {
	uint64_t played, heard, dropped, dry, at_device, ahead, since_end;
	uint64_t cut_fed, cut_from, stopped_at;
	uint64_t gaps, gap_at, gap_length;
	enum gap_cause gap_cause;
	struct player_report report;
};

/* Makes a source and puts its voice into a slot of its output. -ENOMEM; -ENOBUFS: no
 * slot is free; or what memfd_create says. */
int source_new(struct source **ret, uint64_t id, const struct source_order *order,
	       uint32_t near);

/* Makes a source of memory that systemd has kept under this name: it goes on where it was
 * left, with nobody attached. The memory becomes the source's if it succeeds; failures as
 * above. */
int source_adopt(struct source **ret, const char *stored, const struct store *store,
		 const struct queue *queue, const struct taps *taps,
		 struct output *output);

/* Frees it, with all that waits on it, unanswered. Its voice is in no slot any more, or
 * the player has stopped. */
void source_free(struct source *s);

static inline uint64_t source_written(const struct source *s)
{
	return atomic_load_explicit(&s->queue.writer->written, memory_order_relaxed);
}

static inline uint32_t source_frames(const struct source *s, uint32_t ms)
{
	return (uint32_t)((uint64_t)ms * s->queue.shape.rate / 1000);
}

static inline struct fade source_fade(const struct source *s, uint32_t ms,
				      enum curve curve)
{
	return (struct fade){.frames = source_frames(s, ms), .curve = curve};
}

static inline uint64_t source_ns(const struct source *s, uint64_t frames)
{
	const uint64_t ns_per_s = UINT64_C(1000000000);
	uint32_t rate = s->queue.shape.rate;

	/* In two parts: together they would overflow after some days. */
	return frames / rate * ns_per_s + frames % rate * ns_per_s / rate;
}

/* Frames of captures that were answered, and those of waiting ones that are in. */
static inline uint64_t source_pushed(const struct source *s)
{
	return source_written(s) + s->keep->cleared + s->keep->closed + s->keep->refused;
}

void source_look(const struct source *s, struct source_look *ret);

/* When all below a position that is played was heard: CLOCK_MONOTONIC. If a gap came then, the
 * frame at the position began to sound after it. */
uint64_t source_when(const struct source *s, const struct source_look *look,
		     uint64_t position);

/* What the source is to be has changed, and its player is asked to obey. Returns what to await
 * with AWAIT_APPLIED: while it is between two players, that the next one has it. */
uint64_t source_ask(struct source *s);

/* Calls those of its waiters that are due, and has the player ring for the others.
 * Whoever has added a waiter calls this last. */
void source_serve(struct source *s);

/* Bytes of memory for the frames of a queue. */
static inline uint64_t source_queue_bytes(const struct queue_shape *shape)
{
	return (uint64_t)shape->limit * shape->channels * formats[shape->format].bytes;
}

/* Memory for a request that is answered later, captures aside, zeroed; -ENOBUFS:
 * max_requests_per_source of its sort wait already, or -ENOMEM. The sort is num_waiting, for those
 * that wait for sound, or num_changing, for those that the player answers at its next turn: so many
 * as may wait do not keep a clear out, which would release them. */
int source_begin_wait(struct source *s, uint32_t *sort, size_t size, void **ret);
void source_end_wait(uint32_t *sort, void *p);

#endif
