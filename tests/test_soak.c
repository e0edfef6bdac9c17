/* SPDX-License-Identifier: MIT */
/*
 * A daemon in real time under clients that do anything, are stopped and are killed; whose device
 * vanishes, who is stopped itself, reads its settings again, ends and is killed: on the null
 * backend, and on a sound card that an ALSA plugin makes. Every source that is played out accounts
 * for its frames; memory, files and threads are looked at all the time. SOAK_HOURS says how
 * long, both together.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "aud.h"
#include "lives.h"
#include "soak_client.h"
#include "suite.h"

enum {
	CLIENTS = 5,
	LATE = 8,
	SLACK_FILES = 12, /* a device's, and those of who comes or goes at this moment */
	GROWTH_KIB = 4096,
	SHORT_S = 8,
};

/* Of those who were killed. */
#define LEAVE "[daemon]\nlinger_ms = 500\n"

static const char *const configs[2][2] = {
	{LEAVE "[output main]\nbackend = null\n[output other]\nbackend = null\n",
	 LEAVE "max_gain_db = 6\n[output main]\nbackend = null\nidle_ms = 100\n"
	       "[output other]\nbackend = null\n"},
	{LEAVE "[output]\nrewind = yes\n[output main]\n[output other]\nbackend = null\n",
	 LEAVE "[output]\nrewind = yes\n[output main]\nbuffer_ms = 100\n"
	       "[output other]\nbackend = null\nduck_db = 6\n"},
};

struct soak {
	struct lives lives;
	struct soak_sums *sums;
	int sums_fd, which;
	char folder[32],
		present[64]; /* the card is plugged in while this file is there */
	pid_t clients[CLIENTS];
	struct aud *aud;

	/* Of the present life. */
	bool bare_known;
	int bare_files, threads;
	uint64_t memory_kib;
	uint64_t late[LATE], xruns, losses;

	/* Of all of them. */
	uint64_t looks, all_late[LATE], all_xruns, all_losses, most_kib;
	int most_files;
	uint64_t ends, kills, reloads, stops, unplugs, halts, client_kills;
};

static struct soak *k;

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- clients ---------------------------------------------------------------------- */

static pid_t spawn_client(unsigned int seed)
{
	return soak_client_spawn(k->lives.audd.socket, seed, k->sums_fd);
}

static void kill_client(void)
{
	int i = rand() % CLIENTS;

	kill(k->clients[i], SIGKILL);
	waitpid(k->clients[i], NULL, 0);
	k->clients[i] = spawn_client((unsigned int)rand());
	k->client_kills++;
}

static void end_clients(void)
{
	atomic_store(&k->sums->stop, true);
	for (int i = 0; i < CLIENTS; i++) {
		int status;

		ck_assert_int_eq(waitpid(k->clients[i], &status, 0), k->clients[i]);
		ck_assert_int_eq(status, 0);
	}
}

/* ---- looks ------------------------------------------------------------------------ */

static void look_at_ledgers(void)
{
	struct aud_source_status *list;
	int n = aud_list(k->aud, &list);

	for (int i = 0; i < n; i++) {
		const struct aud_source_status *s = &list[i];

		ck_assert_uint_eq(s->pushed, s->heard + s->queued + s->dropped_cleared +
						     s->dropped_closed +
						     s->dropped_refused);
		ck_assert_uint_le(s->queued, s->queue_frames);
	}
	if (n >= 0)
		aud_list_free(list);
}

static void note_outputs(const struct aud_daemon_status *d)
{
	memset(k->late, 0, sizeof(k->late));
	k->xruns = k->losses = 0;
	for (size_t i = 0; i < d->num_outputs; i++) {
		const struct aud_output_status *o = &d->outputs[i];

		for (size_t j = 0; j < o->num_late_us && j < LATE; j++)
			k->late[j] += o->late_us[j];
		k->xruns += o->xruns;
		k->losses += o->losses;
	}
}

/* What the process has beyond its connections and sources is what it had at first. */
static void look_at_process(const struct aud_daemon_status *d)
{
	int files = audd_files(&k->lives.audd);
	int bare = files - (int)d->connections - (int)d->sources;
	int threads = audd_threads(&k->lives.audd);
	uint64_t kib = audd_memory_kib(&k->lives.audd);

	if (!k->bare_known) {
		k->bare_known = true;
		k->bare_files = bare;
		k->threads = threads;
		k->memory_kib = kib;
	}
	ck_assert_int_eq(threads, k->threads);
	ck_assert_int_le(bare, k->bare_files + SLACK_FILES);
	if (!SANITIZED)
		ck_assert_uint_le(kib, k->memory_kib + GROWTH_KIB);
	k->most_kib = kib > k->most_kib ? kib : k->most_kib;
	k->most_files = files > k->most_files ? files : k->most_files;
}

static void look(void)
{
	struct aud_daemon_status *d;

	ck_assert_msg(waitpid(k->lives.audd.pid, NULL, WNOHANG) == 0,
		      "the daemon has ended");
	if (!k->aud && aud_connect(&k->aud, k->lives.audd.socket, "look") < 0) {
		k->aud = NULL;
		return;
	}
	if (aud_daemon_status(k->aud, &d) < 0)
		return;
	note_outputs(d);
	look_at_process(d);
	aud_daemon_status_free(d);
	look_at_ledgers();
	k->looks++;
}

/* ---- lives ------------------------------------------------------------------------ */

static void begin_life(void)
{
	k->bare_known = false;
	memset(k->late, 0, sizeof(k->late));
	k->xruns = k->losses = 0;
	lives_begin(&k->lives);
}

static void end_life(bool by_kill)
{
	look();
	aud_free(k->aud);
	k->aud = NULL;
	for (int i = 0; i < LATE; i++)
		k->all_late[i] += k->late[i];
	k->all_xruns += k->xruns;
	k->all_losses += k->losses;
	if (by_kill) {
		lives_kill(&k->lives);
		k->kills++;
	} else {
		lives_stop(&k->lives);
		k->ends++;
	}
}

static void plug_in(void)
{
	int fd = open(k->present, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void stop_and_go_on(pid_t pid, uint32_t ms)
{
	kill(pid, SIGSTOP);
	audd_pause(ms);
	kill(pid, SIGCONT);
}

/* A life lasts for about so many of these. */
static void hurt(uint32_t lifetime)
{
	uint32_t what = (uint32_t)rand() % (lifetime > 8 ? lifetime : 8);

	if (what == 0) {
		end_life(rand() % 2);
		begin_life();
		return;
	}
	switch (rand() % 8) {
	case 0:
		stop_and_go_on(k->clients[rand() % CLIENTS], (uint32_t)rand() % 300);
		k->stops++;
		break;
	case 1:
		kill_client();
		break;
	case 2:
		stop_and_go_on(k->lives.audd.pid, (uint32_t)rand() % 400);
		k->halts++;
		break;
	case 3:
		lives_configure(&k->lives, configs[k->which][rand() % 2]);
		kill(k->lives.audd.pid, SIGHUP);
		k->reloads++;
		break;
	case 4:
		unlink(k->present);
		audd_pause((uint32_t)rand() % 300);
		plug_in();
		k->unplugs++;
		break;
	default:
		audd_pause((uint32_t)rand() % 300);
	}
}

/* ---- from beginning to end -------------------------------------------------------- */

static void set_up(void)
{
	static struct soak soak;

	soak = (struct soak){.folder = "/tmp/aud-soak-XXXXXX"};
	k = &soak;
	ck_assert_ptr_nonnull(mkdtemp(k->folder));
	snprintf(k->present, sizeof(k->present), "%s/present", k->folder);
	k->sums_fd = memfd_create("sums", MFD_CLOEXEC);
	ck_assert_int_eq(ftruncate(k->sums_fd, sizeof(*k->sums)), 0);
	k->sums = mmap(NULL, sizeof(*k->sums), PROT_READ | PROT_WRITE, MAP_SHARED,
		       k->sums_fd, 0);
	ck_assert_ptr_ne(k->sums, MAP_FAILED);
	plug_in();
}

static void tear_down(void)
{
	unlink(k->present);
	rmdir(k->folder);
	munmap(k->sums, sizeof(*k->sums));
	close(k->sums_fd);
}

static void print_figures(double seconds)
{
	const struct soak_sums *s = k->sums;
	uint64_t wakes = 0;

	printf("%s, %.0f s: %" PRIu64 " sources, %" PRIu64 " frames pushed, %" PRIu64
	       " heard, %" PRIu64 " dropped by request, %" PRIu64 " lost\n",
	       k->which ? "ALSA plugin" : "null backend", seconds, s->sources, s->pushed,
	       s->heard, s->dropped, s->lost);
	printf("  %" PRIu64 " captures, %" PRIu64 " clears, %" PRIu64 " pauses, %" PRIu64
	       " moves, %" PRIu64 " marks, %" PRIu64 " waits, %" PRIu64
	       " attached; %" PRIu64 " calls refused, %" PRIu64 " connections lost\n",
	       s->captures, s->clears, s->pauses, s->moves, s->marks, s->waits,
	       s->attaches, s->refused, s->gaps);
	printf("  daemon: %" PRIu64 " ends, %" PRIu64 " kills, %" PRIu64
	       " reloads, %" PRIu64 " halts; clients: %" PRIu64 " stopped, %" PRIu64
	       " killed; device: %" PRIu64 " times unplugged, %" PRIu64
	       " losses, %" PRIu64 " xruns\n",
	       k->ends, k->kills, k->reloads, k->halts, k->stops, k->client_kills,
	       k->unplugs, k->all_losses, k->all_xruns);
	printf("  %" PRIu64 " looks: %" PRIu64 " KiB at most, %d files at most, %d "
	       "threads; wake-ups late by < 50, 100, 200, 500, 1000, 2000, 5000 us, "
	       "more:",
	       k->looks, k->most_kib, k->most_files, k->threads);
	for (int i = 0; i < LATE; i++) {
		printf(" %" PRIu64, k->all_late[i]);
		wakes += k->all_late[i];
	}
	printf(" of %" PRIu64 "\n", wakes);
	fflush(stdout); /* what is asserted next may end this process */
}

/* What is stopped for a while is late; all else should not be. Not where other tests run beside. */
static void assert_wake_ups_came(void)
{
	uint64_t all = 0;

	for (int i = 0; i < LATE; i++)
		all += k->all_late[i];
	if (getenv("SOAK_HOURS") && !SANITIZED)
		ck_assert_uint_le(k->all_late[LATE - 1], all / 10);
}

static double soak_seconds(void)
{
	const char *hours = getenv("SOAK_HOURS");

	return hours ? strtod(hours, NULL) * 3600 / 2 : SHORT_S / 2.0;
}

/* All have gone and what they had with them; it may take until the last has lingered. */
static void assert_nothing_is_left(void)
{
	struct aud_daemon_status *d = NULL;
	uint64_t limit = now_ms() + 30000;

	do {
		aud_daemon_status_free(d);
		audd_pause(50);
		ck_assert_int_ge(aud_daemon_status(k->aud, &d), 0);
	} while ((d->sources || d->connections > 1) && now_ms() < limit);
	ck_assert_uint_eq(d->sources, 0);
	ck_assert_uint_eq(d->connections, 1);
	look_at_process(d);
	aud_daemon_status_free(d);
	/* What it was told last it may not have heard yet. */
	while (fake_systemd_count(&k->lives.systemd, "source-") > 0 && now_ms() < limit)
		audd_pause(50);
	ck_assert_int_eq(fake_systemd_count(&k->lives.systemd, "source-"), 0);
}

START_TEST(nothing_is_lost_and_nothing_grows)
{
	double seconds = soak_seconds();
	uint64_t begin, end;
	/* In 10 s one life ends, or two; in hours every ten minutes. */
	uint32_t lifetime = seconds < 6000 ? (uint32_t)(seconds / 10 * 4) : 2400;
	char card[128];

	k->which = _i;
	srand((unsigned int)_i + 1);
	snprintf(card, sizeof(card), "rewinds yes present \"%s\" file \"/dev/null\"",
		 k->present);
	lives_init(&k->lives, configs[_i][0], card);
	begin_life();
	for (int i = 0; i < CLIENTS; i++)
		k->clients[i] = spawn_client((unsigned int)i + 1);
	begin = now_ms();
	end = begin + (uint64_t)(seconds * 1000);
	while (now_ms() < end) {
		hurt(lifetime);
		look();
	}
	end_clients();
	look();
	assert_nothing_is_left();
	end_life(false);
	print_figures((double)(now_ms() - begin) / 1000);
	lives_done(&k->lives);

	ck_assert_uint_eq(k->sums->lost, 0);
	ck_assert_uint_eq(k->sums->odd, 0);
	ck_assert_uint_eq(k->sums->gaps, 0);
	assert_wake_ups_came();
	ck_assert(k->sums->sources > 0 && k->sums->heard > 0 && k->looks > 0);
}
END_TEST

int main(int argc, char **argv)
{
	TCase *t;

	if (soak_client_is_asked_for(argc, argv))
		return soak_client_main(argv);
	t = tcase_create("soak");
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 30 * 24 * 3600.0);
	tcase_add_loop_test(t, nothing_is_lost_and_nothing_grows, 0, 2);
	return suite_run("soak", t);
}
