/* What a server that parses strangers' packets needs before it starts, and must not keep. */
#ifndef DIALTONE_NET_PRIVILEGES_H
#define DIALTONE_NET_PRIVILEGES_H

#include <stddef.h>
#include <sys/types.h>

/* Raises the limit of open descriptors as far as this process may, and says what it is now. */
size_t privileges_raise_descriptors(void);
/* No core file and no debugger of another user sees the memory of this process: it holds what the
 * phones' files hold. Call after privileges_become, which undoes it. Nothing in builds with a
 * sanitizer, whose leak check is a debugger. */
void privileges_hide_memory(void);

#define PRIVILEGES_NAME_SIZE 64

struct privileges_user {
	uid_t uid;
	gid_t gid;
	char name[PRIVILEGES_NAME_SIZE]; /* its number where it has no name */
};

/* As this system knows them; at start, from one thread. 0 or E_UNKNOWN. */
int privileges_find_user(const char *name, struct privileges_user *ret_user);
int privileges_find_group(const char *name, gid_t *ret_group);
/* Who owns files with that number; `gid` where the system knows no such user. */
void privileges_owner(uid_t uid, gid_t gid, struct privileges_user *ret_user);

/* Root becomes `user`, for ever and in no other group, and keeps until privileges_drop what opening
 * ports and giving a socket to a group takes. Before any thread starts. 0; E_UNSUPPORTED when there
 * is nobody to become: a namespace that maps one id only, or not root; E_SYSTEM with errno. */
int privileges_become(const struct privileges_user *user);
/* After all sockets are open: this thread gives up every capability and the right to gain new ones.
 * 0 or E_SYSTEM. */
int privileges_drop(void);

#endif
