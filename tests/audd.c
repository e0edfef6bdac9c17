/* SPDX-License-Identifier: MIT */
/*
 * fork, exec, and looks from outside.
 */
#include "audd.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000, SPANS = 8, CARD_FRAME_BYTES = 4 };

void audd_pause(uint32_t ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

	clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	ck_assert_ptr_nonnull(f);
	fprintf(f, "%s\n", text);
	fclose(f);
}

pid_t audd_spawn(const struct audd *d, const char *const *options)
{
	const char *args[16] = {BUILD_DIR "/audd", "--config", d->config};
	int log = open(d->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	pid_t pid;

	ck_assert_int_ge(log, 0);
	for (int i = 0; options[i]; i++)
		args[3 + i] = options[i];
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		dup2(log, STDERR_FILENO);
		execv(args[0], (char **)args);
		_exit(127);
	}
	close(log);
	return pid;
}

static int try_to_connect(const struct audd *d)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r;

	strcpy(address.sun_path, d->socket);
	r = connect(fd, (struct sockaddr *)&address, sizeof(address));
	close(fd);
	return r;
}

static void make_folder(struct audd *d, const char *config)
{
	memset(d, 0, sizeof(*d));
	strcpy(d->dir, "/tmp/audd-test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(d->dir));
	snprintf(d->socket, sizeof(d->socket), "%s/socket", d->dir);
	snprintf(d->config, sizeof(d->config), "%s/config", d->dir);
	snprintf(d->wav, sizeof(d->wav), "%s/heard.wav", d->dir);
	snprintf(d->log, sizeof(d->log), "%s/log", d->dir);
	snprintf(d->asoundrc, sizeof(d->asoundrc), "%s/asoundrc", d->dir);
	write_file(d->config, config ? config : "");
}

static void start(struct audd *d, const char *const *options)
{
	d->pid = audd_spawn(d, options);
	for (int ms = 0; try_to_connect(d) < 0; ms++) {
		ck_assert_msg(ms < PATIENCE_MS, "the daemon does not listen");
		ck_assert_msg(waitpid(d->pid, NULL, WNOHANG) == 0,
			      "the daemon has ended");
		audd_pause(1);
	}
}

void audd_start(struct audd *d, const char *config)
{
	const char *options[] = {"--socket", d->socket, "--backend", "null",
				 "--record", d->wav,    NULL};

	make_folder(d, config);
	start(d, options);
}

void audd_configure(const struct audd *d, const char *config)
{
	write_file(d->config, config ? config : "");
}

void audd_make_card(struct audd *d, const char *config, const char *card)
{
	char text[512];

	make_folder(d, config);
	d->on_card = true;
	snprintf(text, sizeof(text),
		 "pcm_type.fake { lib \"%s/tests/libasound_module_pcm_fake.so\" }\n"
		 "pcm.card { type fake file \"%s\" format S16_LE channels 2 %s }",
		 BUILD_DIR, d->wav, card);
	write_file(d->asoundrc, text);
	setenv("ALSA_CONFIG_PATH", d->asoundrc, true);
}

void audd_start_on_card(struct audd *d, const char *config, const char *card)
{
	const char *options[] = {"--socket", d->socket, "--backend", "alsa",
				 "--device", "card",    NULL};

	audd_make_card(d, config, card);
	start(d, options);
}

void audd_run(struct audd *d)
{
	const char *options[] = {"--socket", d->socket, NULL};

	start(d, options);
}

int audd_wait(pid_t pid)
{
	int status, ms = 0;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		ck_assert_msg(ms++ < PATIENCE_MS, "the daemon does not end");
		audd_pause(1);
	}
	ck_assert_msg(WIFEXITED(status), "the daemon was killed by signal %d",
		      WTERMSIG(status));
	return WEXITSTATUS(status);
}

int audd_stop(struct audd *d)
{
	pid_t pid = d->pid;

	d->pid = 0;
	kill(pid, SIGTERM);
	return audd_wait(pid);
}

void audd_done(struct audd *d)
{
	if (d->pid) {
		kill(d->pid, SIGKILL);
		waitpid(d->pid, NULL, 0);
	}
	unlink(d->socket);
	unlink(d->config);
	unlink(d->wav);
	unlink(d->log);
	unlink(d->asoundrc);
	rmdir(d->dir);
}

/* The number behind a word in one of the process's files in /proc. */
static uint64_t proc_number(const char *path, const char *word)
{
	char line[256];
	uint64_t n = 0;
	FILE *f = fopen(path, "re");

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, word, strlen(word)) == 0)
			n = strtoull(line + strlen(word), NULL, 10);
	}
	fclose(f);
	return n;
}

/* How often its threads have gone to sleep. */
static uint64_t count_sleeps(const struct audd *d)
{
	char path[320];
	struct dirent *e;
	uint64_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", d->pid);
	dir = opendir(path);
	ck_assert_ptr_nonnull(dir);
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%s/status", d->pid,
			 e->d_name);
		n += proc_number(path, "voluntary_ctxt_switches:");
	}
	closedir(dir);
	return n;
}

bool audd_rests(const struct audd *d, uint32_t ms)
{
	for (int i = 0; i < SPANS; i++) {
		uint64_t before = count_sleeps(d);

		audd_pause(ms);
		if (count_sleeps(d) == before)
			return true;
	}
	return false;
}

uint64_t audd_cpu_ns(const struct audd *d)
{
	struct timespec t;
	clockid_t clock;

	ck_assert_int_eq(clock_getcpuclockid(d->pid, &clock), 0);
	ck_assert_int_eq(clock_gettime(clock, &t), 0);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t audd_cpu_ns_of(const struct audd *d, uint32_t ms, uint64_t most)
{
	uint64_t took = 0;

	for (int i = 0; i < SPANS; i++) {
		uint64_t before = audd_cpu_ns(d);

		audd_pause(ms);
		took = audd_cpu_ns(d) - before;
		if (took <= most)
			break;
	}
	return took;
}

/* Of what is in a directory of /proc, but for itself and its parent. */
static int count_entries(const struct audd *d, const char *name)
{
	char path[64];
	int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/%s", d->pid, name);
	dir = opendir(path);
	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

int audd_files(const struct audd *d)
{
	return count_entries(d, "fd");
}

int audd_threads(const struct audd *d)
{
	return count_entries(d, "task");
}

uint64_t audd_memory_kib(const struct audd *d)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", d->pid);
	return proc_number(path, "Anonymous:");
}

int audd_log_lines(const struct audd *d, const char *text)
{
	char line[1200];
	int n = 0;
	FILE *f = fopen(d->log, "re");

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f))
		n += strstr(line, text) != NULL;
	fclose(f);
	return n;
}

uint64_t audd_recorded(const struct audd *d)
{
	struct stat st;

	return stat(d->wav, &st) == 0 ? (uint64_t)st.st_size / CARD_FRAME_BYTES : 0;
}

size_t audd_recording(const struct audd *d, int16_t **ret)
{
	SF_INFO raw = {.samplerate = 48000,
		       .channels = 2,
		       .format = SF_FORMAT_RAW | SF_FORMAT_PCM_16};
	SF_INFO info = d->on_card ? raw : (SF_INFO){0};
	SNDFILE *f = sf_open(d->wav, SFM_READ, &info);
	size_t samples;

	ck_assert_msg(f != NULL, "%s: %s", d->wav, sf_strerror(NULL));
	samples = (size_t)info.frames * (size_t)info.channels;
	*ret = malloc((samples + 1) * sizeof(**ret));
	ck_assert_int_eq(sf_readf_short(f, *ret, info.frames), info.frames);
	sf_close(f);
	return samples;
}
