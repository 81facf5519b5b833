/* Simulated phones on real sockets, against any server. The phones are phone/'s machines; this room
 * gives them addresses, datagrams and connections, in one process or several, and tells what became
 * of them. */
#ifndef DIALTONE_FLEET_FLEET_H
#define DIALTONE_FLEET_FLEET_H

#include "base/addr.h"
#include "phone/phone.h"

#define FLEET_PHONES_MAX      100000
#define FLEET_PROCESSES_MAX   64
#define FLEET_PROCESS_PHONES  5000 /* a process has 20,000 descriptors, a phone up to four */
#define FLEET_CURVE_MAX       36000
#define FLEET_CURVE_US        DT_MS(100) /* one point of the curve of phones up */
#define FLEET_WATCHED_MAX     16         /* phones in trouble a process explains */
#define FLEET_EXPLANATION_MAX 320

enum fleet_until {
	FLEET_UNTIL_STOPPED, /* by signal or hold */
	FLEET_UNTIL_REGISTERED,
	FLEET_UNTIL_DIAL_TONE,
};

/* The steps of a boot that are timed. */
enum fleet_step {
	FLEET_STEP_DHCP,     /* first DISCOVER to address */
	FLEET_STEP_FILES,    /* address to the end of the last file */
	FLEET_STEP_CONNECT,  /* to the CallManager's port */
	FLEET_STEP_REGISTER, /* connection to the last answer */
	FLEET_STEP_BOOT,     /* power-on to registered */
	FLEET_STEP_COUNT,
};
extern const char *const fleet_step_names[FLEET_STEP_COUNT];

struct fleet_report;

struct fleet_options {
	const char *interface; /* DHCP on this one; NULL: static, straight to `server` */
	struct ip4 server; /* static phones: their file server; with `relay`: the DHCP server behind
			      it */
	struct ip4 relay;  /* not zero: the phones are behind a relay at this address of ours, of
			      process k at the k-th behind it */
	struct ip4 first_ip; /* static phones: addresses of their own from this one on; zero: this
				host's */
	unsigned phones;
	unsigned processes;                     /* 0: as many as the descriptors need */
	const struct phone_profile *const *mix; /* profile of phone i is mix[i % mix_count] */
	unsigned mix_count;
	struct mac first_mac; /* the others count up from it */
	uint64_t seed;
	dt_time ramp;         /* power-ons are spread evenly over this time */
	dt_time hold;         /* ends after this time; 0 = no such end */
	dt_time give_up;      /* ends when for so long, the ramp being over, nothing came nearer */
	dt_time power_cut;    /* at this time every phone loses its power for a second; 0 = never */
	double churn_percent; /* of the phones lose their power, an hour */
	enum fleet_until until;
	bool leave;                 /* phones unregister in order at the end */
	bool unpaced;               /* without the models' pauses */
	bool no_neighbours;         /* with `interface`: no CDP, no LLDP, no ARP of their own */
	struct phone_faults faults; /* of every phone */
	/* A phone's state changed; for progress, in one process only. May be NULL. */
	void (*on_state)(void *context, const struct phone *phone, dt_time since_start);
	/* Once a second, from the process that started the fleet. May be NULL. */
	void (*on_progress)(void *context, const struct fleet_report *report);
	void *context;
};

/* What became of one phone; lies in memory the processes share. */
struct fleet_record {
	uint8_t state;    /* enum phone_state */
	uint16_t profile; /* index into the mix */
	bool was_up, dial_tone, tagged;
	unsigned boots, registrations, failovers, tokens_rejected, resent_dhcp, resent_files;
	unsigned keepalives, answered;  /* on active connections */
	dt_time first_up;               /* since the start */
	dt_time step[FLEET_STEP_COUNT]; /* of its latest whole boot; 0 = none */
	char last_reject[34];
	char explanation[FLEET_EXPLANATION_MAX]; /* "R-02 (proved): …" by boot/; "" none */
};

struct fleet_report {
	unsigned phones;
	unsigned registered; /* at the end */
	unsigned ever;       /* were registered at any time */
	unsigned rejected, dial_tones;
	unsigned in_state[PHONE_REJECTED + 1];
	dt_time ran, last_up; /* since the start; last_up: the last phone's first registration */
	bool heard;           /* any server said anything */
	bool gave_up;
	unsigned tagged; /* phones whose switch put them into a voice VLAN */
	int tag_error;   /* E_…: why their frames went untagged all the same; 0 = they did not */
	uint64_t failovers, tokens_rejected, resent_dhcp, resent_files, power_cycles;
	uint64_t keepalives, answered;
	struct fleet_times {
		unsigned count;
		dt_time p50, p99, max;
	} step[FLEET_STEP_COUNT];
	unsigned curve_count;               /* points of FLEET_CURVE_US */
	const int32_t *curve;               /* phones up at the end of each */
	const struct fleet_record *records; /* phones of them */
	double cpu_us;                      /* processor time a phone */
	size_t memory;                      /* bytes a phone: what the processes grew by */
};

struct fleet;

/* Runs the fleet; forks when it needs several processes. 0; E_UNKNOWN interface; E_DENIED (raw
 * sockets or addresses need root); E_SYSTEM with errno; E_NO_MEMORY. */
int fleet_run(const struct fleet_options *options, struct fleet **ret_fleet);
/* What came of it; valid until fleet_free. */
const struct fleet_report *fleet_report(const struct fleet *f);
void fleet_free(struct fleet *f);

#endif
