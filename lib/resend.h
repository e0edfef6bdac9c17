/* SPDX-License-Identifier: MIT */
/*
 * What was not answered when the daemon went away is asked again. (lock held)
 */
#ifndef LIB_RESEND_H
#define LIB_RESEND_H

#include "connection.h"

/* Sends all again that is kept, in the order in which it was asked; what the source says was
 * done is told as done. Returns how many callbacks were run, or a negative errno. */
int resend_all(struct aud *a);

#endif
