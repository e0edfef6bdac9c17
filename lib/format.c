/* SPDX-License-Identifier: MIT */
/*
 * Sample formats: their names and sizes.
 */
#include <errno.h>
#include <string.h>

#include "aud.h"
#include "error.h"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OWN_ORDER   "le"
#define OTHER_ORDER "be"
#else
#define OWN_ORDER   "be"
#define OTHER_ORDER "le"
#endif

static const struct row {
	const char *name;
	const char *also; /* the name that says the order, where there are two */
	uint32_t bytes;
} rows[] = {
	[AUD_FORMAT_S16] = {"s16", "s16" OWN_ORDER, 2},
	[AUD_FORMAT_F32] = {"f32", "f32" OWN_ORDER, 4},
	[AUD_FORMAT_S32] = {"s32", "s32" OWN_ORDER, 4},
	[AUD_FORMAT_S24] = {"s24", "s24" OWN_ORDER, 4},
	[AUD_FORMAT_S24_3] = {"s24_3", "s24_3" OWN_ORDER, 3},
	[AUD_FORMAT_U8] = {"u8", NULL, 1},
	[AUD_FORMAT_ALAW] = {"alaw", NULL, 1},
	[AUD_FORMAT_MULAW] = {"mulaw", NULL, 1},
	[AUD_FORMAT_S16_SWAPPED] = {"s16" OTHER_ORDER, NULL, 2},
	[AUD_FORMAT_F32_SWAPPED] = {"f32" OTHER_ORDER, NULL, 4},
	[AUD_FORMAT_S32_SWAPPED] = {"s32" OTHER_ORDER, NULL, 4},
	[AUD_FORMAT_S24_SWAPPED] = {"s24" OTHER_ORDER, NULL, 4},
	[AUD_FORMAT_S24_3_SWAPPED] = {"s24_3" OTHER_ORDER, NULL, 3},
};
enum { NUM_ROWS = sizeof(rows) / sizeof(rows[0]) };

const char *aud_format_name(enum aud_format format)
{
	return aud_format_bytes(format) ? rows[format].name : "unknown";
}

uint32_t aud_format_bytes(enum aud_format format)
{
	return (unsigned int)format < NUM_ROWS ? rows[format].bytes : 0;
}

int aud_format_by_name(const char *name)
{
	for (int i = AUD_FORMAT_S16; i < NUM_ROWS; i++)
		if (strcmp(name, rows[i].name) == 0 ||
		    (rows[i].also && strcmp(name, rows[i].also) == 0))
			return i;
	return error_set(-EINVAL, "there is no sample format '%s'", name);
}
