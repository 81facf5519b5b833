/* What phones do together: who left a server in the same moment, who shares a name, into which
 * voice VLAN a switch puts its phones, which models a server takes. Enough of each to tell one
 * phone's fault from a group's. */
#ifndef DIALTONE_BOOT_CROWD_H
#define DIALTONE_BOOT_CROWD_H

#include "base/map.h"
#include "boot/fact.h"

struct crowd {
	struct map servers;  /* address to the phones it had and lost */
	struct map names;    /* device name to who claims it */
	struct map switches; /* name to its voice VLANs */
	struct map twins;    /* server and model to phones it took */
};

void crowd_init(struct crowd *c);
void crowd_done(struct crowd *c);
/* Without memory, or beyond a ceiling, nothing is noted. */
void crowd_note(struct crowd *c, const struct fact *fact, struct mac mac, uint32_t model);
/* How many phones lost this server around `at`; *ret_of: how many it had. */
size_t crowd_lost_together(const struct crowd *c, struct ip4 server, dt_time at, size_t *ret_of);
/* Do two hardware addresses register under this name in turn? */
bool crowd_name_shared(const struct crowd *c, const char *name, struct mac mac,
		       struct mac *ret_other);
/* Another phone of this model (a device type number) that this server took. */
bool crowd_twin(const struct crowd *c, struct ip4 server, uint32_t model, struct mac mac,
		struct mac *ret_twin);
/* The VLAN most phones of this switch are put into, when it is another one; else 0. */
uint32_t crowd_voice_vlan(const struct crowd *c, const char *name, uint32_t vlan);

#endif
