/* SPDX-License-Identifier: MIT */
/*
 * That a source is made or gone is for those who look for something (debug); what a restart has kept
 * is for everybody.
 */
#include "source_log.h"

#include <inttypes.h>
#include <stdio.h>

#include "log.h"
#include "text.h"

enum { TITLE_SIZE = TEXT_ESCAPED_SIZE(SOURCE_NAME_MAX) + 32 };

/* "source 7 (voice)" */
static const char *title(char *ret, const struct source *s)
{
	char name[TEXT_ESCAPED_SIZE(SOURCE_NAME_MAX)];

	text_escape(name, sizeof(name), s->name);
	snprintf(ret, TITLE_SIZE, *name ? "source %" PRIu64 " (%s)" : "source %" PRIu64,
		 s->id, name);
	return ret;
}

static struct log_subject about(const struct source *s, enum log_event event)
{
	return ABOUT(.event = event, .source = s->id,
		     .output = output_config(s->output)->name);
}

void source_log_made(const struct source *s)
{
	char text[TITLE_SIZE], client[TEXT_ESCAPED_SIZE(SOURCE_NAME_MAX)];

	log_about(LEVEL_DEBUG, about(s, EVENT_SOURCE_MADE),
		  "%s: made by client %s%s(pid %d, uid %u): %u Hz, %u channels, %u ms, "
		  "output %s",
		  title(text, s), text_escape(client, sizeof(client), s->client),
		  *s->client ? " " : "", s->pid, s->user->uid, s->queue.shape.rate,
		  s->queue.shape.channels, s->queue_ms, output_config(s->output)->name);
}

void source_log_kept(const struct source *s)
{
	struct source_look look;
	char text[TITLE_SIZE];

	source_look(s, &look);
	log_about(LEVEL_INFO, about(s, EVENT_SOURCE_KEPT),
		  "%s: goes on at frame %" PRIu64 ", %" PRIu64 " are queued",
		  title(text, s), look.played, source_written(s) - look.played);
}

void source_log_gone(const struct source *s)
{
	struct source_look look;
	char text[TITLE_SIZE];

	source_look(s, &look);
	log_about(LEVEL_DEBUG, about(s, EVENT_SOURCE_GONE),
		  "%s: gone; of %" PRIu64 " frames %" PRIu64 " were heard",
		  title(text, s), source_pushed(s), look.heard);
}
