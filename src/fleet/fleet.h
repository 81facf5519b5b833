/* Simulated phones on real sockets, against any server. The phones are phone/'s machines; this room
 * gives them addresses, datagrams and connections. */
#ifndef DIALTONE_FLEET_FLEET_H
#define DIALTONE_FLEET_FLEET_H

#include "base/addr.h"
#include "phone/phone.h"

#define FLEET_PHONES_MAX 18000

struct fleet_options {
	const char *interface; /* DHCP on this one; NULL: static, straight to `server` */
	struct ip4
	    server; /* static phones: their TFTP server; with `relay`: the DHCP server behind it */
	struct ip4 relay; /* not zero: the phones are behind a relay at this address of ours */
	unsigned phones;
	const struct phone_profile *const *mix; /* profile of phone i is mix[i % mix_count] */
	unsigned mix_count;
	struct mac first_mac; /* the others count up from it */
	uint64_t seed;
	dt_time ramp;          /* power-ons are spread evenly over this time */
	dt_time hold;          /* ends after this time; 0 = until a signal */
	bool until_registered; /* ends when every phone is registered */
	bool leave;            /* phones unregister in order at the end */
	/* A phone's state changed; for progress. May be NULL. */
	void (*on_state)(void *context, const struct phone *phone, dt_time since_start);
	void *context;
};

struct fleet_result {
	unsigned phones, registered, rejected, waiting;
	dt_time last_registered; /* since the start; 0 = none */
	unsigned in_state[PHONE_REJECTED + 1];
};

/* Runs the fleet on this thread. 0; E_UNKNOWN interface; E_DENIED (raw sockets or addresses need
 * root); E_SYSTEM with errno; E_NO_MEMORY. */
int fleet_run(const struct fleet_options *options, struct fleet_result *ret_result);

#endif
