/* Namespaces of the lab's hosts, and the cables between them. One thread. */
#ifndef DIALTONE_LAB_NET_H
#define DIALTONE_LAB_NET_H

#include <stdbool.h>

/* The caller's own namespace becomes the switch's: quiet and without IPv6. 0 or -1. */
int net_prepare(void);
/* A new namespace with interface e0 at the address, the other end of its cable here as p<port>.
 * Its descriptor, or -1. */
int net_new(unsigned port, const char *address);
/* The caller moves there. 0 or -1. */
int net_enter(int net);
/* Does any program there have a port open? */
bool net_listens(int net);

#endif
