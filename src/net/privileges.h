/* What a server that parses strangers' packets must not keep. */
#ifndef DIALTONE_NET_PRIVILEGES_H
#define DIALTONE_NET_PRIVILEGES_H

/* After all sockets are open: gives up every capability and the right to gain new ones. Started as
 * real root it also becomes `user` (when not NULL and that user exists). In a user namespace that
 * maps one id only the capabilities go. 0 or E_SYSTEM. */
int privileges_drop(const char *user);

#endif
