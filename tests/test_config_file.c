/* SPDX-License-Identifier: MIT */
/*
 * The configuration file: what is read, and each way of getting it wrong.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rt/format.h"
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

START_TEST(a_file_sets_what_it_names_and_nothing_else)
{
	ck_assert_int_eq(settings_read_text(&s, "[daemon]\n"
						"lock_memory = no\n"
						"[output]\n"
						"device = hw:CARD=PCH,DEV=0\n"
						"format=f32\n"
						"rewind = no\n"
						"rate = 44100\n"),
			 0);

	ck_assert(!s.config.lock_memory);
	ck_assert_str_eq(s.config.output.device, "hw:CARD=PCH,DEV=0");
	ck_assert_int_eq(s.config.output.format, FORMAT_F32);
	ck_assert_int_eq(s.config.output.rewind, REWIND_NO);
	ck_assert_uint_eq(s.config.output.rate, 44100);

	for (int i = 0; i < 5; i++) {
		static const char *const keys[][2] = {{"daemon.lock_memory", "yes"},
						      {"output.device", "default"},
						      {"output.format", "auto"},
						      {"output.rewind", "auto"},
						      {"output.rate", "48000"}};

		ck_assert_int_eq(settings_set(&s, keys[i][0], keys[i][1]), 0);
	}
	settings_assert_defaults(&s);
}
END_TEST

START_TEST(a_line_may_be_laid_out_in_any_usual_way)
{
	ck_assert_int_eq(settings_read_text(&s, "\xef\xbb\xbf; a comment\r\n"
						"# another\r\n"
						"\r\n"
						"  [output] ; behind a section\r\n"
						"\trate=44100 ; behind a value\r\n"
						"    channels   =   6   \r\n"
						"  # device = hw:0\r\n"
						"[daemon]\n"
						"[output]\n"
						"device = a=b:c\n"
						"idle_ms = 0"),
			 0);

	ck_assert_uint_eq(s.config.output.rate, 44100);
	ck_assert_uint_eq(s.config.output.channels, 6);
	ck_assert_str_eq(s.config.output.device, "a=b:c");
	ck_assert_uint_eq(s.config.output.idle_ms, 0);
}
END_TEST

START_TEST(an_empty_text_is_none_at_all)
{
	ck_assert_int_eq(
		settings_read_text(
			&s, "[daemon]\nsocket = /tmp/x\n[output]\nrecord = y.wav\n"),
		0);
	ck_assert_str_eq(s.config.socket, "/tmp/x");
	ck_assert_str_eq(s.config.output.record, "y.wav");

	ck_assert_int_eq(
		settings_read_text(&s, "[daemon]\nsocket =\n[output]\nrecord =\n"), 0);

	settings_assert_defaults(&s);
}
END_TEST

START_TEST(the_longest_line_is_read)
{
	char text[300];
	int n = snprintf(text, sizeof(text), "[output]\n");

	n += snprintf(text + n, sizeof(text) - n, "rate = %0*d\nchannels = 1\n", 199 - 7,
		      44100);

	ck_assert_int_eq(settings_read_text(&s, text), 0);
	ck_assert_uint_eq(s.config.output.rate, 44100);
	ck_assert_uint_eq(s.config.output.channels, 1);
}
END_TEST

/* ---- what is refused ------------------------------------------------------------------ */

#define NINES_50  "99999999999999999999999999999999999999999999999999"
#define NINES_200 NINES_50 NINES_50 NINES_50 NINES_50

static const struct mistake {
	const char *text;
	int line;
	const char *sentence;
} mistakes[] = {
	{"[output]\nrate = 48k\n", 2,
	 "output.rate: '48k' is not a number of Hz from 1000 to 768000"},
	{"[output]\nrate = 999\n", 2,
	 "output.rate: '999' is not a number of Hz from 1000 to 768000"},
	{"[output]\nrate = 768001\n", 2,
	 "output.rate: '768001' is not a number of Hz from 1000 to 768000"},
	{"[output]\nrate = 4294967296000\n", 2,
	 "output.rate: '4294967296000' is not a number of Hz from 1000 to 768000"},
	{"[output]\nrate = 18446744073709599616\n", 2,
	 "output.rate: '18446744073709599616' is not a number of Hz from 1000 to 768000"},
	{"[output]\nchannels = -1\n", 2,
	 "output.channels: '-1' is not a number of channels from 1 to 32"},
	{"[output]\nchannels = +2\n", 2,
	 "output.channels: '+2' is not a number of channels from 1 to 32"},
	{"[output]\nchannels = 0x2\n", 2,
	 "output.channels: '0x2' is not a number of channels from 1 to 32"},
	{"[output]\nchannels =\n", 2,
	 "output.channels: '' is not a number of channels from 1 to 32"},
	{"[output]\nchannels = 2 # two\n", 2,
	 "output.channels: '2 # two' is not a number of channels from 1 to 32"},
	{"[daemon]\nmax_sources = many\n", 2,
	 "daemon.max_sources: 'many' is not a number from 1 to 4096"},
	{"[output]\nbackend = pulse\n", 2,
	 "output.backend: 'pulse' is not one of alsa, null"},
	{"[output]\nbackend = ALSA\n", 2,
	 "output.backend: 'ALSA' is not one of alsa, null"},
	{"[output]\nformat = u8\n", 2,
	 "output.format: 'u8' is not one of auto, s16, s16le, s16be, s24, s24le, s24be, "
	 "s24_3, s24_3le, s24_3be, s32, s32le, s32be, f32, f32le, f32be"},
	{"[daemon]\nlock_memory = true\n", 2,
	 "daemon.lock_memory: 'true' is not one of yes, no"},
	{"[output]\ndevice =\n", 2,
	 "output.device: '' is not a text of 1 to 255 bytes, 1 to 8 names with ', ' "
	 "between them"},
	{"[output]\ndevice = hw:0, hw:0\n", 2,
	 "output.device: 'hw:0, hw:0' is not a text of 1 to 255 bytes, 1 to 8 names with "
	 "', ' between them"},
	{"[output]\ndevice = hw:0,\n", 2,
	 "output.device: 'hw:0,' is not a text of 1 to 255 bytes, 1 to 8 names with ', ' "
	 "between them"},
	{"[daemon]\nsocket = /tmp/" NINES_50 NINES_50 "123\n", 2,
	 "daemon.socket: '/tmp/9999999999999999999999999999999999999999999999999999999…' "
	 "is not a text of at most 107 bytes"},
	{"[output]\nbackend = \x1b[2J\xff\n", 2,
	 "output.backend: '\\x1b[2J\\xff' is not one of alsa, null"},

	{"\n\n[outptu]\n", 3, "there is no section [outptu]; audd.conf(5) lists them"},
	{"[Output]\n", 1, "there is no section [Output]; audd.conf(5) lists them"},
	{"[]\n", 1, "there is no section []; audd.conf(5) lists them"},
	{"[output\x01]\n", 1,
	 "there is no section [output\\x01]; audd.conf(5) lists them"},
	{"\xef\xbb\xbf[x]\nrate = 1\n", 1,
	 "there is no section [x]; audd.conf(5) lists them"},
	{" \xef\xbb\xbf\t [x]\n", 1, "there is no section [x]; audd.conf(5) lists them"},
	{"[output] rate = 48000\n", 1,
	 "'rate = 48000' stands behind a [section]; a key has a line of its own"},
	{"[output]\n# fine\nratee = 1\n", 3,
	 "there is no key 'ratee' in [output]; audd.conf(5) lists them"},
	{"[daemon]\nrate = 48000\n", 2,
	 "there is no key 'rate' in [daemon]; audd.conf(5) lists them"},
	{"[output]\n= 48000\n", 2,
	 "there is no key '' in [output]; audd.conf(5) lists them"},
	{"[output]\ndevice hw:0\n", 2,
	 "there is no key 'device hw' in [output]; audd.conf(5) lists them"},
	{"rate = 48000\n", 1, "'rate' stands before the first [section]"},

	{"[output]\nrate = 48000\nchannels = 2\nrate = 48000\n", 4,
	 "output.rate is set twice, first in line 2"},
	{"[output]\nrate = 48000\n[daemon]\n[output]\n\n rate = 44100\n", 6,
	 "output.rate is set twice, first in line 2"},

	{"[output]\nrate\n", 2, "neither 'key = value' nor '[section]'"},
	{"[output]\nrate 48000\nchannels = 99\n", 2,
	 "neither 'key = value' nor '[section]'"},
	{"[output\nrate = 48000\n", 1, "neither 'key = value' nor '[section]'"},
	{"[output]\nrate = 48k\nrate 48000\n", 2,
	 "output.rate: '48k' is not a number of Hz from 1000 to 768000"},
	{"[output]\nrate\n" NINES_200 "\n", 2, "neither 'key = value' nor '[section]'"},

	{"[output]\nrate = " NINES_200 "\n", 2, "the line is longer than 199 bytes"},
	{"# " NINES_200 "\n", 1, "the line is longer than 199 bytes"},
	{"[output]\nrate = 44100\n  " NINES_200, 3, "the line is longer than 199 bytes"},
};

START_TEST(a_mistake_is_named_with_file_and_line_and_changes_nothing)
{
	const struct mistake *m = &mistakes[_i];
	char expected[512];

	ck_assert_int_eq(settings_read_text(&s, m->text), -EINVAL);

	snprintf(expected, sizeof(expected), "%s:%d: %s", s.path, m->line, m->sentence);
	ck_assert_pstr_eq(s.error, expected);
	settings_assert_defaults(&s);
}
END_TEST

START_TEST(a_failure_takes_back_the_lines_before_it)
{
	ck_assert_int_eq(
		settings_read_text(&s, "[output]\ndevice = hw:1\nrate = 44100\n"), 0);

	ck_assert_int_eq(
		settings_read_text(&s,
				   "[daemon]\nsocket = /tmp/s\n[output]\ndevice = hw:2\n"
				   "rate = 96000\nrecord = r\nchannels = 0\n"),
		-EINVAL);

	ck_assert_str_eq(s.config.output.device, "hw:1");
	ck_assert_uint_eq(s.config.output.rate, 44100);
	ck_assert_ptr_null(s.config.socket);
	ck_assert_ptr_null(s.config.output.record);
}
END_TEST

START_TEST(a_nul_byte_is_refused)
{
	static const char text[] = "[output]\nrate = 44100\0\n";
	char expected[100];

	ck_assert_int_eq(settings_read(&s, text, sizeof(text) - 1), -EINVAL);

	snprintf(expected, sizeof(expected), "%s:2: a NUL byte; this is no text", s.path);
	ck_assert_str_eq(s.error, expected);
	settings_assert_defaults(&s);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_an_error_only_if_it_must_be)
{
	ck_assert_int_eq(config_read(&s.config, "/nonexistent/a.conf", false, &s.error),
			 0);
	settings_assert_defaults(&s);

	ck_assert_int_eq(config_read(&s.config, "/nonexistent/a.conf", true, &s.error),
			 -ENOENT);
	ck_assert_str_eq(s.error, "/nonexistent/a.conf: No such file or directory");
	settings_assert_defaults(&s);
}
END_TEST

START_TEST(a_directory_is_no_file)
{
	ck_assert_int_eq(config_read(&s.config, "/", false, &s.error), -EISDIR);
	ck_assert_str_eq(s.error, "/: Is a directory");
	settings_assert_defaults(&s);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("config_file");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_file_sets_what_it_names_and_nothing_else);
	tcase_add_test(tc, a_line_may_be_laid_out_in_any_usual_way);
	tcase_add_test(tc, an_empty_text_is_none_at_all);
	tcase_add_test(tc, the_longest_line_is_read);
	tcase_add_loop_test(tc, a_mistake_is_named_with_file_and_line_and_changes_nothing,
			    0, sizeof(mistakes) / sizeof(mistakes[0]));
	tcase_add_test(tc, a_failure_takes_back_the_lines_before_it);
	tcase_add_test(tc, a_nul_byte_is_refused);
	tcase_add_test(tc, a_file_that_is_not_there_is_an_error_only_if_it_must_be);
	tcase_add_test(tc, a_directory_is_no_file);
	return suite_run("config_file", tc);
}
