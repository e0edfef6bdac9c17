/* SPDX-License-Identifier: MIT */
/*
 * A sound card as an ALSA plugin: plays on the clock of the machine and appends to a file what
 * was heard, in the device's format. In an asoundrc:
 *
 *	pcm_type.fake { lib "/where/it/lies/libasound_module_pcm_fake.so" }
 *	pcm.card {
 *		type fake
 *		file "/tmp/heard.raw"
 *		format S16_LE       # what it can, and no more; each of these may be left out
 *		rate 48000
 *		channels 2
 *		access mmap         # or rw
 *		buffer_bytes 65536  # at most
 *		rewinds yes         # no: what was written is gone, as with a server behind a socket
 *		present "/tmp/plug" # the card is plugged in while this file exists
 *		ppm 10000           # so much faster is its clock than the machine's
 *		granule 480         # frames by which its pointer moves
 *	}
 *
 * It hears when it is looked at: what was written over in time was not heard.
 */
#define PIC /* alsa-lib's headers ask libtool's macro whether this is a shared object */

#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S UINT64_C(1000000000)

struct card {
	snd_pcm_ioplug_t io;
	char *file, *present;
	long format, access;               /* -1: any */
	long rate, channels, buffer_bytes; /* 0: any */
	long ppm, granule;
	bool rewinds;

	int out;
	bool running;
	uint64_t start_ns;
	uint64_t heard; /* frames since it was prepared: the hardware pointer */

	/* Where nothing comes back from: all that was ever written since then, in a ring. */
	uint8_t *gone;
	uint64_t given; /* frames */
};

static struct card *card_of(snd_pcm_ioplug_t *io)
{
	return io->private_data;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static size_t frame_bytes(const struct card *c)
{
	return (size_t)snd_pcm_format_size(c->io.format, c->io.channels);
}

static uint8_t *area_at(const snd_pcm_channel_area_t *area, uint64_t frame)
{
	return (uint8_t *)area->addr + (area->first + frame * area->step) / 8;
}

/* ---- playing ------------------------------------------------------------------------ */

static void hear(struct card *c, uint64_t frames)
{
	const snd_pcm_channel_area_t *area = snd_pcm_ioplug_mmap_areas(&c->io);
	size_t bytes = frame_bytes(c);

	while (frames > 0) {
		uint64_t at = c->heard % c->io.buffer_size;
		uint64_t n =
			c->io.buffer_size - at < frames ? c->io.buffer_size - at : frames;
		const uint8_t *from = c->gone ? c->gone + at * bytes : area_at(area, at);
		ssize_t written = write(c->out, from, n * bytes);

		if (written != (ssize_t)(n * bytes))
			abort(); /* the test's disk is full: nothing that it says would be true */
		c->heard += n;
		frames -= n;
	}
}

/* By now, of all that there is since it was started. */
static uint64_t due(const struct card *c)
{
	uint64_t ns = now_ns() - c->start_ns;
	uint64_t faster = ns + (uint64_t)((int64_t)(ns / 1000000) * c->ppm);
	uint64_t frames = faster / NS_PER_S * c->io.rate +
			  faster % NS_PER_S * c->io.rate / NS_PER_S;

	frames -= frames % (uint64_t)c->granule;
	return frames > c->heard ? frames - c->heard : 0;
}

/* Hears what is due; and what has become so while that was written, which takes long where a disk
 * is busy, as the device is looked at by the clock right after this. False: there was not enough. */
static bool catch_up(struct card *c)
{
	uint64_t want, have;

	do {
		want = due(c);
		have = snd_pcm_ioplug_hw_avail(&c->io, c->heard, c->io.appl_ptr);
		hear(c, want < have ? want : have);
	} while (want <= have && want > c->io.rate / 2000);
	return want <= have;
}

static bool is_present(const struct card *c)
{
	return !c->present || access(c->present, F_OK) == 0;
}

static snd_pcm_sframes_t card_pointer(snd_pcm_ioplug_t *io)
{
	struct card *c = card_of(io);

	if (!is_present(c)) {
		c->running = false;
		snd_pcm_ioplug_set_state(io, SND_PCM_STATE_DISCONNECTED);
	} else if (c->running && !catch_up(c)) {
		c->running = false;
		return -EPIPE;
	}
	return (snd_pcm_sframes_t)c->heard;
}

static snd_pcm_sframes_t card_transfer(snd_pcm_ioplug_t *io,
				       const snd_pcm_channel_area_t *areas,
				       snd_pcm_uframes_t offset, snd_pcm_uframes_t frames)
{
	struct card *c = card_of(io);
	size_t bytes = frame_bytes(c);

	for (snd_pcm_uframes_t i = 0; i < frames; i++)
		memcpy(c->gone + c->given++ % io->buffer_size * bytes,
		       area_at(areas, offset + i), bytes);
	return (snd_pcm_sframes_t)frames;
}

/* ---- starting and stopping ---------------------------------------------------------- */

static void set_timer(struct card *c, uint64_t period_ns)
{
	struct timespec t = {.tv_sec = (time_t)(period_ns / NS_PER_S),
			     .tv_nsec = (long)(period_ns % NS_PER_S)};
	struct itimerspec every = {t, t};

	timerfd_settime(c->io.poll_fd, 0, &every, NULL);
}

static int card_start(snd_pcm_ioplug_t *io)
{
	struct card *c = card_of(io);

	c->start_ns = now_ns();
	c->running = true;
	set_timer(c, io->period_size * NS_PER_S / io->rate);
	return 0;
}

static int card_stop(snd_pcm_ioplug_t *io)
{
	struct card *c = card_of(io);

	if (c->running)
		catch_up(c);
	c->running = false;
	set_timer(c, 0);
	return 0;
}

static int card_prepare(snd_pcm_ioplug_t *io)
{
	card_of(io)->heard = card_of(io)->given = 0;
	return 0;
}

static int card_hw_params(snd_pcm_ioplug_t *io, snd_pcm_hw_params_t *params)
{
	struct card *c = card_of(io);

	(void)params;
	if (c->rewinds)
		return 0;
	free(c->gone);
	c->gone = calloc(io->buffer_size, frame_bytes(c));
	return c->gone ? 0 : -ENOMEM;
}

static int card_poll_revents(snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned int n,
			     unsigned short *ret)
{
	uint64_t times;

	(void)n;
	*ret = fds->revents & POLLIN ? POLLOUT : 0;
	return read(io->poll_fd, &times, sizeof(times)) < 0 && errno != EAGAIN ? -errno
									       : 0;
}

static void card_free(struct card *c)
{
	if (c->io.poll_fd >= 0)
		close(c->io.poll_fd);
	if (c->out >= 0)
		close(c->out);
	free(c->file);
	free(c->present);
	free(c->gone);
	free(c);
}

static int card_close(snd_pcm_ioplug_t *io)
{
	card_free(card_of(io));
	return 0;
}

static const snd_pcm_ioplug_callback_t rewinding = {
	.start = card_start,
	.stop = card_stop,
	.pointer = card_pointer,
	.prepare = card_prepare,
	.poll_revents = card_poll_revents,
	.close = card_close,
};

static const snd_pcm_ioplug_callback_t passing_on = {
	.start = card_start,
	.stop = card_stop,
	.pointer = card_pointer,
	.transfer = card_transfer,
	.prepare = card_prepare,
	.hw_params = card_hw_params,
	.poll_revents = card_poll_revents,
	.close = card_close,
};

/* ---- opening ------------------------------------------------------------------------ */

static int read_access(const char *text)
{
	return strcmp(text, "rw") == 0 ? SND_PCM_ACCESS_RW_INTERLEAVED
				       : SND_PCM_ACCESS_MMAP_INTERLEAVED;
}

static int read_key(struct card *c, const char *key, snd_config_t *value)
{
	const char *text = "";

	if (strcmp(key, "rate") == 0)
		return snd_config_get_integer(value, &c->rate);
	if (strcmp(key, "channels") == 0)
		return snd_config_get_integer(value, &c->channels);
	if (strcmp(key, "buffer_bytes") == 0)
		return snd_config_get_integer(value, &c->buffer_bytes);
	if (strcmp(key, "ppm") == 0)
		return snd_config_get_integer(value, &c->ppm);
	if (strcmp(key, "granule") == 0)
		return snd_config_get_integer(value, &c->granule);
	if (snd_config_get_string(value, &text) < 0)
		return -EINVAL;
	if (strcmp(key, "file") == 0)
		c->file = strdup(text);
	else if (strcmp(key, "present") == 0)
		c->present = strdup(text);
	else if (strcmp(key, "format") == 0)
		c->format = snd_pcm_format_value(text);
	else if (strcmp(key, "access") == 0)
		c->access = read_access(text);
	else if (strcmp(key, "rewinds") == 0)
		c->rewinds = snd_config_get_bool(value) > 0;
	else if (strcmp(key, "type") != 0 && strcmp(key, "comment") != 0 &&
		 strcmp(key, "hint") != 0)
		return -EINVAL;
	return 0;
}

static int read_keys(struct card *c, snd_config_t *conf)
{
	snd_config_iterator_t i, next;
	const char *key;

	snd_config_for_each(i, next, conf)
	{
		snd_config_t *value = snd_config_iterator_entry(i);

		if (snd_config_get_id(value, &key) < 0 || read_key(c, key, value) < 0) {
			SNDERR("fake: bad key '%s'", key);
			return -EINVAL;
		}
	}
	return c->file ? 0 : -EINVAL;
}

static int limit(struct card *c)
{
	unsigned int access = (unsigned int)c->access, format = (unsigned int)c->format;
	int r = 0;

	if (c->access >= 0)
		r = snd_pcm_ioplug_set_param_list(&c->io, SND_PCM_IOPLUG_HW_ACCESS, 1,
						  &access);
	if (r == 0 && c->format >= 0)
		r = snd_pcm_ioplug_set_param_list(&c->io, SND_PCM_IOPLUG_HW_FORMAT, 1,
						  &format);
	if (r == 0 && c->rate)
		r = snd_pcm_ioplug_set_param_minmax(&c->io, SND_PCM_IOPLUG_HW_RATE,
						    (unsigned int)c->rate,
						    (unsigned int)c->rate);
	if (r == 0 && c->channels)
		r = snd_pcm_ioplug_set_param_minmax(&c->io, SND_PCM_IOPLUG_HW_CHANNELS,
						    (unsigned int)c->channels,
						    (unsigned int)c->channels);
	if (r == 0 && c->buffer_bytes)
		r = snd_pcm_ioplug_set_param_minmax(&c->io,
						    SND_PCM_IOPLUG_HW_BUFFER_BYTES, 1,
						    (unsigned int)c->buffer_bytes);
	return r;
}

static int card_open(struct card *c, const char *name, snd_pcm_stream_t stream, int mode)
{
	int r;

	if (!is_present(c))
		return -ENODEV;
	c->out = open(c->file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (c->out < 0)
		return -errno;
	c->io.poll_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (c->io.poll_fd < 0)
		return -errno;
	c->io.version = SND_PCM_IOPLUG_VERSION;
	c->io.name = "a fake sound card";
	c->io.flags = SND_PCM_IOPLUG_FLAG_MONOTONIC | SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
	c->io.poll_events = POLLIN;
	c->io.mmap_rw = c->rewinds;
	c->io.callback = c->rewinds ? &rewinding : &passing_on;
	c->io.private_data = c;
	r = snd_pcm_ioplug_create(&c->io, name, stream, mode);
	return r < 0 ? r : limit(c);
}

SND_PCM_PLUGIN_DEFINE_FUNC(fake);
SND_PCM_PLUGIN_DEFINE_FUNC(fake)
{
	struct card *c = calloc(1, sizeof(*c));
	int r;

	(void)root;
	if (!c)
		return -ENOMEM;
	c->format = c->access = -1;
	c->rewinds = true;
	c->granule = 1;
	c->out = c->io.poll_fd = -1;
	r = read_keys(c, conf);
	if (r == 0)
		r = card_open(c, name, stream, mode);
	if (r == 0)
		*pcmp = c->io.pcm;
	else if (c->io.pcm)
		snd_pcm_ioplug_delete(&c->io);
	else
		card_free(c);
	return r;
}
SND_PCM_PLUGIN_SYMBOL(fake)
