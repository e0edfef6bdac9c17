/* SPDX-License-Identifier: MIT */
/*
 * A message from a client: unpacked, handled, answered. Main thread.
 */
#ifndef DAEMON_REQUEST_H
#define DAEMON_REQUEST_H

#include "conn.h"

/* Handles one message. The answer goes to the connection, now or later. */
void request_handle(struct conn *c, const uint8_t *message, size_t len);

/* Whether there is a handler for this kind of request, as aud.proto numbers them. */
bool request_is_known(unsigned int kind);

#endif
