/* SPDX-License-Identifier: MIT */
/*
 * How many files the daemon may have open: each connection and each source takes one. Main
 * thread.
 */
#ifndef DAEMON_FILES_H
#define DAEMON_FILES_H

#include <stdint.h>

/* Raises the limit to what so many connections and sources may need, as far as that is allowed.
 * Returns by how many it is too low, or 0. */
uint32_t files_allow(uint32_t connections, uint32_t sources);

#endif
