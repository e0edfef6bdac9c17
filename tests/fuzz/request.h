/* SPDX-License-Identifier: MIT */
/*
 * A request out of a step: mostly one that makes sense.
 */
#ifndef TESTS_FUZZ_REQUEST_H
#define TESTS_FUZZ_REQUEST_H

#include <stdbool.h>

#include "aud.pb-c.h"
#include "step.h"

enum { REQUEST_KINDS = 17, REQUEST_FRAME_BYTES = 48 << 10 };

/* What a caller has learnt of a source. */
struct known {
	uint64_t handle;
	uint8_t token[16];
	uint32_t rate, channels, format, limit;
	uint64_t written; /* where it may be, more or less */
};

/* Flags of a step that is a request; the lower ones are the kind's own. */
enum {
	REQUEST_RAW = 1 << 15,       /* numbers are what the step says */
	REQUEST_NO_HANDLE = 1 << 14, /* the first field is missing */
	REQUEST_BURST = 1 << 13,     /* the same many times */
	REQUEST_SAME_ID = 1 << 12,   /* as the request before it */
};

/* Memory for one request and all that it points to. */
struct request {
	Aud__Request r;
	union {
		Aud__Hello hello;
		Aud__NewAudioSource new_source;
		Aud__CaptureAudioFrame capture;
		Aud__ClearAudioBuffer clear;
		Aud__WaitForPlayout wait;
		Aud__PauseAudioSource pause;
		Aud__ResumeAudioSource resume;
		Aud__SetAudioSourceGain gain;
		Aud__GetAudioSource get;
		Aud__ListAudioSources list;
		Aud__CloseAudioSource close;
		Aud__GetDaemonStatus status;
		Aud__AttachAudioSource attach;
		Aud__SetMark mark;
		Aud__Subscribe subscribe;
		Aud__MoveAudioSource move;
		Aud__SetOutputGain output_gain;
	} body;
	Aud__AudioFrameBuffer buffer;
	char name[80];
	float matrix[64];
	uint8_t frames[REQUEST_FRAME_BYTES + 1]; /* and a byte that is no frame */
};

/* kind: 0 .. REQUEST_KINDS - 1. The source that it is about is `known`. Sets all but async_id. */
void request_build(struct request *to, uint32_t kind, const struct step *s,
		   const struct known *known);

#endif
