#include "dhcp/leases.h"

#include "base/alloc.h"

void leases_init(struct leases *l)
{
	map_init(&l->by_ip, LEASES_MAX);
	map_init(&l->by_mac, LEASES_MAX);
	l->clock = 0;
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

struct lease_entry *leases_entry(struct leases *l, struct ip4 ip)
{
	struct lease_entry *entry = leases_find(l, ip);

	if (entry != NULL)
		return entry;
	entry = alloc_zero(1, sizeof *entry);
	if (entry == NULL)
		return NULL;
	entry->ip = ip;
	if (map_put(&l->by_ip, ip4_number(ip), entry) == 0)
		return entry;
	alloc_free(entry);
	return NULL;
}

void leases_assign(struct leases *l, struct lease_entry *entry, struct mac mac)
{
	entry->used = ++l->clock;
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

struct lease_entry *leases_pick(struct leases *l, struct ip4 first, struct ip4 last, struct mac mac,
				dt_time now, bool (*reserved)(const void *context, struct ip4 ip),
				const void *context)
{
	struct lease_entry *oldest = NULL;

	for (uint32_t n = ip4_number(first); n != 0 && n <= ip4_number(last); n++) {
		struct ip4 ip = ip4_of(n);
		struct lease_entry *entry = leases_find(l, ip);
		if (reserved(context, ip))
			continue;
		if (entry == NULL)
			return leases_entry(l, ip);
		if (leases_available(entry, mac, now) &&
		    (oldest == NULL || entry->used < oldest->used))
			oldest = entry;
	}
	return oldest;
}
