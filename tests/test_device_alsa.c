/* SPDX-License-Identifier: MIT */
/*
 * What is agreed with an ALSA device, and what is said of one that does not fit.
 */
#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "aud.h"
#include "opening.h"
#include "rt/format.h"
#include "suite.h"

static void assert_refused(struct opening *o, int error, const char *sentence)
{
	ck_assert_int_eq(opening_try(o), error);
	ck_assert_ptr_null(o->sink);
	ck_assert_str_eq(o->error, sentence);
}

/* ---- formats and access ------------------------------------------------------------- */

static const struct {
	struct fake_pcm_offer offer;
	const char *best;
} best_formats[] = {
	{{.num_formats = 1, .formats = {SND_PCM_FORMAT_S16}}, "s16"},
	{{.num_formats = 1, .formats = {SND_PCM_FORMAT_S24}}, "s24"},
	{{.num_formats = 1, .formats = {SND_PCM_FORMAT_S24_3LE}}, "s24_3le"},
	{{.num_formats = 1, .formats = {SND_PCM_FORMAT_S32}}, "s32"},
	{{.num_formats = 1, .formats = {SND_PCM_FORMAT_FLOAT}}, "f32"},
	{{.num_formats = 1, .formats = {SND_PCM_FORMAT_S16_BE}}, "s16be"},
	{{.num_formats = 1, .formats = {SND_PCM_FORMAT_S24_BE}}, "s24be"},
	{{.num_formats = 1, .formats = {SND_PCM_FORMAT_S24_3BE}}, "s24_3be"},
	{{.num_formats = 1, .formats = {SND_PCM_FORMAT_S32_BE}}, "s32be"},
	{{.num_formats = 1, .formats = {SND_PCM_FORMAT_FLOAT_BE}}, "f32be"},
	{{.num_formats = 2, .formats = {SND_PCM_FORMAT_U8, SND_PCM_FORMAT_S16}}, "s16"},
	{{.num_formats = 2, .formats = {SND_PCM_FORMAT_S16, SND_PCM_FORMAT_S24_3LE}},
	 "s24_3le"},
	{{.num_formats = 2, .formats = {SND_PCM_FORMAT_S24_3LE, SND_PCM_FORMAT_S24}},
	 "s24"},
	{{.num_formats = 3,
	  .formats = {SND_PCM_FORMAT_S16, SND_PCM_FORMAT_S24, SND_PCM_FORMAT_FLOAT}},
	 "f32"},
	{{.num_formats = 3,
	  .formats = {SND_PCM_FORMAT_S16, SND_PCM_FORMAT_S32, SND_PCM_FORMAT_S24}},
	 "s32"},
	{{.num_formats = 2, .formats = {SND_PCM_FORMAT_FLOAT, SND_PCM_FORMAT_S32}},
	 "s32"},
	{{.num_formats = 2, .formats = {SND_PCM_FORMAT_S16_LE, SND_PCM_FORMAT_S16_BE}},
	 "s16le"},
	{{.num_formats = 2, .formats = {SND_PCM_FORMAT_S32_BE, SND_PCM_FORMAT_S24_LE}},
	 "s32be"},
};
enum { NUM_BEST = sizeof(best_formats) / sizeof(best_formats[0]) };

START_TEST(of_the_formats_that_a_device_has_the_best_is_taken)
{
	struct opening o;

	opening_init(&o, &best_formats[_i].offer);

	ck_assert_int_eq(opening_try(&o), 0);

	ck_assert_int_eq((int)o.sink->format + 1,
			 aud_format_by_name(best_formats[_i].best));
	ck_assert_str_eq(o.info.format, formats[o.sink->format].name);
	ck_assert_uint_eq(o.info.bits, formats[o.sink->format].bits);
	ck_assert_uint_eq(o.sink->dither_bits, o.info.bits == 16 ? 16 : 0);
	opening_done(&o);
}
END_TEST

/* What the card says of its converter; 0: what alsa-lib makes of the format. */
static int card_bits;

int snd_pcm_hw_params_get_sbits(const snd_pcm_hw_params_t *hw)
{
	int (*real)(const snd_pcm_hw_params_t *) =
		dlsym(RTLD_NEXT, "snd_pcm_hw_params_get_sbits");

	return card_bits ? card_bits : real(hw);
}

static const struct {
	snd_pcm_format_t format;
	int card;
	uint32_t bits, dither_bits;
} significant[] = {
	{SND_PCM_FORMAT_S32, 24, 24, 0},
	{SND_PCM_FORMAT_S32, 20, 20, 0},
	{SND_PCM_FORMAT_S32, 16, 16, 16}, /* as on a device of 16 bits */
	{SND_PCM_FORMAT_S24, 18, 18, 0},
	{SND_PCM_FORMAT_S16, 24, 16, 16},     /* more than it gets */
	{SND_PCM_FORMAT_S32, -EINVAL, 32, 0}, /* it does not say */
};
enum { NUM_SIGNIFICANT = sizeof(significant) / sizeof(significant[0]) };

START_TEST(a_card_that_uses_fewer_bits_than_its_format_has_says_so)
{
	const struct fake_pcm_offer offer = {.num_formats = 1,
					     .formats = {significant[_i].format}};
	struct opening o;

	opening_init(&o, &offer);
	card_bits = significant[_i].card;

	ck_assert_int_eq(opening_try(&o), 0);

	ck_assert_uint_eq(o.info.bits, significant[_i].bits);
	ck_assert_uint_eq(o.sink->dither_bits, significant[_i].dither_bits);
	card_bits = 0;
	opening_done(&o);
}
END_TEST

START_TEST(a_configured_format_is_taken_though_there_is_a_better_one)
{
	struct opening o;

	opening_init(&o, NULL);
	o.config.format = FORMAT_S16;

	ck_assert_int_eq(opening_try(&o), 0);

	ck_assert_str_eq(o.info.format, "s16");
	opening_done(&o);
}
END_TEST

START_TEST(a_device_without_the_configured_format_is_refused)
{
	struct opening o;

	opening_init(&o, &(struct fake_pcm_offer){.num_formats = 2,
						  .formats = {SND_PCM_FORMAT_S16_LE,
							      SND_PCM_FORMAT_S24_3LE}});
	o.config.format = FORMAT_S32;

	assert_refused(&o, -EINVAL, "it offers S16_LE, S24_3LE, not s32");
	opening_done(&o);
}
END_TEST

START_TEST(a_device_without_any_format_of_ours_is_refused)
{
	struct opening o;

	opening_init(&o, &(struct fake_pcm_offer){
				 .num_formats = 2,
				 .formats = {SND_PCM_FORMAT_U8, SND_PCM_FORMAT_MU_LAW}});

	assert_refused(&o, -EINVAL,
		       "it offers U8, MU_LAW, not s32, f32, s24, s24_3 or s16");
	opening_done(&o);
}
END_TEST

START_TEST(mmap_access_is_preferred_and_the_other_is_taken_where_there_is_none)
{
	static const unsigned int accesses[] = {SND_PCM_ACCESS_MMAP_INTERLEAVED,
						SND_PCM_ACCESS_RW_INTERLEAVED};
	static const char *const names[] = {"mmap", "rw"};
	struct opening o;

	opening_init(&o, &(struct fake_pcm_offer){.num_accesses = 1,
						  .accesses = {accesses[_i]}});
	ck_assert_int_eq(opening_try(&o), 0);
	ck_assert_str_eq(o.info.access, names[_i]);
	opening_done(&o);

	opening_init(&o, NULL);
	ck_assert_int_eq(opening_try(&o), 0);
	ck_assert_str_eq(o.info.access, "mmap");
	opening_done(&o);
}
END_TEST

START_TEST(a_configured_access_is_taken)
{
	struct opening o;

	opening_init(&o, NULL);
	o.config.access = ACCESS_RW;

	ck_assert_int_eq(opening_try(&o), 0);

	ck_assert_str_eq(o.info.access, "rw");
	opening_done(&o);
}
END_TEST

static const struct {
	unsigned int offered;
	int wanted;
	const char *sentence;
} bad_accesses[] = {
	{SND_PCM_ACCESS_RW_INTERLEAVED, ACCESS_MMAP, "it has no interleaved mmap access"},
	{SND_PCM_ACCESS_MMAP_INTERLEAVED, ACCESS_RW,
	 "it has no interleaved read/write access"},
	{SND_PCM_ACCESS_MMAP_NONINTERLEAVED, ACCESS_AUTO,
	 "it has no interleaved mmap or read/write access"},
};

START_TEST(a_device_without_the_access_is_refused)
{
	struct opening o;

	opening_init(&o,
		     &(struct fake_pcm_offer){.num_accesses = 1,
					      .accesses = {bad_accesses[_i].offered}});
	o.config.access = bad_accesses[_i].wanted;

	assert_refused(&o, -EINVAL, bad_accesses[_i].sentence);
	opening_done(&o);
}
END_TEST

/* ---- rate and channels -------------------------------------------------------------- */

static const struct {
	struct fake_pcm_offer offer;
	const char *sentence;
} misfits[] = {
	{{.channels_min = 3, .channels_max = 8}, "it has 3 to 8 channels, not 2"},
	{{.channels_min = 6, .channels_max = 6}, "it has 6 channels, not 2"},
	{{.channels_min = 1, .channels_max = 1}, "it has 1 channel, not 2"},
	{{.rate_min = 8000, .rate_max = 44100}, "it offers 8000 to 44100 Hz, not 48000"},
	{{.rate_min = 96000, .rate_max = 96000}, "it offers 96000 Hz, not 48000"},
};
enum { NUM_MISFITS = sizeof(misfits) / sizeof(misfits[0]) };

START_TEST(a_device_that_does_not_fit_is_refused_with_what_it_has)
{
	struct opening o;

	opening_init(&o, &misfits[_i].offer);

	assert_refused(&o, -EINVAL, misfits[_i].sentence);
	ck_assert_ptr_null(o.fake.io.pcm); /* closed again */
	opening_done(&o);
}
END_TEST

START_TEST(rate_and_channels_are_exactly_the_configured_ones)
{
	struct opening o;

	opening_init(&o, NULL);
	o.config.rate = 22050;
	o.config.channels = 7;

	ck_assert_int_eq(opening_try(&o), 0);

	ck_assert_uint_eq(o.sink->rate, 22050);
	ck_assert_uint_eq(o.sink->channels, 7);
	ck_assert_uint_eq(o.fake.io.rate, 22050);
	ck_assert_uint_eq(o.fake.io.channels, 7);
	opening_done(&o);
}
END_TEST

/* ---- failures ----------------------------------------------------------------------- */

START_TEST(a_device_that_is_in_use_is_said_to_be)
{
	struct opening o;

	opening_init(&o, NULL);
	o.fake.fails[FAKE_OPEN] = -EBUSY;

	assert_refused(&o, -EBUSY, "open failed: Device or resource busy");
	opening_done(&o);
}
END_TEST

START_TEST(a_device_that_is_pulled_out_while_it_is_opened_is_gone)
{
	struct opening o;

	opening_init(&o, NULL);
	o.fake.lets[FAKE_PREPARE] = (uint32_t)_i; /* before and after the trial */
	o.fake.fails[FAKE_PREPARE] = -ENODEV;

	ck_assert_int_eq(opening_try(&o), -ENODEV);

	ck_assert_ptr_nonnull(strstr(o.error, "No such device"));
	ck_assert_ptr_null(o.fake.io.pcm);
	opening_done(&o);
}
END_TEST

/* ---- what the channels are ----------------------------------------------------------- */

static void assert_layout(const struct opening *o, const struct layout *want)
{
	for (uint32_t i = 0; i < o->sink->channels; i++)
		ck_assert_int_eq(o->sink->layout.at[i], want->at[i]);
}

START_TEST(a_device_s_channels_are_what_it_says)
{
	static const unsigned int chmap[] = {SND_CHMAP_FR,
					     SND_CHMAP_FL,
					     SND_CHMAP_TFC,
					     SND_CHMAP_NA,
					     SND_CHMAP_DRIVER_SPEC | SND_CHMAP_RC,
					     SND_CHMAP_LFE | SND_CHMAP_PHASE_INVERSE};
	static const struct layout want = {{CHANNEL_FR, CHANNEL_FL, CHANNEL_UNKNOWN,
					    CHANNEL_NA, CHANNEL_UNKNOWN, CHANNEL_LFE}};
	struct opening o;

	opening_init(&o, NULL);
	o.config.channels = 6;
	o.fake.chmap = chmap;

	ck_assert_int_eq(opening_try(&o), 0);

	assert_layout(&o, &want);
	opening_done(&o);
}
END_TEST

START_TEST(a_device_that_does_not_say_has_them_in_alsa_s_order)
{
	static const unsigned int unknown[6];
	struct layout want = layout_default(6);
	struct opening o;

	opening_init(&o, NULL);
	o.config.channels = 6;
	o.fake.chmap = _i ? unknown : NULL;

	ck_assert_int_eq(opening_try(&o), 0);

	assert_layout(&o, &want);
	opening_done(&o);
}
END_TEST

START_TEST(the_settings_know_better_than_the_device)
{
	static const unsigned int chmap[] = {SND_CHMAP_FL, SND_CHMAP_FR};
	static const struct layout want = {{CHANNEL_SR, CHANNEL_SL}};
	struct opening o;

	opening_init(&o, NULL);
	o.config.layout = (char *)"SR SL";
	o.fake.chmap = chmap;

	ck_assert_int_eq(opening_try(&o), 0);

	assert_layout(&o, &want);
	opening_done(&o);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("device_alsa");

	device_alsa_quiet();
	tcase_add_loop_test(t, of_the_formats_that_a_device_has_the_best_is_taken, 0,
			    NUM_BEST);
	tcase_add_loop_test(t, a_card_that_uses_fewer_bits_than_its_format_has_says_so, 0,
			    NUM_SIGNIFICANT);
	tcase_add_test(t, a_configured_format_is_taken_though_there_is_a_better_one);
	tcase_add_test(t, a_device_without_the_configured_format_is_refused);
	tcase_add_test(t, a_device_without_any_format_of_ours_is_refused);
	tcase_add_loop_test(
		t, mmap_access_is_preferred_and_the_other_is_taken_where_there_is_none, 0,
		2);
	tcase_add_test(t, a_configured_access_is_taken);
	tcase_add_loop_test(t, a_device_without_the_access_is_refused, 0, 3);
	tcase_add_loop_test(t, a_device_that_does_not_fit_is_refused_with_what_it_has, 0,
			    NUM_MISFITS);
	tcase_add_test(t, rate_and_channels_are_exactly_the_configured_ones);
	tcase_add_test(t, a_device_that_is_in_use_is_said_to_be);
	tcase_add_loop_test(t, a_device_that_is_pulled_out_while_it_is_opened_is_gone, 0,
			    2);
	tcase_add_test(t, a_device_s_channels_are_what_it_says);
	tcase_add_loop_test(t, a_device_that_does_not_say_has_them_in_alsa_s_order, 0, 2);
	tcase_add_test(t, the_settings_know_better_than_the_device);
	return suite_run("device_alsa", t);
}
