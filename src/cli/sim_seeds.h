/* Many worlds of the simulator, one a seed, in as many processes as there are processors. */
#ifndef DIALTONE_CLI_SIM_SEEDS_H
#define DIALTONE_CLI_SIM_SEEDS_H

#include "sim/world.h"

struct sim_seeds {
	struct sim_config config; /* its seed is the first; its faults NULL: each seed's own */
	unsigned count, jobs;
	/* So many worlds are done; or NULL. */
	void (*on_progress)(void *context, unsigned done);
	void *context;
};

struct sim_seeds_result {
	unsigned done;     /* worlds that ran to their end */
	uint64_t events;   /* in all of them */
	uint64_t violated; /* the lowest seed that broke an invariant; 0 with `broken` false */
	bool broken;
	int signal; /* what interrupted it, or 0 */
};

/* 0, E_NO_MEMORY, E_BAD_VALUE, E_SYSTEM. Of several broken seeds it is the lowest that is told,
 * however many processes run. */
int sim_seeds_run(const struct sim_seeds *seeds, struct sim_seeds_result *ret_result);

#endif
