/* Reading what is to be checked. Nothing is followed out of a folder, and nothing but plain files
 * is opened in it. */
#include "cli/lint_read.h"

#include "base/alloc.h"
#include "cli/cli.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 4 /* Desktops/320x196x4/List.xml lies two deep */

static int cannot(const char *path)
{
	(void)fprintf(stderr, "dialtone: cannot read %s: %s\n", path, cli_errno());
	return EXIT_CANNOT;
}

static bool read_all(int fd, struct buf *to)
{
	uint8_t part[16384];
	ssize_t n = 0;

	while (to->len < LINT_FILE_MAX && (n = read(fd, part, sizeof part)) > 0)
		buf_append(to, slice_of(part, (size_t)n));
	return n >= 0 && buf_error(to) == 0;
}

/* `in_root`: a file of the folder being checked, whose findings are all that is told of it. */
static int read_open_file(struct lint *l, int fd, const char *name, enum lint_kind as, bool in_root)
{
	struct stat st;
	struct buf bytes;
	int status = 0;

	buf_init(&bytes, LINT_FILE_MAX + 16384);
	if (fstat(fd, &st) != 0 || !read_all(fd, &bytes)) {
		status = cannot(name);
	} else {
		struct lint_input input = {
		    .name = name,
		    .bytes = buf_slice(&bytes),
		    .size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : bytes.len,
		    .as = as,
		    .in_root = in_root,
		    .closed = in_root && S_ISREG(st.st_mode) && (st.st_mode & S_IROTH) == 0,
		};
		lint_file(l, &input);
		size_t last = lint_files(l);
		if (!in_root && last > 0 && lint_file_kind(l, (uint32_t)last - 1) == LINT_UNKNOWN) {
			(void)fprintf(stderr,
				      "dialtone: %s is nothing that phones or their DHCP servers "
				      "read; --as says "
				      "what it is\n",
				      name);
			status = EXIT_CANNOT;
		}
	}
	buf_done(&bytes);
	return status;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder, sorted, so that two runs say the same. The caller frees them. */
static size_t list(DIR *dir, char ***ret_names)
{
	char **names = NULL;
	size_t count = 0;
	size_t room = 0;

	for (const struct dirent *d; (d = readdir(dir)) != NULL;) { // NOLINT(concurrency-mt-unsafe)
		if (d->d_name[0] == '.')
			continue;
		if (count == room) {
			room = room == 0 ? 256 : 2 * room;
			char **larger = alloc_resize(names, room * sizeof *names);
			if (larger == NULL)
				break;
			names = larger;
		}
		names[count] = strdup(d->d_name);
		count += names[count] != NULL;
	}
	if (count > 0)
		qsort(names, count, sizeof *names, by_name);
	*ret_names = names;
	return count;
}

static int read_folder(struct lint *l, int at, const char *path, unsigned depth);

static int read_entry(struct lint *l, int at, const char *folder, const char *name, unsigned depth)
{
	char path[4096];
	struct stat st;

	(void)snprintf(path, sizeof path, "%s%s%s", folder,
		       folder[strlen(folder) - 1] == '/' ? "" : "/", name);
	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return cannot(path);
	if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX) {
		int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		return fd >= 0 ? read_folder(l, fd, path, depth + 1) : cannot(path);
	}
	/* Links are what administrators make of loads: they are followed, if to a file. */
	if (S_ISLNK(st.st_mode) && (fstatat(at, name, &st, 0) != 0 || !S_ISREG(st.st_mode)))
		return 0;
	if (!S_ISREG(st.st_mode))
		return 0;
	int fd = openat(at, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return cannot(path);
	int status = read_open_file(l, fd, path, LINT_UNKNOWN, true);
	(void)close(fd);
	return status;
}

static int read_folder(struct lint *l, int at, const char *path, unsigned depth)
{
	char **names = NULL;
	int status = 0;
	DIR *dir = fdopendir(at);

	if (dir == NULL) {
		(void)close(at);
		return cannot(path);
	}
	size_t count = list(dir, &names);
	for (size_t i = 0; i < count; i++) {
		int one = read_entry(l, dirfd(dir), path, names[i], depth);
		if (one != 0)
			status = one;
		free(names[i]);
	}
	alloc_free(names);
	(void)closedir(dir);
	return status;
}

int lint_read(struct lint *l, const char *path, enum lint_kind as)
{
	struct stat st;

	if (strcmp(path, "-") == 0)
		return read_open_file(l, STDIN_FILENO, "standard input", as, false);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		return cannot(path);
	if (S_ISDIR(st.st_mode))
		return read_folder(l, fd, path, 0);
	int status = read_open_file(l, fd, path, as, false);
	(void)close(fd);
	return status;
}
