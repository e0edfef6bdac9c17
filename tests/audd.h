/* SPDX-License-Identifier: MIT */
/*
 * A real daemon in a process of its own, in a new folder, on the null backend or on a sound
 * card that an ALSA plugin makes; what was heard is recorded.
 */
#ifndef TESTS_AUDD_H
#define TESTS_AUDD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct audd {
	char dir[32];
	char socket[64], config[64], wav[64], log[64], asoundrc[64];
	bool on_card; /* wav has no header, only 16-bit samples of two channels */
	pid_t pid;    /* 0: it does not run */
};

/* Starts it with this configuration file (NULL: an empty one) and waits until it
 * listens. */
void audd_start(struct audd *d, const char *config);

/* The same on a card with these settings ("rewinds no"; see plugin_fake.c). */
void audd_start_on_card(struct audd *d, const char *config, const char *card);

/* Makes the folder and the card, and starts nothing. */
void audd_make_card(struct audd *d, const char *config, const char *card);

/* Starts it in a folder that was made, on the outputs of its configuration file. */
void audd_run(struct audd *d);

/* Writes its configuration file anew. */
void audd_configure(const struct audd *d, const char *config);

/* Starts one more in the same folder, with other options; does not wait. */
pid_t audd_spawn(const struct audd *d, const char *const *options);

/* Waits until a process has ended; returns its exit status. Fails the test after 10 s,
 * or if a signal has killed it. */
int audd_wait(pid_t pid);

/* Ends it by SIGTERM; returns its exit status. */
int audd_stop(struct audd *d);

/* Kills it if it still runs, and removes the folder. */
void audd_done(struct audd *d);

/* Lets it go on for so long. */
void audd_pause(uint32_t ms);

/* Whether none of its threads is woken up for so long. On a machine that does other things as well
 * what it does last may take a while: so there are several spans of which one has to be still. */
bool audd_rests(const struct audd *d, uint32_t ms);

/* Time on processors that it has taken, of all its threads. */
uint64_t audd_cpu_ns(const struct audd *d);

/* What it takes in a span of so many ms: in the first one in which that is at most `most`, or else
 * in the last of several. */
uint64_t audd_cpu_ns_of(const struct audd *d, uint32_t ms, uint64_t most);

/* Files that it has open. */
int audd_files(const struct audd *d);

/* How many threads it has. */
int audd_threads(const struct audd *d);

/* Memory of its own, files aside, in KiB. */
uint64_t audd_memory_kib(const struct audd *d);

/* Lines of its log that hold this text. */
int audd_log_lines(const struct audd *d, const char *text);

/* Frames that a card has recorded by now. */
uint64_t audd_recorded(const struct audd *d);

/* What was heard: 16-bit samples, to be freed. Returns the number of samples. */
size_t audd_recording(const struct audd *d, int16_t **ret);

#endif
