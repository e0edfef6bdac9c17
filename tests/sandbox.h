/* SPDX-License-Identifier: MIT */
/*
 * What a test may know of a venue whose time is virtual, beside what a client knows.
 */
#ifndef TESTS_SANDBOX_H
#define TESTS_SANDBOX_H

#include "conn.h"
#include "venue.h"

/* What time it is, ns. */
uint64_t sandbox_now_ns(const struct sandbox *w);

/* One more client; it has still to say hello. */
void sandbox_connect(struct sandbox *w, struct client *ret);

/* All that the daemon has. */
struct hub *sandbox_hub(struct sandbox *w);

#endif
