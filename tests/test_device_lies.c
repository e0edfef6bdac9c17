/* SPDX-License-Identifier: MIT */
/*
 * Devices that return no error and tell no truth, or are not what was asked for: the sound goes
 * on, or waits for another device, and no frame is lost. What comes of each is what the table in
 * HACKING.md says, which the test reads.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "device_bed.h"
#include "suite.h"

static struct device_bed bed;

int __wrap_clock_gettime(clockid_t id, struct timespec *ret)
{
	return bed.now_ns && id == CLOCK_MONOTONIC ? device_bed_time(&bed, ret)
						   : __real_clock_gettime(id, ret);
}

static struct fake_pcm *fake(void)
{
	return &bed.opening.fake;
}

/* ---- lies --------------------------------------------------------------------------- */

static snd_pcm_sframes_t an_hour(snd_pcm_sframes_t delay)
{
	return delay + 3600 * OPENING_RATE;
}

static snd_pcm_sframes_t negative(snd_pcm_sframes_t delay)
{
	return -delay;
}

static snd_pcm_sframes_t the_same(snd_pcm_sframes_t delay)
{
	(void)delay;
	return 1000;
}

static snd_pcm_sframes_t jumping(snd_pcm_sframes_t delay)
{
	static int n;

	return delay + ++n % 3 * 700;
}

static void long_delay(struct device_bed *b)
{
	(void)b;
	fake()->lie = an_hour;
}

static void short_delay(struct device_bed *b)
{
	(void)b;
	fake()->lie = negative;
}

static void still_delay(struct device_bed *b)
{
	(void)b;
	fake()->lie = the_same;
}

static void jumping_delay(struct device_bed *b)
{
	(void)b;
	fake()->lie = jumping;
}

static void too_much_room(struct device_bed *b)
{
	(void)b;
	fake()->boasted = 100000;
}

static void fast(struct device_bed *b)
{
	b->speed = 1010;
}

static void slow(struct device_bed *b)
{
	b->speed = 990;
}

static void whole_periods(struct device_bed *b)
{
	fake()->granule = b->offer.period_bytes_min / (2 * sizeof(float));
	fake()->is_batch = true;
}

static void short_writes(struct device_bed *b)
{
	(void)b;
	fake()->takes = 50;
}

static void short_rewinds(struct device_bed *b)
{
	(void)b;
	fake()->rewinds = 30;
}

static void no_rewinds(struct device_bed *b)
{
	(void)b;
	fake()->lets[FAKE_REWIND] = 1; /* the trial */
	fake()->fails[FAKE_REWIND] = -EINVAL;
}

static void boasting_rewinds(struct device_bed *b)
{
	(void)b;
	fake()->lets[FAKE_REWIND] = 1;
	fake()->boasts = 10;
}

/* ---- what happens in the midst of it ------------------------------------------------ */

static void turn_to(snd_pcm_state_t state)
{
	if (fake()->io.state == SND_PCM_STATE_RUNNING)
		fake_pcm_break(fake(), state);
}

/* Not all of these keep their pointers where they were, as the kernel's do. */
static void stop_behind_our_back(int n)
{
	static const snd_pcm_state_t states[] = {
		SND_PCM_STATE_SETUP,    SND_PCM_STATE_PREPARED, SND_PCM_STATE_XRUN,
		SND_PCM_STATE_DRAINING, SND_PCM_STATE_PAUSED,   SND_PCM_STATE_SUSPENDED,
	};

	if (bed.kind == DEVICE_BED_CARD && n % 20 == 0)
		turn_to(states[n / 20 % 6]);
}

static void run_when_stopped(int n)
{
	if (n % 20 == 0 && fake()->io.state == SND_PCM_STATE_PREPARED)
		fake_pcm_break(fake(), SND_PCM_STATE_RUNNING);
}

static void disconnect(int n)
{
	if (n == 30)
		turn_to(SND_PCM_STATE_DISCONNECTED);
}

static void stand_still(int n)
{
	if (n == 30)
		bed.speed = 0;
	if (bed.rig.player.counts.losses)
		bed.speed = 1000;
}

static const struct lie {
	const char *a_device;
	struct fake_pcm_offer offer;
	void (*spoil)(struct device_bed *b);
	void (*happens)(int turn);
	uint32_t repeats; /* frames that may be heard twice */
	int error;        /* of a device that is lost */
} lies[] = {
	{"a delay that is never the right one, by an hour too long", .spoil = long_delay},
	{"a delay that is below what its buffer holds, or negative",
	 .spoil = short_delay},
	{"a delay that stands still while its buffer empties", .spoil = still_delay},
	{"a delay that jumps forth and back", .spoil = jumping_delay},
	{"a buffer that is said to have more room than it is long",
	 .spoil = too_much_room},
	{"a clock that is 1 % fast", .spoil = fast},
	{"a clock that is 1 % slow", .spoil = slow},
	{"periods longer than they were asked for, and pointers that move by them, as it "
	 "says",
	 .offer = {.period_bytes_min = 2 * 480 * 2 * sizeof(float)},
	 .spoil = whole_periods},
	{"a write that takes a few frames at a time", .spoil = short_writes},
	{"a rewind that gives back less than was asked for", .spoil = short_rewinds},
	{"a rewind that is refused", .spoil = no_rewinds},
	{"a rewind that claims more than it was asked for", .spoil = boasting_rewinds},
	{"a state that turns to SETUP, PREPARED, XRUN, DRAINING, PAUSED or SUSPENDED "
	 "behind our back",
	 .happens = stop_behind_our_back},
	{"a state that says RUNNING of a device that was stopped",
	 .happens = run_when_stopped},
	{"a state that turns to DISCONNECTED", .happens = disconnect, .repeats = 480,
	 .error = -ENODEV},
	{"a clock that stands still for 2 s", .happens = stand_still, .error = -ETIME},
};
enum { NUM_LIES = sizeof(lies) / sizeof(lies[0]) };

/* ---- tests -------------------------------------------------------------------------- */

/* What HACKING.md says of it. */
static const char *told(const char *a_device)
{
	static char line[512];
	FILE *f = fopen(SOURCE_DIR "/HACKING.md", "r");
	char *end = NULL;

	ck_assert_ptr_nonnull(f);
	while (!end && fgets(line, sizeof(line), f))
		if (strncmp(line, "| ", 2) == 0 &&
		    strncmp(line + 2, a_device, strlen(a_device)) == 0)
			end = line + 2 + strlen(a_device);
	fclose(f);
	ck_assert_msg(end && strncmp(end, " | ", 3) == 0, "HACKING.md does not say: %s",
		      a_device);
	end[strlen(end) - 3] = '\0';
	return end + 3;
}

static const char *outcome(void)
{
	const struct player_counts *n = &bed.rig.player.counts;

	return atomic_load(&n->losses)  ? "lost"
	       : atomic_load(&n->xruns) ? "xrun"
					: "goes on";
}

static void play(const struct lie *lie)
{
	for (int i = 0; i < 400; i++) {
		if (i % 40 == 10 || i % 40 == 12)
			rig_hold(&bed.rig, bed.source, i % 40 == 10, 0);
		if (i < 200 || i > 300) /* it stops in between */
			device_bed_push(&bed, DEVICE_BED_QUEUE);
		if (lie->happens)
			lie->happens(i);
		device_bed_wake(&bed);
	}
	device_bed_play_out(&bed);
}

START_TEST(whatever_a_device_says_no_frame_is_lost_and_the_sound_goes_on)
{
	const struct lie *lie = &lies[_i % NUM_LIES];
	int kind = _i / NUM_LIES;

	device_bed_init(&bed, kind, &lie->offer, lie->spoil);
	play(lie);

	/* What happens only to cards comes to nothing elsewhere. */
	if (kind == DEVICE_BED_CARD || lie->happens != stop_behind_our_back)
		ck_assert_str_eq(outcome(), told(lie->a_device));
	ck_assert_uint_le(bed.repeated, lie->repeats);
	ck_assert_uint_eq(bed.refused, 0);
	ck_assert_int_eq(bed.error, lie->error);
	ck_assert_uint_gt(bed.next, 20000);
	device_bed_done(&bed);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("device_lies");

	device_alsa_quiet();
	tcase_add_loop_test(t,
			    whatever_a_device_says_no_frame_is_lost_and_the_sound_goes_on,
			    0, NUM_LIES * NUM_DEVICE_BEDS);
	return suite_run("device_lies", t);
}
