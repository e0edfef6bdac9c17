/* SPDX-License-Identifier: MIT */
/*
 * Plays into a PCM. Errors are trusted, states are not: a PCM whose device was unplugged may
 * go on saying that it runs. And the pointers are asked for before every write: alsa-lib
 * promises a right answer from snd_pcm_mmap_begin only directly behind
 * snd_pcm_avail_update, and a non-blocking write of more than there is room for writes
 * nothing at all on PCMs other than the kernel's.
 */
#include <errno.h>
#include <stddef.h>
#include <time.h>

#include "sink_alsa.h"

#include "room.h"

#define NS_PER_S UINT64_C(1000000000)

enum { LONGEST_WAY_S = 10 }; /* of a frame, from the buffer to the ear */

static struct sink_alsa *alsa_of(struct sink *sink)
{
	return (struct sink_alsa *)((char *)sink - offsetof(struct sink_alsa, sink));
}

static uint32_t smaller(uint64_t a, uint32_t b)
{
	return a < b ? (uint32_t)a : b;
}

/* What the player has to know: -EPIPE is "it has stopped, make it ready again". */
static int sink_errno(long error)
{
	/* suspended, or not prepared */
	return error == -ESTRPIPE || error == -EBADFD ? -EPIPE : (int)error;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* The device's own timestamp, unless it has none or one of another clock. */
static uint64_t look_time(const struct sink_alsa *s)
{
	uint64_t now = now_ns(), at_ns;
	snd_htimestamp_t at;

	snd_pcm_status_get_htstamp(s->status, &at);
	at_ns = (uint64_t)at.tv_sec * NS_PER_S + (uint64_t)at.tv_nsec;
	return now - at_ns < NS_PER_S ? at_ns : now; /* unsigned: nor a later one */
}

/* What will never be heard of a PCM that has stopped by itself. */
static uint32_t left_over(const struct sink_alsa *s, snd_pcm_state_t state, uint32_t room)
{
	if (state == SND_PCM_STATE_XRUN && !s->exact)
		return 0;
	return smaller(s->written, s->sink.buffer - room);
}

/* More than there is in all: then what is said of the delay has to do. */
static uint32_t room_of(const struct sink_alsa *s)
{
	snd_pcm_uframes_t avail = snd_pcm_status_get_avail(s->status);
	snd_pcm_sframes_t delay;

	if (avail <= s->sink.buffer)
		return (uint32_t)avail;
	delay = snd_pcm_status_get_delay(s->status);
	return s->sink.buffer -
	       (delay > 0 ? smaller((uint64_t)delay, s->sink.buffer) : 0);
}

/* What lies in the buffer is not heard, and no way from there to the ear is so long as a delay that
 * is no delay says: then the buffer alone counts, or nothing would ever have been heard. */
static uint32_t delay_of(const struct sink_alsa *s, uint32_t room)
{
	snd_pcm_sframes_t least = s->sink.buffer - room;
	snd_pcm_sframes_t most = least + (snd_pcm_sframes_t)s->sink.rate * LONGEST_WAY_S;
	snd_pcm_sframes_t delay = snd_pcm_status_get_delay(s->status);

	return smaller(s->written,
		       (uint32_t)(delay < least || delay > most ? least : delay));
}

/* What is not heard of a PCM that has stopped and does not say where: it has played by the clock
 * since the latest look. */
static uint32_t unheard_by_clock(const struct sink_alsa *s, uint64_t now)
{
	uint64_t ns = now > s->heard_ns ? now - s->heard_ns : 0;
	uint64_t heard = s->heard;

	if (s->running)
		heard += ns / NS_PER_S * s->sink.rate +
			 ns % NS_PER_S * s->sink.rate / NS_PER_S;
	return heard < s->written ? (uint32_t)(s->written - heard) : 0;
}

static int alsa_clock(struct sink *sink, struct sink_clock *ret)
{
	struct sink_alsa *s = alsa_of(sink);
	int r = sink_errno(snd_pcm_status(s->pcm, s->status));
	snd_pcm_state_t state;

	if (r == -EPIPE) {
		ret->when_ns = now_ns();
		ret->room = sink->buffer;
		ret->unheard = unheard_by_clock(s, ret->when_ns);
	}
	if (r < 0)
		return r;
	state = snd_pcm_status_get_state(s->status);
	if (state == SND_PCM_STATE_DISCONNECTED)
		return -ENODEV;

	ret->when_ns = look_time(s);
	ret->room = room_of(s);
	if (s->running && state == SND_PCM_STATE_RUNNING) {
		ret->unheard = delay_of(s, ret->room);
		s->heard = s->written - ret->unheard;
		s->heard_ns = ret->when_ns;
		return 0;
	}
	if (!s->running && state == SND_PCM_STATE_PREPARED) {
		ret->unheard = (uint32_t)s->written;
		ret->room = smaller(ret->room, sink->buffer - ret->unheard);
		return 0;
	}
	ret->unheard = left_over(s, state, ret->room);
	return -EPIPE;
}

/* Converts straight into the device's buffer; may get less than n at the ring's end. */
static long write_mmap(struct sink_alsa *s, const float *frames, uint32_t n)
{
	const snd_pcm_channel_area_t *area;
	snd_pcm_uframes_t offset, room = n;
	uint8_t *at;
	int r = snd_pcm_mmap_begin(s->pcm, &area, &offset, &room);

	if (r < 0)
		return r;
	at = (uint8_t *)area->addr + area->first / 8 + offset * s->frame_bytes;
	s->sink.clipped += s->loops->format->from_float(s->sink.format, at, frames,
							room * s->sink.channels);
	return snd_pcm_mmap_commit(s->pcm, offset, room);
}

static long write_rw(struct sink_alsa *s, const float *frames, uint32_t n)
{
	n = smaller(n, SINK_ALSA_BLOCK);
	s->sink.clipped += s->loops->format->from_float(
		s->sink.format, s->scratch, frames, (size_t)n * s->sink.channels);
	return snd_pcm_writei(s->pcm, s->scratch, n);
}

static int alsa_write(struct sink *sink, const float *frames, uint32_t n)
{
	struct sink_alsa *s = alsa_of(sink);
	snd_pcm_sframes_t avail = snd_pcm_avail_update(s->pcm);
	uint32_t done = 0;
	uint64_t most;
	long r = avail;

	if (avail < 0)
		return avail == -EAGAIN ? 0 : sink_errno(avail);
	/* The null PCM always has room, even before it is started. */
	most = s->running ? sink->buffer : sink->buffer - s->written;
	n = smaller((uint64_t)avail, smaller(most, n));
	while (done < n) {
		const float *from = frames + (size_t)done * sink->channels;

		r = s->scratch ? write_rw(s, from, n - done)
			       : write_mmap(s, from, n - done);
		if (r <= 0)
			break;
		done += (uint32_t)r;
		s->written += (uint32_t)r;
	}
	return done || r >= 0 || r == -EAGAIN ? (int)done : sink_errno(r);
}

static int alsa_take_back(struct sink *sink, uint32_t n)
{
	struct sink_alsa *s = alsa_of(sink);
	snd_pcm_sframes_t r;

	if (!sink->rewinds)
		return 0;
	/* Only the kernel looks where the device is; an ioplug rewinds across it if asked, and
	 * snd_pcm_rewindable counts from the latest look. */
	r = snd_pcm_avail_update(s->pcm);
	if (r >= 0) {
		n = smaller(sink->buffer - smaller((uint64_t)r, sink->buffer), n);
		r = snd_pcm_rewind(s->pcm, n);
	}
	if (r < 0) {
		r = sink_errno(r);
		return r == -EPIPE || r == -ENODEV ? (int)r : 0; /* else: it refuses */
	}
	n = smaller((uint64_t)r, n);
	s->written -= n;
	return (int)n;
}

static int alsa_start(struct sink *sink)
{
	struct sink_alsa *s = alsa_of(sink);
	int r = snd_pcm_start(s->pcm);

	if (r < 0)
		return sink_errno(r);
	s->running = true;
	s->heard_ns = now_ns();
	return 0;
}

static int alsa_stop(struct sink *sink)
{
	struct sink_alsa *s = alsa_of(sink);

	/* What a failed drop means, prepare will say: it fails on what runs or is gone. */
	snd_pcm_drop(s->pcm);
	s->running = false;
	s->written = s->heard = 0;
	return snd_pcm_prepare(s->pcm);
}

static int alsa_pollfds(struct sink *sink, struct pollfd *fds, unsigned int max)
{
	int n = snd_pcm_poll_descriptors(alsa_of(sink)->pcm, fds, max);

	/* Errors are always told; room is not waited for. */
	for (int i = 0; i < n; i++)
		fds[i].events = 0;
	return n < 0 ? 0 : n;
}

static const struct sink_ops alsa_ops = {
	.clock = alsa_clock,
	.write = alsa_write,
	.take_back = alsa_take_back,
	.start = alsa_start,
	.stop = alsa_stop,
	.pollfds = alsa_pollfds,
};

void sink_alsa_init(struct sink_alsa *s, snd_pcm_t *pcm, snd_pcm_status_t *status,
		    uint8_t *scratch, bool exact)
{
	s->sink.ops = &alsa_ops;
	s->loops = loops_best();
	s->pcm = pcm;
	s->status = status;
	s->scratch = scratch;
	s->frame_bytes = formats[s->sink.format].bytes * s->sink.channels;
	s->exact = exact;
	s->running = false;
	s->written = s->heard = s->heard_ns = 0;
}
