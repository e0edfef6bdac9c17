/* SPDX-License-Identifier: MIT */
/*
 * Words and numbers for people: text that is safe on a terminal, seconds, strict numbers.
 * Knows nothing of audio.
 */
#ifndef CTL_TEXT_H
#define CTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returned by value, so that several fit into one printf: text_seconds(n, rate).s */
struct text_number {
	char s[32];
};

/* Copies s into buf as valid UTF-8 without control characters: these, backslashes and
 * bytes that are no UTF-8 become \xNN. What does not fit is left out; no character is cut
 * in two. Returns buf. */
const char *text_safe(char *buf, size_t size, const char *s);

/* How many columns a text that text_safe made takes. */
int text_width(const char *s);

/* frames / rate as "12.480", rounded down to milliseconds; rate 0: "0.000". */
struct text_number text_seconds(uint64_t frames, uint32_t rate);

/* The same of nanoseconds. */
struct text_number text_ns(uint64_t ns);

/* A time that may be long, with its units: "2.500 s", "3 min 5 s", "2 h 0 min", "41 d 7 h". */
struct text_number text_long(uint64_t ns);

/* frames at a rate in nanoseconds, without overflow. */
uint64_t text_frames_to_ns(uint64_t frames, uint32_t rate);

/* The whole of s is a decimal number within [min, max]; else false, *ret untouched. */
bool text_to_count(const char *s, uint64_t min, uint64_t max, uint64_t *ret);
bool text_to_factor(const char *s, double min, double max, float *ret);

/* The whole of s is such a number, perhaps with a sign, and "dB". */
bool text_to_db(const char *s, double min, double max, float *ret);

/* How many letters to change, add or leave out to make b of a. Both are short. */
unsigned text_distance(const char *a, const char *b);

#endif
