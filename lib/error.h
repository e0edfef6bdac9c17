/* SPDX-License-Identifier: MIT */
/*
 * The sentence for people that goes with a negative errno, one for each thread (see
 * aud_error), and the errno for each code of the protocol.
 */
#ifndef LIB_ERROR_H
#define LIB_ERROR_H

/* Keeps the sentence for this thread and returns `error`, for `return error_set(...)`. */
int error_set(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The negative errno for an Aud__ErrorCode; -EPROTO for one that this library does not
 * know. */
int error_from_code(int code);

#endif
