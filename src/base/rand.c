#include "base/rand.h"

struct rand rand_of(uint64_t seed)
{
	return (struct rand){seed};
}

/* SplitMix64: equidistributed over its period and seedable by any number, zero included. */
uint64_t rand_next(struct rand *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15ULL;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

uint64_t rand_below(struct rand *r, uint64_t limit)
{
	return limit == 0 ? 0 : rand_next(r) % limit;
}
