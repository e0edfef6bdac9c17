/* SPDX-License-Identifier: MIT */
/*
 * A place to play to: a buffer of frames that a clock empties. The main thread makes a sink,
 * stopped and empty, and offers it to a player; from then on only the player touches it,
 * until it comes back. No operation waits. Counts are frames of the device.
 */
#ifndef RT_SINK_H
#define RT_SINK_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "channels.h"

struct sink;

/* A look at the device, true at when_ns. */
struct sink_clock {
	uint64_t when_ns; /* CLOCK_MONOTONIC */
	uint32_t room;    /* free in the buffer */
	/* Written and not yet heard: what snd_pcm_delay means. May exceed the buffer (a codec,
	 * a radio link), but never what was written. */
	uint32_t unheard;
};

struct sink_ops {
	/* Looks at the device. 0, or -EPIPE: it has stopped by itself (*ret is filled, and what
	 * it says is unheard will not be heard), or another negative errno: it is gone. */
	int (*clock)(struct sink *s, struct sink_clock *ret);

	/* Writes up to n interleaved float frames. How many it took, or a negative errno. */
	int (*write)(struct sink *s, const float *frames, uint32_t n);

	/* Takes back the last n frames written, or fewer. How many, or a negative errno. */
	int (*take_back)(struct sink *s, uint32_t n);

	/* Begins to play what was written. 0 or a negative errno. */
	int (*start)(struct sink *s);

	/* Stops at once, empty, ready to be written to. 0 or a negative errno. */
	int (*stop)(struct sink *s);

	/* File descriptors that become ready when the device fails. Writes at most `max` and
	 * returns how many; 0 if there are none. */
	int (*pollfds)(struct sink *s, struct pollfd *fds, unsigned int max);
};

struct sink {
	const struct sink_ops *ops;
	void (*free)(struct sink *s); /* (main) closes and frees it; set by who made it */

	/* Constants, filled in by who made it. */
	uint32_t rate, channels;
	struct layout layout; /* what it calls them */
	uint32_t format;      /* enum sample_format of the device */
	uint32_t dither_bits; /* it rounds to so few that dither is added; 0: none is */
	uint32_t buffer;      /* frames */
	uint32_t spare;       /* frames of it that stay empty, less the player's margin */
	uint32_t guard;       /* frames before the speaker that are never taken back */
	uint32_t low_water;   /* frames: the player writes more when so few are left */
	uint32_t idle;        /* frames of silence after which the player stops it */
	uint32_t look; /* frames: while something sounds the player looks at the clock at
			     * least so often, and says what was heard; 0: when it has to */
	bool rewinds;  /* take_back gives back something */
	uint64_t kept_as; /* its name with who keeps it if this process is killed: it then
			   * plays what it has, and stops; 0: it is not kept */

	/* The player's, for main to read when it has come back. */
	int error;        /* why it was returned: negative errno, or 0: unwanted */
	uint64_t clipped; /* samples, since the player looked */
	bool wants_main;  /* ring the main thread at the end of this turn */
};

#endif
