/* SPDX-License-Identifier: MIT */
/*
 * The table of sample formats. What is done with them is in loops_format.c.
 */
#include "format.h"

#include "room.h"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OTHER_ORDER "be"
#else
#define OTHER_ORDER "le"
#endif

#define S32_HIGH 2147483520.0f /* the largest float below 2^31 */

#define REAL    .is_float = true, .high = 1.0f
#define SWAPPED .is_swapped = true
#define S16     2, 16, .high = 1.0f - 0x1p-15f
#define S24     24, .high = 1.0f - 0x1p-23f
#define S32     4, 32, .high = S32_HIGH * 0x1p-31f

const struct format formats[NUM_FORMATS] = {
	[FORMAT_S16] = {"s16", S16},
	[FORMAT_F32] = {"f32", 4, 32, REAL},
	[FORMAT_S32] = {"s32", S32},
	[FORMAT_S24] = {"s24", 4, S24},
	[FORMAT_S24_3] = {"s24_3", 3, S24},
	[FORMAT_U8] = {"u8", 1, .bits = 8},
	[FORMAT_ALAW] = {"alaw", 1, .bits = 13},
	[FORMAT_MULAW] = {"mulaw", 1, .bits = 14},
	[FORMAT_S16_SWAPPED] = {"s16" OTHER_ORDER, S16, SWAPPED},
	[FORMAT_F32_SWAPPED] = {"f32" OTHER_ORDER, 4, 32, REAL, SWAPPED},
	[FORMAT_S32_SWAPPED] = {"s32" OTHER_ORDER, S32, SWAPPED},
	[FORMAT_S24_SWAPPED] = {"s24" OTHER_ORDER, 4, S24, SWAPPED},
	[FORMAT_S24_3_SWAPPED] = {"s24_3" OTHER_ORDER, 3, S24, SWAPPED},
};
