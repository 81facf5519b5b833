/* The loop's inside, for the sockets of this room. */
#ifndef DIALTONE_NET_LOOP_INTERNAL_H
#define DIALTONE_NET_LOOP_INTERNAL_H

#include "net/loop.h"

#define LOOP_SCRATCH ((size_t)128 * 1024)

struct tcp;

struct loop {
	struct event_base *base;
	/* LOOP_SCRATCH bytes for whatever is being received: one thread receives one thing at a
	 * time, so that ten thousand sockets need no buffers of their own. */
	uint8_t *scratch;
	struct tcp *closing; /* connections nobody owns any more, on their orderly way out */
	size_t closing_count;
};

/* In loop_free. */
void tcp_closing_free(struct loop *l);

#endif
