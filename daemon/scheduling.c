/* SPDX-License-Identifier: MIT */
/*
 * A ladder, walked down until something holds; what is told is always what was read back.
 */
#include "scheduling.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "log.h"
#include "rtkit.h"

enum { NICE = -11 }; /* as sound servers have it */

/* What a thread has. */
struct class
{
	int policy, priority, nice;
};

struct scheduling {
	sd_event *event;
	const char *output;
	pid_t thread; /* 0: not known yet */
	int wanted;
	struct rtkit *question; /* NULL: none is open */
	int refused;            /* errno of asking the limits for real time; 0: granted */
	struct class got;
	const char *by;
	char asked_text[SCHEDULING_TEXT], got_text[SCHEDULING_TEXT];
	char told[SCHEDULING_TEXT]; /* what the log has said last */
};

/* ---- what it has ----------------------------------------------------------------- */

static struct class look(pid_t thread)
{
	struct sched_param param = {0};
	struct class c = {.policy = sched_getscheduler(thread)};

	if (c.policy >= 0)
		c.policy &= ~SCHED_RESET_ON_FORK;
	if (sched_getparam(thread, &param) == 0)
		c.priority = param.sched_priority;
	c.nice = getpriority(PRIO_PROCESS, (id_t)thread);
	return c;
}

static bool is_realtime(const struct class *c)
{
	return c->policy == SCHED_FIFO || c->policy == SCHED_RR;
}

static void describe(char text[SCHEDULING_TEXT], const struct class *c)
{
	if (is_realtime(c))
		snprintf(text, SCHEDULING_TEXT, "%s %d",
			 c->policy == SCHED_FIFO ? "fifo" : "rr", c->priority);
	else if (c->nice < 0)
		snprintf(text, SCHEDULING_TEXT, "nice %d", c->nice);
	else
		strcpy(text, "other");
}

static bool is_as_asked(const struct scheduling *s)
{
	return s->wanted == 0 ||
	       (s->got.policy == SCHED_FIFO && s->got.priority == s->wanted);
}

/* Nothing is said while all goes well; of the rest, once what is new. */
static void tell(struct scheduling *s)
{
	if (strcmp(s->told, s->got_text) == 0)
		return;
	if (!is_as_asked(s))
		log_about(LEVEL_NOTICE,
			  ABOUT(.event = EVENT_SCHEDULING, .output = s->output),
			  "output %s: SCHED_FIFO %d refused: %s; its player has: %s%s%s",
			  s->output, s->wanted, strerror(s->refused), s->got_text,
			  *s->by ? ", by " : "", s->by);
	else if (*s->told)
		log_about(LEVEL_NOTICE,
			  ABOUT(.event = EVENT_SCHEDULING, .output = s->output),
			  "output %s: its player has: %s", s->output, s->got_text);
	else
		return;
	strcpy(s->told, s->got_text);
}

static void read_back(struct scheduling *s)
{
	s->got = look(s->thread);
	describe(s->got_text, &s->got);
}

static void end(struct scheduling *s, const char *by)
{
	read_back(s);
	s->by = is_realtime(&s->got) || s->got.nice < 0 ? by : "";
	tell(s);
}

/* ---- the ladder ------------------------------------------------------------------ */

static void nice_is_answered(void *user, int error, int value)
{
	struct scheduling *s = user;

	(void)value;
	rtkit_free(s->question);
	s->question = NULL;
	end(s, error < 0 ? "" : "rtkit");
}

static void try_nice(struct scheduling *s)
{
	if (setpriority(PRIO_PROCESS, (id_t)s->thread, NICE) == 0)
		end(s, "limits");
	else if (rtkit_ask_nice(&s->question, s->event, s->thread, NICE, nice_is_answered,
				s) < 0)
		end(s, "");
}

static void realtime_is_answered(void *user, int error, int value)
{
	struct scheduling *s = user;

	(void)value;
	rtkit_free(s->question);
	s->question = NULL;
	read_back(s);
	if (error == 0 && is_realtime(&s->got))
		end(s, "rtkit");
	else
		try_nice(s);
}

static void try_realtime(struct scheduling *s)
{
	struct sched_param param = {.sched_priority = s->wanted};

	s->refused = 0;
	if (sched_setscheduler(s->thread, SCHED_FIFO | SCHED_RESET_ON_FORK, &param) ==
	    0) {
		end(s, "limits");
		return;
	}
	s->refused = errno;
	if (rtkit_ask_realtime(&s->question, s->event, s->thread, s->wanted,
			       realtime_is_answered, s) < 0)
		try_nice(s);
}

/* Down from whatever it had. */
static void become_ordinary(struct scheduling *s)
{
	struct sched_param param = {0};

	sched_setscheduler(s->thread, SCHED_OTHER, &param);
	setpriority(PRIO_PROCESS, (id_t)s->thread, 0);
	end(s, "");
}

static void begin(struct scheduling *s)
{
	rtkit_free(s->question);
	s->question = NULL;
	if (s->wanted > 0)
		try_realtime(s);
	else
		become_ordinary(s);
}

/* ---- life ------------------------------------------------------------------------ */

int scheduling_new(struct scheduling **ret, sd_event *event, const char *output)
{
	struct scheduling *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->event = event;
	s->output = output;
	s->by = "";
	strcpy(s->asked_text, "other");
	strcpy(s->got_text, "other");
	*ret = s;
	return 0;
}

void scheduling_free(struct scheduling *s)
{
	if (!s)
		return;
	rtkit_free(s->question);
	free(s);
}

void scheduling_ask(struct scheduling *s, pid_t thread, int priority)
{
	const struct class asked = {.policy = priority ? SCHED_FIFO : SCHED_OTHER,
				    .priority = priority};

	if (thread == 0 || (s->thread == thread && s->wanted == priority))
		return;
	s->thread = thread;
	s->wanted = priority;
	describe(s->asked_text, &asked);
	begin(s);
}

void scheduling_check(struct scheduling *s)
{
	struct class before = s->got;

	if (s->thread == 0 || s->question)
		return;
	read_back(s);
	if (s->got.policy != before.policy || s->got.priority != before.priority ||
	    s->got.nice != before.nice)
		begin(s);
}

bool scheduling_is_asking(const struct scheduling *s)
{
	return s->question;
}

const char *scheduling_asked(const struct scheduling *s)
{
	return s->asked_text;
}

const char *scheduling_got(const struct scheduling *s)
{
	return s->got_text;
}

const char *scheduling_by(const struct scheduling *s)
{
	return s->by;
}

bool scheduling_is_realtime(const struct scheduling *s)
{
	return is_realtime(&s->got);
}
