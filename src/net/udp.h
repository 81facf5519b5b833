/* UDP sockets that know where each datagram was sent to, and answer from there. */
#ifndef DIALTONE_NET_UDP_H
#define DIALTONE_NET_UDP_H

#include "base/addr.h"
#include "net/loop.h"

#define UDP_DATAGRAM_MAX 2048 /* longer ones are dropped: nothing here sends such */

struct udp;

struct udp_arrival {
	struct endpoint from;
	struct ip4 local;   /* what it was sent to; for a broadcast the interface's address */
	uint32_t interface; /* index */
};

struct udp_options {
	struct endpoint bind;  /* 0.0.0.0 = every address; port 0 = any */
	const char *interface; /* only this one; NULL = all. Needs no privilege since Linux 5.7 */
	bool broadcast;        /* may send to 255.255.255.255 */
	bool shared;           /* others may bind the same port too */
	uint8_t ttl;           /* of its packets; 0 = this host's */
	bool foreign;          /* the address need not be on this host (yet): simulated phones */
	void (*on_datagram)(void *context, const struct udp_arrival *arrival,
			    struct slice datagram);
	/* After the last of the datagrams that had come together; may be NULL. What was answered is
	 * best sent here, at once (udp_send_many). */
	void (*on_end)(void *context);
	bool brief; /* for few exchanges: the kernel's usual buffer, no `local` told */
	/* An ICMP "port unreachable" for something sent to `to` from `local`, which is zero where
	 * it is brief. May be NULL. */
	void (*on_refused)(void *context, struct endpoint to, struct ip4 local);
	void *context;
};

/* 0; E_SYSTEM with errno (EACCES: the port needs privilege; EADDRINUSE); E_NO_MEMORY. */
int udp_open(struct loop *l, const struct udp_options *options, struct udp **ret_udp);
void udp_close(struct udp *u); /* NULL is allowed */
uint16_t udp_port(const struct udp *u);
/* `local` zero: the system chooses; interface 0: routing decides. 0 or E_SYSTEM with errno: a
 * datagram that cannot be sent is a lost datagram. */
int udp_send(struct udp *u, struct endpoint to, struct ip4 local, uint32_t interface,
	     struct slice bytes);
/* Several datagrams to one peer at once, each but the last `datagram` bytes long: the kernel cuts
 * them (UDP_SEGMENT, Linux 4.18), or they go one by one where it cannot. As udp_send; E_SYSTEM also
 * when only some could be sent. */
int udp_send_segments(struct udp *u, struct endpoint to, struct ip4 local, struct slice bytes,
		      size_t datagram);

/* One datagram of several; as the arguments of udp_send, and more. */
struct udp_message {
	struct slice bytes;
	uint32_t interface;
	struct endpoint to;
	struct ip4 local;
	uint8_t ttl; /* 0 = this host's */
};
#define UDP_MANY 32
/* Up to UDP_MANY datagrams with one call of the system, which wakes their receivers once.
 * ret_sent[i]: did messages[i] leave? */
void udp_send_many(struct udp *u, const struct udp_message *messages, size_t count,
		   bool ret_sent[static UDP_MANY]);

#endif
