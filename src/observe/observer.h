/* From decoded messages to boot facts, for our own sockets and for captures alike.
 *
 * An observer is a pure machine: give it each message that was seen, with its time and evidence
 * number; take the facts out. It knows packets and facts, and neither sockets nor files.
 *
 * Identity: a phone is its hardware address. DHCP carries it; everything else carries an IP
 * address, and the observer remembers which hardware address last got or claimed each IP (DHCPACK,
 * a SEP<MAC> file name, a Register). The Ethernet source counts only when the frame cannot have
 * been routed: `source` is zero when unknown, and is ignored once two IP addresses used it. Facts
 * about an IP address nobody has claimed yet come out with a zero mac and the ip; the timeline
 * joins them when the claim arrives.
 *
 * Everything kept has a ceiling; the oldest entry goes first. */
#ifndef DIALTONE_OBSERVE_OBSERVER_H
#define DIALTONE_OBSERVE_OBSERVER_H

#include "boot/fact.h"
#include "proto/sccp/sccp.h"

struct observer;

/* One datagram or segment: who sent it to whom. */
struct flow {
	struct endpoint from, to;
	struct mac source; /* Ethernet source; zero when unknown (our own sockets) */
};

#define OBSERVE_TCP_FIN 0x01
#define OBSERVE_TCP_SYN 0x02
#define OBSERVE_TCP_RST 0x04
#define OBSERVE_TCP_ACK 0x10

/* NULL when out of memory. */
struct observer *observer_new(enum vantage vantage);
void observer_free(struct observer *o);

/* A UDP payload from or to port 67/68. */
void observer_dhcp(struct observer *o, const struct flow *flow, struct slice payload, dt_time at,
		   uint64_t evidence);
/* A UDP payload that is, or belongs to, a TFTP transfer: requests to port 69, and whatever follows
 * from the client's port. Returns false when it is no packet of a transfer known here. */
bool observer_tftp(struct observer *o, const struct flow *flow, struct slice payload, dt_time at,
		   uint64_t evidence);
/* A segment's control bits, once per segment with SYN, FIN or RST and for the ACK that completes a
 * handshake (others may be given too and are ignored). */
void observer_tcp(struct observer *o, const struct flow *flow, unsigned flags, dt_time at,
		  uint64_t evidence);
/* One decoded SCCP message. Direction follows from the message id, else from the ports. */
void observer_sccp(struct observer *o, const struct flow *flow, const struct sccp_message *message,
		   dt_time at, uint64_t evidence);
/* A stream that stopped being SCCP frames. */
void observer_sccp_broken(struct observer *o, const struct flow *flow, const char *why, dt_time at,
			  uint64_t evidence);
/* An ICMP "unreachable" for a packet the phone sent: `flow` is the packet inside, as the phone sent
 * it. */
void observer_unreachable(struct observer *o, const struct flow *flow, bool tcp, dt_time at,
			  uint64_t evidence);

/* Is this the endpoint of a CallManager: a usual port, or one where SCCP was seen? */
bool observer_callmanager(const struct observer *o, struct endpoint e);
/* The hardware address last known behind an IP address; false when nobody has claimed it. */
bool observer_identify(const struct observer *o, struct ip4 ip, struct mac *ret_mac);

/* Takes the oldest fact out; false when there is none. */
bool observer_next_fact(struct observer *o, struct fact *ret_fact);

#endif
