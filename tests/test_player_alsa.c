/* SPDX-License-Identifier: MIT */
/*
 * The player on a PCM of alsa-lib's own making, whose clock the test moves: what is said of the
 * player holds down to the device, whatever the device does.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "alsa_bed.h"
#include "rig.h"
#include "suite.h"

enum { GUARD = 48, QUEUE = 4800 };

struct rig_on_alsa {
	struct rig rig;
	struct alsa_bed bed;
	struct rig_source *source;
};

/* The rig's frames are floats. */
static const int kinds[] = {BED_MMAP_F32, BED_RW_F32};

static void set_up(struct rig_on_alsa *r, int kind)
{
	bed_init(&r->bed, kind, true);
	r->bed.sink->guard = GUARD;
	r->bed.sink->low_water = BED_BUFFER / 4;
	r->bed.sink->idle = BED_BUFFER;
	rig_init(&r->rig, 1, BED_BUFFER);
	player_offer(&r->rig.player, r->bed.sink);
	r->source = rig_add(&r->rig, 0, QUEUE);
}

static void tear_down(struct rig_on_alsa *r)
{
	rig_done(&r->rig);
	bed_done(&r->bed);
}

static void play(struct rig_on_alsa *r, uint32_t frames)
{
	fake_pcm_play(&r->bed.fake, frames);
	rig_turn(&r->rig);
}

static float tape(const struct rig_on_alsa *r, uint32_t frame, uint32_t channel)
{
	return ((float *)(void *)
			r->bed.fake.tape)[(size_t)frame * BED_CHANNELS + channel];
}

static bool sounds(const struct rig_on_alsa *r, uint32_t frame)
{
	return tape(r, frame, 1) != 0.0f;
}

static uint32_t number(const struct rig_on_alsa *r, uint32_t frame)
{
	return (uint32_t)(tape(r, frame, 0) * RIG_NUMBERS);
}

START_TEST(frames_are_heard_as_they_were_pushed)
{
	struct rig_on_alsa r;

	set_up(&r, kinds[_i]);
	rig_push(&r.rig, r.source, QUEUE);
	rig_turn(&r.rig);

	for (int i = 0; i < 100; i++) {
		play(&r, 97);
		rig_push(&r.rig, r.source, QUEUE);
	}

	ck_assert_uint_eq(r.bed.fake.tape_frames, 9700);
	for (uint32_t i = 0; i < 9700; i++)
		if (!sounds(&r, i) || number(&r, i) != i)
			ck_abort_msg("frame %u is number %u", i, number(&r, i));
	ck_assert_uint_eq(rig_played(r.source), 9700);
	tear_down(&r);
}
END_TEST

START_TEST(after_a_clear_the_guard_is_heard_and_not_a_frame_more)
{
	struct rig_on_alsa r;

	set_up(&r, kinds[_i]);
	rig_push(&r.rig, r.source, QUEUE);
	rig_turn(&r.rig);
	play(&r, 100);

	rig_clear(&r.rig, r.source, 0);
	play(&r, 0);
	play(&r, BED_BUFFER / 2);

	ck_assert_uint_eq(r.bed.fake.tape_frames, 100 + BED_BUFFER / 2);
	for (uint32_t i = 0; i < r.bed.fake.tape_frames; i++)
		ck_assert_int_eq(sounds(&r, i), i < 100 + GUARD);
	ck_assert_uint_eq(rig_cut_from(r.source), 100 + GUARD);
	ck_assert_uint_eq(rig_heard(r.source), 100 + GUARD);
	ck_assert_uint_eq(rig_dropped(r.source), QUEUE - 100 - GUARD);
	tear_down(&r);
}
END_TEST

/* One thing that may happen between two turns. */
static void something(struct rig_on_alsa *r)
{
	struct fake_pcm *f = &r->bed.fake;

	switch (rand() % 12) {
	case 0:
		rig_hold(&r->rig, r->source, true, 0);
		break;
	case 1:
	case 2:
		rig_hold(&r->rig, r->source, false, 0);
		break;
	case 3:
		f->rewinds = (uint32_t)rand() % 100;
		break;
	case 4:
		f->fails[FAKE_REWIND] = rand() % 2 ? -EINVAL : 0;
		break;
	case 5:
		f->takes = (uint32_t)rand() % 300;
		break;
	case 6:
		if (f->io.state == SND_PCM_STATE_RUNNING)
			fake_pcm_break(f, SND_PCM_STATE_XRUN);
		break;
	case 7:
		fake_pcm_break(f, SND_PCM_STATE_SUSPENDED);
		break;
	case 8:
		fake_pcm_play(f, BED_BUFFER);
		break;
	default:
		rig_push(&r->rig, r->source, (uint32_t)rand() % QUEUE);
		break;
	}
}

START_TEST(no_frame_is_lost_or_heard_twice_whatever_the_device_does)
{
	struct rig_on_alsa r;
	uint32_t next = 0;

	set_up(&r, kinds[_i]);
	srand(1);
	for (int i = 0; i < 20000; i++) {
		something(&r);
		play(&r, (uint32_t)rand() % 200);
	}

	for (uint32_t i = 0; i < r.bed.fake.tape_frames; i++) {
		if (!sounds(&r, i))
			continue;
		if (number(&r, i) != next % RIG_NUMBERS)
			ck_abort_msg("frame %u of the tape is number %u, not %u", i,
				     number(&r, i), next);
		next++;
	}
	ck_assert_uint_gt(next, 100000);
	ck_assert_uint_le(rig_played(r.source), next);
	tear_down(&r);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("player_alsa");

	tcase_add_loop_test(t, frames_are_heard_as_they_were_pushed, 0, 2);
	tcase_add_loop_test(t, after_a_clear_the_guard_is_heard_and_not_a_frame_more, 0,
			    2);
	tcase_add_loop_test(t, no_frame_is_lost_or_heard_twice_whatever_the_device_does,
			    0, 2);
	return suite_run("player_alsa", t);
}
