/* SPDX-License-Identifier: MIT */
/*
 * Finds and opens the daemon's socket.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "aud.h"
#include "clock.h"
#include "error.h"
#include "socket.h"

#define SYSTEM_SOCKET "/run/aud/aud.sock"

static int copy_path(char *buf, size_t size, const char *dir, const char *name)
{
	int n = snprintf(buf, size, "%s%s", dir, name);

	if (n < 0 || (size_t)n >= size)
		return error_set(-ENAMETOOLONG, "%s%s: too long for a socket's path", dir,
				 name);
	return n;
}

int aud_socket_path(const char *socket_path, char *buf, size_t size)
{
	const char *env = secure_getenv("AUD_SOCKET");
	const char *dir = secure_getenv("XDG_RUNTIME_DIR");
	struct sockaddr_un address;
	char users[sizeof(address.sun_path)];

	if (socket_path)
		return copy_path(buf, size, socket_path, "");
	if (env && *env)
		return copy_path(buf, size, env, "");
	if (dir && *dir && copy_path(users, sizeof(users), dir, "/aud/aud.sock") > 0 &&
	    access(users, F_OK) == 0)
		return copy_path(buf, size, users, "");
	return copy_path(buf, size, SYSTEM_SOCKET, "");
}

/* The sentence for a connect() that failed with this errno. */
static int explain(const char *path, int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return error_set(-ENOENT, "%s: there is no such socket; is audd running?",
				 path);
	case ECONNREFUSED:
		return error_set(-ECONNREFUSED,
				 "%s: nobody listens there; is audd running?", path);
	case EACCES:
	case EPERM:
		return error_set(-EACCES, "%s: you may not connect to this socket", path);
	case EAGAIN:
		return error_set(-ETIMEDOUT, "%s: audd did not answer in time", path);
	default:
		errno = error;
		return error_set(-error, "%s: cannot connect: %m", path);
	}
}

/* A connect() to a Unix socket waits while the listener's backlog is full, as long as a
 * send would. */
static int connect_until(int fd, const struct sockaddr_un *address, uint64_t deadline)
{
	uint64_t left;
	struct timeval limit;

	do {
		left = clock_left(deadline);
		limit.tv_sec = left / NS_PER_S;
		limit.tv_usec = left % NS_PER_S / 1000;
		if (limit.tv_sec == 0 && limit.tv_usec == 0)
			return -EAGAIN; /* 0 would mean: for ever */
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
		if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
			return 0;
	} while (errno == EINTR);
	return -errno;
}

int socket_connect(const char *path, uint64_t deadline)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, r;

	r = copy_path(address.sun_path, sizeof(address.sun_path), path, "");
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set(-errno, "cannot make a socket: %m");
	r = connect_until(fd, &address, deadline);
	if (r < 0) {
		close(fd);
		return explain(path, -r);
	}
	return fd;
}

int socket_try(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), r;

	if (fd < 0)
		return -errno;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}
