/* Inside the TFTP server: one transfer, and the queues in which transfers wait. */
#ifndef DIALTONE_TFTP_TRANSFER_H
#define DIALTONE_TFTP_TRANSFER_H

#include "base/map.h"
#include "tftp/tftp_server.h"

#define TFTP_WAITS   8
#define TFTP_SENDS   3 /* of the first packet, before any ACK */
#define TFTP_SMALL   96
#define TFTP_OUTPUTS 4096

/* The addresses that have transfers, for their budget. */
struct tftp_source {
	struct ip4 ip;
	unsigned transfers;
};

struct transfer {
	struct endpoint client;
	struct ip4 local;
	unsigned port;
	struct tftp_source *source;
	struct file *file;
	uint64_t name_key; /* of the name as asked */
	uint32_t serial;   /* tells it from the next one of the same client and port */
	uint16_t blksize, window;
	/* Blocks by number, not wrapped: acknowledged, sent, and how many there are. */
	uint32_t acked, sent, total;
	bool oack_pending; /* sent, and not yet acknowledged as block 0 */
	bool answered;     /* the client has answered at least once */
	bool repeated;     /* this window went out again already, because one of it was lost */
	bool fixed_wait;   /* the client asked for its wait (RFC 2349) */
	unsigned sends;    /* of what is in flight */
	unsigned wait;     /* index into the waits: after the next send */
	unsigned queue;    /* the wait in which it stands */
	dt_time next, heard, sent_at;
	dt_time round_trip, variation; /* smoothed; 0 = not measured yet */
	uint8_t oack[TFTP_SMALL];
	uint8_t oack_len;
	struct transfer *newer, *older; /* in its queue */
};

/* What waits to be sent: a small packet as it is, or blocks to be read when their turn comes. */
struct tftp_waiting {
	unsigned port;
	struct ip4 local;
	struct endpoint to;
	uint64_t key; /* of the transfer whose blocks they are */
	uint32_t serial, block, count;
	uint8_t small_len; /* 0: blocks */
	uint8_t small[TFTP_SMALL];
};

struct tftp_server {
	struct files *files;
	struct map transfers; /* by client and port */
	struct map sources;   /* by address */
	struct {
		struct transfer *oldest, *newest;
	} queue[TFTP_WAITS];
	unsigned next_port;
	uint32_t next_serial;
	struct tftp_waiting *waiting; /* a ring of TFTP_OUTPUTS */
	unsigned first_waiting, waiting_count;
	struct tftp_counters counters;
	uint8_t content[TFTP_WINDOW_MAX * TFTP_DATAGRAM_MAX]; /* of a file, before its headers */
	uint8_t scratch[TFTP_WINDOW_MAX * TFTP_DATAGRAM_MAX];
};

uint64_t transfer_key(struct endpoint client, unsigned port);
/* The packet that begins it; takes the file's reference over. */
void transfer_begin(struct tftp_server *s, const struct tftp_packet *rrq, struct file *file,
		    struct endpoint from, struct ip4 local, dt_time now);
void transfer_end(struct tftp_server *s, struct transfer *t);
void transfer_acknowledged(struct tftp_server *s, struct transfer *t, uint16_t block, dt_time now);
/* What is in flight, once more or for the first time. */
void transfer_send(struct tftp_server *s, struct transfer *t, dt_time now);
/* Its time has come: again, or the end. */
void transfer_expired(struct tftp_server *s, struct transfer *t, dt_time now);

void tftp_send_error(struct tftp_server *s, uint16_t code, const char *text, unsigned port,
		     struct ip4 local, struct endpoint to);
/* Room in the queue of what is to be sent; NULL when it is full: lost like any datagram. */
struct tftp_waiting *tftp_send_room(struct tftp_server *s, unsigned port, struct ip4 local,
				    struct endpoint to);

#endif
