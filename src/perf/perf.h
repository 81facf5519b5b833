/* Performance counters under Cisco's names (counters.def).
 *
 * Most of them count boot facts: what was really received and sent is told once, as a fact, and
 * counted where it passes. Gauges are set by whoever knows them when somebody asks. A plain value;
 * one thread. */
#ifndef DIALTONE_PERF_PERF_H
#define DIALTONE_PERF_PERF_H

#include "boot/fact.h"

enum perf_object {
#define O(id, name) PERF_OBJECT_##id,
#include "perf/perf_objects.def"
#undef O
	PERF_OBJECTS
};

enum perf_counter {
#define C(id, object, name, kind) PERF_##id,
#include "perf/counters.def"
#undef C
	PERF_COUNTERS
};

struct perf_row {
	const char *name; /* "RegisteredHardwarePhones" */
	enum perf_object object;
	bool gauge;
};

struct perf {
	uint64_t value[PERF_COUNTERS];
};

const char *perf_object_name(enum perf_object object); /* "Cisco CallManager" */
const struct perf_row *perf_row(enum perf_counter counter);

void perf_add(struct perf *p, enum perf_counter counter, uint64_t n);
void perf_set(struct perf *p, enum perf_counter counter, uint64_t value);
/* Whatever this fact adds to. */
void perf_fact(struct perf *p, const struct fact *fact);

#endif
