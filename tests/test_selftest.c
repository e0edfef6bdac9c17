/* SPDX-License-Identifier: MIT */
/*
 * The selftest on cards with faults, in virtual time: it passes while the selftest sleeps, and the
 * card plays so long by a clock of its own. Each fault must be found, and nothing where there is
 * none.
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "opening.h"
#include "selftest/parts.h"
#include "suite.h"

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

enum { SECONDS = 5 };

int __wrap_clock_gettime(clockid_t id, struct timespec *ret);
int __wrap_clock_nanosleep(clockid_t id, int flags, const struct timespec *t,
			   struct timespec *left);
int __real_clock_gettime(clockid_t id, struct timespec *ret);

static struct opening o;
static struct selftest_order order;

/* The machine, and what the card makes of its time. */
static struct world {
	uint64_t now_ns, sleeps;
	uint64_t look_costs_ns; /* each look at the clock takes so long */
	uint64_t late_ns;       /* so late does every late_every-th sleep end */
	uint64_t late_every;
	double ppm;       /* the card is fast */
	uint32_t granule; /* its pointer moves by so many frames */
	bool plays;
	uint64_t since_ns, played;
	void (*each_sleep)(void);
} world;

static char said[32768];
static int status;

/* ---- the world --------------------------------------------------------------------- */

static void play_until(uint64_t ns)
{
	double frames = (double)(ns - world.since_ns) / 1e9 * o.fake.io.rate *
			(1 + world.ppm / 1e6);
	uint64_t due = (uint64_t)frames / world.granule * world.granule;

	if (due <= world.played)
		return;
	fake_pcm_play(&o.fake, (uint32_t)(due - world.played));
	world.played = o.fake.pos;
}

static void pass(uint64_t ns)
{
	bool runs = o.fake.io.pcm && o.fake.io.state == SND_PCM_STATE_RUNNING;

	/* It has been started since, at this very moment. */
	if (runs && (!world.plays || o.fake.pos != world.played)) {
		world.since_ns = world.now_ns;
		world.played = o.fake.pos;
	}
	world.plays = runs;
	world.now_ns += ns;
	if (runs)
		play_until(world.now_ns);
}

int __wrap_clock_gettime(clockid_t id, struct timespec *ret)
{
	if (!world.now_ns || id != CLOCK_MONOTONIC)
		return __real_clock_gettime(id, ret);
	pass(world.look_costs_ns);
	ret->tv_sec = (time_t)(world.now_ns / NS_PER_S);
	ret->tv_nsec = (long)(world.now_ns % NS_PER_S);
	return 0;
}

int __wrap_clock_nanosleep(clockid_t id, int flags, const struct timespec *t,
			   struct timespec *left)
{
	uint64_t until = (uint64_t)t->tv_sec * NS_PER_S + (uint64_t)t->tv_nsec;
	uint64_t late = world.late_every && ++world.sleeps % world.late_every == 0
				? world.late_ns
				: 20000;

	(void)id, (void)flags, (void)left;
	if (world.each_sleep)
		world.each_sleep();
	pass((until > world.now_ns ? until - world.now_ns : 0) + late);
	return selftest_signal() ? EINTR : 0;
}

static double seconds_gone(void)
{
	return (double)(world.now_ns - 1000000 * NS_PER_S) / 1e9;
}

/* ---- a card, a test ----------------------------------------------------------------- */

static void set_up_offering(const struct fake_pcm_offer *offer)
{
	opening_init(&o, offer);
	o.fake.no_timestamps = true;
	snd_pcm_close(o.fake.io.pcm);
	strcpy(o.config.name, "main");
	world = (struct world){
		.now_ns = 1000000 * NS_PER_S,
		.look_costs_ns = 1000,
		.granule = 1,
	};
	order = (struct selftest_order){
		.output = &o.config,
		.seconds = SECONDS,
		.quiet = true,
	};
}

static void set_up(void)
{
	set_up_offering(NULL);
}

static void tear_down(void)
{
	world.now_ns = 0;
	opening_done(&o);
}

static void run(void)
{
	char path[] = "/tmp/aud-selftest-XXXXXX";
	int fd = mkstemp(path);
	FILE *f;
	size_t n;

	ck_assert_int_ge(fd, 0);
	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	status = selftest_run(&order);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	n = fread(said, 1, sizeof(said) - 1, f);
	said[n] = '\0';
	fclose(f);
	close(fd);
	unlink(path);
}

static void assert_said(const char *what)
{
	ck_assert_msg(strstr(said, what) != NULL, "no '%s' in: %s", what, said);
}

static void assert_not_said(const char *what)
{
	ck_assert_msg(!strstr(said, what), "'%s' in: %s", what, said);
}

/* As far as some seconds can tell. */
static void assert_ppm(double wanted)
{
	const char *at = strstr(said, " Hz: ");

	ck_assert_ptr_nonnull(at);
	ck_assert_double_eq_tol(strtod(at + 5, NULL), wanted, 3);
}

static void assert_problem(const char *what)
{
	ck_assert_msg(status == SELFTEST_PROBLEMS, "status %d: %s", status, said);
	assert_said("Problems\n");
	assert_said(what);
}

static void assert_fine(void)
{
	ck_assert_msg(status == SELFTEST_FINE, "status %d: %s", status, said);
	assert_said("No problems\n");
}

/* ---- nothing is wrong --------------------------------------------------------------- */

START_TEST(a_good_card_has_no_problems)
{
	run();

	assert_fine();
	assert_said("48000.00 Hz: +0.0 ppm");
	assert_said("it rewinds");
	assert_said("it holds down to 50 us");
	assert_said("steps      none");
	assert_said("smallest that held: 2.0 ms");
	assert_said("rewind_guard_us = 250");
	assert_said("jumps      0; it went back 0 times");
	ck_assert_ptr_null(o.fake.io.pcm);
}
END_TEST

START_TEST(a_quartz_that_is_a_little_off_is_measured_and_is_no_problem)
{
	world.ppm = -37;

	run();

	assert_fine();
	assert_ppm(-37);
}
END_TEST

START_TEST(what_lies_behind_the_buffer_is_told_and_is_no_problem)
{
	o.fake.delay = 480;

	run();

	assert_fine();
	assert_said("behind the buffer lie 10.0 to 10.0 ms");
}
END_TEST

START_TEST(a_pointer_that_moves_by_steps_is_no_problem_and_they_are_told)
{
	world.granule = 48;

	run();

	assert_fine();
	assert_said("it moves by 48 frames (1.00 ms) at a time");
}
END_TEST

/* ---- its clock ----------------------------------------------------------------------- */

START_TEST(a_clock_that_is_one_percent_fast_is_found)
{
	world.ppm = 10000;

	run();

	assert_problem(
		"off by +10000 ppm: it plays 48480.0 frames in a second, not 48000. "
		"Sound is too fast");
}
END_TEST

START_TEST(a_clock_that_is_one_percent_slow_is_found)
{
	world.ppm = -10000;

	run();

	assert_problem("off by -10000 ppm");
	assert_said("too slow");
}
END_TEST

START_TEST(a_delay_that_is_less_than_what_the_buffer_holds_is_found)
{
	o.fake.delay = -2400;

	run();

	assert_problem(
		"Its delay lies: it says 50.0 ms less than what its buffer holds.");
}
END_TEST

START_TEST(a_delay_that_is_far_too_long_is_found)
{
	o.fake.delay = 48000 * 5;

	run();

	assert_problem(
		"Its delay lies: it says 5000 ms more than what its buffer holds.");
}
END_TEST

static void jump_once(void)
{
	o.fake.delay = seconds_gone() > 2 ? 480 : 0;
}

START_TEST(a_delay_that_jumps_is_found_and_does_not_bend_the_rate)
{
	world.each_sleep = jump_once;
	world.ppm = 50;

	run();

	assert_problem("Its delay jumps: 1 time, by -10.0 ms at the most.");
	assert_ppm(50);
}
END_TEST

static void go_back_now_and_then(void)
{
	o.fake.delay = fmod(seconds_gone(), 0.1) > 0.09 ? 960 : 0;
}

START_TEST(a_clock_that_goes_back_is_found)
{
	world.each_sleep = go_back_now_and_then;

	run();

	assert_problem("Its clock goes back:");
}
END_TEST

/* The delay grows as the buffer empties. */
static void stand_still(void)
{
	double from = 1.5, to = 1.65, now = seconds_gone();

	o.fake.delay =
		now > from && now < to ? (snd_pcm_sframes_t)((now - from) * 48000) : 0;
}

START_TEST(a_clock_that_stands_still_is_found)
{
	world.each_sleep = stand_still;

	run();

	assert_problem("Its clock stood still for 1");
}
END_TEST

START_TEST(a_clock_that_moves_by_long_steps_is_told)
{
	world.granule = 2400;

	run();

	assert_said("it moves by 2400 frames (50.00 ms) at a time");
	assert_not_said("stood still for 50 ms while");
}
END_TEST

/* ---- taking back ------------------------------------------------------------------------ */

START_TEST(a_card_that_refuses_to_rewind_is_found)
{
	o.fake.fails[FAKE_REWIND] = -EINVAL;

	run();

	assert_fine();
	assert_said("it does not rewind");
	assert_said("not rewinding");
	assert_said("short_buffer_ms = 20");
	assert_not_said("rewind_guard_us =");
}
END_TEST

START_TEST(a_card_that_takes_back_less_than_it_is_asked_to_is_found)
{
	o.fake.rewinds = 20;

	run();

	assert_problem("It takes back less than it is asked to: 20 of ");
	assert_said("it does not rewind");
}
END_TEST

START_TEST(a_card_that_takes_back_enough_for_the_trial_but_no_more_is_found)
{
	o.fake.rewinds = 1000;

	run();

	assert_problem("It takes back less than it is asked to: 1000 of ");
}
END_TEST

START_TEST(a_card_that_says_it_took_back_more_than_it_did_is_found)
{
	o.fake.rewinds = 100;
	o.fake.boasts = 1000;

	run();

	assert_problem("Its take-backs lie");
}
END_TEST

/* What its pointer moves by is in the daemon's guard already. */
START_TEST(a_card_that_moves_its_data_by_periods_is_told_to_keep_one_more)
{
	o.fake.is_batch = true;
	world.granule = 240;

	run();

	assert_fine();
	assert_said("of what the buffer holds 6.0 ms are never taken back");
	assert_said("never taken back is one of them (5.0 ms) and rewind_guard_us.");
	assert_said("rewind_guard_us = 250");
}
END_TEST

START_TEST(take_backs_that_cost_time_need_a_wider_guard)
{
	world.look_costs_ns = 300000;

	run();

	assert_said("50 us 0/12");
	assert_said("10000 us 12/12");
	assert_said("rewind_guard_us = ");
	assert_not_said("rewind_guard_us = 250");
}
END_TEST

START_TEST(a_plugin_that_moves_its_pointers_back_is_not_believed)
{
	o.fake.is_hw = false;

	run();

	assert_fine();
	assert_said("only ears can tell");
	assert_not_said("rewind_guard_us =");
}
END_TEST

/* ---- wake-ups and buffers ------------------------------------------------------------- */

START_TEST(wake_ups_that_come_too_late_are_found)
{
	world.late_every = 90;
	world.late_ns = 13 * NS_PER_MS;

	run();

	assert_problem("A wake-up came 13.0 ms late");
}
END_TEST

START_TEST(the_smallest_buffer_is_the_one_that_late_wake_ups_leave)
{
	o.fake.fails[FAKE_REWIND] = -EINVAL;
	world.late_every = 8;
	world.late_ns = 6 * NS_PER_MS;

	run();

	assert_fine();
	assert_said("smallest that held: 15.0 ms");
	assert_said("short_buffer_ms = 45");
}
END_TEST

/* ---- what there is ---------------------------------------------------------------------- */

START_TEST(a_card_of_other_rates_is_not_tested_and_the_line_for_it_is_told)
{
	static const struct fake_pcm_offer offer = {.rate_min = 44100, .rate_max = 44100};

	tear_down();
	set_up_offering(&offer);
	run();

	ck_assert_int_eq(status, SELFTEST_NOT_TESTED);
	assert_said("It was not tested: it offers 44100 Hz, not 48000");
	assert_said("rates      44100 (44100 Hz)");
	assert_said("rate = 44100");
}
END_TEST

START_TEST(formats_channels_and_what_they_are_called_are_told)
{
	static const struct fake_pcm_offer offer = {
		.num_formats = 2,
		.formats = {SND_PCM_FORMAT_S16_LE, SND_PCM_FORMAT_S24_3LE},
		.channels_min = 2,
		.channels_max = 6,
	};

	tear_down();
	set_up_offering(&offer);
	run();

	assert_said("formats    s16le s24_3le\n");
	assert_said("channels   2 to 6\n");
	assert_said("s24_3 (24 bits)");
}
END_TEST

START_TEST(a_card_that_is_busy_is_not_tested_and_it_is_said_what_to_do)
{
	o.fake.fails[FAKE_OPEN] = -EBUSY;

	run();

	ck_assert_int_eq(status, SELFTEST_NOT_TESTED);
	assert_said("It was not tested: open failed: Device or resource busy");
	assert_said("systemctl stop audd.socket audd.service");
	assert_said("--device");
}
END_TEST

static void pull_out(void)
{
	if (seconds_gone() > 1.5)
		fake_pcm_unplug(&o.fake);
}

START_TEST(a_card_that_is_pulled_out_meanwhile_is_not_tested)
{
	world.each_sleep = pull_out;

	run();

	ck_assert_int_eq(status, SELFTEST_NOT_TESTED);
	assert_said("It was not tested: No such device");
}
END_TEST

static void interrupt(void)
{
	if (seconds_gone() > 1.5)
		raise(SIGINT);
}

START_TEST(a_signal_ends_it_and_the_device_is_closed)
{
	world.each_sleep = interrupt;

	run();

	ck_assert_int_eq(status, 128 + SIGINT);
	ck_assert_ptr_null(o.fake.io.pcm);
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(the_report_is_json_if_asked_for)
{
	json_t *root, *clock, *problem;

	order.json = true;
	world.ppm = 10000;
	run();

	root = json_loads(said, 0, NULL);
	ck_assert_ptr_nonnull(root);
	clock = json_object_get(root, "clock");
	ck_assert_double_eq_tol(json_real_value(json_object_get(clock, "ppm")), 10000, 1);
	problem = json_array_get(json_object_get(root, "problems"), 0);
	ck_assert_ptr_nonnull(strstr(json_string_value(problem), "off by +10000 ppm"));
	ck_assert(
		json_is_true(json_object_get(json_object_get(root, "rewind"), "works")));
	json_decref(root);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("selftest");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_good_card_has_no_problems);
	tcase_add_test(t, a_quartz_that_is_a_little_off_is_measured_and_is_no_problem);
	tcase_add_test(t, what_lies_behind_the_buffer_is_told_and_is_no_problem);
	tcase_add_test(t, a_pointer_that_moves_by_steps_is_no_problem_and_they_are_told);
	tcase_add_test(t, a_clock_that_is_one_percent_fast_is_found);
	tcase_add_test(t, a_clock_that_is_one_percent_slow_is_found);
	tcase_add_test(t, a_delay_that_is_less_than_what_the_buffer_holds_is_found);
	tcase_add_test(t, a_delay_that_is_far_too_long_is_found);
	tcase_add_test(t, a_delay_that_jumps_is_found_and_does_not_bend_the_rate);
	tcase_add_test(t, a_clock_that_goes_back_is_found);
	tcase_add_test(t, a_clock_that_stands_still_is_found);
	tcase_add_test(t, a_clock_that_moves_by_long_steps_is_told);
	tcase_add_test(t, a_card_that_refuses_to_rewind_is_found);
	tcase_add_test(t, a_card_that_takes_back_less_than_it_is_asked_to_is_found);
	tcase_add_test(t,
		       a_card_that_takes_back_enough_for_the_trial_but_no_more_is_found);
	tcase_add_test(t, a_card_that_says_it_took_back_more_than_it_did_is_found);
	tcase_add_test(t, a_card_that_moves_its_data_by_periods_is_told_to_keep_one_more);
	tcase_add_test(t, take_backs_that_cost_time_need_a_wider_guard);
	tcase_add_test(t, a_plugin_that_moves_its_pointers_back_is_not_believed);
	tcase_add_test(t, wake_ups_that_come_too_late_are_found);
	tcase_add_test(t, the_smallest_buffer_is_the_one_that_late_wake_ups_leave);
	tcase_add_test(t,
		       a_card_of_other_rates_is_not_tested_and_the_line_for_it_is_told);
	tcase_add_test(t, formats_channels_and_what_they_are_called_are_told);
	tcase_add_test(t, a_card_that_is_busy_is_not_tested_and_it_is_said_what_to_do);
	tcase_add_test(t, a_card_that_is_pulled_out_meanwhile_is_not_tested);
	tcase_add_test(t, a_signal_ends_it_and_the_device_is_closed);
	tcase_add_test(t, the_report_is_json_if_asked_for);
	return suite_run("selftest", t);
}
