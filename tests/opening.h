/* SPDX-License-Identifier: MIT */
/*
 * The daemon's way of opening an ALSA device, over a PCM of this process that offers what the
 * test says.
 */
#ifndef TESTS_OPENING_H
#define TESTS_OPENING_H

#include "device_alsa.h"
#include "fake_pcm.h"

enum {
	OPENING_RATE = 48000,
	OPENING_DEEP = OPENING_RATE / 5,
	OPENING_SHORT = OPENING_RATE / 25,
};

struct opening {
	struct fake_pcm fake;
	/* At first: two channels, the best format, 200 ms or 40 ms, as is best. */
	struct config_output config;
	struct sink *sink;
	struct device_info info;
	char *error;
};

/* A card that the kernel drives; offer NULL: it takes anything. */
void opening_init(struct opening *o, const struct fake_pcm_offer *offer);
void opening_done(struct opening *o);

int opening_try(struct opening *o);

#endif
