/* TCP: listeners and connections with bounded output. */
#ifndef DIALTONE_NET_TCP_H
#define DIALTONE_NET_TCP_H

#include "base/addr.h"
#include "net/loop.h"

#define TCP_OUTPUT_MAX ((size_t)256 * 1024) /* a peer that far behind is cut off */

struct tcp;
struct tcp_listener;

enum tcp_end {
	TCP_END_CLOSED,  /* in order */
	TCP_END_RESET,   /* by the peer, or it fell too far behind, or the network failed */
	TCP_END_REFUSED, /* an outgoing connection that never opened: refused or unreachable */
};

struct tcp_handlers {
	void (*on_open)(void *context); /* outgoing connections only; may be NULL */
	void (*on_data)(void *context, struct slice bytes);
	/* The last call; the connection has been freed. Not called after tcp_close. */
	void (*on_end)(void *context, enum tcp_end end);
	/* All that was queued has been taken by the kernel: there is room again. May be NULL. */
	void (*on_drained)(void *context);
};

typedef void (*tcp_accept_fn)(void *context, struct tcp *connection, struct endpoint peer,
			      struct endpoint local);

/* The accept function must call tcp_set_handlers or tcp_close. 0; E_SYSTEM with errno; E_NO_MEMORY.
 */
int tcp_listen(struct loop *l, struct endpoint at, tcp_accept_fn fn, void *context,
	       struct tcp_listener **ret_listener);
void tcp_listener_close(struct tcp_listener *t); /* NULL is allowed */
uint16_t tcp_listener_port(const struct tcp_listener *t);

/* Begins to connect; on_open or on_end follows. local zero: the system chooses; else it need not be
 * an address of this host yet. 0; E_SYSTEM with errno (nothing will be called); E_NO_MEMORY. */
int tcp_connect(struct loop *l, struct endpoint to, struct ip4 local,
		const struct tcp_handlers *handlers, void *context, struct tcp **ret_tcp);
/* Where an outgoing connection comes from; zero throughout: the system chooses. */
struct tcp_origin {
	struct ip4 ip;         /* need not be an address of this host yet */
	uint8_t ttl;           /* of its packets */
	const char *interface; /* leaves by this one alone */
};
int tcp_connect_from(struct loop *l, struct endpoint to, const struct tcp_origin *origin,
		     const struct tcp_handlers *handlers, void *context, struct tcp **ret_tcp);
void tcp_set_handlers(struct tcp *t, const struct tcp_handlers *handlers, void *context);
/* Queues; what cannot be queued ends the connection (on_end follows from the loop). */
void tcp_send(struct tcp *t, struct slice bytes);
/* Does something wait that the kernel has not taken? Who sends much stops then, until on_drained.
 */
bool tcp_is_behind(const struct tcp *t);
/* Closes in order once the output is flushed; no handler is called any more. */
void tcp_close(struct tcp *t);
/* Drops it at once; no handler is called any more. NULL is allowed. */
void tcp_abort(struct tcp *t);
/* As a peer that loses its power: not even a reset is sent, where the system lets us
 * (CAP_NET_ADMIN).
 */
void tcp_vanish(struct tcp *t);

#endif
