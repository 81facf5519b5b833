/* Captured frames down to UDP and TCP payloads: Ethernet (II, with 802.1Q tags), Linux cooked v1
 * and v2, raw IP, BSD loopback; IPv4. Pure; slices point into the frame.
 *
 * Checksums are never judged: captures on the sending host show them unfinished, and offloading
 * shows segments larger than any MTU. */
#ifndef DIALTONE_PROTO_FRAME_FRAME_H
#define DIALTONE_PROTO_FRAME_FRAME_H

#include "base/addr.h"

/* pcap's LINKTYPE_ numbers. */
enum frame_link {
	FRAME_LINK_NULL = 0,
	FRAME_LINK_ETHERNET = 1,
	FRAME_LINK_RAW = 101,
	FRAME_LINK_LOOP = 108,
	FRAME_LINK_COOKED = 113,
	FRAME_LINK_IPV4 = 228,
	FRAME_LINK_COOKED2 = 276,
};

enum frame_protocol {
	FRAME_ICMP = 1,
	FRAME_TCP = 6,
	FRAME_UDP = 17,
};

#define FRAME_TCP_FIN 0x01u
#define FRAME_TCP_SYN 0x02u
#define FRAME_TCP_RST 0x04u
#define FRAME_TCP_ACK 0x10u

/* An IPv4 packet, perhaps a fragment. */
struct frame_ip {
	struct mac source, destination; /* zero where the link has none */
	uint16_t vlan;                  /* 0 = untagged */
	struct ip4 from, to;
	uint8_t protocol; /* enum frame_protocol or another */
	uint8_t ttl;
	uint16_t id;
	uint16_t fragment_at; /* bytes */
	bool more_fragments;
	bool cut; /* the capture kept less than the packet was long */
	struct slice payload;
};

struct frame_tcp {
	uint16_t from, to;
	uint32_t seq, ack;
	uint8_t flags;
	struct slice payload;
};

struct frame_udp {
	uint16_t from, to;
	bool cut; /* shorter than its length field */
	struct slice payload;
};

/* 0; E_UNKNOWN for frames that are no IPv4 (ARP, CDP, …) or of a link type not known; E_TRUNCATED
 * when not even the headers are there. */
int frame_decode(uint32_t link, struct slice bytes, struct frame_ip *ret_ip);
/* 0 or E_TRUNCATED. */
int frame_decode_tcp(struct slice bytes, struct frame_tcp *ret_tcp);
int frame_decode_udp(struct slice bytes, struct frame_udp *ret_udp);
/* The packet quoted inside an ICMP "destination unreachable": 0, E_UNKNOWN when it is another ICMP.
 */
int frame_decode_unreachable(struct slice bytes, struct frame_ip *ret_inner, uint16_t *ret_from,
			     uint16_t *ret_to);

#endif
