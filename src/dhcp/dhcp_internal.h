/* What the files of dhcp/ share. */
#ifndef DIALTONE_DHCP_DHCP_INTERNAL_H
#define DIALTONE_DHCP_DHCP_INTERNAL_H

#include "base/buf.h"
#include "dhcp/dhcp_server.h"
#include "dhcp/leases.h"

#define DHCP_OFFER_HOLD   DT_SECONDS(60)
#define DHCP_DECLINE_HOLD DT_SECONDS(3600)
#define DHCP_TEMPORARY_S  300u
/* A REQUEST repeated after this long does not wait for its commit any more. */
#define DHCP_COMMIT_SLOW  DT_SECONDS(2)
/* The disk keeps a binding this much longer than was promised, so that the time the commit took
 * does not come off a round lease. */
#define DHCP_LEASE_GRACE  DT_SECONDS(1)
#define DHCP_QUEUE_MAX    4096
#define DHCP_WAITING_MAX  20000
#define DHCP_OWN_MAX      32

/* A subnet with its lists read. */
struct dhcp_net {
	struct subnet subnet;
	struct subnet_range pool[SUBNET_RANGES_MAX], phones[SUBNET_RANGES_MAX];
	size_t pool_count, phones_count;
	struct ip4 tftp1; /* this server when the subnet names none */
	char tftp_text[IP4_TEXT_SIZE];
};

/* A REQUEST, RELEASE or DECLINE whose change is under way. */
struct dhcp_waiting {
	uint64_t ticket;
	enum change_kind kind;
	struct lease lease; /* what the disk will hold, or hold no longer */
	dt_time since;
	struct dhcp_arrival arrival;
	bool answer;        /* somebody waits for an ACK */
	struct buf request; /* the datagram to answer */
};

/* A DHCP message on its way to be acted upon. */
struct dhcp_input {
	const struct dhcp_arrival *arrival;
	struct slice datagram;
	struct dhcp_message m;
	const struct dhcp_net *net;
	bool is_phone; /* a Cisco phone by its vendor class, or in the database */
	dt_time now;
};

struct dhcp_queued;
struct dhcp_queue {
	struct dhcp_queued *first, *last;
	size_t count;
};

struct dhcp_server {
	struct reg *reg;
	struct leases leases;
	/* The records by network, and after them the settings' own subnet; made anew when those of
	 * the registrar are others. */
	struct dhcp_net *net;
	size_t net_count;
	struct settings settings;
	uint64_t generation, stamp; /* of the registrar, and of its subnets, at that time */
	struct map waiting;         /* ticket to struct dhcp_waiting, owned */
	struct dhcp_queue replies, changes, events;
	uint64_t next_ticket;
	/* The last count for POOL_EMPTY: of which list, when, what. */
	const struct subnet_range *counted;
	dt_time counted_at;
	uint32_t counted_parked, counted_guests;
	struct dhcp_other other[DHCP_OTHERS_MAX];
	size_t other_count;
	struct ip4 own[DHCP_OWN_MAX];
	size_t own_count;
};

/* A Cisco phone by its vendor class, or in the database. */
bool dhcp_is_phone(const struct dhcp_server *s, const struct dhcp_message *m);
/* nets.c: which subnet an address lies in; NULL when in none. */
const struct dhcp_net *dhcp_net_of(const struct dhcp_server *s, struct ip4 ip);
/* Takes over subnets and settings that were changed. Without memory the old ones hold. */
void dhcp_nets_refresh(struct dhcp_server *s);
/* The subnet a message is about; NULL when it is not ours to answer. */
const struct dhcp_net *dhcp_net_choose(struct dhcp_server *s, const struct dhcp_arrival *arrival,
				       const struct dhcp_message *m);
/* How long leases of this subnet are given for. */
uint32_t dhcp_net_lease_s(const struct dhcp_server *s, const struct dhcp_net *net);

/* addresses.c: the address reserved for this phone in its record, when it lies in this subnet; zero
 * when there is none. */
struct ip4 dhcp_reservation(const struct dhcp_server *s, const struct dhcp_net *net,
			    struct mac mac);
/* May this server give this address to this client at all? */
bool dhcp_is_ours(const struct dhcp_server *s, const struct dhcp_input *in, struct ip4 ip);
/* Reservation, then the address it had, then the one it asks for, then the one longest unused. */
struct lease_entry *dhcp_choose_address(struct dhcp_server *s, const struct dhcp_input *in);
/* The event that says why there was none. */
void dhcp_tell_no_address(struct dhcp_server *s, const struct dhcp_input *in);

/* commits.c: the binding this REQUEST asks for goes to disk; the ACK follows its commit. */
void dhcp_bind_and_ack(struct dhcp_server *s, const struct dhcp_input *in,
		       struct lease_entry *entry);
/* Queues a change and remembers who waits for it. NULL when there is no room: the client asks
 * again. */
struct dhcp_waiting *dhcp_submit(struct dhcp_server *s, enum change_kind kind,
				 const struct lease *lease, dt_time now);
void dhcp_waiting_free(struct dhcp_waiting *w);

/* reply.c: builds and queues an answer. `ip` is yiaddr (zero for INFORM and NAK); `words` goes into
 * option 56, "" = none. */
struct dhcp_answer {
	enum dhcp_type type;
	struct ip4 ip;
	uint32_t lease_s; /* 0 = without a lease */
	const char *words;
};
void dhcp_reply_send(struct dhcp_server *s, const struct dhcp_input *in,
		     const struct dhcp_answer *answer);

/* others.c: is this one of our own addresses? */
bool dhcp_is_own(const struct dhcp_server *s, struct ip4 ip);
/* A server that is not ours was named by a client, or answered one. */
void dhcp_other_seen(struct dhcp_server *s, struct ip4 server, struct mac client, dt_time now);

/* queue.c: results of inputs, as bytes. Each add returns false when full or out of memory: the
 * client will ask again. */
bool dhcp_queue_add(struct dhcp_queue *q, const void *value, size_t size);
bool dhcp_queue_take(struct dhcp_queue *q, void *ret_value);
void dhcp_queue_free(struct dhcp_queue *q);
void dhcp_event_add(struct dhcp_server *s, enum dhcp_event_kind kind, struct mac mac,
		    struct ip4 ip);
void dhcp_event_queue(struct dhcp_server *s, const struct dhcp_event *event);

#endif
