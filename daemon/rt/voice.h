/* SPDX-License-Identifier: MIT */
/*
 * A source as the player sees it: its queue, where its frames lie at the device, which frame
 * is next, and the breaks (clears and pauses) in its way. What is mixed depends on the frames
 * and on the positions alone, so that frames which were taken back are mixed again as before.
 * Main makes a voice and puts it into a slot; from then on only the player touches it, until
 * it has left the slot and the player has said so.
 */
#ifndef RT_VOICE_H
#define RT_VOICE_H

#include "mix.h"
#include "queue.h"
#include "ramp.h"
#include "timeline.h"
#include "track.h"

enum { VOICE_BREAKS = 8 };

/* The frames up to `stop` are played, the last ones fading out; then those from `to` on. A
 * clear skips those between, if its fade has left any; a pause does not (stop == to). */
struct voice_break {
	struct ramp out;   /* over source frames, ends at stop */
	uint64_t stop, to; /* source frames */
	struct ramp in;    /* over source frames, begins at to */
	bool clears;       /* it is a clear's, or joined by one */
};

struct voice {
	struct queue *queue;
	struct timeline timeline;
	const struct taps *taps; /* NULL: it has the device's rate */
	uint64_t next;           /* source frame to be fed next */
	uint32_t phase;          /* and so far behind it; see place.h */
	uint64_t seen;           /* written, as of the latest look */
	uint32_t near;           /* queue.near, likewise */
	uint64_t skipped;        /* frames below next that cuts have taken */
	uint64_t dropped; /* frames that cuts have taken, or will when next gets there */
	uint64_t fed;     /* the highest that next has been */
	uint64_t end; /* device frame behind the last one fed; QUEUE_NEVER: none yet */
	uint64_t since_end; /* device frames played behind that */
	uint64_t ahead; /* device frames to be played before the first one that is not */
	uint64_t
		thin; /* device frame from which on frames were missing around; or NEVER */
	uint64_t floor;  /* source frame before which nothing belongs to what is played */
	struct gaps dry; /* silence for want of data, played */
	uint64_t gaps;   /* gaps in the sound of any cause; of the latest one: */
	uint64_t gap_at, gap_length;
	enum gap_cause gap_cause;
	uint64_t played, heard; /* frames, as of the latest settling; */
	uint32_t played_phase;  /* and so far behind played */
	uint64_t cut;           /* the latest cut that was obeyed */
	uint64_t cut_from;      /* the first frame that it took */
	uint64_t cut_fed; /* next, before the device was asked to give back for it */
	uint64_t reach;   /* next, at the end of the latest turn */
	uint64_t hold_at; /* source frame that is not passed: paused. QUEUE_NEVER: none */
	uint64_t stopped_at; /* the latest hold_at that there was */
	uint64_t gain_bits;  /* queue.gain as it was obeyed */
	uint64_t rung_at;    /* the wake_at that was rung for */
	struct track gain;   /* over device frames */
	uint64_t
		silenced; /* device frame from which on the latest clear or pause was obeyed */
	struct channel_map map; /* onto the device */
	bool expects;           /* a gap now would be for want of data */
	bool rings;             /* main is to be told something at the end of this turn */
	bool speech;            /* others are ducked for it */
	bool faded;             /* paused in mid-sound: the way back fades in */
	uint32_t num_breaks;
	struct voice_break
		breaks[VOICE_BREAKS]; /* in order; gone when played has passed them */
};

/* (main) A voice for a queue, which may have been played in part already. taps: from its rate to
 * the device's, NULL if it is the same; they outlive the voice. */
void voice_init(struct voice *v, struct queue *q, const struct taps *taps);

/* The device has these channels. Before it is mixed. */
void voice_fit(struct voice *v, const struct layout *layout, uint32_t channels);

/* (main) A voice that has left its slot, and of which no device has anything, goes on at another
 * device: next is played first there. taps: as above. Tells the main thread. */
void voice_move(struct voice *v, const struct taps *taps);

/* Looks how far the queue is written, and what is near its end: once a turn, so that all of a turn sees the same. */
void voice_look(struct voice *v);

/* Frames that could be fed now without a gap, at most `most`; as of the latest look. */
uint32_t voice_available(const struct voice *v, uint32_t most);

/* Obeys what the main thread has changed. The device will next be fed at dev; playing: and it
 * plays, so that what was fed before dev is heard right before it. */
void voice_obey(struct voice *v, uint64_t dev, bool playing);

/* Mixes up to n frames (at most MIX_FRAMES) into m->block, which begins at device frame dev,
 * and moves on. What is missing is silence: nothing is added. */
void voice_mix(struct voice *v, const struct mix *m, uint64_t dev, uint32_t n);

/* Whether the last that it did was to obey a clear or a pause. */
bool voice_is_silenced(const struct voice *v);

/* The device has taken back, or lost, all from dev on. */
void voice_take_back(struct voice *v, uint64_t dev);

/* The device has played up to dev: what is heard, which breaks are over. */
void voice_settle(struct voice *v, uint64_t dev);

/* The device has stopped by itself for so many of its frames, right before those that it has
 * given back. */
void voice_interrupt(struct voice *v, uint64_t frames, enum gap_cause cause);

/* The device, which has played up to dev, is left for another: that it was silent behind the last
 * frame of this voice is not the client's fault. */
void voice_change_device(struct voice *v, uint64_t dev);

/* Tells the main thread, and saves. */
void voice_publish(struct voice *v, uint64_t device);

/* Writes down where it stands, for the next daemon, if there is none of this one any more; and what
 * the device that is kept by this name will have played by then. 0: it is not kept, or is about to
 * give something back. So that a kill at any instant finds one of the two whole; see queue.h. */
void voice_save(struct voice *v, uint64_t device);

/* As queue_is_near_end, as of the latest look. */
static inline bool voice_is_near_end(const struct voice *v)
{
	return queue_is_near_end(v->near, v->seen, v->played, v->cut);
}

/* Whether played has got to where the main thread waits for it, for the first time, or there
 * was a gap. */
bool voice_must_ring(struct voice *v);

/* The next device frame at which this voice needs a turn, given that the device plays:
 * where somebody waits for, or its data runs out. QUEUE_NEVER: none. */
uint64_t voice_next_event(const struct voice *v);

#endif
