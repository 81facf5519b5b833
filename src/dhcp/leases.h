/* The lease table: every binding this server has given, by address and by hardware address.
 *
 *   free --offer--> offered --commit pending--> pending --committed--> bound --expired-->
 * remembered
 *                      \--60 s or another server chosen--> free
 * A remembered binding is free for others, but its phone gets the same address again when it can.
 */
#ifndef DIALTONE_DHCP_LEASES_H
#define DIALTONE_DHCP_LEASES_H

#include "base/map.h"
#include "model/lease.h"

#define LEASES_MAX 65536

struct lease_entry {
	struct ip4 ip;
	/* What the disk holds: zero mac and not declined = nothing. */
	struct lease stored;
	bool is_stored;
	/* An address promised in an OFFER, or asked for while its commit is under way. */
	struct mac held_for;
	dt_time held_until;                /* offers; DT_NEVER while a commit is pending */
	uint64_t ticket;                   /* the commit under way; 0 = none */
	struct lease_entry *older, *newer; /* in order of last use: the longest unused goes first */
};

struct leases {
	struct map by_ip;  /* owns the entries */
	struct map by_mac; /* the entry last bound to or held for this phone */
	struct lease_entry *oldest, *newest;
	/* The search for an address: which range, how far its never-used ones are given out, and
	 * until when it is known to have none. */
	struct ip4 first, last;
	uint32_t fresh;
	dt_time none_until;
};

void leases_init(struct leases *l);
void leases_done(struct leases *l);
struct lease_entry *leases_find(const struct leases *l, struct ip4 ip);
struct lease_entry *leases_of(const struct leases *l, struct mac mac);
/* The entry of an address, made when new. NULL when full or out of memory. */
struct lease_entry *leases_entry(struct leases *l, struct ip4 ip);
/* Used just now: the last to be given to somebody else. */
void leases_touch(struct leases *l, struct lease_entry *entry);
/* An address may have become free: a search that found none before may find one. */
void leases_freed(struct leases *l);
/* Remembers that this phone was last at this address. */
void leases_assign(struct leases *l, struct lease_entry *entry, struct mac mac);
/* May this phone have the address at `now`? Not when somebody else's binding, offer or pending
 * commit stands in the way, or a DHCPDECLINE parked it. */
bool leases_available(const struct lease_entry *entry, struct mac mac, dt_time now);
/* Unexpired and this phone's, on disk. */
bool leases_bound(const struct lease_entry *entry, struct mac mac, dt_time now);
/* The address of the range that nobody has and that has been unused longest; NULL when there is
 * none. `reserved` says of an address that it belongs to a reservation. Constant time but for the
 * first search of a used-up range, and then once in ten seconds. */
struct lease_entry *leases_pick(struct leases *l, struct ip4 first, struct ip4 last, struct mac mac,
				dt_time now, bool (*reserved)(const void *context, struct ip4 ip),
				const void *context);

#endif
