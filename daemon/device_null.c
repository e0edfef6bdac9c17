/* SPDX-License-Identifier: MIT */
/*
 * It rewinds, unless it is told to be like a device that does not.
 */
#include "device_null.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "layout.h"

enum { LOW_WATER_MAX_MS = 50 };

/* The sink and its buffer. */
struct null_device {
	struct sink_null null;
	uint8_t buffer[];
};

uint32_t device_null_format(const struct config_output *c)
{
	return c->format < 0 ? FORMAT_S16 : (uint32_t)c->format;
}

static void null_free(struct sink *s)
{
	free(s);
}

/* A tape has the format with which it began, whatever the settings say by now. */
static void set_constants(struct sink *s, const struct config_output *c,
			  const struct tape *tape)
{
	uint32_t low = config_frames(c, LOW_WATER_MAX_MS), depth;

	s->free = null_free;
	s->rate = c->rate;
	s->channels = c->channels;
	s->layout = layout_of_output(c);
	s->format = tape ? tape->format : device_null_format(c);
	s->dither_bits = config_dither_bits(c, formats[s->format].bits);
	s->rewinds = c->rewind != REWIND_NO;
	s->spare = s->rewinds ? 0 : config_frames(c, c->xrun_margin_ms);
	s->buffer = config_frames(c, s->rewinds ? c->buffer_ms : c->short_buffer_ms) +
		    s->spare;
	depth = s->buffer - s->spare;
	s->guard =
		(uint32_t)(((uint64_t)c->rewind_guard_us * c->rate + 999999) / 1000000);
	s->low_water = depth / 4 < low ? depth / 4 : low;
	s->idle = config_frames(c, c->idle_ms);
	s->look = config_frames(c, c->look_ms);
}

int device_null_open(const struct config_output *c, struct tape *tape, struct sink **ret,
		     struct device_info *info)
{
	struct sink constants = {0};
	struct null_device *d;

	set_constants(&constants, c, tape);
	d = calloc(1, sizeof(*d) + (size_t)constants.buffer * c->channels *
					   formats[constants.format].bytes);
	if (!d)
		return -ENOMEM;
	d->null.sink = constants;
	sink_null_init(&d->null, d->buffer, tape, NULL, NULL);

	*info = (struct device_info){.period = constants.low_water,
				     .bits = formats[constants.format].bits};
	snprintf(info->format, sizeof(info->format), "%s",
		 formats[constants.format].name);
	snprintf(info->access, sizeof(info->access), "memory");
	*ret = &d->null.sink;
	return 0;
}
