/* SPDX-License-Identifier: MIT */
/*
 * A talk between libaud and a scripted daemon, and notes of it.
 */
#include <check.h>
#include <stdio.h>

#include "talk.h"

void talk_init(struct talk *t)
{
	peer_init(&t->peer);
	t->a = peer_connect(&t->peer);
	t->s = peer_source(&t->peer, t->a, 5, 2);
}

void talk_done(struct talk *t)
{
	aud_free(t->a);
	peer_done(&t->peer);
}

static void note(struct told *t, const struct aud_result *result, uint64_t number)
{
	ck_assert_int_lt(t->count, TOLD_MAX);
	t->errors[t->count] = result->error;
	t->numbers[t->count] = number;
	snprintf(t->message, sizeof(t->message), "%s", result->message);
	t->count++;
}

void told_accepted(const struct aud_result *result, void *user)
{
	note(user, result, result->error ? 0 : result->captured->accepted);
}

void told_heard_until(const struct aud_result *result, void *user)
{
	note(user, result, result->error ? 0 : result->cleared->heard_until);
}

void told_played(const struct aud_result *result, void *user)
{
	note(user, result, result->error ? 0 : result->playout->played);
}

void told_position(const struct aud_result *result, void *user)
{
	note(user, result, result->error ? 0 : result->position);
}

void told_event(const struct aud_event *event, void *user)
{
	struct events *told = user;

	ck_assert_int_lt(told->count, TOLD_MAX);
	told->events[told->count++] = *event;
}
