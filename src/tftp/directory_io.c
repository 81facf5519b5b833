/* The kernel is asked to stay beneath the directory (openat2, Linux 5.6). Where it cannot be asked,
 * by an older kernel or a sandbox that does not know the call, each part of the path is opened by
 * itself without following links. */
#include "tftp/directory_io.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "model/file_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FLAGS (O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

struct directory_io {
	int root;
	bool no_openat2;
	struct directory port;
};

static int open_part_by_part(int root, const char *path)
{
	char part[FILE_NAME_SIZE];
	int at = root;

	for (;;) {
		size_t len = strcspn(path, "/");
		bool last = path[len] == 0;
		int flags = FLAGS | O_NOFOLLOW | (last ? 0 : O_DIRECTORY);
		(void)text_copy_slice(part, sizeof part, slice_of(path, len));
		int fd = strcmp(part, "..") == 0 ? -1 : openat(at, part, flags);
		if (at != root)
			(void)close(at);
		if (fd < 0 || last)
			return fd;
		at = fd;
		path += len + 1;
	}
}

static int open_beneath(struct directory_io *d, const char *path)
{
	struct open_how how = {.flags = FLAGS,
			       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
					  RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV};

	if (!d->no_openat2) {
		long fd = syscall(SYS_openat2, d->root, path, &how, sizeof how);
		if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
			return (int)fd;
		d->no_openat2 = true;
	}
	return open_part_by_part(d->root, path);
}

/* Of what tells one content from another: which file, how long, and when it was last touched. */
static uint64_t stamp_of(const struct stat *s)
{
	const uint64_t of[] = {(uint64_t)s->st_ino,         (uint64_t)s->st_size,
			       (uint64_t)s->st_mtim.tv_sec, (uint64_t)s->st_mtim.tv_nsec,
			       (uint64_t)s->st_ctim.tv_sec, (uint64_t)s->st_ctim.tv_nsec};
	uint64_t hash = 14695981039346656037U;

	for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
		hash = (hash ^ of[i]) * 1099511628211U;
		hash ^= hash >> 29;
	}
	return hash;
}

static int on_open(void *context, const char *path, struct directory_file *ret_file)
{
	struct stat s;
	int fd = open_beneath(context, path);

	if (fd < 0)
		return E_UNKNOWN;
	if (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode)) {
		(void)close(fd);
		return E_UNKNOWN;
	}
	*ret_file = (struct directory_file){fd, (uint64_t)s.st_size, stamp_of(&s)};
	return 0;
}

static long on_pread(void *context, int handle, uint64_t at, void *to, size_t size)
{
	size_t got = 0;

	(void)context;
	while (got < size) {
		ssize_t n = pread(handle, (uint8_t *)to + got, size - got, (off_t)(at + got));
		if (n < 0 && errno != EINTR)
			return E_SYSTEM;
		if (n == 0)
			break;
		got += n > 0 ? (size_t)n : 0;
	}
	return (long)got;
}

static uint64_t on_stamp(void *context, int handle)
{
	struct stat s;

	(void)context;
	return fstat(handle, &s) == 0 ? stamp_of(&s) : 0;
}

static void on_close(void *context, int handle)
{
	(void)context;
	(void)close(handle);
}

static uint64_t on_list(void *context, void (*each)(void *to, const char *name), void *to)
{
	struct directory_io *d = context;
	struct stat s;

	if (each == NULL)
		return fstat(d->root, &s) == 0 ? stamp_of(&s) : 0;
	int fd = openat(d->root, ".", FLAGS | O_DIRECTORY);
	DIR *dir = fd >= 0 && fstat(fd, &s) == 0 ? fdopendir(fd) : NULL;

	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return 0;
	}
	// NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of its own
	for (const struct dirent *e = NULL; (e = readdir(dir)) != NULL;) {
		if (e->d_type == DT_REG || e->d_type == DT_UNKNOWN)
			each(to, e->d_name);
	}
	(void)closedir(dir);
	return stamp_of(&s);
}

int directory_io_open(const char *path, struct directory_io **ret_directory)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return E_SYSTEM;
	struct directory_io *d = alloc_zero(1, sizeof *d);
	if (d == NULL) {
		(void)close(fd);
		return E_NO_MEMORY;
	}
	d->root = fd;
	d->port = (struct directory){d, on_open, on_pread, on_stamp, on_close, on_list};
	*ret_directory = d;
	return 0;
}

void directory_io_close(struct directory_io *d)
{
	if (d == NULL)
		return;
	(void)close(d->root);
	alloc_free(d);
}

const struct directory *directory_io_port(struct directory_io *d)
{
	return &d->port;
}
