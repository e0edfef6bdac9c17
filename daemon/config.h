/* SPDX-License-Identifier: MIT */
/*
 * The daemon's settings: defaults, the file (see audd.conf(5)), then the command line.
 * Main thread, at start.
 */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

enum backend { BACKEND_ALSA, BACKEND_NULL };
enum rewind { REWIND_AUTO, REWIND_YES, REWIND_NO };
enum access { ACCESS_AUTO, ACCESS_MMAP, ACCESS_RW };

/* [output] */
struct config_output {
	int backend;   /* enum backend */
	char *device;  /* an ALSA PCM name */
	char *record;  /* null backend: a WAV file of what was heard; NULL: none */
	uint32_t rate; /* Hz */
	uint32_t channels;
	int format;         /* enum sample_format, or -1: the best the device has */
	int access;         /* enum access */
	int rewind;         /* enum rewind; auto: where the kind of PCM can be trusted */
	uint32_t buffer_ms; /* on a device that rewinds */
	uint32_t short_buffer_ms; /* on one that does not */
	uint32_t rewind_guard_us;
	uint32_t idle_ms; /* silence after which the device is stopped */
};

struct config {
	/* [daemon] */
	char *socket; /* NULL: the default path */
	uint32_t max_connections;
	uint32_t max_sources; /* of all clients */
	uint32_t max_sources_per_connection;
	uint32_t max_queue_bytes; /* of one source */
	uint32_t max_marks;       /* on one source */
	uint32_t
		linger_ms; /* a source that is left, or cannot play out, is kept so long */
	uint32_t realtime_priority; /* SCHED_FIFO; 0: do not ask */
	bool lock_memory;           /* main unsets it when it is refused */

	struct config_output output;
};

/* Sets the defaults. -ENOMEM. */
int config_init(struct config *c);
void config_done(struct config *c);

/* A copy with texts of its own. -ENOMEM. */
int config_copy(struct config *ret, const struct config *c);

/* Reads a file over what is set: all of it or, on failure, nothing. Negative errno, and
 * *ret_error (to be freed; NULL when there is no memory for it) says file, line, what was found
 * and what was expected. must_exist: else a file that is not there is no error. */
int config_read(struct config *c, const char *path, bool must_exist, char **ret_error);

/* Sets one value, as the file would: "output.device". For the command line. -EINVAL, -ENOMEM,
 * and a sentence, as above. */
int config_set(struct config *c, const char *key, const char *value, char **ret_error);

/* Whether the values go together; file and command line have all been read. -EINVAL and a
 * sentence. */
int config_check(const struct config *c, char **ret_error);

#endif
