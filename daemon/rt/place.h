/* SPDX-License-Identifier: MIT */
/*
 * A place between two frames of a source, exactly, and how it moves with the device: each device
 * frame is num/den source frames further. At the device's own rate both are 1, and a place is a
 * frame. Nothing here rounds, so nothing drifts.
 */
#ifndef RT_PLACE_H
#define RT_PLACE_H

#include <stdint.h>

struct ratio {
	uint32_t num, den; /* source frames for device frames; no common factor */
};

struct place {
	uint64_t src;   /* source frame */
	uint32_t phase; /* and so many den-ths of one; below den */
};

/* n device frames further. */
static inline struct place place_after(struct place p, struct ratio r, uint64_t n)
{
	uint64_t way = p.phase + n * r.num;

	if (r.den == 1)
		return (struct place){.src = p.src + way};
	return (struct place){.src = p.src + way / r.den,
			      .phase = (uint32_t)(way % r.den)};
}

/* How many device frames, from p on, lie before source frame `end`. */
static inline uint64_t place_frames_before(struct place p, struct ratio r, uint64_t end)
{
	uint64_t way;

	if (end <= p.src)
		return 0;
	way = (end - p.src) * r.den - p.phase;
	return r.num == 1 ? way : (way + r.num - 1) / r.num;
}

#endif
