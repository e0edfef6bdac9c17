/* SPDX-License-Identifier: MIT */
/*
 * Escapes what would move a terminal's cursor, break a log line or be no UTF-8.
 */
#include "text.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char ellipsis[] = "…";

/* How many bytes the printable character at s has; 0: it is none. A NUL ends every text, so
 * no byte behind it is looked at. */
static size_t character_length(const unsigned char *s)
{
	/* C1 controls (below U+00A0) and overlong forms are too small for their length. */
	static const uint32_t least[] = {[2] = 0xa0, [3] = 0x800, [4] = 0x10000};
	uint32_t code;
	size_t length;

	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f;
	if (s[0] < 0xc0 || s[0] >= 0xf8)
		return 0;

	length = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	code = s[0] & (0x7f >> length);
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return length;
}

/* Writes the first character of s, escaped; returns how many bytes of s it was. */
static size_t escape_one(char piece[5], const unsigned char *s)
{
	size_t length = character_length(s);

	if (length == 0) {
		snprintf(piece, 5, "\\x%02x", *s);
		return 1;
	}
	if (*s == '\\') {
		strcpy(piece, "\\\\");
		return 1;
	}
	memcpy(piece, s, length);
	piece[length] = '\0';
	return length;
}

const char *text_escape(char *buf, size_t size, const char *text)
{
	size_t used = 0, cut = 0; /* cut: behind this, an ellipsis fits for certain */

	assert(size >= 2 * sizeof(ellipsis));
	while (*text) {
		char piece[5];

		text += escape_one(piece, (const unsigned char *)text);
		if (used + strlen(piece) >= size) {
			strcpy(buf + cut, ellipsis);
			return buf;
		}
		strcpy(buf + used, piece);
		used += strlen(piece);
		if (used + sizeof(ellipsis) <= size)
			cut = used;
	}
	buf[used] = '\0';
	return buf;
}

void text_cut(char *text)
{
	size_t length = strlen(text);

	while (length > 0 && (text[length - 1] & 0xc0) == 0x80)
		length--;
	if (length > 0)
		length--;
	strcpy(text + length, ellipsis);
}

bool text_is_printable(const char *text)
{
	while (*text) {
		size_t length = character_length((const unsigned char *)text);

		if (length == 0)
			return false;
		text += length;
	}
	return true;
}
