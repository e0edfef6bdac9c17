/* SPDX-License-Identifier: MIT */
/*
 * Ids of sources: each is given out once, also by daemons that come after this one: systemd keeps
 * what this one has written down. Main thread.
 */
#ifndef DAEMON_IDS_H
#define DAEMON_IDS_H

#include <stdint.h>

struct ids {
	uint64_t last; /* given out */
	int fd;        /* -1: it is written down nowhere */
	uint64_t *page;
};

/* Nothing was given out yet. */
void ids_init(struct ids *ids);
void ids_done(struct ids *ids);

/* The name under which systemd has the file. */
#define IDS_STORED "ids"

/* Goes on from a file that systemd has kept. fd becomes ours if it is one; else -EINVAL. */
int ids_adopt(struct ids *ids, int fd);

/* All that was kept is adopted. If there is no such file, as nothing is kept without systemd, ids
 * go on above those of any daemon before this one; clients of it may still be there. */
void ids_begin(struct ids *ids);

/* This one is in use already. */
void ids_pass(struct ids *ids, uint64_t id);

/* The next one. From the first one on it is written down, where that is of use. */
uint64_t ids_next(struct ids *ids);

#endif
