/* SPDX-License-Identifier: MIT */
/*
 * The file is a temporary one; a failure of the fixture itself ends the test, too.
 */
#include "settings.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config_keys.h"

void settings_init(struct settings *s)
{
	int fd;

	memset(s, 0, sizeof(*s));
	strcpy(s->path, "/tmp/settings.XXXXXX");
	fd = mkstemp(s->path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(config_init(&s->config), 0);
}

void settings_done(struct settings *s)
{
	config_done(&s->config);
	free(s->error);
	unlink(s->path);
}

static void forget_error(struct settings *s)
{
	free(s->error);
	s->error = NULL;
}

int settings_read(struct settings *s, const char *bytes, size_t n)
{
	FILE *file = fopen(s->path, "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
	fclose(file);
	forget_error(s);
	return config_read(&s->config, s->path, true, &s->error);
}

int settings_read_text(struct settings *s, const char *text)
{
	return settings_read(s, text, strlen(text));
}

int settings_set(struct settings *s, const char *key, const char *value)
{
	forget_error(s);
	return config_set(&s->config, key, value, &s->error);
}

static void assert_same_field(const struct config_key *key, const void *a, const void *b)
{
	const char *x = (const char *)a + key->offset, *y = (const char *)b + key->offset;

	switch (key->type) {
	case CONFIG_TEXT:
		ck_assert_pstr_eq(*(char *const *)x, *(char *const *)y);
		break;
	case CONFIG_BOOL:
		ck_assert_msg(*(const bool *)x == *(const bool *)y, "%s", key->name);
		break;
	case CONFIG_NUMBER:
	case CONFIG_WORD:
		ck_assert_msg(memcmp(x, y, sizeof(uint32_t)) == 0, "%s", key->name);
		break;
	}
}

void settings_assert_defaults(struct settings *s)
{
	struct config fresh;

	ck_assert_int_eq(config_init(&fresh), 0);
	for (int i = 0; i < NUM_CONFIG_KEYS; i++)
		assert_same_field(&config_keys[i],
				  config_key_fields(&config_keys[i], &s->config),
				  config_key_fields(&config_keys[i], &fresh));
	ck_assert_uint_eq(s->config.num_outputs, 0);
	config_done(&fresh);
}
