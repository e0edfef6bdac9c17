/* SPDX-License-Identifier: MIT */
/*
 * The table of verbs.
 */
#include "verbs.h"

#include <string.h>

#include "text.h"

#define SOME_SOURCES "[SOURCE... | --all]"
#define ABOUT_SOURCES                                                                    \
	"SOURCE is a handle, or a name for all sources that have it. Without any, all "  \
	"of\n"                                                                           \
	"one's own sources are meant."
#define ABOUT_LEVEL                                                                      \
	ABOUT_SOURCES "\nWith --output, all that this output plays; only "               \
		      "administrators may do that."
#define LEVEL_OPTIONS                                                                    \
	(OPTION_BIT(OPTION_ALL) | OPTION_BIT(OPTION_RAMP) | OPTION_BIT(OPTION_OUTPUT))
#define FADE_OPTIONS (OPTION_BIT(OPTION_FADE) | OPTION_BIT(OPTION_CURVE))

const struct verb verbs[] = {
	{
		.name = "play",
		.operands = "FILE... | -",
		.summary = "Play files, or raw samples from standard input",
		.details = "Files of the same rate, channels and format follow each "
			   "other without a\n"
			   "gap. Ctrl-C drops what is queued and tells what was heard.\n"
			   "FORMAT is s16, s24, s24_3, s32 or f32 (le or be may follow), "
			   "u8, alaw, mulaw.",
		.options = OPTION_BIT(OPTION_LAYOUT) | OPTION_BIT(OPTION_ROLE) |
			   OPTION_BIT(OPTION_QUEUE) | OPTION_BIT(OPTION_GAIN) |
			   OPTION_BIT(OPTION_NAME) | OPTION_BIT(OPTION_DROP_ON_EXIT) |
			   OPTION_BIT(OPTION_LINGER) | OPTION_BIT(OPTION_RATE) |
			   OPTION_BIT(OPTION_CHANNELS) | OPTION_BIT(OPTION_FORMAT) |
			   OPTION_BIT(OPTION_OUTPUT),
		.min_operands = 1,
		.missing = "FILE",
		.run = verb_play,
	},
	{
		.name = "clear",
		.operands = SOME_SOURCES,
		.summary = "Drop what is queued, at once, and tell what was heard",
		.details = ABOUT_SOURCES,
		.options = OPTION_BIT(OPTION_ALL) | FADE_OPTIONS,
		.run = verb_clear,
	},
	{
		.name = "pause",
		.operands = SOME_SOURCES,
		.summary = "Hold sources where they are",
		.details = ABOUT_SOURCES,
		.options = OPTION_BIT(OPTION_ALL) | FADE_OPTIONS,
		.run = verb_pause,
	},
	{
		.name = "resume",
		.operands = SOME_SOURCES,
		.summary = "Go on with paused sources",
		.details = ABOUT_SOURCES,
		.options = OPTION_BIT(OPTION_ALL) | FADE_OPTIONS,
		.run = verb_resume,
	},
	{
		.name = "move",
		.operands = "{SOURCE... | --all} OUTPUT",
		.summary = "Move sources to another output, with what they have queued",
		.details = "SOURCE is a handle, or a name for all sources that have it. "
			   "OUTPUT is one that\n"
			   "outputs lists. They fade out here and in there; no frame is "
			   "lost.",
		.options = OPTION_BIT(OPTION_ALL) | FADE_OPTIONS,
		.min_operands = 1,
		.missing = "OUTPUT",
		.run = verb_move,
	},
	{
		.name = "wait",
		.operands = SOME_SOURCES,
		.summary = "Wait until all that is queued was heard",
		.details = ABOUT_SOURCES,
		.options = OPTION_BIT(OPTION_ALL) | OPTION_BIT(OPTION_TIMEOUT) |
			   OPTION_BIT(OPTION_DEVICE_LOST) | OPTION_BIT(OPTION_PRESENT),
		.run = verb_wait,
	},
	{
		.name = "gain",
		.operands = "LEVEL [SOURCE... | --all | --output NAME]",
		.summary = "Set how loud sources are, or an output",
		.details = ABOUT_LEVEL "\nLEVEL is a factor, 1 being unchanged, or dB: "
				       "0.5, -6dB, +3dB.",
		.options = LEVEL_OPTIONS,
		.min_operands = 1,
		.missing = "LEVEL",
		.run = verb_gain,
	},
	{
		.name = "mute",
		.operands = "[SOURCE... | --all | --output NAME]",
		.summary = "Mute sources, or an output; their gain stays what it is",
		.details = ABOUT_LEVEL,
		.options = LEVEL_OPTIONS,
		.run = verb_mute,
	},
	{
		.name = "unmute",
		.operands = "[SOURCE... | --all | --output NAME]",
		.summary = "Undo a mute, at the gain that there is",
		.details = ABOUT_LEVEL,
		.options = LEVEL_OPTIONS,
		.run = verb_unmute,
	},
	{
		.name = "close",
		.operands = "SOURCE... | --all",
		.summary = "End sources when they have played out, or now",
		.details = "SOURCE is a handle, or a name for all sources that have it.",
		.options = OPTION_BIT(OPTION_ALL) | OPTION_BIT(OPTION_DROP),
		.run = verb_close,
	},
	{
		.name = "mark",
		.operands = "SOURCE",
		.summary = "Set a mark in a source and wait until it is heard",
		.details = "SOURCE is a handle, or the name of a single source. A mark "
			   "that is dropped is\n"
			   "never heard; the exit status is then 1.",
		.options = OPTION_BIT(OPTION_ID) | OPTION_BIT(OPTION_AT),
		.min_operands = 1,
		.missing = "SOURCE",
		.run = verb_mark,
	},
	{
		.name = "events",
		.operands = SOME_SOURCES,
		.summary = "Follow what happens to sources, one line for each event",
		.details = ABOUT_SOURCES
		"\nThose that appear later are followed, too. Ends at a Ctrl-C.",
		.options = OPTION_BIT(OPTION_ALL) | OPTION_BIT(OPTION_LOW_WATER) |
			   OPTION_BIT(OPTION_COUNT),
		.run = verb_events,
	},
	{
		.name = "list",
		.operands = "",
		.summary = "List all sources",
		.no_operands = true,
		.run = verb_list,
	},
	{
		.name = "outputs",
		.operands = "",
		.summary = "List the outputs that sources can play to",
		.no_operands = true,
		.run = verb_outputs,
	},
	{
		.name = "status",
		.operands = "[SOURCE...]",
		.summary = "Show the daemon, its outputs and what every source does",
		.details = "SOURCE is a handle, or a name for all sources that have it.",
		.run = verb_status,
	},
	{
		.name = "selftest",
		.operands = "",
		.summary = "Find out what the sound card is good for, by playing silence",
		.details =
			"Does it rewind, how far; does its clock tell the truth; how "
			"late are wake-ups;\n"
			"what is the smallest buffer. Suggests lines for audd.conf. The "
			"daemon must not\n"
			"have the card meanwhile. The exit status is 1 if there are "
			"problems.",
		.options = OPTION_BIT(OPTION_DEVICE) | OPTION_BIT(OPTION_OUTPUT) |
			   OPTION_BIT(OPTION_SECONDS),
		.no_operands = true,
		.run = verb_selftest,
	},
	{.name = NULL},
};

const struct verb *verb_find(const char *name)
{
	for (const struct verb *v = verbs; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

const struct verb *verb_nearest(const char *name)
{
	const struct verb *best = NULL;
	unsigned best_distance = 3; /* further off it is another word */

	for (const struct verb *v = verbs; v->name; v++) {
		unsigned distance = text_distance(name, v->name);

		if (distance < best_distance) {
			best_distance = distance;
			best = v;
		}
	}
	return best;
}
