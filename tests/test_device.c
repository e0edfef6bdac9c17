/* SPDX-License-Identifier: MIT */
/*
 * A device that is not there, that comes, that is lost. The player is turned by hand.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "device.h"
#include "suite.h"

static sd_event *event;
static struct config config;
static struct player player;
static _Atomic(struct voice *) slots[1];
static struct voice *voices[1];
static struct device *device;

static void set_up(void)
{
	ck_assert_int_ge(sd_event_new(&event), 0);
	ck_assert_int_eq(config_init(&config), 0);
	player_init(&player, slots, voices, 1, eventfd(0, EFD_NONBLOCK),
		    eventfd(0, EFD_NONBLOCK));
	device_alsa_quiet();
}

static void tear_down(void)
{
	player_finish(&player);
	device_free(device);
	close(player.bell_player);
	close(player.bell_main);
	config_done(&config);
	sd_event_unref(event);
}

static void start(int backend, const char *name)
{
	char *error = NULL;

	config.output.backend = backend;
	free(config.output.device);
	config.output.device = strdup(name);
	ck_assert_int_ge(device_new(&device, event, &config.output, &player, &error), 0);
	device_start(device);
}

static void await_device(void)
{
	while (!device_is_there(device))
		sd_event_run(event, UINT64_MAX);
}

START_TEST(the_null_device_is_there_at_once)
{
	start(BACKEND_NULL, "default");

	ck_assert(device_is_there(device));
	ck_assert_ptr_null(device_error(device));
	ck_assert_str_eq(device_backend(device), "null");
	ck_assert_uint_eq(device_facts(device)->buffer, 9600);
	ck_assert(device_facts(device)->rewinds);
	player_turn(&player);
	ck_assert_int_eq(device_state(device), PLAYER_READY);
}
END_TEST

START_TEST(the_null_device_can_be_like_one_that_does_not_rewind)
{
	config.output.rewind = REWIND_NO;
	start(BACKEND_NULL, "default");

	ck_assert_uint_eq(device_buffer(device), 1920);
	ck_assert(!device_facts(device)->rewinds);
}
END_TEST

START_TEST(a_device_that_is_not_there_is_tried_again_until_it_is)
{
	start(BACKEND_ALSA, "no_such_device");
	ck_assert(!device_is_there(device));
	ck_assert_int_eq(device_state(device), PLAYER_CLOSED);
	ck_assert_ptr_nonnull(strstr(device_error(device), "open failed"));
	sd_event_run(event, UINT64_MAX);
	ck_assert(!device_is_there(device));

	strcpy(config.output.device, "null");
	await_device();

	ck_assert_ptr_null(device_error(device));
	ck_assert_str_eq(device_name(device), "null");
}
END_TEST

START_TEST(a_device_that_nobody_has_taken_is_closed_at_the_end)
{
	start(BACKEND_ALSA, "null");

	ck_assert(device_is_there(device));
}
END_TEST

static int has_gone(struct sink *s, struct sink_clock *ret)
{
	(void)s;
	(void)ret;
	return -ENODEV;
}

START_TEST(a_lost_device_is_closed_and_opened_again)
{
	struct sink_ops ops;

	start(BACKEND_NULL, "default");
	player_turn(&player);
	ops = *player.sink->ops;
	ops.clock = has_gone;
	player.sink->ops = &ops;
	player_turn(&player);

	device_serve(device);
	ck_assert(!device_is_there(device));
	ck_assert_int_eq(device_state(device), PLAYER_CLOSED);
	ck_assert_str_eq(device_error(device), "lost: No such device");

	await_device();
	player_turn(&player);
	ck_assert_ptr_nonnull(player.sink);
	ck_assert_uint_eq(player.counts.losses, 1);
}
END_TEST

/* ---- several, the best first ------------------------------------------------------- */

static char asoundrc[40];

/* These PCMs there are. */
static void provide(const char *first, const char *second)
{
	FILE *f;

	if (!*asoundrc) {
		strcpy(asoundrc, "/tmp/asoundrc.XXXXXX");
		close(mkstemp(asoundrc));
		setenv("ALSA_CONFIG_PATH", asoundrc, true);
	}
	f = fopen(asoundrc, "we");
	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < 2; i++) {
		const char *name = i ? second : first;

		if (name)
			fprintf(f, "pcm.%s { type null }\n", name);
	}
	fclose(f);
}

static void await_name(const char *name)
{
	for (int i = 0; strcmp(device_name(device), name) != 0; i++) {
		ck_assert_int_lt(i, 100);
		sd_event_run(event, 100000);
		player_turn(&player);
		device_serve(device);
		player_turn(&player);
	}
}

static void lose(void)
{
	static struct sink_ops ops;

	ops = *player.sink->ops;
	ops.clock = has_gone;
	player.sink->ops = &ops;
	player_turn(&player);
	device_serve(device);
}

START_TEST(the_first_that_opens_is_taken_and_a_better_one_when_it_comes)
{
	struct sink *lesser;

	provide(NULL, "second");
	start(BACKEND_ALSA, "first, second");
	ck_assert_str_eq(device_name(device), "second");
	ck_assert_ptr_null(device_error(device));
	player_turn(&player);
	lesser = player.sink;
	sd_event_run(event, 200000);
	ck_assert_str_eq(device_name(device), "second");

	provide("first", "second");
	await_name("first");
	ck_assert_ptr_ne(player.sink, lesser);
	ck_assert(device_is_there(device));
	ck_assert_uint_eq(player.counts.losses, 0);
	unlink(asoundrc);
}
END_TEST

START_TEST(when_the_best_is_lost_another_is_taken_at_once)
{
	provide("first", "second");
	start(BACKEND_ALSA, "first, second");
	ck_assert_str_eq(device_name(device), "first");
	player_turn(&player);

	lose();
	ck_assert(device_is_there(device));
	ck_assert_str_eq(device_name(device), "second");
	player_turn(&player);
	ck_assert_ptr_nonnull(player.sink);

	await_name("first");
	unlink(asoundrc);
}
END_TEST

START_TEST(when_none_opens_it_is_said_of_each)
{
	provide(NULL, NULL);
	start(BACKEND_ALSA, "first, second");

	ck_assert(!device_is_there(device));
	ck_assert_str_eq(device_name(device), "first, second");
	ck_assert_str_eq(device_error(device),
			 "first: open failed: No such file or directory; "
			 "second: open failed: No such file or directory");

	provide(NULL, "second");
	await_name("second");
	unlink(asoundrc);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("device");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, the_null_device_is_there_at_once);
	tcase_add_test(tc, the_null_device_can_be_like_one_that_does_not_rewind);
	tcase_add_test(tc, a_device_that_is_not_there_is_tried_again_until_it_is);
	tcase_add_test(tc, a_device_that_nobody_has_taken_is_closed_at_the_end);
	tcase_add_test(tc, a_lost_device_is_closed_and_opened_again);
	tcase_add_test(tc, the_first_that_opens_is_taken_and_a_better_one_when_it_comes);
	tcase_add_test(tc, when_the_best_is_lost_another_is_taken_at_once);
	tcase_add_test(tc, when_none_opens_it_is_said_of_each);
	return suite_run("device", tc);
}
