/* What the files of dhcp/ share. */
#ifndef DIALTONE_DHCP_DHCP_INTERNAL_H
#define DIALTONE_DHCP_DHCP_INTERNAL_H

#include "dhcp/dhcp_server.h"
#include "dhcp/leases.h"

#define DHCP_OFFER_HOLD   DT_SECONDS(60)
#define DHCP_DECLINE_HOLD DT_SECONDS(3600)
#define DHCP_QUEUE_MAX    4096

/* A request whose answer waits for a commit, with what the answer needs. */
struct dhcp_waiting {
	uint64_t ticket;
	struct lease lease; /* what the disk will hold */
	bool answer;        /* false: a RELEASE or DECLINE, nobody waits */
	struct dhcp_arrival arrival;
	struct dhcp_message request;
};

/* Results of one input, oldest first; taken out by the edge. */
struct dhcp_queued {
	enum { QUEUED_REPLY, QUEUED_CHANGE, QUEUED_EVENT } kind;
	union {
		struct dhcp_reply reply;
		struct change change;
		struct dhcp_event event;
	};
	struct dhcp_queued *next;
};

struct dhcp_queue {
	struct dhcp_queued *first, *last;
	size_t count;
};

struct dhcp_server {
	struct reg *reg;
	struct leases leases;
	struct map waiting; /* ticket to struct dhcp_waiting, owned */
	struct dhcp_queue replies, changes, events;
	uint64_t next_ticket;
};

/* reply.c: builds and queues an answer to `request`. `ip` is yiaddr (zero for INFORM and NAK). */
void dhcp_reply_send(struct dhcp_server *s, const struct dhcp_arrival *arrival,
		     const struct dhcp_message *request, enum dhcp_type type, struct ip4 ip,
		     uint32_t lease_s);
void dhcp_event_add(struct dhcp_server *s, enum dhcp_event_kind kind, struct mac mac,
		    struct ip4 ip);
/* A queue entry, or NULL when full or out of memory: the client will ask again. */
struct dhcp_queued *dhcp_queue_add(struct dhcp_queue *q);
bool dhcp_queue_take(struct dhcp_queue *q, struct dhcp_queued *ret);

#endif
