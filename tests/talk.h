/* SPDX-License-Identifier: MIT */
/*
 * For tests of libaud: a connection with a source on it, the daemon's end of that
 * connection, and callbacks that note what they were told.
 */
#ifndef TESTS_TALK_H
#define TESTS_TALK_H

#include "fake_peer.h"

struct talk {
	struct peer peer;
	struct aud *a;
	struct aud_source *s; /* handle 5, 48000 Hz, s16, 2 channels */
};

void talk_init(struct talk *t);
void talk_done(struct talk *t);

/* What callbacks were told, in order. */
enum { TOLD_MAX = 256 };

struct told {
	int count;
	int errors[TOLD_MAX];
	uint64_t numbers[TOLD_MAX]; /* the one that the callback is named after */
	char message[80];           /* of the latest */
};

/* Callbacks; user is a struct told. */
void told_accepted(const struct aud_result *result, void *user);
void told_heard_until(const struct aud_result *result, void *user);
void told_played(const struct aud_result *result, void *user);
void told_position(const struct aud_result *result, void *user);

/* The events that a handler was told, in order. */
struct events {
	int count;
	struct aud_event events[TOLD_MAX];
};

/* A handler of events; user is a struct events. */
void told_event(const struct aud_event *event, void *user);

#endif
