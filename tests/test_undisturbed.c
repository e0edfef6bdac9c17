/* SPDX-License-Identifier: MIT */
/*
 * Fifty sources play; what happens to one more is not heard in them, to the sample, on any kind of
 * device: it plays, is cleared or paused. The recording is their sum, and is taken apart: each of
 * them begins with a 1, and the one more is the last to begin, so what the sum is too much by is
 * how many of the next begin there.
 */
#include <stdlib.h>

#include "suite.h"
#include "venue_clock.h"

enum {
	OTHERS = 50,
	VICTIM = OTHERS, /* the number of the one more */
	SOURCES,
	OTHERS_MS = 1200,
	VICTIM_MS = 200,
	NUMBERS = 600, /* so that the sum of all fits into a sample */
};

enum what { PLAYS_ON, IS_CLEARED, IS_PAUSED, NUM_WHATS };

/* What a source's frame is heard as: 1, and then different for each source. */
static int16_t number(uint32_t source, uint64_t frame)
{
	return (int16_t)(frame * (2 * source + 1) % NUMBERS + 1);
}

/* ---- playing it -------------------------------------------------------------------- */

/* Returns when the device has got some of it: those that follow do not begin before it. */
static void begin(uint64_t handle, uint32_t source, uint32_t ms)
{
	uint32_t n = venue_frames(&venue, ms);
	int16_t *samples = malloc(n * sizeof(*samples));
	const Aud__AudioSourceStatus *s;

	for (uint32_t i = 0; i < n; i++)
		samples[i] = number(source, i);
	venue_captured(&venue, client_capture(&venue.client, handle, samples, 1, n));
	free(samples);
	do {
		venue.ops->pass(&venue, 1);
		s = venue_await(&venue, client_get(&venue.client, handle),
				AUD__REPLY__KIND_GET_AUDIO_SOURCE)
			    ->get_audio_source;
	} while (s->played + s->in_device == 0);
}

static uint64_t new_source(uint32_t queue_ms)
{
	return venue_await(&venue, client_new_source(&venue.client, 1, queue_ms),
			   AUD__REPLY__KIND_NEW_AUDIO_SOURCE)
		->new_audio_source->source_handle;
}

/* Returns the frame before which it ends. */
static uint64_t trouble(enum what what)
{
	venue.ops->pass(&venue, 77);
	if (what == IS_CLEARED)
		return venue_cleared(&venue, venue_clear(&venue))->heard_until;
	if (what == IS_PAUSED)
		return venue_hold(&venue, true);
	return venue_frames(&venue, VICTIM_MS);
}

/* ---- taking the sum apart ---------------------------------------------------------- */

struct parts {
	uint64_t at[SOURCES], end[SOURCES]; /* frames: heard of it, in all */
	uint32_t begun, most; /* sources: have; sounded when the last began */
};

static int sum_of(const struct parts *p, uint32_t *ret_sounding)
{
	int sum = 0;

	*ret_sounding = 0;
	for (uint32_t i = 0; i < p->begun; i++) {
		if (p->at[i] == p->end[i])
			continue;
		sum += number(i, p->at[i]);
		++*ret_sounding;
	}
	return sum;
}

static void take_apart(struct parts *p, const int16_t *heard, uint64_t n, bool steady)
{
	uint32_t sounding;

	for (uint64_t t = 0; t < n; t++) {
		int more = heard[t] - sum_of(p, &sounding);

		/* A device that ran dry was silent in all of them. */
		if (heard[t] == 0 && !steady)
			continue;
		ck_assert_msg(more >= 0 && more <= (int)(SOURCES - p->begun),
			      "frame %lu is off by %d, with %u sources of %u begun",
			      (unsigned long)t, more, p->begun, SOURCES);
		p->begun += (uint32_t)more;
		if (more > 0)
			p->most = sounding + (uint32_t)more;
		for (uint32_t i = 0; i < p->begun; i++)
			p->at[i] += p->at[i] < p->end[i];
	}
}

START_TEST(fifty_others_sound_the_same_to_the_sample)
{
	struct parts parts = {0};
	uint64_t others[OTHERS];
	bool steady;

	venue_open(&venue, _i / NUM_WHATS, 1000);
	for (uint32_t i = 0; i < OTHERS; i++)
		others[i] = new_source(OTHERS_MS);
	venue.source = new_source(1000);
	for (uint32_t i = 0; i < OTHERS; i++) {
		parts.end[i] = venue_frames(&venue, OTHERS_MS);
		begin(others[i], i, OTHERS_MS);
	}
	begin(venue.source, VICTIM, VICTIM_MS);

	parts.end[VICTIM] = trouble(_i % NUM_WHATS);
	for (uint32_t i = 0; i < OTHERS; i++)
		venue_played(&venue, client_wait(&venue.client, others[i]));
	steady = venue_is_steady(&venue);
	venue_close(&venue);

	ck_assert_uint_gt(parts.end[VICTIM], 0);
	take_apart(&parts, venue.heard, venue.num_heard, steady);
	ck_assert_uint_eq(parts.begun, SOURCES);
	for (uint32_t i = 0; i < SOURCES; i++)
		ck_assert_uint_eq(parts.at[i], parts.end[i]);
	if (steady)
		ck_assert_uint_eq(parts.most, SOURCES);
	venue_free(&venue);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("undisturbed");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, fifty_others_sound_the_same_to_the_sample, 0,
			    NUM_VENUES * NUM_WHATS);
	return suite_run("undisturbed", tc);
}
