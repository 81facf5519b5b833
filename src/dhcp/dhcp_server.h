/* The DHCP server for one subnet (RFC 2131), as a pure machine.
 *
 * It reads settings, reservations and device names from the registrar's memory, keeps the leases,
 * and never acknowledges what the disk does not hold: an ACK waits for its ticket; a failed commit
 * means a known unexpired binding is ACKed for what the disk still holds, anybody else hears
 * nothing. A request repeated while its ticket is pending does not start a second one. */
#ifndef DIALTONE_DHCP_DHCP_SERVER_H
#define DIALTONE_DHCP_DHCP_SERVER_H

#include "base/time.h"
#include "model/change.h"
#include "proto/dhcp/dhcp.h"
#include "reg/reg.h"

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

/* What happened beside the packets; for facts and counters. */
enum dhcp_event_kind {
	DHCP_EVENT_NO_SUBNET,  /* ip: the relay address no subnet holds */
	DHCP_EVENT_POOL_EMPTY, /* nothing free for mac */
	DHCP_EVENT_STORE_FAILED,
};

struct dhcp_event {
	enum dhcp_event_kind kind;
	struct mac mac;
	struct ip4 ip;
};

/* `reg` outlives the server. NULL when out of memory. */
struct dhcp_server *dhcp_server_new(struct reg *reg);
void dhcp_server_free(struct dhcp_server *s);
/* At start: what the store holds. 0, E_FULL, E_NO_MEMORY. */
int dhcp_server_load_lease(struct dhcp_server *s, const struct lease *lease);

void dhcp_server_input(struct dhcp_server *s, const struct dhcp_arrival *arrival,
		       struct slice datagram, dt_time now);
void dhcp_server_commit_done(struct dhcp_server *s, uint64_t ticket, bool ok, dt_time now);
bool dhcp_server_next_output(struct dhcp_server *s, struct dhcp_reply *ret_reply);
bool dhcp_server_next_change(struct dhcp_server *s, struct change *ret_change);
bool dhcp_server_next_event(struct dhcp_server *s, struct dhcp_event *ret_event);

/* The committed lease of an address or of a phone; NULL when none (or expired at `now`). */
const struct lease *dhcp_server_lease_by_ip(const struct dhcp_server *s, struct ip4 ip,
					    dt_time now);
const struct lease *dhcp_server_lease_by_mac(const struct dhcp_server *s, struct mac mac,
					     dt_time now);
/* All stored leases by address, expired ones too. The caller frees the array with alloc_free; the
 * leases in it are valid until the next input. NULL when there is none, or no memory. */
const struct lease **dhcp_server_lease_list(const struct dhcp_server *s, size_t *ret_count);

#endif
