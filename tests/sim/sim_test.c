/* The deterministic world: the same seed gives the same trace, and whatever goes wrong the
 * invariants hold. */
#include "harness.h"

#include "base/error.h"
#include "sim/world.h"

static struct sim_result run(uint64_t seed, const char *faults, struct buf *trace)
{
	struct sim_config c = {.seed = seed,
			       .phones = 10,
			       .unknown = 3,
			       .duration = DT_SECONDS(3600),
			       .faults = sim_faults_find(faults),
			       .trace = trace};
	struct sim_result r;
	assert_int_equal(sim_run(&c, &r), 0);
	if (r.violated != 0)
		fail_msg("seed %llu, faults %s: invariant %u broken at %.6f s: %s",
			 (unsigned long long)seed, faults, r.violated, (double)r.violated_at / 1e6,
			 r.complaint);
	return r;
}

TEST("ten phones boot in a perfect world, stay registered for an hour and renew their leases")
{
	struct sim_result r = run(1, "none", NULL);
	assert_int_equal(r.registered, 10);
	assert_int_equal(r.registrations, 10);
	assert_in_range(r.keepalives, 1100, 1200);
	assert_in_range(r.acks, 100, 140);
}

TEST("the same seed gives the same trace bit for bit, another seed another one")
{
	struct buf a;
	struct buf b;
	buf_init(&a, 16u << 20);
	buf_init(&b, 16u << 20);
	struct sim_result first = run(7, "storm", &a);
	struct sim_result again = run(7, "storm", &b);
	assert_true(first.digest == again.digest);
	assert_int_equal(first.events, again.events);
	assert_true(a.len > 1000 && slice_equal(buf_slice(&a), buf_slice(&b)));
	assert_true(run(8, "storm", NULL).digest != first.digest);
	buf_done(&a);
	buf_done(&b);
}

TEST("through loss, kills, stalls and power cuts no number, address or acknowledged change is ever "
     "wrong")
{
	unsigned kills = 0;
	unsigned stalls = 0;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		const struct sim_faults *f = NULL;
		for (size_t i = 0; (f = sim_faults_at(i)) != NULL; i++) {
			struct sim_result r = run(seed, f->name, NULL);
			kills += r.crashes;
			stalls += r.stalls;
			/* Whoever is down at the end was up before. */
			assert_in_range(r.registrations, 10, 100000);
		}
	}
	assert_true(kills > 500 && stalls > 500);
}

TEST("each invariant's check sees its own breach")
{
	static const uint32_t breaches[] = {1, 2, 4};
	for (size_t i = 0; i < sizeof breaches / sizeof *breaches; i++) {
		struct sim_config c = {.seed = 1,
				       .phones = 10,
				       .unknown = 3,
				       .duration = DT_SECONDS(3600),
				       .faults = sim_faults_find("disk"),
				       .break_invariant = breaches[i]};
		struct sim_result r;
		assert_int_equal(sim_run(&c, &r), 0);
		assert_int_equal(r.violated, breaches[i]);
	}
}

TEST("a world without phones or without a profile of faults is refused")
{
	struct sim_config c = {.seed = 1, .faults = sim_faults_find("none")};
	struct sim_result r;
	assert_int_equal(sim_run(&c, &r), E_BAD_VALUE);
	c.phones = 1;
	c.faults = sim_faults_find("no such profile");
	assert_int_equal(sim_run(&c, &r), E_BAD_VALUE);
}
