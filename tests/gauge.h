/* SPDX-License-Identifier: MIT */
/*
 * How good a converter between two rates is, ours or another: what becomes of tones.
 */
#ifndef TESTS_GAUGE_H
#define TESTS_GAUGE_H

#include <stddef.h>
#include <stdint.h>

/* Makes n_out frames (mono) at rate `to` from n_in at `from`. What it makes may be late. */
typedef void gauge_convert(uint32_t from, uint32_t to, const float *in, size_t n_in,
			   float *out, size_t n_out);

/* One tone: its level as it comes out, and all else that comes out, in dB of what went in. What
 * lies above what the lower rate can carry should not come out at all: then level means nothing. */
struct gauge_tone {
	double level, rest;
};

struct gauge_tone gauge_tone(gauge_convert *convert, uint32_t from, uint32_t to,
			     double frequency);

/* All in dB. A tone of 997 Hz, or one at a tenth of the band where that is not in it. */
struct gauge_figures {
	double level; /* of that tone */
	double thd_n; /* all but that tone */
	double ripple; /* the most that a tone up to 0.9 of the band is too loud or too soft */
	double images;  /* the most that comes with a tone of the band */
	double aliases; /* the most that comes out of a tone that is not in it */
};

/* Of the two rates, half the lower one: what can be carried, Hz. */
double gauge_band(uint32_t from, uint32_t to);

/* aliases is -999 where the band holds all that there can be. */
struct gauge_figures gauge_all(gauge_convert *convert, uint32_t from, uint32_t to);

/* Ours, as the player mixes it. */
void gauge_ours(uint32_t from, uint32_t to, const float *in, size_t n_in, float *out,
		size_t n_out);

#endif
