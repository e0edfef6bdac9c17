/* SPDX-License-Identifier: MIT */
/*
 * Mutations of sessions. What comes of a field is libFuzzer's to say at times, as it knows which
 * numbers the code compares with.
 */
#include <string.h>

#include "fuzz.h"
#include "session.h"
#include "step.h"

enum { SIZE = sizeof(struct step) };

static uint32_t roll(uint32_t *state, size_t n)
{
	*state = *state * 1664525u + 1013904223u;
	return (uint32_t)((*state >> 8) % n);
}

static void copy(uint8_t *data, size_t to, size_t from, size_t steps)
{
	memmove(data + to * SIZE, data + from * SIZE, steps * SIZE);
}

static struct step random_step(uint32_t *state)
{
	struct step s = {.kind = (uint8_t)roll(state, 256),
			 .who = (uint8_t)(roll(state, 2) | roll(state, 4) << 4)};

	s.flags = (uint16_t)(roll(state, 1 << 16) & roll(state, 1 << 16) &
			     roll(state, 1 << 16));
	s.x = roll(state, 1 << 20);
	s.y = roll(state, 1 << 20);
	s.z = roll(state, 1 << 20);
	return s;
}

/* One more at `at`, of `n` steps: a new one, or one of them again. */
static void insert(uint8_t *data, size_t n, size_t at, uint32_t *state)
{
	struct step s = random_step(state);

	if (n > 0 && roll(state, 2))
		memcpy(&s, data + roll(state, n) * SIZE, SIZE);
	copy(data, at + 1, at, n - at);
	memcpy(data + at * SIZE, &s, SIZE);
}

static void change(uint8_t *step, uint32_t *state)
{
	static const struct {
		uint8_t at, size;
	} fields[] = {{0, 1}, {1, 1}, {2, 2}, {4, 4}, {8, 4}, {12, 4}};
	uint32_t i = roll(state, 6);
	uint8_t *field = step + fields[i].at;

	if (roll(state, 4) == 0)
		LLVMFuzzerMutate(field, fields[i].size, fields[i].size);
	else if (roll(state, 2))
		field[roll(state, fields[i].size)] ^= (uint8_t)(1 << roll(state, 8));
	else
		field[roll(state, fields[i].size)] = (uint8_t)roll(state, 256);
}

static void swap(uint8_t *data, size_t a, size_t b)
{
	struct step s;

	memcpy(&s, data + a * SIZE, SIZE);
	copy(data, a, b, 1);
	memcpy(data + b * SIZE, &s, SIZE);
}

static size_t mutate_once(uint8_t *data, size_t n, size_t most, uint32_t *state)
{
	size_t at = roll(state, n + 1);

	switch (n == 0 ? 0 : roll(state, 8)) {
	case 0:
	case 1:
		if (n == most)
			return n;
		insert(data, n, at, state);
		return n + 1;
	case 2:
		at = at < n ? at : n - 1;
		copy(data, at, at + 1, n - at - 1);
		return n - 1;
	case 3:
		swap(data, roll(state, n), roll(state, n));
		return n;
	default:
		change(data + (at < n ? at : n - 1) * SIZE, state);
		return n;
	}
}

size_t session_mutate(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	size_t n = size / SIZE, most = max_size / SIZE;
	uint32_t state = seed;

	for (uint32_t times = 1 + roll(&state, 4); times > 0; times--)
		n = mutate_once(data, n, most, &state);
	return n * SIZE;
}
