/* SPDX-License-Identifier: MIT */
/*
 * What a client sees of a daemon that plays on the null backend (at $AUD_SOCKET; preload_read.c
 * tells in $AUD_READ_AT when it read): how many
 * frames a second it takes, beside a plain socket copy of the same bytes; how soon a push into
 * silence is in the device; how late the end of a playout is told; how soon a clear is silent.
 * usage: bench_daemon [clear]   clear: only the last
 */
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "aud.h"

enum { RATE = 48000, CHANNELS = 2, FRAME = 4, QUEUE_MS = 60000 };
enum { PUSH = RATE / 50, PUSHES = 50 * QUEUE_MS / 1000, OUTSTANDING = 16 };
enum { STARTS = 200, WAITS = 200, CLEARS = 1000 };
enum {
	DEEP = RATE / 1000 * 195
}; /* frames in a buffer of 200 ms that is full, or nearly so */

static int16_t frames[RATE * CHANNELS];

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static void must(int result)
{
	if (result >= 0)
		return;
	fprintf(stderr, "bench: %s\n", aud_error(NULL));
	exit(EXIT_FAILURE);
}

static struct aud_source *new_source(struct aud *a, uint32_t queue_ms)
{
	struct aud_source_options options = {.queue_size_ms = queue_ms};
	struct aud_source *s;

	must(aud_source_new(a, &s, RATE, CHANNELS, &options));
	return s;
}

/* ---- throughput --------------------------------------------------------------------- */

static void count_down(const struct aud_result *result, void *user)
{
	must(result->error);
	--*(int *)user;
}

/* 60 s of sound in pushes of 20 ms, as fast as they are taken. */
static double push_all(struct aud *a)
{
	struct aud_source *s = new_source(a, QUEUE_MS);
	uint64_t began = now_ns(), ns;
	int waiting = 0;

	for (int i = 0; i < PUSHES; i++) {
		must(aud_source_capture_frame_async(s, frames, PUSH, NULL, count_down,
						    &waiting));
		waiting++;
		while (waiting >= OUTSTANDING || (i + 1 == PUSHES && waiting > 0))
			must(aud_wait(a, -1));
	}
	ns = now_ns() - began;
	must(aud_source_close(s, true));
	aud_source_free(s);
	return (double)PUSHES * PUSH * 1e9 / (double)ns;
}

/* The other end of the plain copy: reads a push, puts it into a ring, answers with a byte. */
static void *plain_server(void *fd_pointer)
{
	static uint8_t ring[RATE * FRAME];
	int fd = *(int *)fd_pointer;
	uint8_t answer = 1;

	for (int i = 0; i < PUSHES; i++) {
		uint8_t buffer[PUSH * FRAME];
		size_t got = 0;

		while (got < sizeof(buffer)) {
			ssize_t n = recv(fd, buffer + got, sizeof(buffer) - got, 0);

			if (n <= 0)
				return NULL;
			got += (size_t)n;
		}
		memcpy(ring + (size_t)i % 50 * sizeof(buffer), buffer, sizeof(buffer));
		if (send(fd, &answer, 1, 0) != 1)
			return NULL;
	}
	return NULL;
}

static double copy_all(void)
{
	int fds[2], waiting = 0;
	pthread_t server;
	uint64_t began;
	uint8_t answers[OUTSTANDING];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		exit(EXIT_FAILURE);
	pthread_create(&server, NULL, plain_server, &fds[1]);
	began = now_ns();
	for (int i = 0; i < PUSHES; i++) {
		if (send(fds[0], frames, PUSH * FRAME, 0) != PUSH * FRAME)
			exit(EXIT_FAILURE);
		waiting++;
		while (waiting >= OUTSTANDING || (i + 1 == PUSHES && waiting > 0))
			waiting -= (int)recv(fds[0], answers, sizeof(answers), 0);
	}
	began = now_ns() - began;
	pthread_join(server, NULL);
	close(fds[0]);
	close(fds[1]);
	return (double)PUSHES * PUSH * 1e9 / (double)began;
}

static void bench_throughput(struct aud *a)
{
	double daemon = 0, plain = 0;

	for (int i = 0; i < 7; i++) {
		double d = push_all(a), p = copy_all();

		daemon = d > daemon ? d : daemon;
		plain = p > plain ? p : plain;
	}
	printf("pushes of 20 ms (stereo s16) over the socket, %d outstanding:\n",
	       OUTSTANDING);
	printf("  audd             %6.1f million frames/s  (%.0f times real time)\n",
	       daemon / 1e6, daemon / RATE);
	printf("  plain copy       %6.1f million frames/s\n", plain / 1e6);
	printf("  ratio            %6.2f\n", plain / daemon);
}

/* ---- latencies ---------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void print_spread(const char *what, uint64_t *ns, int n)
{
	qsort(ns, (size_t)n, sizeof(*ns), by_size);
	printf("%s, %d times: median %.3f ms, 99th percentile %.3f ms, worst %.3f ms\n",
	       what, n, (double)ns[n / 2] / 1e6, (double)ns[n - 1 - n / 100] / 1e6,
	       (double)ns[n - 1] / 1e6);
}

/* From before the push is sent to the player's look at the clock with which it fed it. */
static uint64_t time_start(struct aud_source *s)
{
	struct aud_source_status *status;
	uint64_t began = now_ns(), at;
	bool there;

	must(aud_source_capture_frame(s, frames, PUSH, NULL));
	do {
		must(aud_source_status(s, &status));
		there = status->in_device > 0;
		at = status->at_ns;
		aud_source_status_free(status);
	} while (!there);
	must(aud_source_wait_for_playout(s, NULL, NULL));
	return at > began ? at - began : 0;
}

static void bench_start(struct aud *a)
{
	static uint64_t ns[STARTS];
	struct aud_source *s = new_source(a, 1000);

	for (int i = 0; i < STARTS; i++)
		ns[i] = time_start(s);
	aud_source_free(s);
	print_spread("push into silence -> first frame in the device", ns, STARTS);
}

/* From the moment at which the last frame was heard to the answer. */
static uint64_t time_wait(struct aud_source *s)
{
	struct aud_playout playout;

	must(aud_source_capture_frame(s, frames, PUSH, NULL));
	must(aud_source_wait_for_playout(s, NULL, &playout));
	return now_ns() - playout.at_ns;
}

static void bench_wait(struct aud *a)
{
	static uint64_t ns[WAITS];
	struct aud_source *s = new_source(a, 1000);

	for (int i = 0; i < WAITS; i++)
		ns[i] = time_wait(s);
	aud_source_free(s);
	print_spread("last frame heard -> answer to wait_for_playout", ns, WAITS);
}

/* Full, and what was in it before is heard. */
static void fill_device(struct aud_source *s)
{
	struct aud_source_status *status;
	bool full;

	must(aud_source_capture_frame(s, frames, RATE / 2, NULL));
	do {
		must(aud_source_status(s, &status));
		full = status->in_device >= DEEP;
		aud_source_status_free(status);
	} while (!full);
	poll(NULL, 0, 3);
}

/* How long it went on to sound: after the client had sent it, the daemon had read it, and the
 * player had obeyed. */
struct silence {
	uint64_t sent[CLEARS], read[CLEARS], obeyed[CLEARS]; /* ns */
};

static uint64_t since(uint64_t then, uint64_t now)
{
	return now > then ? now - then : 0;
}

static void time_clear(struct aud_source *s, const _Atomic uint64_t *read_at,
		       struct silence *ret, int i)
{
	static const struct aud_fade none = {.ms = 0};
	struct aud_cleared cleared;
	uint64_t began, silent;

	fill_device(s);
	began = now_ns();
	must(aud_source_clear_queue(s, &none, &cleared));
	if (cleared.dropped == 0)
		exit(EXIT_FAILURE);
	ret->obeyed[i] = cleared.in_device * UINT64_C(1000000000) / RATE;
	silent = cleared.at_ns + ret->obeyed[i];
	ret->read[i] = since(*read_at, silent);
	ret->sent[i] = since(began, silent);
}

static const _Atomic uint64_t *map_read_at(void)
{
	const char *path = getenv("AUD_READ_AT");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *map = mmap(NULL, sizeof(uint64_t), PROT_READ, MAP_SHARED, fd, 0);

	if (map != MAP_FAILED)
		return map;
	fprintf(stderr, "bench: $AUD_READ_AT is no file\n");
	exit(EXIT_FAILURE);
}

static void bench_clear(struct aud *a)
{
	static struct silence after;
	const _Atomic uint64_t *read_at = map_read_at();
	struct aud_source *s = new_source(a, 1000);
	struct aud_daemon_status *status;

	for (int i = 0; i < CLEARS; i++)
		time_clear(s, read_at, &after, i);
	aud_source_free(s);
	must(aud_daemon_status(a, &status));
	printf("a clear, fade 0, 200 ms in the device, guard %.1f ms:\n",
	       status->outputs[0].guard_frames * 1e3 / RATE);
	aud_daemon_status_free(status);
	print_spread("  read by the daemon -> silence", after.read, CLEARS);
	print_spread("  obeyed by the player -> silence", after.obeyed, CLEARS);
	print_spread("  sent by the client -> silence", after.sent, CLEARS);
}

int main(int argc, char **argv)
{
	bool all = argc < 2 || strcmp(argv[1], "clear") != 0;
	struct aud *a;

	for (uint32_t i = 0; i < RATE * CHANNELS; i++)
		frames[i] = (int16_t)(i * 2654435761u >> 20);
	must(aud_connect(&a, NULL, "bench"));
	if (all) {
		bench_throughput(a);
		bench_start(a);
		bench_wait(a);
	}
	bench_clear(a);
	aud_free(a);
	return 0;
}
