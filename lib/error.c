/* SPDX-License-Identifier: MIT */
/*
 * Sentences for errors, and protocol codes as errno.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "aud.h"
#include "aud.pb-c.h"
#include "error.h"

static _Thread_local char sentence[512];

int error_set(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	return error;
}

const char *aud_error(const struct aud *a)
{
	(void)a;
	return sentence;
}

int error_from_code(int code)
{
	static const int errors[] = {
		[AUD__ERROR_CODE__INVALID_ARGUMENT] = -EINVAL,
		[AUD__ERROR_CODE__NOT_FOUND] = -ENOENT,
		[AUD__ERROR_CODE__PERMISSION_DENIED] = -EACCES,
		[AUD__ERROR_CODE__LIMIT_REACHED] = -ENOBUFS,
		[AUD__ERROR_CODE__NOT_SUPPORTED] = -EOPNOTSUPP,
		[AUD__ERROR_CODE__WRONG_PROTOCOL] = -EPROTO,
		[AUD__ERROR_CODE__NO_MEMORY] = -ENOMEM,
		[AUD__ERROR_CODE__CLOSED] = -ECANCELED,
	};

	if (code < 0 || (size_t)code >= sizeof(errors) / sizeof(errors[0]) ||
	    !errors[code])
		return -EPROTO;
	return errors[code];
}
