/* SPDX-License-Identifier: MIT */
/*
 * Settings as a whole: defaults, copies, single values.
 */
#include <check.h>
#include <errno.h>
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

START_TEST(defaults_are_as_promised)
{
	const struct config_output *o = &s.config.output;

	ck_assert_ptr_null(s.config.socket);
	ck_assert_uint_eq(s.config.max_connections, 256);
	ck_assert_uint_eq(s.config.max_sources, 64);
	ck_assert_uint_eq(s.config.max_sources_per_connection, 32);
	ck_assert_uint_eq(s.config.max_queue_bytes, 64 * 1024 * 1024);
	ck_assert_uint_eq(s.config.max_marks, 1024);
	ck_assert_uint_eq(s.config.linger_ms, 10000);
	ck_assert_uint_eq(s.config.realtime_priority, 50);
	ck_assert(s.config.lock_memory);

	ck_assert_int_eq(o->backend, BACKEND_ALSA);
	ck_assert_str_eq(o->device, "default");
	ck_assert_ptr_null(o->record);
	ck_assert_uint_eq(o->rate, 48000);
	ck_assert_uint_eq(o->channels, 2);
	ck_assert_int_eq(o->format, -1);
	ck_assert_int_eq(o->access, ACCESS_AUTO);
	ck_assert_int_eq(o->rewind, REWIND_AUTO);
	ck_assert_uint_eq(o->buffer_ms, 200);
	ck_assert_uint_eq(o->short_buffer_ms, 40);
	ck_assert_uint_eq(o->rewind_guard_us, 1000);
	ck_assert_uint_eq(o->look_ms, 20);
	ck_assert_uint_eq(o->idle_ms, 1000);
}
END_TEST

START_TEST(a_single_value_is_set_as_the_file_would)
{
	ck_assert_int_eq(settings_set(&s, "output.device", "hw:3"), 0);
	ck_assert_str_eq(s.config.output.device, "hw:3");

	ck_assert_int_eq(settings_set(&s, "output.backend", "pulse"), -EINVAL);
	ck_assert_str_eq(s.error, "output.backend: 'pulse' is not one of alsa, null");
	ck_assert_int_eq(s.config.output.backend, BACKEND_ALSA);
}
END_TEST

START_TEST(a_copy_has_texts_of_its_own)
{
	struct config copy;

	settings_set(&s, "output.device", "hw:3");
	settings_set(&s, "daemon.linger_ms", "7");
	ck_assert_int_eq(config_copy(&copy, &s.config), 0);
	settings_set(&s, "output.device", "hw:4");

	ck_assert_str_eq(copy.output.device, "hw:3");
	ck_assert_ptr_null(copy.socket);
	ck_assert_uint_eq(copy.linger_ms, 7);
	config_done(&copy);
}
END_TEST

START_TEST(only_the_null_backend_records)
{
	ck_assert_int_eq(config_finish(&s.config, &s.error), 0);

	settings_set(&s, "output.record", "x.wav");
	ck_assert_int_eq(config_finish(&s.config, &s.error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(s.error, "output.record"));

	settings_set(&s, "output.backend", "null");
	ck_assert_int_eq(config_finish(&s.config, &s.error), 0);
}
END_TEST

START_TEST(dither_is_for_16_bits_and_fewer_unless_it_is_not_wanted)
{
	struct config_output c = {.dither = DITHER_AUTO};

	ck_assert_uint_eq(config_dither_bits(&c, 24), 0);
	ck_assert_uint_eq(config_dither_bits(&c, 17), 0);
	ck_assert_uint_eq(config_dither_bits(&c, 16), 16);
	ck_assert_uint_eq(config_dither_bits(&c, 12), 12);
	c.dither = DITHER_NO;
	ck_assert_uint_eq(config_dither_bits(&c, 16), 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("config");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, defaults_are_as_promised);
	tcase_add_test(tc, a_single_value_is_set_as_the_file_would);
	tcase_add_test(tc, a_copy_has_texts_of_its_own);
	tcase_add_test(tc, only_the_null_backend_records);
	tcase_add_test(tc, dither_is_for_16_bits_and_fewer_unless_it_is_not_wanted);
	return suite_run("config", tc);
}
