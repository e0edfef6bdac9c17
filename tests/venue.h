/* SPDX-License-Identifier: MIT */
/*
 * A daemon, its device and a client of it, with a source: for tests of what a client is
 * promised on whatever device there is. Where time is virtual all of it is in this
 * process, and time passes only while the test waits for something; elsewhere the daemon is
 * a process, and time is the machine's. Frames carry their numbers, counted over all that
 * are pushed.
 */
#ifndef TESTS_VENUE_H
#define TESTS_VENUE_H

#include "audd.h"
#include "client.h"

enum {
	VENUE_FAKE_SINK,     /* virtual time, rewinds */
	VENUE_FAKE_PCM,      /* virtual time, by the ALSA sink, rewinds */
	VENUE_NULL,          /* rewinds */
	VENUE_ALSA,          /* a plugin, rewinds */
	VENUE_ALSA_STRAIGHT, /* a plugin, does not */
	NUM_VENUES,
	NUM_VIRTUAL_VENUES = VENUE_NULL,

	VENUE_NUMBERS = 32000, /* frames are numbered modulo this */
	VENUE_GUARD_US = 1000,
};

struct venue;

struct venue_ops {
	const char *name;
	bool is_virtual, rewinds;
	uint32_t rate; /* Hz */

	/* Makes v->client, which has still to say hello. */
	void (*open)(struct venue *v);

	/* What was sent is received, or else time passes: a little of it. Fails the test if
	 * nothing will ever happen again. */
	void (*go_on)(struct venue *v);
	void (*pass)(struct venue *v, uint32_t ms);

	/* Frames that the device has played by now and that are on record; 0 where that
	 * cannot be known before the end. */
	uint64_t (*recorded)(struct venue *v);

	/* Fills v->heard and v->num_heard. */
	void (*close)(struct venue *v);
};

extern const struct venue_ops venue_fake_sink, venue_fake_pcm;
extern const struct venue_ops venue_null, venue_alsa, venue_alsa_straight;

struct venue {
	const struct venue_ops *ops;
	struct client client;
	uint64_t source; /* its handle; stereo s16 at the rate of the device */
	uint64_t pushed; /* frames: the number of the next one */

	struct sandbox *sandbox; /* where time is virtual; else audd */
	struct audd audd;

	/* Frames by which the player wakes too late, where time is virtual; for the test to
	 * set. */
	uint32_t late;

	/* Since it was closed: the recording, one sample for each frame, as both channels
	 * are the same. */
	int16_t *heard;
	uint64_t num_heard;
};

/* Starts one of the five, and makes the source. */
void venue_open(struct venue *v, int which, uint32_t queue_ms);

/* Stops it all; a daemon must end as it should. */
void venue_close(struct venue *v);
void venue_free(struct venue *v);

/* Requests; they return the async_id. Fades are 0. */
uint64_t venue_push(struct venue *v, uint32_t frames);
uint64_t venue_clear(struct venue *v);
uint64_t venue_wait(struct venue *v);
uint64_t venue_mark(struct venue *v, uint64_t mark_id, uint64_t position);

/* The reply, of this kind; waits for it. They live as long as the client. */
const Aud__Reply *venue_await(struct venue *v, uint64_t id, Aud__Reply__KindCase kind);
const Aud__CaptureAudioFrameReply *venue_captured(struct venue *v, uint64_t id);
const Aud__ClearAudioBufferReply *venue_cleared(struct venue *v, uint64_t id);
const Aud__WaitForPlayoutReply *venue_played(struct venue *v, uint64_t id);
const Aud__AudioSourceStatus *venue_status(struct venue *v);

/* Pauses, or goes on, with no fade; waits until that is done. Returns the position. */
uint64_t venue_hold(struct venue *v, bool paused);

/* Whether the daemon has been woken in time, always, and so the device has never run dry. */
bool venue_is_steady(struct venue *v);

/* What has become of a mark; waits for it. */
const Aud__Event *venue_marked(struct venue *v, uint64_t mark_id);

/* Frames in so many ms. */
static inline uint32_t venue_frames(const struct venue *v, uint32_t ms)
{
	return v->ops->rate / 1000 * ms;
}

/* The number that a frame carries, as it is heard; it is never 0. */
static inline int16_t venue_number(uint64_t frame)
{
	return (int16_t)(frame % VENUE_NUMBERS + 1);
}

#endif
