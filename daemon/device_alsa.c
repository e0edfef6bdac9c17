/* SPDX-License-Identifier: MIT */
/*
 * Opens a PCM, finds out whether it rewinds, and makes a sink of it. A device that rewinds
 * gets a deep buffer, since what is in it can be had back; any other gets a short one.
 *
 * Many PCMs say that they rewind and do not: dmix leaves in the mix what it has mixed, a
 * plugin that hands its data on to a server cannot have it back, and alsa-lib moves the
 * pointer all the same. So only the kernel's own PCMs are believed, and only after a trial:
 * drivers may refuse.
 */
#include "device_alsa.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "alsa_params.h"
#include "device_kept.h"
#include "layout.h"
#include "rt/sink_alsa.h"

_Static_assert((int)CHANNEL_RRC == SND_CHMAP_RRC && (int)CHANNEL_FL == SND_CHMAP_FL &&
		       (int)CHANNEL_LFE == SND_CHMAP_LFE,
	       "channels have ALSA's numbers");

enum {
	TRIAL_FRAMES = 128,
	LOW_WATER_MIN_MS = 10,
	LOW_WATER_MAX_MS = 50,
	PERIODS_MIN = 3, /* in use, of a device that has only long ones */
};

static void no_line(const char *file, int line, const char *function, int error,
		    const char *format, ...)
{
	(void)file, (void)line, (void)function, (void)error, (void)format;
}

void device_alsa_quiet(void)
{
	snd_lib_error_set_handler(no_line);
}

/* The sink owns what it needs: whoever has it, has the device. */
static void free_device(struct sink *sink)
{
	struct sink_alsa *s = (struct sink_alsa *)sink;

	if (s->pcm)
		snd_pcm_close(s->pcm);
	if (sink->kept_as)
		device_kept_forget(sink->kept_as);
	if (s->status)
		snd_pcm_status_free(s->status);
	free(s->scratch);
	free(s);
}

/* Frames left at which the player writes more: early enough for a late wake-up, and where the
 * pointers move by whole periods, a period before there are none. */
static uint32_t low_water(uint32_t rate, uint32_t depth, uint32_t period)
{
	uint32_t least = rate * LOW_WATER_MIN_MS / 1000;
	uint32_t most = rate * LOW_WATER_MAX_MS / 1000;
	uint32_t n = depth / 4;

	if (n > most)
		n = most;
	else if (n < least)
		n = least < depth / 2 ? least : depth / 2;
	if (n < period)
		n = period < depth / 4 * 3 ? period : depth / 4 * 3;
	return n;
}

/* How much of the buffer is used at first. A device that has only longer ones is not filled up. */
static uint32_t depth_of(const struct config_output *c, const struct alsa_params *params,
			 bool rewinds)
{
	uint32_t depth = config_frames(c, c->short_buffer_ms);

	if (depth < PERIODS_MIN * params->period)
		depth = PERIODS_MIN * params->period;
	return rewinds || depth > params->buffer ? params->buffer : depth;
}

/* Of a device that moves its data by whole periods, what lies in the one after its pointer may
 * be gone already. */
static uint32_t guard_of(const struct config_output *c, const struct alsa_params *params)
{
	uint64_t us = c->rewind_guard_us;

	return (uint32_t)((us * c->rate + 999999) / 1000000) +
	       (params->batch ? params->period : 0);
}

static void set_constants(struct sink *s, const struct config_output *c,
			  const struct alsa_params *params, bool rewinds)
{
	uint32_t depth = depth_of(c, params, rewinds);

	s->rate = c->rate;
	s->channels = c->channels;
	s->format = params->format;
	s->dither_bits = config_dither_bits(c, params->bits);
	s->buffer = params->buffer;
	s->spare = params->buffer - depth;
	s->guard = guard_of(c, params);
	s->low_water = low_water(c->rate, depth, params->period);
	s->idle = config_frames(c, c->idle_ms);
	s->look = config_frames(c, c->look_ms);
}

/* What the device calls a channel; 0 if it has no name for it that is one of ours. */
static uint8_t channel_of(unsigned int position)
{
	if (position & SND_CHMAP_DRIVER_SPEC)
		return CHANNEL_UNKNOWN;
	position &= SND_CHMAP_POSITION_MASK;
	return position < NUM_CHANNELS ? (uint8_t)position : CHANNEL_UNKNOWN;
}

/* As the settings say, else as the device does; else in ALSA's order. */
static void set_layout(struct sink *s, const struct config_output *c, snd_pcm_t *pcm)
{
	snd_pcm_chmap_t *map = c->layout ? NULL : snd_pcm_get_chmap(pcm);
	bool any = false;

	s->layout = layout_of_output(c);
	for (uint32_t i = 0; map && i < map->channels; i++)
		any = any || channel_of(map->pos[i]) != CHANNEL_UNKNOWN;
	if (any && map->channels == s->channels && s->channels > 1)
		for (uint32_t i = 0; i < s->channels; i++)
			s->layout.at[i] = channel_of(map->pos[i]);
	free(map);
}

static int configure(struct sink_alsa *s, const struct config_output *c, bool rewinds,
		     struct alsa_params *ret, char **ret_error)
{
	uint32_t buffer_ms = rewinds ? c->buffer_ms : c->short_buffer_ms;
	uint32_t spare_ms = rewinds ? 0 : c->xrun_margin_ms;
	uint8_t *scratch = NULL;
	int r = alsa_params_set(s->pcm, c, buffer_ms, spare_ms, ret, ret_error);

	if (r < 0)
		return r;
	if (!ret->mmap) {
		scratch = calloc(SINK_ALSA_BLOCK,
				 (size_t)c->channels * formats[ret->format].bytes);
		if (!scratch)
			return alsa_refuse(ret_error, -ENOMEM, "no memory");
	}
	free(s->scratch);
	set_constants(&s->sink, c, ret, rewinds);
	set_layout(&s->sink, c, s->pcm);
	sink_alsa_init(s, s->pcm, s->status, scratch,
		       snd_pcm_type(s->pcm) == SND_PCM_TYPE_HW);
	return 0;
}

/* Writes some silence and takes half of it back, without playing: whether the PCM did that,
 * and its pointers agree. A negative errno if it cannot even be stopped again. */
static int try_rewind(struct sink_alsa *alsa)
{
	struct sink *s = &alsa->sink;
	int n = s->buffer < TRIAL_FRAMES ? (int)s->buffer : TRIAL_FRAMES;
	float *silence = calloc((size_t)n * s->channels, sizeof(*silence));
	bool ok;
	int r;

	if (!silence)
		return -ENOMEM;
	s->rewinds = true;
	ok = s->ops->write(s, silence, (uint32_t)n) == n &&
	     s->ops->take_back(s, (uint32_t)n / 2) == n / 2 &&
	     snd_pcm_avail_update(alsa->pcm) == (int)s->buffer - (n - n / 2);
	free(silence);
	r = s->ops->stop(s);
	return r < 0 ? r : ok;
}

static bool may_rewind(const struct config_output *c, snd_pcm_t *pcm)
{
	return c->rewind == REWIND_YES ||
	       (c->rewind == REWIND_AUTO && snd_pcm_type(pcm) == SND_PCM_TYPE_HW);
}

/* Everything behind snd_pcm_open. */
static int set_up(struct sink_alsa *s, const struct config_output *c,
		  struct alsa_params *ret, char **ret_error)
{
	bool hope = may_rewind(c, s->pcm);
	int r = configure(s, c, hope, ret, ret_error);

	if (r < 0 || !hope)
		return r;
	r = try_rewind(s);
	if (r < 0)
		return alsa_refuse(ret_error, r,
				   "it failed when silence was written to it: %s",
				   snd_strerror(r));
	s->sink.rewinds = r > 0;
	return r > 0 ? 0 : configure(s, c, false, ret, ret_error);
}

static void fill_info(struct device_info *info, snd_pcm_t *pcm,
		      const struct alsa_params *params)
{
	snprintf(info->format, sizeof(info->format), "%s", formats[params->format].name);
	snprintf(info->access, sizeof(info->access), "%s", params->mmap ? "mmap" : "rw");
	info->period = params->period;
	info->bits = params->bits;
	info->batch = params->batch;
	info->alsa_locks = snd_pcm_type(pcm) != SND_PCM_TYPE_HW;
}

/* Only the kernel plays on by itself. */
static uint64_t keep(snd_pcm_t *pcm)
{
	struct pollfd fds;

	if (snd_pcm_type(pcm) != SND_PCM_TYPE_HW || !fd_store_is_there() ||
	    snd_pcm_poll_descriptors(pcm, &fds, 1) != 1)
		return 0;
	return device_kept_add(fds.fd);
}

static int open_device(struct sink_alsa *s, const struct config_output *c,
		       struct device_info *info, char **ret_error)
{
	struct alsa_params params;
	int r;

	if (snd_pcm_status_malloc(&s->status) < 0)
		return alsa_refuse(ret_error, -ENOMEM, "no memory");
	r = snd_pcm_open(&s->pcm, c->device, SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK);
	if (r < 0) {
		s->pcm = NULL;
		return alsa_refuse(ret_error, r, "open failed: %s", snd_strerror(r));
	}
	r = set_up(s, c, &params, ret_error);
	if (r < 0)
		return r;
	fill_info(info, s->pcm, &params);
	s->sink.kept_as = keep(s->pcm);
	return 0;
}

int device_alsa_open(const struct config_output *c, struct sink **ret,
		     struct device_info *info, char **ret_error)
{
	struct sink_alsa *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return alsa_refuse(ret_error, -ENOMEM, "no memory");
	s->sink.free = free_device;
	r = open_device(s, c, info, ret_error);
	if (r < 0)
		free_device(&s->sink);
	else
		*ret = &s->sink;

	/* alsa-lib would keep all of its configuration in memory, and see a change only in
	 * the first of its files. */
	snd_config_update_free_global();
	return r;
}
