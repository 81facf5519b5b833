/* Captured frames down to UDP and TCP payloads: Ethernet (II and 802.2 LLC/SNAP, with 802.1Q and
 * 802.1ad tags), Linux cooked v1 and v2, raw IP, BSD loopback; IPv4. Pure; slices point into the
 * frame.
 *
 * Checksums are never judged: captures on the sending host show them unfinished, and offloading
 * shows segments larger than any MTU. */
#ifndef DIALTONE_PROTO_FRAME_FRAME_H
#define DIALTONE_PROTO_FRAME_FRAME_H

#include "base/addr.h"
#include "base/writer.h"

/* pcap's LINKTYPE_ numbers; two systems wrote their own number for raw IP into files. */
enum frame_link {
	FRAME_LINK_NULL = 0,
	FRAME_LINK_ETHERNET = 1,
	FRAME_LINK_RAW_BSD = 12,
	FRAME_LINK_RAW_OPENBSD = 14,
	FRAME_LINK_RAW = 101,
	FRAME_LINK_LOOP = 108,
	FRAME_LINK_COOKED = 113,
	FRAME_LINK_IPV4 = 228,
	FRAME_LINK_COOKED2 = 276,
};

/* What stands behind the link header: an ethertype, or with `oui` set what that organisation means
 * by the number (SNAP). */
enum frame_type {
	FRAME_TYPE_NONE = 0, /* 802.2 without SNAP: spanning tree and the like */
	FRAME_TYPE_IPV4 = 0x0800,
	FRAME_TYPE_ARP = 0x0806,
	FRAME_TYPE_EAPOL = 0x888e,
	FRAME_TYPE_LLDP = 0x88cc,
	FRAME_SNAP_CDP = 0x2000, /* with FRAME_OUI_CISCO */
};

#define FRAME_OUI_CISCO 0x00000cu

/* The link header, tags peeled off. */
struct frame_head {
	struct mac source, destination; /* zero where the link has none */
	bool tagged;                    /* an 802.1Q tag, perhaps of VLAN 0 */
	uint16_t vlan;                  /* of the innermost tag; 0 = untagged */
	uint32_t oui;                   /* 0 = type is an ethertype */
	uint16_t type;
	struct slice payload; /* without the padding that 802.3's length tells */
};

enum frame_protocol {
	FRAME_ICMP = 1,
	FRAME_TCP = 6,
	FRAME_UDP = 17,
	FRAME_GRE = 47,
};

#define FRAME_TCP_FIN 0x01u
#define FRAME_TCP_SYN 0x02u
#define FRAME_TCP_RST 0x04u
#define FRAME_TCP_ACK 0x10u

/* An IPv4 packet, perhaps a fragment. */
struct frame_ip {
	struct mac source, destination; /* zero where the link has none */
	bool tagged;
	uint16_t vlan; /* 0 = untagged */
	struct ip4 from, to;
	uint8_t protocol; /* enum frame_protocol or another */
	uint8_t ttl;
	uint16_t id;
	uint16_t fragment_at; /* bytes */
	bool more_fragments;
	bool dont_fragment;
	uint16_t length; /* as the header says; 0 with segmentation offload */
	bool cut;        /* the capture kept less than the packet was long */
	struct slice payload;
};

struct frame_tcp {
	uint16_t from, to;
	uint32_t seq, ack;
	uint8_t flags;
	uint16_t window;
	struct slice payload;
};

struct frame_udp {
	uint16_t from, to;
	bool cut; /* shorter than its length field */
	struct slice payload;
};

/* 0; E_UNKNOWN for a link type not known; E_TRUNCATED when the header is not all there. */
int frame_decode_head(uint32_t link, struct slice bytes, struct frame_head *ret_head);
/* An IPv4 packet without link header (what a frame_head holds, or what an ICMP error quotes): 0;
 * E_UNKNOWN when it is another version; E_TRUNCATED when not even the header is there. Source,
 * destination and vlan stay zero. */
int frame_decode_ip(struct slice bytes, struct frame_ip *ret_ip);
/* Both in one: E_UNKNOWN also for frames that carry no IPv4 (ARP, CDP, …). */
int frame_decode(uint32_t link, struct slice bytes, struct frame_ip *ret_ip);
/* What GRE carries (RFC 2784, 2890): a mirrored frame (ERSPAN type I, II and III, transparent
 * Ethernet) or an IPv4 packet, with the link type by which it is read. 0, E_UNKNOWN for anything
 * else, E_TRUNCATED. */
int frame_decode_gre(struct slice bytes, uint32_t *ret_link, struct slice *ret_inner);
/* 0 or E_TRUNCATED. */
int frame_decode_tcp(struct slice bytes, struct frame_tcp *ret_tcp);
int frame_decode_udp(struct slice bytes, struct frame_udp *ret_udp);
/* The packet quoted inside an ICMP "destination unreachable": 0, E_UNKNOWN when it is another ICMP.
 */
int frame_decode_unreachable(struct slice bytes, struct frame_ip *ret_inner, uint16_t *ret_from,
			     uint16_t *ret_to);

/* An 802.2 SNAP frame on Ethernet, as a phone or a switch sends CDP: appends it. 0 or E_FULL. */
int frame_encode_snap(struct mac destination, struct mac source, uint32_t oui, uint16_t type,
		      struct slice payload, struct writer *to);
/* An Ethernet II frame; vlan 0 = untagged. 0 or E_FULL. */
int frame_encode_ethernet(struct mac destination, struct mac source, uint16_t vlan, uint16_t type,
			  struct slice payload, struct writer *to);
/* The same with a tag in any case: vlan 0 is the priority alone. */
int frame_encode_tagged(struct mac destination, struct mac source, uint8_t priority, uint16_t vlan,
			uint16_t type, struct slice payload, struct writer *to);
/* An IPv4 packet with a UDP datagram, both checksums in it: appends it. 0 or E_FULL. */
int frame_encode_udp(struct ip4 from, uint16_t from_port, struct ip4 to_ip, uint16_t to_port,
		     uint8_t ttl, struct slice payload, struct writer *to);

#endif
