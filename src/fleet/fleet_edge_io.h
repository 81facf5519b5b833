/* One process's phones and their edge: what the *_io files of fleet/ share. */
#ifndef DIALTONE_FLEET_FLEET_EDGE_IO_H
#define DIALTONE_FLEET_FLEET_EDGE_IO_H

#include "base/map.h"
#include "base/rand.h"
#include "fleet/fleet_internal.h"
#include "net/iface.h"
#include "net/packet.h"
#include "net/tcp.h"
#include "net/udp.h"

#define MEMBER_LINKS 5 /* active, standby, the one that looks for a better one, a file, a spare */

struct edge;
struct member;
struct fleet_port;
struct fleet_tagged;
struct fleet_vlan;
struct fleet_wire;

struct member_link {
	struct member *member;
	struct tcp *tcp;
	struct endpoint to;
	unsigned number; /* the phone's; 0 = free */
};

struct member {
	struct edge *edge;
	struct phone *phone;
	struct fleet_record *record;
	struct mac mac;
	struct timer *timer;
	struct ip4 ip; /* routed to this host */
	struct ip4 mask, router;
	struct fleet_tagged *tagged; /* its voice VLAN, and whom it knows there; NULL = none */
	struct member *next_waiting; /* for its switch's word */
	bool waiting;
	struct fleet_port *port; /* its transfer's, shared with others; NULL = none */
	struct udp *udp;         /* or one of its own */
	uint16_t udp_port;       /* the phone's number for it */
	struct member_link link[MEMBER_LINKS];
	struct fleet_watch *watch; /* it has had trouble */
	dt_time entered[PHONE_REJECTED + 1];
	dt_time on_at;             /* powered on then; DT_NEVER = it is on */
	enum phone_state furthest; /* it has ever been */
};

/* Bytes for one connection, gathered. */
struct outgoing {
	unsigned number;
	size_t len;
	uint8_t bytes[PHONE_BYTES_MAX * 2];
};

/* Datagrams of one socket that leave together, since those they answer came together. */
struct outbox {
	struct udp *udp; /* NULL: each goes at once */
	size_t count;
	struct udp_message message[UDP_MANY];
	uint8_t bytes[UDP_MANY][PHONE_BYTES_MAX];
};

struct edge {
	const struct fleet_part *part;
	const struct fleet_options *options;
	struct loop *loop;
	struct iface iface;
	struct udp *dhcp;
	struct packet *packet;
	struct fleet_wire *wire; /* NULL: nobody listens for a switch */
	struct fleet_vlan *vlan; /* NULL: no phone has a tag yet */
	struct ip4 relay;
	struct phone_memo *memo;
	struct map by_mac;
	struct map by_ip; /* those with an address of their own */
	struct map ports; /* by number */
	struct member *members;
	struct timer *end, *tick, *cut;
	struct watch *signals[2];
	struct rand rand;
	dt_time nearer_at; /* when a phone last came nearer to its goal */
	double churned;    /* phones due for a power cycle */
	struct outgoing outgoing;
	struct outbox outbox;
	unsigned watched, off;
	bool leaving, stopped;
};

/* fleet_io.c */
dt_time edge_since(const struct edge *e); /* the start */

/* fleet_member_io.c: what a phone wants done. */
void member_pump(struct member *m);
/* Where it is reached, for its watch: phones may share an address. */
struct endpoint member_own(const struct member *m, uint16_t port);
void member_close_all(struct member *m, bool at_once);
void member_drop_address(struct member *m);
/* A DHCP message from the network, for whichever phone it is. */
void member_dhcp_arrived(struct edge *e, struct endpoint from, struct slice datagram);
/* The TTL of the model where it is not this host's. */
uint8_t member_ttl(const struct member *m);

/* fleet_port_io.c: the sockets of transfers. */
void port_send(struct member *m, const struct phone_action *a);
void port_drop(struct member *m); /* its transfer is over */
/* From here on what this socket sends waits, until it is full or flushed. */
void outbox_gather(struct edge *e, struct udp *udp);
void outbox_flush(struct edge *e);
/* What waits goes now, and what comes after it waits again. */
void outbox_send_all(struct edge *e);
void outbox_send(struct edge *e, struct udp *udp, const struct udp_message *message);

/* fleet_record.c: what became of it, for the report. */
void record_state(struct member *m, enum phone_state state, dt_time now);
void record_view(struct member *m);

/* fleet_wire_io.c: CDP, LLDP and ARP of all the phones on one interface. */
int wire_open(struct edge *e);
void wire_close(struct edge *e);
void wire_wait(struct member *m); /* it listens for its switch now */
void wire_send(struct member *m, struct slice frame);
void wire_arp(struct edge *e, struct slice frame); /* for those who ask whether it is taken */

/* fleet_vlan_io.c: phones with an 802.1Q tag. */
void vlan_set(struct member *m, const struct phone_tag *tag);
void vlan_drop(struct member *m);
void vlan_close(struct edge *e);
/* The interface its sockets leave by; NULL: routing decides. */
const char *vlan_interface(const struct member *m);
/* Its own address, ours now or no longer. */
void vlan_address(const struct member *m, bool ours);
/* An IPv4 packet from it, to whoever leads there. */
void vlan_send(struct member *m, struct slice packet);

#endif
