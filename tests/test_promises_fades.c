/* SPDX-License-Identifier: MIT */
/*
 * Fades, and the moment at which a clear was true, on every kind of device. The recording is
 * compared sample for sample with what was pushed and the fades that were asked for.
 */
#include <math.h>
#include <stdlib.h>

#include "moment.h"
#include "suite.h"
#include "venue_clock.h"

static struct timing timing;

static uint64_t played_out, silence; /* of the source, at its end */
static struct moment end;

static void begin(int which)
{
	venue_open(&venue, which, 1000);
}

static void finish(void)
{
	const Aud__WaitForPlayoutReply *r = venue_played(&venue, venue_wait(&venue));

	end = moment_note(&venue, r->at_ns);
	played_out = r->played;
	silence = venue_status(&venue)->silence;
	timing.steady = venue_is_steady(&venue);
	venue_close(&venue);
}

static void tear_down(void)
{
	venue_free(&venue);
}

static uint32_t ms(uint32_t n)
{
	return venue_frames(&venue, n);
}

static void push(uint32_t frames)
{
	ck_assert_uint_eq(venue_captured(&venue, venue_push(&venue, frames))->accepted,
			  frames);
}

/* ---- what is asked for ------------------------------------------------------------- */

static const Aud__ClearAudioBufferReply *clear(uint32_t fade_ms, Aud__FadeCurve curve)
{
	Aud__ClearAudioBuffer body = AUD__CLEAR_AUDIO_BUFFER__INIT;
	Aud__Request r = AUD__REQUEST__INIT;

	body.has_source_handle = body.has_fade_ms = body.has_curve = true;
	body.source_handle = venue.source;
	body.fade_ms = fade_ms;
	body.curve = curve;
	r.kind_case = AUD__REQUEST__KIND_CLEAR_AUDIO_BUFFER;
	r.clear_audio_buffer = &body;
	return venue_cleared(&venue, client_send(&venue.client, &r));
}

/* With the default fade, of 5 ms. */
static uint64_t pause_softly(void)
{
	return venue_await(&venue, client_pause(&venue.client, venue.source),
			   AUD__REPLY__KIND_PAUSE_AUDIO_SOURCE)
		->pause_audio_source->position;
}

static uint64_t resume_softly(void)
{
	return venue_await(&venue, client_resume(&venue.client, venue.source),
			   AUD__REPLY__KIND_RESUME_AUDIO_SOURCE)
		->resume_audio_source->position;
}

/* ---- what is heard ----------------------------------------------------------------- */

/* How loud frames are: between two positions, at `way` of the way through, 0 .. 1. Those from
 * `first` on are heard. */
struct part {
	uint64_t from, to;
	float (*level)(float way);
	uint64_t first;
};

static float at_full(float way)
{
	(void)way;
	return 1.0f;
}

static float down(float way)
{
	return 1.0f - way;
}

static float down_by_power(float way)
{
	return cosf(way * (float)M_PI_2);
}

static float up(float way)
{
	return way;
}

static uint64_t next_sample; /* of the recording */
static uint64_t stray;       /* silence where there should be none, so far */

/* The recording goes on with these frames, whose numbers are their positions. */
static void assert_part(struct part p)
{
	for (uint64_t pos = p.first > p.from ? p.first : p.from; pos < p.to;
	     next_sample++) {
		float way = (float)(pos - p.from) / (float)(p.to - p.from);
		float due = venue_number(pos) * p.level(way);

		ck_assert_uint_lt(next_sample, venue.num_heard);
		if (venue.heard[next_sample] == 0 && due > 1.0f) {
			stray++;
			continue;
		}
		if (fabsf((float)venue.heard[next_sample] - due) > 1.0f)
			ck_abort_msg("sample %d is %d, where frame %d, %f, was due",
				     (int)next_sample, venue.heard[next_sample], (int)pos,
				     (double)due);
		pos++;
	}
}

/* Then there is silence for a while; or none. */
static void skip_silence(void)
{
	while (next_sample < venue.num_heard && venue.heard[next_sample] == 0)
		next_sample++;
}

/* Only silence for want of data lies between. */
static void assert_steady(void)
{
	ck_assert_uint_le(stray, venue.ops->is_virtual ? 0 : silence);
}

/* ---- clears ------------------------------------------------------------------------ */

static void clear_with_a_fade(int which, uint32_t fade_ms, Aud__FadeCurve curve,
			      float (*level)(float way))
{
	const Aud__ClearAudioBufferReply *r;
	uint64_t until, written;

	begin(which);
	push(ms(500));
	venue.ops->pass(&venue, 60);
	r = clear(fade_ms, curve);
	until = r->heard_until;
	written = venue.pushed;
	ck_assert_uint_eq(r->dropped, written - until);
	if (venue.ops->rewinds)
		ck_assert_uint_le(r->in_device,
				  ms(1) * VENUE_GUARD_US / 1000 + ms(fade_ms));
	push(ms(100));
	finish();

	skip_silence();
	assert_part((struct part){0, until - ms(fade_ms), at_full, 0});
	assert_part((struct part){until - ms(fade_ms), until, level, 0});
	skip_silence();
	assert_part((struct part){written, played_out, at_full, 0});
	skip_silence();
	ck_assert_uint_eq(next_sample, venue.num_heard);
	assert_steady();
}

START_TEST(a_clear_fades_what_would_have_come_next_and_takes_no_longer)
{
	clear_with_a_fade(_i, 5, AUD__FADE_CURVE__LINEAR, down);
}
END_TEST

START_TEST(the_longest_fade_goes_by_equal_power)
{
	clear_with_a_fade(_i, 250, AUD__FADE_CURVE__EQUAL_POWER, down_by_power);
}
END_TEST

/* The second one drops what came in between, and the fade goes on as it was begun. */
START_TEST(a_clear_in_the_fade_of_another_lets_it_end)
{
	uint64_t until, between, written;
	const Aud__ClearAudioBufferReply *second;

	begin(_i);
	push(ms(500));
	venue.ops->pass(&venue, 60);
	until = clear(100, AUD__FADE_CURVE__LINEAR)->heard_until;
	between = venue.pushed;
	venue.ops->pass(&venue, 20);
	push(ms(30));
	written = venue.pushed;
	second = clear(0, AUD__FADE_CURVE__LINEAR);
	ck_assert_uint_eq(second->heard_until, between);
	ck_assert_uint_eq(second->dropped, written - between);
	push(ms(20));
	finish();

	skip_silence();
	assert_part((struct part){0, until - ms(100), at_full, 0});
	assert_part((struct part){until - ms(100), until, down, 0});
	skip_silence();
	assert_part((struct part){written, played_out, at_full, 0});
	assert_steady();
}
END_TEST

START_TEST(a_clear_is_true_at_the_time_that_it_tells)
{
	const Aud__ClearAudioBufferReply *r;
	struct moment m;
	uint64_t position, until;

	begin(_i);
	push(ms(500));
	venue.ops->pass(&venue, 60);
	r = clear(0, AUD__FADE_CURVE__LINEAR);
	m = moment_note(&venue, r->at_ns);
	until = r->heard_until;
	position = until - r->in_device;
	push(ms(50));
	finish();

	skip_silence();
	moment_check(&m, &venue, &timing, next_sample + position);
	assert_part((struct part){0, until, at_full, 0});
	skip_silence();
	next_sample += ms(50);
	moment_check(&end, &venue, &timing, next_sample);
}
END_TEST

/* ---- pauses ------------------------------------------------------------------------ */

START_TEST(a_pause_fades_out_and_a_resume_fades_in_at_the_very_frame)
{
	uint64_t position;

	begin(_i);
	push(ms(300));
	venue.ops->pass(&venue, 60);
	position = pause_softly();
	venue.ops->pass(&venue, venue.ops->rewinds ? 20 : 60);
	ck_assert_uint_eq(resume_softly(), position);
	finish();

	skip_silence();
	assert_part((struct part){0, position - ms(5), at_full, 0});
	assert_part((struct part){position - ms(5), position, down, 0});
	skip_silence();
	assert_part((struct part){position - 1, position - 1 + ms(5), up, position});
	assert_part((struct part){position - 1 + ms(5), played_out, at_full, 0});
	assert_steady();
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("promises_fades");

	tcase_add_checked_fixture(tc, NULL, tear_down);
	tcase_set_timeout(tc, 30);
#define ON_ALL_VENUES(test) tcase_add_loop_test(tc, test, 0, NUM_VENUES)
	ON_ALL_VENUES(a_clear_fades_what_would_have_come_next_and_takes_no_longer);
	ON_ALL_VENUES(the_longest_fade_goes_by_equal_power);
	ON_ALL_VENUES(a_clear_in_the_fade_of_another_lets_it_end);
	ON_ALL_VENUES(a_clear_is_true_at_the_time_that_it_tells);
	ON_ALL_VENUES(a_pause_fades_out_and_a_resume_fades_in_at_the_very_frame);
	return suite_run("promises_fades", tc);
}
