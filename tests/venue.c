/* SPDX-License-Identifier: MIT */
/*
 * What is the same on all devices: requests and replies.
 */
#include "venue.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { IN_TIME = 4 }; /* of late_us: those before it are less than 0.5 ms */

static const struct venue_ops *const venues[NUM_VENUES] = {
	[VENUE_FAKE_SINK] = &venue_fake_sink,
	[VENUE_FAKE_PCM] = &venue_fake_pcm,
	[VENUE_NULL] = &venue_null,
	[VENUE_ALSA] = &venue_alsa,
	[VENUE_ALSA_STRAIGHT] = &venue_alsa_straight,
};

void venue_open(struct venue *v, int which, uint32_t queue_ms)
{
	struct client *c = &v->client;
	const Aud__Reply *r;

	memset(v, 0, sizeof(*v));
	v->ops = venues[which];
	v->ops->open(v);
	c->rate = v->ops->rate;
	venue_await(v, client_hello(c), AUD__REPLY__KIND_HELLO);
	r = venue_await(v, client_new_source(c, 2, queue_ms),
			AUD__REPLY__KIND_NEW_AUDIO_SOURCE);
	v->source = r->new_audio_source->source_handle;
}

void venue_close(struct venue *v)
{
	v->ops->close(v);
}

void venue_free(struct venue *v)
{
	free(v->heard);
}

/* ---- requests -------------------------------------------------------------------- */

uint64_t venue_push(struct venue *v, uint32_t frames)
{
	int16_t(*samples)[2] = malloc(frames * sizeof(*samples));
	uint64_t id;

	for (uint32_t i = 0; i < frames; i++)
		samples[i][0] = samples[i][1] = venue_number(v->pushed++);
	id = client_capture(&v->client, v->source, samples[0], 2, frames);
	free(samples);
	return id;
}

uint64_t venue_clear(struct venue *v)
{
	return client_clear(&v->client, v->source, 0);
}

uint64_t venue_wait(struct venue *v)
{
	return client_wait(&v->client, v->source);
}

uint64_t venue_mark(struct venue *v, uint64_t mark_id, uint64_t position)
{
	Aud__SetMark mark = AUD__SET_MARK__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	mark.has_source_handle = mark.has_mark_id = mark.has_position = true;
	mark.source_handle = v->source;
	mark.mark_id = mark_id;
	mark.position = position;
	r.kind_case = AUD__REQUEST__KIND_SET_MARK;
	r.set_mark = &mark;
	return client_send(&v->client, &r);
}

/* ---- what comes back ------------------------------------------------------------- */

const Aud__Reply *venue_await(struct venue *v, uint64_t id, Aud__Reply__KindCase kind)
{
	const Aud__Reply *r;

	while (!(r = client_look(&v->client, id)))
		v->ops->go_on(v);
	if (r->kind_case == AUD__REPLY__KIND_ERROR)
		ck_abort_msg("refused: %s", r->error->message);
	ck_assert_int_eq(r->kind_case, kind);
	return r;
}

const Aud__CaptureAudioFrameReply *venue_captured(struct venue *v, uint64_t id)
{
	return venue_await(v, id, AUD__REPLY__KIND_CAPTURE_AUDIO_FRAME)
		->capture_audio_frame;
}

const Aud__ClearAudioBufferReply *venue_cleared(struct venue *v, uint64_t id)
{
	return venue_await(v, id, AUD__REPLY__KIND_CLEAR_AUDIO_BUFFER)
		->clear_audio_buffer;
}

const Aud__WaitForPlayoutReply *venue_played(struct venue *v, uint64_t id)
{
	return venue_await(v, id, AUD__REPLY__KIND_WAIT_FOR_PLAYOUT)->wait_for_playout;
}

const Aud__AudioSourceStatus *venue_status(struct venue *v)
{
	return venue_await(v, client_get(&v->client, v->source),
			   AUD__REPLY__KIND_GET_AUDIO_SOURCE)
		->get_audio_source;
}

static uint64_t pause_now(struct venue *v)
{
	Aud__PauseAudioSource body = AUD__PAUSE_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_fade_ms = true;
	body.source_handle = v->source;
	body.fade_ms = 0;
	r.kind_case = AUD__REQUEST__KIND_PAUSE_AUDIO_SOURCE;
	r.pause_audio_source = &body;
	return venue_await(v, client_send(&v->client, &r),
			   AUD__REPLY__KIND_PAUSE_AUDIO_SOURCE)
		->pause_audio_source->position;
}

static uint64_t resume_now(struct venue *v)
{
	Aud__ResumeAudioSource body = AUD__RESUME_AUDIO_SOURCE__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_fade_ms = true;
	body.source_handle = v->source;
	body.fade_ms = 0;
	r.kind_case = AUD__REQUEST__KIND_RESUME_AUDIO_SOURCE;
	r.resume_audio_source = &body;
	return venue_await(v, client_send(&v->client, &r),
			   AUD__REPLY__KIND_RESUME_AUDIO_SOURCE)
		->resume_audio_source->position;
}

uint64_t venue_hold(struct venue *v, bool paused)
{
	return paused ? pause_now(v) : resume_now(v);
}

bool venue_is_steady(struct venue *v)
{
	const Aud__Reply *r = venue_await(v, client_status(&v->client),
					  AUD__REPLY__KIND_GET_DAEMON_STATUS);
	const Aud__OutputStatus *o = r->get_daemon_status->outputs[0];
	uint64_t late = 0;

	for (size_t i = IN_TIME; i < o->n_late_us; i++)
		late += o->late_us[i];
	return late == 0 && o->xruns == 0;
}

/* Fails the test if it was told twice. */
static const Aud__Event *find_mark(const struct venue *v, uint64_t mark_id)
{
	const Aud__Event *found = NULL;

	for (size_t i = 0; i < v->client.num_messages; i++) {
		const Aud__Event *e = v->client.messages[i]->event;

		if (v->client.messages[i]->kind_case != AUD__MESSAGE__KIND_EVENT)
			continue;
		if ((e->kind_case != AUD__EVENT__KIND_MARK_HEARD ||
		     e->mark_heard->mark_id != mark_id) &&
		    (e->kind_case != AUD__EVENT__KIND_MARK_DROPPED ||
		     e->mark_dropped->mark_id != mark_id))
			continue;
		ck_assert_msg(!found, "mark %d was told twice", (int)mark_id);
		ck_assert_uint_eq(e->source_handle, v->source);
		found = e;
	}
	return found;
}

const Aud__Event *venue_marked(struct venue *v, uint64_t mark_id)
{
	const Aud__Event *e;

	while (client_look(&v->client, 0), !(e = find_mark(v, mark_id)))
		v->ops->go_on(v);
	return e;
}
