/* SPDX-License-Identifier: MIT */
/*
 * Which sources the command line means.
 */
#include "sources.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

static bool is_handle(const char *operand, uint64_t *ret)
{
	return text_to_count(operand, 0, INT64_MAX, ret);
}

/* A handle means one source, and the daemon says what it thinks of that; but anybody can give a
 * source the name of somebody else's. */
static bool is_meant(const struct aud_source_status *status, const char *operand,
		     enum sources_default otherwise)
{
	uint64_t handle;

	if (is_handle(operand, &handle))
		return status->handle == handle;
	return !strcmp(status->name, operand) &&
	       (status->may_control || otherwise == SOURCES_ALL);
}

static bool is_named(const struct aud_source_status *status, char **operands, size_t n,
		     enum sources_default otherwise)
{
	for (size_t i = 0; i < n; i++)
		if (is_meant(status, operands[i], otherwise))
			return true;
	return false;
}

static bool is_default(const struct aud_source_status *status,
		       enum sources_default otherwise)
{
	switch (otherwise) {
	case SOURCES_OWN:
		return status->uid == getuid();
	case SOURCES_MINE:
		return status->may_control;
	case SOURCES_ALL:
		break;
	}
	return true;
}

/* The first operand that names nothing, or NULL. */
static const char *find_stranger(const struct sources *s, char **operands, size_t n,
				 enum sources_default otherwise)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < s->num_list && !is_meant(&s->list[k], operands[i], otherwise))
			k++;
		if (k == s->num_list)
			return operands[i];
	}
	return NULL;
}

static int refuse_stranger(const struct ctl *ctl, const char *operand)
{
	uint64_t handle;

	if (is_handle(operand, &handle))
		ctl_error(ctl, "there is no source %s", operand);
	else
		ctl_error(ctl, "there is no source named '%s'", operand);
	return CTL_REFUSED;
}

int sources_find(struct sources *s, struct ctl *ctl, char **operands, size_t num_operands,
		 enum sources_default otherwise)
{
	int n = aud_list(ctl->aud, &s->list);

	if (n < 0)
		return ctl_failed(ctl, n);
	s->num_list = (size_t)n;
	s->chosen = calloc(s->num_list + 1, sizeof(s->chosen[0]));
	if (!s->chosen) {
		ctl_error(ctl, "%s", strerror(ENOMEM));
		return CTL_REFUSED;
	}
	for (size_t i = 0; i < s->num_list; i++) {
		const struct aud_source_status *status = &s->list[i];

		if (num_operands ? is_named(status, operands, num_operands, otherwise)
				 : is_default(status, otherwise))
			s->chosen[s->num_chosen++] = status;
	}
	return CTL_DONE;
}

int sources_choose(struct sources *s, struct ctl *ctl, char **operands,
		   size_t num_operands, enum sources_default otherwise)
{
	int status = sources_find(s, ctl, operands, num_operands, otherwise);
	const char *stranger;

	if (status)
		return status;
	stranger = find_stranger(s, operands, num_operands, otherwise);
	return stranger ? refuse_stranger(ctl, stranger) : CTL_DONE;
}

void sources_done(struct sources *s)
{
	free(s->chosen);
	aud_list_free(s->list);
	*s = (struct sources){0};
}

struct source_label source_label(uint64_t handle, const char *name)
{
	struct source_label label;
	char safe[256];

	if (*name)
		snprintf(label.s, sizeof(label.s), "source %" PRIu64 " (%s)", handle,
			 text_safe(safe, sizeof(safe), name));
	else
		snprintf(label.s, sizeof(label.s), "source %" PRIu64, handle);
	return label;
}
