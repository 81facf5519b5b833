/* Between our addresses and the system's. Inside net/ only. */
#ifndef DIALTONE_NET_SOCKET_H
#define DIALTONE_NET_SOCKET_H

#include "base/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static inline struct sockaddr_in socket_address(struct endpoint e)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(e.port)};

	memcpy(&a.sin_addr, e.ip.b, sizeof e.ip.b);
	return a;
}

static inline struct endpoint socket_endpoint(const struct sockaddr_in *a)
{
	struct endpoint e = {.port = ntohs(a->sin_port)};

	memcpy(e.ip.b, &a->sin_addr, sizeof e.ip.b);
	return e;
}

#endif
