/* SPDX-License-Identifier: MIT */
/*
 * One life after the other, in one folder.
 */
#include "lives.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { PATIENCE_MS = 10000 };

void lives_init(struct lives *l, const char *config, const char *card)
{
	audd_make_card(&l->audd, config, card);
	fake_systemd_init(&l->systemd, l->audd.dir, l->audd.socket);
}

void lives_done(struct lives *l)
{
	if (l->audd.pid)
		lives_kill(l);
	fake_systemd_done(&l->systemd);
	audd_done(&l->audd);
}

void lives_begin(struct lives *l)
{
	const char *args[] = {BUILD_DIR "/audd",
			      "--config",
			      l->audd.config,
			      "--backend",
			      "alsa",
			      "--device",
			      "card",
			      NULL};

	l->audd.pid = fake_systemd_start(&l->systemd, args, l->audd.log);
	for (int ms = 0; !fake_systemd_is_ready(&l->systemd); ms++) {
		ck_assert_msg(ms < PATIENCE_MS, "the daemon is not ready");
		ck_assert_msg(waitpid(l->audd.pid, NULL, WNOHANG) == 0,
			      "the daemon has ended");
		audd_pause(1);
	}
}

void lives_stop(struct lives *l)
{
	ck_assert_int_eq(audd_stop(&l->audd), 0);
	fake_systemd_catch_up(&l->systemd);
}

void lives_kill(struct lives *l)
{
	kill(l->audd.pid, SIGKILL);
	waitpid(l->audd.pid, NULL, 0);
	l->audd.pid = 0;
	fake_systemd_catch_up(&l->systemd);
}

void lives_configure(struct lives *l, const char *config)
{
	audd_configure(&l->audd, config);
}

size_t lives_heard(const struct lives *l, int16_t **ret)
{
	int16_t *samples;
	size_t n = audd_recording(&l->audd, &samples) / 2;

	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(samples[2 * i], samples[2 * i + 1]);
		samples[i] = samples[2 * i];
	}
	*ret = samples;
	return n;
}
