/* Interfaces of this host, and local addresses for simulated phones. */
#ifndef DIALTONE_NET_IFACE_H
#define DIALTONE_NET_IFACE_H

#include "base/addr.h"

#define IFACE_NAME_SIZE 16

struct iface {
	char name[IFACE_NAME_SIZE];
	uint32_t index;
	struct ip4 ip, mask; /* the first IPv4 address; zero when it has none */
	struct mac mac;
	bool up, loopback;
};

/* 0; E_UNKNOWN when there is no such interface. */
int iface_find(const char *name, struct iface *ret_iface);
/* The interface to use when none was named: the only one that is up, has an address and is no
 * loopback. E_UNKNOWN when there is none, E_BAD_VALUE when there are several. */
int iface_only(struct iface *ret_iface);
/* Makes this host answer (and be allowed to use) one more address on that interface, or no longer:
 * a local route. 0; E_DENIED without the capability; E_SYSTEM with errno. */
int iface_local_route(uint32_t index, struct ip4 ip, bool add);

#endif
