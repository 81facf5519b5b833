/* A DHCP binding. A plain value. */
#ifndef DIALTONE_MODEL_LEASE_H
#define DIALTONE_MODEL_LEASE_H

#include "base/addr.h"
#include "base/time.h"

struct lease {
	struct mac mac;
	struct ip4 ip;
	bool
	    declined; /* parked after a DHCPDECLINE: mac is zero, nobody gets it until it expires */
	bool temporary;  /* in memory only: a phone nobody knew while the disk took nothing */
	dt_time expires; /* in machines: monotonic; the store keeps wall-clock seconds */
};

#endif
