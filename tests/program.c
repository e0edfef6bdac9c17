/* SPDX-License-Identifier: MIT */
/*
 * Frames number themselves, so that what is heard tells which they were.
 */
#include "program.h"

#include <check.h>
#include <stdlib.h>
#include <sys/mman.h>

void program_must(int r)
{
	ck_assert_msg(r >= 0, "%s", aud_error(NULL));
}

static void note_event(const struct aud_event *event, void *user)
{
	struct program *p = user;

	if (p->num_events < PROGRAM_EVENTS)
		p->events[p->num_events++] = *event;
}

void program_init(struct program *p)
{
	const struct aud_source_options options = {.queue_size_ms = 500};

	p->num_events = 0;
	lives_init(&p->lives, "[output]\nrewind = yes\n", "rewinds yes");
	lives_begin(&p->lives);
	program_must(aud_connect(&p->aud, p->lives.audd.socket, "test"));
	aud_set_event_handler(p->aud, note_event, p);
	program_must(aud_source_new(p->aud, &p->source, PROGRAM_RATE, 1, &options));
}

void program_done(struct program *p)
{
	aud_free(p->aud);
	lives_done(&p->lives);
}

int program_count(const struct program *p, enum aud_event_kind kind)
{
	int n = 0;

	for (int i = 0; i < p->num_events; i++)
		n += p->events[i].kind == kind;
	return n;
}

void program_await(struct program *p, enum aud_event_kind kind, int wanted)
{
	for (int i = 0; program_count(p, kind) < wanted; i++) {
		ck_assert_int_lt(i, 1000);
		program_must(aud_wait(p->aud, 100));
	}
}

void program_kill(struct program *p)
{
	lives_kill(&p->lives);
	lives_begin(&p->lives);
}

struct program_memory program_memory(struct program *p)
{
	int fd = fake_systemd_find(&p->lives.systemd, "source-");
	struct queue_player_part *player =
		mmap(NULL, QUEUE_RING_OFFSET, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	ck_assert_ptr_ne(player, MAP_FAILED);
	return (struct program_memory){
		.map = player,
		.saved = &player->saved[player->saved_which & 1],
		.writer = (void *)((uint8_t *)player + QUEUE_PAGE),
	};
}

void program_memory_done(struct program_memory *m)
{
	munmap(m->map, QUEUE_RING_OFFSET);
}

int16_t *program_frames(uint32_t first, uint32_t n)
{
	int16_t *frames = malloc(n * sizeof(*frames));

	for (uint32_t i = 0; i < n; i++)
		frames[i] = (int16_t)((first + i) % PROGRAM_NUMBERS + 1);
	return frames;
}

void program_assert_heard(const struct program *p, uint32_t total, uint32_t twice)
{
	int16_t *heard;
	size_t n = lives_heard(&p->lives, &heard);
	uint32_t next = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t back = (next % PROGRAM_NUMBERS + 1 - (uint16_t)heard[i] +
				 PROGRAM_NUMBERS) %
				PROGRAM_NUMBERS;

		if (heard[i] == 0)
			continue;
		ck_assert_msg(back <= twice && back <= next, "frame %u is %d", next,
			      heard[i]);
		next = next - back + 1;
	}
	free(heard);
	ck_assert_uint_eq(next, total);
}
