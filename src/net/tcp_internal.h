/* Between connections and their listener. */
#ifndef DIALTONE_NET_TCP_INTERNAL_H
#define DIALTONE_NET_TCP_INTERNAL_H

#include "net/tcp.h"

/* Takes over an open socket; NULL, and the socket closed, when out of memory. */
struct tcp *tcp_accepted(struct loop *l, int fd);

#endif
