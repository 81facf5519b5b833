/* Cisco Discovery Protocol, versions 1 and 2: what a phone and its switch tell each other before
 * the phone has an address. Behind LLC/SNAP (frame.h: FRAME_OUI_CISCO, FRAME_SNAP_CDP), sent to
 * 01:00:0c:cc:cc:cc. There is no public specification; layouts follow the frames in
 * tests/data/captures/packetlife-lldp-and-cdp.cap and what tshark dissects
 * (docs/protocol/capture.md). Pure codec; slices point into the packet. */
#ifndef DIALTONE_PROTO_CDP_CDP_H
#define DIALTONE_PROTO_CDP_CDP_H

#include "base/addr.h"
#include "base/writer.h"
#include "proto/anomaly.h"

#define CDP_MULTICAST ((struct mac){{0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcc}})

/* Bits of `capabilities`. A phone says host, phone and two-port relay. */
#define CDP_ROUTER         0x01u
#define CDP_BRIDGE         0x02u
#define CDP_SOURCE_ROUTE   0x04u
#define CDP_SWITCH         0x08u
#define CDP_HOST           0x10u
#define CDP_IGMP           0x20u
#define CDP_REPEATER       0x40u
#define CDP_PHONE          0x80u
#define CDP_REMOTE         0x100u
#define CDP_TWO_PORT_RELAY 0x400u

/* The Power Request and Power Available TLVs: an id of the exchange, an id of who manages, and up
 * to two figures. */
struct cdp_power {
	bool present;
	uint16_t request_id, management_id;
	uint8_t count;
	uint32_t
	    mw[2]; /* requested: wanted, then less; available: granted, then the port's limit */
};

struct cdp {
	uint8_t version;
	uint8_t ttl_s;
	bool checksum_wrong; /* decode only */
	struct slice device_id, port_id, software, platform, domain;
	struct ip4 address; /* the first IPv4 address; zero when none */
	bool has_capabilities;
	uint32_t capabilities; /* CDP_… */
	bool has_native_vlan;
	uint16_t native_vlan;
	bool has_duplex, full_duplex;
	bool has_voice_query; /* the phone asks for its voice VLAN */
	uint16_t query_vlan;  /* what it has at the moment; 0 when it does not say */
	bool has_voice_vlan;  /* the switch's reply */
	uint16_t voice_vlan;  /* 4095 = none, 4096 = untagged ("dot1p" is 0) */
	bool has_consumption;
	uint16_t consumption_mw;
	struct cdp_power requested, available;
};

/* 0; E_TRUNCATED when the header is not there; E_BAD_FORMAT for a version that is none. A TLV whose
 * length lies ends the list and is noted; so is a wrong checksum. */
int cdp_decode(struct slice bytes, struct cdp *ret_cdp, struct anomalies *anomalies);
/* Appends one packet, checksum included: the TLVs that are set. 0 or E_FULL. */
int cdp_encode(const struct cdp *cdp, struct writer *to);
/* The checksum over a packet whose checksum field is zero. */
uint16_t cdp_checksum(struct slice bytes);

#endif
