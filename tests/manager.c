/* SPDX-License-Identifier: MIT */
/*
 * A datagram socket.
 */
#include "manager.h"

#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE_MS = 5000 };

void manager_init(struct manager *m, const char *dir)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(m->path, sizeof(m->path), "%s/notify", dir);
	strcpy(address.sun_path, m->path);
	m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(m->fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

void manager_done(struct manager *m)
{
	close(m->fd);
	unlink(m->path);
}

const char *manager_hears(struct manager *m, uint32_t ms)
{
	struct pollfd p = {.fd = m->fd, .events = POLLIN};
	ssize_t n;

	if (poll(&p, 1, (int)ms) <= 0)
		return NULL;
	n = recv(m->fd, m->text, sizeof(m->text) - 1, 0);
	ck_assert_int_ge(n, 0);
	m->text[n] = '\0';
	return m->text;
}

const char *manager_awaits(struct manager *m, const char *begin)
{
	const char *text;

	do {
		text = manager_hears(m, PATIENCE_MS);
		ck_assert_msg(text != NULL, "nothing is said that begins with %s", begin);
	} while (strncmp(text, begin, strlen(begin)) != 0);
	return text;
}
