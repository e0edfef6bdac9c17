/* SPDX-License-Identifier: MIT */
/*
 * Each hardware parameter narrows down what the device offers for the next; one that it
 * refuses changes nothing, so it can be asked what it would have taken instead.
 *
 * Which format: a 16-bit source comes out bit for bit in each of them, so the others count.
 * s32 first: it is what converters of 24 bits take in Linux (which then say how many of the bits
 * they use), and keeps all of a sum of sources. Then f32, which keeps as much, but which hardly
 * any card has: who offers it will convert once more. Then 24 bits, packed ones last, as they are
 * dearer to write. Then s16, where a sum or a gain is rounded. A PCM that converts (plug) says
 * that it has all of them; 32 bits lose nothing on the way there. The other byte order costs
 * next to nothing: it comes right behind.
 */
#include "alsa_params.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "rt/format.h"

/* Best first. */
static const struct wish {
	snd_pcm_format_t alsa;
	enum sample_format format;
} wishes[] = {
	{SND_PCM_FORMAT_S32_LE, FORMAT_LE(FORMAT_S32)},
	{SND_PCM_FORMAT_S32_BE, FORMAT_BE(FORMAT_S32)},
	{SND_PCM_FORMAT_FLOAT_LE, FORMAT_LE(FORMAT_F32)},
	{SND_PCM_FORMAT_FLOAT_BE, FORMAT_BE(FORMAT_F32)},
	{SND_PCM_FORMAT_S24_LE, FORMAT_LE(FORMAT_S24)},
	{SND_PCM_FORMAT_S24_BE, FORMAT_BE(FORMAT_S24)},
	{SND_PCM_FORMAT_S24_3LE, FORMAT_LE(FORMAT_S24_3)},
	{SND_PCM_FORMAT_S24_3BE, FORMAT_BE(FORMAT_S24_3)},
	{SND_PCM_FORMAT_S16_LE, FORMAT_LE(FORMAT_S16)},
	{SND_PCM_FORMAT_S16_BE, FORMAT_BE(FORMAT_S16)},
};
enum { PERIOD_MAX_MS = 50, BATCH_MAX_MS = 5 };
enum { NUM_WISHES = sizeof(wishes) / sizeof(wishes[0]) };

struct range_text {
	char text[32];
};

int alsa_refuse(char **ret_error, int error, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	*ret_error = text;
	return error;
}

static struct range_text range_text(unsigned int low, unsigned int high)
{
	struct range_text r;

	if (low == high)
		snprintf(r.text, sizeof(r.text), "%u", low);
	else
		snprintf(r.text, sizeof(r.text), "%u to %u", low, high);
	return r;
}

static int set_access(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, int wanted, bool *ret_mmap,
		      char **ret_error)
{
	static const char *const names[] = {
		[ACCESS_AUTO] = "mmap or read/write",
		[ACCESS_MMAP] = "mmap",
		[ACCESS_RW] = "read/write",
	};

	*ret_mmap = wanted != ACCESS_RW &&
		    snd_pcm_hw_params_set_access(pcm, hw,
						 SND_PCM_ACCESS_MMAP_INTERLEAVED) == 0;
	if (*ret_mmap)
		return 0;
	if (wanted != ACCESS_MMAP &&
	    snd_pcm_hw_params_set_access(pcm, hw, SND_PCM_ACCESS_RW_INTERLEAVED) == 0)
		return 0;
	return alsa_refuse(ret_error, -EINVAL, "it has no interleaved %s access",
			   names[wanted]);
}

/* Names of all that the device has, or the first of them. */
static void list_formats(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (int f = 0; f <= SND_PCM_FORMAT_LAST && len < size; f++)
		if (snd_pcm_hw_params_test_format(pcm, hw, f) == 0)
			len += (size_t)snprintf(buf + len, size - len, "%s%s",
						len ? ", " : "", snd_pcm_format_name(f));
}

static int set_format(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, int wanted,
		      uint32_t *ret_format, char **ret_error)
{
	char offered[128];

	for (int i = 0; i < NUM_WISHES; i++) {
		if (wanted >= 0 && wanted != (int)wishes[i].format)
			continue;
		if (snd_pcm_hw_params_set_format(pcm, hw, wishes[i].alsa) < 0)
			continue;
		*ret_format = wishes[i].format;
		return 0;
	}
	list_formats(pcm, hw, offered, sizeof(offered));
	return alsa_refuse(ret_error, -EINVAL, "it offers %s, not %s", offered,
			   wanted >= 0 ? formats[wanted].name
				       : "s32, f32, s24, s24_3 or s16");
}

static int set_channels(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, uint32_t wanted,
			char **ret_error)
{
	unsigned int low = 0, high = 0;

	if (snd_pcm_hw_params_set_channels(pcm, hw, wanted) == 0)
		return 0;
	snd_pcm_hw_params_get_channels_min(hw, &low);
	snd_pcm_hw_params_get_channels_max(hw, &high);
	return alsa_refuse(ret_error, -EINVAL, "it has %s channel%s, not %u",
			   range_text(low, high).text, high == 1 ? "" : "s", wanted);
}

static int set_rate(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, uint32_t wanted,
		    char **ret_error)
{
	unsigned int low = 0, high = 0;

	if (snd_pcm_hw_params_set_rate(pcm, hw, wanted, 0) == 0)
		return 0;
	snd_pcm_hw_params_get_rate_min(hw, &low, NULL);
	snd_pcm_hw_params_get_rate_max(hw, &high, NULL);
	return alsa_refuse(ret_error, -EINVAL, "it offers %s Hz, not %u",
			   range_text(low, high).text, wanted);
}

/* Nobody waits for a period. But it is at the end of one that the kernel sees that nothing more is
 * there, and stops, if we do not look; and a device that moves its data by whole ones has a better
 * clock and gives back more, the smaller they are. Each is an interrupt. */
static uint32_t longest_period(snd_pcm_hw_params_t *hw, uint32_t rate, bool *ret_batch)
{
	*ret_batch = snd_pcm_hw_params_is_batch(hw) > 0;
	return rate * (*ret_batch ? BATCH_MAX_MS : PERIOD_MAX_MS) / 1000;
}

/* The device takes sizes near those asked for. */
static int set_buffer(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, uint64_t frames,
		      uint64_t spare, uint32_t most_period)
{
	snd_pcm_uframes_t buffer = frames + spare, period;
	int r = snd_pcm_hw_params_set_buffer_size_near(pcm, hw, &buffer);

	if (r < 0)
		return r;
	if (frames > buffer)
		frames = buffer;
	period = frames / 4 < most_period ? frames / 4 : most_period;
	return snd_pcm_hw_params_set_period_size_near(pcm, hw, &period, NULL);
}

static uint32_t bits_of(snd_pcm_hw_params_t *hw, uint32_t format)
{
	int bits = snd_pcm_hw_params_get_sbits(hw);

	return bits > 0 && (uint32_t)bits < formats[format].bits ? (uint32_t)bits
								 : formats[format].bits;
}

static int install(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, struct alsa_params *ret)
{
	snd_pcm_uframes_t buffer = 0, period = 0;
	int r = snd_pcm_hw_params(pcm, hw);

	if (r < 0)
		return r;
	ret->bits = bits_of(hw, ret->format);
	r = snd_pcm_hw_params_get_buffer_size(hw, &buffer);
	if (r == 0)
		r = snd_pcm_hw_params_get_period_size(hw, &period, NULL);
	if (r < 0)
		return r;
	ret->buffer = (uint32_t)buffer;
	ret->period = (uint32_t)period;
	return 0;
}

static int set_hardware(snd_pcm_t *pcm, const struct config_output *c, uint32_t buffer_ms,
			uint32_t spare_ms, struct alsa_params *ret, char **ret_error)
{
	snd_pcm_hw_params_t *hw;
	int r;

	snd_pcm_hw_params_alloca(&hw);
	snd_pcm_hw_free(pcm);
	r = snd_pcm_hw_params_any(pcm, hw);
	if (r < 0)
		return r;
	r = set_access(pcm, hw, c->access, &ret->mmap, ret_error);
	if (r == 0)
		r = set_format(pcm, hw, c->format, &ret->format, ret_error);
	if (r == 0)
		r = set_channels(pcm, hw, c->channels, ret_error);
	if (r == 0)
		r = set_rate(pcm, hw, c->rate, ret_error);
	if (r == 0)
		r = set_buffer(pcm, hw, (uint64_t)c->rate * buffer_ms / 1000,
			       (uint64_t)c->rate * spare_ms / 1000,
			       longest_period(hw, c->rate, &ret->batch));
	return r < 0 ? r : install(pcm, hw, ret);
}

/* Starting is the sink's act alone, an underrun stops, and nothing waits in poll for room. */
static int set_software(snd_pcm_t *pcm, uint32_t buffer)
{
	snd_pcm_sw_params_t *sw;
	snd_pcm_uframes_t boundary;
	int r;

	snd_pcm_sw_params_alloca(&sw);
	r = snd_pcm_sw_params_current(pcm, sw);
	if (r < 0)
		return r;
	r = snd_pcm_sw_params_get_boundary(sw, &boundary);
	if (r == 0)
		r = snd_pcm_sw_params_set_start_threshold(pcm, sw, boundary);
	if (r == 0)
		r = snd_pcm_sw_params_set_stop_threshold(pcm, sw, buffer);
	if (r < 0)
		return r;
	/* The rest is for other users of a PCM, or what all have by default. */
	snd_pcm_sw_params_set_avail_min(pcm, sw, buffer);
	/* The kernel puts silence where it has played: a device that runs dry goes round in its
	 * buffer until the end of a period. */
	snd_pcm_sw_params_set_silence_threshold(pcm, sw, 0);
	snd_pcm_sw_params_set_silence_size(
		pcm, sw, snd_pcm_type(pcm) == SND_PCM_TYPE_HW ? boundary : 0);
	snd_pcm_sw_params_set_tstamp_mode(pcm, sw, SND_PCM_TSTAMP_ENABLE);
	snd_pcm_sw_params_set_tstamp_type(pcm, sw, SND_PCM_TSTAMP_TYPE_MONOTONIC);
	return snd_pcm_sw_params(pcm, sw);
}

int alsa_params_set(snd_pcm_t *pcm, const struct config_output *c, uint32_t buffer_ms,
		    uint32_t spare_ms, struct alsa_params *ret, char **ret_error)
{
	struct alsa_params params = {0};
	char *error = NULL;
	int r = set_hardware(pcm, c, buffer_ms, spare_ms, &params, &error);

	if (r == 0)
		r = set_software(pcm, params.buffer);
	if (r < 0 && error)
		*ret_error = error;
	else if (r < 0)
		alsa_refuse(ret_error, r, "its parameters cannot be set: %s",
			    snd_strerror(r));
	else
		*ret = params;
	return r;
}
