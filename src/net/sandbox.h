/* What a program that only reads one file must not keep: the way to the network, to other files, to
 * other programs. */
#ifndef DIALTONE_NET_SANDBOX_H
#define DIALTONE_NET_SANDBOX_H

#include <stdbool.h>

/* From here on this process reads and writes the descriptors it has, and nothing else: no new
 * files, no sockets, no programs; what it tries all the same fails with EPERM. For good, for all
 * threads. 0; E_SYSTEM when the kernel refused, E_UNSUPPORTED when built without it (sanitizers
 * need more). Call it after everything is open, locales and time zones included. */
int sandbox_reader(void);
/* The same for who watches an interface: the loop and the socket that is there go on working. Gives
 * up every capability first. */
int sandbox_watcher(void);

#endif
