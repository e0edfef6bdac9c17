/* SPDX-License-Identifier: MIT */
/*
 * A daemon with three outputs, on one of which the card comes and goes, and clients on threads of their
 * own that push, clear, pause, mute, mark, move and leave as fast as they are answered, while the
 * settings are read again and again. Made for the thread sanitizer: a daemon that has found a race ends
 * with an error. And every ledger balances.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audd.h"
#include "aud.h"
#include "suite.h"

enum { RATE = 48000, CLIENTS = 6, RUN_MS = 4000, PIECE = RATE / 50 };

static const char settings[] =
	"[daemon]\nlinger_ms = 20\n"
	"[output card]\nbackend = alsa\ndevice = card\nlook_ms = %d\n"
	"[output one]\nbackend = null\nbuffer_ms = %d\nidle_ms = 20\n"
	"[output two]\nbackend = null\nrate = 44100\nduck_db = %d\n";

static struct audd audd;
static char present[64];
static atomic_bool stop;
static atomic_uint looks; /* at ledgers */

static void configure(int variant)
{
	char text[512];

	snprintf(text, sizeof(text), settings, 5 + variant, 20 + 10 * variant,
		 6 + variant);
	audd_configure(&audd, text);
}

static void plug(bool in)
{
	FILE *f = in ? fopen(present, "we") : NULL;

	if (f)
		fclose(f);
	if (!in)
		unlink(present);
}

static void set_up(void)
{
	char card[128];

	snprintf(present, sizeof(present), "/tmp/audd-test.plug.%d", getpid());
	snprintf(card, sizeof(card), "present \"%s\"", present);
	plug(true);
	audd_make_card(&audd, "", card);
	configure(0);
	audd_run(&audd);
}

static void tear_down(void)
{
	plug(false);
	audd_done(&audd);
}

static void must(int r)
{
	ck_assert_msg(r >= 0, "%s", aud_error(NULL));
}

/* What is done to a source beside pushing, chosen by chance. */
static void disturb(struct aud_source *s, unsigned int *seed)
{
	static const char *const outputs[] = {"card", "one", "two"};
	int what = rand_r(seed) % 12;

	if (what == 0)
		must(aud_source_clear_queue(s, NULL, NULL));
	if (what == 1) {
		must(aud_source_pause(s, NULL, NULL));
		must(aud_source_resume(s, NULL, NULL));
	}
	if (what == 2)
		must(aud_source_set_gain(s, (float)(rand_r(seed) % 8) / 4, 10));
	if (what == 3)
		must(aud_source_move(s, outputs[rand_r(seed) % 3], NULL, NULL));
	if (what == 4)
		must(aud_source_set_mute(s, rand_r(seed) % 2, 5));
}

static void check_ledger(struct aud_source *s)
{
	struct aud_source_status *st;

	must(aud_source_status(s, &st));
	ck_assert_uint_eq(st->pushed, st->heard + st->queued + st->dropped_cleared +
					      st->dropped_closed + st->dropped_refused);
	aud_source_status_free(st);
	atomic_fetch_add(&looks, 1);
}

static void live(struct aud *a, unsigned int *seed)
{
	static const int16_t frames[2 * PIECE];
	struct aud_source_options options = {
		.queue_size_ms = 200,
		.role = rand_r(seed) % 2 ? AUD_ROLE_SPEECH : AUD_ROLE_NONE,
	};
	struct aud_source *s;

	must(aud_source_new(a, &s, rand_r(seed) % 2 ? RATE : 24000, 2, &options));
	for (int i = 0; i < 60 && !atomic_load(&stop); i++) {
		struct aud_capture_options limits = {.at = AUD_NO_POSITION,
						     .timeout_ms = 50};
		int r = aud_source_capture_frame_with(s, frames, PIECE, &limits, NULL);

		ck_assert_msg(r >= 0 || r == -ETIMEDOUT, "%s", aud_error(NULL));
		disturb(s, seed);
		check_ledger(s);
	}
	if (rand_r(seed) % 2)
		must(aud_source_close(s, rand_r(seed) % 2));
	aud_source_free(s);
}

static void *client(void *number)
{
	unsigned int seed = *(unsigned int *)number;

	while (!atomic_load(&stop)) {
		struct aud *a;

		must(aud_connect(&a, audd.socket, "load"));
		for (int i = 0; i < 3; i++)
			live(a, &seed);
		aud_free(a);
	}
	return NULL;
}

START_TEST(a_daemon_under_load_has_no_races_and_its_ledgers_balance)
{
	pthread_t threads[CLIENTS];
	unsigned int seeds[CLIENTS];

	for (unsigned int i = 0; i < CLIENTS; i++) {
		seeds[i] = i + 1;
		pthread_create(&threads[i], NULL, client, &seeds[i]);
	}
	for (int i = 0; i < RUN_MS / 100; i++) {
		plug(i % 4 < 3);
		configure(i % 3);
		kill(audd.pid, SIGHUP);
		audd_pause(100);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < CLIENTS; i++)
		pthread_join(threads[i], NULL);

	ck_assert_uint_gt(atomic_load(&looks), 100);
	ck_assert_int_ge(audd_log_lines(&audd, "settings are read again"), 3);
	ck_assert_int_ge(audd_log_lines(&audd, "lost"), 1);
	ck_assert_int_eq(audd_log_lines(&audd, "WARNING: ThreadSanitizer"), 0);
	ck_assert_int_eq(audd_stop(&audd), 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("load");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_daemon_under_load_has_no_races_and_its_ledgers_balance);
	return suite_run("load", tc);
}
