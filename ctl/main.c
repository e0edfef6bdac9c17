/* SPDX-License-Identifier: MIT */
/*
 * aud-ctl: speaks to the audio daemon for people and scripts. It uses nothing but the
 * public library, so it can do nothing that another program could not.
 *
 * Here: the command line, the help, and the way out.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "verbs.h"

/* Where a stream is closed the next file would take its number, the daemon's socket for one: what
 * is there instead can neither be read nor written, as one that is closed. */
static void hold_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static void print_help(void)
{
	printf("Usage: aud-ctl [OPTION...] VERB [OPTION...] [OPERAND...]\n\n"
	       "Speaks to audd, the audio daemon.\n\nVerbs:\n");
	for (const struct verb *v = verbs; v->name; v++)
		printf("  %-9s %s\n", v->name, v->summary);
	printf("\nOptions:\n");
	options_print_help(stdout, OPTIONS_EVERYWHERE);
	printf("\n'aud-ctl VERB --help' says more about a verb, and aud-ctl(1) all.\n");
}

static void print_verb_help(const struct verb *v)
{
	printf("Usage: aud-ctl %s [OPTION...]%s%s\n\n%s.\n", v->name,
	       *v->operands ? " " : "", v->operands, v->summary);
	if (v->details)
		printf("%s\n", v->details);
	if (v->options) {
		printf("\nOptions:\n");
		options_print_help(stdout, v->options);
	}
	printf("\nOptions of every verb:\n");
	options_print_help(stdout, OPTIONS_EVERYWHERE);
}

static int unknown_verb(const struct ctl *ctl, const char *name)
{
	const struct verb *nearest = verb_nearest(name);

	if (nearest)
		return ctl_usage(ctl, "unknown verb '%s'; did you mean '%s'?", name,
				 nearest->name);
	return ctl_usage(ctl, "unknown verb '%s'", name);
}

/* What begins with a dash is an option, but for "-", for numbers, and for what stands behind
 * "--". */
static bool is_operand(const char *arg, bool only_operands)
{
	return only_operands || arg[0] != '-' || !arg[1] ||
	       (arg[1] >= '0' && arg[1] <= '9');
}

/* Sorts the command line into options, verb and operands; these are gathered in argv.
 * Options of a verb stand behind it. */
static int read_command_line(struct ctl *ctl, char **argv, const struct verb **ret_verb)
{
	const struct verb *verb = NULL;
	bool only_operands = false;

	ctl->operands = argv;
	for (int i = 1; argv[i]; i++) {
		uint32_t allowed = OPTIONS_EVERYWHERE | (verb ? verb->options : 0);
		struct options_error error;

		if (is_operand(argv[i], only_operands) && verb) {
			ctl->operands[ctl->num_operands++] = argv[i];
		} else if (is_operand(argv[i], only_operands)) {
			verb = verb_find(argv[i]);
			if (!verb)
				return unknown_verb(ctl, argv[i]);
			ctl->verb = verb->name;
		} else if (!strcmp(argv[i], "--")) {
			only_operands = true;
		} else if (!options_take(&ctl->options, allowed, argv, &i, &error)) {
			return ctl_usage(ctl, "%s", error.s);
		}
	}
	*ret_verb = verb;
	return CTL_DONE;
}

static int run(struct ctl *ctl, const struct verb *verb)
{
	if (ctl->options.version) {
		printf("aud-ctl %s\n", AUD_VERSION);
		return CTL_DONE;
	}
	if (ctl->options.help) {
		if (verb)
			print_verb_help(verb);
		else
			print_help();
		return CTL_DONE;
	}
	if (!verb)
		return ctl_usage(ctl, "a verb is missing");
	if (verb->no_operands && ctl->num_operands)
		return ctl_usage(ctl, "'%s' is one operand too many", ctl->operands[0]);
	if (ctl->num_operands < verb->min_operands)
		return ctl_usage(ctl, "%s is missing", verb->missing);
	return verb->run(ctl);
}

int main(int argc, char **argv)
{
	struct ctl ctl = {0};
	const struct verb *verb = NULL;
	int status, flushed;

	if (argc < 1)
		return CTL_USAGE;
	hold_streams();
	options_init(&ctl.options);
	status = read_command_line(&ctl, argv, &verb);
	if (status == CTL_DONE)
		status = run(&ctl, verb);
	ctl_disconnect(&ctl);
	flushed = ctl_flush(&ctl);
	return status ? status : flushed;
}
