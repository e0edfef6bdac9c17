/* SPDX-License-Identifier: MIT */
/*
 * A list of the few who share a source.
 */
#include "attach.h"

#include <errno.h>
#include <stdlib.h>

struct attachment *attachment_find(const struct source *s, const struct conn *c)
{
	struct attachment *a;

	TAILQ_FOREACH (a, &s->attachments, link) {
		if (a->conn == c)
			return a;
	}
	return NULL;
}

int attachment_add(struct source *s, struct conn *c)
{
	struct attachment *a = attachment_find(s, c);

	if (a)
		return 0;
	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	a->conn = c;
	TAILQ_INSERT_TAIL(&s->attachments, a, link);
	s->num_attached++;
	return 0;
}

static void forget(struct source *s, struct attachment *a)
{
	TAILQ_REMOVE(&s->attachments, a, link);
	s->num_attached--;
	free(a);
}

bool attachment_remove(struct source *s, const struct conn *c)
{
	struct attachment *a = attachment_find(s, c);

	if (a)
		forget(s, a);
	return a != NULL;
}

void attachments_done(struct source *s)
{
	while (!TAILQ_EMPTY(&s->attachments))
		forget(s, TAILQ_FIRST(&s->attachments));
}

bool token_is_right(const struct source *s, const uint8_t *token, size_t len)
{
	volatile uint8_t wrong = 0;

	if (len != sizeof(s->token))
		return false;
	for (size_t i = 0; i < len; i++)
		wrong |= token[i] ^ s->token[i];
	return wrong == 0;
}
