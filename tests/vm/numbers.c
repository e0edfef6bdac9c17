/* SPDX-License-Identifier: MIT */
/*
 * Makes frames that number themselves, and finds out what became of them in a recording.
 *
 *	numbers make FIRST COUNT >raw
 *	numbers check FIRST COUNT MOST_LOST MOST_TWICE FILE...
 *
 * The files are a recording in pieces, raw or WAV. Frames with other numbers are passed over.
 * It says how many frames were lost, and how many were heard twice and in how many places; it
 * fails if more than MOST_LOST were lost, if more than MOST_TWICE were heard twice in one place,
 * or if anything else was heard.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "numbers.h"

enum { BLOCK = 4096, WAV_HEADER = 44 };

struct account {
	uint64_t first, count;
	uint64_t next; /* none from here on was heard yet */
	uint64_t at;   /* the one behind the latest */
	uint64_t lost, twice, run, most_twice, places, pauses, foreign;
	int silent; /* the frame before this one was */
};

static int make(uint64_t first, uint64_t count)
{
	int16_t block[BLOCK][2];

	while (count > 0) {
		uint64_t n = count < BLOCK ? count : BLOCK;

		for (uint64_t i = 0; i < n; i++)
			number_frame(first + i, block[i]);
		if (fwrite(block, sizeof(block[0]), n, stdout) != n)
			return EXIT_FAILURE;
		first += n;
		count -= n;
	}
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void take_new(struct account *a, uint64_t n)
{
	if (n > a->next) {
		printf("frames %llu to %llu were not heard\n",
		       (unsigned long long)(a->next - a->first),
		       (unsigned long long)(n - a->first - 1));
		a->lost += n - a->next;
	}
	a->next = n + 1;
	a->run = 0;
}

static void take_again(struct account *a, uint64_t n)
{
	if (n != a->at || a->run == 0) {
		printf("frames from %llu on were heard again\n",
		       (unsigned long long)(n - a->first));
		a->places++;
		a->run = 0;
	}
	a->twice++;
	if (++a->run > a->most_twice)
		a->most_twice = a->run;
}

static void take(struct account *a, const int16_t *frame)
{
	uint64_t n;

	if (frame[0] == 0 && frame[1] == 0) {
		a->silent = 1;
		return;
	}
	if (frame[0] <= 0 || frame[1] <= 0 || frame[0] > NUMBERS_BASE) {
		a->foreign++;
		return;
	}
	n = number_of_frame(frame);
	if (n < a->first || n >= a->first + a->count)
		return;
	if (a->silent && n != a->first)
		a->pauses++;
	a->silent = 0;
	if (n >= a->next)
		take_new(a, n);
	else
		take_again(a, n);
	a->at = n + 1;
}

static int read_file(struct account *a, const char *path)
{
	int16_t block[BLOCK][2];
	char magic[4];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f) {
		perror(path);
		return -1;
	}
	if (fread(magic, 1, 4, f) == 4 && memcmp(magic, "RIFF", 4) == 0)
		fseek(f, WAV_HEADER, SEEK_SET);
	else
		rewind(f);
	while ((n = fread(block, sizeof(block[0]), BLOCK, f)) > 0)
		for (size_t i = 0; i < n; i++)
			take(a, block[i]);
	fclose(f);
	return 0;
}

static int check(struct account *a, uint64_t may_be_lost, uint64_t may_be_twice,
		 char **files)
{
	a->next = a->at = a->first;
	for (; *files; files++)
		if (read_file(a, *files) < 0)
			return EXIT_FAILURE;
	a->lost += a->first + a->count - a->next;
	printf("%llu frames: %llu lost, %llu heard twice in %llu places, %llu pauses, "
	       "%llu that are no numbers\n",
	       (unsigned long long)a->count, (unsigned long long)a->lost,
	       (unsigned long long)a->twice, (unsigned long long)a->places,
	       (unsigned long long)a->pauses, (unsigned long long)a->foreign);
	return a->lost <= may_be_lost && a->foreign == 0 && a->most_twice <= may_be_twice
		       ? EXIT_SUCCESS
		       : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "make") == 0)
		return make(strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
	if (argc >= 7 && strcmp(argv[1], "check") == 0) {
		struct account a = {.first = strtoull(argv[2], NULL, 10),
				    .count = strtoull(argv[3], NULL, 10)};

		return check(&a, strtoull(argv[4], NULL, 10), strtoull(argv[5], NULL, 10),
			     argv + 6);
	}
	fputs("usage: numbers make FIRST COUNT | check FIRST COUNT MOST_LOST MOST_TWICE "
	      "FILE...\n",
	      stderr);
	return EXIT_FAILURE;
}
