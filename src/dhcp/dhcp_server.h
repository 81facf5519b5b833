/* The DHCP server (RFC 2131), as a pure machine.
 *
 * It reads subnets, settings and reservations from the registrar's memory, keeps the leases,
 * and never acknowledges what the disk does not hold: an ACK waits for its ticket. When the disk
 * fails, or takes more than two seconds, a known binding is acknowledged for what the disk still
 * holds of it, a reservation in full (its record is on the disk), and a phone nobody knew gets five
 * minutes from memory, marked as temporary. A request repeated while its ticket is pending does not
 * start a second one. */
#ifndef DIALTONE_DHCP_DHCP_SERVER_H
#define DIALTONE_DHCP_DHCP_SERVER_H

#include "base/time.h"
#include "model/change.h"
#include "model/subnet.h"
#include "proto/dhcp/dhcp.h"
#include "reg/reg.h"

#define DHCP_OTHERS_MAX 8 /* DHCP servers that are not ours, remembered */

struct dhcp_server;

/* Where a datagram came in. */
struct dhcp_arrival {
	struct endpoint from;
	struct ip4 local;   /* our address on that interface, or the destination when it was ours */
	uint32_t interface; /* the edge's own number; copied to the reply */
};

/* How a reply must leave (RFC 2131 section 4.1). */
enum dhcp_way {
	DHCP_TO_RELAY,     /* UDP to giaddr port 67 */
	DHCP_TO_ADDRESS,   /* UDP to ciaddr port 68 */
	DHCP_TO_HARDWARE,  /* to `to.ip` at hardware address `mac`, which cannot answer ARP yet */
	DHCP_TO_BROADCAST, /* 255.255.255.255 port 68 */
};

struct dhcp_reply {
	enum dhcp_way way;
	struct endpoint to;
	struct mac mac;
	struct ip4 local; /* source address */
	uint32_t interface;
	size_t len;
	uint8_t bytes[DHCP_MESSAGE_MAX];
};

/* What happened beside the packets; for facts, alarms and counters. */
enum dhcp_event_kind {
	DHCP_EVENT_NO_SUBNET,    /* ip: the relay address no subnet holds */
	DHCP_EVENT_POOL_EMPTY,   /* nothing free for mac; ip: the first address there could be,
				    number: how many there are, of them parked after DECLINE, and
				    leased   by what is no phone (counted at most once a second) */
	DHCP_EVENT_NO_OFFER,     /* mac was not answered for another reason: why */
	DHCP_EVENT_DECLINED,     /* mac found ip in use; it is parked */
	DHCP_EVENT_STORE_FAILED, /* mac's lease of ip could not be written */
	DHCP_EVENT_STORE_SLOW, /* mac asks again for ip, whose commit is still under way; number[0]:
				  milliseconds so far, [1]: how many wait */
	DHCP_EVENT_TEMPORARY,  /* mac was given five minutes of ip, from memory */
	DHCP_EVENT_OTHER_SERVER, /* ip: a DHCP server that is not ours; mac: the client it was for.
				    Once in ten minutes a server */
};

struct dhcp_event {
	enum dhcp_event_kind kind;
	struct mac mac;
	struct ip4 ip;
	uint32_t number[3];
	const char *why; /* static; NULL but for NO_OFFER */
};

/* A DHCP server that is not ours. */
struct dhcp_other {
	struct ip4 ip;
	struct mac client; /* the last one it was seen with */
	dt_time first, last, told;
};

/* `reg` outlives the server. NULL when out of memory. */
struct dhcp_server *dhcp_server_new(struct reg *reg);
void dhcp_server_free(struct dhcp_server *s);
/* At start: what the store holds. 0, E_FULL, E_NO_MEMORY. */
int dhcp_server_load_lease(struct dhcp_server *s, const struct lease *lease);

/* Addresses of this host: who answers from there is no stranger, as little as a node of the
 * records. At most 32; more are not remembered. */
void dhcp_server_set_own(struct dhcp_server *s, const struct ip4 *own, size_t count);

void dhcp_server_input(struct dhcp_server *s, const struct dhcp_arrival *arrival,
		       struct slice datagram, dt_time now);
/* A server's message that was overheard on the wire, our own included; for DHCP_EVENT_OTHER_SERVER.
 * true when it is a stranger's. */
bool dhcp_server_overheard(struct dhcp_server *s, struct ip4 from, struct slice datagram,
			   dt_time now);
void dhcp_server_commit_done(struct dhcp_server *s, uint64_t ticket, bool ok, dt_time now);
bool dhcp_server_next_output(struct dhcp_server *s, struct dhcp_reply *ret_reply);
bool dhcp_server_next_change(struct dhcp_server *s, struct change *ret_change);
bool dhcp_server_next_event(struct dhcp_server *s, struct dhcp_event *ret_event);

/* The lease of an address or of a phone; NULL when none (or expired at `now`). */
const struct lease *dhcp_server_lease_by_ip(const struct dhcp_server *s, struct ip4 ip,
					    dt_time now);
const struct lease *dhcp_server_lease_by_mac(const struct dhcp_server *s, struct mac mac,
					     dt_time now);
/* All stored and temporary leases by address, expired ones too. The caller frees the array with
 * alloc_free; the leases in it are valid until the next input. NULL when there is none, or no
 * memory. */
const struct lease **dhcp_server_lease_list(const struct dhcp_server *s, size_t *ret_count);
/* DHCP servers that are not ours, in no order. Valid until the next input. */
const struct dhcp_other *dhcp_server_others(const struct dhcp_server *s, size_t *ret_count);

#endif
