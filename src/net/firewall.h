/* Does a packet filter of this host look at what comes in? Not what its rules say: a server that
 * cannot be reached though its ports are open is one to look there for. */
#ifndef DIALTONE_NET_FIREWALL_H
#define DIALTONE_NET_FIREWALL_H

#include <stddef.h>

struct firewall {
	size_t chains;   /* that see packets for this host */
	size_t dropping; /* of them: drop what no rule takes */
	char first[80];  /* "table chain" of a dropping one, else of any; "" none */
};

/* 0; E_DENIED: only root is told; E_SYSTEM with errno: this kernel has no nftables. */
int firewall_look(struct firewall *ret_firewall);

#endif
