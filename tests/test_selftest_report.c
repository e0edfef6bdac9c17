/* SPDX-License-Identifier: MIT */
/*
 * What a selftest reports, and how it ends.
 */
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>

#include "selftest_bed.h"
#include "suite.h"

START_TEST(a_card_of_other_rates_is_not_tested_and_the_line_for_it_is_told)
{
	static const struct fake_pcm_offer offer = {.rate_min = 44100, .rate_max = 44100};

	selftest_bed_offer(&offer);
	selftest_bed_run();

	ck_assert_int_eq(bed.status, SELFTEST_NOT_TESTED);
	assert_said("It was not tested: it offers 44100 Hz, not 48000");
	assert_said("rates      44100 (44100 Hz)");
	assert_said("rate = 44100");
}
END_TEST

START_TEST(formats_channels_and_what_they_are_called_are_told)
{
	static const struct fake_pcm_offer offer = {
		.num_formats = 2,
		.formats = {SND_PCM_FORMAT_S16_LE, SND_PCM_FORMAT_S24_3LE},
		.channels_min = 2,
		.channels_max = 6,
	};

	selftest_bed_offer(&offer);
	selftest_bed_run();

	assert_said("formats    s16le s24_3le\n");
	assert_said("channels   2 to 6\n");
	assert_said("s24_3 (24 bits)");
}
END_TEST

START_TEST(a_card_of_more_channels_than_there_can_be_gets_no_line)
{
	static const struct fake_pcm_offer offer = {.channels_min = 64,
						    .channels_max = 64};

	selftest_bed_offer(&offer);
	selftest_bed_run();

	ck_assert_int_eq(bed.status, SELFTEST_NOT_TESTED);
	assert_said("It was not tested: it has 64 channels, not 2");
	assert_not_said("channels = ");
}
END_TEST

START_TEST(the_other_devices_of_an_output_are_told)
{
	bed.card.config.device = (char *)"fake, hw:7, hw:8";

	selftest_bed_run();

	assert_fine();
	assert_said("The output has 2 more devices, which can be tested by --output main "
		    "--device PCM.");
}
END_TEST

START_TEST(a_card_that_is_busy_is_not_tested_and_it_is_said_what_to_do)
{
	bed.card.fake.fails[FAKE_OPEN] = -EBUSY;

	selftest_bed_run();

	ck_assert_int_eq(bed.status, SELFTEST_NOT_TESTED);
	assert_said("It was not tested: open failed: Device or resource busy");
	assert_said("systemctl stop audd.socket audd.service");
	assert_said("--device");
}
END_TEST

static void pull_out(void)
{
	if (seconds_gone() > 1.5)
		fake_pcm_unplug(&bed.card.fake);
}

START_TEST(a_card_that_is_pulled_out_meanwhile_is_not_tested)
{
	bed.each_sleep = pull_out;

	selftest_bed_run();

	ck_assert_int_eq(bed.status, SELFTEST_NOT_TESTED);
	assert_said("It was not tested: No such device");
}
END_TEST

static void interrupt(void)
{
	if (seconds_gone() > 1.5)
		raise(SIGINT);
}

START_TEST(a_signal_ends_it_and_the_device_is_closed)
{
	bed.each_sleep = interrupt;

	selftest_bed_run();

	ck_assert_int_eq(bed.status, 128 + SIGINT);
	ck_assert_ptr_null(bed.card.fake.io.pcm);
	ck_assert_str_eq(bed.said, "");
}
END_TEST

START_TEST(the_report_is_json_if_asked_for)
{
	json_t *root, *clock, *problem;

	bed.order.json = true;
	bed.ppm = 10000;
	selftest_bed_run();

	root = json_loads(bed.said, 0, NULL);
	ck_assert_ptr_nonnull(root);
	clock = json_object_get(root, "clock");
	ck_assert_double_eq_tol(json_real_value(json_object_get(clock, "ppm")), 10000, 1);
	problem = json_array_get(json_object_get(root, "problems"), 0);
	ck_assert_ptr_nonnull(strstr(json_string_value(problem), "off by +10000 ppm"));
	ck_assert(
		json_is_true(json_object_get(json_object_get(root, "rewind"), "works")));
	json_decref(root);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("selftest_report");

	tcase_add_checked_fixture(t, selftest_bed_set_up, selftest_bed_tear_down);
	tcase_add_test(t,
		       a_card_of_other_rates_is_not_tested_and_the_line_for_it_is_told);
	tcase_add_test(t, formats_channels_and_what_they_are_called_are_told);
	tcase_add_test(t, a_card_of_more_channels_than_there_can_be_gets_no_line);
	tcase_add_test(t, the_other_devices_of_an_output_are_told);
	tcase_add_test(t, a_card_that_is_busy_is_not_tested_and_it_is_said_what_to_do);
	tcase_add_test(t, a_card_that_is_pulled_out_meanwhile_is_not_tested);
	tcase_add_test(t, a_signal_ends_it_and_the_device_is_closed);
	tcase_add_test(t, the_report_is_json_if_asked_for);
	return suite_run("selftest_report", t);
}
