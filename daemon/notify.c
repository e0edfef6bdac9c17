/* SPDX-License-Identifier: MIT */
/*
 * sd_notify.
 */
#include "notify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <time.h>

bool notify_is_heard(void)
{
	return getenv("NOTIFY_SOCKET") != NULL;
}

void notify_ready(void)
{
	sd_notify(false, "READY=1");
}

void notify_reloading(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	sd_notifyf(false, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		   (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000);
}

void notify_stopping(void)
{
	sd_notify(false, "STOPPING=1");
}

void notify_status(const char *sentence)
{
	sd_notifyf(false, "STATUS=%s", sentence);
}

void notify_alive(void)
{
	sd_notify(false, "WATCHDOG=1");
}
