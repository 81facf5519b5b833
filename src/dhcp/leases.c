#include "dhcp/leases.h"

#include "base/alloc.h"

#define SEARCH_AGAIN DT_SECONDS(10)

void leases_init(struct leases *l)
{
	*l = (struct leases){0};
	map_init(&l->by_ip, LEASES_MAX);
	map_init(&l->by_mac, LEASES_MAX);
}

void leases_done(struct leases *l)
{
	size_t at = 0;
	struct lease_entry *entry = NULL;

	while ((entry = map_next(&l->by_ip, &at)) != NULL)
		alloc_free(entry);
	map_done(&l->by_ip);
	map_done(&l->by_mac);
}

struct lease_entry *leases_find(const struct leases *l, struct ip4 ip)
{
	return map_get(&l->by_ip, ip4_number(ip));
}

struct lease_entry *leases_of(const struct leases *l, struct mac mac)
{
	return map_get(&l->by_mac, mac_key(mac));
}

static void unlink_entry(struct leases *l, struct lease_entry *entry)
{
	*(entry->older != NULL ? &entry->older->newer : &l->oldest) = entry->newer;
	*(entry->newer != NULL ? &entry->newer->older : &l->newest) = entry->older;
}

/* Never used: the first to be given out. */
static void link_oldest(struct leases *l, struct lease_entry *entry)
{
	entry->older = NULL;
	entry->newer = l->oldest;
	*(l->oldest != NULL ? &l->oldest->older : &l->newest) = entry;
	l->oldest = entry;
}

void leases_touch(struct leases *l, struct lease_entry *entry)
{
	unlink_entry(l, entry);
	entry->newer = NULL;
	entry->older = l->newest;
	*(l->newest != NULL ? &l->newest->newer : &l->oldest) = entry;
	l->newest = entry;
}

void leases_freed(struct leases *l)
{
	l->none_until = 0;
}

struct lease_entry *leases_entry(struct leases *l, struct ip4 ip)
{
	struct lease_entry *entry = leases_find(l, ip);

	if (entry != NULL)
		return entry;
	entry = alloc_zero(1, sizeof *entry);
	if (entry == NULL)
		return NULL;
	entry->ip = ip;
	if (map_put(&l->by_ip, ip4_number(ip), entry) != 0) {
		alloc_free(entry);
		return NULL;
	}
	link_oldest(l, entry);
	return entry;
}

void leases_assign(struct leases *l, struct lease_entry *entry, struct mac mac)
{
	leases_touch(l, entry);
	/* Only a memory of the last address: without room the phone merely gets another one next
	 * time. */
	if (!mac_is_zero(mac))
		(void)map_put(&l->by_mac, mac_key(mac), entry);
}

bool leases_available(const struct lease_entry *entry, struct mac mac, dt_time now)
{
	if (entry->is_stored && entry->stored.expires > now &&
	    (entry->stored.declined || !mac_equal(entry->stored.mac, mac)))
		return false;
	return entry->held_until <= now || mac_equal(entry->held_for, mac);
}

bool leases_bound(const struct lease_entry *entry, struct mac mac, dt_time now)
{
	return entry->is_stored && !entry->stored.declined && entry->stored.expires > now &&
	       mac_equal(entry->stored.mac, mac);
}

struct search {
	struct mac mac;
	dt_time now;
	bool (*reserved)(const void *context, struct ip4 ip);
	const void *context;
};

/* The next address of the range that was never used. */
static struct lease_entry *pick_fresh(struct leases *l, const struct search *s)
{
	for (; l->fresh != 0 && l->fresh <= ip4_number(l->last); l->fresh++) {
		struct ip4 ip = ip4_of(l->fresh);
		if (leases_find(l, ip) == NULL && !s->reserved(s->context, ip))
			return leases_entry(l, ip);
	}
	return NULL;
}

static struct lease_entry *pick_oldest(struct leases *l, const struct search *s)
{
	for (struct lease_entry *entry = l->oldest; entry != NULL; entry = entry->newer) {
		uint32_t n = ip4_number(entry->ip);
		if (n >= ip4_number(l->first) && n <= ip4_number(l->last) &&
		    leases_available(entry, s->mac, s->now) && !s->reserved(s->context, entry->ip))
			return entry;
	}
	return NULL;
}

struct lease_entry *leases_pick(struct leases *l, struct ip4 first, struct ip4 last, struct mac mac,
				dt_time now, bool (*reserved)(const void *context, struct ip4 ip),
				const void *context)
{
	const struct search s = {mac, now, reserved, context};

	if (!ip4_equal(l->first, first) || !ip4_equal(l->last, last)) {
		l->first = first;
		l->last = last;
		l->fresh = ip4_number(first);
		l->none_until = 0;
	}
	if (now < l->none_until)
		return NULL;
	struct lease_entry *entry = pick_fresh(l, &s);
	if (entry == NULL)
		entry = pick_oldest(l, &s);
	if (entry == NULL) {
		/* A reservation that is gone since has left an address that was passed over. */
		l->fresh = ip4_number(first);
		entry = pick_fresh(l, &s);
	}
	if (entry == NULL)
		l->none_until = dt_time_add(now, SEARCH_AGAIN);
	return entry;
}
