/* SPDX-License-Identifier: MIT */
/*
 * The connections that may push into a source: the one that made it, and those that have
 * shown its token. Main thread.
 */
#ifndef DAEMON_ATTACH_H
#define DAEMON_ATTACH_H

#include "source.h"

/* What a connection is to a source that it may push into. */
struct attachment {
	TAILQ_ENTRY(attachment) link;
	struct conn *conn;
	uint64_t call; /* counts its captures; the pieces of one have one number */
	Aud__DropReason ended;       /* of the latest capture: why its rest is dropped */
	struct queue_pusher *pusher; /* what it pushes counts there; NULL: nowhere */
};

/* NULL: it may not push. */
struct attachment *attachment_find(const struct source *s, const struct conn *c);

/* One that is attached stays so. -ENOMEM. */
int attachment_add(struct source *s, struct conn *c);

/* Whether it was attached. */
bool attachment_remove(struct source *s, const struct conn *c);

void attachments_done(struct source *s);

/* Whether this is the source's token. Takes as long for one that is nearly right. */
bool token_is_right(const struct source *s, const uint8_t *token, size_t len);

#endif
