/* SPDX-License-Identifier: MIT */
/*
 * The usual place of the socket: the first that libaud's clients look at, too.
 */
#include "socket_path.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int socket_path_default(uid_t uid, const char *runtime_dir, char **ret)
{
	char *path;

	if (uid == 0)
		runtime_dir = "/run";
	else if (!runtime_dir || *runtime_dir != '/')
		return -ENOENT;
	if (asprintf(&path, "%s/aud/aud.sock", runtime_dir) < 0)
		return -ENOMEM;
	*ret = path;
	return 0;
}

int socket_path_make_dir(const char *path)
{
	char *copy = strdup(path);
	int r = 0;

	if (!copy)
		return -ENOMEM;
	/* Not by mkdir's mode alone: that is cut by whatever umask we were started with. */
	if (mkdir(dirname(copy), 0755) < 0)
		r = errno == EEXIST ? 0 : -errno;
	else if (chmod(copy, 0755) < 0)
		r = -errno;
	free(copy);
	return r;
}
