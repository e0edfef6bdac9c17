/* SPDX-License-Identifier: MIT */
/*
 * Which of a source's channels go to which of a device's, and how loud: a function of what both
 * call their channels, or of the source's own matrix. Player; those marked so also main.
 */
#ifndef RT_CHANNELS_H
#define RT_CHANNELS_H

#include <stdbool.h>
#include <stdint.h>

enum {
	CHANNELS_MAX = 32,
	CHANNELS_NAMED = 8,        /* a layout by default has names for so many */
	CHANNELS_MATRIX_MAX = 512, /* numbers in a source's own matrix */
	CHANNELS_LEVEL_MAX = 16,   /* the largest of them */
};

/* Where a channel belongs. The numbers are ALSA's (enum snd_pcm_chmap_position). */
enum channel {
	CHANNEL_UNKNOWN,
	CHANNEL_NA, /* nothing hears it */
	CHANNEL_MONO,
	CHANNEL_FL,
	CHANNEL_FR,
	CHANNEL_RL,
	CHANNEL_RR,
	CHANNEL_FC,
	CHANNEL_LFE,
	CHANNEL_SL,
	CHANNEL_SR,
	CHANNEL_RC,
	CHANNEL_FLC,
	CHANNEL_FRC,
	CHANNEL_RLC,
	CHANNEL_RRC,
	NUM_CHANNELS,
};

/* What the channels of a source or of a device are, in order: enum channel. */
struct layout {
	uint8_t at[CHANNELS_MAX];
};

/* What a source says of its channels; constant while it lives. */
struct channels {
	struct layout layout;
	uint32_t outputs; /* of the device that the matrix is for; 0: it has none */
	float matrix[CHANNELS_MATRIX_MAX]; /* a row of factors for each of these */
};

/* Whether a source of `in` channels can have these: names that there are, and a matrix of the right
 * size with nothing but factors from -CHANNELS_LEVEL_MAX to that. (main) */
bool channels_are_sane(const struct channels *c, uint32_t in);

/* ALSA's order for so many channels, one that nobody has named. (both) */
struct layout layout_default(uint32_t count);

enum map_kind {
	MAP_SAME,   /* one to one */
	MAP_SPREAD, /* one channel to all */
	MAP_ROUTES, /* as listed */
	MAP_MATRIX, /* as the source says */
};

/* From one of the source's channels to one of the device's. */
struct route {
	uint8_t out, in;
	float level;
};

/* A channel has at most two neighbours; or it is mono and goes to all. */
enum { MAP_MAX_ROUTES = 2 * CHANNELS_MAX };

/* How loud each of a device's channels has each of a source's. */
struct channel_map {
	struct layout to; /* for which it was made */
	uint32_t in, out; /* channels; 0: it was not made yet */
	enum map_kind kind;
	bool is_plain; /* each of the device's is one of the source's as it is, or silent */
	const float *matrix; /* a row for each of `out` */
	uint32_t count;
	struct route routes[MAP_MAX_ROUTES];
};

/* For a source of `in` channels on a device of `out`; one that names none of them has them in
 * ALSA's order. A matrix for another number of channels than
 * that counts as none. `from` lives as long as the map. */
void channel_map_make(struct channel_map *m, const struct channels *from, uint32_t in,
		      const struct layout *to, uint32_t out);

/* Whether it is the one for that device. */
bool channel_map_fits(const struct channel_map *m, const struct layout *to, uint32_t out);

/* The factor from one to the other. */
float channel_map_level(const struct channel_map *m, uint32_t out, uint32_t in);

#endif
