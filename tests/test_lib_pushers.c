/* SPDX-License-Identifier: MIT */
/*
 * Two programs push into one source, and its daemon is killed at random moments. Each frame says
 * who has pushed it, and how many that program had pushed before.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aud.h"
#include "lives.h"
#include "suite.h"

enum {
	RATE = 48000,
	CHANNELS = 2,
	BUFFER = RATE / 5,
	PUSHERS = 2,
	TOTAL = 2 * RATE, /* frames of each */
	MOST = 1500,      /* of a capture */
	UNDER_WAY = 4,    /* captures that are not waited for */
	NUMBERS = 10000,
};

static const int kills = SANITIZED ? 10 : 40, restarts = 10;

static struct lives lives;

struct pusher {
	struct aud *aud;
	struct aud_source *source;
	pthread_t thread;
	unsigned int seed;
	bool is_patient; /* waits for each of its captures */
	int16_t number;  /* of its frames, in the second channel: from here on */
	uint32_t next;   /* frame */
	uint64_t accepted;
	int under_way;
};

static void must(int r)
{
	ck_assert_msg(r >= 0, "%s", aud_error(NULL));
}

static void set_up(void)
{
	lives_init(&lives, "[output]\nrewind = yes\ndither = no\n", "rewinds yes");
	lives_begin(&lives);
}

static void tear_down(void)
{
	lives_done(&lives);
}

/* ---- pushing ------------------------------------------------------------------------- */

static void note_captured(const struct aud_result *result, void *user)
{
	struct pusher *p = user;

	ck_assert_msg(result->error == 0, "%s", result->message);
	ck_assert_uint_eq(result->captured->dropped, 0);
	p->accepted += result->captured->accepted;
	p->under_way--;
}

static uint32_t prepare(struct pusher *p, int16_t *samples)
{
	uint32_t n = 1 + (uint32_t)rand_r(&p->seed) % MOST;

	if (n > TOTAL - p->next)
		n = TOTAL - p->next;
	for (uint32_t i = 0; i < n; i++, p->next++) {
		samples[CHANNELS * i] = (int16_t)(p->next % NUMBERS + 1);
		samples[CHANNELS * i + 1] = (int16_t)(p->number + p->next / NUMBERS);
	}
	return n;
}

static void push(struct pusher *p, const int16_t *samples, uint32_t n)
{
	struct aud_captured captured;

	if (p->is_patient) {
		must(aud_source_capture_frame(p->source, samples, n, &captured));
		ck_assert_uint_eq(captured.accepted, n);
		p->accepted += n;
	} else {
		must(aud_source_capture_frame_async(p->source, samples, n, NULL,
						    note_captured, p));
		p->under_way++;
	}
	while (p->under_way >= UNDER_WAY || (p->next == TOTAL && p->under_way))
		must(aud_wait(p->aud, 1000));
}

static void *push_all(void *user)
{
	static _Thread_local int16_t samples[MOST * CHANNELS];
	struct pusher *p = user;

	while (p->next < TOTAL)
		push(p, samples, prepare(p, samples));
	return NULL;
}

/* The first makes the source, the others attach to it. */
static void begin(struct pusher *all, const bool *patient)
{
	const struct aud_source_options options = {.queue_size_ms = 200};
	uint8_t token[AUD_TOKEN_BYTES];

	for (int i = 0; i < PUSHERS; i++) {
		struct pusher *p = &all[i];

		*p = (struct pusher){.seed = (unsigned int)i,
				     .is_patient = patient[i],
				     .number = (int16_t)(1 + i * 1000)};
		must(aud_connect(&p->aud, lives.audd.socket, "test"));
		if (i == 0)
			must(aud_source_new(p->aud, &p->source, RATE, CHANNELS,
					    &options));
		else
			must(aud_source_attach(p->aud, &p->source,
					       aud_source_handle(all[0].source), token));
		must(aud_source_token(p->source, token));
	}
	for (int i = 0; i < PUSHERS; i++)
		pthread_create(&all[i].thread, NULL, push_all, &all[i]);
}

/* ---- what was heard ------------------------------------------------------------------ */

/* Frames in the order in which they were heard first, as numbers of both channels. */
struct order {
	int32_t frames[PUSHERS * TOTAL];
	uint32_t known, at;
	uint32_t next[PUSHERS];
};

static void hear_again(struct order *o, int32_t frame)
{
	uint32_t i = o->known;

	while (i > 0 && o->known - i < BUFFER && o->frames[i - 1] != frame)
		i--;
	ck_assert_msg(i > 0 && o->frames[i - 1] == frame,
		      "behind %u frames, that is %d of %d", o->known, frame & 0xffff,
		      frame >> 16);
	o->at = i;
}

static void hear(struct order *o, int32_t frame)
{
	int32_t channel = frame >> 16;
	uint32_t who = channel >= 1000, n;

	n = (uint32_t)((channel - 1 - (who ? 1000 : 0)) * NUMBERS + (frame & 0xffff) - 1);
	if (o->at < o->known && o->frames[o->at] == frame) {
		o->at++;
	} else if (o->at == o->known && n == o->next[who]) {
		o->next[who]++;
		o->frames[o->known++] = frame;
		o->at = o->known;
	} else {
		hear_again(o, frame);
	}
}

static void assert_heard(int ends)
{
	struct order *o = calloc(1, sizeof(*o));
	int16_t *heard;
	size_t n = audd_recording(&lives.audd, &heard);
	uint32_t frames = 0;

	for (size_t i = 0; i < n; i += CHANNELS) {
		if (!heard[i])
			continue;
		hear(o, heard[i + 1] << 16 | heard[i]);
		frames++;
	}
	printf("%d ends of a daemon: %u frames of %d programs, none lost; %u heard "
	       "again\n",
	       ends, o->known, PUSHERS, frames - o->known);
	for (int i = 0; i < PUSHERS; i++)
		ck_assert_uint_eq(o->next[i], TOTAL);
	free(heard);
	free(o);
}

static void end(struct pusher *all, int ends)
{
	struct aud_source_status *s;

	for (int i = 0; i < PUSHERS; i++)
		pthread_join(all[i].thread, NULL);
	must(aud_source_wait_for_playout(all[0].source, NULL, NULL));
	must(aud_source_status(all[0].source, &s));
	ck_assert_uint_eq(s->pushed, PUSHERS * TOTAL);
	ck_assert_uint_eq(s->heard, PUSHERS * TOTAL);
	aud_source_status_free(s);
	for (int i = 0; i < PUSHERS; i++) {
		ck_assert_uint_eq(all[i].accepted, TOTAL);
		aud_free(all[i].aud);
	}
	lives_stop(&lives);
	assert_heard(ends);
}

static const bool patient[][PUSHERS] = {{true, true}, {false, false}, {true, false}};

START_TEST(nothing_of_two_who_push_is_lost_or_doubled_by_kills)
{
	struct pusher all[PUSHERS];

	srand(1);
	begin(all, patient[_i]);
	for (int i = 0; i < kills; i++) {
		audd_pause(1 + rand() % 80);
		lives_kill(&lives);
		lives_begin(&lives);
	}
	end(all, kills);
}
END_TEST

START_TEST(nor_by_restarts)
{
	struct pusher all[PUSHERS];

	begin(all, patient[_i]);
	for (int i = 0; i < restarts; i++) {
		audd_pause(1 + rand() % 80);
		lives_stop(&lives);
		lives_begin(&lives);
	}
	end(all, restarts);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lib_pushers");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, nothing_of_two_who_push_is_lost_or_doubled_by_kills, 0, 3);
	tcase_add_loop_test(t, nor_by_restarts, 0, 3);
	return suite_run("lib_pushers", t);
}
