/* SPDX-License-Identifier: MIT */
/*
 * The daemon's socket: where it is (see also aud_socket_path) and how one gets there.
 */
#ifndef LIB_SOCKET_H
#define LIB_SOCKET_H

#include <stdint.h>

/* A connected stream socket to the daemon at `path`. Waits until `deadline`
 * (CLOCK_MONOTONIC, ns) while the daemon has no place for one more. Negative errno, with
 * a sentence. */
int socket_connect(const char *path, uint64_t deadline);

/* One try to connect, without waiting. A file descriptor, or a negative errno without a
 * sentence. */
int socket_try(const char *path);

#endif
