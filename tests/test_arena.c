/* SPDX-License-Identifier: MIT */
/*
 * Memory for one request.
 */
#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "suite.h"

static struct arena arena;

static void set_up(void)
{
	ck_assert_int_eq(arena_init(&arena), 0);
}

static void tear_down(void)
{
	arena_done(&arena);
}

START_TEST(pieces_are_aligned_and_do_not_overlap)
{
	uint8_t *pieces[100];

	for (size_t i = 0; i < 100; i++) {
		pieces[i] = arena_alloc(&arena, i);
		ck_assert_ptr_nonnull(pieces[i]);
		ck_assert_uint_eq((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
		memset(pieces[i], (int)i, i);
	}

	for (size_t i = 0; i < 100; i++) {
		for (size_t k = 0; k < i; k++)
			ck_assert_uint_eq(pieces[i][k], i);
	}
}
END_TEST

START_TEST(a_reset_hands_out_the_same_memory_again)
{
	void *first = arena_alloc(&arena, 100);

	arena_alloc(&arena, 5000);
	arena_reset(&arena);

	ck_assert_ptr_eq(arena_alloc(&arena, 4000), first);
}
END_TEST

START_TEST(any_size_and_any_number_is_there_until_the_reset)
{
	uint8_t *large = arena_alloc(&arena, 1 << 20);

	ck_assert_ptr_nonnull(large);
	memset(large, 1, 1 << 20);
	for (int i = 0; i < 10000; i++)
		memset(arena_alloc(&arena, 100), 2, 100);

	ck_assert_uint_eq(large[0], 1);
	ck_assert_uint_eq(large[(1 << 20) - 1], 1);
	arena_reset(&arena);
	ck_assert_ptr_null(arena.extra);
}
END_TEST

START_TEST(no_memory_is_noted_until_the_reset)
{
	ck_assert_ptr_null(arena_alloc(&arena, SIZE_MAX / 2));
	ck_assert(arena.failed);

	arena_reset(&arena);

	ck_assert(!arena.failed);
	ck_assert_ptr_nonnull(arena_alloc(&arena, 1));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("arena");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, pieces_are_aligned_and_do_not_overlap);
	tcase_add_test(tc, a_reset_hands_out_the_same_memory_again);
	tcase_add_test(tc, any_size_and_any_number_is_there_until_the_reset);
	if (!SANITIZED)
		tcase_add_test(tc, no_memory_is_noted_until_the_reset);
	return suite_run("arena", tc);
}
