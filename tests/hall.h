/* SPDX-License-Identifier: MIT */
/*
 * A daemon's main thread in this process: settings, connections, sources, and outputs without
 * threads, whose players the test turns by hand on sinks that it offers. Used by tests and by
 * fuzzers; a failure ends the program.
 */
#ifndef TESTS_HALL_H
#define TESTS_HALL_H

#include "conn.h"

struct hall {
	sd_event *event;
	struct config config;
	struct hub hub;
};

/* With the settings of such a file. */
void hall_open(struct hall *h, const char *settings);

/* The players have finished. Those who are connected are cut off. */
void hall_close(struct hall *h);

/* A client connects; its end of the socket. */
int hall_join(struct hall *h);

/* The main thread's turns, so long as there is something to do. Returns whether there was. */
bool hall_serve(struct hall *h);

/* Whether the player wants its turn: it was rung, or it is time. */
bool hall_is_due(struct output *o, uint64_t now_ns);

/* NULL if the source's ledger balances, or what it says (in buf). */
const char *hall_imbalance(const struct source *s, char *buf, size_t size);

#endif
