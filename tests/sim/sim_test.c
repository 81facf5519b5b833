/* The deterministic world: the same seed gives the same trace, and whatever goes wrong the
 * invariants hold. Many seeds: seeds_test.c. */
#include "harness.h"

#include "base/error.h"
#include "sim/world.h"

static struct sim_config config_of(uint64_t seed, const char *faults)
{
	return (struct sim_config){.seed = seed,
				   .phones = 10,
				   .unknown = 3,
				   .duration = DT_SECONDS(3600),
				   .faults = sim_faults_find(faults)};
}

static struct sim_result run(const struct sim_config *c)
{
	struct sim_result r;

	assert_int_equal(sim_run(c, &r), 0);
	if (r.violated != 0)
		fail_msg("seed %llu, faults %s: invariant %u broken at %.6f s: %s",
			 (unsigned long long)c->seed, c->faults->name, r.violated,
			 (double)r.violated_at / 1e6, r.complaint);
	return r;
}

static struct sim_result run_of(uint64_t seed, const char *faults)
{
	struct sim_config c = config_of(seed, faults);

	return run(&c);
}

TEST("ten phones boot in a perfect world, stay registered for an hour and renew their leases")
{
	struct sim_result r = run_of(1, "none");

	assert_int_equal(r.registered, 10);
	/* The administrator resets one now and then. */
	assert_in_range(r.registrations, 10, 15);
	assert_int_equal(r.failovers, 0);
	assert_in_range(r.keepalives, 1100, 1200);
	assert_in_range(r.acks, 100, 140);
}

TEST("the same seed gives the same trace bit for bit, another seed another one")
{
	struct buf a;
	struct buf b;
	struct sim_config c = config_of(7, "storm");

	buf_init(&a, 16u << 20);
	buf_init(&b, 16u << 20);
	c.trace = &a;
	struct sim_result first = run(&c);
	c.trace = &b;
	struct sim_result again = run(&c);
	assert_true(first.digest == again.digest);
	assert_int_equal(first.events, again.events);
	assert_true(a.len > 1000 && slice_equal(buf_slice(&a), buf_slice(&b)));
	assert_true(run_of(8, "storm").digest != first.digest);
	buf_done(&a);
	buf_done(&b);
}

TEST("when a server dies its phones go to the other one, and home when it is back")
{
	struct sim_config c = config_of(3, "outage");

	c.duration = DT_SECONDS(6 * 3600);
	struct sim_result r = run(&c);
	assert_true(r.crashes > 5);
	assert_true(r.failovers > 20);
	assert_true(r.failbacks > 10);
	assert_int_equal(r.registered, 10);
}

TEST("a partition ends registrations at one server only")
{
	struct sim_config c = config_of(4, "partition");

	c.duration = DT_SECONDS(6 * 3600);
	struct sim_result r = run(&c);
	assert_true(r.partitions > 5);
	assert_true(r.failovers > 10);
}

TEST("a pool that is too small serves as many phones as it has addresses")
{
	struct sim_config c = config_of(5, "pool");

	c.phones = 40;
	assert_int_equal(run(&c).registered, 36);
}

TEST("of two phones with one name exactly one is up")
{
	assert_int_equal(run_of(6, "clone").registered, 9);
}

TEST("everything loses its power at once and comes back, again and again")
{
	struct sim_config c = config_of(9, "power");

	c.duration = DT_SECONDS(3 * 3600);
	struct sim_result r = run(&c);
	assert_true(r.power_cycles > 50);
	assert_int_equal(r.registered, 10);
}

TEST("each invariant's check sees its own breach")
{
	static const uint32_t breaches[] = {1, 2, 4, 5, 8};

	for (size_t i = 0; i < sizeof breaches / sizeof *breaches; i++) {
		struct sim_config c = config_of(1, "disk");
		struct sim_result r;
		c.break_invariant = breaches[i];
		assert_int_equal(sim_run(&c, &r), 0);
		assert_int_equal(r.violated, breaches[i]);
		assert_true(r.violated_at > 0 && r.complaint[0] != 0);
	}
}

TEST("a violation is looked for in a smaller world, which shows it too")
{
	struct sim_config c = config_of(1, "disk");
	struct sim_result r;

	c.break_invariant = 1;
	assert_int_equal(sim_run(&c, &r), 0);
	assert_int_equal(sim_shrink(&c, &r), 0);
	assert_true(c.phones < 10);
	uint64_t events = r.events;
	assert_int_equal(sim_run(&c, &r), 0);
	assert_int_equal(r.violated, 1);
	assert_true(r.events < events);
}

TEST("a world without phones, without time or without a profile of faults is refused")
{
	struct sim_config c = config_of(1, "none");
	struct sim_result r;

	c.phones = 0;
	assert_int_equal(sim_run(&c, &r), E_BAD_VALUE);
	c = config_of(1, "none");
	c.phones = SIM_PHONES_MAX + 1;
	assert_int_equal(sim_run(&c, &r), E_BAD_VALUE);
	c = config_of(1, "none");
	c.duration = 0;
	assert_int_equal(sim_run(&c, &r), E_BAD_VALUE);
	c = config_of(1, "no such profile");
	assert_int_equal(sim_run(&c, &r), E_BAD_VALUE);
}
