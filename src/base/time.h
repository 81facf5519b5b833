/* Time inside the machines: monotonic microseconds, taken once per event by the edge and passed
 * down. Machines never read a clock. Wall-clock time appears only as `unix_s` values handed in by
 * an edge. */
#ifndef DIALTONE_BASE_TIME_H
#define DIALTONE_BASE_TIME_H

#include <stdint.h>

typedef int64_t dt_time;

#define DT_NEVER      INT64_MAX
#define DT_MS(n)      ((dt_time)(n)*1000)
#define DT_SECONDS(n) ((dt_time)(n)*1000000)

/* The earlier of two deadlines. */
static inline dt_time dt_time_min(dt_time a, dt_time b)
{
	return a < b ? a : b;
}

/* A deadline `after` µs from `now`, saturating at DT_NEVER. */
static inline dt_time dt_time_add(dt_time now, dt_time after)
{
	return after >= DT_NEVER - now ? DT_NEVER : now + after;
}

#endif
