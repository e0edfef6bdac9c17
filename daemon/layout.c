/* SPDX-License-Identifier: MIT */
/*
 * Names of channels, and of the layouts that have one.
 */
#include "layout.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

static const char *const names[NUM_CHANNELS] = {
	[CHANNEL_UNKNOWN] = "?", [CHANNEL_NA] = "NA",   [CHANNEL_MONO] = "MONO",
	[CHANNEL_FL] = "FL",     [CHANNEL_FR] = "FR",   [CHANNEL_RL] = "RL",
	[CHANNEL_RR] = "RR",     [CHANNEL_FC] = "FC",   [CHANNEL_LFE] = "LFE",
	[CHANNEL_SL] = "SL",     [CHANNEL_SR] = "SR",   [CHANNEL_RC] = "RC",
	[CHANNEL_FLC] = "FLC",   [CHANNEL_FRC] = "FRC", [CHANNEL_RLC] = "RLC",
	[CHANNEL_RRC] = "RRC",
};

/* In the order in which ALSA's devices have them. */
static const struct usual {
	const char *name, *channels;
} usuals[] = {
	{"mono", "MONO"},
	{"stereo", "FL FR"},
	{"2.1", "FL FR LFE"},
	{"3.0", "FL FR FC"},
	{"quad", "FL FR RL RR"},
	{"5.0", "FL FR RL RR FC"},
	{"5.1", "FL FR RL RR FC LFE"},
	{"6.1", "FL FR RL RR FC LFE RC"},
	{"7.1", "FL FR RL RR FC LFE SL SR"},
};
enum { NUM_USUALS = sizeof(usuals) / sizeof(usuals[0]) };

static const char separators[] = " ,";

/* The channel that is called so, or -1. */
static int find_channel(const char *name, size_t length)
{
	for (int i = 0; i < NUM_CHANNELS; i++)
		if (strlen(names[i]) == length && strncmp(names[i], name, length) == 0)
			return i;
	return -1;
}

static const char *spelled_out(const char *text)
{
	for (int i = 0; i < NUM_USUALS; i++)
		if (strcmp(usuals[i].name, text) == 0)
			return usuals[i].channels;
	return text;
}

/* A word that stands alone was to be a layout's name, most likely. */
static int refuse_name(const char *name, size_t length, bool alone, char *error,
		       size_t size)
{
	static const char *const others[] = {
		"channel; there are MONO, FL, FR, FC, LFE, RL, RR, RC, SL, SR, FLC, FRC, "
		"RLC, RRC and NA",
		"layout; there are mono, stereo, 2.1, 3.0, quad, 5.0, 5.1, 6.1 and 7.1, "
		"or names of channels",
	};
	char copy[16], shown[64];

	snprintf(copy, sizeof(copy), "%.*s", (int)(length < 15 ? length : 15), name);
	snprintf(error, size, "'%s' is no %s", text_escape(shown, sizeof(shown), copy),
		 others[alone]);
	return -EINVAL;
}

static int check_channel(const struct layout *l, uint32_t n, int channel, char *error,
			 size_t size)
{
	for (uint32_t i = 0; i < n; i++) {
		if (l->at[i] != channel || channel <= CHANNEL_NA)
			continue;
		snprintf(error, size, "there are two channels called %s", names[channel]);
		return -EINVAL;
	}
	return 0;
}

static int check_count(const struct layout *l, uint32_t n, uint32_t count, char *error,
		       size_t size)
{
	if (n != count) {
		snprintf(error, size, "it names %s%" PRIu32 " channels, not %" PRIu32,
			 n > CHANNELS_MAX ? "more than " : "",
			 n > CHANNELS_MAX ? CHANNELS_MAX : n, count);
		return -EINVAL;
	}
	for (uint32_t i = 0; i < n && n > 1; i++) {
		if (l->at[i] != CHANNEL_MONO)
			continue;
		snprintf(error, size, "MONO is the name of an only channel");
		return -EINVAL;
	}
	return 0;
}

int layout_read(const char *text, uint32_t count, struct layout *ret, char *error,
		size_t size)
{
	const char *at = spelled_out(text);
	struct layout l = {0};
	uint32_t n = 0;

	for (at += strspn(at, separators); *at; at += strspn(at, separators)) {
		size_t length = strcspn(at, separators);
		int channel = find_channel(at, length);

		if (channel < 0)
			return refuse_name(at, length, length == strlen(text), error,
					   size);
		if (n < CHANNELS_MAX && check_channel(&l, n, channel, error, size) < 0)
			return -EINVAL;
		if (n < CHANNELS_MAX)
			l.at[n] = (uint8_t)channel;
		n += n <= CHANNELS_MAX;
		at += length;
	}
	if (check_count(&l, n, count, error, size) < 0)
		return -EINVAL;
	*ret = l;
	return 0;
}

const char *layout_write(const struct layout *l, uint32_t count, char buf[LAYOUT_TEXT])
{
	size_t used = 0;

	buf[0] = '\0';
	for (uint32_t i = 0; i < count && i < CHANNELS_MAX; i++)
		used += (size_t)snprintf(buf + used, LAYOUT_TEXT - used, "%s%s",
					 i ? " " : "", names[l->at[i] % NUM_CHANNELS]);
	return buf;
}

bool layout_is_playable(const struct layout *l, uint32_t count, uint32_t outputs,
			uint32_t *ret_lost)
{
	for (uint32_t i = 0; i < count && count > 1 && outputs > 1; i++) {
		if (l->at[i] != CHANNEL_UNKNOWN || i < outputs)
			continue;
		*ret_lost = i;
		return false;
	}
	return true;
}

struct layout layout_of_output(const struct config_output *c)
{
	struct layout l = layout_default(c->channels);
	char error[160];

	if (c->layout)
		layout_read(c->layout, c->channels, &l, error, sizeof(error));
	return l;
}
