/* SPDX-License-Identifier: MIT */
/*
 * Sample formats as the wire counts them: from 1 on, in the order of the daemon's own table.
 */
#ifndef DAEMON_WIRE_FORMAT_H
#define DAEMON_WIRE_FORMAT_H

#include "aud.pb-c.h"
#include "rt/format.h"

_Static_assert((int)AUD__SAMPLE_FORMAT__S16 == FORMAT_S16 + 1, "the first of both");
_Static_assert((int)AUD__SAMPLE_FORMAT__S24_3_SWAPPED == NUM_FORMATS, "the last of both");

static inline Aud__SampleFormat wire_format(uint32_t format)
{
	return (Aud__SampleFormat)(format + 1);
}

/* enum sample_format, or -1: not known here. */
static inline int wire_format_find(Aud__SampleFormat format)
{
	return format > 0 && (uint32_t)format <= NUM_FORMATS ? (int)format - 1 : -1;
}

#endif
