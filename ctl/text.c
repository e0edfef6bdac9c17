/* SPDX-License-Identifier: MIT */
/*
 * Words and numbers for people.
 */
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	MAX_WORD = 32, /* letters that text_distance looks at */
	NS_PER_S = 1000000000,
};

/* Bytes of the character at s if it is well-formed UTF-8 of more than one byte and no
 * control character; else 0. */
static size_t multibyte_length(const char *s)
{
	static const struct {
		uint8_t first_min, first_max, second_min, second_max, length;
	} forms[] = {
		{0xc2, 0xc2, 0xa0, 0xbf, 2}, /* below: control characters to U+009F */
		{0xc3, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, /* above are the surrogates */
		{0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	const uint8_t *u = (const uint8_t *)s;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (u[0] < forms[i].first_min || u[0] > forms[i].first_max)
			continue;
		if (u[1] < forms[i].second_min || u[1] > forms[i].second_max)
			continue;
		for (size_t k = 2; k < forms[i].length; k++)
			if ((u[k] & 0xc0) != 0x80)
				return 0;
		return forms[i].length;
	}
	return 0;
}

const char *text_safe(char *buf, size_t size, const char *s)
{
	size_t used = 0;

	while (*s) {
		char piece[8];
		size_t length = multibyte_length(s), n = length ? length : 1;

		if (length || (*s >= ' ' && *s <= '~' && *s != '\\')) {
			memcpy(piece, s, n);
			length = n;
		} else {
			length = (size_t)sprintf(piece, "\\x%02x", (uint8_t)*s);
		}
		if (used + length + 1 > size)
			break;
		memcpy(buf + used, piece, length);
		used += length;
		s += n;
	}
	buf[used] = '\0';
	return buf;
}

int text_width(const char *s)
{
	int width = 0;

	for (; *s; s++)
		width += ((uint8_t)*s & 0xc0) != 0x80;
	return width;
}

uint64_t text_frames_to_ns(uint64_t frames, uint32_t rate)
{
	if (!rate)
		return 0;
	return frames / rate * NS_PER_S + frames % rate * NS_PER_S / rate;
}

struct text_number text_ns(uint64_t ns)
{
	struct text_number text;

	snprintf(text.s, sizeof(text.s), "%" PRIu64 ".%03" PRIu64, ns / NS_PER_S,
		 ns % NS_PER_S / 1000000);
	return text;
}

struct text_number text_long(uint64_t ns)
{
	static const struct {
		uint64_t seconds;
		const char *name;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	uint64_t seconds = ns / NS_PER_S;
	struct text_number text;
	size_t i = 0;

	while (units[i].seconds > 1 && seconds < units[i].seconds)
		i++;
	if (units[i].seconds == 1)
		snprintf(text.s, sizeof(text.s), "%.25s s", text_ns(ns).s);
	else
		snprintf(text.s, sizeof(text.s), "%" PRIu64 " %s %" PRIu64 " %s",
			 seconds / units[i].seconds, units[i].name,
			 seconds % units[i].seconds / units[i + 1].seconds,
			 units[i + 1].name);
	return text;
}

struct text_number text_seconds(uint64_t frames, uint32_t rate)
{
	return text_ns(text_frames_to_ns(frames, rate));
}

bool text_to_count(const char *s, uint64_t min, uint64_t max, uint64_t *ret)
{
	unsigned long long value;

	if (!*s || s[strspn(s, "0123456789")])
		return false;
	errno = 0;
	value = strtoull(s, NULL, 10);
	if (errno || value < min || value > max)
		return false;
	*ret = value;
	return true;
}

bool text_to_factor(const char *s, double min, double max, float *ret)
{
	char *end;
	double value;

	/* No sign, exponent, hexadecimal, infinity: nobody means these here. */
	if (!*s || s[strspn(s, "0123456789.")])
		return false;
	value = strtod(s, &end);
	if (end == s || *end || value < min || value > max)
		return false;
	*ret = (float)value;
	return true;
}

bool text_to_db(const char *s, double min, double max, float *ret)
{
	size_t length = strlen(s);
	double value;
	char *end;

	if (length < 3 || strcasecmp(s + length - 2, "dB") != 0)
		return false;
	if (strspn(s + (*s == '-' || *s == '+'), "0123456789.") + 2 +
		    (*s == '-' || *s == '+') !=
	    length)
		return false;
	value = strtod(s, &end);
	if (end != s + length - 2 || value < min || value > max)
		return false;
	*ret = (float)value;
	return true;
}

unsigned text_distance(const char *a, const char *b)
{
	unsigned row[MAX_WORD +
		     1]; /* to make a prefix of b out of what of a was looked at */
	size_t length = strnlen(b, MAX_WORD);

	for (size_t k = 0; k <= length; k++)
		row[k] = (unsigned)k;
	for (size_t i = 0; a[i] && i < MAX_WORD; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i + 1;
		for (size_t k = 1; k <= length; k++) {
			unsigned above = row[k], best = diagonal + (a[i] != b[k - 1]);

			if (best > above + 1)
				best = above + 1;
			if (best > row[k - 1] + 1)
				best = row[k - 1] + 1;
			diagonal = above;
			row[k] = best;
		}
	}
	return row[length];
}
