/* The deterministic world: the shipped server and phone machines on an in-memory network and disk,
 * in virtual time, from one seed. The same seed gives the same events, bit for bit.
 *
 * Nothing of the machines is rewritten: sim/node.c wires the server as daemon/ does, with the
 * in-memory disk in the store's place. After every event the invariants it could have touched are
 * checked, and all of them each virtual minute (invariants.c). */
#ifndef DIALTONE_SIM_WORLD_H
#define DIALTONE_SIM_WORLD_H

#include "base/buf.h"
#include "base/time.h"

#define SIM_PHONES_MAX 5000

/* What goes wrong, and how often. All zero: a perfect network, disk and server. */
struct sim_faults {
	const char *name;
	unsigned loss_permille;      /* datagrams lost; a lost TCP segment costs a retransmission */
	unsigned duplicate_permille; /* datagrams delivered twice */
	dt_time jitter;              /* added to the 200 µs of each delivery, uniformly */
	dt_time crash_every;         /* mean time between kills of the server; 0 = never */
	dt_time down;                /* how long it stays dead */
	dt_time stall_every, stall;  /* the disk: mean time between stalls, and their length */
	unsigned commit_fail_permille;
	dt_time power_every; /* mean time between power cycles of some phone */
	dt_time admin_every; /* mean time between administrator's changes */
};

/* By name: none, loss, crash, disk, storm. NULL when unknown; sim_faults_at(i) walks them, NULL at
 * the end. */
const struct sim_faults *sim_faults_find(const char *name);
const struct sim_faults *sim_faults_at(size_t i);

struct sim_config {
	uint64_t seed;
	unsigned phones;
	unsigned
	    unknown; /* of these, so many are not in the database: auto-registration takes them */
	dt_time duration;
	const struct sim_faults *faults;
	struct buf *trace; /* not NULL: every event as a line of text, up to the buffer's ceiling */
	uint32_t break_invariant; /* tests only: after half the time, damage the world so that this
				     one fails */
};

struct sim_result {
	uint64_t events;
	uint64_t digest; /* of every event with its bytes: equal seeds, equal digests */
	unsigned crashes, stalls, power_cycles, changes;
	uint64_t registrations, keepalives, acks;
	unsigned registered; /* phones registered at the end */
	unsigned violated;   /* 0, or the number of the invariant that broke first */
	dt_time violated_at;
	char complaint[160]; /* the violation in words */
};

/* Runs one world to its end or to the first violation. 0 or E_NO_MEMORY, E_BAD_VALUE. */
int sim_run(const struct sim_config *config, struct sim_result *ret_result);

#endif
