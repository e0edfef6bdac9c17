/* SPDX-License-Identifier: MIT */
/*
 * Messages to NOTIFY_SOCKET, and LISTEN_FDS with its names.
 */
#include "fd_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "log.h"

enum { MESSAGE_MAX = 256, SETTLE_US = 200000 };

bool fd_store_is_there(void)
{
	return getenv("NOTIFY_SOCKET") != NULL;
}

/* FDPOLL=0: nothing but a message takes it out. */
void fd_store_keep(const char *name, int fd)
{
	char message[MESSAGE_MAX];
	int r;

	snprintf(message, sizeof(message), "FDSTORE=1\nFDNAME=%s\nFDPOLL=0", name);
	r = sd_pid_notify_with_fds(0, false, message, &fd, 1);
	if (r < 0)
		log_warning("%s is not kept by systemd: %s; a restart will lose it", name,
			    strerror(-r));
}

void fd_store_forget(const char *name)
{
	sd_notifyf(false, "FDSTOREREMOVE=1\nFDNAME=%s", name);
}

void fd_store_settle(void)
{
	sd_notify_barrier(0, SETTLE_US);
}

static bool is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

int fd_store_take(struct fd_store_file **ret)
{
	char **names = NULL;
	int n = sd_listen_fds_with_names(true, &names), num = 0;
	struct fd_store_file *files;

	if (n <= 0)
		return n;
	files = calloc((size_t)n, sizeof(*files));
	for (int i = 0; files && i < n; i++) {
		int fd = SD_LISTEN_FDS_START + i;

		if (is_socket(fd))
			continue;
		files[num].name = names[i];
		files[num++].fd = fd;
		names[i] = NULL;
	}
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	*ret = files;
	return files ? num : -ENOMEM;
}

void fd_store_done(struct fd_store_file *files, int num)
{
	for (int i = 0; i < num; i++) {
		if (files[i].fd >= 0)
			close(files[i].fd);
		free(files[i].name);
	}
	free(files);
}
