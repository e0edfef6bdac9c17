/* SPDX-License-Identifier: MIT */
/*
 * Optional fields of protobuf messages are two: the value, and that it is there.
 */
#ifndef DAEMON_OPTIONAL_H
#define DAEMON_OPTIONAL_H

#define SET(to, field, value) ((to)->has_##field = true, (to)->field = (value))

#endif
