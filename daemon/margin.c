/* SPDX-License-Identifier: MIT */
/*
 * It doubles when there were some xruns in a short while: one alone says nothing of the next.
 * It is halved after a much longer while without any, so that a device that just does with some
 * margin is not tried without it every minute.
 */
#include "margin.h"

#include "log.h"
#include "timer.h"

#define US_PER_S UINT64_C(1000000)

enum { ACCURACY_US = 1000000 };

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void count_fresh(struct margin_rules *m, uint64_t xruns, uint64_t now_us)
{
	uint32_t n = (uint32_t)(xruns - m->xruns);

	m->xruns = xruns;
	if (n == 0)
		return;
	if (now_us - m->since_us > MARGIN_WHILE_S * US_PER_S) {
		m->since_us = now_us;
		m->fresh = 0;
	}
	m->fresh += n;
	m->quiet_us = now_us;
}

bool margin_look(struct margin_rules *m, uint64_t xruns, uint32_t most_ms,
		 uint64_t now_us)
{
	uint32_t before = m->ms;

	count_fresh(m, xruns, now_us);
	if (m->fresh >= MARGIN_XRUNS) {
		m->ms = m->ms ? 2 * m->ms : MARGIN_FIRST_MS;
		m->since_us = now_us;
		m->fresh = 0;
	} else if (m->ms > 0 && now_us - m->quiet_us >= MARGIN_QUIET_S * US_PER_S) {
		m->ms = m->ms > MARGIN_FIRST_MS ? m->ms / 2 : 0;
		m->quiet_us = now_us;
	}
	m->ms = smaller(m->ms, most_ms);
	return m->ms != before;
}

/* ---- a player's ------------------------------------------------------------------ */

static uint64_t now_us(const struct margin *m)
{
	uint64_t now = 0;

	sd_event_now(m->event, CLOCK_MONOTONIC, &now);
	return now;
}

static void tell(const struct margin *m, const char *device, uint32_t before)
{
	struct log_subject about = ABOUT(.output = m->config->name);

	if (m->rules.ms > before)
		log_about(LEVEL_NOTICE, about,
			  "device %s: it has run dry again and again; it is filled %u ms "
			  "earlier than usual now",
			  device, m->rules.ms);
	else
		log_about(LEVEL_INFO, about,
			  "device %s: it has not run dry for a while; it is filled %u ms "
			  "earlier than usual, no more %u ms",
			  device, m->rules.ms, before);
}

/* The quiet while may be over by then. */
static void await_quiet(struct margin *m)
{
	uint64_t until = m->rules.quiet_us + MARGIN_QUIET_S * US_PER_S, now = now_us(m);

	if (m->rules.ms == 0)
		timer_stop(m->timer);
	else
		timer_start(m->timer, until > now ? (until - now) / 1000 + 1 : 1);
}

void margin_serve(struct margin *m, const char *device)
{
	uint64_t xruns =
		atomic_load_explicit(&m->player->counts.xruns, memory_order_relaxed);
	uint32_t before = m->rules.ms;

	if (!margin_look(&m->rules, xruns, m->config->xrun_margin_ms, now_us(m)))
		return;
	player_set_margin(m->player, margin_frames(m));
	tell(m, device, before);
	await_quiet(m);
}

static int may_be_quiet(sd_event_source *source, uint64_t usec, void *user)
{
	struct margin *m = user;

	(void)source;
	(void)usec;
	margin_serve(m, m->config->device);
	await_quiet(m);
	return 0;
}

int margin_init(struct margin *m, sd_event *event, const struct config_output *config,
		struct player *p)
{
	*m = (struct margin){.event = event, .config = config, .player = p};
	return timer_new(&m->timer, event, ACCURACY_US, may_be_quiet, m);
}

void margin_done(struct margin *m)
{
	m->timer = sd_event_source_disable_unref(m->timer);
}

uint32_t margin_frames(const struct margin *m)
{
	return config_frames(m->config, m->rules.ms);
}
