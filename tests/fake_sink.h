/* SPDX-License-Identifier: MIT */
/*
 * A sink whose clock and tape the test holds: time passes when the test says so, every frame
 * that was heard can be looked at, and each fault comes on demand.
 */
#ifndef TESTS_FAKE_SINK_H
#define TESTS_FAKE_SINK_H

#include "rt/sink.h"

struct fake_sink {
	struct sink sink;
	float *buffer;            /* sink.buffer frames */
	uint64_t written, played; /* frames since it was made */
	bool running;
	uint64_t now_ns;

	float *tape;               /* what was heard, interleaved; grows */
	uint64_t taped, tape_size; /* frames */

	/* Faults. */
	int error;                /* negative errno: every operation fails with it */
	uint32_t most_written;    /* a write takes at most so many; default UINT32_MAX */
	uint32_t most_given_back; /* likewise a take-back */
	uint32_t takebacks, stops, starts, xruns; /* how often it was asked for */
};

/* channels, rate and buffer as given; guard 0, low water a quarter, idle one buffer; rewinds. */
void fake_sink_init(struct fake_sink *f, uint32_t rate, uint32_t channels,
		    uint32_t buffer);
void fake_sink_done(struct fake_sink *f);

/* The device is back: no error any more, stopped, empty. */
void fake_sink_plug_in(struct fake_sink *f);

/* Time passes: n frames' worth; what is there is heard. Fewer in the buffer: it stops, as a
 * device does at an underrun. */
void fake_sink_advance(struct fake_sink *f, uint32_t n);

#endif
