/* SPDX-License-Identifier: MIT */
/*
 * The kernel's PCMs without alsa-lib, which cannot go on with what another process has opened.
 */
#include "device_kept.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sound/asound.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "text.h"

#define NS_PER_S UINT64_C(1000000000)

/* The longest buffer there is, and some more. */
#define PLAYS_MAX (5 * NS_PER_S / 2)

enum {
	SOUND_MAJOR = 116, /* of the kernel's sound devices */
	LOOK_MS = 10,
	NAME_SIZE = 40,
};

static const char prefix[] = "device-";

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* ---- of this daemon ---------------------------------------------------------------- */

static void name_of(uint64_t device, char *ret)
{
	snprintf(ret, NAME_SIZE, "%s%" PRIu64, prefix, device);
}

/* When it was opened is what it is called: no other was at that moment. */
uint64_t device_kept_add(int fd)
{
	uint64_t device = now_ns();
	char name[NAME_SIZE];

	name_of(device, name);
	fd_store_keep(name, fd);
	return device;
}

void device_kept_forget(uint64_t device)
{
	char name[NAME_SIZE];

	name_of(device, name);
	fd_store_forget(name);
	fd_store_settle();
}

/* ---- of one before it -------------------------------------------------------------- */

bool device_kept_is_name(const char *name)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* 0: it is none that we have given. */
static uint64_t number_of(const char *name)
{
	char same[NAME_SIZE];
	uint64_t device = 0;

	if (sscanf(name + strlen(prefix), "%" SCNu64, &device) != 1)
		return 0;
	name_of(device, same);
	return strcmp(name, same) == 0 ? device : 0;
}

static bool is_sound(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	       major(st.st_rdev) == SOUND_MAJOR;
}

/* One that was unplugged or never started has not played out, nor has one that stands still; what is
 * no PCM cannot even be asked. */
static bool plays_out(int fd)
{
	uint64_t until = now_ns() + PLAYS_MAX;
	struct pollfd fds = {.fd = fd}; /* it tells when it stops, if the card does */
	struct snd_pcm_status status;

	do {
		memset(&status, 0, sizeof(status));
		if (ioctl(fd, SNDRV_PCM_IOCTL_STATUS, &status) < 0)
			return false;
		if (status.state != SNDRV_PCM_STATE_RUNNING)
			return status.state == SNDRV_PCM_STATE_XRUN;
		poll(&fds, 1, LOOK_MS);
	} while (now_ns() < until);
	return false;
}

static void take(struct devices_kept *k, const struct fd_store_file *file)
{
	char name[TEXT_ESCAPED_SIZE(NAME_SIZE)];
	uint64_t device = number_of(file->name);

	if (!device || !is_sound(file->fd))
		log_warning("%s, which systemd has kept, is thrown away: it is no device",
			    text_escape(name, sizeof(name), file->name));
	else if (k->num < DEVICES_KEPT_MAX && plays_out(file->fd))
		k->played_out[k->num++] = device;
}

void devices_kept_take(struct devices_kept *k, struct fd_store_file *files, int num)
{
	bool any = false;

	k->num = 0;
	for (int i = 0; i < num; i++) {
		if (!device_kept_is_name(files[i].name))
			continue;
		take(k, &files[i]);
		close(files[i].fd);
		files[i].fd = -1;
		fd_store_forget(files[i].name);
		any = true;
	}
	if (any)
		fd_store_settle();
}

struct played_out devices_kept_played_out(const struct devices_kept *k)
{
	return (struct played_out){.devices = k->played_out, .num = k->num};
}
