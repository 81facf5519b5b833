/* Phones in the order in which something changed, each until its turn. */
#ifndef DIALTONE_BOOT_CHANGED_H
#define DIALTONE_BOOT_CHANGED_H

#include "base/addr.h"
#include "base/time.h"

struct changed_phone {
	struct mac mac;
	dt_time at;
};

struct changed {
	struct changed_phone *ring; /* grows with the phones that wait, never shrinks */
	size_t first, count, size;
};

void changed_done(struct changed *c);
/* false without memory. */
bool changed_add(struct changed *c, struct mac mac, dt_time at);
/* Takes out the oldest that changed before `before`; false when there is none. */
bool changed_next(struct changed *c, dt_time before, struct mac *ret_mac);

#endif
