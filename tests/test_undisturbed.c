/* SPDX-License-Identifier: MIT */
/*
 * Fifty sources play; what happens to one more is not heard in them, to the sample. The same
 * is played three times over, in virtual time: without that one, with it, and with it
 * cleared or paused on its way.
 */
#include <stdlib.h>

#include "suite.h"
#include "venue.h"

enum {
	OTHERS = 50,
	OTHERS_MS = 300,
	OTHERS_QUEUE_MS = 100,
	VICTIM_MS = 200,
	NUMBERS = 600, /* so that the sum of all fits into a sample */
};

enum what { NOT_THERE, PLAYS_ON, IS_CLEARED, IS_PAUSED, NUM_WHATS };

struct run {
	struct venue venue; /* its source is the victim */
	uint64_t until;     /* the frame before which it was cleared, or paused */
};

/* The number of a source's frame, as it is heard; different for each source. */
static int16_t number(uint32_t source, uint64_t frame)
{
	return (int16_t)(frame * (2 * source + 1) % NUMBERS + 1);
}

static void push(struct venue *v, uint64_t handle, uint32_t source, uint32_t ms)
{
	uint32_t n = venue_frames(v, ms);
	int16_t *samples = malloc(n * sizeof(*samples));

	for (uint32_t i = 0; i < n; i++)
		samples[i] = number(source, i);
	client_capture(&v->client, handle, samples, 1, n);
	free(samples);
}

static uint64_t new_source(struct venue *v, uint32_t queue_ms)
{
	return venue_await(v, client_new_source(&v->client, 1, queue_ms),
			   AUD__REPLY__KIND_NEW_AUDIO_SOURCE)
		->new_audio_source->source_handle;
}

static void trouble(struct run *r, enum what what)
{
	struct venue *v = &r->venue;

	if (what == IS_CLEARED)
		r->until = venue_cleared(v, venue_clear(v))->heard_until;
	if (what == IS_PAUSED)
		r->until = venue_hold(v, true);
}

static void play(struct run *r, enum what what)
{
	struct venue *v = &r->venue;
	uint64_t others[OTHERS];

	venue_open(v, VENUE_FAKE_SINK, 1000);
	for (uint32_t i = 0; i < OTHERS; i++) {
		others[i] = new_source(v, OTHERS_QUEUE_MS);
		push(v, others[i], i, OTHERS_MS);
		v->ops->pass(v, 1);
	}
	v->source = new_source(v, 1000);
	if (what != NOT_THERE)
		push(v, v->source, OTHERS, VICTIM_MS);
	v->ops->pass(v, 77);
	trouble(r, what);
	for (uint32_t i = 0; i < OTHERS; i++)
		venue_played(v, client_wait(&v->client, others[i]));
	venue_close(v);
}

START_TEST(fifty_others_sound_the_same_to_the_sample)
{
	struct run runs[NUM_WHATS] = {0};
	const int16_t *without, *heard;
	uint64_t begin = 0, end;

	for (enum what what = NOT_THERE; what < NUM_WHATS; what++)
		play(&runs[what], what);
	without = runs[NOT_THERE].venue.heard;
	heard = runs[PLAYS_ON].venue.heard;
	while (heard[begin] == without[begin])
		begin++;

	end = runs[NOT_THERE].venue.num_heard;
	ck_assert_uint_gt(end, venue_frames(&runs[0].venue, OTHERS_MS + OTHERS - 1));
	for (enum what what = PLAYS_ON; what < NUM_WHATS; what++) {
		uint64_t until = what == PLAYS_ON
					 ? venue_frames(&runs[0].venue, VICTIM_MS)
					 : runs[what].until;

		heard = runs[what].venue.heard;
		ck_assert_uint_ge(runs[what].venue.num_heard, end);
		ck_assert_uint_gt(until, 0);
		for (uint64_t i = 0; i < end; i++) {
			bool sounds = i >= begin && i - begin < until;

			ck_assert_int_eq(heard[i] - without[i],
					 sounds ? number(OTHERS, i - begin) : 0);
		}
	}
	for (enum what what = NOT_THERE; what < NUM_WHATS; what++)
		venue_free(&runs[what].venue);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("undisturbed");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, fifty_others_sound_the_same_to_the_sample);
	return suite_run("undisturbed", tc);
}
