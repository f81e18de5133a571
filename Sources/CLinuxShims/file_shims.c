#define _GNU_SOURCE
#include "file_shims.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

int shim_open_in_root(const char *root, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
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
