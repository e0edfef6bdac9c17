/* SPDX-License-Identifier: MIT */
/*
 * Where the daemon listens when nobody says where. Main thread, at start.
 */
#ifndef DAEMON_SOCKET_PATH_H
#define DAEMON_SOCKET_PATH_H

#include <sys/types.h>

/* root: /run/aud/aud.sock; anyone else: aud/aud.sock in runtime_dir ($XDG_RUNTIME_DIR).
 * *ret is to be freed. -ENOENT: no runtime_dir, or one that is no absolute path; -ENOMEM. */
int socket_path_default(uid_t uid, const char *runtime_dir, char **ret);

/* Makes the directory of that path, for all to search (its parent may say otherwise). One
 * that is there stays as it is. Negative errno. */
int socket_path_make_dir(const char *path);

#endif
