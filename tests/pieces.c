/* SPDX-License-Identifier: MIT */
/*
 * Numbered frames, and the pieces in which they come.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "pieces.h"

uint32_t *frames_new(uint32_t first, uint32_t n)
{
	uint32_t *frames = malloc((size_t)n * FRAME_BYTES);

	for (uint32_t i = 0; i < n; i++)
		frames[i] = first + i;
	return frames;
}

const Aud__CaptureAudioFrame *taken(const struct peer *p)
{
	return p->request->capture_audio_frame;
}

uint32_t taken_frames(const struct peer *p)
{
	return taken(p)->buffer->samples_per_channel;
}

uint32_t first_taken(const struct peer *p)
{
	uint32_t first;

	memcpy(&first, taken(p)->buffer->data.data, sizeof(first));
	return first;
}

struct piece take_piece(struct peer *p)
{
	peer_expect(p, AUD__REQUEST__KIND_CAPTURE_AUDIO_FRAME);
	ck_assert_uint_le(taken_frames(p), 65536);
	ck_assert_uint_eq(taken(p)->buffer->data.len, taken_frames(p) * FRAME_BYTES);
	ck_assert_int_eq(taken(p)->continues, first_taken(p) % LONG > 0);
	return (struct piece){
		.id = p->request->async_id,
		.first = first_taken(p),
		.frames = taken_frames(p),
	};
}
