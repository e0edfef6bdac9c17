/* SPDX-License-Identifier: MIT */
/*
 * The configuration file, as anybody may have written it: it is taken as a whole, and all values
 * are in their bounds; or not at all, and a sentence says why.
 */
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config_keys.h"
#include "fuzz/fuzz.h"
#include "must.h"
#include "text.h"

static bool is_word_of(const struct config_key *key, int value)
{
	for (const struct config_word *w = key->words; w->name; w++) {
		if (w->value == value)
			return true;
	}
	return false;
}

static void check_field(const struct config_key *key, const void *fields)
{
	const void *field = (const char *)fields + key->offset;
	const char *text;
	uint32_t number;

	switch (key->type) {
	case CONFIG_NUMBER:
		number = *(const uint32_t *)field;
		must(number >= key->min && number <= key->max, "%s is %u", key->name,
		     number);
		break;
	case CONFIG_WORD:
		must(is_word_of(key, *(const int *)field), "%s is no word", key->name);
		break;
	case CONFIG_TEXT:
		text = *(char *const *)field;
		must(!text || strlen(text) <= key->max, "%s is long", key->name);
		must(text || key->min == 0, "%s is empty", key->name);
		break;
	case CONFIG_BOOL:
		break;
	}
}

static void check_values(struct config *c)
{
	for (int i = 0; i < NUM_CONFIG_KEYS; i++)
		check_field(&config_keys[i], config_key_fields(&config_keys[i], c));
}

static void check_output(const struct config *c, const struct config_output *o)
{
	for (int i = 0; i < NUM_CONFIG_KEYS; i++) {
		if (config_key_is_output(&config_keys[i]))
			check_field(&config_keys[i], o);
	}
	must(config_find_output(c, o->name) == o, "two outputs are called %s", o->name);
}

static void check_finished(struct config *c)
{
	const struct config_output *standard = config_default_output(c);

	must(c->num_outputs >= 1 && c->num_outputs <= OUTPUTS_MAX, "%u outputs",
	     c->num_outputs);
	must(standard && standard->name[0], "no output to play to");
	for (uint32_t i = 0; i < c->num_outputs; i++)
		check_output(c, &c->outputs[i]);
}

static void check_sentence(const char *sentence)
{
	must(sentence && sentence[0], "refused, without a word");
	must(text_is_printable(sentence), "a sentence that is no text: %s", sentence);
}

static int write_file(const uint8_t *data, size_t size)
{
	int fd = memfd_create("config", MFD_CLOEXEC);

	must(write(fd, data, size) == (ssize_t)size, "no memory file");
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = write_file(data, size), r;
	char path[32], *error = NULL;
	struct config c, copy;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	must(config_init(&c) == 0, "no memory");
	r = config_read(&c, path, true, &error);
	check_values(&c);
	if (r == 0)
		r = config_finish(&c, &error);
	if (r < 0) {
		check_sentence(error);
	} else {
		check_finished(&c);
		must(config_copy(&copy, &c) == 0, "no copy");
		config_done(&copy);
	}
	free(error);
	config_done(&c);
	close(fd);
	return 0;
}
