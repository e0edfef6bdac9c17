/* SPDX-License-Identifier: MIT */
/*
 * A player needs memory, two bells, a thread and a device; this is where they are.
 */
#include "output.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "decibel.h"
#include "log.h"

enum { STACK_BYTES = 256 * 1024 }; /* alsa-lib's plugins want some */

struct output {
	const struct config *daemon;
	const struct config_output *config;
	struct player player;
	struct thread thread;
	pthread_t id;
	struct scheduling *scheduling;
	bool running;
	bool ring; /* at the next flush */

	int bell_player, bell_main;
	_Atomic(struct voice *) *slots;
	struct voice **voices;
	struct device *device;

	sd_event_source *bell;
	output_bell_fn *on_bell;
	void *user;
};

/* ---- bells ----------------------------------------------------------------------- */

static void schedule(struct output *o)
{
	scheduling_ask(o->scheduling,
		       atomic_load_explicit(&o->thread.tid, memory_order_relaxed),
		       (int)o->daemon->realtime_priority);
}

static int bell_rings(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct output *o = user;
	uint64_t times;

	(void)source;
	(void)revents;
	(void)!read(fd, &times, sizeof(times));
	schedule(o);
	device_serve(o->device);
	o->on_bell(o->user, o);
	return 0;
}

static int make_bells(struct output *o, sd_event *event)
{
	int r;

	o->bell_player = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	o->bell_main = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (o->bell_player < 0 || o->bell_main < 0)
		return -errno;
	r = sd_event_add_io(event, &o->bell, o->bell_main, EPOLLIN, bell_rings, o);
	if (r < 0)
		return r;
	/* What the player has to say is awaited; what clients push can wait. */
	return sd_event_source_set_priority(o->bell, SD_EVENT_PRIORITY_IMPORTANT);
}

/* ---- life ------------------------------------------------------------------------ */

static void set_ducking(struct output *o)
{
	const struct config_output *c = o->config;
	struct duck_shape shape = {
		.level = factor_of_db(-(float)c->duck_db),
		.attack = config_frames(c, c->duck_attack_ms),
		.hold = config_frames(c, c->duck_hold_ms),
		.release = config_frames(c, c->duck_release_ms),
	};

	player_set_ducking(&o->player, &shape);
	output_ask(o);
}

static int make(struct output *o, sd_event *event, char **ret_error)
{
	uint32_t num_slots = o->daemon->max_sources;
	int r;

	o->slots = calloc(num_slots, sizeof(*o->slots));
	o->voices = calloc(num_slots, sizeof(*o->voices));
	if (!o->slots || !o->voices)
		return -ENOMEM;
	r = make_bells(o, event);
	if (r < 0)
		return r;
	player_init(&o->player, o->slots, o->voices, num_slots, o->bell_player,
		    o->bell_main);
	set_ducking(o);
	o->thread.player = &o->player;
	r = scheduling_new(&o->scheduling, event, o->config->name);
	if (r < 0)
		return r;
	return device_new(&o->device, event, o->config, &o->player, ret_error);
}

int output_new(struct output **ret, sd_event *event, const struct config *c,
	       const struct config_output *config, output_bell_fn *on_bell, void *user,
	       char **ret_error)
{
	struct output *o = calloc(1, sizeof(*o));
	int r;

	if (!o)
		return -ENOMEM;
	o->daemon = c;
	o->config = config;
	o->on_bell = on_bell;
	o->user = user;
	o->bell_player = o->bell_main = -1;
	r = make(o, event, ret_error);
	if (r < 0)
		output_free(o);
	else
		*ret = o;
	return r;
}

/* Signals are the main thread's: the new thread inherits that they are blocked. */
static int start_thread(struct output *o)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int r;

	r = pthread_attr_init(&attr);
	if (r)
		return -r;
	sigfillset(&all);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&o->id, &attr, thread_run, &o->thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return -r;
}

int output_start(struct output *o, char **ret_error)
{
	int r = start_thread(o);

	if (r < 0) {
		if (asprintf(ret_error, "no thread for the player: %s", strerror(-r)) < 0)
			*ret_error = NULL;
		return r;
	}
	o->running = true;
	device_start(o->device);
	return 0;
}

void output_follow(struct output *o, bool reopens)
{
	schedule(o);
	set_ducking(o);
	if (reopens)
		device_reopen(o->device);
}

void output_check(struct output *o)
{
	scheduling_check(o->scheduling);
}

void output_stop(struct output *o)
{
	if (o->running) {
		atomic_store_explicit(&o->thread.stop, true, memory_order_relaxed);
		player_ring(&o->player);
		pthread_join(o->id, NULL);
		o->running = false;
	}
	device_free(o->device);
	o->device = NULL;
}

void output_free(struct output *o)
{
	if (!o)
		return;
	output_stop(o);
	scheduling_free(o->scheduling);
	sd_event_source_disable_unref(o->bell);
	if (o->bell_player >= 0)
		close(o->bell_player);
	if (o->bell_main >= 0)
		close(o->bell_main);
	free(o->voices);
	free(o->slots);
	free(o);
}

/* ---- use ------------------------------------------------------------------------- */

int output_add(struct output *o, struct voice *v)
{
	for (uint32_t i = 0; i < o->player.num_slots; i++) {
		if (atomic_load_explicit(&o->slots[i], memory_order_relaxed))
			continue;
		atomic_store_explicit(&o->slots[i], v, memory_order_release);
		output_ask(o);
		return (int)i;
	}
	return -ENOBUFS;
}

uint64_t output_remove(struct output *o, uint32_t slot)
{
	atomic_store_explicit(&o->slots[slot], NULL, memory_order_release);
	return output_ask(o);
}

uint64_t output_ask(struct output *o)
{
	o->ring = false;
	return player_ask(&o->player);
}

void output_set_gain(struct output *o, struct gain gain)
{
	player_set_gain(&o->player, gain);
	output_ask(o);
}

struct gain output_gain(const struct output *o)
{
	return queue_unpack_gain(
		atomic_load_explicit(&o->player.level, memory_order_relaxed));
}

void output_ring(struct output *o)
{
	o->ring = true;
}

void output_flush(struct output *o)
{
	if (o->ring)
		player_ring(&o->player);
	o->ring = false;
}

struct player *output_player(struct output *o)
{
	return &o->player;
}

bool output_has_device(const struct output *o)
{
	struct player_report report;

	player_get_report(&o->player, &report);
	return report.state == PLAYER_READY || report.state == PLAYER_PLAYING;
}

/* FNV-1a. */
uint64_t output_key(const struct output *o)
{
	uint64_t key = UINT64_C(0xcbf29ce484222325);

	for (const char *c = o->config->name; *c; c++)
		key = (key ^ (uint8_t)*c) * UINT64_C(0x100000001b3);
	return key;
}

const struct config_output *output_config(const struct output *o)
{
	return o->config;
}

const struct scheduling *output_scheduling(const struct output *o)
{
	return o->scheduling;
}

const struct device *output_device(const struct output *o)
{
	return o->device;
}
