/* SPDX-License-Identifier: MIT */
/*
 * What the daemon says about sources and about itself, as the structs of aud.h. Each
 * result is one block of memory, strings included: free() gives all of it back.
 */
#ifndef LIB_STATUS_H
#define LIB_STATUS_H

#include <stddef.h>

#include "aud.h"
#include "aud.pb-c.h"

/* An array of n statuses. NULL: no memory. */
struct aud_source_status *status_new(Aud__AudioSourceStatus *const *in, size_t n);

/* NULL: no memory. */
struct aud_daemon_status *status_new_daemon(const Aud__DaemonStatus *in);

#endif
