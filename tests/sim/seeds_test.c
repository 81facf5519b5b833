/* Many worlds of fifty phones and six hours, and one of two thousand and a day. */
#include "harness.h"

#include "base/error.h"
#include "sim/world.h"

/* Under a sanitizer a world takes ten times as long. */
#ifdef __SANITIZE_ADDRESS__
#define SEEDS_A_PROFILE 2
#define MANY            200
#else
#define SEEDS_A_PROFILE 20
#define MANY            2000
#endif

static void run(uint64_t seed, const struct sim_faults *faults, unsigned phones, unsigned hours)
{
	struct sim_config c = {.seed = seed,
			       .phones = phones,
			       .unknown = phones / 3,
			       .duration = DT_SECONDS(3600) * hours,
			       .faults = faults};
	struct sim_result r;

	assert_int_equal(sim_run(&c, &r), 0);
	if (r.violated != 0)
		fail_msg(
		    "dialtone sim --seed %llu --phones %u --hours %u --faults %s: invariant %u "
		    "broken at %.6f s: %s",
		    (unsigned long long)seed, phones, hours, faults->name, r.violated,
		    (double)r.violated_at / 1e6, r.complaint);
	assert_true(r.registrations >= phones / 2);
}

/* Half of the seeds in each of two programs, which run at the same time. */
static void run_half(unsigned half)
{
	const struct sim_faults *f = NULL;

	for (size_t i = 0; (f = sim_faults_at(i)) != NULL; i++) {
		for (uint64_t seed = 1 + half; seed <= SEEDS_A_PROFILE; seed += 2)
			run(seed, f, 50, 6);
	}
}

#if SEEDS_HALF == 0
TEST("through every fault, fifty phones for six hours, nothing that was promised is broken: odd "
     "seeds")
{
	run_half(0);
}
#else
TEST("through every fault, fifty phones for six hours, nothing that was promised is broken: even "
     "seeds")
{
	run_half(1);
}

TEST("two thousand phones live through a day")
{
	run(1, sim_faults_find("churn"), MANY, 24);
}
#endif
