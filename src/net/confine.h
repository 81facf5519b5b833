/* A process that parses strangers' packets keeps only what serving needs: named places of the file
 * system (Landlock) and the system calls of a running server (seccomp). Both are for ever, and both
 * hold for code that an attacker would bring along, not only for ours.
 *
 * Builds with a sanitizer or without libseccomp have neither: its runtime needs other files and
 * calls than the server. */
#ifndef DIALTONE_NET_CONFINE_H
#define DIALTONE_NET_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

enum confine_use {
	CONFINE_READ,  /* files and directories */
	CONFINE_WRITE, /* also: write, make and remove files and sockets; no device, no directory */
};

struct confine_path {
	const char *path; /* a file, or a directory with all beneath; one that is not there is
			     passed over */
	enum confine_use use;
};

/* Does this build confine at all? */
bool confine_is_built(void);
/* From here on this thread and those it starts reach nothing else by name; what is open stays open.
 * 0; E_UNSUPPORTED: this kernel has no Landlock, nothing changed; E_SYSTEM with errno. */
int confine_files(const struct confine_path *path, size_t count);
/* From here on the whole process makes only the system calls of system_calls.def. Any other is not
 * carried out: one line on standard error, and SIGSYS ends the process. Wants privileges_drop
 * first. 0; E_UNSUPPORTED: this kernel has no seccomp, nothing changed; E_SYSTEM with errno. */
int confine_calls(void);

#endif
