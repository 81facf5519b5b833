/* Raw frames of one Ethernet interface: for DHCP answers to phones without an address, and for
 * watching. */
#ifndef DIALTONE_NET_PACKET_H
#define DIALTONE_NET_PACKET_H

#include "base/addr.h"
#include "net/iface.h"
#include "net/loop.h"

struct packet;

enum packet_filter {
	PACKET_NONE, /* sending only */
	PACKET_ALL,
	PACKET_DHCP,         /* UDP to port 67 or 68 */
	PACKET_DHCP_REPLIES, /* the same, of servers (op 2) and not sent by this host */
	PACKET_TCP_ENDS,  /* IPv4 TCP segments from or to `port` with SYN, FIN or RST; ICMP; DNS and
			     NTP; TFTP requests to another address than `own` */
	PACKET_CDP,       /* 802.2 frames: CDP and what else goes that way; its group is joined */
	PACKET_LLDP,      /* its group is joined */
	PACKET_ARP,       /* to whomever */
	PACKET_ARP_HEARD, /* of it what reaches this host anyway */
	PACKET_TAGGED,    /* frames with an 802.1Q tag, not sent by this host */
};

struct packet_options {
	const char *interface; /* NULL with PACKET_ALL: every interface */
	enum packet_filter filter;
	uint16_t port;
	struct ip4 own; /* with PACKET_TCP_ENDS: this host's address */
	/* No more than so many are handed on in a second; the rest is lost, at the kernel's cost
	 * alone. 0: no limit. */
	unsigned frames_a_second;
	/* A frame, with its time on the loop's clock. link: pcap's LINKTYPE number. */
	void (*on_frame)(void *context, uint32_t link, struct slice frame, dt_time at);
	void *context;
};

/* 0; E_DENIED without the capability to open raw sockets; E_UNKNOWN interface; E_SYSTEM;
 * E_NO_MEMORY. */
int packet_open(struct loop *l, const struct packet_options *options, struct packet **ret_packet);
void packet_close(struct packet *p); /* NULL is allowed */
/* Hands on now what has come, for whoever learned something else of the same moment. Not from
 * on_frame. */
void packet_read(struct packet *p);
/* Sends a UDP datagram to a hardware address without asking ARP. 0 or E_SYSTEM. */
int packet_send_udp(struct packet *p, const struct iface *from, struct mac to_mac,
		    struct endpoint source, struct endpoint to, struct slice payload);
/* Sends a whole Ethernet frame. 0 or E_SYSTEM. */
int packet_send(struct packet *p, uint32_t interface, struct slice frame);
/* Frames lost because we were too slow, since the last call. */
unsigned packet_lost(struct packet *p);

#endif
