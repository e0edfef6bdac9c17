/* SPDX-License-Identifier: MIT */
/*
 * How much a card takes before it can be heard, or recorded: plays frames that number themselves
 * (numbers.h) to a PCM, stops it at once when it says that so many were played, and prints how many
 * it said then. What of these is in no recording, the card had taken, and has lost.
 *
 *	card PCM FIRST FRAMES
 */
#include <alsa/asoundlib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "numbers.h"

enum { RATE = 48000, BUFFER_US = 200000, BLOCK = 480 };

static int fail(const char *what, long error)
{
	fprintf(stderr, "card: %s: %s\n", what, snd_strerror((int)error));
	return EXIT_FAILURE;
}

/* What was played of those that were written. */
static long played(snd_pcm_t *pcm, uint64_t written)
{
	snd_pcm_sframes_t delay;
	int r = snd_pcm_delay(pcm, &delay);

	return r < 0 ? r : (long)written - delay;
}

static long play(snd_pcm_t *pcm, uint64_t first, long frames)
{
	int16_t block[BLOCK][2];
	uint64_t written = 0;
	long done = 0;

	while (done >= 0 && done < frames) {
		snd_pcm_sframes_t room = snd_pcm_avail_update(pcm);

		for (int i = 0; i < BLOCK; i++)
			number_frame(first + written + (uint64_t)i, block[i]);
		if (room >= BLOCK)
			written += (uint64_t)snd_pcm_writei(pcm, block, BLOCK);
		else if (snd_pcm_state(pcm) == SND_PCM_STATE_PREPARED)
			snd_pcm_start(pcm);
		done = played(pcm, written);
	}
	return done;
}

int main(int argc, char **argv)
{
	snd_pcm_t *pcm;
	long n;
	int r;

	if (argc != 4) {
		fputs("usage: card PCM FIRST FRAMES\n", stderr);
		return EXIT_FAILURE;
	}
	r = snd_pcm_open(&pcm, argv[1], SND_PCM_STREAM_PLAYBACK, 0);
	if (r < 0)
		return fail(argv[1], r);
	r = snd_pcm_set_params(pcm, SND_PCM_FORMAT_S16_LE, SND_PCM_ACCESS_RW_INTERLEAVED,
			       2, RATE, 0, BUFFER_US);
	if (r < 0)
		return fail(argv[1], r);
	n = play(pcm, strtoull(argv[2], NULL, 10), strtol(argv[3], NULL, 10));
	snd_pcm_drop(pcm);
	snd_pcm_close(pcm);
	if (n < 0)
		return fail(argv[1], n);
	printf("%ld\n", n);
	return EXIT_SUCCESS;
}
