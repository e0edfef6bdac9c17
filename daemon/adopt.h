/* SPDX-License-Identifier: MIT */
/*
 * Sources of a daemon before this one, out of the memory that systemd has kept. Main thread.
 */
#ifndef DAEMON_ADOPT_H
#define DAEMON_ADOPT_H

#include "sources.h"

/* Takes all that systemd passes but its sockets, before the output is started: what is the
 * memory of a source becomes one again; what is not is closed, and kept no longer. Says to the
 * log what came of it. -ENOMEM. */
int adopt_all(struct sources *set, struct users *users);

#endif
