/* From decoded messages to boot facts, for our own sockets and for captures alike.
 *
 * An observer is a pure machine: give it each message that was seen, with its time and evidence
 * number; take the facts out. It knows packets and facts, and neither sockets nor files.
 *
 * Identity: a phone is its hardware address. DHCP carries it; everything else carries an IP
 * address, and the observer remembers which hardware address last got or claimed each IP (DHCPACK,
 * a SEP<MAC> file name, a Register, an alarm, a SIP Contact; ARP and CDP, which are never routed).
 * The Ethernet source of an IP packet counts for nothing: behind a router many phones share one,
 * and of the first packets nobody can say whether they were routed. Facts about an IP address
 * nobody has claimed yet come out with a zero mac and the ip; the timeline joins them when the
 * claim arrives.
 *
 * Noise: what any station does (ARP, DNS, NTP, media, other connections) becomes a fact only of a
 * station that showed itself to be a phone. The latest of it is kept back for a while and told when
 * that happens.
 *
 * Everything kept has a ceiling; what was silent for longest goes first. */
#ifndef DIALTONE_OBSERVE_OBSERVER_H
#define DIALTONE_OBSERVE_OBSERVER_H

#include "boot/fact.h"
#include "proto/sccp/sccp.h"

struct observer;
struct arp;
struct cdp;
struct eapol;
struct frame_tcp;
struct icmp;
struct lldp;
struct sip_message;

/* One datagram or segment: who sent it to whom. */
struct flow {
	struct endpoint from, to;
	struct mac source; /* Ethernet source; zero when unknown (our own sockets) */
	uint16_t vlan;     /* 0 = untagged or unknown */
	uint8_t ttl;       /* 0 = unknown */
};

/* The ends of a frame that is no IP. */
struct link_ends {
	struct mac source, destination;
	uint16_t vlan;
};

#define OBSERVE_TCP_FIN 0x01
#define OBSERVE_TCP_SYN 0x02
#define OBSERVE_TCP_RST 0x04
#define OBSERVE_TCP_ACK 0x10

/* NULL when out of memory. */
struct observer *observer_new(enum vantage vantage);
void observer_free(struct observer *o);
/* What the wall clock said at time 0, in microseconds since 1970: only then can clocks be compared.
 */
void observer_set_clock(struct observer *o, dt_time unix_us);
/* Time goes on without messages: tells what was waited for in vain, as streams that fell silent.
 * Call it at least every few seconds, and with `last` true before the last facts are taken. */
void observer_expire(struct observer *o, dt_time at, bool last);

/* Frames beside IP. */
void observer_cdp(struct observer *o, const struct link_ends *ends, const struct cdp *cdp,
		  dt_time at, uint64_t evidence);
void observer_lldp(struct observer *o, const struct link_ends *ends, const struct lldp *lldp,
		   dt_time at, uint64_t evidence);
void observer_eapol(struct observer *o, const struct link_ends *ends, const struct eapol *eapol,
		    dt_time at, uint64_t evidence);
void observer_arp(struct observer *o, const struct link_ends *ends, const struct arp *arp,
		  dt_time at, uint64_t evidence);
/* Any frame to everybody, once each: how many there are is a fact of its own. */
void observer_broadcast(struct observer *o, uint16_t vlan, dt_time at, uint64_t evidence);

/* A UDP payload from or to port 67/68. */
void observer_dhcp(struct observer *o, const struct flow *flow, struct slice payload, dt_time at,
		   uint64_t evidence);
/* A UDP payload that is, or belongs to, a TFTP transfer: requests to port 69, and whatever follows
 * from the client's port. Returns false when it is no packet of a transfer known here. */
bool observer_tftp(struct observer *o, const struct flow *flow, struct slice payload, dt_time at,
		   uint64_t evidence);
/* UDP payloads from or to ports 53 and 123. */
void observer_dns(struct observer *o, const struct flow *flow, struct slice payload, dt_time at,
		  uint64_t evidence);
void observer_ntp(struct observer *o, const struct flow *flow, struct slice payload, dt_time at,
		  uint64_t evidence);
/* A UDP payload that could be RTP; returns false when it is none. */
bool observer_rtp(struct observer *o, const struct flow *flow, struct slice payload, dt_time at,
		  uint64_t evidence);
/* A datagram, or a message of a stream, that is SIP. `bytes` is its size. */
void observer_sip(struct observer *o, const struct flow *flow, const struct sip_message *message,
		  size_t bytes, dt_time at, uint64_t evidence);
/* An ICMP message with the packet it quotes, if any; `flow` is that of the ICMP message itself. */
void observer_icmp(struct observer *o, const struct flow *flow, const struct icmp *icmp, dt_time at,
		   uint64_t evidence);
/* An ICMP "unreachable" for a packet the phone sent: `flow` is the packet inside, as the phone sent
 * it. */
void observer_unreachable(struct observer *o, const struct flow *flow, bool tcp, dt_time at,
			  uint64_t evidence);
/* A datagram of which only fragments of so many bytes were seen. */
void observer_fragment_lost(struct observer *o, const struct flow *flow, uint8_t protocol,
			    uint32_t bytes, dt_time at, uint64_t evidence);

/* A segment's control bits, once per segment with SYN, FIN or RST and for the ACK that completes a
 * handshake (others may be given too and are ignored). For who sees connections, not segments. */
void observer_tcp(struct observer *o, const struct flow *flow, unsigned flags, dt_time at,
		  uint64_t evidence);
/* A whole segment as seen on the wire, in the order of the wire. */
void observer_segment(struct observer *o, const struct flow *flow, const struct frame_tcp *tcp,
		      dt_time at, uint64_t evidence);
/* Are the bytes of this connection worth putting in order? */
bool observer_wants(struct observer *o, const struct flow *flow);
/* Bytes of one direction of such a connection, in order, each once. `gap`: some are missing before
 * them. */
void observer_bytes(struct observer *o, const struct flow *flow, struct slice bytes, bool gap,
		    dt_time at, uint64_t evidence);
/* One decoded SCCP message. Direction follows from the message id, else from the ports. */
void observer_sccp(struct observer *o, const struct flow *flow, const struct sccp_message *message,
		   dt_time at, uint64_t evidence);
/* A stream that stopped being SCCP frames. */
void observer_sccp_broken(struct observer *o, const struct flow *flow, const char *why, dt_time at,
			  uint64_t evidence);

/* Is this the endpoint of a CallManager: a usual port, or one where SCCP was seen? */
bool observer_callmanager(const struct observer *o, struct endpoint e);
/* The hardware address last known behind an IP address; false when nobody has claimed it. */
bool observer_identify(const struct observer *o, struct ip4 ip, struct mac *ret_mac);

/* Takes the oldest fact out; false when there is none. */
bool observer_next_fact(struct observer *o, struct fact *ret_fact);

/* One message as a line, for who shows them all (dialtone ladder). */
struct observed_message {
	dt_time at;
	uint64_t evidence;
	struct mac
	    mac; /* the phone's, as far as it was known then; all zero: nobody in particular */
	struct ip4 ip;
	struct endpoint peer; /* zero for messages that are no IP */
	uint16_t vlan;
	bool by_phone;
	char protocol[8];
	char words[1000]; /* raw text of peers in it: escape on the way out */
};

/* From now on messages are told as well. 0, or -1 without memory. */
int observer_tell_messages(struct observer *o);
bool observer_next_message(struct observer *o, struct observed_message *ret_message);

#endif
