/* SPDX-License-Identifier: MIT */
/*
 * libaud, and a daemon that answers and tells whatever it likes: every call comes back, every
 * callback is run once, every text can be read. Steps of an odd kind are the daemon's; what is left
 * of the others is what the program calls, one after the other.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "aud.h"
#include "clock.h"
#include "fuzz/fuzz.h"
#include "fuzz/rogue.h"
#include "fuzz/session.h"
#include "must.h"

enum { SOURCES = 4, FRAMES = 4000 };

#define BEGINNING_NS UINT64_C(1000000000000)

static struct aud *a;
static struct aud_source *sources[SOURCES];
static uint32_t asked, told;
static size_t read_bytes;           /* of texts */
static int32_t frames[FRAMES * 32]; /* of any source */

/* ---- what the program is told --------------------------------------------------------- */

static void read_text(const char *text)
{
	must(text, "no text");
	read_bytes += strlen(text);
}

static void read_source(const struct aud_source_status *s)
{
	read_text(s->name);
	read_text(s->client);
	read_text(s->output);
	read_text(s->layout);
}

static void done(const struct aud_result *result, void *user)
{
	(void)user;
	told++;
	read_text(result->message);
	must(result->error <= 0, "an error of %d", result->error);
}

static void done_status(const struct aud_result *result, void *user)
{
	done(result, user);
	if (result->error == 0)
		read_source(result->status);
}

static void on_event(const struct aud_event *event, void *user)
{
	(void)user;
	read_text(aud_event_name(event->kind));
}

static void ask(int r)
{
	if (r == 0)
		asked++;
	else
		read_text(aud_error(a));
}

/* ---- what it calls ---------------------------------------------------------------------- */

static bool has(const struct step *s, int bit)
{
	return s->flags >> bit & 1;
}

static void get_source(struct aud_source **at, const struct step *s)
{
	static const uint8_t token[AUD_TOKEN_BYTES] = {1, 2, 3};

	aud_source_free(*at);
	*at = NULL;
	switch (s->x % 4) {
	case 0:
		aud_source_by_handle(a, at, ROGUE_HANDLE);
		break;
	case 1:
		aud_source_attach(a, at, ROGUE_HANDLE, token);
		break;
	default:
		aud_source_new(a, at, 48000, 1 + s->y % 2, NULL);
	}
}

static void capture(struct aud_source *s, const struct step *st)
{
	struct aud_capture_options options = AUD_CAPTURE_OPTIONS_INIT;
	struct aud_captured captured;
	uint32_t n = st->y % FRAMES;

	if (has(st, 0))
		options.at = st->z;
	if (has(st, 1))
		options.timeout_ms = st->z % 500;
	if (has(st, 2))
		aud_source_capture_frame_with(s, frames, n, &options, &captured);
	else
		ask(aud_source_capture_frame_async(s, frames, n, &options, done, NULL));
}

static void wait_for_playout(struct aud_source *s, const struct step *st)
{
	struct aud_wait_options options = AUD_WAIT_OPTIONS_INIT;
	struct aud_playout playout;

	if (has(st, 0))
		options.timeout_ms = st->z % 500;
	if (has(st, 1))
		aud_source_wait_for_playout(s, &options, &playout);
	else
		ask(aud_source_wait_for_playout_async(s, &options, done, NULL));
}

static void change(struct aud_source *s, const struct step *st)
{
	struct aud_cleared cleared;

	switch (st->x % 8) {
	case 0:
		aud_source_clear_queue(s, NULL, &cleared);
		break;
	case 1:
		ask(aud_source_clear_queue_async(s, NULL, done, NULL));
		break;
	case 2:
		ask(aud_source_pause_async(s, NULL, done, NULL));
		break;
	case 3:
		ask(aud_source_resume_async(s, NULL, done, NULL));
		break;
	case 4:
		ask(aud_source_set_gain_async(s, 0.5f, 10, done, NULL));
		break;
	case 5:
		ask(aud_source_move_async(s, "other", NULL, done, NULL));
		break;
	case 6:
		aud_source_set_mute(s, true, 0);
		break;
	default:
		aud_source_close(s, st->y & 1);
	}
}

static void watch(struct aud_source *s, const struct step *st)
{
	uint64_t position = has(st, 0) ? st->z : AUD_NO_POSITION;

	switch (st->x % 4) {
	case 0:
		aud_source_subscribe(s, st->y % 300);
		break;
	case 1:
		aud_source_unsubscribe(s);
		break;
	case 2:
		aud_source_set_mark(s, st->y, position, NULL);
		break;
	default:
		ask(aud_source_set_mark_async(s, st->y, position, done, NULL));
	}
}

static void look_at_source(struct aud_source *s, const struct step *st)
{
	struct aud_source_status *status;
	struct aud_queued queued;

	if (st->x % 3 == 0) {
		aud_source_queued_duration(s, &queued);
	} else if (st->x % 3 == 1) {
		ask(aud_source_status_async(s, done_status, NULL));
	} else if (aud_source_status(s, &status) == 0) {
		read_source(status);
		aud_source_status_free(status);
	}
}

static void look_at_list(void)
{
	struct aud_source_status *list;
	int n = aud_list(a, &list);

	for (int i = 0; i < n; i++)
		read_source(&list[i]);
	if (n >= 0)
		aud_list_free(list);
}

static void look_at_daemon(void)
{
	struct aud_daemon_status *status;

	if (aud_daemon_status(a, &status) < 0)
		return;
	read_text(status->version);
	for (size_t i = 0; i < status->num_outputs; i++) {
		const struct aud_output_status *o = &status->outputs[i];

		read_text(o->name);
		read_text(o->device);
		read_text(o->error);
		read_text(o->layout);
		for (size_t k = 0; k < o->num_late_us; k++)
			read_bytes += o->late_us[k] & 1;
	}
	aud_daemon_status_free(status);
}

static void call_without_source(const struct step *st)
{
	switch (st->x % 5) {
	case 0:
		look_at_list();
		break;
	case 1:
		look_at_daemon();
		break;
	case 2:
		ask(aud_output_set_gain_async(a, NULL, 1.0f, 5, done, NULL));
		break;
	case 3:
		aud_dispatch(a);
		break;
	default:
		aud_wait(a, (int)(st->y % 1000));
	}
}

static void call(const struct step *st)
{
	struct aud_source **at = &sources[st->who % SOURCES], *s = *at;
	uint32_t what = st->kind / 2 % 8;

	if (what == 0)
		get_source(at, st);
	else if (what == 1)
		call_without_source(st);
	else if (!s)
		return;
	else if (what <= 3)
		capture(s, st);
	else if (what == 4)
		wait_for_playout(s, st);
	else if (what == 5)
		change(s, st);
	else if (what == 6)
		watch(s, st);
	else
		look_at_source(s, st);
}

/* ---- one input ---------------------------------------------------------------------------- */

static void split(const uint8_t *data, size_t n)
{
	struct step s;

	for (size_t i = 0; i < n; i++) {
		memcpy(&s, data + i * sizeof(s), sizeof(s));
		s.kind /= 2;
		if (data[i * sizeof(s)] & 1)
			rogue_add(&s);
	}
}

static void call_all(const uint8_t *data, size_t n)
{
	struct step s;

	for (size_t i = 0; i < n; i++) {
		memcpy(&s, data + i * sizeof(s), sizeof(s));
		if (!(s.kind & 1))
			call(&s);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct aud_connect_options options = {.reconnect_ms = 500};
	size_t n = size / sizeof(struct step);

	clock_set(BEGINNING_NS);
	rogue_begin();
	split(data, n);
	asked = told = 0;
	memset(sources, 0, sizeof(sources));
	if (aud_connect_with(&a, "/rogue", "fuzz", &options) == 0) {
		aud_set_event_handler(a, on_event, NULL);
		call_all(data, n);
		aud_free(a);
		must(told == asked, "%u were asked, %u were told", asked, told);
	}
	rogue_end();
	clock_set(0);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed)
{
	return session_mutate(data, size, max_size, seed);
}
