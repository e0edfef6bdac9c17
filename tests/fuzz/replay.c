/* SPDX-License-Identifier: MIT */
/*
 * In place of libFuzzer: every file that is named, and every file in a folder that is named, once.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fuzz.h"
#include "must.h"

enum { PATH_SIZE = 512 };

static unsigned int files;

static void take_file(const char *path, size_t size)
{
	FILE *f = fopen(path, "re");
	uint8_t *data = malloc(size + 1);

	must(f && data && fread(data, 1, size, f) == size, "%s cannot be read", path);
	fclose(f);
	printf("%s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	files++;
}

static void take(const char *path)
{
	struct dirent **entries;
	char inner[PATH_SIZE];
	struct stat st;
	int n;

	must(stat(path, &st) == 0, "%s is not there", path);
	if (S_ISREG(st.st_mode)) {
		take_file(path, (size_t)st.st_size);
		return;
	}
	n = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		snprintf(inner, sizeof(inner), "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			take(inner);
		free(entries[i]);
	}
	free(entries);
}

/* Only so that fuzzers with a mutator of their own can be linked. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
	(void)data;
	(void)max_size;
	return size;
}

#pragma weak LLVMFuzzerInitialize

int main(int argc, char **argv)
{
	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		take(argv[i]);
	if (files == 0) {
		printf("not ok - there are no inputs to go through\n");
		return EXIT_FAILURE;
	}
	printf("ok - %u inputs do no harm\n", files);
	return EXIT_SUCCESS;
}
