#include "dhcp/leases.h"

#include "base/alloc.h"
#include "base/error.h"
#include "dhcp/dhcp_internal.h"

#define LOOK_AGAIN DT_SECONDS(10)
#define OFFER_WAIT DT_SECONDS(10)

void leases_init(struct leases *l)
{
	*l = (struct leases){0};
	map_init(&l->by_ip, LEASES_MAX);
	map_init(&l->by_mac, LEASES_MAX);
}

static void free_ranges(struct lease_range *range, size_t count)
{
	for (size_t i = 0; i < count; i++)
		alloc_free(range[i].heap);
	alloc_free(range);
}

void leases_done(struct leases *l)
{
	size_t at = 0;
	struct lease_entry *entry = NULL;

	while ((entry = map_next(&l->by_ip, &at)) != NULL)
		alloc_free(entry);
	map_done(&l->by_ip);
	map_done(&l->by_mac);
	free_ranges(l->range, l->range_count);
}

struct lease_entry *leases_find(const struct leases *l, struct ip4 ip)
{
	return map_get(&l->by_ip, ip4_number(ip));
}

struct lease_entry *leases_of(const struct leases *l, struct mac mac)
{
	return map_get(&l->by_mac, mac_key(mac));
}

/* The range an address lies in; NULL when in none. */
static struct lease_range *range_of(const struct leases *l, struct ip4 ip)
{
	uint32_t n = ip4_number(ip);
	size_t low = 0;
	size_t high = l->range_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (l->range[middle].last < n)
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->range_count && l->range[low].first <= n ? &l->range[low] : NULL;
}

static bool is_binding(const struct lease_entry *entry)
{
	return entry->is_stored || entry->lease.temporary;
}

dt_time leases_free_at(const struct lease_entry *entry)
{
	dt_time bound = is_binding(entry) ? entry->lease.expires : 0;

	if (entry->ticket != 0)
		return DT_NEVER;
	return bound > entry->held_until ? bound : entry->held_until;
}

static void put(struct lease_range *r, size_t at, struct lease_entry *entry)
{
	r->heap[at] = entry;
	entry->place = (uint32_t)at + 1;
}

/* Moves the entry to where it belongs, from `at`, which is free. */
static void sift(struct lease_range *r, size_t at, struct lease_entry *entry)
{
	dt_time when = leases_free_at(entry);

	while (at > 0 && leases_free_at(r->heap[(at - 1) / 2]) > when) {
		put(r, at, r->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	for (size_t child; (child = 2 * at + 1) < r->count; at = child) {
		if (child + 1 < r->count &&
		    leases_free_at(r->heap[child + 1]) < leases_free_at(r->heap[child]))
			child++;
		if (leases_free_at(r->heap[child]) >= when)
			break;
		put(r, at, r->heap[child]);
	}
	put(r, at, entry);
}

static void take_out(struct lease_range *r, struct lease_entry *entry)
{
	size_t at = entry->place - 1;
	struct lease_entry *last = r->heap[--r->count];

	entry->place = 0;
	if (last != entry)
		sift(r, at, last);
}

/* Room for one more in the heap, so that putting an entry there cannot fail. */
static int reserve(struct lease_range *r, size_t count)
{
	size_t size = r->size == 0 ? 8 : r->size;

	while (size < count)
		size += size / 2;
	if (size == r->size)
		return 0;
	struct lease_entry **heap = alloc_resize(r->heap, size * sizeof(void *));
	if (heap == NULL)
		return E_NO_MEMORY;
	r->heap = heap;
	r->size = size;
	return 0;
}

void leases_settle(struct leases *l, struct lease_entry *entry)
{
	if (entry->place != 0)
		sift(&l->range[entry->range - 1], entry->place - 1, entry);
}

static void join(struct lease_range *r, struct lease_entry *entry)
{
	r->aside -= entry->aside;
	entry->aside = false;
	r->count++;
	sift(r, r->count - 1, entry);
}

/* To the heap of its range, where reserve() made room. */
static void enter(struct leases *l, struct lease_entry *entry)
{
	struct lease_range *r = range_of(l, entry->lease.ip);

	entry->place = 0;
	entry->aside = false;
	entry->range = r != NULL ? (uint16_t)(r - l->range + 1) : 0;
	if (r != NULL)
		join(r, entry);
}

struct lease_entry *leases_entry(struct leases *l, struct ip4 ip)
{
	struct lease_entry *entry = leases_find(l, ip);
	struct lease_range *r = range_of(l, ip);

	if (entry != NULL)
		return entry;
	if (r != NULL && reserve(r, r->count + 1) != 0)
		return NULL;
	entry = alloc_zero(1, sizeof *entry);
	if (entry == NULL)
		return NULL;
	entry->lease.ip = ip;
	if (map_put(&l->by_ip, ip4_number(ip), entry) != 0) {
		alloc_free(entry);
		return NULL;
	}
	enter(l, entry);
	return entry;
}

void leases_assign(struct leases *l, struct lease_entry *entry, struct mac mac)
{
	if (mac_equal(entry->owner, mac) && leases_of(l, mac) == entry)
		return;
	/* Each address is remembered for one phone: hardware addresses made up by the thousand
	 * never fill the memory of the true ones. */
	if (leases_of(l, entry->owner) == entry)
		(void)map_take(&l->by_mac, mac_key(entry->owner));
	entry->owner = mac;
	/* Without room the phone merely gets another address next time. */
	if (!mac_is_zero(mac))
		(void)map_put(&l->by_mac, mac_key(mac), entry);
}

bool leases_available(const struct lease_entry *entry, struct mac mac, dt_time now)
{
	if (is_binding(entry) && entry->lease.expires > now &&
	    (entry->lease.declined || !mac_equal(entry->lease.mac, mac)))
		return false;
	return (entry->ticket == 0 && entry->held_until <= now) || mac_equal(entry->owner, mac);
}

bool leases_bound(const struct lease_entry *entry, struct mac mac, dt_time now)
{
	return entry->is_stored && !entry->lease.declined && entry->lease.expires > now &&
	       mac_equal(entry->lease.mac, mac);
}

struct search {
	dt_time now;
	bool (*reserved)(const void *context, struct ip4 ip);
	const void *context;
};

/* The next address of the range that was never used. */
static struct lease_entry *pick_fresh(struct leases *l, struct lease_range *r,
				      const struct search *s)
{
	for (; r->fresh >= r->first && r->fresh <= r->last; r->fresh++) {
		struct ip4 ip = ip4_of(r->fresh);
		if (leases_find(l, ip) == NULL && !s->reserved(s->context, ip))
			return leases_entry(l, ip);
	}
	return NULL;
}

/* The one free for longest. A reserved one leaves the heap, so that it is not met again at every
 * pick. */
static struct lease_entry *pick_oldest(struct lease_range *r, const struct search *s)
{
	while (r->count > 0 && leases_free_at(r->heap[0]) <= s->now) {
		struct lease_entry *top = r->heap[0];
		if (!s->reserved(s->context, top->lease.ip))
			return top;
		take_out(r, top);
		top->aside = true;
		r->aside++;
	}
	return NULL;
}

/* What was reserved may be so no longer. */
static void restore(struct leases *l, struct lease_range *r)
{
	struct lease_entry *entry = NULL;

	for (size_t at = 0; r->aside > 0 && (entry = map_next(&l->by_ip, &at)) != NULL;) {
		if (entry->aside && &l->range[entry->range - 1] == r)
			join(r, entry);
	}
	r->fresh = r->first;
}

/* Promised long ago for a phone, to somebody who never asked for it: made-up hardware addresses
 * must not keep the true ones out. */
static struct lease_entry *pick_forgotten(struct lease_range *r, const struct search *s)
{
	struct lease_entry *top = r->count > 0 ? r->heap[0] : NULL;

	if (top == NULL || top->ticket != 0 || (is_binding(top) && top->lease.expires > s->now) ||
	    top->held_until - s->now > DHCP_OFFER_HOLD - OFFER_WAIT ||
	    s->reserved(s->context, top->lease.ip))
		return NULL;
	return top;
}

struct lease_entry *leases_pick(struct leases *l, struct ip4 within, dt_time now,
				bool (*reserved)(const void *context, struct ip4 ip),
				const void *context)
{
	const struct search s = {now, reserved, context};
	struct lease_range *r = range_of(l, within);
	struct lease_entry *entry = NULL;

	if (r == NULL)
		return NULL;
	if ((entry = pick_fresh(l, r, &s)) != NULL || (entry = pick_oldest(r, &s)) != NULL)
		return entry;
	if (now >= r->look_again) {
		r->look_again = dt_time_add(now, LOOK_AGAIN);
		restore(l, r);
		if ((entry = pick_fresh(l, r, &s)) != NULL || (entry = pick_oldest(r, &s)) != NULL)
			return entry;
	}
	return pick_forgotten(r, &s);
}

static int by_first(const void *a, const void *b)
{
	uint32_t fa = ((const struct lease_range *)a)->first;
	uint32_t fb = ((const struct lease_range *)b)->first;

	return fa < fb ? -1 : fa > fb;
}

/* Sorted, and each address in one range only. */
static struct lease_range *make_ranges(const struct subnet_range *ranges, size_t *count)
{
	struct lease_range *made = alloc_zero(*count > 0 ? *count : 1, sizeof *made);
	size_t kept = 0;

	if (made == NULL)
		return NULL;
	for (size_t i = 0; i < *count; i++)
		made[i] = (struct lease_range){.first = ip4_number(ranges[i].first),
					       .last = ip4_number(ranges[i].last)};
	qsort(made, *count, sizeof *made, by_first);
	for (size_t i = 0; i < *count; i++) {
		struct lease_range r = made[i];
		if (kept > 0 && r.first <= made[kept - 1].last)
			r.first = made[kept - 1].last + 1;
		r.fresh = r.first;
		if (r.first != 0 && r.first <= r.last)
			made[kept++] = r;
	}
	*count = kept;
	return made;
}

int leases_set_ranges(struct leases *l, const struct subnet_range *ranges, size_t count)
{
	struct leases next = {.by_ip = l->by_ip, .range_count = count};
	struct lease_entry *entry = NULL;
	int error = 0;

	next.range = make_ranges(ranges, &next.range_count);
	if (next.range == NULL)
		return E_NO_MEMORY;
	/* Twice: first how many there will be in each, and room for them; then nothing can fail. */
	for (size_t at = 0; (entry = map_next(&l->by_ip, &at)) != NULL;) {
		struct lease_range *r = range_of(&next, entry->lease.ip);
		if (r != NULL)
			r->count++;
	}
	for (size_t i = 0; i < next.range_count && error == 0; i++) {
		error = reserve(&next.range[i], next.range[i].count);
		next.range[i].count = 0;
	}
	if (error != 0) {
		free_ranges(next.range, next.range_count);
		return error;
	}
	free_ranges(l->range, l->range_count);
	l->range = next.range;
	l->range_count = next.range_count;
	for (size_t at = 0; (entry = map_next(&l->by_ip, &at)) != NULL;)
		enter(l, entry);
	return 0;
}
