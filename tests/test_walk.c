/* SPDX-License-Identifier: MIT */
/*
 * A random walk of a player against a model that knows the requests alone: pushes, clears and
 * pauses with fades, gains, short take-backs, short writes, underruns, lost devices, sources
 * that come and go, in any order. Every frame numbers itself, so that a loss, a repeat, a swap
 * or a stale tail shows at its frame. WALK_TURNS and WALK_SEED say how far, and from where.
 */
#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "rig.h"
#include "suite.h"
#include "taps.h"

enum { SOURCES = 3, EPISODE = 5000, MAX_CUTS = 4096 };

/* What the model knows of one source. */
struct model {
	struct rig_source *source;
	uint64_t due;            /* the frame that has to be heard next */
	uint64_t dropped;        /* frames that were jumped over on the tape */
	uint64_t cuts[MAX_CUTS]; /* positions at which clears were asked for */
	uint32_t num_cuts;
	bool held, hold_obeyed;
	uint64_t stop; /* while held and obeyed: the frame that must not be heard */
	uint32_t limit;
	/* At another rate frames cannot be told one by one; its numbers have to be right. */
	const struct taps *taps;
	uint64_t played;
};

/* What all the walking came to; a walk that never met a fault would prove nothing. */
struct tally {
	uint64_t heard, dropped, clears, holds, losses, xruns, takebacks, given_back,
		sources;
};

struct walk {
	struct rig rig;
	struct tally *tally;
	struct model models[SOURCES];
	uint64_t checked; /* frames of the tape */
	bool lost;        /* the device is away */
	struct taps_set taps;
	uint64_t seed, turn;
	uint64_t state; /* of the random numbers */
};

static uint32_t roll(struct walk *w, uint32_t n)
{
	w->state ^= w->state << 13;
	w->state ^= w->state >> 7;
	w->state ^= w->state << 17;
	return (uint32_t)((w->state >> 20) % n);
}

#define expect(w, what, ...)                                                             \
	do {                                                                             \
		if (!(what)) {                                                           \
			fprintf(stderr, "seed %" PRIu64 " turn %" PRIu64 ": ",           \
				(w)->seed, (w)->turn);                                   \
			ck_abort_msg(__VA_ARGS__);                                       \
		}                                                                        \
	} while (0)

static bool is_cut(const struct model *m, uint64_t pos)
{
	for (uint32_t i = m->num_cuts; i-- > 0;)
		if (m->cuts[i] == pos)
			return true;
	return false;
}

/* Which of the model's frames the number stands for: the next one that is due, or one that a
 * clear jumped to. */
static void hear(struct walk *w, uint32_t slot, uint32_t number)
{
	struct model *m = &w->models[slot];
	uint64_t ahead = (number + RIG_NUMBERS - m->due % RIG_NUMBERS) % RIG_NUMBERS;
	uint64_t pos = m->due + ahead;

	expect(w, ahead < RIG_NUMBERS / 2,
	       "source %u: frame %u again, %" PRIu64 " was due", slot, number, m->due);
	expect(w, ahead == 0 || is_cut(m, pos),
	       "source %u: %" PRIu64 " was due, %" PRIu64 " was heard", slot, m->due,
	       pos);
	expect(w, !m->hold_obeyed || pos < m->stop,
	       "source %u: heard %" PRIu64 " while held at %" PRIu64, slot, pos, m->stop);
	w->tally->heard++;
	w->tally->dropped += ahead;
	m->dropped += ahead;
	m->due = pos + 1;
}

static void check_tape(struct walk *w)
{
	float level;

	for (; w->checked < w->rig.sink.taped; w->checked++) {
		for (uint32_t i = 0; i < SOURCES; i++) {
			uint32_t number = rig_number(&w->rig, i, w->checked, &level);

			if (number != RIG_SILENCE && w->models[i].source &&
			    !w->models[i].taps)
				hear(w, i, number);
		}
	}
	w->rig.sink.taped = w->checked = 0;
}

static void check_numbers(struct walk *w, uint32_t slot)
{
	struct model *m = &w->models[slot];
	struct rig_source *s = m->source;
	uint64_t written = rig_written(s), played = rig_played(s), heard = rig_heard(s);

	expect(w, played >= m->played && played <= written,
	       "source %u: played %" PRIu64 " behind %" PRIu64 " of %" PRIu64, slot,
	       played, m->played, written);
	m->played = played;
	expect(w, m->taps || heard == m->due - m->dropped,
	       "source %u: heard %" PRIu64 ", on tape %" PRIu64, slot, heard,
	       m->due - m->dropped);
	expect(w, m->taps || played == m->due || is_cut(m, played),
	       "source %u: played %" PRIu64 " but the tape is at %" PRIu64, slot, played,
	       m->due);
	expect(w, written - played <= m->limit, "source %u: over its limit", slot);
	expect(w, heard + rig_dropped(s) + rig_at_device(s) <= written,
	       "source %u: more heard, dropped and at the device than pushed", slot);
	m->hold_obeyed =
		m->held && player_has_applied(&w->rig.player, w->rig.player.asked);
	m->stop = atomic_load(&s->queue.player->stopped_at);
}

static void turn(struct walk *w)
{
	rig_turn(&w->rig);
	w->turn++;
	check_tape(w);
	for (uint32_t i = 0; i < SOURCES; i++)
		if (w->models[i].source)
			check_numbers(w, i);
}

static void lose_device(struct walk *w)
{
	if (w->lost)
		return;
	/* What was heard since the last look at the clock nobody can know; it is heard again. */
	fake_sink_advance(&w->rig.sink, roll(w, 60));
	w->rig.sink.taped = w->checked;
	w->rig.sink.taped = w->checked;
	w->rig.sink.running = false;
	w->rig.sink.error = roll(w, 2) ? -ENODEV : -EIO;
	turn(w);
	expect(w, player_returned(&w->rig.player) == &w->rig.sink.sink,
	       "the sink has not come back");
	w->lost = true;
}

static void bring_device(struct walk *w)
{
	struct fake_sink *f = &w->rig.sink;

	if (!w->lost)
		return;
	fake_sink_plug_in(f);
	w->lost = false;
	player_offer(&w->rig.player, &f->sink);
}

static struct fade any_fade(struct walk *w)
{
	return (struct fade){.frames = roll(w, 2) ? roll(w, 240) : 0,
			     .curve = roll(w, 2)};
}

static void clear(struct walk *w, struct model *m)
{
	if (m->num_cuts == MAX_CUTS)
		return;
	w->tally->clears++;
	m->cuts[m->num_cuts++] = rig_written(m->source);
	queue_cut(&m->source->queue, any_fade(w));
	player_ask(&w->rig.player);
}

static void hold(struct walk *w, struct model *m, bool held)
{
	w->tally->holds++;
	m->held = held;
	m->hold_obeyed = false;
	queue_hold(&m->source->queue, held, any_fade(w));
	player_ask(&w->rig.player);
}

static struct rig_source *come_at(struct walk *w, struct model *m)
{
	static const uint32_t rates[] = {8000, 22050, 44100, 47999, 96000, 192000};
	uint32_t rate = rates[roll(w, 6)];

	if (taps_get(&w->taps, rate, 48000, &m->taps) < 0)
		abort();
	return rig_add_at(&w->rig, 0, m->limit, m->taps, rate);
}

static void come(struct walk *w, uint32_t slot)
{
	struct model *m = &w->models[slot];

	*m = (struct model){.limit = 1 + roll(w, 3000)};
	if (slot == 0 && roll(w, 2))
		m->source = come_at(w, m);
	else
		m->source = rig_add(&w->rig, slot, m->limit);
	w->tally->sources++;
}

static void leave(struct walk *w, uint32_t slot)
{
	struct model *m = &w->models[slot];

	/* Not before all is settled: that is how the main thread does it. */
	if (rig_played(m->source) != rig_written(m->source))
		return;
	m->source = NULL;
	rig_remove(&w->rig, slot);
	taps_unref(m->taps);
	m->taps = NULL;
	w->turn++;
	check_tape(w);
}

static void one_request(struct walk *w)
{
	uint32_t slot = roll(w, SOURCES), what = roll(w, 1000);
	struct model *m = &w->models[slot];

	if (!m->source)
		come(w, slot);
	else if (what < 700)
		rig_push(&w->rig, m->source, 1 + roll(w, roll(w, 4) ? 60 : 3000));
	else if (what < 760)
		clear(w, m);
	else if (what < 900)
		hold(w, m, !m->held);
	else if (what < 960) {
		queue_set_gain(&m->source->queue,
			       (struct gain){.factor = 0.25f + (float)roll(w, 16) / 4,
					     .ramp = roll(w, 400)});
		player_ask(&w->rig.player);
	} else if (what < 962)
		leave(w, slot);
	else if (what < 968)
		lose_device(w);
	else
		bring_device(w);
}

static void one_fault(struct walk *w)
{
	struct fake_sink *f = &w->rig.sink;

	f->most_given_back = roll(w, 3) ? UINT32_MAX : roll(w, 100);
	f->most_written = roll(w, 3) ? UINT32_MAX : roll(w, 100);
}

static void step(struct walk *w)
{
	uint32_t requests = roll(w, 4);

	while (requests-- > 0)
		one_request(w);
	if (roll(w, 20) == 0)
		one_fault(w);
	fake_sink_advance(&w->rig.sink, roll(w, 50) ? roll(w, 60) : roll(w, 1500));
	turn(w);
}

/* Let all of it be heard: then every frame is accounted for. */
static void finish(struct walk *w)
{
	bring_device(w);
	w->rig.sink.most_given_back = w->rig.sink.most_written = UINT32_MAX;
	for (uint32_t i = 0; i < SOURCES; i++)
		if (w->models[i].source)
			hold(w, &w->models[i], false);
	for (uint32_t n = 0; n < 600; n++) {
		fake_sink_advance(&w->rig.sink, 40);
		turn(w);
	}
	for (uint32_t i = 0; i < SOURCES; i++) {
		struct model *m = &w->models[i];

		if (!m->source)
			continue;
		expect(w, rig_played(m->source) == rig_written(m->source),
		       "source %u: not all played", i);
		expect(w,
		       rig_heard(m->source) + rig_dropped(m->source) ==
			       rig_written(m->source),
		       "source %u: heard %" PRIu64 " + dropped %" PRIu64
		       " != pushed %" PRIu64,
		       i, rig_heard(m->source), rig_dropped(m->source),
		       rig_written(m->source));
	}
}

static void sum_up(struct walk *w)
{
	const struct player_counts *c = &w->rig.player.counts;

	w->tally->losses += c->losses;
	w->tally->xruns += c->xruns;
	w->tally->given_back += c->given_back;
	w->tally->takebacks += w->rig.sink.takebacks;
}

static void walk_episode(uint64_t seed, uint64_t turns, struct tally *tally)
{
	struct walk *w = calloc(1, sizeof(*w));

	w->tally = tally;
	w->seed = seed;
	w->state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	rig_init(&w->rig, SOURCES, 100 + roll(w, 900));
	w->rig.sink.sink.guard = roll(w, 60);
	w->rig.sink.sink.idle = roll(w, 500);
	w->rig.sink.sink.rewinds = roll(w, 3) > 0;
	player_set_ducking(&w->rig.player, &(struct duck_shape){.level = 0.5f,
								.attack = roll(w, 400),
								.hold = roll(w, 400),
								.release = roll(w, 400)});
	while (w->turn < turns)
		step(w);
	finish(w);
	sum_up(w);
	for (uint32_t i = 0; i < SOURCES; i++)
		w->models[i].source = NULL;
	rig_done(&w->rig);
	taps_unref(w->models[0].taps);
	free(w);
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 10) : otherwise;
}

START_TEST(every_frame_is_heard_once_or_dropped_by_request)
{
	uint64_t turns = number_from("WALK_TURNS", 1000000);
	uint64_t seed = number_from("WALK_SEED", 1);

	struct tally t = {0};

	for (uint64_t done = 0; done < turns; done += EPISODE)
		walk_episode(seed++, EPISODE, &t);

	printf("walked %" PRIu64 " turns: %" PRIu64 " sources, %" PRIu64
	       " frames heard, %" PRIu64 " dropped by %" PRIu64 " clears, %" PRIu64
	       " pauses and resumes,\n%" PRIu64 " take-backs of %" PRIu64
	       " frames, %" PRIu64 " underruns, %" PRIu64
	       " lost devices; none lost, none twice\n",
	       turns, t.sources, t.heard, t.dropped, t.clears, t.holds, t.takebacks,
	       t.given_back, t.xruns, t.losses);
	ck_assert(t.heard > turns && t.dropped && t.clears && t.holds && t.given_back);
	ck_assert(t.xruns && t.losses);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("walk");

	tcase_set_timeout(t, 600);
	tcase_add_test(t, every_frame_is_heard_once_or_dropped_by_request);
	return suite_run("walk", t);
}
