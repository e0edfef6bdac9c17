/* SPDX-License-Identifier: MIT */
/*
 * Source frame <-> device frame.
 */
#include <check.h>

#include "rt/timeline.h"
#include "suite.h"

static struct timeline t;
static struct gaps dry;

static void set_up(void)
{
	t = (struct timeline){.ratio = {1, 1}};
	dry = (struct gaps){0};
}

static bool add(uint64_t dev, uint64_t src, uint64_t skipped, uint32_t len)
{
	struct span s = {.dev = dev,
			 .src = {.src = src},
			 .skipped = skipped,
			 .before = dev,
			 .len = len};

	return timeline_add(&t, &s);
}

START_TEST(what_follows_on_both_sides_is_one_span)
{
	add(100, 0, 0, 50);
	add(150, 50, 0, 50);

	ck_assert_uint_eq(t.count, 1);
	ck_assert_uint_eq(t.spans[0].len, 100);
}
END_TEST

START_TEST(a_jump_of_the_source_or_of_the_device_begins_a_span)
{
	add(100, 0, 0, 50);
	add(150, 60, 10, 50);
	add(210, 110, 10, 50);

	ck_assert_uint_eq(t.count, 3);
}
END_TEST

START_TEST(settling_says_which_source_frame_is_next)
{
	const struct span *s;

	add(100, 1000, 5, 50);

	s = timeline_settle(&t, 120, &dry);
	ck_assert_uint_eq(s->src.src, 1020);
	ck_assert_uint_eq(s->skipped, 5);
	s = timeline_settle(&t, 149, &dry);
	ck_assert_uint_eq(s->src.src, 1049);
	ck_assert_ptr_null(timeline_settle(&t, 150, &dry));
}
END_TEST

START_TEST(before_a_span_begins_its_first_frame_is_next)
{
	add(100, 1000, 0, 50);

	ck_assert_uint_eq(timeline_settle(&t, 7, &dry)->src.src, 1000);
}
END_TEST

START_TEST(a_gap_for_want_of_data_counts_when_it_was_passed)
{
	struct span s = {
		.dev = 100, .src = {.src = 0}, .before = 70, .len = 50, .dry = true};

	timeline_add(&t, &s);

	timeline_settle(&t, 99, &dry);
	ck_assert_uint_eq(dry.count, 0);
	timeline_settle(&t, 100, &dry);
	timeline_settle(&t, 120, &dry);
	ck_assert_uint_eq(dry.count, 1);
	ck_assert_uint_eq(dry.frames, 30);
	ck_assert_uint_eq(dry.length, 30);
	ck_assert_uint_eq(dry.at, 0);
}
END_TEST

START_TEST(taking_back_says_where_the_source_goes_on)
{
	struct span back;

	add(100, 1000, 0, 50);
	add(150, 2000, 950, 50);

	ck_assert(timeline_take_back(&t, 170, &back));
	ck_assert_uint_eq(back.src.src, 2020);
	ck_assert(timeline_take_back(&t, 120, &back));
	ck_assert_uint_eq(back.src.src, 1020);
	ck_assert_uint_eq(back.skipped, 0);
	ck_assert_uint_eq(back.before, 120);
	ck_assert(!timeline_take_back(&t, 120, &back));
	ck_assert_uint_eq(t.count, 1);
}
END_TEST

START_TEST(taking_back_a_whole_span_remembers_what_lay_before_it)
{
	struct span s = {.dev = 100,
			 .src = {.src = 7},
			 .before = 70,
			 .len = 50,
			 .dry = true},
		    back;

	timeline_add(&t, &s);

	ck_assert(timeline_take_back(&t, 80, &back));
	ck_assert_uint_eq(back.src.src, 7);
	ck_assert_uint_eq(back.before, 70);
	ck_assert(back.dry);
	ck_assert_uint_eq(t.count, 0);
}
END_TEST

START_TEST(finding_a_source_frame_gives_the_device_frame_at_which_all_before_it_is_played)
{
	add(100, 1000, 0, 50);
	add(200, 2000, 950, 50);

	ck_assert_uint_eq(timeline_find(&t, 1020), 120);
	ck_assert_uint_eq(timeline_find(&t, 1050), 150);
	ck_assert_uint_eq(timeline_find(&t, 1500), 150);
	ck_assert_uint_eq(timeline_find(&t, 2000), 150);
	ck_assert_uint_eq(timeline_find(&t, 2001), 201);
	ck_assert_uint_eq(timeline_find(&t, 9999), 250);
}
END_TEST

START_TEST(a_full_timeline_takes_only_what_joins_its_last_span)
{
	for (uint32_t i = 0; i < TIMELINE_SPANS; i++)
		ck_assert(add(100 * i, 10 * i, 0, 10));

	ck_assert(timeline_is_full(&t));
	ck_assert(!add(100 * TIMELINE_SPANS, 10 * TIMELINE_SPANS, 0, 10));
	ck_assert(add(100 * (TIMELINE_SPANS - 1) + 10, 10 * TIMELINE_SPANS, 0, 10));
	timeline_settle(&t, timeline_first_end(&t), &dry);
	ck_assert(add(100 * TIMELINE_SPANS, 10 * TIMELINE_SPANS + 10, 0, 10));
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("timeline");

	tcase_add_checked_fixture(tests, set_up, NULL);
	tcase_add_test(tests, what_follows_on_both_sides_is_one_span);
	tcase_add_test(tests, a_jump_of_the_source_or_of_the_device_begins_a_span);
	tcase_add_test(tests, settling_says_which_source_frame_is_next);
	tcase_add_test(tests, before_a_span_begins_its_first_frame_is_next);
	tcase_add_test(tests, a_gap_for_want_of_data_counts_when_it_was_passed);
	tcase_add_test(tests, taking_back_says_where_the_source_goes_on);
	tcase_add_test(tests, taking_back_a_whole_span_remembers_what_lay_before_it);
	tcase_add_test(
		tests,
		finding_a_source_frame_gives_the_device_frame_at_which_all_before_it_is_played);
	tcase_add_test(tests, a_full_timeline_takes_only_what_joins_its_last_span);
	return suite_run("timeline", tests);
}
