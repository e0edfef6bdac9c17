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
enum dither { DITHER_AUTO, DITHER_NO };

enum {
	OUTPUTS_MAX = 16,
	OUTPUT_NAME_MAX = 31, /* bytes */
	DEVICES_MAX = 8,      /* of one output */
	DEVICE_NAME_MAX = 255,
	CONFIG_KEYS_MAX = 64,
};

/* Where the file says what, from line 1; 0: nowhere. */
struct config_lines {
	uint32_t section;
	uint32_t key[CONFIG_KEYS_MAX]; /* in the order of config_keys */
};

/* [output], or [output NAME] */
struct config_output {
	char name[OUTPUT_NAME_MAX + 1];
	struct config_lines lines;
	int backend;   /* enum backend */
	char *device;  /* ALSA PCM names, the best first; see names.h */
	char *record;  /* null backend: a WAV file of what was heard; NULL: none */
	uint32_t rate; /* Hz */
	uint32_t channels;
	char *layout;       /* what they are, see layout.h; NULL: what the device says */
	int format;         /* enum sample_format, or -1: the best the device has */
	int dither;         /* enum dither; auto: before rounding to 16 bits */
	int access;         /* enum access */
	int rewind;         /* enum rewind; auto: where the kind of PCM can be trusted */
	uint32_t buffer_ms; /* on a device that rewinds */
	uint32_t short_buffer_ms; /* on one that does not */
	uint32_t
		xrun_margin_ms; /* how much earlier it is filled, at most, if it runs dry */
	uint32_t rewind_guard_us;
	uint32_t look_ms; /* the most that may be heard before the daemon notes it */
	uint32_t idle_ms; /* silence after which the device is stopped */
	uint32_t duck_db; /* how much softer other sources are while speech sounds */
	uint32_t duck_attack_ms, duck_hold_ms, duck_release_ms;
};

struct config {
	/* [daemon] */
	char *socket;       /* NULL: the default path */
	char *socket_group; /* NULL: audio, where root makes the socket and it is there */
	char *admin_group;  /* its members may do all; NULL: none */
	uint32_t max_connections;
	uint32_t max_connections_per_user;
	uint32_t max_sources; /* of all clients */
	uint32_t max_sources_per_user;
	uint32_t max_sources_per_connection;
	uint32_t max_queue_bytes; /* of one source */
	uint32_t max_queue_bytes_per_user;
	uint32_t max_requests_per_user; /* without an answer */
	uint32_t max_requests_per_connection;
	uint32_t max_requests_per_source; /* captures not counted */
	uint32_t max_marks;               /* on one source */
	uint32_t max_marks_per_user;
	uint32_t max_gain_db; /* the most that a client may set for a source */
	uint32_t
		linger_ms; /* a source that is left, or cannot play out, is kept so long */
	uint32_t reconnect_ms; /* after a restart, clients may come back for so long */
	int log_level;         /* enum log_level */
	uint32_t realtime_priority; /* SCHED_FIFO; 0: do not ask */
	bool lock_memory;
	bool memory_is_locked; /* by main: what came of it */
	char *default_output;  /* its name; NULL: the first one */

	struct config_output output; /* what the outputs have that do not say otherwise */
	struct config_output outputs[OUTPUTS_MAX]; /* in the order of the file */
	uint32_t num_outputs;
	char *path;                /* of the file that was read; NULL: none */
	struct config_lines lines; /* of [daemon] */
};

/* A time, in frames of the output. */
static inline uint32_t config_frames(const struct config_output *c, uint32_t ms)
{
	return (uint32_t)((uint64_t)c->rate * ms / 1000);
}

/* The bits for which a device that uses so many gets dither; 0: it gets none. */
uint32_t config_dither_bits(const struct config_output *c, uint32_t bits);

/* Sets the defaults. -ENOMEM. */
int config_init(struct config *c);
void config_done(struct config *c);

/* A copy with texts of its own. -ENOMEM. */
int config_copy(struct config *ret, const struct config *c);

/* Reads a file, one in all, over what is set: all of it or, on failure, nothing. Negative errno, and
 * *ret_error (to be freed; NULL when there is no memory for it) says file, line, what was found
 * and what was expected. must_exist: else a file that is not there is no error. */
int config_read(struct config *c, const char *path, bool must_exist, char **ret_error);

/* Sets one value, as the file would: "output.device". For the command line. -EINVAL, -ENOMEM,
 * and a sentence, as above. */
int config_set(struct config *c, const char *key, const char *value, char **ret_error);

/* File and command line have all been read: gives each output what it does not set itself, and
 * makes one called "main" where the file names none. Whether all goes together: -EINVAL and a
 * sentence; or -ENOMEM. */
int config_finish(struct config *c, char **ret_error);

/* Of a finished one that was changed: whether all still goes together, likewise. */
int config_check(const struct config *c, char **ret_error);

/* Of a finished configuration; NULL: there is none of that name. */
const struct config_output *config_find_output(const struct config *c, const char *name);

/* The one for sources that name none. */
const struct config_output *config_default_output(const struct config *c);

/* Adds [output NAME], in this line, with nothing set. NULL: there are as many as there may be. */
struct config_output *config_add_output(struct config *c, const char *name,
					uint32_t line);

#endif
