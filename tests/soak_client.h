/* SPDX-License-Identifier: MIT */
/*
 * A program on libaud that does anything to sources of its own, for as long as it is told to, and
 * accounts for every frame. It runs in a process of its own: it may be stopped, or killed.
 */
#ifndef TESTS_SOAK_CLIENT_H
#define TESTS_SOAK_CLIENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What all of them share with who started them. Frames of sources that were played out. */
struct soak_sums {
	_Atomic bool stop;
	_Atomic uint64_t sources, captures, clears, pauses, moves, marks, waits, attaches;
	_Atomic uint64_t pushed, heard, dropped;
	_Atomic uint64_t lost; /* pushed, and neither heard nor dropped */
	_Atomic uint64_t
		odd; /* captured by us, and not pushed by the daemon's word; or the reverse */
	_Atomic uint64_t gaps;    /* connections that were lost for good */
	_Atomic uint64_t refused; /* calls */
};

/* Starts this program anew as such a client; sums_fd is a memory file with the sums. It goes on until
 * they say stop. */
pid_t soak_client_spawn(const char *socket, unsigned int seed, int sums_fd);

/* For main(): whether it is one; then its life, which returns the exit status. */
bool soak_client_is_asked_for(int argc, char **argv);
int soak_client_main(char **argv);

#endif
