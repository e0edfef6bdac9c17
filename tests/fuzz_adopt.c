/* SPDX-License-Identifier: MIT */
/*
 * The memory of a source, as a daemon before this one or anybody else may have left it: it is thrown
 * away, or it becomes a source that keeps all promises. The input is in units, as the steps of a
 * session are: one that says what the source was, some that change numbers in its headers (see
 * queue.h) into anything, and then the steps of a session that meets what was adopted. So it does
 * not matter to it what stands where.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "adopt.h"
#include "fuzz/fuzz.h"
#include "fuzz/session.h"
#include "fuzz/step.h"
#include "must.h"

enum {
	SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL,
	FILE_MAX = 4 << 20,
};

struct headers {
	struct queue_player_part player;
	struct queue_writer_part writer;
};

enum { WORDS = sizeof(struct headers) / sizeof(uint64_t), PATCHES_MAX = 8 };

/* ---- headers ------------------------------------------------------------------------ */

static void describe(struct queue *q, const struct step *s)
{
	struct queue_keep *k = &q->writer->keep;
	struct channels channels = {.layout = layout_default(q->shape.channels)};

	queue_describe(q, &channels, s->flags & 1);
	queue_set_gain(q, (struct gain){.factor = 1.0f});
	queue_hold(q, s->flags >> 1 & 1, (struct fade){.frames = 100});
	strcpy(k->name, "voice");
	strcpy(k->client, "fuzz");
	memcpy(k->token, &s->x, sizeof(s->x));
	k->id = 7;
	k->output =
		s->flags >> 2 & 1 ? output_key(session_hall()->hub.outputs.items[1]) : 0;
	k->uid = (uint32_t)getuid();
	k->queue_ms = q->shape.limit * 1000 / q->shape.rate;
	k->linger_ms = 50;
	k->ending = s->flags >> 3 & 1;
	k->drop_on_disconnect = s->flags >> 4 & 1;
}

/* Somewhere in its life: x frames were written, z of them heard, and y of these last are cut. */
static void play(struct queue *q, const struct step *s)
{
	uint64_t written = s->x % 100000;
	uint64_t queued = s->y % (q->shape.limit + 1), cut = s->z % 3000;
	struct queue_saved *saved = &q->player->saved[s->flags >> 5 & 1];
	uint64_t played, dropped;

	queued = queued < written ? queued : written;
	cut = cut < written ? cut : written;
	played = written - queued;
	cut = s->flags >> 6 & 1 ? written - cut : 0;
	dropped = (played < cut ? played : cut) / 3 * (s->flags >> 7 & 3);
	atomic_store(&q->writer->written, written);
	atomic_store(&q->writer->cut, cut);
	atomic_store(&q->player->saved_which, s->flags >> 5 & 1);
	atomic_store(&saved->saved_played, played);
	atomic_store(&saved->saved_heard, played - dropped);
	atomic_store(&saved->saved_floor, s->flags >> 9 & 1 ? played : 0);
	atomic_store(&q->player->played, played);
}

static struct headers make_headers(const struct step *s)
{
	static const uint32_t rates[] = {40000, 20000, 8000, 44100};
	struct queue_shape shape = {
		.rate = rates[s->kind & 3],
		.channels = 1 + (s->kind >> 2 & 3),
		.format = (s->kind >> 4) % NUM_FORMATS,
		.lookback = s->flags >> 10 & 1 ? 0 : 1000,
	};
	struct headers h;
	struct store store;
	struct queue q;

	shape.limit = shape.rate / 1000 * (1 + s->who);
	must(store_init(&store, &shape, 0, &q) == 0, "no memory");
	describe(&q, s);
	play(&q, s);
	memcpy(&h.player, q.player, sizeof(h.player));
	memcpy(&h.writer, q.writer, sizeof(h.writer));
	store_done(&store);
	return h;
}

/* A number becomes another one, a little more or less, or what stands elsewhere; its low half
 * alone, or all of it. */
static void patch(struct headers *h, const struct step *s)
{
	uint64_t words[WORDS], value = (uint64_t)s->y << 32 | s->x;
	uint64_t *word = &words[s->flags % WORDS], old;

	memcpy(words, h, sizeof(words));
	old = *word;
	switch (s->kind % 4) {
	case 0:
		*word = value;
		break;
	case 1:
		*word += (uint64_t)((int32_t)s->x % 4);
		break;
	case 2:
		*word = words[s->x % WORDS];
		break;
	default:
		*word ^= UINT64_C(1) << s->x % 64;
	}
	if (s->who & 1)
		*word = (old & ~UINT64_C(0xffffffff)) | (uint32_t)*word;
	memcpy(h, words, sizeof(words));
}

/* ---- the file ----------------------------------------------------------------------- */

/* As long as it says, if that is not too long for us. */
static size_t file_bytes(const struct headers *h)
{
	const struct queue_shape *s = &h->player.shape;

	if (s->channels >= 1 && s->channels <= CHANNELS_MAX && s->format < NUM_FORMATS &&
	    s->limit < FILE_MAX && s->lookback < FILE_MAX &&
	    queue_file_bytes(s) <= FILE_MAX)
		return queue_file_bytes(s);
	return 4 * QUEUE_PAGE;
}

static uint8_t *lay_out(const struct headers *h, size_t bytes)
{
	uint8_t *data = calloc(1, bytes);

	must(data && bytes >= QUEUE_RING_OFFSET, "no memory");
	memcpy(data, &h->player, sizeof(h->player));
	memcpy(data + QUEUE_PAGE, &h->writer, sizeof(h->writer));
	for (size_t i = QUEUE_RING_OFFSET; i < bytes; i++)
		data[i] = (uint8_t)(i * 37 >> 2);
	return data;
}

static int make_file(const struct headers *h)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t bytes = file_bytes(h);
	uint8_t *data = lay_out(h, bytes);

	must(pwrite(fd, data, bytes, 0) == (ssize_t)bytes, "no memory file");
	must(fcntl(fd, F_ADD_SEALS, SEALS) == 0, "no seals");
	free(data);
	return fd;
}

/* ---- systemd's part ------------------------------------------------------------------ */

static char stored[40];

/* In place of libsystemd's: one file is passed, and this is its name. */
int sd_listen_fds_with_names(int unset_environment, char ***ret_names)
{
	(void)unset_environment;
	*ret_names = calloc(2, sizeof(**ret_names));
	(*ret_names)[0] = strdup(stored);
	return 1;
}

/* The descriptors that systemd passes are the first ones; ours is at this number in no session. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	must(dup2(STDERR_FILENO, SD_LISTEN_FDS_START) == SD_LISTEN_FDS_START, "no file");
	return 0;
}

static void adopt(const struct headers *h)
{
	struct hub *hub = &session_hall()->hub;
	int fd = make_file(h);

	must(dup3(fd, SD_LISTEN_FDS_START, O_CLOEXEC) == SD_LISTEN_FDS_START, "no file");
	close(fd);
	snprintf(stored, sizeof(stored), "source-%" PRIu64, h->writer.keep.id);
	must(adopt_all(&hub->sources, &hub->users) == 0, "no memory");
	must(hub->sources.num <= 1, "one becomes many");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t all = size / sizeof(struct step), used = 1;
	struct headers h;
	struct step s;
	size_t patches;

	if (all == 0)
		return 0;
	session_open();
	memcpy(&s, data, sizeof(s));
	h = make_headers(&s);
	patches = (s.flags >> 11) % PATCHES_MAX;
	for (; patches > 0 && used < all; patches--, used++) {
		memcpy(&s, data + used * sizeof(s), sizeof(s));
		patch(&h, &s);
	}
	adopt(&h);
	session_run(data + used * sizeof(s), (all - used) * sizeof(s));
	session_close();
	LLVMFuzzerInitialize(NULL, NULL);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed)
{
	return session_mutate(data, size, max_size, seed);
}
