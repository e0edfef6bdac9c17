/* SPDX-License-Identifier: MIT */
/*
 * snd_pcm_open finds the fake by its name.
 */
#include <stdlib.h>

#include "opening.h"

void opening_init(struct opening *o, const struct fake_pcm_offer *offer)
{
	static const struct fake_pcm_offer anything;

	*o = (struct opening){0};
	o->config.device = (char *)"fake";
	o->config.rate = OPENING_RATE;
	o->config.channels = 2;
	o->config.format = -1;
	o->config.buffer_ms = 200;
	o->config.short_buffer_ms = 40;
	o->config.rewind_guard_us = 1000;
	o->config.idle_ms = 2000;
	fake_pcm_init(&o->fake, offer ? offer : &anything);
	o->fake.name = "fake";
	o->fake.is_hw = true;
}

int opening_try(struct opening *o)
{
	return device_alsa_open(&o->config, &o->sink, &o->info, &o->error);
}

void opening_done(struct opening *o)
{
	if (o->sink)
		o->sink->free(o->sink);
	free(o->error);
	fake_pcm_done(&o->fake);
}
