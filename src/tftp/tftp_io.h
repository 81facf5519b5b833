/* The TFTP server on real sockets: one for requests, TFTP_PORTS for transfers. */
#ifndef DIALTONE_TFTP_TFTP_IO_H
#define DIALTONE_TFTP_TFTP_IO_H

#include "mischief/mischief.h"
#include "net/loop.h"
#include "tftp/tftp_server.h"

struct tftp_io;

struct tftp_io_options {
	uint16_t port;             /* 69 */
	struct mischief *mischief; /* NULL: none */
	/* After the fact: a datagram came in, or really left. */
	void (*on_seen)(void *context, struct endpoint from, struct endpoint to,
			struct slice payload);
	void *context;
};

/* 0; E_SYSTEM with errno when the port cannot be had; E_NO_MEMORY. */
int tftp_io_open(struct loop *l, struct tftp_server *server, const struct tftp_io_options *options,
		 struct tftp_io **ret_io);
void tftp_io_close(struct tftp_io *io); /* NULL is allowed */

#endif
