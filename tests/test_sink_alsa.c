/* SPDX-License-Identifier: MIT */
/*
 * The ALSA sink writes, and looks at its device's clock.
 */
#include <check.h>
#include <errno.h>
#include <time.h>

#include "alsa_bed.h"
#include "suite.h"

/* ---- writing ------------------------------------------------------------------------ */

START_TEST(what_is_written_is_heard_bit_for_bit_round_the_ring_and_round_again)
{
	struct alsa_bed b;

	bed_init(&b, _i, true);

	ck_assert_int_eq(bed_write(&b, BED_BUFFER), BED_BUFFER);
	ck_assert_int_eq(bed_start(&b), 0);
	for (uint32_t n = 1; n < BED_BUFFER; n += 7) {
		bed_play(&b, n);
		ck_assert_int_eq(bed_write(&b, n), (int)n);
	}

	ck_assert_uint_gt(b.fake.tape_frames, 30 * BED_BUFFER);
	bed_assert_heard(&b, 0, 0, b.fake.tape_frames);
	bed_done(&b);
}
END_TEST

START_TEST(every_sample_of_16_bits_comes_out_as_it_went_in)
{
	struct alsa_bed b;

	bed_init(&b, _i, true);

	bed_write(&b, BED_BUFFER);
	bed_start(&b);
	while (b.fake.tape_frames < 65536) {
		bed_play(&b, 300);
		bed_write(&b, 300);
	}

	bed_assert_heard(&b, 0, 0, 65536);
	ck_assert_uint_eq(b.sink->clipped, 0);
	bed_done(&b);
}
END_TEST

START_TEST(a_write_takes_what_there_is_room_for)
{
	struct alsa_bed b;

	bed_init(&b, _i, true);

	ck_assert_int_eq(bed_write(&b, BED_BUFFER - 100), BED_BUFFER - 100);
	ck_assert_int_eq(bed_write(&b, 300), 100);
	ck_assert_int_eq(bed_write(&b, 300), 0);

	bed_start(&b);
	bed_play(&b, 30);
	ck_assert_int_eq(bed_write(&b, 300), 30);
	ck_assert_int_eq(bed_write(&b, 300), 0);
	bed_done(&b);
}
END_TEST

START_TEST(a_short_write_says_so_and_the_rest_may_follow)
{
	struct alsa_bed b;

	bed_init(&b, _i, true);
	bed_write(&b, BED_BUFFER);
	bed_start(&b);
	bed_play(&b, 100);
	b.fake.takes = 13;

	ck_assert_int_eq(bed_write(&b, 60), 60);
	b.fake.takes = 0;
	ck_assert_int_eq(bed_write(&b, 40), 40);
	bed_play(&b, BED_BUFFER);

	ck_assert_uint_eq(b.fake.tape_frames, BED_BUFFER + 100);
	bed_assert_heard(&b, 0, 0, BED_BUFFER + 100);
	bed_done(&b);
}
END_TEST

START_TEST(a_device_that_wants_to_be_asked_again_has_taken_nothing)
{
	struct alsa_bed b;

	bed_init(&b, _i, true);
	b.fake.fails[FAKE_WRITEI] = b.fake.fails[FAKE_MMAP_BEGIN] = -EAGAIN;

	ck_assert_int_eq(bed_write(&b, 100), 0);
	bed_done(&b);
}
END_TEST

START_TEST(an_error_in_the_middle_of_a_write_is_told_by_the_next)
{
	struct alsa_bed b;

	bed_init(&b, _i, true);
	b.fake.takes = 30;
	b.fake.lets[FAKE_WRITEI] = b.fake.lets[FAKE_MMAP_COMMIT] = 2;
	b.fake.fails[FAKE_WRITEI] = b.fake.fails[FAKE_MMAP_COMMIT] = -ENODEV;

	ck_assert_int_eq(bed_write(&b, 100), 60);
	ck_assert_int_eq(bed_write(&b, 40), -ENODEV);
	bed_done(&b);
}
END_TEST

START_TEST(clipped_samples_are_counted)
{
	struct alsa_bed b;
	float loud[] = {1.5f, -1.5f, 0.5f, -0.5f, 100.0f, 0.0f};

	bed_init(&b, _i, true);

	ck_assert_int_eq(b.sink->ops->write(b.sink, loud, 3), 3);

	ck_assert_uint_eq(b.sink->clipped, 3);
	bed_done(&b);
}
END_TEST

/* ---- the clock ---------------------------------------------------------------------- */

START_TEST(before_the_start_all_that_was_written_is_unheard)
{
	struct alsa_bed b;
	struct sink_clock c;

	bed_init(&b, _i, true);
	b.fake.delay = -BED_BUFFER; /* the kernel says 0 while nothing plays */
	bed_write(&b, 100);
	bed_write(&b, 50);

	ck_assert_int_eq(bed_look(&b, &c), 0);

	ck_assert_uint_eq(c.unheard, 150);
	ck_assert_uint_eq(c.room, BED_BUFFER - 150);
	bed_done(&b);
}
END_TEST

START_TEST(while_it_plays_the_clock_follows_the_device)
{
	struct alsa_bed b;
	struct sink_clock c;

	bed_init(&b, _i, true);
	bed_write(&b, 400);
	bed_start(&b);

	bed_play(&b, 90);
	ck_assert_int_eq(bed_look(&b, &c), 0);
	ck_assert_uint_eq(c.unheard, 310);
	ck_assert_uint_eq(c.room, BED_BUFFER - 310);

	bed_write(&b, 100);
	ck_assert_int_eq(bed_look(&b, &c), 0);
	ck_assert_uint_eq(c.unheard, 410);
	ck_assert_uint_eq(c.room, BED_BUFFER - 410);
	bed_done(&b);
}
END_TEST

START_TEST(a_delay_behind_the_buffer_counts_but_never_more_than_was_written)
{
	struct alsa_bed b;
	struct sink_clock c;

	bed_init(&b, 0, true);
	b.fake.delay = 2 * BED_BUFFER;
	bed_write(&b, BED_BUFFER);
	bed_start(&b);

	bed_look(&b, &c);
	ck_assert_uint_eq(c.unheard, BED_BUFFER);

	for (int i = 0; i < 5; i++) {
		bed_play(&b, BED_BUFFER - 1);
		bed_write(&b, BED_BUFFER);
	}
	bed_look(&b, &c);
	ck_assert_uint_eq(c.unheard, 3 * BED_BUFFER);
	ck_assert_uint_eq(c.room, 0);
	bed_done(&b);
}
END_TEST

START_TEST(a_delay_below_what_the_buffer_holds_is_not_believed)
{
	struct alsa_bed b;
	struct sink_clock c;

	bed_init(&b, 0, true);
	bed_write(&b, 100);
	bed_start(&b);
	b.fake.delay = -101;

	ck_assert_int_eq(bed_look(&b, &c), 0);

	ck_assert_uint_eq(c.unheard, 100);
	bed_done(&b);
}
END_TEST

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void set_timestamps(struct alsa_bed *b, snd_pcm_tstamp_type_t type)
{
	snd_pcm_sw_params_t *sw;

	snd_pcm_sw_params_alloca(&sw);
	snd_pcm_sw_params_current(b->fake.io.pcm, sw);
	snd_pcm_sw_params_set_tstamp_type(b->fake.io.pcm, sw, type);
	ck_assert_int_eq(snd_pcm_sw_params(b->fake.io.pcm, sw), 0);
}

static void assert_looks_now(struct alsa_bed *b)
{
	struct sink_clock c;
	uint64_t before = now_ns();

	ck_assert_int_eq(bed_look(b, &c), 0);
	ck_assert_uint_ge(c.when_ns, before);
	ck_assert_uint_le(c.when_ns, now_ns());
}

START_TEST(a_look_bears_the_devices_timestamp_or_else_our_own)
{
	struct alsa_bed b;

	bed_init(&b, 0, true);

	set_timestamps(&b, SND_PCM_TSTAMP_TYPE_MONOTONIC);
	assert_looks_now(&b);
	set_timestamps(&b, SND_PCM_TSTAMP_TYPE_GETTIMEOFDAY);
	assert_looks_now(&b);
	b.fake.no_timestamps = true;
	assert_looks_now(&b);
	bed_done(&b);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("sink_alsa");

	tcase_add_loop_test(
		t, what_is_written_is_heard_bit_for_bit_round_the_ring_and_round_again, 0,
		BED_KINDS);
	tcase_add_loop_test(t, every_sample_of_16_bits_comes_out_as_it_went_in, 0,
			    BED_KINDS);
	tcase_add_loop_test(t, a_write_takes_what_there_is_room_for, 0, BED_KINDS);
	tcase_add_loop_test(t, a_short_write_says_so_and_the_rest_may_follow, 0,
			    BED_KINDS);
	tcase_add_loop_test(t, a_device_that_wants_to_be_asked_again_has_taken_nothing, 0,
			    BED_KINDS);
	tcase_add_loop_test(t, an_error_in_the_middle_of_a_write_is_told_by_the_next, 0,
			    BED_KINDS);
	tcase_add_loop_test(t, clipped_samples_are_counted, 0, BED_KINDS);
	tcase_add_loop_test(t, before_the_start_all_that_was_written_is_unheard, 0,
			    BED_KINDS);
	tcase_add_loop_test(t, while_it_plays_the_clock_follows_the_device, 0, BED_KINDS);
	tcase_add_test(t,
		       a_delay_behind_the_buffer_counts_but_never_more_than_was_written);
	tcase_add_test(t, a_delay_below_what_the_buffer_holds_is_not_believed);
	tcase_add_test(t, a_look_bears_the_devices_timestamp_or_else_our_own);
	return suite_run("sink_alsa", t);
}
