/* SPDX-License-Identifier: MIT */
/*
 * No memory where a device is opened: of all allocations, those of alsa-lib and of its plugins too,
 * one after the other is made to fail. The device is opened all the same, or it is said why not; and
 * it is tried again.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "device.h"
#include "log.h"
#include "opening.h"
#include "shortage.h"
#include "suite.h"

static char folder[] = "/tmp/aud-test-XXXXXX", path[64];

static const char asoundrc[] =
	"pcm_type.fake { lib \"" BUILD_DIR "/tests/libasound_module_pcm_fake.so\" }\n"
	"pcm.nothing { type null }\n"
	"pcm.card { type fake file \"/dev/null\" rate 48000 format S16_LE channels 2 }\n"
	"pcm.passing_on { type fake rewinds no access rw file \"/dev/null\" }\n"
	"pcm.converted { type plug slave.pcm card }\n";

static const char *const pcms[] = {"fake", "nothing", "card", "passing_on", "converted"};
enum { NUM_PCMS = sizeof(pcms) / sizeof(pcms[0]) };

/* alsa-lib 1.2.8 loses texts of the file that it was reading; it has no names for where. That no PCM
 * is lost is seen by its descriptors. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libasound.so\n";
}

/* ---- opening --------------------------------------------------------------------- */

/* A plug of alsa-lib 1.2.8 that had no memory to note where the pointers of its slave are
 * (snd_pcm_link_ptr) tells nobody, and falls over the first frame. */
static bool can_be_written(const char *name)
{
	return strcmp(name, "converted") != 0;
}

/* Whether an allocation failed; `more`: and so many behind it. */
static bool open_short_of(const char *name, uint64_t n, uint64_t more)
{
	int files = shortage_count_files(), r;
	struct opening o;
	bool happened;

	opening_init(&o, NULL);
	o.config.device = (char *)name;
	shortage_begin(n, more);
	shortage_count(true);
	r = opening_try(&o);
	shortage_count(false);
	happened = shortage_end();
	ck_assert(happened || r == 0);
	if (r == 0 && can_be_written(name))
		ck_assert_int_eq(o.sink->ops->write(o.sink, (float[2]){0}, 1), 1);
	if (r < 0 && (o.error || more == 0))
		ck_assert_str_ne(o.error, "");
	opening_done(&o);
	ck_assert_int_eq(shortage_count_files(), files);
	return happened;
}

START_TEST(a_device_is_opened_or_not_and_nothing_is_left_of_it)
{
	const char *name = pcms[_i % NUM_PCMS];
	uint64_t n = 1;

	shortage_everywhere(_i >= NUM_PCMS);
	for (; open_short_of(name, n, 0); n++)
		open_short_of(name, n, UINT32_MAX);
	printf("allocations to open %s made to fail in turn: %d\n", name, (int)n - 1);
}
END_TEST

/* ---- the device that an output has ----------------------------------------------- */

static sd_event *event;
static struct config config;
static struct player player;
static _Atomic(struct voice *) slots[1];
static struct voice *voices[1];
static struct device *device;

static void set_up(const char *names)
{
	char *error = NULL;

	ck_assert_int_ge(sd_event_new(&event), 0);
	ck_assert_int_eq(config_init(&config), 0);
	player_init(&player, slots, voices, 1, eventfd(0, EFD_NONBLOCK),
		    eventfd(0, EFD_NONBLOCK));
	config.output.backend = BACKEND_ALSA;
	free(config.output.device);
	config.output.device = strdup(names);
	ck_assert_int_ge(device_new(&device, event, &config.output, &player, &error), 0);
}

static void tear_down(void)
{
	device_free(device);
	close(player.bell_player);
	close(player.bell_main);
	config_done(&config);
	sd_event_unref(event);
}

static bool is_best(void)
{
	return device_is_there(device) && strcmp(device_name(device), "card") == 0;
}

/* Whether an allocation failed. */
static bool start_short_of(const char *names, uint64_t n)
{
	bool happened;

	set_up(names);
	shortage_begin(n, 0);
	shortage_count(true);
	device_start(device);
	shortage_count(false);
	happened = shortage_end();
	if (strcmp(names, "card") != 0)
		ck_assert(device_is_there(device)); /* if not the one, then the other */
	while (!is_best())
		sd_event_run(event, UINT64_MAX);
	ck_assert_ptr_null(device_error(device));
	tear_down();
	return happened;
}

/* A try takes a tenth of a second where it did not go well at once. */
enum { EVERY = 7 };

START_TEST(a_device_for_which_there_is_no_memory_is_tried_again)
{
	static const char *const outputs[] = {"card", "card, passing_on"};
	uint64_t n = 1;

	shortage_everywhere(true);
	while (start_short_of(outputs[_i], n))
		n += EVERY;
	ck_assert_uint_gt(n, 1);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("shortage_device");
	FILE *f;
	int status;

	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	snprintf(path, sizeof(path), "%s/asoundrc", folder);
	f = fopen(path, "we");
	if (!f || fputs(asoundrc, f) < 0 || fclose(f))
		return EXIT_FAILURE;
	setenv("ALSA_CONFIG_PATH", path, 1);
	device_alsa_quiet();
	log_set_level(LEVEL_ERROR);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, a_device_is_opened_or_not_and_nothing_is_left_of_it, 0,
			    2 * NUM_PCMS);
	tcase_add_loop_test(t, a_device_for_which_there_is_no_memory_is_tried_again, 0,
			    2);
	status = suite_run("shortage_device", t);
	unlink(path);
	rmdir(folder);
	return status;
}
