/* The lease table: who may have what, in which order, at what cost. */
#include "site.h"

#include "base/error.h"
#include "base/rand.h"
#include "dhcp/leases.h"

static bool nobodys(const void *context, struct ip4 ip)
{
	const uint32_t *reserved = context;
	return reserved != NULL && ip4_number(ip) == *reserved;
}

static struct subnet_range range(uint32_t first, uint32_t last)
{
	return (struct subnet_range){ip4_of(first), ip4_of(last)};
}

/* Picked and held until a time; the address. 0: none. */
static uint32_t take(struct leases *l, uint32_t within, dt_time until, dt_time now)
{
	static uint32_t n;
	struct lease_entry *entry = leases_pick(l, ip4_of(within), now, nobodys, NULL);
	if (entry == NULL)
		return 0;
	leases_assign(l, entry, numbered(++n));
	entry->lease.mac = numbered(n);
	entry->lease.expires = until;
	entry->is_stored = true;
	leases_settle(l, entry);
	return ip4_number(entry->lease.ip);
}

TEST("never-used addresses come first, then the one free for longest")
{
	struct leases l;
	const struct subnet_range r = range(10, 12);
	leases_init(&l);
	assert_int_equal(leases_set_ranges(&l, &r, 1), 0);
	assert_int_equal(take(&l, 11, 300, 1), 10);
	assert_int_equal(take(&l, 11, 100, 1), 11);
	assert_int_equal(take(&l, 11, 200, 1), 12);
	assert_int_equal(take(&l, 11, 900, 99), 0);
	assert_int_equal(take(&l, 11, 900, 250), 11);
	assert_int_equal(take(&l, 11, 900, 250), 12);
	assert_int_equal(take(&l, 11, 900, 250), 0);
	assert_int_equal(take(&l, 11, 900, 300), 10);
	leases_done(&l);
}

TEST("two ranges do not mix, and an address in both belongs to the first")
{
	struct leases l;
	const struct subnet_range r[] = {range(20, 25), range(10, 21)};
	leases_init(&l);
	assert_int_equal(leases_set_ranges(&l, r, 2), 0);
	assert_int_equal(take(&l, 25, 900, 1), 22);
	assert_int_equal(take(&l, 21, 900, 1), 10);
	assert_int_equal(take(&l, 30, 900, 1), 0);
	leases_done(&l);
}

TEST("new ranges keep every lease and its place in the order")
{
	struct leases l;
	const struct subnet_range narrow = range(10, 14);
	const struct subnet_range wide = range(8, 14);
	leases_init(&l);
	assert_int_equal(leases_set_ranges(&l, &narrow, 1), 0);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(take(&l, 10, 500 - i, 1), 10 + i);
	assert_int_equal(leases_set_ranges(&l, &wide, 1), 0);
	assert_int_equal(take(&l, 10, 9000, 600), 8);
	assert_int_equal(take(&l, 10, 9000, 600), 9);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(take(&l, 10, 9000, 600), 14 - i);
	leases_done(&l);
}

TEST("a reserved address is passed over once, and found again when it is free to give")
{
	struct leases l;
	const struct subnet_range r = range(10, 11);
	uint32_t reserved = 10;
	leases_init(&l);
	assert_int_equal(leases_set_ranges(&l, &r, 1), 0);
	assert_int_equal(take(&l, 10, 5, 1), 10);
	assert_int_equal(take(&l, 10, 900, 1), 11);
	assert_null(leases_pick(&l, ip4_of(10), 100, nobodys, &reserved));
	assert_null(leases_pick(&l, ip4_of(10), 100, nobodys, NULL));
	assert_non_null(leases_pick(&l, ip4_of(10), 100 + DT_SECONDS(10), nobodys, NULL));
	leases_done(&l);
}

TEST("an offer nobody came back for is given away before the pool counts as empty")
{
	struct leases l;
	const struct subnet_range r = range(10, 10);
	leases_init(&l);
	assert_int_equal(leases_set_ranges(&l, &r, 1), 0);
	struct lease_entry *entry = leases_pick(&l, ip4_of(10), 0, nobodys, NULL);
	leases_assign(&l, entry, phone_a);
	entry->held_until = DT_SECONDS(60);
	leases_settle(&l, entry);
	assert_null(leases_pick(&l, ip4_of(10), DT_SECONDS(9), nobodys, NULL));
	assert_ptr_equal(leases_pick(&l, ip4_of(10), DT_SECONDS(10), nobodys, NULL), entry);
	leases_done(&l);
}

TEST("each address is remembered for one phone, so that made-up ones never use up the memory")
{
	struct leases l;
	const struct subnet_range r = range(10, 10);
	leases_init(&l);
	assert_int_equal(leases_set_ranges(&l, &r, 1), 0);
	struct lease_entry *entry = leases_entry(&l, ip4_of(10));
	for (uint32_t i = 0; i < 1000; i++)
		leases_assign(&l, entry, numbered(i));
	assert_int_equal(l.by_mac.count, 1);
	assert_ptr_equal(leases_of(&l, numbered(999)), entry);
	assert_null(leases_of(&l, numbered(998)));
	leases_done(&l);
}

TEST("whatever happens to them, the top of a range's order is the first to be free")
{
	struct rand rand = rand_of(4);
	struct leases l;
	const struct subnet_range r[] = {range(100, 199), range(300, 349)};
	leases_init(&l);
	assert_int_equal(leases_set_ranges(&l, r, 2), 0);
	for (int step = 0; step < 20000; step++) {
		uint32_t ip = (uint32_t)rand_below(&rand, 400);
		struct lease_entry *e = leases_entry(&l, ip4_of(ip == 0 ? 1 : ip));
		assert_non_null(e);
		e->ticket = rand_below(&rand, 8) == 0;
		e->is_stored = rand_below(&rand, 2) == 0;
		e->lease.expires = (dt_time)rand_below(&rand, 1000);
		e->held_until = (dt_time)rand_below(&rand, 1000);
		leases_settle(&l, e);
		(void)leases_pick(&l, ip4_of(100), (dt_time)rand_below(&rand, 1000), nobodys, NULL);
		if (step % 1000 == 0)
			assert_int_equal(leases_set_ranges(&l, r, 2), 0);
		for (size_t i = 0; i < l.range_count && step % 10 == 0; i++) {
			for (size_t k = 1; k < l.range[i].count; k++)
				assert_true(leases_free_at(l.range[i].heap[(k - 1) / 2]) <=
					    leases_free_at(l.range[i].heap[k]));
		}
	}
	leases_done(&l);
}

TEST("a lease takes at most 200 bytes")
{
	struct leases l;
	const struct subnet_range r = range(0x0a000001, 0x0a00ffff);
	leases_init(&l);
	assert_int_equal(leases_set_ranges(&l, &r, 1), 0);
	/* Just after the maps have grown: the worst of moments. */
	const size_t count = 49153;
	for (size_t i = 0; i < count; i++)
		assert_int_not_equal(take(&l, 0x0a000001, 900, 1), 0);
	size_t bytes = count * (sizeof(struct lease_entry) + 16) +
		       l.range[0].size * sizeof(void *) +
		       (l.by_ip.size + l.by_mac.size) * sizeof(struct map_slot);
	assert_in_range(bytes / count, 1, 200);
	leases_done(&l);
}

HARNESS_OOM("the lease table survives any allocation failing")
{
	struct leases l;
	const struct subnet_range r[] = {range(10, 19), range(30, 39)};
	int error = 0;
	leases_init(&l);
	for (int round = 0; round < 2 && error == 0; round++) {
		error = leases_set_ranges(&l, r, 2);
		for (uint32_t i = 0; i < 20 && error == 0; i++) {
			struct lease_entry *e = leases_entry(&l, ip4_of(i + 10));
			error = e == NULL ? E_NO_MEMORY : 0;
			if (e != NULL)
				leases_assign(&l, e, numbered(i));
		}
	}
	leases_done(&l);
	return error;
}
