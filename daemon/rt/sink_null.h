/* SPDX-License-Identifier: MIT */
/*
 * A sink that plays into nothing, on the clock of the machine, and can record what was heard.
 * For boxes without a card, for tests and for the demo. It rewinds down to the frame.
 */
#ifndef RT_SINK_NULL_H
#define RT_SINK_NULL_H

#include <stdatomic.h>

#include "loops.h"
#include "sink.h"

/* What was heard, from the player to the main thread: a ring of device-format bytes. */
struct tape {
	uint8_t *data;
	uint64_t bytes;        /* size of data: whole frames */
	uint32_t format;       /* enum sample_format; for who opens a sink for it */
	_Atomic uint64_t head; /* player: bytes ever put in */
	_Atomic uint64_t tail; /* main: bytes ever taken out */
	_Atomic uint64_t lost; /* player: bytes that found the tape full */
};

struct sink_null {
	struct sink sink;
	const struct loops *loops; /* chosen by sink_null_init */
	uint64_t (*now)(
		void *context); /* ns; CLOCK_MONOTONIC unless a test has its own */
	void *context;
	uint8_t *data; /* the buffer: sink.buffer frames in the device's format */
	uint32_t frame_bytes;
	uint64_t written, played;        /* frames since it was made */
	uint64_t start_ns, start_played; /* when it was started, and where */
	bool running;
	struct tape *tape; /* NULL: do not record */
};

/* (main) data holds sink.buffer frames; now NULL: the machine's clock. sink's constants must
 * be set already. Does not own data or tape. */
void sink_null_init(struct sink_null *s, uint8_t *data, struct tape *tape,
		    uint64_t (*now)(void *), void *context);

/* (main) Takes up to `bytes` of what was heard. */
uint64_t tape_read(struct tape *t, void *dst, uint64_t bytes);

#endif
