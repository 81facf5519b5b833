/* The kernel-side filter, apart from the socket it goes on. */
#ifndef DIALTONE_NET_PACKET_INTERNAL_H
#define DIALTONE_NET_PACKET_INTERNAL_H

#include "base/addr.h"

#include <linux/filter.h>
#include <stdint.h>

#define PACKET_PROGRAM_MAX 48

/* Writes PACKET_DHCP; returns its length in instructions. */
unsigned packet_filter_dhcp(struct sock_filter program[static PACKET_PROGRAM_MAX]);
/* Writes PACKET_DHCP_REPLIES. */
unsigned packet_filter_dhcp_replies(struct sock_filter program[static PACKET_PROGRAM_MAX]);
/* Writes PACKET_TCP_ENDS for a port and this host's address. */
unsigned packet_filter_tcp_ends(uint16_t port, struct ip4 own,
				struct sock_filter program[static PACKET_PROGRAM_MAX]);
/* Writes PACKET_TAGGED. */
unsigned packet_filter_tagged(struct sock_filter program[static PACKET_PROGRAM_MAX]);

#endif
