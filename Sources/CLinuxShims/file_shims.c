#define _GNU_SOURCE
#include "file_shims.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_in_root(const char *root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int directory = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int file;

	if (directory < 0)
		return -1;
	file = (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
	close(directory);
	return file;
}

int shim_open_in_root(const char *root, const char *path)
{
	return open_in_root(root, path, 0);
}

int shim_open_no_link_in_root(const char *root, const char *path)
{
	return open_in_root(root, path, O_NOFOLLOW);
}
