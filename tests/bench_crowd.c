/* SPDX-License-Identifier: MIT */
/*
 * A crowd at a daemon that plays on the null backend (at $AUD_SOCKET): 1000 clients, 512 sources, 128 of
 * which stream. What of one processor the daemon takes, whether it kept up, how late it woke.
 * "slots": what room for sources costs that are not there, when the player follows a change and when
 * it does not, on a sink without a clock.
 * usage: bench_crowd PID RATE [SECONDS]; bench_crowd slots
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aud.h"
#include "crowd.h"
#include "treadmill.h"

enum { CLIENTS = 1000, SOURCES = 512, SOUNDING = 128, PIECES_A_SECOND = 50 };

/* ---- the crowd ---------------------------------------------------------------------- */

struct look {
	uint64_t at_ns, main_ns, player_ns;
	uint64_t wakeups, xruns, late, very_late;
};

static void look(int pid, struct aud *a, struct look *ret)
{
	struct aud_daemon_status *status;

	if (aud_daemon_status(a, &status) < 0) {
		fprintf(stderr, "bench: %s\n", aud_error(NULL));
		exit(EXIT_FAILURE);
	}
	ret->at_ns = treadmill_now();
	ret->player_ns = crowd_cpu_ns(pid, "player");
	ret->main_ns = crowd_cpu_ns(pid, NULL) - ret->player_ns;
	ret->wakeups = status->outputs[0].wakeups;
	ret->xruns = status->outputs[0].xruns;
	ret->late = ret->very_late = 0;
	for (size_t i = 4; i < status->outputs[0].num_late_us; i++)
		ret->late += status->outputs[0].late_us[i];
	for (size_t i = 7; i < status->outputs[0].num_late_us; i++)
		ret->very_late += status->outputs[0].late_us[i];
	aud_daemon_status_free(status);
}

static void bench_crowd(int pid, uint32_t rate, uint32_t seconds)
{
	struct crowd *c;
	struct look before, after;
	struct aud *a;
	double wall;
	uint64_t frames;

	c = crowd_new(getenv("AUD_SOCKET"), CLIENTS);
	crowd_open(c, SOURCES, rate);
	if (aud_connect(&a, NULL, "bench") < 0)
		exit(EXIT_FAILURE);
	crowd_stream(c, 0, SOUNDING, PIECES_A_SECOND);
	look(pid, a, &before);
	crowd_stream(c, 0, SOUNDING, seconds * PIECES_A_SECOND);
	look(pid, a, &after);
	wall = (double)(after.at_ns - before.at_ns);
	frames = crowd_heard(c);
	printf("%d clients, %d sources, %d streaming %" PRIu32 " Hz mono for %.1f s:\n",
	       CLIENTS, SOURCES, SOUNDING, rate, wall / 1e9);
	printf("  %.1f %% of a processor (main thread %.1f, player %.1f); %.0f wake-ups "
	       "of the player a second\n",
	       1e2 *
		       (double)(after.main_ns + after.player_ns - before.main_ns -
				before.player_ns) /
		       wall,
	       1e2 * (double)(after.main_ns - before.main_ns) / wall,
	       1e2 * (double)(after.player_ns - before.player_ns) / wall,
	       1e9 * (double)(after.wakeups - before.wakeups) / wall);
	printf("  %" PRIu64 " xruns; of %" PRIu64 " wake-ups %" PRIu64
	       " were late by 0.5 ms or more, %" PRIu64 " of these by 5 ms or more\n",
	       after.xruns - before.xruns, after.wakeups - before.wakeups,
	       after.late - before.late, after.very_late - before.very_late);
	printf("  %.1f million frames pushed, all of them heard\n", (double)frames / 1e6);
	aud_free(a);
	crowd_free(c);
}

/* ---- empty slots -------------------------------------------------------------------- */

static double least_turn(uint32_t slots, bool follows)
{
	const struct treadmill_shape shape = {.rate = TREADMILL_RATE,
					      .channels = 1,
					      .slots = slots,
					      .follows = follows};
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < 5; i++) {
		struct work w = treadmill_run(&shape, 8, 60);

		least = w.least_ns < least ? w.least_ns : least;
	}
	return (double)least / 1e3;
}

static void bench_slots(void)
{
	static const uint32_t counts[] = {64, 512, 4096};

	printf("  max_sources   a turn, us   one that follows a change, us   memory, "
	       "KiB\n");
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		printf("  %11" PRIu32 "   %10.2f   %29.2f   %11.1f\n", counts[i],
		       least_turn(counts[i], false), least_turn(counts[i], true),
		       counts[i] * 3 * sizeof(void *) / 1024.0);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "slots") == 0)
		bench_slots();
	else if (argc > 2)
		bench_crowd(atoi(argv[1]), (uint32_t)atoi(argv[2]),
			    argc > 3 ? (uint32_t)atoi(argv[3]) : 10);
	return 0;
}
