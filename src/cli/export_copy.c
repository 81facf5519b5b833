/* dialtone export copy FILE: the running server's database as a file, for `serve --copy`. */
#include "cli/export_copy.h"
#include "cli/cli.h"

#include "base/error.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define COPY_MAX ((size_t)512 << 20)

/* Whole or not at all: beside its place first, then renamed. It holds what the database holds, so
 * nobody else may read it. */
static int write_file(const char *path, struct slice bytes)
{
	char beside[512];
	size_t done = 0;

	(void)snprintf(beside, sizeof beside, "%.480s.new-%d", path, (int)getpid());
	int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return E_SYSTEM;
	while (done < bytes.len) {
		ssize_t n = write(fd, bytes.ptr + done, bytes.len - done);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	bool ok = done == bytes.len && fsync(fd) == 0;
	ok = close(fd) == 0 && ok && rename(beside, path) == 0;
	if (!ok)
		(void)unlink(beside);
	return ok ? 0 : E_SYSTEM;
}

static int refused(struct slice answer, const char *fallback)
{
	json_t *json = json_loadb((const char *)answer.ptr, answer.len, 0, NULL);
	const char *why = json_string_value(json_object_get(json, "error"));

	(void)fprintf(stderr, "dialtone: %s\n", why != NULL ? why : fallback);
	json_decref(json);
	return EXIT_CANNOT;
}

int cli_export_copy(const char *path, const char *socket)
{
	struct buf answer;
	unsigned status = 0;
	int result = 0;

	buf_init(&answer, COPY_MAX);
	int error = cli_exchange(socket, "GET", "/v1/copy", NULL, &status, &answer);
	if (error != 0) {
		(void)fprintf(
		    stderr,
		    "dialtone: no server answers at %s (%s).\n"
		    "Start one with `dialtone serve`, or name its socket with --socket.\n",
		    socket, error == E_SYSTEM ? cli_errno() : error_text(error));
		result = EXIT_CANNOT;
	} else if (status != 200) {
		result = refused(buf_slice(&answer), "the server made no copy");
	} else if (write_file(path, buf_slice(&answer)) != 0) {
		(void)fprintf(stderr, "dialtone: cannot write %s: %s\n", path, cli_errno());
		result = EXIT_CANNOT;
	} else {
		(void)printf(
		    "%s: %zu bytes. Another node serves from it: dialtone serve --node NAME "
		    "--copy FILE\n",
		    path, buf_slice(&answer).len);
	}
	buf_done(&answer);
	return result;
}
