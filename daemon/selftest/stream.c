/* SPDX-License-Identifier: MIT */
/*
 * The sink that the player would have, with the device's own words beside what the sink makes
 * of them: it trusts no delay that cannot be, and that is what is asked here.
 */
#include <errno.h>
#include <stdlib.h>

#include "parts.h"

enum { BLOCK = 1024 }; /* frames */

int stream_open(struct stream *s, const struct config_output *c, char **ret_error)
{
	int r;

	*s = (struct stream){0};
	s->silence = calloc((size_t)BLOCK * c->channels, sizeof(*s->silence));
	if (!s->silence)
		return -ENOMEM;
	r = device_alsa_open(c, &s->sink, &s->info, ret_error);
	s->alsa = (struct sink_alsa *)s->sink;
	return r;
}

void stream_close(struct stream *s)
{
	if (s->sink)
		s->sink->free(s->sink);
	free(s->silence);
	*s = (struct stream){0};
}

int stream_look(struct stream *s, struct look *ret)
{
	struct sink_clock clock;
	int r = s->sink->ops->clock(s->sink, &clock);
	snd_pcm_sframes_t delay;

	if (r < 0)
		return r;
	delay = snd_pcm_status_get_delay(s->alsa->status);
	ret->when_ns = clock.when_ns;
	ret->held = s->sink->buffer - clock.room;
	ret->heard = (int64_t)s->written - delay;
	ret->behind = delay - (int64_t)ret->held;
	return 0;
}

int stream_fill(struct stream *s, uint32_t frames)
{
	struct sink_clock clock;
	int r = s->sink->ops->clock(s->sink, &clock);

	while (r >= 0 && clock.room > s->sink->buffer - frames) {
		uint32_t n = clock.room - (s->sink->buffer - frames);

		r = s->sink->ops->write(s->sink, s->silence, n < BLOCK ? n : BLOCK);
		if (r <= 0)
			break;
		s->written += (uint32_t)r;
		clock.room -= (uint32_t)r < clock.room ? (uint32_t)r : clock.room;
	}
	return r < 0 ? r : 0;
}

int stream_start(struct stream *s, uint32_t frames)
{
	int r = s->sink->ops->stop(s->sink);

	s->written = 0;
	if (r == 0)
		r = stream_fill(s, frames);
	return r < 0 ? r : s->sink->ops->start(s->sink);
}
