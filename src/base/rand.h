/* Seeded pseudo-random numbers for machines and the simulated world: one seed, one sequence, on
 * every machine. Not for secrets. */
#ifndef DIALTONE_BASE_RAND_H
#define DIALTONE_BASE_RAND_H

#include <stdint.h>

struct rand {
	uint64_t state;
};

struct rand rand_of(uint64_t seed);
uint64_t rand_next(struct rand *r);
/* Uniform in [0, limit); 0 when limit is 0. */
uint64_t rand_below(struct rand *r, uint64_t limit);

#endif
