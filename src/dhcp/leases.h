/* The lease table: every binding this server has given, by address and by hardware address.
 *
 *   free --offer--> held --commit pending--> pending --committed--> bound --expired--> free
 *                      \--60 s or another server chosen--> free     \--released--> free
 *
 * A free address is remembered with the phone that had it, who gets it again while nobody else did.
 *
 * Addresses to give out lie in ranges. In each, the used addresses stand in a heap by the time from
 * which they are free: its top is the one free for longest, or the next to become free, and stays
 * the cheapest thing to know however many there are. Never-used addresses are counted up. A site of
 * fifty thousand leases picks as fast as one of ten; a lease takes about 150 bytes. */
#ifndef DIALTONE_DHCP_LEASES_H
#define DIALTONE_DHCP_LEASES_H

#include "base/map.h"
#include "model/lease.h"
#include "model/subnet.h"

#define LEASES_MAX       65536
#define LEASE_RANGES_MAX ((size_t)(SUBNETS_MAX + 1) * 2 * SUBNET_RANGES_MAX)

struct lease_entry {
	/* The address, and whose it is: as the disk has it when is_stored, in memory only when
	 * lease.temporary, else nobody's. */
	struct lease lease;
	/* The phone this address was last given or promised to. */
	struct mac owner;
	bool is_stored;
	bool aside;         /* passed over as reserved; not in the heap until looked at again */
	dt_time held_until; /* promised by an OFFER, or kept back */
	uint64_t ticket;    /* the commit under way; 0 = none */
	uint32_t place;     /* in its range's heap, plus one; 0 = not there */
	uint16_t range;     /* plus one; 0 = in none */
	bool is_guest;      /* the owner did not look like a phone when it asked */
};

struct lease_range {
	uint32_t first, last;
	uint32_t fresh; /* the first address never given out; beyond last: none left */
	struct lease_entry **heap;
	size_t count, size;
	size_t aside;       /* how many entries were taken out of the heap as reserved */
	dt_time look_again; /* no search for addresses that ceased to be reserved before this */
};

struct leases {
	struct map by_ip;          /* owns the entries */
	struct map by_mac;         /* the entry whose owner this is */
	struct lease_range *range; /* by first address, none overlapping */
	size_t range_count;
};

void leases_init(struct leases *l);
void leases_done(struct leases *l);
/* The ranges to pick from, in any order; overlaps are cut off. Keeps all entries. 0, or E_NO_MEMORY
 * and nothing changed. */
int leases_set_ranges(struct leases *l, const struct subnet_range *ranges, size_t count);

struct lease_entry *leases_find(const struct leases *l, struct ip4 ip);
/* The address this phone was last given. */
struct lease_entry *leases_of(const struct leases *l, struct mac mac);
/* The entry of an address, made when new. NULL when full or out of memory. */
struct lease_entry *leases_entry(struct leases *l, struct ip4 ip);
/* Remembers that this phone was last given this address; zero: nobody. */
void leases_assign(struct leases *l, struct lease_entry *entry, struct mac mac);
/* After any change of lease, held_until or ticket: the entry's place in the order. */
void leases_settle(struct leases *l, struct lease_entry *entry);
/* From when on somebody else may have it; DT_NEVER while a commit is under way. */
dt_time leases_free_at(const struct lease_entry *entry);

/* May this phone have the address at `now`? Not when somebody else's binding, offer or pending
 * commit stands in the way, or a DHCPDECLINE parked it. */
bool leases_available(const struct lease_entry *entry, struct mac mac, dt_time now);
/* Unexpired and this phone's, on disk. */
bool leases_bound(const struct lease_entry *entry, struct mac mac, dt_time now);

/* The address of the range holding `within` that was never used, else the one unused for longest,
 * else one promised to somebody who has not come back for it in ten seconds; NULL when there is
 * none. `reserved` says of an address that it is somebody's by other means. */
struct lease_entry *leases_pick(struct leases *l, struct ip4 within, dt_time now,
				bool (*reserved)(const void *context, struct ip4 ip),
				const void *context);

#endif
