/* SPDX-License-Identifier: MIT */
/*
 * Sources as the main thread has them, on an output without a thread: the test turns the
 * player by hand, on a fake sink. Answers and events are noted. Clients are nobody but
 * their names.
 */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

#include "fake_sink.h"
#include "capture.h"
#include "playout.h"
#include "sources.h"
#include "users.h"

enum {
	STAGE_RATE = 48000,
	STAGE_BUFFER = 9600, /* frames of the device: 200 ms */
	STAGE_NOTES = 8192,
	STAGE_NUMBERS = 32000, /* frames are numbered modulo this */
};

struct stage;

struct stage_client {
	struct stage *stage;
};

/* An answer, with a copy of what it points to. */
struct note {
	const struct stage_client *client;
	uint64_t async_id;
	Aud__Reply__KindCase kind;
	union {
		Aud__CaptureAudioFrameReply captured;
		Aud__ClearAudioBufferReply cleared;
		Aud__WaitForPlayoutReply playout;
		Aud__PauseAudioSourceReply paused;
		Aud__ResumeAudioSourceReply resumed;
		Aud__SetMarkReply marked;
		Aud__SubscribeReply subscribed;
		Aud__MoveAudioSourceReply moved;
		Aud__ErrorCode error;
	};
};

/* An event, likewise. */
struct stage_event {
	const struct stage_client *client;
	uint64_t source;
	Aud__Event__KindCase kind;
	union {
		Aud__MarkHeard heard;
		Aud__MarkDropped dropped;
		Aud__PlaybackStarted started;
		Aud__Underrun underrun;
		Aud__Drained drained;
		Aud__LowWater low_water;
		Aud__DeviceLost lost;
		Aud__DeviceBack back;
		Aud__SourceClosed closed;
	};
};

struct stage {
	sd_event *event;
	struct config config;
	struct users users;
	struct user *user; /* who makes them */
	struct outputs outputs;
	struct output *output; /* the standard one of them */
	struct output *other;  /* NULL: there is none */
	struct sources sources;
	struct fake_sink sink, other_sink;
	struct stage_client clients[2];
	struct source *s; /* what the functions below are about: of client 0, 1000 ms */
	int num_events;
	struct stage_event events[STAGE_NOTES];
	int num_notes;
	struct note notes[STAGE_NOTES];
	uint64_t last_id; /* async_id given out */
	uint32_t bells;   /* how often the player has rung */
};

struct stage *stage_new(void);

/* With a second output, "other", of this rate: a multiple of 1000. */
struct stage *stage_new_with(uint32_t other_rate);

/* With a device and a first source of this rate: a multiple of 1000; some functions here need
 * STAGE_RATE. */
struct stage *stage_new_at(uint32_t rate);
void stage_free(struct stage *st);

/* A stereo s16 source of client 0, with a queue of so many ms. */
struct source *stage_source(struct stage *st, uint32_t queue_ms);

/* The same at another rate, Hz. */
struct source *stage_source_at(struct stage *st, uint32_t rate, uint32_t queue_ms);

/* For the next request, of client `client`. */
struct ticket stage_ticket(struct stage *st, int client);

/* Requests. They return the async_id. stage_push pushes n frames that carry the numbers
 * from `first` on; the others come from client 1. */
uint64_t stage_push(struct stage *st, uint64_t first, uint32_t n);
uint64_t stage_clear(struct stage *st, uint32_t fade_ms);
uint64_t stage_hold(struct stage *st, bool paused);
uint64_t stage_await(struct stage *st);

/* A mark, and a subscription, of client 1. A position of UINT64_MAX is the end. */
uint64_t stage_mark(struct stage *st, uint64_t mark_id, uint64_t position);
uint64_t stage_subscribe(struct stage *st, uint32_t low_water_ms);

/* As capture_add: of this client, n frames that carry the numbers from `first` on. */
int stage_capture(struct stage *st, int client, uint64_t first,
		  const struct capture_order *order);

/* The same of client 0, at this position. */
int stage_try(struct stage *st, uint64_t first, uint32_t n, uint64_t at);

/* As playout_wait, of client 1; returns the async_id. */
uint64_t stage_await_this(struct stage *st, const struct playout_order *order);

/* What tickets tell of events by. */
void stage_take_event(struct conn *c, const Aud__Event *e);

/* Events of this kind so far, and the n-th of them, which fails the test if there is
 * none. */
int stage_count_events(const struct stage *st, Aud__Event__KindCase kind);
const struct stage_event *stage_event(const struct stage *st, Aud__Event__KindCase kind,
				      int n);

/* How a mark was told; fails the test if it was told twice. */
enum stage_fate { NOT_TOLD, WAS_HEARD, WAS_DROPPED };
enum stage_fate stage_fate(const struct stage *st, uint64_t mark_id);

/* Fails the test unless this is, to 1 ms, when the device's frame began to sound; its clock
 * began at 0 and with its first frame. */
void stage_assert_time(uint64_t at_ns, uint64_t device_frame);

/* Both threads have their turns, as often as they ring each other, in no time at all. */
void stage_settle(struct stage *st);

/* So many frames are played, ms by ms. The player has its turn only where it is rung,
 * or has asked to be woken. */
void stage_play(struct stage *st, uint32_t frames);

/* Each player looks at its device, so that all numbers are of now. */
void stage_refresh(struct stage *st);

/* The device is gone; and it is back. */
void stage_unplug(struct stage *st);
void stage_plug_in(struct stage *st);

/* The main thread's timers go by a clock of their own, which stands still but for these two. */

/* So many ns pass, in which the main thread does nothing. */
void stage_pass(uint64_t ns);

/* Time passes until the next timer is over, of which there has to be one; then as stage_settle. */
void stage_wait_for_timer(struct stage *st);

/* The note with this async_id, or NULL: not answered yet. Fails the test if there are
 * two. */
const struct note *stage_note(const struct stage *st, uint64_t async_id);

/* What was answered; fails the test if nothing was, or something else. But a wait for
 * playout that is not over is PLAYOUT_UNSPECIFIED. */
const Aud__CaptureAudioFrameReply *stage_captured(const struct stage *st, uint64_t id);
const Aud__ClearAudioBufferReply *stage_cleared(const struct stage *st, uint64_t id);
Aud__PlayoutReason stage_playout(const struct stage *st, uint64_t id);

/* The source's status, after a fresh look at the device. */
Aud__AudioSourceStatus stage_look(struct stage *st);

/* What was heard: the number that frame `at` of the tape carries, or -1 for silence. */
int64_t stage_heard(const struct stage *st, uint64_t at);

/* From frame `at` of the tape on, the numbers from `first` to `end` were heard in a
 * row. */
void stage_assert_heard(const struct stage *st, uint64_t at, uint64_t first,
			uint64_t end);

/* Fails the test unless the source's ledger balances. */
void stage_assert_ledger(const struct source *s);

#endif
