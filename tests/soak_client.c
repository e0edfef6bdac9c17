/* SPDX-License-Identifier: MIT */
/*
 * One connection and one source at a time; the source is played out before the next.
 */
#include "soak_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "aud.h"

#define ROLE "client"

enum { SUMS_FD = 17, MOST = 4800, PATIENCE_MS = 60000 };

struct soak_client {
	const char *socket;
	struct soak_sums *sums;
	struct aud *aud;
	struct aud_source *source;
	uint64_t pushed; /* into the source, by what captures said */
	bool broken;     /* the connection is lost for good */
};

static void count(_Atomic uint64_t *sum, uint64_t n)
{
	atomic_fetch_add_explicit(sum, n, memory_order_relaxed);
}

static void rest(uint32_t ms)
{
	const struct timespec t = {.tv_nsec = (long)ms * 1000000};

	nanosleep(&t, NULL);
}

/* Of a call: whether the connection is there still. */
static void note(struct soak_client *c, int r)
{
	if (r == -ENOTCONN && !c->broken)
		fprintf(stderr, "soak client: %s\n", aud_error(c->aud));
	if (r == -ENOTCONN)
		c->broken = true;
	else if (r < 0)
		count(&c->sums->refused, 1);
}

/* ---- what it does ----------------------------------------------------------------- */

static void push_into(struct soak_client *c, struct aud_source *source)
{
	static int16_t samples[MOST];
	struct aud_capture_options options = AUD_CAPTURE_OPTIONS_INIT;
	uint32_t n = 1 + (uint32_t)rand() % MOST;
	struct aud_captured captured = {0};
	int r;

	for (uint32_t i = 0; i < n; i++)
		samples[i] = (int16_t)(rand() % 2000);
	if (rand() % 4 == 0)
		options.timeout_ms = (uint64_t)(rand() % 50);
	r = aud_source_capture_frame_with(source, samples, n, &options, &captured);
	note(c, r);
	if (r >= 0)
		c->pushed += n;
	count(&c->sums->captures, 1);
}

static void push(struct soak_client *c)
{
	push_into(c, c->source);
}

/* A second connection holds it, pushes some frames, and goes again. */
static void attach(struct soak_client *c)
{
	uint8_t token[AUD_TOKEN_BYTES];
	struct aud_source *again;
	struct aud *aud;

	if (aud_source_token(c->source, token) < 0 ||
	    aud_connect(&aud, c->socket, "soak again") < 0)
		return;
	if (aud_source_attach(aud, &again, aud_source_handle(c->source), token) >= 0) {
		push_into(c, again);
		aud_source_free(again);
		count(&c->sums->attaches, 1);
	}
	aud_free(aud);
}

static void wait_a_little(struct soak_client *c)
{
	struct aud_wait_options options = AUD_WAIT_OPTIONS_INIT;

	options.timeout_ms = (uint64_t)(rand() % 100);
	note(c, aud_source_wait_for_playout(c->source, &options, NULL));
	count(&c->sums->waits, 1);
}

static void do_something(struct soak_client *c)
{
	const struct aud_fade fade = {.ms = (uint32_t)(rand() % 20)};

	switch (rand() % 16) {
	case 0:
		note(c, aud_source_clear_queue(c->source, &fade, NULL));
		count(&c->sums->clears, 1);
		break;
	case 1:
		note(c, aud_source_pause(c->source, &fade, NULL));
		rest((uint32_t)rand() % 50);
		note(c, aud_source_resume(c->source, &fade, NULL));
		count(&c->sums->pauses, 1);
		break;
	case 2:
		note(c, aud_source_set_mark(c->source, 1, AUD_NO_POSITION, NULL));
		count(&c->sums->marks, 1);
		break;
	case 3:
		wait_a_little(c);
		break;
	case 4:
		note(c, aud_source_move(c->source, rand() % 2 ? "main" : "other", &fade,
					NULL));
		count(&c->sums->moves, 1);
		break;
	case 5:
		attach(c);
		break;
	case 6:
		note(c, aud_source_set_gain(c->source, (float)(rand() % 100) / 100, 20));
		break;
	case 7:
		rest((uint32_t)rand() % 100);
		break;
	default:
		push(c);
	}
}

/* ---- from beginning to end -------------------------------------------------------- */

/* All that went in must have come out. */
static void settle(struct soak_client *c)
{
	struct aud_wait_options options = AUD_WAIT_OPTIONS_INIT;
	struct aud_source_status *s;
	struct soak_sums *sums = c->sums;
	uint64_t dropped;

	options.timeout_ms = PATIENCE_MS;
	note(c, aud_source_wait_for_playout(c->source, &options, NULL));
	if (c->broken || aud_source_status(c->source, &s) < 0)
		return;
	dropped = s->dropped_cleared + s->dropped_closed + s->dropped_refused;
	count(&sums->pushed, s->pushed);
	count(&sums->heard, s->heard);
	count(&sums->dropped, dropped);
	count(&sums->lost, s->pushed - s->heard - dropped);
	count(&sums->odd, (uint64_t)llabs((long long)(s->pushed - c->pushed)));
	count(&sums->sources, 1);
	aud_source_status_free(s);
}

static void live(struct soak_client *c)
{
	static const uint32_t rates[] = {48000, 48000, 44100, 24000, 16000};
	const struct aud_source_options options = {
		.queue_size_ms = 20 + (uint32_t)rand() % 500,
		.name = "soak",
		.role = rand() % 4 ? 0 : AUD_ROLE_SPEECH,
	};
	int r = aud_source_new(c->aud, &c->source, rates[rand() % 5], 1, &options);

	note(c, r);
	if (r < 0)
		return;
	c->pushed = 0;
	aud_source_subscribe(c->source, 50);
	for (int i = rand() % 60; i > 0 && !c->broken; i--)
		do_something(c);
	if (!c->broken)
		settle(c);
	aud_source_close(c->source, rand() % 2);
	aud_source_free(c->source);
}

static int run(const char *socket, unsigned int seed, struct soak_sums *sums)
{
	struct soak_client c = {.socket = socket, .sums = sums};

	srand(seed);
	while (!atomic_load(&sums->stop)) {
		c.broken = false;
		if (aud_connect(&c.aud, socket, "soak") < 0) {
			rest(20);
			continue;
		}
		for (int i = 1 + rand() % 5; i > 0 && !c.broken; i--)
			live(&c);
		if (c.broken)
			count(&sums->gaps, 1);
		aud_free(c.aud);
	}
	return EXIT_SUCCESS;
}

/* ---- a process of its own --------------------------------------------------------- */

pid_t soak_client_spawn(const char *socket, unsigned int seed, int sums_fd)
{
	char text[16];
	pid_t pid;

	snprintf(text, sizeof(text), "%u", seed);
	pid = fork();
	if (pid != 0)
		return pid;
	dup2(sums_fd, SUMS_FD);
	execl("/proc/self/exe", "soak", ROLE, socket, text, (char *)NULL);
	_exit(127);
}

bool soak_client_is_asked_for(int argc, char **argv)
{
	return argc == 4 && strcmp(argv[1], ROLE) == 0;
}

int soak_client_main(char **argv)
{
	struct soak_sums *sums =
		mmap(NULL, sizeof(*sums), PROT_READ | PROT_WRITE, MAP_SHARED, SUMS_FD, 0);

	if (sums == MAP_FAILED)
		return EXIT_FAILURE;
	return run(argv[2], (unsigned int)strtoul(argv[3], NULL, 10), sums);
}
