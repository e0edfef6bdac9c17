/* SPDX-License-Identifier: MIT */
/*
 * Whether an ALSA device rewinds, and what its buffer is then.
 */
#include <check.h>
#include <errno.h>

#include "opening.h"
#include "suite.h"

/* ---- buffers and rewinding ---------------------------------------------------------- */

START_TEST(a_device_that_rewinds_has_a_deep_buffer)
{
	struct opening o;

	opening_init(&o, NULL);

	ck_assert_int_eq(opening_try(&o), 0);

	ck_assert(o.sink->rewinds);
	ck_assert_uint_eq(o.sink->buffer, OPENING_DEEP);
	ck_assert_uint_eq(o.fake.io.buffer_size, OPENING_DEEP);
	ck_assert_uint_le(o.info.period, OPENING_DEEP / 4);
	ck_assert_uint_eq(o.sink->low_water, OPENING_RATE * 50 / 1000);
	opening_done(&o);
}
END_TEST

START_TEST(a_device_that_was_tried_is_empty_and_ready)
{
	struct opening o;
	struct sink_clock c;

	opening_init(&o, NULL);
	ck_assert_int_eq(opening_try(&o), 0);

	ck_assert_int_eq(o.sink->ops->clock(o.sink, &c), 0);

	ck_assert_uint_eq(c.unheard, 0);
	ck_assert_uint_eq(c.room, OPENING_DEEP);
	ck_assert_int_eq(snd_pcm_state(o.fake.io.pcm), SND_PCM_STATE_PREPARED);
	ck_assert_uint_eq(o.fake.tape_frames, 0);
	opening_done(&o);
}
END_TEST

/* Where its pointer is to within a period, so is what it has sent. */
START_TEST(a_card_that_moves_its_data_by_periods_has_short_ones_and_keeps_one_more)
{
	struct opening o;
	uint32_t guard = OPENING_RATE / 1000;

	opening_init(&o, NULL);
	o.fake.is_batch = true;

	ck_assert_int_eq(opening_try(&o), 0);

	ck_assert(o.info.batch);
	ck_assert(o.sink->rewinds);
	ck_assert_uint_eq(o.sink->buffer, OPENING_DEEP);
	ck_assert_uint_eq(o.info.period, OPENING_RATE * 5 / 1000);
	ck_assert_uint_eq(o.sink->guard, guard + o.info.period);
	opening_done(&o);
}
END_TEST

START_TEST(a_card_that_does_not_keeps_what_the_settings_say)
{
	struct opening o;

	opening_init(&o, NULL);
	o.config.rewind_guard_us = 300;

	ck_assert_int_eq(opening_try(&o), 0);

	ck_assert(!o.info.batch);
	ck_assert_uint_eq(o.sink->guard, OPENING_RATE * 3 / 10000 + 1);
	opening_done(&o);
}
END_TEST

static void assert_short(struct opening *o)
{
	ck_assert_int_eq(opening_try(o), 0);
	ck_assert(!o->sink->rewinds);
	ck_assert_uint_eq(o->sink->buffer, OPENING_SHORT);
	ck_assert_uint_eq(o->fake.io.buffer_size, OPENING_SHORT);
	ck_assert_uint_le(o->info.period, OPENING_SHORT / 4);
	ck_assert_uint_eq(o->sink->low_water, OPENING_RATE * 10 / 1000);
	ck_assert_int_eq(snd_pcm_state(o->fake.io.pcm), SND_PCM_STATE_PREPARED);
}

START_TEST(a_driver_that_refuses_to_rewind_has_a_short_buffer)
{
	struct opening o;

	opening_init(&o, NULL);
	o.config.rewind = _i;
	o.fake.fails[FAKE_REWIND] = -EINVAL;

	assert_short(&o);
	opening_done(&o);
}
END_TEST

START_TEST(a_driver_that_takes_back_less_has_a_short_buffer)
{
	struct opening o;

	opening_init(&o, NULL);
	o.fake.rewinds = 1;

	assert_short(&o);
	opening_done(&o);
}
END_TEST

START_TEST(a_driver_that_says_so_and_does_not_rewind_has_a_short_buffer)
{
	struct opening o;

	opening_init(&o, NULL);
	o.fake.rewinds = 1;
	o.fake.boasts = 63;

	assert_short(&o);
	opening_done(&o);
}
END_TEST

/* Whether a margin can be had is a matter of the buffer; whether it is used, of the player. */
START_TEST(a_short_buffer_leaves_room_for_the_margin_that_is_empty_at_first)
{
	struct opening o;

	opening_init(&o, NULL);
	o.fake.is_hw = false;
	o.config.xrun_margin_ms = 120;

	ck_assert_int_eq(opening_try(&o), 0);

	ck_assert_uint_eq(o.sink->buffer, OPENING_SHORT + OPENING_RATE * 120 / 1000);
	ck_assert_uint_eq(o.sink->buffer - o.sink->spare, OPENING_SHORT);
	ck_assert_uint_eq(o.sink->low_water, OPENING_SHORT / 4);
	ck_assert_uint_eq(o.info.period, OPENING_SHORT / 4);
	opening_done(&o);
}
END_TEST

START_TEST(a_device_with_long_periods_only_is_filled_with_three_of_them)
{
	struct opening o;

	opening_init(&o, &(struct fake_pcm_offer){.period_bytes_min = 1024 * 8});
	o.fake.is_hw = false;
	o.config.xrun_margin_ms = 120;

	ck_assert_int_eq(opening_try(&o), 0);

	ck_assert_uint_ge(o.info.period, 1024);
	ck_assert_uint_eq(o.sink->buffer - o.sink->spare, 3 * o.info.period);
	ck_assert_uint_ge(o.sink->low_water, o.info.period);
	opening_done(&o);
}
END_TEST

START_TEST(a_plugin_is_not_believed_and_not_tried)
{
	struct opening o;

	opening_init(&o, NULL);
	o.fake.is_hw = false;
	o.fake.fails[FAKE_REWIND] = o.fake.fails[FAKE_MMAP_COMMIT] = -EIO;

	assert_short(&o);
	ck_assert(o.info.alsa_locks);
	opening_done(&o);
}
END_TEST

START_TEST(a_plugin_is_believed_where_the_configuration_says_so)
{
	struct opening o;

	opening_init(&o, NULL);
	o.fake.is_hw = false;
	o.config.rewind = REWIND_YES;

	ck_assert_int_eq(opening_try(&o), 0);

	ck_assert(o.sink->rewinds);
	ck_assert_uint_eq(o.sink->buffer, OPENING_DEEP);
	opening_done(&o);
}
END_TEST

START_TEST(a_card_is_not_tried_where_the_configuration_says_so)
{
	struct opening o;

	opening_init(&o, NULL);
	o.config.rewind = REWIND_NO;
	o.fake.fails[FAKE_REWIND] = o.fake.fails[FAKE_MMAP_COMMIT] = -EIO;

	assert_short(&o);
	ck_assert(!o.info.alsa_locks);
	opening_done(&o);
}
END_TEST

START_TEST(a_device_with_a_small_buffer_is_used_as_it_is)
{
	struct opening o;

	opening_init(&o, &(struct fake_pcm_offer){.num_formats = 1,
						  .formats = {SND_PCM_FORMAT_S16},
						  .buffer_bytes_max = 2048});

	ck_assert_int_eq(opening_try(&o), 0);

	ck_assert_uint_eq(o.sink->buffer, 512);
	ck_assert_uint_eq(o.sink->low_water, 256);
	ck_assert_uint_le(o.info.period, 128);
	opening_done(&o);
}
END_TEST

START_TEST(a_very_deep_buffer_is_not_written_to_earlier)
{
	struct opening o;

	opening_init(&o, NULL);
	o.config.buffer_ms = 1000;

	ck_assert_int_eq(opening_try(&o), 0);

	ck_assert_uint_eq(o.sink->buffer, OPENING_RATE);
	ck_assert_uint_eq(o.sink->low_water, OPENING_RATE * 50 / 1000);
	opening_done(&o);
}
END_TEST

START_TEST(only_the_pointers_of_a_card_are_believed_when_it_has_stopped)
{
	struct opening o;
	struct sink_clock c;
	float frames[200] = {0};

	opening_init(&o, NULL);
	o.fake.is_hw = _i;
	ck_assert_int_eq(opening_try(&o), 0);
	ck_assert_int_eq(o.sink->ops->write(o.sink, frames, 100), 100);
	o.sink->ops->start(o.sink);
	fake_pcm_break(&o.fake, SND_PCM_STATE_XRUN);

	ck_assert_int_eq(o.sink->ops->clock(o.sink, &c), -EPIPE);

	ck_assert_uint_eq(c.unheard, _i ? 100 : 0);
	opening_done(&o);
}
END_TEST

START_TEST(guard_and_idle_are_frames_of_the_device)
{
	struct opening o;

	opening_init(&o, NULL);
	o.config.rate = 44100;

	ck_assert_int_eq(opening_try(&o), 0);

	ck_assert_uint_eq(o.sink->guard, 45); /* not a frame less than configured */
	ck_assert_uint_eq(o.sink->idle, 88200);
	opening_done(&o);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("device_alsa_rewind");

	device_alsa_quiet();
	tcase_add_test(t, a_device_that_rewinds_has_a_deep_buffer);
	tcase_add_test(t, a_device_that_was_tried_is_empty_and_ready);
	tcase_add_test(
		t,
		a_card_that_moves_its_data_by_periods_has_short_ones_and_keeps_one_more);
	tcase_add_test(t, a_card_that_does_not_keeps_what_the_settings_say);
	tcase_add_loop_test(t, a_driver_that_refuses_to_rewind_has_a_short_buffer,
			    REWIND_AUTO, REWIND_YES + 1);
	tcase_add_test(t, a_driver_that_takes_back_less_has_a_short_buffer);
	tcase_add_test(t, a_driver_that_says_so_and_does_not_rewind_has_a_short_buffer);
	tcase_add_test(t,
		       a_short_buffer_leaves_room_for_the_margin_that_is_empty_at_first);
	tcase_add_test(t, a_device_with_long_periods_only_is_filled_with_three_of_them);
	tcase_add_test(t, a_plugin_is_not_believed_and_not_tried);
	tcase_add_test(t, a_plugin_is_believed_where_the_configuration_says_so);
	tcase_add_test(t, a_card_is_not_tried_where_the_configuration_says_so);
	tcase_add_test(t, a_device_with_a_small_buffer_is_used_as_it_is);
	tcase_add_test(t, a_very_deep_buffer_is_not_written_to_earlier);
	tcase_add_loop_test(
		t, only_the_pointers_of_a_card_are_believed_when_it_has_stopped, 0, 2);
	tcase_add_test(t, guard_and_idle_are_frames_of_the_device);
	return suite_run("device_alsa_rewind", t);
}
