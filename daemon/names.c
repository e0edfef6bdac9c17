/* SPDX-License-Identifier: MIT */
/*
 * A list of names is short, and rarely looked at: it is read anew each time.
 */
#include "names.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 255 };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Where the name ends that begins here: at a comma that separates, or at the end. */
static const char *end_of(const char *name)
{
	while (*name && !(*name == ',' && (is_blank(name[1]) || !name[1])))
		name++;
	return name;
}

bool names_get(const char *list, uint32_t i, char *buf, size_t size)
{
	const char *end = end_of(list);

	for (; i > 0; i--) {
		if (!*end)
			return false;
		list = end + 1 + strspn(end + 1, " \t");
		end = end_of(list);
	}
	while (end > list && is_blank(end[-1]))
		end--;
	snprintf(buf, size, "%.*s", (int)(end - list), list);
	return true;
}

uint32_t names_count(const char *list)
{
	char name[NAME_MAX_BYTES + 1];
	uint32_t n = 0;

	while (names_get(list, n, name, sizeof(name)))
		n++;
	return n;
}

/* How often it is among them. */
static uint32_t count_of(const char *list, const char *name)
{
	char each[NAME_MAX_BYTES + 1];
	uint32_t n = 0;

	for (uint32_t i = 0; names_get(list, i, each, sizeof(each)); i++)
		n += strcmp(each, name) == 0;
	return n;
}

bool names_have(const char *list, const char *name)
{
	return count_of(list, name) > 0;
}

bool names_are_sound(const char *list, uint32_t most)
{
	char name[NAME_MAX_BYTES + 1];
	uint32_t i = 0;

	for (; names_get(list, i, name, sizeof(name)); i++) {
		if (!*name || count_of(list, name) > 1)
			return false;
	}
	return i <= most;
}
