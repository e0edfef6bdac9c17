/* SPDX-License-Identifier: MIT */
/*
 * One source's frames, exactly as the client pushed them, and the numbers that the main
 * thread and the player share about them. Frames have 64-bit positions that only grow:
 *
 *    0 ............ played .......... fed .......... written .......... played + limit
 *        heard, gone         at the device   waiting             room
 *                      |------------ unheard: the exact queued duration ---|
 *
 * The memory is one file of three parts, each on pages of its own: the player's numbers,
 * the writer's numbers, the ring of frames. The ring is mapped twice in a row, so that
 * any window of it is contiguous. This file makes no system call: who maps the memory
 * hands it over.
 */
#ifndef RT_QUEUE_H
#define RT_QUEUE_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "channels.h"
#include "format.h"
#include "ramp.h"

/* Whose fault a gap was. */
enum gap_cause {
	GAP_CLIENT_LATE, /* nothing was queued */
	GAP_WAKEUP_LATE, /* the player's turn came too late */
	GAP_DEVICE,      /* the device stopped by itself */
};

enum {
	QUEUE_VERSION = 4,
	QUEUE_NAME_SIZE = 64, /* bytes, with the 0 */
	QUEUE_TOKEN_BYTES = 16,
	QUEUE_PAGE = 4096, /* each part of the file is a multiple of this */
	QUEUE_HOLES = 33,
	QUEUE_PUSHERS = 16,
};

#define QUEUE_MAGIC UINT64_C(0x3171657571647561) /* "audqueq1" */
#define QUEUE_NEVER UINT64_MAX

/* What a queue is for; constant while it lives. */
struct queue_shape {
	uint32_t rate;     /* Hz */
	uint32_t channels; /* samples in a frame */
	uint32_t format;   /* enum sample_format */
	uint32_t limit;    /* frames: the most that may be unheard */
	uint32_t lookback; /* frames that stay readable below played, for the resampler */
};

/* What of the player's numbers has to be of one moment for a restart to go on from it.
 * There are two: the player fills in the one that does not count and then says that it
 * does, before it publishes `played`. So a kill at any instant leaves a whole one, and no
 * frame from its `played` on has been written over.
 *
 * A device that is kept (sink.h) plays what it has even if the player is killed. So
 * beside where things stand there is, for each of the two, where they will stand when the
 * device has played all of that. It never says more than what the device has: it is
 * lowered before something is taken back, and raised after something was written. */
struct queue_saved {
	_Atomic uint64_t saved_played, saved_heard; /* as played and heard */
	_Atomic uint64_t saved_phase; /* of the place at played: high: den, low: phase */
	_Atomic uint64_t saved_floor; /* frames below it are silence to the resampler */
	_Atomic uint64_t saved_dry, saved_gaps; /* as dry and gaps */
};

/* First part. Main writes the constants once, before anybody looks; then the player
 * writes. */
struct queue_player_part {
	uint64_t magic;
	uint32_t version, header_bytes;
	struct queue_shape shape;
	uint64_t ring_bytes;

	alignas(64) _Atomic uint64_t played; /* first frame not settled (heard, or cut) */
	_Atomic uint64_t fed;     /* high-water mark of what the device has got */
	_Atomic uint64_t heard;   /* frames: played less what cuts took below it */
	_Atomic uint64_t dropped; /* frames that cuts took; heard + dropped <= written */
	_Atomic uint64_t dry;     /* frames of silence played for want of data */
	_Atomic uint64_t gaps;    /* gaps in the sound, so far; of the latest one: */
	_Atomic uint64_t gap_at;  /* the frame that came after it */
	_Atomic uint64_t gap_length; /* device frames */
	_Atomic uint64_t gap_cause;  /* enum gap_cause */
	_Atomic uint64_t at_device;  /* of the frames still to be heard, the device's */
	_Atomic uint64_t ahead;      /* device frames before the first one of them */
	_Atomic uint64_t since_end; /* device frames played behind the last one of them */
	_Atomic uint64_t cut_fed;   /* how far the device was fed when it came */
	_Atomic uint64_t cut_from;  /* the first frame that the latest cut took */
	_Atomic uint64_t stopped_at; /* the frame with which a held voice goes on */

	_Atomic uint64_t saved_which; /* of the two that follow, the one that counts */
	struct queue_saved saved[2];
	struct queue_saved saved_end[2];  /* the same behind all that was fed, */
	_Atomic uint64_t saved_device[2]; /* to this device; 0: to none that is kept */
};

/* The frames [from, to), which a cut took. */
struct queue_hole {
	uint64_t from, to;
	uint64_t total; /* frames that all up to this one took */
};

/* The latest of them; see holes.h. The one at count % QUEUE_HOLES is free. */
struct queue_holes {
	uint64_t count; /* that there ever were */
	struct queue_hole list[QUEUE_HOLES];
};

/* Frames of a program that were in the queue when it ended there. */
struct queue_taken {
	uint64_t accepted, end;
};

/* A program that pushes; see pushers.h. */
struct queue_pusher {
	uint64_t client; /* its Hello.client_id; 0: there is none here */
	struct queue_taken taken[2];
};

/* What else a restart needs: who the source is, and the main thread's part of the ledger.
 * It is the main thread's alone. Each number that changes stands for itself: whatever a
 * kill finds stored of them, pushed = heard + queued + dropped. */
struct queue_keep {
	uint64_t id;
	uint64_t output; /* that it plays to: a number made of its name */
	uint8_t token[QUEUE_TOKEN_BYTES];
	char name[QUEUE_NAME_SIZE], client[QUEUE_NAME_SIZE];
	uint32_t pid, uid;
	uint32_t queue_ms, linger_ms;
	uint32_t drop_on_disconnect; /* 0 or 1 */
	uint32_t ending;             /* likewise: it was closed */

	/* Frames of captures that never got into the queue; of the last, for want of room
	 * or of time. */
	uint64_t cleared, closed, refused;
	uint64_t cut_by_close; /* of the queue's frames that cuts took: a close did */
	uint64_t not_finite;   /* samples that were no number, in what is written */

	struct queue_holes holes; /* that those who wait have been told of */
	struct queue_pusher pushers[QUEUE_PUSHERS];
};

/* Second part: the main thread's. */
struct queue_writer_part {
	_Atomic uint64_t written;  /* frames below it are readable */
	_Atomic uint64_t cut;      /* frames below it are unwanted */
	_Atomic uint64_t cut_fade; /* of the latest cut, packed; stored first */
	_Atomic uint64_t held; /* bit 63: paused; 62: parked; below: the fade, packed */
	_Atomic uint64_t gain; /* low: float bits; high: muted, ramp in device frames */
	_Atomic uint64_t wake_at; /* ring the main thread when played gets here */

	/* Constants: written before anybody looks. */
	struct channels channels;
	uint32_t speech; /* 0 or 1: others are ducked for it */

	struct queue_keep keep;
};

struct queue {
	struct queue_shape shape;
	uint32_t frame_bytes;
	_Atomic uint32_t near; /* frames: so few unheard, and a push has to ring */
	uint64_t ring_bytes;   /* a multiple of QUEUE_PAGE, not of frame_bytes */
	struct queue_player_part *player;
	struct queue_writer_part *writer;
	uint8_t *ring; /* ring_bytes, mapped twice */
};

/* Size of the file for this shape: both parts of numbers and the ring once. (main) */
uint64_t queue_file_bytes(const struct queue_shape *shape);

/* Offset of the ring in the file. (main) */
enum { QUEUE_RING_OFFSET = 2 * QUEUE_PAGE };

/* Says where all is in memory: the file mapped at `map`, its ring a second time behind
 * its end; no more. near: see above. (main) */
void queue_place(struct queue *q, void *map, const struct queue_shape *shape,
		 uint32_t near);

/* Sets up an empty queue over zeroed memory, mapped likewise. (main) */
void queue_init(struct queue *q, void *map, const struct queue_shape *shape,
		uint32_t near);

/* The memory of a process that is gone may say anything. Whether its first page is that
 * of a queue which this program can go on from, as far as its constants tell; *ret is its
 * shape. NULL, or what is wrong with it. (main) */
const char *queue_check_shape(const struct queue_player_part *first, uint64_t file_bytes,
			      struct queue_shape *ret);

/* Devices that were kept while nobody was there, and have played all that they had. */
struct played_out {
	const uint64_t *devices;
	uint32_t num;
};

/* Sets up a queue of that shape over such memory, mapped as above, where it was left, or
 * where the device has got to since then. What a cut took is gone, and nothing is at a
 * device any more. NULL, or what is wrong. (main) */
const char *queue_adopt(struct queue *q, void *map, const struct queue_shape *shape,
			uint32_t near, const struct played_out *out);

/* Takes over all that another queue has: keep, numbers and frames. q is empty and differs
 * in lookback alone. (main) */
void queue_copy(struct queue *q, const struct queue *from);
/* What its channels are, and whether it is speech. Before there is a voice for it.
 * (main) */
void queue_describe(struct queue *q, const struct channels *channels, bool speech);

/* Frames that fit now. (main) */
uint32_t queue_room(const struct queue *q);

/* Copies frames in and publishes them; n is at most queue_room(). Returns whether the
 * player must be rung: it may have nothing left to play of this queue. (main) */
bool queue_write(struct queue *q, const void *frames, uint32_t n);

/* How a voice comes to its stop, or back. */
struct fade {
	uint32_t frames; /* of the source */
	enum curve curve;
};

/* What is written is unwanted from now on. The caller then asks the player. (main) */
void queue_cut(struct queue *q, struct fade fade);

/* Pause or go on. The caller then asks the player. (main) */
void queue_hold(struct queue *q, bool held, struct fade fade);

/* The same for the time in which the source goes from one output to another: it is held
 * as long as it is one or the other. (main) */
void queue_park(struct queue *q, bool parked, struct fade fade);

#define QUEUE_HELD   (UINT64_C(1) << 63)
#define QUEUE_PARKED (UINT64_C(1) << 62)

/* Fades as the numbers carry them: length below, curve above. (both) */
static inline uint64_t queue_pack_fade(struct fade f)
{
	return (uint64_t)f.curve << 32 | f.frames;
}

static inline struct fade queue_unpack_fade(uint64_t bits)
{
	return (struct fade){.frames = (uint32_t)bits, .curve = bits >> 32 & 1};
}

/* A level as the numbers carry it: bit 63: muted; the length of the way to it, in device
 * frames; bits of the factor. */
struct gain {
	float factor;  /* that holds when it is not muted */
	uint32_t ramp; /* below 2^31 */
	bool muted;
};

static inline uint64_t queue_pack_gain(struct gain g)
{
	uint32_t bits;

	memcpy(&bits, &g.factor, sizeof(bits));
	return (uint64_t)g.muted << 63 | (uint64_t)g.ramp << 32 | bits;
}

static inline struct gain queue_unpack_gain(uint64_t packed)
{
	struct gain g = {.ramp = packed >> 32 & INT32_MAX, .muted = packed >> 63};
	uint32_t bits = (uint32_t)packed;

	memcpy(&g.factor, &bits, sizeof(bits));
	return g;
}

/* How loud it is when it has got there. */
static inline float queue_gain_target(struct gain g)
{
	return g.muted ? 0.0f : g.factor;
}

/* The caller then asks the player. (main) */
void queue_set_gain(struct queue *q, struct gain gain);

/* The target gain. (main) */
struct gain queue_gain(const struct queue *q);

/* Ring me when played gets to `at`. Returns true if it is there already. (main) */
bool queue_wake_at(struct queue *q, uint64_t at);

/* From now on so few are. Whether the player is to be rung for it. (main) */
bool queue_set_near(struct queue *q, uint32_t near);

static inline uint32_t queue_near(const struct queue *q)
{
	return atomic_load_explicit(&q->near, memory_order_relaxed);
}

/* Where a frame is in memory; the frames behind it follow up to the whole ring. (both) */
static inline uint8_t *queue_at(const struct queue *q, uint64_t pos)
{
	return q->ring + pos * q->frame_bytes % q->ring_bytes;
}

/* Nothing, or so little is still to be heard that the player does not look again by
 * itself. Both sides decide by this alone, the player after it has stored played, the
 * main thread after it has stored written (both seq_cst): one of them sees the other, so
 * no push goes unnoticed. What a cut took is not to be heard; a cut that the player has
 * not obeyed yet is one that it has been asked to. While one of them has another `near`
 * than the other, it is the player that has the smaller one, or it is about to be
 * rung. */
static inline bool queue_is_near_end(uint32_t near, uint64_t written, uint64_t played,
				     uint64_t cut)
{
	return written - (played > cut ? played : cut) <= near;
}

#endif
