/* SPDX-License-Identifier: MIT */
/*
 * The table of keys: ranges and words; and that audd.conf and audd.conf(5) tell the same.
 */
#include <check.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_keys.h"
#include "settings.h"
#include "suite.h"

#define SHIPPED  SOURCE_DIR "/conf/audd.conf"
#define MAN_PAGE SOURCE_DIR "/man/audd.conf.5"

static struct settings s;

static void set_up(void)
{
	settings_init(&s);
}

static void tear_down(void)
{
	settings_done(&s);
}

/* The whole file; to be freed. */
static char *slurp(const char *name)
{
	FILE *file = fopen(name, "re");
	char *text = calloc(1, 100000);

	ck_assert_msg(file != NULL, "%s: %s", name, strerror(errno));
	ck_assert_uint_lt(fread(text, 1, 99999, file), 99999);
	fclose(file);
	return text;
}

static void *field(const struct config_key *key)
{
	return (char *)config_key_fields(key, &s.config) + key->offset;
}

static int set(const struct config_key *key, const char *value)
{
	free(s.error);
	s.error = NULL;
	return config_key_set(key, config_key_fields(key, &s.config), value, &s.error);
}

static int set_number(const struct config_key *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return set(key, text);
}

START_TEST(each_key_takes_its_range_and_nothing_outside)
{
	const struct config_key *key = &config_keys[_i];
	uint32_t *now = field(key);

	if (key->type != CONFIG_NUMBER)
		return;

	ck_assert_uint_lt(key->min, key->max);
	ck_assert_int_eq(set_number(key, key->max), 0);
	ck_assert_uint_eq(*now, key->max);
	ck_assert_int_eq(set_number(key, key->min), 0);
	ck_assert_uint_eq(*now, key->min);
	ck_assert_int_eq(set_number(key, key->max + UINT64_C(1)), -EINVAL);
	if (key->min > 0)
		ck_assert_int_eq(set_number(key, key->min - 1), -EINVAL);
	ck_assert_uint_eq(*now, key->min);
}
END_TEST

START_TEST(each_key_takes_its_words_and_no_others)
{
	const struct config_key *key = &config_keys[_i];

	if (!key->words)
		return;

	for (const struct config_word *w = key->words; w->name; w++) {
		const void *now = field(key);

		ck_assert_int_eq(set(key, w->name), 0);
		if (key->type == CONFIG_BOOL)
			ck_assert_int_eq(*(const bool *)now, w->value);
		else
			ck_assert_int_eq(*(const int *)now, w->value);
	}
	ck_assert_int_eq(set(key, "nonsense"), -EINVAL);
}
END_TEST

START_TEST(each_key_has_a_name_of_its_own)
{
	const struct config_key *key = &config_keys[_i];

	ck_assert_ptr_eq(config_key_find(key->section, key->name), key);
	ck_assert_ptr_nonnull(key->help);
	for (int i = 0; i < _i; i++)
		ck_assert(config_keys[i].offset != key->offset ||
			  strcmp(config_keys[i].section, key->section) != 0);
}
END_TEST

/* ---- what people read ----------------------------------------------------------------- */

/* The shipped file, with the comment marker taken from each key. */
static char *shipped_uncommented(void)
{
	char *text = slurp(SHIPPED);

	for (char *end = text; (end = strchr(end, '\n')); end++) {
		if (end[1] == '#' && islower((unsigned char)end[2]))
			end[1] = ' ';
	}
	return text;
}

START_TEST(the_shipped_file_changes_nothing)
{
	ck_assert_int_eq(config_read(&s.config, SHIPPED, true, &s.error), 0);

	settings_assert_defaults(&s);
}
END_TEST

START_TEST(the_shipped_file_holds_the_defaults_behind_its_comment_markers)
{
	char *text = shipped_uncommented();

	/* Other values first, so that each default has to come from the file. */
	for (int i = 0; i < NUM_CONFIG_KEYS; i++) {
		const struct config_key *key = &config_keys[i];

		if (key->type == CONFIG_NUMBER)
			set_number(key, key->max);
		else if (key->type == CONFIG_TEXT)
			set(key, "/other");
		else
			set(key, key->words[1].name);
	}
	ck_assert_msg(settings_read_text(&s, text) == 0, "%s", s.error);

	settings_assert_defaults(&s);
	free(text);
}
END_TEST

START_TEST(each_key_is_in_the_shipped_file)
{
	const struct config_key *key = &config_keys[_i];
	char *text = slurp(SHIPPED), line[100], section[40];
	const char *at, *start;

	snprintf(section, sizeof(section), "\n[%s]\n", key->section);
	snprintf(line, sizeof(line), "\n#%s =%s%s\n", key->name, *key->initial ? " " : "",
		 key->initial);
	start = strstr(text, section);
	ck_assert_ptr_nonnull(start);
	at = strstr(start, line);

	ck_assert_msg(at != NULL, "%s has no line '%s'", SHIPPED, line + 1);
	ck_assert_msg(at[-1] == '.', "%s is not explained", key->name);
	free(text);
}
END_TEST

/* What the man page says of a key, without what follows; to be freed. */
static char *man_entry(const struct config_key *key)
{
	char *page = slurp(MAN_PAGE), *entry, *end, item[100];

	snprintf(item, sizeof(item), "\n.Sh SECTION [%s]\n", key->section);
	entry = strstr(page, item);
	ck_assert_ptr_nonnull(entry);
	end = strstr(entry + 1, "\n.Sh ");
	*end = '\0';
	snprintf(item, sizeof(item), "\n.It Ic %s No = ", key->name);
	entry = strstr(entry, item);
	ck_assert_msg(entry != NULL, "%s has no entry for %s.%s", MAN_PAGE, key->section,
		      key->name);
	end = strstr(entry + 1, "\n.It ");
	if (end)
		*end = '\0';
	entry = strdup(entry);
	free(page);
	return entry;
}

static void assert_says(const char *entry, const char *what)
{
	ck_assert_msg(strstr(entry, what) != NULL, "no '%s' in:%s", what, entry);
}

START_TEST(each_key_is_in_the_man_page_with_range_and_default)
{
	const struct config_key *key = &config_keys[_i];
	char *entry = man_entry(key), range[256], initial[64];
	size_t n = 0;

	if (key->type == CONFIG_NUMBER)
		snprintf(range, sizeof(range), "%u to %u", key->min, key->max);
	else if (key->type == CONFIG_TEXT)
		snprintf(range, sizeof(range), "%u bytes", key->max);
	for (const struct config_word *w = key->words; w && w->name; w++)
		n += snprintf(range + n, sizeof(range) - n, "%s %s", n ? " |" : " =",
			      w->name);
	assert_says(entry, range);
	snprintf(initial, sizeof(initial), "\nDefault: %s.",
		 *key->initial ? key->initial : "empty");
	assert_says(entry, initial);
	free(entry);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("config_keys");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, each_key_takes_its_range_and_nothing_outside, 0,
			    NUM_CONFIG_KEYS);
	tcase_add_loop_test(tc, each_key_takes_its_words_and_no_others, 0,
			    NUM_CONFIG_KEYS);
	tcase_add_loop_test(tc, each_key_has_a_name_of_its_own, 0, NUM_CONFIG_KEYS);
	tcase_add_test(tc, the_shipped_file_changes_nothing);
	tcase_add_test(tc,
		       the_shipped_file_holds_the_defaults_behind_its_comment_markers);
	tcase_add_loop_test(tc, each_key_is_in_the_shipped_file, 0, NUM_CONFIG_KEYS);
	tcase_add_loop_test(tc, each_key_is_in_the_man_page_with_range_and_default, 0,
			    NUM_CONFIG_KEYS);
	return suite_run("config_keys", tc);
}
