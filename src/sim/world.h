/* The deterministic world: the shipped server and phone machines on an in-memory network and disk,
 * in virtual time, from one seed. The same seed gives the same events, bit for bit.
 *
 * Two servers: the first has the disk, DHCP and auto-registration; the second runs from a copy of
 * the database made when it starts, as `serve --node NAME --copy FILE` does. Nothing of the
 * machines is rewritten: sim/node.c wires them as daemon/ does. After every event the invariants it
 * could have touched are checked, and all of them each virtual minute (invariants.c). The last part
 * of a run is calm: then everything that may be up has to come up. */
#ifndef DIALTONE_SIM_WORLD_H
#define DIALTONE_SIM_WORLD_H

#include "base/buf.h"
#include "base/time.h"

#define SIM_PHONES_MAX 12000
#define SIM_NODES      2

/* What goes wrong, and how often; rows of faults.def. All zero: a perfect network, disk and server.
 */
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): by subject; there are a dozen
struct sim_faults {
	const char *name;
	const char *words;           /* one line for people */
	unsigned loss_permille;      /* datagrams lost; a lost TCP segment costs a retransmission */
	unsigned duplicate_permille; /* datagrams delivered twice */
	unsigned corrupt_permille;   /* datagrams with one byte changed */
	dt_time jitter;              /* added to the 200 µs of each delivery: reorders datagrams */
	dt_time partition_every, partition; /* a server and half of the phones do not hear each
					       other, or only one way */
	dt_time flap_every;                 /* some phone's link goes away for some seconds */
	dt_time crash_every, down;          /* a server is killed, and how long it stays dead */
	dt_time stall_every, stall;         /* the disk does not answer */
	dt_time full_every, full;           /* the disk is full: every commit fails */
	dt_time slow;                       /* a commit takes up to so much longer */
	unsigned commit_fail_permille;
	dt_time power_every;    /* power cycles of some phone */
	unsigned churn_percent; /* of the phones, power cycles an hour */
	dt_time cut_every;      /* the power of all phones goes, for a second */
	dt_time admin_every;    /* administrator's changes */
	dt_time reset_every;    /* the administrator resets every phone */
	dt_time clock_every;    /* the servers' wall clock jumps: 1970, 2038, a day */
	bool clone;             /* the last phone bears the first one's name */
	bool tight_pool;        /* a tenth of the phones finds no address */
};

/* By name; NULL when unknown. sim_faults_at(i) walks them, NULL at the end. */
const struct sim_faults *sim_faults_find(const char *name);
const struct sim_faults *sim_faults_at(size_t i);
/* The profile a seed stands for where none is named: all of them in turn. */
const struct sim_faults *sim_faults_of_seed(uint64_t seed);

struct sim_config {
	uint64_t seed;
	unsigned phones;
	unsigned
	    unknown; /* of these, so many are not in the database: auto-registration takes them */
	dt_time duration;
	const struct sim_faults *faults;
	struct buf *trace; /* not NULL: every event as a line of text, up to the buffer's ceiling */
	dt_time trace_from; /* lines before this are left out */
	/* Once a virtual minute; or NULL. */
	void (*on_minute)(void *context, dt_time now);
	void *context;
	uint32_t break_invariant; /* tests only: after half the time, damage the world so that this
				     one fails */
};

struct sim_result {
	uint64_t events;
	uint64_t digest; /* of every event with its bytes: equal seeds, equal digests */
	unsigned crashes, stalls, power_cycles, changes, partitions;
	uint64_t registrations, keepalives, acks, failovers, failbacks;
	unsigned registered; /* phones registered at the end */
	unsigned violated;   /* 0, or the number of the invariant that broke first */
	dt_time violated_at;
	char complaint[200]; /* the violation in words */
};

/* Runs one world to its end or to the first violation. 0 or E_NO_MEMORY, E_BAD_VALUE. */
int sim_run(const struct sim_config *config, struct sim_result *ret_result);

/* For a run that was violated: the same faults with ever so few phones, of this seed and some that
 * follow it, until the same invariant breaks; of those, the world with the fewest events is left in
 * *config (its trace is not touched). 0 or as sim_run. */
int sim_shrink(struct sim_config *config, const struct sim_result *violated);

#endif
