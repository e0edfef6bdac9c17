/* SPDX-License-Identifier: MIT */
/*
 * What a selftest finds of a card that takes back, or does not.
 */
#include <errno.h>

#include "selftest_bed.h"
#include "suite.h"

START_TEST(a_card_that_refuses_to_rewind_is_found)
{
	bed.card.fake.fails[FAKE_REWIND] = -EINVAL;

	selftest_bed_run();

	assert_fine();
	assert_said("it does not rewind");
	assert_said("not rewinding");
	assert_said("short_buffer_ms = 20");
	assert_not_said("rewind_guard_us =");
}
END_TEST

START_TEST(a_card_that_takes_back_less_than_it_is_asked_to_is_found)
{
	bed.card.fake.rewinds = 20;

	selftest_bed_run();

	assert_problem("It takes back less than it is asked to: 20 of ");
	assert_said("it does not rewind");
}
END_TEST

START_TEST(a_card_that_takes_back_enough_for_the_trial_but_no_more_is_found)
{
	bed.card.fake.rewinds = 1000;

	selftest_bed_run();

	assert_problem("It takes back less than it is asked to: 1000 of ");
}
END_TEST

START_TEST(a_card_that_says_it_took_back_more_than_it_did_is_found)
{
	bed.card.fake.rewinds = 100;
	bed.card.fake.boasts = 1000;

	selftest_bed_run();

	assert_problem("Its take-backs lie");
}
END_TEST

/* What its pointer moves by is in the daemon's guard already. */
START_TEST(a_card_that_moves_its_data_by_periods_is_told_to_keep_one_more)
{
	bed.card.fake.is_batch = true;
	bed.granule = 240;

	selftest_bed_run();

	assert_fine();
	assert_said("of what the buffer holds 6.0 ms are never taken back");
	assert_said("never taken back is one of them (5.0 ms) and rewind_guard_us.");
	assert_said("rewind_guard_us = 250");
}
END_TEST

START_TEST(take_backs_that_cost_time_need_a_wider_guard)
{
	bed.look_costs_ns = 300000;

	selftest_bed_run();

	assert_said("50 us 0/12");
	assert_said("10000 us 12/12");
	assert_said("rewind_guard_us = ");
	assert_not_said("rewind_guard_us = 250");
}
END_TEST

START_TEST(a_plugin_that_moves_its_pointers_back_is_not_believed)
{
	bed.card.fake.is_hw = false;

	selftest_bed_run();

	assert_fine();
	assert_said("only ears can tell");
	assert_not_said("rewind_guard_us =");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("selftest_rewind");

	tcase_add_checked_fixture(t, selftest_bed_set_up, selftest_bed_tear_down);
	tcase_add_test(t, a_card_that_refuses_to_rewind_is_found);
	tcase_add_test(t, a_card_that_takes_back_less_than_it_is_asked_to_is_found);
	tcase_add_test(t,
		       a_card_that_takes_back_enough_for_the_trial_but_no_more_is_found);
	tcase_add_test(t, a_card_that_says_it_took_back_more_than_it_did_is_found);
	tcase_add_test(t, a_card_that_moves_its_data_by_periods_is_told_to_keep_one_more);
	tcase_add_test(t, take_backs_that_cost_time_need_a_wider_guard);
	tcase_add_test(t, a_plugin_that_moves_its_pointers_back_is_not_believed);
	return suite_run("selftest_rewind", t);
}
