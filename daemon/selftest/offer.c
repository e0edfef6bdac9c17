/* SPDX-License-Identifier: MIT */
/*
 * What a PCM has, as the hardware parameters tell it before anything is set.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alsa_params.h"
#include "parts.h"

static const unsigned int usual_rates[] = {8000,   11025,  16000,  22050, 24000,
					   32000,  44100,  48000,  88200, 96000,
					   176400, 192000, 352800, 384000};

static const struct {
	snd_pcm_format_t alsa;
	const char *name;
} our_formats[] = {
	{SND_PCM_FORMAT_S16_LE, "s16le"},    {SND_PCM_FORMAT_S16_BE, "s16be"},
	{SND_PCM_FORMAT_S24_LE, "s24le"},    {SND_PCM_FORMAT_S24_BE, "s24be"},
	{SND_PCM_FORMAT_S24_3LE, "s24_3le"}, {SND_PCM_FORMAT_S24_3BE, "s24_3be"},
	{SND_PCM_FORMAT_S32_LE, "s32le"},    {SND_PCM_FORMAT_S32_BE, "s32be"},
	{SND_PCM_FORMAT_FLOAT_LE, "f32le"},  {SND_PCM_FORMAT_FLOAT_BE, "f32be"},
};

static void learn_rates(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, struct offer *o)
{
	snd_pcm_hw_params_get_rate_min(hw, &o->rate_min, NULL);
	snd_pcm_hw_params_get_rate_max(hw, &o->rate_max, NULL);
	for (size_t i = 0; i < sizeof(usual_rates) / sizeof(usual_rates[0]); i++)
		if (snd_pcm_hw_params_test_rate(pcm, hw, usual_rates[i], 0) == 0)
			o->rates[o->num_rates++] = usual_rates[i];
}

static void learn_formats(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, struct offer *o)
{
	size_t len = 0;

	for (size_t i = 0; i < sizeof(our_formats) / sizeof(our_formats[0]); i++)
		if (snd_pcm_hw_params_test_format(pcm, hw, our_formats[i].alsa) == 0)
			len += (size_t)snprintf(o->formats + len,
						sizeof(o->formats) - len, "%s%s",
						len ? " " : "", our_formats[i].name);
}

/* What the daemon would call the layout. */
static void learn_map(const snd_pcm_chmap_t *map, struct offer *o)
{
	struct layout layout = {0};

	if (o->num_maps == SELFTEST_MAPS || map->channels > CHANNELS_MAX)
		return;
	for (unsigned int i = 0; i < map->channels; i++) {
		unsigned int at = map->pos[i] & SND_CHMAP_POSITION_MASK;

		layout.at[i] = at < NUM_CHANNELS && !(map->pos[i] & SND_CHMAP_DRIVER_SPEC)
				       ? (uint8_t)at
				       : CHANNEL_UNKNOWN;
	}
	layout_write(&layout, map->channels, o->maps[o->num_maps++]);
}

static void learn_maps(snd_pcm_t *pcm, struct offer *o)
{
	snd_pcm_chmap_query_t **maps = snd_pcm_query_chmaps(pcm);

	for (int i = 0; maps && maps[i]; i++)
		learn_map(&maps[i]->map, o);
	if (maps)
		snd_pcm_free_chmaps(maps);
}

/* They depend on the rate and the channels. */
static void learn_sizes(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw,
			const struct config_output *c, struct offer *o)
{
	snd_pcm_uframes_t low = 0, high = 0;

	if (snd_pcm_hw_params_set_rate(pcm, hw, c->rate, 0) < 0 ||
	    snd_pcm_hw_params_set_channels(pcm, hw, c->channels) < 0)
		return;
	snd_pcm_hw_params_get_buffer_size_min(hw, &low);
	snd_pcm_hw_params_get_buffer_size_max(hw, &high);
	o->buffer_min = (uint32_t)low;
	o->buffer_max = high < UINT32_MAX ? (uint32_t)high : UINT32_MAX;
	snd_pcm_hw_params_get_period_size_min(hw, &low, NULL);
	snd_pcm_hw_params_get_period_size_max(hw, &high, NULL);
	o->period_min = (uint32_t)low;
	o->period_max = high < UINT32_MAX ? (uint32_t)high : UINT32_MAX;
}

static void learn_name(snd_pcm_t *pcm, struct offer *o)
{
	snd_pcm_type_t type = snd_pcm_type(pcm);
	snd_pcm_info_t *info;

	snd_pcm_info_alloca(&info);
	o->is_hw = type == SND_PCM_TYPE_HW;
	snprintf(o->kind, sizeof(o->kind), "%s", snd_pcm_type_name(type));
	if (snd_pcm_info(pcm, info) == 0)
		snprintf(o->card, sizeof(o->card), "%s", snd_pcm_info_get_name(info));
}

int offer_learn(const struct config_output *c, struct offer *ret, char **ret_error)
{
	snd_pcm_hw_params_t *hw;
	snd_pcm_t *pcm;
	int r = snd_pcm_open(&pcm, c->device, SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK);

	if (r < 0)
		return alsa_refuse(ret_error, r, "open failed: %s", snd_strerror(r));
	*ret = (struct offer){0};
	snd_pcm_hw_params_alloca(&hw);
	r = snd_pcm_hw_params_any(pcm, hw);
	if (r < 0)
		r = alsa_refuse(ret_error, r, "it does not tell what it offers: %s",
				snd_strerror(r));
	if (r >= 0) {
		learn_name(pcm, ret);
		learn_rates(pcm, hw, ret);
		learn_formats(pcm, hw, ret);
		snd_pcm_hw_params_get_channels_min(hw, &ret->channels_min);
		snd_pcm_hw_params_get_channels_max(hw, &ret->channels_max);
		learn_maps(pcm, ret);
		learn_sizes(pcm, hw, c, ret);
	}
	snd_pcm_close(pcm);
	snd_config_update_free_global();
	return r < 0 ? r : 0;
}
