/* The TFTP server (RFC 1350, 2347 to 2349, 7440; octet and netascii), as a pure machine.
 *
 * What a name opens says the library of files (tftp/files.h). A missing file is answered at once
 * with ERROR 1. Replies leave from a transfer port: the edge keeps TFTP_PORTS of them open and the
 * machine names one by index, so that a transfer is known by (client, index) and a client that
 * reuses its source port (7921) still gets a fresh one for each file. */
#ifndef DIALTONE_TFTP_TFTP_SERVER_H
#define DIALTONE_TFTP_TFTP_SERVER_H

#include "base/addr.h"
#include "base/time.h"
#include "proto/tftp/tftp.h"
#include "tftp/files.h"

#define TFTP_PORTS         4 /* few, so that what arrives at one is read in batches */
#define TFTP_TRANSFERS_MAX 20000
/* Transfers of one address that count as usual. Beyond, it may be a whole site behind one address,
 * or somebody's whom we are to flood: first packets are not repeated any more, and once half of all
 * transfers are taken no further ones begin. */
#define TFTP_SOURCE_MAX    256
#define TFTP_WINDOW_MAX    16   /* blocks; a phone's buffer is small, and so is a switch's */
#define TFTP_DATAGRAM_MAX  1472 /* blksize is answered so that a block fits one Ethernet frame */

struct tftp_server;

/* One datagram, or a window of them: the bytes of each stand behind those of the one before, each
 * but the last of the size `datagram`. Valid until the next call of the server. */
struct tftp_output {
	unsigned port;    /* index of the transfer port to send from, < TFTP_PORTS */
	struct ip4 local; /* source address: where the request was sent to */
	struct endpoint to;
	struct slice bytes;
	size_t datagram;
};

struct tftp_counters {
	uint64_t requests, not_found, delivered, given_up, resent, ignored;
};

/* `files` outlives the server. NULL when out of memory. */
struct tftp_server *tftp_server_new(struct files *files);
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
void tftp_server_count(const struct tftp_server *s, struct tftp_counters *ret_counters);

#endif
