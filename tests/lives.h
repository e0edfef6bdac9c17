/* SPDX-License-Identifier: MIT */
/*
 * A daemon under a systemd of the test's own, on a sound card that an ALSA plugin makes, which
 * lives on when the daemon has died: what all of its lives have played stands in one recording.
 */
#ifndef TESTS_LIVES_H
#define TESTS_LIVES_H

#include "audd.h"
#include "fake_systemd.h"

struct lives {
	struct audd audd;
	struct fake_systemd systemd;
};

/* Makes the folder, the socket and the card; starts nothing. config and card as for
 * audd_start_on_card. */
void lives_init(struct lives *l, const char *config, const char *card);
void lives_done(struct lives *l);

/* Begins a life, and waits until it says that it is ready. */
void lives_begin(struct lives *l);

/* Ends it by SIGTERM (it has to end as it should), or by SIGKILL. */
void lives_stop(struct lives *l);
void lives_kill(struct lives *l);

/* The next life has other settings. */
void lives_configure(struct lives *l, const char *config);

/* What was heard so far, as audd_recording: one sample for each frame, as both channels are
 * the same. To be freed. */
size_t lives_heard(const struct lives *l, int16_t **ret);

#endif
