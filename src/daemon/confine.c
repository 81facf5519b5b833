/* What this process may use: as many descriptors as it can get before the phones come, and nothing
 * it does not need afterwards. */
#include "daemon/node.h"

#include "base/error.h"
#include "base/text.h"
#include "net/confine.h"
#include "net/privileges.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* Beside the phones' own connections: listeners, database, interfaces, HTTP clients. */
#define DESCRIPTORS_RESERVE 1000

static const char *system_words(void)
{
	return strerror(errno); // NOLINT(concurrency-mt-unsafe): one thread prints
}

void node_take_descriptors(struct node *n)
{
	size_t limit = privileges_raise_descriptors();
	size_t wanted = CALLMANAGER_STATIONS_MAX + DESCRIPTORS_RESERVE;

	if (limit >= wanted)
		return;
	size_t room =
	    limit > 2 * (size_t)DESCRIPTORS_RESERVE ? limit - DESCRIPTORS_RESERVE : limit / 2;
	callmanager_set_capacity(n->callmanager, room);
	(void)fprintf(stderr,
		      "warning room=daemon what=\"no more than %zu phones can be connected\" "
		      "why=\"this process may open %zu files\" do=\"raise it to %zu: LimitNOFILE= "
		      "in the systemd unit, or ulimit -Hn\"\n",
		      room, limit, wanted);
}

const char *node_beside(const char *file, char *to, size_t size)
{
	const char *slash = strrchr(file, '/');

	if (slash == NULL)
		(void)text_copy(to, size, ".");
	else
		(void)text_copy_slice(to, size,
				      slice_of(file, slash == file ? 1 : (size_t)(slash - file)));
	return to;
}

/* Where a link leads to: the database may lie on another disk. */
static const char *behind(const char *file, char to[PATH_MAX])
{
	return realpath(file, to) != NULL ? to : file;
}

void node_confine_files(const struct node *n)
{
	char database[PATH_MAX];
	char database_real[PATH_MAX];
	char administration[PATH_MAX];
	char token[PATH_MAX];
	char copy[PATH_MAX];
	char real[PATH_MAX];
	char path[256];
	const struct serve_options *o = n->options;
	const struct confine_path paths[] = {
	    {node_beside(n->database, database, sizeof database), CONFINE_WRITE},
	    {node_beside(behind(n->database, real), database_real, sizeof database_real),
	     CONFINE_WRITE},
	    {node_beside(node_socket_path(n, path, sizeof path), administration,
			 sizeof administration),
	     CONFINE_WRITE},
	    {o->api_token != NULL ? node_beside(o->api_token, token, sizeof token) : "",
	     CONFINE_WRITE},
	    /* The token of a node that serves from a copy lies beside the copy. */
	    {o->copy != NULL ? node_beside(o->copy, copy, sizeof copy) : "",
	     o->api.port != 0 ? CONFINE_WRITE : CONFINE_READ},
	    {o->files != NULL ? o->files : "", CONFINE_READ},
	    /* Of the C library, SQLite and libevent. */
	    {"/dev/null", CONFINE_READ},
	    {"/dev/urandom", CONFINE_READ},
	    {"/etc/localtime", CONFINE_READ},
	    {"/usr/share/zoneinfo", CONFINE_READ},
	    {"/proc/sys", CONFINE_READ},
	    {"/proc/self", CONFINE_READ},
	    {"/sys/devices/system/cpu", CONFINE_READ},
	};
	int error = confine_files(paths, sizeof paths / sizeof *paths);

	/* A kernel without Landlock is no reason to leave phones without a server. */
	if (error == E_SYSTEM)
		(void)fprintf(stderr,
			      "warning room=daemon what=\"could not give up the file system\" "
			      "why=\"%s\"\n",
			      system_words());
}

void node_confine_thread(void)
{
	if (privileges_drop() != 0)
		(void)fprintf(stderr,
			      "warning room=daemon what=\"could not drop privileges\" why=\"%s\"\n",
			      system_words());
}

void node_confine(void)
{
	node_confine_thread();
	privileges_hide_memory();
	int error = confine_calls();
	if (error != 0)
		(void)fprintf(
		    stderr,
		    "warning room=daemon what=\"could not give up system calls\" why=\"%s\"\n",
		    error == E_SYSTEM ? system_words() : error_text(error));
}
