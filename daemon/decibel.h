/* SPDX-License-Identifier: MIT */
/*
 * Between people, who say how loud in dB, and the daemon, which multiplies.
 */
#ifndef DAEMON_DECIBEL_H
#define DAEMON_DECIBEL_H

#include <math.h>

static inline float factor_of_db(float db)
{
	return powf(10.0f, db / 20.0f);
}

#endif
