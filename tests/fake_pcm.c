/* SPDX-License-Identifier: MIT */
/*
 * alsa-lib keeps the ring and both pointers of an ioplug and moves the pointers as it moves
 * those of a card. What is ours is where the hardware pointer stands, and the tape.
 */
#include "fake_pcm.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The fakes that live. Calls are caught by name, so there is no other way to find them. */
static struct fake_pcm *fakes;

static struct fake_pcm *to_fake(snd_pcm_ioplug_t *io)
{
	return io->private_data;
}

/* ---- the device --------------------------------------------------------------------- */

static int fake_start(snd_pcm_ioplug_t *io)
{
	(void)io;
	return 0;
}

static int fake_stop(snd_pcm_ioplug_t *io)
{
	(void)io;
	return 0;
}

static int fake_prepare(snd_pcm_ioplug_t *io)
{
	to_fake(io)->pos = 0;
	return 0;
}

static snd_pcm_sframes_t fake_pointer(snd_pcm_ioplug_t *io)
{
	struct fake_pcm *f = to_fake(io);

	return (snd_pcm_sframes_t)(f->granule ? f->pos - f->pos % f->granule : f->pos);
}

static uint32_t filled(struct fake_pcm *f)
{
	return (uint32_t)snd_pcm_ioplug_hw_avail(&f->io, f->pos, f->io.appl_ptr);
}

static int fake_delay(snd_pcm_ioplug_t *io, snd_pcm_sframes_t *ret)
{
	struct fake_pcm *f = to_fake(io);

	*ret = (snd_pcm_sframes_t)filled(f) + f->delay;
	if (f->lie)
		*ret = f->lie(*ret);
	return 0;
}

static int fake_close(snd_pcm_ioplug_t *io)
{
	io->pcm = NULL;
	return 0;
}

static snd_pcm_chmap_t *fake_get_chmap(snd_pcm_ioplug_t *io)
{
	struct fake_pcm *f = io->private_data;
	snd_pcm_chmap_t *map;

	if (!f->chmap)
		return NULL;
	map = malloc(sizeof(*map) + io->channels * sizeof(map->pos[0]));
	assert(map);
	map->channels = io->channels;
	memcpy(map->pos, f->chmap, io->channels * sizeof(map->pos[0]));
	return map;
}

static const snd_pcm_ioplug_callback_t callbacks = {
	.start = fake_start,
	.stop = fake_stop,
	.prepare = fake_prepare,
	.pointer = fake_pointer,
	.delay = fake_delay,
	.close = fake_close,
	.get_chmap = fake_get_chmap,
};

static void limit(struct fake_pcm *f, int what, unsigned int low, unsigned int high)
{
	int r = high ? snd_pcm_ioplug_set_param_minmax(&f->io, what, low, high) : 0;

	assert(r == 0);
}

static void limit_to(struct fake_pcm *f, int what, const unsigned int *list,
		     unsigned int n)
{
	int r = n ? snd_pcm_ioplug_set_param_list(&f->io, what, n, list) : 0;

	assert(r == 0);
}

static void create(struct fake_pcm *f)
{
	const struct fake_pcm_offer *offer = &f->offer;
	int r;

	f->pos = f->tape_frames = f->tape_size = 0;
	f->io.version = SND_PCM_IOPLUG_VERSION;
	f->io.name = "fake";
	f->io.flags = SND_PCM_IOPLUG_FLAG_MONOTONIC | SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
	f->io.poll_fd = f->pipe[0];
	f->io.poll_events = POLLIN;
	f->io.mmap_rw = 1;
	f->io.callback = &callbacks;
	f->io.private_data = f;
	r = snd_pcm_ioplug_create(&f->io, "fake", SND_PCM_STREAM_PLAYBACK,
				  SND_PCM_NONBLOCK);
	assert(r == 0);
	limit_to(f, SND_PCM_IOPLUG_HW_ACCESS, offer->accesses, offer->num_accesses);
	limit_to(f, SND_PCM_IOPLUG_HW_FORMAT, offer->formats, offer->num_formats);
	limit(f, SND_PCM_IOPLUG_HW_RATE, offer->rate_min, offer->rate_max);
	limit(f, SND_PCM_IOPLUG_HW_CHANNELS, offer->channels_min, offer->channels_max);
	limit(f, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 1, offer->buffer_bytes_max);
	if (offer->period_bytes_min)
		limit(f, SND_PCM_IOPLUG_HW_PERIOD_BYTES, offer->period_bytes_min,
		      1 << 20);
}

void fake_pcm_init(struct fake_pcm *f, const struct fake_pcm_offer *offer)
{
	int r;

	memset(f, 0, sizeof(*f));
	r = pipe(f->pipe);
	assert(r == 0);
	r = (int)write(f->pipe[1], "x", 1);
	assert(r == 1);
	f->offer = *offer;
	create(f);
	f->next = fakes;
	fakes = f;
}

void fake_pcm_done(struct fake_pcm *f)
{
	struct fake_pcm **at = &fakes;

	if (f->io.pcm)
		snd_pcm_ioplug_delete(&f->io);
	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	close(f->pipe[0]);
	close(f->pipe[1]);
	free(f->tape);
}

/* From the ring to the tape. */
static void hear(struct fake_pcm *f, uint32_t frames)
{
	const snd_pcm_channel_area_t *area = snd_pcm_ioplug_mmap_areas(&f->io);
	size_t bytes = (size_t)snd_pcm_format_size(f->io.format, f->io.channels);
	const uint8_t *ring = (const uint8_t *)area->addr + area->first / 8;
	uint8_t *tape;

	if (f->tape_size < f->tape_frames + frames) {
		f->tape_size = 2 * (f->tape_frames + frames);
		f->tape = realloc(f->tape, f->tape_size * bytes);
		assert(f->tape);
	}
	tape = f->tape + f->tape_frames * bytes;
	for (uint32_t i = 0; i < frames; i++)
		memcpy(tape + i * bytes, ring + (f->pos + i) % f->io.buffer_size * bytes,
		       bytes);
	f->tape_frames += frames;
	f->pos += frames;
}

void fake_pcm_play(struct fake_pcm *f, uint32_t frames)
{
	if (f->io.state != SND_PCM_STATE_RUNNING)
		return;
	hear(f, frames < filled(f) ? frames : filled(f));
	if (filled(f) == 0)
		snd_pcm_ioplug_set_state(&f->io, SND_PCM_STATE_XRUN);
}

void fake_pcm_break(struct fake_pcm *f, snd_pcm_state_t state)
{
	snd_pcm_ioplug_set_state(&f->io, state);
}

void fake_pcm_unplug(struct fake_pcm *f)
{
	for (int call = 0; call < FAKE_CALLS; call++)
		f->fails[call] = -ENODEV;
	f->fails[FAKE_AVAIL_UPDATE] = 0; /* alsa-lib answers from memory */
}

/* ---- the calls ---------------------------------------------------------------------- */

#define REAL(function) ((__typeof__(&(function)))dlsym(RTLD_NEXT, #function))

static struct fake_pcm *find(snd_pcm_t *pcm)
{
	struct fake_pcm *f = fakes;

	while (f && f->io.pcm != pcm)
		f = f->next;
	return f;
}

static int fails(snd_pcm_t *pcm, enum fake_call call)
{
	struct fake_pcm *f = find(pcm);

	if (!f)
		return 0;
	if (f->lets[call] > 0) {
		f->lets[call]--;
		return 0;
	}
	return f->fails[call];
}

int snd_pcm_open(snd_pcm_t **ret, const char *name, snd_pcm_stream_t stream, int mode)
{
	for (struct fake_pcm *f = fakes; f; f = f->next) {
		if (!f->name || strcmp(f->name, name) != 0)
			continue;
		if (f->fails[FAKE_OPEN] == 0 && !f->io.pcm)
			create(f);
		if (f->fails[FAKE_OPEN] == 0)
			*ret = f->io.pcm;
		return f->fails[FAKE_OPEN];
	}
	return REAL(snd_pcm_open)(ret, name, stream, mode);
}

snd_pcm_type_t snd_pcm_type(snd_pcm_t *pcm)
{
	struct fake_pcm *f = find(pcm);

	return f && f->is_hw ? SND_PCM_TYPE_HW : REAL(snd_pcm_type)(pcm);
}

int snd_pcm_hw_params_is_batch(const snd_pcm_hw_params_t *hw)
{
	for (struct fake_pcm *f = fakes; f; f = f->next)
		if (f->is_batch)
			return 1;
	return REAL(snd_pcm_hw_params_is_batch)(hw);
}

int snd_pcm_status(snd_pcm_t *pcm, snd_pcm_status_t *status)
{
	struct fake_pcm *f = find(pcm);
	int r = fails(pcm, FAKE_STATUS);

	if (f)
		f->status = status;
	return r ? r : REAL(snd_pcm_status)(pcm, status);
}

void snd_pcm_status_get_htstamp(const snd_pcm_status_t *status, snd_htimestamp_t *ret)
{
	REAL(snd_pcm_status_get_htstamp)(status, ret);
	for (struct fake_pcm *f = fakes; f; f = f->next)
		if (f->status == status && f->no_timestamps)
			*ret = (snd_htimestamp_t){0};
}

snd_pcm_uframes_t snd_pcm_status_get_avail(const snd_pcm_status_t *status)
{
	snd_pcm_uframes_t avail = REAL(snd_pcm_status_get_avail)(status);

	for (struct fake_pcm *f = fakes; f; f = f->next)
		if (f->status == status)
			avail += f->boasted;
	return avail;
}

snd_pcm_sframes_t snd_pcm_avail_update(snd_pcm_t *pcm)
{
	struct fake_pcm *f = find(pcm);
	snd_pcm_sframes_t r = fails(pcm, FAKE_AVAIL_UPDATE);

	if (r == 0)
		r = REAL(snd_pcm_avail_update)(pcm);
	return r >= 0 && f ? r + (snd_pcm_sframes_t)f->boasted : r;
}

int snd_pcm_mmap_begin(snd_pcm_t *pcm, const snd_pcm_channel_area_t **areas,
		       snd_pcm_uframes_t *offset, snd_pcm_uframes_t *frames)
{
	int r = fails(pcm, FAKE_MMAP_BEGIN);

	return r ? r : REAL(snd_pcm_mmap_begin)(pcm, areas, offset, frames);
}

static snd_pcm_uframes_t takes(snd_pcm_t *pcm, snd_pcm_uframes_t frames)
{
	struct fake_pcm *f = find(pcm);

	return f && f->takes && f->takes < frames ? f->takes : frames;
}

snd_pcm_sframes_t snd_pcm_mmap_commit(snd_pcm_t *pcm, snd_pcm_uframes_t offset,
				      snd_pcm_uframes_t frames)
{
	int r = fails(pcm, FAKE_MMAP_COMMIT);

	return r ? r : REAL(snd_pcm_mmap_commit)(pcm, offset, takes(pcm, frames));
}

snd_pcm_sframes_t snd_pcm_writei(snd_pcm_t *pcm, const void *buffer,
				 snd_pcm_uframes_t frames)
{
	int r = fails(pcm, FAKE_WRITEI);

	return r ? r : REAL(snd_pcm_writei)(pcm, buffer, takes(pcm, frames));
}

snd_pcm_sframes_t snd_pcm_rewind(snd_pcm_t *pcm, snd_pcm_uframes_t frames)
{
	struct fake_pcm *f = find(pcm);
	int r = fails(pcm, FAKE_REWIND);

	if (r)
		return r;
	if (f && f->rewinds && f->rewinds < frames)
		frames = f->rewinds;
	return REAL(snd_pcm_rewind)(pcm, frames) + (f ? f->boasts : 0);
}

int snd_pcm_start(snd_pcm_t *pcm)
{
	int r = fails(pcm, FAKE_START);

	return r ? r : REAL(snd_pcm_start)(pcm);
}

int snd_pcm_drop(snd_pcm_t *pcm)
{
	int r = fails(pcm, FAKE_DROP);

	return r ? r : REAL(snd_pcm_drop)(pcm);
}

int snd_pcm_prepare(snd_pcm_t *pcm)
{
	int r = fails(pcm, FAKE_PREPARE);

	if (r == 0 && find(pcm) && snd_pcm_state(pcm) == SND_PCM_STATE_RUNNING)
		r = -EBUSY; /* as the kernel does */
	return r ? r : REAL(snd_pcm_prepare)(pcm);
}
