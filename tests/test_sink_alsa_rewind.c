/* SPDX-License-Identifier: MIT */
/*
 * The ALSA sink takes back what it has written.
 */
#include <check.h>
#include <errno.h>

#include "alsa_bed.h"
#include "suite.h"

/* ---- taking back -------------------------------------------------------------------- */

START_TEST(what_was_taken_back_is_not_heard_and_what_was_written_instead_is)
{
	struct alsa_bed b;

	bed_init(&b, _i, true);
	bed_write(&b, BED_BUFFER);
	bed_start(&b);
	bed_play(&b, 100);

	ck_assert_int_eq(b.sink->ops->take_back(b.sink, 200), 200);
	b.next = 5000;
	bed_write(&b, 150);
	bed_play(&b, BED_BUFFER);

	ck_assert_uint_eq(b.fake.tape_frames, BED_BUFFER - 200 + 150);
	bed_assert_heard(&b, 0, 0, BED_BUFFER - 200);
	bed_assert_heard(&b, BED_BUFFER - 200, 5000, 150);
	bed_done(&b);
}
END_TEST

START_TEST(taking_back_and_writing_the_same_again_changes_nothing)
{
	struct alsa_bed b;

	bed_init(&b, _i, true);
	bed_write(&b, BED_BUFFER);
	bed_start(&b);

	for (uint32_t i = 0; i < 500; i++) {
		uint32_t back = i * 17 % (BED_BUFFER - 200);

		bed_play(&b, 1 + i % 97);
		ck_assert_int_eq(bed_take_back(&b, back), (int)back);
		bed_write(&b, BED_BUFFER);
	}

	ck_assert_uint_gt(b.fake.tape_frames, 20000);
	bed_assert_heard(&b, 0, 0, b.fake.tape_frames);
	bed_done(&b);
}
END_TEST

START_TEST(the_clock_knows_of_what_was_taken_back)
{
	struct alsa_bed b;
	struct sink_clock c;

	bed_init(&b, _i, true);
	bed_write(&b, 300);
	bed_take_back(&b, 50);
	bed_look(&b, &c);
	ck_assert_uint_eq(c.unheard, 250);

	bed_start(&b);
	bed_play(&b, 20);
	bed_take_back(&b, 100);
	bed_look(&b, &c);

	ck_assert_uint_eq(c.unheard, 130);
	ck_assert_uint_eq(c.room, BED_BUFFER - 130);
	bed_done(&b);
}
END_TEST

START_TEST(what_was_played_cannot_be_taken_back)
{
	struct alsa_bed b;

	bed_init(&b, _i, true);
	bed_write(&b, BED_BUFFER);
	bed_start(&b);
	bed_play(&b, 100);

	ck_assert_int_eq(bed_take_back(&b, BED_BUFFER + 1000), BED_BUFFER - 100);
	bed_write(&b, BED_BUFFER);
	bed_play(&b, BED_BUFFER - 1);

	bed_assert_heard(&b, 0, 0, BED_BUFFER + 99);
	bed_done(&b);
}
END_TEST

START_TEST(a_device_may_take_back_less_and_says_how_much)
{
	struct alsa_bed b;

	bed_init(&b, 0, true);
	bed_write(&b, BED_BUFFER);
	bed_start(&b);
	bed_play(&b, 1);
	b.fake.rewinds = 37;

	ck_assert_int_eq(bed_take_back(&b, 200), 37);
	bed_write(&b, BED_BUFFER);
	bed_play(&b, BED_BUFFER);

	bed_assert_heard(&b, 0, 0, BED_BUFFER + 1);
	bed_done(&b);
}
END_TEST

START_TEST(a_device_that_refuses_to_rewind_has_taken_back_nothing)
{
	static const int refusals[] = {-EINVAL, -ENOSYS, -EIO, -EPERM};
	struct alsa_bed b;
	struct sink_clock c;

	bed_init(&b, 0, true);
	bed_write(&b, BED_BUFFER);
	bed_start(&b);
	b.fake.fails[FAKE_REWIND] = refusals[_i];

	ck_assert_int_eq(bed_take_back(&b, 200), 0);
	bed_look(&b, &c);

	ck_assert_uint_eq(c.unheard, BED_BUFFER);
	bed_done(&b);
}
END_TEST

START_TEST(a_device_that_claims_to_have_taken_back_more_than_asked_is_not_believed)
{
	struct alsa_bed b;

	bed_init(&b, 0, true);
	bed_write(&b, BED_BUFFER);
	bed_start(&b);
	bed_play(&b, 1);
	b.fake.boasts = 10;

	ck_assert_int_eq(bed_take_back(&b, 200), 200);
	bed_done(&b);
}
END_TEST

START_TEST(a_device_that_is_known_not_to_rewind_is_not_asked)
{
	struct alsa_bed b;

	bed_init(&b, 0, true);
	bed_write(&b, BED_BUFFER);
	bed_start(&b);
	b.sink->rewinds = false;
	b.fake.fails[FAKE_REWIND] = -ENODEV;

	ck_assert_int_eq(bed_take_back(&b, 200), 0);
	bed_done(&b);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("sink_alsa_rewind");

	tcase_add_loop_test(
		t, what_was_taken_back_is_not_heard_and_what_was_written_instead_is, 0,
		BED_KINDS);
	tcase_add_loop_test(t, taking_back_and_writing_the_same_again_changes_nothing, 0,
			    BED_KINDS);
	tcase_add_loop_test(t, the_clock_knows_of_what_was_taken_back, 0, BED_KINDS);
	tcase_add_loop_test(t, what_was_played_cannot_be_taken_back, 0, BED_KINDS);
	tcase_add_test(t, a_device_may_take_back_less_and_says_how_much);
	tcase_add_loop_test(t, a_device_that_refuses_to_rewind_has_taken_back_nothing, 0,
			    4);
	tcase_add_test(
		t,
		a_device_that_claims_to_have_taken_back_more_than_asked_is_not_believed);
	tcase_add_test(t, a_device_that_is_known_not_to_rewind_is_not_asked);
	return suite_run("sink_alsa_rewind", t);
}
