/* SPDX-License-Identifier: MIT */
/*
 * What a device must have played, by a client's word and the daemon's alone: what was pushed,
 * and what was answered. Frames have positions, those of the source; and numbers, by which
 * they are known in the recording (venue_number).
 */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include "venue.h"

enum { MODEL_TAKES = 32, MODEL_CUTS = 8, MODEL_RESTS = 32 };

#define MODEL_NEVER UINT64_MAX

struct model {
	/* What captures got in: frames from position `first` on carry numbers from `number` on. */
	int num_takes;
	struct model_take {
		uint64_t first, frames, number;
	} takes[MODEL_TAKES];

	/* What clears took. */
	int num_cuts;
	struct model_cut {
		uint64_t from, to;
	} cuts[MODEL_CUTS];

	/* Positions in front of which there may be silence. */
	int num_rests;
	uint64_t rests[MODEL_RESTS];

	uint64_t written; /* position */
	uint64_t captured,
		refused; /* frames of all captures; those that a clear kept out */

	/* By model_check: where in the recording each position is, MODEL_NEVER if it is not;
	 * at[written] is behind the last one that is. */
	uint64_t *at;
	uint64_t stray; /* silence elsewhere, frames */
};

void model_done(struct model *m);

/* A capture of frames from this number on was answered. */
void model_push(struct model *m, uint64_t number, uint64_t frames,
		const Aud__CaptureAudioFrameReply *r);

/* A clear was answered, and so have been the captures that it cut off. Its own numbers must
 * go together. */
void model_clear(struct model *m, const Aud__ClearAudioBufferReply *r);

void model_rest(struct model *m, uint64_t position);

/* Frames that must have been heard. */
uint64_t model_heard(const struct model *m);

/* Fails the test unless these samples are that, in a row, with silence where it may be; and
 * elsewhere at most so many frames of it. */
void model_check(struct model *m, const int16_t *heard, uint64_t n, uint64_t stray);

/* Fails the test unless the ledger says the same. Everything has played out. */
void model_check_ledger(const struct model *m, const Aud__AudioSourceStatus *s);

#endif
