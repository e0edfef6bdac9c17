/* SPDX-License-Identifier: MIT */
/*
 * Text from strangers, made fit for a log line or a sentence. Any thread; no state, no
 * allocation.
 */
#ifndef DAEMON_TEXT_H
#define DAEMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Room for any text of n bytes, escaped. */
#define TEXT_ESCAPED_SIZE(n) (4 * (n) + 1)

/* Copies text to buf: printable UTF-8 as it is, a backslash as \\, every control character
 * and every byte that is no UTF-8 as \x1b. What does not fit is cut and "…" says so; size
 * must be 8 or more. Returns buf, so that it can stand among printf's arguments. */
const char *text_escape(char *buf, size_t size, const char *text);

/* A text that was cut where its buffer ends: "…" says so in place of the last character, which
 * may be half there. Three more bytes than the text has must be there. */
void text_cut(char *text);

/* Whether all of it is printable UTF-8, fit for a list or a terminal as it is. */
bool text_is_printable(const char *text);

#endif
