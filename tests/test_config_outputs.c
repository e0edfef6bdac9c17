/* SPDX-License-Identifier: MIT */
/*
 * Several outputs in the configuration: what each has from where, and each way of getting it
 * wrong.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings.h"
#include "suite.h"

static struct settings s;

static void set_up(void)
{
	settings_init(&s);
}

static void tear_down(void)
{
	settings_done(&s);
}

static int read_and_finish(const char *text)
{
	int r = settings_read_text(&s, text);

	return r < 0 ? r : config_finish(&s.config, &s.error);
}

START_TEST(without_a_named_section_there_is_one_output_called_main)
{
	ck_assert_int_eq(read_and_finish("[output]\nrate = 44100\n"), 0);

	ck_assert_uint_eq(s.config.num_outputs, 1);
	ck_assert_str_eq(s.config.outputs[0].name, "main");
	ck_assert_uint_eq(s.config.outputs[0].rate, 44100);
	ck_assert_str_eq(s.config.outputs[0].device, "default");
	ck_assert_ptr_eq(config_default_output(&s.config), &s.config.outputs[0]);
}
END_TEST

START_TEST(a_named_section_has_what_it_does_not_say_from_output)
{
	ck_assert_int_eq(read_and_finish("[output speaker]\n"
					 "device = hw:PCH\n"
					 "[output\theadset]\n"
					 "device = hw:USB\n"
					 "rate = 44100\n"
					 "buffer_ms = 200\n"
					 "[output]\n"
					 "buffer_ms = 500\n"
					 "rate = 96000\n"),
			 0);

	ck_assert_uint_eq(s.config.num_outputs, 2);
	ck_assert_str_eq(s.config.outputs[0].name, "speaker");
	ck_assert_str_eq(s.config.outputs[0].device, "hw:PCH");
	ck_assert_uint_eq(s.config.outputs[0].rate, 96000);
	ck_assert_uint_eq(s.config.outputs[0].buffer_ms, 500);
	ck_assert_str_eq(s.config.outputs[1].name, "headset");
	ck_assert_str_eq(s.config.outputs[1].device, "hw:USB");
	ck_assert_uint_eq(s.config.outputs[1].rate, 44100);
	ck_assert_uint_eq(s.config.outputs[1].buffer_ms, 200);
}
END_TEST

START_TEST(the_command_line_is_for_outputs_that_do_not_say_otherwise)
{
	ck_assert_int_eq(
		settings_read_text(&s, "[output a]\n[output b]\ndevice = hw:1\n"), 0);
	ck_assert_int_eq(settings_set(&s, "output.device", "hw:2"), 0);
	ck_assert_int_eq(config_finish(&s.config, &s.error), 0);

	ck_assert_str_eq(s.config.outputs[0].device, "hw:2");
	ck_assert_str_eq(s.config.outputs[1].device, "hw:1");
}
END_TEST

START_TEST(the_default_output_is_the_first_or_the_one_that_is_named)
{
	static const char two[] = "[output]\nbackend = null\n[output a]\n[output b]\n";
	char text[200];

	ck_assert_int_eq(read_and_finish(two), 0);
	ck_assert_str_eq(config_default_output(&s.config)->name, "a");

	tear_down();
	set_up();
	snprintf(text, sizeof(text), "[daemon]\ndefault_output = b\n%s", two);
	ck_assert_int_eq(read_and_finish(text), 0);
	ck_assert_str_eq(config_default_output(&s.config)->name, "b");
}
END_TEST

START_TEST(a_copy_has_outputs_of_its_own)
{
	struct config copy;

	ck_assert_int_eq(read_and_finish("[output a]\ndevice = hw:1\n"), 0);
	ck_assert_int_eq(config_copy(&copy, &s.config), 0);
	tear_down();
	set_up();

	ck_assert_str_eq(copy.outputs[0].name, "a");
	ck_assert_str_eq(copy.outputs[0].device, "hw:1");
	config_done(&copy);
}
END_TEST

START_TEST(there_may_be_sixteen)
{
	char text[1000] = "[output]\nbackend = null\n", line[40];

	for (int i = 1; i <= OUTPUTS_MAX; i++) {
		snprintf(line, sizeof(line), "[output o%d]\n", i);
		strcat(text, line);
	}
	ck_assert_int_eq(read_and_finish(text), 0);
	ck_assert_uint_eq(s.config.num_outputs, OUTPUTS_MAX);
	ck_assert_str_eq(s.config.outputs[OUTPUTS_MAX - 1].name, "o16");

	tear_down();
	set_up();
	strcat(text, "[output o17]\n");
	ck_assert_int_eq(read_and_finish(text), -EINVAL);
	ck_assert_ptr_nonnull(
		strstr(s.error, ":19: there are 16 outputs, and may be no more"));
}
END_TEST

/* ---- what is refused ------------------------------------------------------------------ */

#define WORD_31 "a234567890123456789012345678901"

START_TEST(a_name_may_be_long_and_of_any_alphabet)
{
	ck_assert_int_eq(read_and_finish("[output]\nbackend = null\n[output " WORD_31
					 "]\n[output K\xc3\xbc"
					 "che]\n"),
			 0);

	ck_assert_str_eq(s.config.outputs[0].name, WORD_31);
	ck_assert_str_eq(s.config.outputs[1].name, "K\xc3\xbc"
						   "che");
}
END_TEST

#define BLANKS_40 "                                        "

static const struct mistake {
	const char *text;
	int line;
	const char *sentence;
} mistakes[] = {
	{"[output a]\nchannels = 3\n\nlayout = FL FR XX\n", 4,
	 "output.layout: 'XX' is no channel; there are MONO, FL, FR, FC, LFE, RL, RR, "
	 "RC, SL, "
	 "SR, FLC, FRC, RLC, RRC and NA"},
	{"[output]\nlayout = 5.1\n[output a]\nchannels = 6\n[output b]\ndevice = hw:1\n",
	 5, "output.layout: it names 6 channels, not 2"},
	{"[output ]\n", 1, "'' is no name for an output: one word of at most 31 bytes"},
	{"[output a b]\n", 1,
	 "'a b' is no name for an output: one word of at most 31 bytes"},
	{"[output a ]\n", 1,
	 "'a ' is no name for an output: one word of at most 31 bytes"},
	{"[output " WORD_31 "2]\n", 1,
	 "'" WORD_31 "2' is no name for an output: one word of at most 31 bytes"},
	{"[output a\x01]\n", 1,
	 "'a\\x01' is no name for an output: one word of at most 31 bytes"},
	{"[output a\xff]\n", 1,
	 "'a\\xff' is no name for an output: one word of at most 31 bytes"},
	{"\xef\xbb\xbf[output a b]\n", 1,
	 "'a b' is no name for an output: one word of at most 31 bytes"},
	{"[outputs a]\n", 1, "there is no section [outputs a]; audd.conf(5) lists them"},
	{"[daemon a]\n", 1, "there is no section [daemon a]; audd.conf(5) lists them"},
	{"[output a]\n\n[output]\n[output a]\n", 4,
	 "[output a] stands twice, first in line 1"},
	{"[output a]\nrate = 48k\n", 2,
	 "output a.rate: '48k' is not a number of Hz from 1000 to 768000"},
	{"[output a]\nratee = 1\n", 2,
	 "there is no key 'ratee' in [output a]; audd.conf(5) lists them"},
	{"[output a]\nlinger_ms = 1\n", 2,
	 "there is no key 'linger_ms' in [output a]; audd.conf(5) lists them"},
	{"[output]\nrate = 48000\n[output a]\nrate = 44100\n\nrate = 44100\n", 6,
	 "output a.rate is set twice, first in line 4"},
	{"[output\t \ta]\nrate = 48k\n", 2,
	 "output a.rate: '48k' is not a number of Hz from 1000 to 768000"},
	{"[output " BLANKS_40 "ä]\nratee = 1\n", 2,
	 "there is no key 'ratee' in [output ä]; audd.conf(5) lists them"},
	{"[output  " BLANKS_40 "ä]\n\nrate = 1000\nrate = 1000\n", 4,
	 "output ä.rate is set twice, first in line 3"},
	{"[output a] rate = 48000\n", 1,
	 "'rate = 48000' stands behind a [section]; a key has a line of its own"},

	{"[daemon]\n\ndefault_output = b\n[output a]\n", 3,
	 "daemon.default_output: there is no [output b]"},
	{"[daemon]\ndefault_output = a\n", 2,
	 "daemon.default_output: there is no [output a]"},
	{"[output a]\ndevice = hw:1\n[output b]\nrate = 44100\ndevice = hw:1\n", 5,
	 "output 'b' has the device 'hw:1', as output 'a' does"},
	{"[output a]\ndevice = hw:1, hw:2,0\n[output b]\ndevice = hw:3, hw:2,0\n", 4,
	 "output 'b' has the device 'hw:2,0', as output 'a' does"},
	{"[output a]\n[output b]\n", 2,
	 "output 'b' has the device 'default', as output 'a' does"},
	{"[output]\nbackend = null\n[output a]\nrecord = x\n[output b]\nrecord = x\n", 6,
	 "output 'b' records to 'x', as output 'a' does"},
	{"[output]\nbackend = null\nrecord = x\n[output a]\n[output b]\n", 5,
	 "output 'b' records to 'x', as output 'a' does"},
	{"[output]\n\nlayout = 5.1\n", 3, "output.layout: it names 6 channels, not 2"},
	{"[output a]\nrecord = x\n", 2,
	 "output.record: only the null backend records; say output.backend = null, or "
	 "--backend null"},
};

START_TEST(a_mistake_is_named_with_file_and_line)
{
	const struct mistake *m = &mistakes[_i];
	char expected[512];

	ck_assert_int_eq(read_and_finish(m->text), -EINVAL);

	snprintf(expected, sizeof(expected), "%s:%d: %s", s.path, m->line, m->sentence);
	ck_assert_pstr_eq(s.error, expected);
}
END_TEST

START_TEST(a_mistake_of_the_command_line_has_no_line)
{
	ck_assert_int_eq(settings_set(&s, "daemon.default_output", "b"), 0);

	ck_assert_int_eq(config_finish(&s.config, &s.error), -EINVAL);

	ck_assert_pstr_eq(s.error, "daemon.default_output: there is no [output b]");
}
END_TEST

START_TEST(what_the_command_line_has_replaced_has_no_line_either)
{
	ck_assert_int_eq(settings_read_text(&s, "[output]\nrecord = y\n"), 0);
	ck_assert_int_eq(settings_set(&s, "output.record", "x"), 0);

	ck_assert_int_eq(config_finish(&s.config, &s.error), -EINVAL);

	ck_assert_pstr_eq(s.error, "output.record: only the null backend records; say "
				   "output.backend = null, or --backend null");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("config_outputs");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, without_a_named_section_there_is_one_output_called_main);
	tcase_add_test(tc, a_named_section_has_what_it_does_not_say_from_output);
	tcase_add_test(tc, the_command_line_is_for_outputs_that_do_not_say_otherwise);
	tcase_add_test(tc, the_default_output_is_the_first_or_the_one_that_is_named);
	tcase_add_test(tc, a_copy_has_outputs_of_its_own);
	tcase_add_test(tc, there_may_be_sixteen);
	tcase_add_test(tc, a_name_may_be_long_and_of_any_alphabet);
	tcase_add_loop_test(tc, a_mistake_is_named_with_file_and_line, 0,
			    sizeof(mistakes) / sizeof(mistakes[0]));
	tcase_add_test(tc, a_mistake_of_the_command_line_has_no_line);
	tcase_add_test(tc, what_the_command_line_has_replaced_has_no_line_either);
	return suite_run("config_outputs", tc);
}
