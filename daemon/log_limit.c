/* SPDX-License-Identifier: MIT */
/*
 * A table of the messages that were written lately. There are hardly more kinds of them than it
 * has rows; where it is full of others, a message is not limited.
 */
#include "log_limit.h"

#include <stddef.h>
#include <stdio.h>

#include "text.h"

enum { NUM_SITES = 32 };

#define INTERVAL_NS (LOG_INTERVAL_S * UINT64_C(1000000000))

struct site {
	const char *format, *output;
	uint64_t since_ns;
	uint32_t times; /* in the interval; 0: the row is free */
	struct log_left_out left_out;
};

static struct site sites[NUM_SITES];

static bool is_over(const struct site *s, uint64_t now_ns)
{
	return now_ns - s->since_ns >= INTERVAL_NS;
}

/* Its row; else one that has nothing to tell, or NULL. */
static struct site *find(const char *format, const char *output, uint64_t now_ns)
{
	struct site *unused = NULL;

	for (int i = 0; i < NUM_SITES; i++) {
		struct site *s = &sites[i];

		if (s->times && s->format == format && s->output == output)
			return s;
		if (!s->times || (is_over(s, now_ns) && !s->left_out.times))
			unused = s;
	}
	if (unused)
		*unused = (struct site){
			.format = format, .output = output, .since_ns = now_ns};
	return unused;
}

bool log_limit_passes(const char *format, const char *output, const char *text,
		      uint64_t now_ns)
{
	struct site *s = find(format, output, now_ns);

	if (!s)
		return true;
	if (is_over(s, now_ns)) {
		s->since_ns = now_ns;
		s->times = 0;
	}
	if (s->times++ < LOG_BURST)
		return true;
	s->left_out.times++;
	if (snprintf(s->left_out.last, sizeof(s->left_out.last) - sizeof("…"), "%s",
		     text) >= (int)(sizeof(s->left_out.last) - sizeof("…")))
		text_cut(s->left_out.last);
	return false;
}

bool log_limit_take(uint64_t now_ns, struct log_left_out *ret)
{
	for (int i = 0; i < NUM_SITES; i++) {
		struct site *s = &sites[i];

		if (!s->left_out.times || !is_over(s, now_ns))
			continue;
		*ret = s->left_out;
		s->left_out.times = 0;
		return true;
	}
	return false;
}
