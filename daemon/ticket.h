/* SPDX-License-Identifier: MIT */
/*
 * Whom to answer, and under which number; and whom to tell what happens. What answers late
 * keeps a ticket; it knows of the connection no more than that it is there. Main thread.
 */
#ifndef DAEMON_TICKET_H
#define DAEMON_TICKET_H

#include <stdbool.h>
#include <stdint.h>

#include "aud.pb-c.h"
#include "optional.h"

struct conn;

struct ticket {
	struct conn *conn; /* NULL: nobody waits for the answer any more */
	uint64_t async_id;
	void (*answer)(struct conn *c, const Aud__Reply *r);
	void (*tell)(struct conn *c, const Aud__Event *e);
};

/* Sends the reply under the ticket's number. */
static inline void ticket_answer(const struct ticket *t, Aud__Reply *r)
{
	if (!t->conn)
		return;
	SET(r, async_id, t->async_id);
	t->answer(t->conn, r);
}

/* Tells of an event; NULL: of one that is missed for want of memory. */
static inline void ticket_tell(const struct ticket *t, const Aud__Event *e)
{
	if (t->conn)
		t->tell(t->conn, e);
}

#endif
