/* The DHCP server on real sockets. */
#ifndef DIALTONE_DHCP_DHCP_IO_H
#define DIALTONE_DHCP_DHCP_IO_H

#include "dhcp/dhcp_server.h"
#include "mischief/mischief.h"
#include "net/iface.h"
#include "net/loop.h"

struct dhcp_io;

#define DHCP_IO_INTERFACES_MAX 8
#define DHCP_IO_TOGETHER       256 /* commits reported between two calls of dhcp_io_pump, at most */

struct dhcp_io_options {
	const struct iface *ifaces; /* phones are on these; copied */
	size_t count;               /* 1 to DHCP_IO_INTERFACES_MAX */
	uint16_t port;              /* 67 */
	struct mischief *mischief;  /* NULL: none */
	/* After the fact: a datagram came in, or really left. */
	void (*on_seen)(void *context, struct endpoint from, struct endpoint to,
			struct slice payload);
	/* The machine has changes or events to fetch. */
	void (*on_wanted)(void *context);
	void *context;
};

/* 0; E_SYSTEM with errno when the port cannot be had; E_NO_MEMORY. */
int dhcp_io_open(struct loop *l, struct dhcp_server *server, const struct dhcp_io_options *options,
		 struct dhcp_io **ret_io);
void dhcp_io_close(struct dhcp_io *io); /* NULL is allowed */
/* Sends what the machine has ready; call after dhcp_server_commit_done. */
void dhcp_io_pump(struct dhcp_io *io);

#endif
