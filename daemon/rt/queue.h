/* SPDX-License-Identifier: MIT */
/*
 * One source's frames, exactly as the client pushed them, and the numbers that the main
 * thread and the player share about them. Frames have 64-bit positions that only grow:
 *
 *    0 ............ played .......... fed .......... written .......... played + limit
 *        heard, gone         at the device   waiting             room
 *                      |------------ unheard: the exact queued duration ---|
 *
 * The memory is one file of three parts, each on pages of its own: the player's numbers, the
 * writer's numbers, the ring of frames. The ring is mapped twice in a row, so that any window
 * of it is contiguous. This file makes no system call: who maps the memory hands it over.
 */
#ifndef RT_QUEUE_H
#define RT_QUEUE_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format.h"
#include "ramp.h"

/* Whose fault a gap was. */
enum gap_cause {
	GAP_CLIENT_LATE, /* nothing was queued */
	GAP_WAKEUP_LATE, /* the player's turn came too late */
	GAP_DEVICE,      /* the device stopped by itself */
};

enum {
	QUEUE_VERSION = 1,
	QUEUE_PAGE = 4096, /* each part of the file is a multiple of this */
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

/* First part. Main writes the constants once, before anybody looks; then the player writes. */
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
	_Atomic uint64_t since_end; /* device frames played behind the last one of them */
	_Atomic uint64_t cut_fed;   /* how far the device was fed when it came */
	_Atomic uint64_t cut_from;  /* the first frame that the latest cut took */
	_Atomic uint64_t stopped_at; /* the frame with which a held voice goes on */
};

/* Second part: the main thread's. */
struct queue_writer_part {
	_Atomic uint64_t written;  /* frames below it are readable */
	_Atomic uint64_t cut;      /* frames below it are unwanted */
	_Atomic uint64_t cut_fade; /* of the latest cut, packed; stored first */
	_Atomic uint64_t held;     /* bit 63: paused; below: the fade, packed */
	_Atomic uint64_t gain;     /* low: float bits; high: ramp in device frames */
	_Atomic uint64_t wake_at;  /* ring the main thread when played gets here */
};

struct queue {
	struct queue_shape shape;
	uint32_t frame_bytes;
	uint32_t near;       /* frames: so few unheard, and a push has to ring */
	uint64_t ring_bytes; /* a multiple of QUEUE_PAGE, not of frame_bytes */
	struct queue_player_part *player;
	struct queue_writer_part *writer;
	uint8_t *ring; /* ring_bytes, mapped twice */
};

/* Size of the file for this shape: both parts of numbers and the ring once. (main) */
uint64_t queue_file_bytes(const struct queue_shape *shape);

/* Offset of the ring in the file. (main) */
enum { QUEUE_RING_OFFSET = 2 * QUEUE_PAGE };

/* Sets up an empty queue over zeroed memory: the file mapped at `map`, its ring a second time
 * behind its end. near: see above. (main) */
void queue_init(struct queue *q, void *map, const struct queue_shape *shape,
		uint32_t near);

/* Frames that fit now. (main) */
uint32_t queue_room(const struct queue *q);

/* Copies frames in and publishes them; n is at most queue_room(). Returns whether the player
 * must be rung: it may have nothing left to play of this queue. (main) */
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

#define QUEUE_HELD (UINT64_C(1) << 63)

/* Fades as the numbers carry them: length below, curve above. (both) */
static inline uint64_t queue_pack_fade(struct fade f)
{
	return (uint64_t)f.curve << 32 | f.frames;
}

static inline struct fade queue_unpack_fade(uint64_t bits)
{
	return (struct fade){.frames = (uint32_t)bits, .curve = bits >> 32 & 1};
}

/* Target gain (factor) and length of the way to it. The caller then asks the player. (main) */
void queue_set_gain(struct queue *q, float gain, uint32_t ramp);

/* Ring me when played gets to `at`. Returns true if it is there already. (main) */
bool queue_wake_at(struct queue *q, uint64_t at);

/* Where a frame is in memory; the frames behind it follow up to the whole ring. (both) */
static inline uint8_t *queue_at(const struct queue *q, uint64_t pos)
{
	return q->ring + pos * q->frame_bytes % q->ring_bytes;
}

/* Nothing, or so little is still to be heard that the player does not look again by itself.
 * Both sides decide by this alone, the player after it has stored played, the main thread after
 * it has stored written (both seq_cst): one of them sees the other, so no push goes unnoticed.
 * What a cut took is not to be heard; a cut that the player has not obeyed yet is one that it
 * has been asked to. */
static inline bool queue_is_near_end(const struct queue *q, uint64_t written,
				     uint64_t played, uint64_t cut)
{
	return written - (played > cut ? played : cut) <= q->near;
}

#endif
