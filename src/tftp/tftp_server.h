/* The TFTP server (RFC 1350, 2347 to 2349, 7440; octet and netascii), as a pure machine.
 *
 * Names are keys in a table of what can be served (tftp/names.h), never paths. A missing file is
 * answered at once with ERROR 1. Replies leave from a transfer port: the edge keeps TFTP_PORTS of
 * them open and the machine names one by index, so that a transfer is known by (client, index) and
 * a client that reuses its source port (7921) still gets a fresh one for each file. */
#ifndef DIALTONE_TFTP_TFTP_SERVER_H
#define DIALTONE_TFTP_TFTP_SERVER_H

#include "base/addr.h"
#include "base/time.h"
#include "proto/tftp/tftp.h"
#include "reg/reg.h"

#define TFTP_PORTS         16
#define TFTP_TRANSFERS_MAX 20000
#define TFTP_DATAGRAM_MAX  1472 /* blksize is answered so that a block fits one Ethernet frame */

struct tftp_server;

struct tftp_output {
	unsigned port;    /* index of the transfer port to send from, < TFTP_PORTS */
	struct ip4 local; /* source address: where the request was sent to */
	struct endpoint to;
	size_t len;
	uint8_t bytes[TFTP_DATAGRAM_MAX + 4];
};

/* `reg` outlives the server; files are rendered from it. NULL when out of memory. */
struct tftp_server *tftp_server_new(struct reg *reg);
void tftp_server_free(struct tftp_server *s);

/* A datagram to port 69. */
void tftp_server_request(struct tftp_server *s, struct endpoint from, struct ip4 local,
			 struct slice datagram, dt_time now);
/* A datagram to transfer port `port`. */
void tftp_server_input(struct tftp_server *s, unsigned port, struct endpoint from,
		       struct slice datagram, dt_time now);
void tftp_server_expire(struct tftp_server *s, dt_time now);
dt_time tftp_server_deadline(const struct tftp_server *s);
bool tftp_server_next_output(struct tftp_server *s, struct tftp_output *ret_output);
size_t tftp_server_transfer_count(const struct tftp_server *s);

/* Faults for teaching and tests: the server misbehaves on purpose. */
enum tftp_fault {
	TFTP_FAULT_NONE,
	TFTP_FAULT_SILENT,     /* requests are heard and never answered */
	TFTP_FAULT_NO_DEFAULT, /* XMLDefault.cnf.xml is "not found" */
};
/* `only`: a device name to which it is limited (SILENT; a client that once asked for a file of that
 * device is that device), NULL for everybody. */
void tftp_server_set_fault(struct tftp_server *s, enum tftp_fault fault, const char *only);

#endif
