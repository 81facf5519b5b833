/* What a server that parses strangers' packets needs before it starts, and must not keep. */
#ifndef DIALTONE_NET_PRIVILEGES_H
#define DIALTONE_NET_PRIVILEGES_H

#include <stddef.h>

/* Raises the limit of open descriptors as far as this process may, and says what it is now. */
size_t privileges_raise_descriptors(void);
/* No core file and no debugger of another user sees the memory of this process: it holds what the
 * phones' files hold. Call after privileges_drop, which may undo it. Nothing in builds with a
 * sanitizer, whose leak check is a debugger. */
void privileges_hide_memory(void);
/* After all sockets are open: gives up every capability and the right to gain new ones. Started as
 * real root it also becomes `user` (when not NULL and that user exists). In a user namespace that
 * maps one id only the capabilities go. 0 or E_SYSTEM. */
int privileges_drop(const char *user);

#endif
