/* SPDX-License-Identifier: MIT */
/*
 * Text from strangers: what passes, what is escaped, what is cut.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "text.h"

struct pair {
	const char *text, *escaped;
};

static void assert_escaped(const struct pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char buf[128];

		ck_assert_ptr_eq(text_escape(buf, sizeof(buf), pairs[i].text), buf);
		ck_assert_str_eq(buf, pairs[i].escaped);
	}
}

START_TEST(printable_text_passes_as_it_is)
{
	static const struct pair pairs[] = {
		{"", ""},
		{"my agent 1.0 ~", "my agent 1.0 ~"},
		{"Käse ½ 音声 🎵", "Käse ½ 音声 🎵"},
		{"\xc2\xa0\xef\xbf\xbd\xf4\x8f\xbf\xbf",
		 "\xc2\xa0\xef\xbf\xbd\xf4\x8f\xbf\xbf"},
	};

	assert_escaped(pairs, sizeof(pairs) / sizeof(*pairs));
}
END_TEST

START_TEST(control_characters_are_escaped)
{
	static const struct pair pairs[] = {
		{"a\nb\tc", "a\\x0ab\\x09c"},
		{"\x1b[2J", "\\x1b[2J"},
		{"\x01\x1f\x7f", "\\x01\\x1f\\x7f"},
		{"\xc2\x80\xc2\x9f", "\\xc2\\x80\\xc2\\x9f"},
		{"C:\\x0a", "C:\\\\x0a"},
	};

	assert_escaped(pairs, sizeof(pairs) / sizeof(*pairs));
}
END_TEST

START_TEST(bytes_that_are_no_utf8_are_escaped)
{
	static const struct pair pairs[] = {
		{"\x80", "\\x80"}, /* a byte that only continues */
		{"\xff\xfe", "\\xff\\xfe"},
		{"\xc3", "\\xc3"},            /* cut by the end */
		{"\xe9t\xe9", "\\xe9t\\xe9"}, /* latin 1 */
		{"\xe2\x82", "\\xe2\\x82"},
		{"\xc1\xbf", "\\xc1\\xbf"}, /* longer than need be */
		{"\xe0\x9f\xbf", "\\xe0\\x9f\\xbf"},
		{"\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},          /* a surrogate */
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* beyond U+10FFFF */
		{"\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80"},
	};

	assert_escaped(pairs, sizeof(pairs) / sizeof(*pairs));
}
END_TEST

START_TEST(text_that_fits_exactly_is_whole)
{
	char buf[8];

	text_escape(buf, sizeof(buf), "1234567");

	ck_assert_str_eq(buf, "1234567");
}
END_TEST

START_TEST(text_that_does_not_fit_ends_with_an_ellipsis)
{
	char buf[8];

	ck_assert_str_eq(text_escape(buf, sizeof(buf), "12345678"), "1234…");
	ck_assert_str_eq(text_escape(buf, sizeof(buf), "123\nabc"), "123…");
	ck_assert_str_eq(text_escape(buf, sizeof(buf), "123ä56"), "123ä56");
	ck_assert_str_eq(text_escape(buf, sizeof(buf), "123ä567"), "123…");
}
END_TEST

START_TEST(printable_is_what_passes_as_it_is)
{
	ck_assert(text_is_printable(""));
	ck_assert(text_is_printable("Käse 1.0 \\o/ 🎵"));
	ck_assert(!text_is_printable("a\nb"));
	ck_assert(!text_is_printable("\xff"));
	ck_assert(!text_is_printable("abc\xe2\x82"));
}
END_TEST

/* Whatever the size: never a byte too many, never half a character. */
START_TEST(no_size_is_overrun)
{
	static const char text[] = "a\x1b€\\\xff🎵z\n";

	for (size_t size = 8; size <= TEXT_ESCAPED_SIZE(sizeof(text)); size++) {
		char *buf = malloc(size);
		char again[TEXT_ESCAPED_SIZE(sizeof(text)) * 2];

		memset(buf, '!', size);
		text_escape(buf, size, text);

		ck_assert_uint_lt(strnlen(buf, size), size);
		for (char *s = buf; (s = strchr(s, '\\')); *s = '/')
			;
		ck_assert_str_eq(text_escape(again, sizeof(again), buf), buf);
		free(buf);
	}
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("text");

	tcase_add_test(tc, printable_text_passes_as_it_is);
	tcase_add_test(tc, control_characters_are_escaped);
	tcase_add_test(tc, bytes_that_are_no_utf8_are_escaped);
	tcase_add_test(tc, text_that_fits_exactly_is_whole);
	tcase_add_test(tc, text_that_does_not_fit_ends_with_an_ellipsis);
	tcase_add_test(tc, printable_is_what_passes_as_it_is);
	tcase_add_test(tc, no_size_is_overrun);
	return suite_run("text", tc);
}
