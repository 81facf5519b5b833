/* Whom a server that root started becomes, and that everything it must write is that user's.
 *
 * Named with --user; else the owner of the database's directory, so that a site that gave it away
 * once needs no option; else the system user dialtone, when the database is in its usual place.
 * Where there is none of them it stays root without any capability, and says so. */
#include "daemon/node.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define USUAL_NAME "dialtone" /* user and group */

static const char *system_words(void)
{
	return strerror(errno); // NOLINT(concurrency-mt-unsafe): one thread prints
}

static const char *state_path(const struct node *n)
{
	return n->options->copy != NULL ? n->options->copy : n->database;
}

/* false: stays who it is. */
static bool choose(struct node *n, const char *directory, struct privileges_user *ret_user)
{
	struct stat s;

	if (geteuid() != 0)
		return false;
	if (n->options->user != NULL)
		return privileges_find_user(n->options->user, ret_user) == 0;
	if (stat(directory, &s) != 0)
		return false;
	if (s.st_uid != 0) {
		privileges_owner(s.st_uid, s.st_gid, ret_user);
		return true;
	}
	return strcmp(directory, NODE_STATE_DIRECTORY) == 0 &&
	       privileges_find_user(USUAL_NAME, ret_user) == 0;
}

/* What root made there in earlier days. Only a file that nobody else can have put there: not a
 * link, and with no second name. */
static void give_file(const char *path, const char *ending, const struct privileges_user *to)
{
	char name[sizeof((struct node *)NULL)->database + 8];
	struct stat s;

	(void)snprintf(name, sizeof name, "%s%s", path, ending);
	int fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_uid == 0 && s.st_nlink == 1)
		(void)!fchown(fd, to->uid, to->gid);
	(void)close(fd);
}

static void give_directory(const char *path, const struct privileges_user *to)
{
	struct stat s;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	if (fstat(fd, &s) == 0 && s.st_uid == 0)
		(void)!fchown(fd, to->uid, to->gid);
	(void)close(fd);
}

/* Only the directories that the defaults name are changed: any other is somebody's. */
static void give(struct node *n, const char *socket_directory, const struct privileges_user *to)
{
	static const char *const endings[] = {"", "-wal", "-shm", "-journal", ".token"};
	char directory[PATH_MAX];
	struct stat s;

	if (strcmp(socket_directory, NODE_RUN_DIRECTORY) == 0)
		give_directory(socket_directory, to);
	(void)node_beside(n->database, directory, sizeof directory);
	if (n->options->copy != NULL)
		return;
	if (strcmp(directory, NODE_STATE_DIRECTORY) == 0)
		give_directory(directory, to);
	if (stat(directory, &s) != 0 || s.st_uid != to->uid)
		return;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		give_file(n->database, endings[i], to);
}

/* As the user it is now: told before anything is opened, because SQLite's words name no remedy. */
static int check_access(const struct node *n, const char *directory)
{
	const char *path = state_path(n);
	const char *why = NULL;
	bool there = access(path, F_OK) == 0;

	if (n->options->copy != NULL)
		why = there && access(path, R_OK) != 0 ? "read" : NULL;
	else if (there && access(path, R_OK | W_OK) != 0)
		why = "write";
	if (why != NULL) {
		(void)fprintf(stderr,
			      "dialtone: user %s may not %s %s: chown %s %s, or name another "
			      "--user\n",
			      n->user.name, why, path, n->user.name, path);
		return E_DENIED;
	}
	if (n->options->copy == NULL && access(directory, F_OK) == 0 &&
	    access(directory, W_OK | X_OK) != 0) {
		(void)fprintf(
		    stderr,
		    "dialtone: user %s may not write in %s, where the journal of %s goes: "
		    "chown %s %s, or name another --user\n",
		    n->user.name, directory, path, n->user.name, directory);
		return E_DENIED;
	}
	return 0;
}

static int check_names(const struct node *n)
{
	const struct serve_options *o = n->options;
	struct privileges_user user;
	gid_t group = 0;

	if (o->user != NULL && privileges_find_user(o->user, &user) != 0) {
		(void)fprintf(stderr,
			      "dialtone: there is no user %s: useradd --system %s, or name another "
			      "--user\n",
			      o->user, o->user);
		return E_UNKNOWN;
	}
	if (o->user != NULL && geteuid() != 0 && user.uid != geteuid()) {
		(void)fprintf(stderr, "dialtone: only root can become user %s: start it as root\n",
			      o->user);
		return E_DENIED;
	}
	if (o->group != NULL && privileges_find_group(o->group, &group) != 0) {
		(void)fprintf(stderr,
			      "dialtone: there is no group %s: groupadd --system %s, or name "
			      "another --group\n",
			      o->group, o->group);
		return E_UNKNOWN;
	}
	return 0;
}

/* Its members administer: the one asked for, or that of a server that serves a whole host. */
static void choose_group(struct node *n, const char *socket_directory)
{
	const char *name = n->options->group;

	if (name == NULL && strcmp(socket_directory, NODE_RUN_DIRECTORY) == 0)
		name = USUAL_NAME;
	n->has_group = name != NULL && privileges_find_group(name, &n->group) == 0;
	if (n->has_group)
		(void)text_copy(n->group_name, sizeof n->group_name, name);
}

int node_become_user(struct node *n)
{
	char directory[PATH_MAX];
	char socket_directory[PATH_MAX];
	char socket[PATH_MAX];
	int error = check_names(n);

	if (error != 0)
		return error;
	(void)node_beside(state_path(n), directory, sizeof directory);
	(void)node_beside(node_socket_path(n, socket, sizeof socket), socket_directory,
			  sizeof socket_directory);
	choose_group(n, socket_directory);
	if (!choose(n, directory, &n->user) || n->user.uid == 0) {
		privileges_owner(geteuid(), getegid(), &n->user);
		return 0;
	}
	give(n, socket_directory, &n->user);
	error = privileges_become(&n->user);
	if (error == 0)
		return check_access(n, directory);
	if (error == E_UNSUPPORTED && n->options->user == NULL) {
		privileges_owner(geteuid(), getegid(), &n->user);
		return 0;
	}
	(void)fprintf(stderr, "dialtone: cannot become user %s: %s\n", n->user.name,
		      error == E_SYSTEM ? system_words()
					: "this namespace knows no other user than this one");
	return error;
}

/* The group an administration socket was asked to be for, or none. */
int node_open_to_group(struct node *n)
{
	if (!n->has_group)
		return 0;
	int error = http_open_to_group(n->http, n->group);
	if (error == 0)
		return 0;
	n->has_group = false;
	if (n->options->group == NULL)
		return 0;
	(void)fprintf(stderr,
		      "dialtone: cannot let group %s administer: %s: start it as root, or add this "
		      "user to the group\n",
		      n->options->group, system_words());
	return error;
}
