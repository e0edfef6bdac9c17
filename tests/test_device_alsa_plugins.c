/* SPDX-License-Identifier: MIT */
/*
 * PCMs by their names in an asoundrc: alsa-lib's own, and a plugin from a file. The asoundrc
 * lies in a folder that the tests share.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "opening.h"
#include "rt/loops.h"
#include "suite.h"

static char folder[] = "/tmp/aud-test-XXXXXX";

static const char asoundrc[] =
	"pcm_type.fake { lib \"" BUILD_DIR "/tests/libasound_module_pcm_fake.so\" }\n"
	"pcm.nothing { type null }\n"
	"pcm.heard { type file slave.pcm nothing format raw\n"
	"	file \"%1$s/heard.raw\" }\n"
	"pcm.any { type plug slave { pcm heard rate 44100\n"
	"	channels 1 format S16_LE } }\n"
	"pcm.card { type fake file \"%1$s/card.raw\" rate 48000\n"
	"	format S16_LE channels 2 present \"%1$s/present\" }\n"
	"pcm.passing_on { type fake rewinds no access rw\n"
	"	file \"%1$s/passing_on.raw\" format S32_LE }\n"
	"pcm.converted { type plug slave.pcm card }\n"
	"<%1$s/more>\n";

static FILE *open_file(const char *name, const char *mode)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, mode);
	ck_assert_ptr_nonnull(f);
	return f;
}

static void write_file(const char *name, const char *text)
{
	FILE *f = open_file(name, "w");

	ck_assert_int_ge(fprintf(f, text, folder), 0);
	fclose(f);
}

static void remove_file(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
}

static void set_up(void)
{
	write_file("asoundrc", asoundrc);
	write_file("more", "");
	write_file("present", "");
}

static void tear_down(void)
{
	static const char *const names[] = {"asoundrc",  "more",     "present",
					    "heard.raw", "card.raw", "passing_on.raw"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		remove_file(names[i]);
}

static void must_open(struct opening *o, const char *name)
{
	opening_init(o, NULL);
	o->config.device = (char *)name;
	if (opening_try(o) < 0)
		ck_abort_msg("%s: %s", name, o->error);
}

/* n frames of 16 bits that count up from 1, on both channels. */
static void write_frames(struct sink *s, uint32_t n)
{
	float *frames = calloc(n, 2 * sizeof(*frames));

	for (uint32_t i = 0; i < n; i++)
		frames[2 * i] = frames[2 * i + 1] = (float)(i + 1) / 32768.0f;
	ck_assert_int_eq(s->ops->write(s, frames, n), (int)n);
	free(frames);
}

/* The file begins with the frames that write_frames wrote. */
static void assert_file(const char *name, uint32_t format, uint32_t n)
{
	uint8_t *data = calloc(n, 2 * formats[format].bytes);
	FILE *f = open_file(name, "r");

	ck_assert_uint_eq(fread(data, 2 * formats[format].bytes, n, f), n);
	fclose(f);
	for (uint32_t i = 0; i < 2 * n; i++) {
		float x;

		loops_best()->format->of[format].to_float(
			&x, data + i * formats[format].bytes, 1);
		if (x * 32768.0f != i / 2 + 1)
			ck_abort_msg("%s: sample %u is wrong", name, i);
	}
	free(data);
}

START_TEST(every_kind_of_pcm_opens_short_and_without_rewinding)
{
	static const char *const names[] = {"nothing", "heard",      "any",
					    "card",    "passing_on", "converted"};
	struct opening o;

	must_open(&o, names[_i]);

	ck_assert(!o.sink->rewinds);
	ck_assert_uint_eq(o.sink->rate, OPENING_RATE);
	ck_assert_uint_eq(o.sink->channels, 2);
	ck_assert_uint_gt(o.sink->buffer, OPENING_SHORT * 3 / 4);
	ck_assert_uint_le(o.sink->buffer, OPENING_SHORT * 4 / 3);
	ck_assert(o.info.alsa_locks);
	opening_done(&o);
}
END_TEST

START_TEST(a_pcm_that_has_only_read_write_access_is_used_by_that)
{
	struct opening o;

	must_open(&o, "passing_on");

	ck_assert_str_eq(o.info.access, "rw");
	ck_assert_str_eq(o.info.format, "s32");
	opening_done(&o);
}
END_TEST

START_TEST(the_null_pcm_takes_a_buffer_and_no_more_before_it_is_started)
{
	struct opening o;
	struct sink_clock c;
	uint32_t buffer;

	must_open(&o, "nothing");
	buffer = o.sink->buffer;

	write_frames(o.sink, buffer - 10);
	ck_assert_int_eq(o.sink->ops->clock(o.sink, &c), 0);
	ck_assert_uint_eq(c.unheard, buffer - 10);
	ck_assert_uint_eq(c.room, 10);
	write_frames(o.sink, 10);
	ck_assert_int_eq(o.sink->ops->write(o.sink, (float[2]){0}, 1), 0);

	ck_assert_int_eq(o.sink->ops->start(o.sink), 0);
	ck_assert_int_eq(o.sink->ops->clock(o.sink, &c), 0);
	ck_assert_uint_eq(c.unheard, 0);
	opening_done(&o);
}
END_TEST

START_TEST(what_is_written_lies_in_the_file_bit_for_bit)
{
	struct opening o;
	uint32_t format;

	must_open(&o, "heard");
	format = o.sink->format;
	write_frames(o.sink, 1000);
	o.sink->ops->start(o.sink);
	opening_done(&o);

	assert_file("heard.raw", format, 1000);
}
END_TEST

/* Time does pass here: the plugin plays on the machine's clock. */
static void play_all(struct sink *s, uint32_t n)
{
	struct timespec t = {.tv_nsec = 1000000};
	struct sink_clock c = {.unheard = n};

	ck_assert_int_eq(s->ops->start(s), 0);
	while (s->ops->clock(s, &c) == 0 && c.unheard > 0)
		nanosleep(&t, NULL);
	ck_assert_uint_eq(c.unheard, 0);
}

START_TEST(a_plugin_from_a_file_plays_bit_for_bit)
{
	static const struct {
		const char *name, *file;
		uint32_t format;
	} cases[] = {
		{"card", "card.raw", FORMAT_S16},
		{"converted", "card.raw", FORMAT_S16},
		{"passing_on", "passing_on.raw", FORMAT_S32},
	};
	struct opening o;

	must_open(&o, cases[_i].name);
	write_frames(o.sink, 1000);
	play_all(o.sink, 1000);
	opening_done(&o);

	assert_file(cases[_i].file, cases[_i].format, 1000);
}
END_TEST

START_TEST(a_plugin_that_is_unplugged_is_gone)
{
	struct opening o;
	struct sink_clock c;

	must_open(&o, "card");
	write_frames(o.sink, 1000);
	o.sink->ops->start(o.sink);
	remove_file("present");

	ck_assert_int_eq(o.sink->ops->clock(o.sink, &c), -ENODEV);
	ck_assert_int_eq(o.sink->ops->stop(o.sink), -ENODEV);
	opening_done(&o);

	opening_init(&o, NULL);
	o.config.device = (char *)"card";
	ck_assert_int_eq(opening_try(&o), -ENODEV);
	ck_assert_str_eq(o.error, "open failed: No such device");
	opening_done(&o);
}
END_TEST

START_TEST(a_name_that_is_not_there_is_found_when_it_is_there)
{
	struct opening o;

	opening_init(&o, NULL);
	o.config.device = (char *)"late";
	ck_assert_int_eq(opening_try(&o), -ENOENT);
	ck_assert_str_eq(o.error, "open failed: No such file or directory");

	write_file("more", "pcm.late { type null }\n");

	ck_assert_int_eq(opening_try(&o), 0);
	opening_done(&o);
}
END_TEST

START_TEST(what_does_not_fit_is_said_of_a_plugin_too)
{
	struct opening o;

	opening_init(&o, NULL);
	o.config.device = (char *)"card";
	o.config.rate = 44100;

	ck_assert_int_eq(opening_try(&o), -EINVAL);

	ck_assert_str_eq(o.error, "it offers 48000 Hz, not 44100");
	opening_done(&o);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("device_alsa_plugins");
	char path[64];
	int status;

	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	snprintf(path, sizeof(path), "%s/asoundrc", folder);
	setenv("ALSA_CONFIG_PATH", path, 1);
	device_alsa_quiet();
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, every_kind_of_pcm_opens_short_and_without_rewinding, 0, 6);
	tcase_add_test(t, a_pcm_that_has_only_read_write_access_is_used_by_that);
	tcase_add_test(t, the_null_pcm_takes_a_buffer_and_no_more_before_it_is_started);
	tcase_add_test(t, what_is_written_lies_in_the_file_bit_for_bit);
	tcase_add_loop_test(t, a_plugin_from_a_file_plays_bit_for_bit, 0, 3);
	tcase_add_test(t, a_plugin_that_is_unplugged_is_gone);
	tcase_add_test(t, a_name_that_is_not_there_is_found_when_it_is_there);
	tcase_add_test(t, what_does_not_fit_is_said_of_a_plugin_too);
	status = suite_run("device_alsa_plugins", t);
	rmdir(folder);
	return status;
}
