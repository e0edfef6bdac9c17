/* SPDX-License-Identifier: MIT */
/*
 * New settings for a daemon that runs: what it takes over, and what has to wait.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_change.h"
#include "config_keys.h"
#include "settings.h"
#include "suite.h"

static struct settings before, after;
static struct config_change change;

static void set_up(void)
{
	settings_init(&before);
	settings_init(&after);
}

static void tear_down(void)
{
	settings_done(&before);
	settings_done(&after);
}

static void read_both(const char *old, const char *new)
{
	ck_assert_msg(settings_read_text(&before, old) == 0, "%s", before.error);
	ck_assert_msg(settings_read_text(&after, new) == 0, "%s", after.error);
	ck_assert_int_eq(config_finish(&before.config, &before.error), 0);
	ck_assert_int_eq(config_finish(&after.config, &after.error), 0);
}

/* Afterwards there is nothing left in `after` but its file. */
static void apply(void)
{
	char *error = NULL;

	ck_assert_int_eq(config_change(&before.config, &after.config, &change, &error),
			 0);
	ck_assert_int_eq(config_init(&after.config), 0);
}

START_TEST(the_same_settings_change_nothing)
{
	read_both("[output]\ndevice = hw:1\n", "[output]\ndevice = hw:1\n");

	apply();

	ck_assert_str_eq(change.waits, "");
	ck_assert(!change.reopens[0]);
}
END_TEST

START_TEST(limits_are_taken_over_at_once)
{
	read_both("", "[daemon]\nmax_connections = 7\nadmin_group = wheel\n");

	apply();

	ck_assert_str_eq(change.waits, "");
	ck_assert(!change.reopens[0]);
	ck_assert_uint_eq(before.config.max_connections, 7);
	ck_assert_str_eq(before.config.admin_group, "wheel");
}
END_TEST

START_TEST(fewer_sources_are_taken_over_and_more_wait)
{
	read_both("[daemon]\nmax_sources = 10\n", "[daemon]\nmax_sources = 9\n");
	apply();
	ck_assert_str_eq(change.waits, "");
	ck_assert_uint_eq(before.config.max_sources, 9);

	ck_assert_int_eq(settings_read_text(&after, "[daemon]\nmax_sources = 11\n"), 0);
	ck_assert_int_eq(config_finish(&after.config, &after.error), 0);
	apply();
	ck_assert_str_eq(change.waits, "daemon.max_sources");
	ck_assert_uint_eq(before.config.max_sources, 9);
}
END_TEST

START_TEST(a_device_is_opened_anew_if_something_of_it_has_changed)
{
	read_both("[output a]\ndevice = a\n[output b]\ndevice = b\n",
		  "[output a]\ndevice = a\n[output b]\ndevice = c\nbuffer_ms = 100\n");

	apply();

	ck_assert_str_eq(change.waits, "");
	ck_assert(!change.reopens[0]);
	ck_assert(change.reopens[1]);
	ck_assert_str_eq(before.config.outputs[1].device, "c");
	ck_assert_uint_eq(before.config.outputs[1].buffer_ms, 100);
}
END_TEST

START_TEST(what_takes_a_restart_stays_and_is_named)
{
	read_both("[daemon]\nsocket = /a\n[output]\nbackend = null\nrecord = a.wav\n",
		  "[daemon]\nsocket = /b\nlock_memory = no\n"
		  "[output]\nrate = 44100\nchannels = 6\ndevice = x\n");

	apply();

	ck_assert_str_eq(change.waits,
			 "daemon.socket, daemon.lock_memory, output main.backend, "
			 "output main.record, output main.rate, output main.channels");
	ck_assert_str_eq(before.config.socket, "/a");
	ck_assert(before.config.lock_memory);
	ck_assert_int_eq(before.config.outputs[0].backend, BACKEND_NULL);
	ck_assert_str_eq(before.config.outputs[0].record, "a.wav");
	ck_assert_uint_eq(before.config.outputs[0].rate, 48000);
	ck_assert_str_eq(before.config.outputs[0].device, "x");
}
END_TEST

/* What can be taken over at once may go together with what cannot, and with nothing else. */
static void assert_refused(const char *old, const char *new, const char *words)
{
	char *error = NULL;

	read_both(old, new);
	ck_assert_int_eq(config_change(&before.config, &after.config, &change, &error),
			 -EINVAL);
	ck_assert_msg(strstr(error, words) != NULL, "%s", error);
	free(error);
}

START_TEST(a_layout_for_channels_that_wait_is_refused)
{
	assert_refused("[output]\nlayout = FR FL\n",
		       "[output]\nchannels = 6\nlayout = 5.1\n",
		       "output.layout: it names 6 channels, not 2, so long as these "
		       "have had no restart: output main.channels");

	ck_assert_str_eq(before.config.outputs[0].layout, "FR FL");
	ck_assert_uint_eq(before.config.outputs[0].channels, 2);
}
END_TEST

START_TEST(a_device_that_another_output_still_has_is_refused)
{
	assert_refused("[output a]\ndevice = x\n[output b]\ndevice = y\n",
		       "[output a]\nbackend = null\ndevice = x\n[output b]\ndevice = x\n",
		       "output 'b' has the device 'x', as output 'a' does, so long as");

	ck_assert_str_eq(before.config.outputs[1].device, "y");
}
END_TEST

START_TEST(which_outputs_there_are_takes_a_restart)
{
	read_both("[output a]\ndevice = a\n[output b]\ndevice = b\n",
		  "[daemon]\ndefault_output = c\nmax_marks = 3\n"
		  "[output c]\ndevice = c\n");

	apply();

	ck_assert_str_eq(change.waits, "which outputs there are");
	ck_assert_uint_eq(before.config.num_outputs, 2);
	ck_assert_str_eq(before.config.outputs[1].device, "b");
	ck_assert_ptr_null(before.config.default_output);
	ck_assert_uint_eq(before.config.max_marks, 3);
}
END_TEST

START_TEST(the_default_output_is_taken_over)
{
	read_both("[output a]\ndevice = a\n[output b]\ndevice = b\n",
		  "[daemon]\ndefault_output = b\n"
		  "[output a]\ndevice = a\n[output b]\ndevice = b\n");

	apply();

	ck_assert_str_eq(change.waits, "");
	ck_assert_str_eq(config_default_output(&before.config)->name, "b");
}
END_TEST

/* Another value than the default. */
static void set_other(const struct config_key *key, void *fields)
{
	const struct config_word *word = key->words;
	char number[16];

	snprintf(number, sizeof(number), "%u",
		 config_key_number(key, fields) == key->max ? key->min : key->max);
	if (word && strcmp(word->name, key->initial) == 0)
		word++;
	ck_assert_int_eq(config_key_set(key, fields,
					word                         ? word->name
					: key->type == CONFIG_NUMBER ? number
								     : "main",
					&after.error),
			 0);
}

/* Whichever it is: none is taken over by half. */
START_TEST(each_key_is_taken_over_or_waits)
{
	const struct config_key *key = &config_keys[_i];
	bool is_output = config_key_is_output(key);

	read_both("", "");
	set_other(key, is_output ? (void *)after.config.outputs : &after.config);

	apply();

	ck_assert_int_eq(strstr(change.waits, key->name) != NULL,
			 key->when == CONFIG_AT_RESTART || key->when == CONFIG_IF_LESS);
	ck_assert_int_eq(change.reopens[0], key->when == CONFIG_REOPENS);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("config_change");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, the_same_settings_change_nothing);
	tcase_add_test(tc, limits_are_taken_over_at_once);
	tcase_add_test(tc, fewer_sources_are_taken_over_and_more_wait);
	tcase_add_test(tc, a_device_is_opened_anew_if_something_of_it_has_changed);
	tcase_add_test(tc, what_takes_a_restart_stays_and_is_named);
	tcase_add_test(tc, a_layout_for_channels_that_wait_is_refused);
	tcase_add_test(tc, a_device_that_another_output_still_has_is_refused);
	tcase_add_test(tc, which_outputs_there_are_takes_a_restart);
	tcase_add_test(tc, the_default_output_is_taken_over);
	tcase_add_loop_test(tc, each_key_is_taken_over_or_waits, 0, NUM_CONFIG_KEYS);
	return suite_run("config_change", tc);
}
