/* Between connections and their listener. */
#ifndef DIALTONE_NET_TCP_INTERNAL_H
#define DIALTONE_NET_TCP_INTERNAL_H

#include "net/tcp.h"

/* Takes over an open socket; NULL, and the socket closed, when out of memory. */
struct tcp *tcp_accepted(struct loop *l, int fd);
/* A keypress is followed by a tone: waiting for more to send is audible. Of a listener, it holds
 * for all that it accepts. */
void tcp_never_waits(int fd);

#endif
