/* SPDX-License-Identifier: MIT */
/*
 * A daemon whose output has two sound cards, the better of which is plugged in while it plays on
 * the other; and is pulled out again.
 */
#include <string.h>
#include <unistd.h>

#include "audd.h"
#include "client.h"
#include "suite.h"

enum { RATE = 8000, NUMBERS = 30000, PATIENCE_MS = 8000 };

static struct audd audd;
static struct client client;
static char plug[64], heard[64]; /* of the better card: it is there; what it played */
static uint64_t source;

static void set_plugged(bool plugged)
{
	FILE *f;

	if (!plugged) {
		unlink(plug);
		return;
	}
	f = fopen(plug, "we");
	ck_assert_ptr_nonnull(f);
	fclose(f);
}

static void start(bool rewinds)
{
	const char *word = rewinds ? "yes" : "no";
	char config[128], cards[256];

	snprintf(plug, sizeof(plug), "/tmp/audd-plug.%d", getpid());
	snprintf(heard, sizeof(heard), "/tmp/audd-better.%d", getpid());
	snprintf(config, sizeof(config),
		 "[output desk]\nrate = %d\ndevice = better, card\nrewind = %s\n", RATE,
		 word);
	snprintf(cards, sizeof(cards),
		 "rewinds %s }\npcm.better { type fake file \"%s\" present \"%s\" "
		 "format S16_LE channels 2 rewinds %s",
		 word, heard, plug, word);
	audd_start_on_card(&audd, config, cards);
	client_init(&client, audd.socket);
	client.rate = RATE;
	source = client_source(&client, 2, 5000);
}

static void tear_down(void)
{
	client_done(&client);
	audd_done(&audd);
	unlink(plug);
	unlink(heard);
}

static void push_numbers(void)
{
	static int16_t samples[2 * NUMBERS];

	for (int i = 0; i < 2 * NUMBERS; i++)
		samples[i] = (int16_t)(i / 2 + 1);
	client_capture(&client, source, samples, 2, NUMBERS);
}

static bool plays_on(const char *name)
{
	const Aud__Reply *r = client_await(&client, client_status(&client));

	return strcmp(r->get_daemon_status->outputs[0]->device, name) == 0;
}

static void await_device(const char *name)
{
	for (int ms = 0; !plays_on(name); ms += 10) {
		ck_assert_int_lt(ms, PATIENCE_MS);
		audd_pause(10);
	}
}

/* How often each number was heard, on one of the cards. */
static void add_up(const char *path, int *counts)
{
	FILE *f = fopen(path, "re");
	int16_t frame[2];

	ck_assert_ptr_nonnull(f);
	while (fread(frame, sizeof(frame), 1, f) == 1) {
		ck_assert_int_eq(frame[0], frame[1]);
		ck_assert_int_ge(frame[0], 0);
		counts[frame[0]]++;
	}
	fclose(f);
}

START_TEST(a_better_card_that_comes_is_taken_and_each_frame_is_heard_once)
{
	static int counts[32768], before[32768];

	start(_i);
	push_numbers();
	await_device("card");
	audd_pause(300);
	set_plugged(true);
	await_device("better");
	client_play_out(&client, source);
	ck_assert_uint_eq(client_look_at(&client, source)->silence, 0);
	ck_assert_int_eq(audd_stop(&audd), 0);

	add_up(audd.wav, before);
	ck_assert_int_eq(before[1], 1);
	ck_assert_int_eq(before[NUMBERS], 0);
	add_up(audd.wav, counts);
	add_up(heard, counts);
	for (int n = 1; n <= NUMBERS; n++)
		ck_assert_msg(counts[n] == 1, "frame %d was heard %d times", n,
			      counts[n]);
}
END_TEST

START_TEST(when_it_is_pulled_out_the_other_goes_on_and_nothing_is_lost)
{
	static int counts[32768];

	start(true);
	set_plugged(true);
	push_numbers();
	await_device("better");
	audd_pause(300);
	set_plugged(false);
	await_device("card");
	client_play_out(&client, source);
	ck_assert_uint_eq(client_look_at(&client, source)->heard, NUMBERS);
	ck_assert_int_eq(audd_stop(&audd), 0);

	/* What was heard since the last look, nobody can know. */
	add_up(audd.wav, counts);
	add_up(heard, counts);
	for (int n = 1; n <= NUMBERS; n++)
		ck_assert_int_ge(counts[n], 1);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("fallback");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, NULL, tear_down);
	tcase_add_loop_test(
		tc, a_better_card_that_comes_is_taken_and_each_frame_is_heard_once, 0, 2);
	tcase_add_test(tc, when_it_is_pulled_out_the_other_goes_on_and_nothing_is_lost);
	return suite_run("fallback", tc);
}
