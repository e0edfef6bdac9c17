/* SPDX-License-Identifier: MIT */
/*
 * A service manager that only listens: what a daemon tells it, one message after the other.
 */
#ifndef TESTS_MANAGER_H
#define TESTS_MANAGER_H

#include <stdint.h>

struct manager {
	int fd;
	char path[108]; /* for NOTIFY_SOCKET */
	char text[1200];
};

/* Its socket lies in dir. */
void manager_init(struct manager *m, const char *dir);
void manager_done(struct manager *m);

/* The next message, or NULL if none comes for so long. It lives until the next call. */
const char *manager_hears(struct manager *m, uint32_t ms);

/* Passes over messages until one begins so; fails the test if there is none for 5 s. */
const char *manager_awaits(struct manager *m, const char *begin);

#endif
