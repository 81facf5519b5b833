/* The token that administration over TCP asks for: one line in a file that only its owner may read.
 */
#include "daemon/node.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOKEN_BYTES 24
#define TOKEN_LEAST 16 /* characters of one that somebody wrote himself */

static int make(const char *path)
{
	uint8_t secret[TOKEN_BYTES];
	char text[2 * TOKEN_BYTES + 2];

	if (getrandom(secret, sizeof secret, 0) != (ssize_t)sizeof secret)
		return E_SYSTEM;
	for (size_t i = 0; i < sizeof secret; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", secret[i]);
	text[sizeof text - 2] = '\n';
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return E_SYSTEM;
	bool ok = write(fd, text, sizeof text - 1) == (ssize_t)sizeof text - 1 && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (!ok)
		(void)unlink(path);
	return ok ? 0 : E_SYSTEM;
}

/* The first line. E_BAD_VALUE when it is too short to be a secret, or others may read it. */
static int read_token(const char *path, char *to, size_t size)
{
	struct stat status;
	ssize_t got = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return E_SYSTEM;
	bool open_to_all = fstat(fd, &status) == 0 && (status.st_mode & 077) != 0;
	if (!open_to_all)
		got = read(fd, to, size - 1);
	(void)close(fd);
	if (open_to_all)
		return E_BAD_VALUE;
	if (got < 0)
		return E_SYSTEM;
	to[got] = 0;
	to[strcspn(to, "\r\n")] = 0;
	return strlen(to) >= TOKEN_LEAST ? 0 : E_BAD_VALUE;
}

int node_token_read(const struct node *n, char *to, size_t size, char *ret_path, size_t path_size)
{
	if (n->options->api_token != NULL)
		(void)text_copy(ret_path, path_size, n->options->api_token);
	else
		(void)snprintf(ret_path, path_size, "%s.token",
			       n->options->copy != NULL ? n->options->copy : n->database);
	int error = access(ret_path, F_OK) != 0 ? make(ret_path) : 0;
	if (error == 0)
		error = read_token(ret_path, to, size);
	if (error == E_BAD_VALUE)
		(void)fprintf(
		    stderr,
		    "dialtone: the token in %s must be one line of at least %d characters "
		    "that only its owner may read (chmod 600)\n",
		    ret_path, TOKEN_LEAST);
	else if (error != 0)
		(void)fprintf(stderr, "dialtone: cannot read or make the token in %s: %s\n",
			      ret_path,
			      strerror(errno)); // NOLINT(concurrency-mt-unsafe): at start
	return error;
}
