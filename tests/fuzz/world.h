/* SPDX-License-Identifier: MIT */
/*
 * What a session happens in: a daemon in this process, two outputs on devices that come and go, and
 * time that passes when somebody says so. There is one at a time.
 */
#ifndef TESTS_FUZZ_WORLD_H
#define TESTS_FUZZ_WORLD_H

#include "hall.h"
#include "step.h"

/* Without devices, and at a beginning of time that is always the same. */
struct hall *world_open(void);

void world_open_devices(void);

/* All that is under way is done, in no time at all. */
void world_settle(void);

/* So many ms pass, and everybody does in time what he has to. */
void world_pass(uint32_t ms);

/* A step of kind STEP_DEVICE: to device z, x is done, with the number y. */
void world_hurt_device(const struct step *s);

/* Whatever is gone is there again. */
void world_plug_in(void);

void world_close(void);

#endif
