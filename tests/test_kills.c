/* SPDX-License-Identifier: MIT */
/*
 * A busy session that is killed 200 times at random moments. One source goes through all of it,
 * with clears and pauses, and its frames carry their positions, in what all lives have played.
 * Others, which are silent, come, are cleared and closed. Marks are set, and set again, until they
 * are told.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "lives.h"
#include "suite.h"

enum {
	RATE = 48000,
	CHANNELS = 2,
	NUMBERS = 30000, /* a frame has its position: modulo this, and how often */
	BUFFER = RATE / 5,
	PUSH_MAX = 1500, /* frames */
	BATCHES_MAX = 16,
	QUEUE_MS = 300,
	MARKS = 4096,
};

/* A sanitizer takes its time to start. */
static const int kills = SANITIZED ? 40 : 200;

struct held {
	uint64_t handle;
	uint8_t token[16];
	uint64_t written; /* as far as we have asked for it */
};

static struct lives lives;
static struct client client;
static struct held voice, other;
static uint64_t cleared; /* frames below it may be missing */
static uint32_t random_state;

/* By its number, which is its id. */
static struct {
	uint64_t position;
	Aud__Event__KindCase fate; /* NOT_SET: it is not told yet */
} marks[MARKS];
static uint32_t num_marks;

static uint32_t pick(uint32_t n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % n;
}

static void make(struct held *h)
{
	const Aud__Reply *r =
		client_await(&client, client_new_source(&client, CHANNELS, QUEUE_MS));

	ck_assert_int_eq(r->kind_case, AUD__REPLY__KIND_NEW_AUDIO_SOURCE);
	h->handle = r->new_audio_source->source_handle;
	memcpy(h->token, r->new_audio_source->token.data, sizeof(h->token));
	h->written = 0;
}

/* False: it is not there any more, or was closed. */
static bool attach(struct held *h)
{
	Aud__AttachAudioSource body = AUD__ATTACH_AUDIO_SOURCE__INIT;
	Aud__Request request = AUD__REQUEST__INIT;
	const Aud__Reply *r;

	body.has_source_handle = body.has_token = true;
	body.source_handle = h->handle;
	body.token.data = h->token;
	body.token.len = sizeof(h->token);
	request.kind_case = AUD__REQUEST__KIND_ATTACH_AUDIO_SOURCE;
	request.attach_audio_source = &body;
	r = client_await(&client, client_send(&client, &request));
	if (r->kind_case == AUD__REPLY__KIND_ERROR)
		return false;
	h->written = r->attach_audio_source->written;
	return true;
}

static void push(struct held *h, bool is_heard)
{
	int16_t samples[PUSH_MAX * CHANNELS] = {0};
	uint32_t n = 1 + pick(PUSH_MAX);

	for (uint32_t i = 0; i < n && is_heard; i++) {
		uint64_t position = h->written + i;

		samples[CHANNELS * i] = (int16_t)(position % NUMBERS + 1);
		samples[CHANNELS * i + 1] = (int16_t)(position / NUMBERS + 1);
	}
	client_capture(&client, h->handle, samples, CHANNELS, n);
	h->written += n;
}

static void assert_ledger(const Aud__AudioSourceStatus *s)
{
	ck_assert_uint_eq(s->pushed, s->heard + s->queued + s->dropped_cleared +
					     s->dropped_closed + s->dropped_refused);
}

/* Frames that wait for room when a clear comes never get positions: then all that was asked
 * for is not where it was thought to be, so the end is asked for. */
static void clear(void)
{
	const Aud__AudioSourceStatus *s;

	client_await(&client, client_clear(&client, voice.handle, 0));
	s = client_look_at(&client, voice.handle);
	assert_ledger(s);
	voice.written = s->pushed - s->dropped_refused - s->dropped_closed;
	attach(&voice);
	cleared = voice.written;
}

static void close_other(void)
{
	client_close(&client, other.handle, pick(2));
	make(&other);
}

/* Fades would change the numbers, and so would the noise that rounding them calls for. */
static uint64_t pause_at_once(void)
{
	Aud__PauseAudioSource body = AUD__PAUSE_AUDIO_SOURCE__INIT;
	Aud__Request request = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_fade_ms = true;
	body.source_handle = voice.handle;
	body.fade_ms = 0;
	request.kind_case = AUD__REQUEST__KIND_PAUSE_AUDIO_SOURCE;
	request.pause_audio_source = &body;
	return client_send(&client, &request);
}

static uint64_t resume_at_once(void)
{
	Aud__ResumeAudioSource body = AUD__RESUME_AUDIO_SOURCE__INIT;
	Aud__Request request = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_fade_ms = true;
	body.source_handle = voice.handle;
	body.fade_ms = 0;
	request.kind_case = AUD__REQUEST__KIND_RESUME_AUDIO_SOURCE;
	request.resume_audio_source = &body;
	return client_send(&client, &request);
}

/* ---- marks -------------------------------------------------------------------------- */

static void send_mark(uint32_t i, bool again)
{
	Aud__SetMark body = AUD__SET_MARK__INIT;
	Aud__Request request = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_mark_id = body.has_position = true;
	body.source_handle = voice.handle;
	body.mark_id = i;
	body.position = marks[i].position;
	body.has_again = body.again = again;
	request.kind_case = AUD__REQUEST__KIND_SET_MARK;
	request.set_mark = &body;
	client_send(&client, &request);
}

static void mark(void)
{
	ck_assert_uint_lt(num_marks, MARKS);
	marks[num_marks].position = voice.written;
	send_mark(num_marks++, false);
}

static void mark_again(void)
{
	for (uint32_t i = 0; i < num_marks; i++) {
		if (marks[i].fate == AUD__EVENT__KIND__NOT_SET)
			send_mark(i, true);
	}
}

/* One that waited for room may have moved since it was set. */
static void note_fates(void)
{
	for (size_t n = 0; n < client.num_messages; n++) {
		const Aud__Event *e = client.messages[n]->event;
		uint64_t i;

		if (client.messages[n]->kind_case != AUD__MESSAGE__KIND_EVENT)
			continue;
		i = e->kind_case == AUD__EVENT__KIND_MARK_HEARD
			    ? e->mark_heard->mark_id
			    : e->mark_dropped->mark_id;
		marks[i].position = e->kind_case == AUD__EVENT__KIND_MARK_HEARD
					    ? e->mark_heard->position
					    : e->mark_dropped->position;
		marks[i].fate = e->kind_case;
	}
}

/* What is told as heard was. */
static void assert_fates(const bool *was_heard)
{
	uint32_t heard = 0, dropped = 0;

	for (uint32_t i = 0; i < num_marks; i++) {
		uint64_t position = marks[i].position;

		if (marks[i].fate == AUD__EVENT__KIND_MARK_HEARD) {
			heard++;
			ck_assert_msg(position == 0 || was_heard[position - 1],
				      "the mark at %lu was not heard",
				      (unsigned long)position);
		} else if (marks[i].fate == AUD__EVENT__KIND_MARK_DROPPED) {
			dropped++;
		}
	}
	printf("%u marks: %u heard, %u dropped\n", num_marks, heard, dropped);
	ck_assert_uint_gt(heard, 0);
	ck_assert_uint_gt(dropped, 0);
}

/* ---- all of it ---------------------------------------------------------------------- */

static void do_something(void)
{
	switch (pick(30)) {
	case 0:
		clear();
		break;
	case 1:
		/* Its answer is not waited for, so neither is known whether it is done. */
		client_clear(&client, voice.handle, 0);
		cleared = voice.written;
		attach(&voice);
		break;
	case 2:
		pause_at_once();
		break;
	case 3:
	case 4:
		resume_at_once();
		break;
	case 5:
		close_other();
		break;
	case 6:
		client_clear(&client, other.handle, 0);
		attach(&other);
		break;
	case 7:
	case 8:
		push(&other, false);
		break;
	default:
		push(&voice, true);
		if (pick(3) == 0)
			mark();
		break;
	}
}

static void live(void)
{
	lives_begin(&lives);
	client_init(&client, lives.audd.socket);
	if (!voice.handle)
		make(&voice);
	ck_assert(attach(&voice));
	mark_again();
	if (!other.handle || !attach(&other))
		make(&other);
	assert_ledger(client_look_at(&client, voice.handle));
	assert_ledger(client_look_at(&client, other.handle));
	for (uint32_t i = pick(BATCHES_MAX); i > 0; i--) {
		do_something();
		if (pick(2))
			audd_pause(1 + pick(8));
	}
	client_await(&client, client_status(&client));
	note_fates();
}

/* No position is missing but of those that a clear may have taken, and not more of them than it
 * says; after a kill some are heard again. */
static void assert_heard(uint64_t written, uint64_t dropped)
{
	int16_t *heard;
	size_t n = audd_recording(&lives.audd, &heard);
	bool *was_heard = calloc(written, sizeof(*was_heard));
	uint64_t next = 0, missing = 0, again = 0;

	for (size_t i = 0; i < n; i += CHANNELS) {
		uint64_t position =
			(uint64_t)(heard[i + 1] - 1) * NUMBERS + (uint64_t)heard[i] - 1;

		if (heard[i] == 0)
			continue;
		ck_assert_msg(position <= next || position <= cleared,
			      "frames %lu to %lu are missing", (unsigned long)next,
			      (unsigned long)position);
		ck_assert_uint_le(next, position + BUFFER);
		was_heard[position] = true;
		if (position > next)
			missing += position - next;
		else
			again += next - position;
		next = position + 1;
	}
	free(heard);
	missing += written - next;
	printf("%d kills: %lu frames captured, %lu cleared, none lost; %lu heard again\n",
	       kills, (unsigned long)written, (unsigned long)dropped,
	       (unsigned long)again);
	ck_assert_uint_le(missing, dropped);
	assert_fates(was_heard);
	free(was_heard);
}

START_TEST(a_busy_session_is_killed_200_times_and_loses_nothing)
{
	const Aud__AudioSourceStatus *s;

	random_state = 20261125;
	voice = other = (struct held){0};
	cleared = 0;
	lives_init(&lives,
		   "[output]\nrewind = yes\ndither = no\n[daemon]\nmax_sources = 512\n",
		   "rewinds yes");
	for (int i = 0; i < kills; i++) {
		live();
		lives_kill(&lives);
		client_done(&client);
	}
	lives_begin(&lives);
	client_init(&client, lives.audd.socket);
	ck_assert(attach(&voice));
	mark_again();
	client_await(&client, resume_at_once());
	client_play_out(&client, voice.handle);

	s = client_look_at(&client, voice.handle);
	assert_ledger(s);
	ck_assert_uint_eq(s->queued, 0);
	/* Of what was cleared, some had no position yet. */
	ck_assert_uint_le(voice.written, s->heard + s->dropped_cleared);
	note_fates();
	lives_stop(&lives);
	assert_heard(voice.written, s->dropped_cleared);
	client_done(&client);
	lives_done(&lives);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("kills");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, a_busy_session_is_killed_200_times_and_loses_nothing);
	return suite_run("kills", t);
}
