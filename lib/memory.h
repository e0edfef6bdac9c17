/* SPDX-License-Identifier: MIT */
/*
 * What a connection remembers of its sources, so that it can take them up again when the
 * daemon was away: which it holds, how far what it pushed has got, which marks and which
 * subscriptions there are. It learns all of it from what passes by. (lock held)
 */
#ifndef LIB_MEMORY_H
#define LIB_MEMORY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "aud.h"
#include "aud.pb-c.h"
#include "request.h"

/* A mark that was set, and of which nothing was told yet. */
struct memory_mark {
	TAILQ_ENTRY(memory_mark) link;
	uint64_t id, position;
};

/* A source. */
struct memory {
	TAILQ_ENTRY(memory) link;
	uint64_t handle;
	bool held; /* and the token is known */
	uint8_t token[AUD_TOKEN_BYTES];
	uint64_t end;      /* position behind the last frame that was answered for */
	uint64_t accepted; /* frames that were, of our own */
	bool uncounted;    /* the daemon has not counted what we push into it */
	Aud__DropReason dropped; /* of the last capture: why not all of it got in */
	bool subscribed;
	uint32_t low_water_ms; /* 0: not asked for */
	TAILQ_HEAD(, memory_mark) marks;

	/* As it was found after the daemon was away. */
	bool gone, told_gone;
	uint64_t written, played, queue_frames;
	uint64_t
		unseen; /* frames of ours that are in the queue and were not answered for, */
	uint64_t unseen_end; /* and the position behind them */
	uint64_t next; /* position at which the next capture that is sent again begins */
	bool is_whole; /* nobody else's frames lie between that and unseen_end, */
	bool is_alone; /* nor behind it */
};

TAILQ_HEAD(memories, memory);

/* NULL: nothing is known of it. */
struct memory *memory_find(const struct memories *all, uint64_t handle);

/* So many frames more that a capture has in the queue, up to this position, are accounted for. */
void memory_note_captured(struct memory *m, uint64_t frames, uint64_t end);

/* A request that was kept was answered. No memory for what is to be remembered: it is not. */
void memory_note_reply(struct memories *all, const struct request *r,
		       const Aud__Reply *reply);
void memory_note_event(struct memories *all, const Aud__Event *event);

/* It was told. */
void memory_forget_mark(struct memories *all, uint64_t handle, uint64_t id);

void memories_done(struct memories *all);

#endif
