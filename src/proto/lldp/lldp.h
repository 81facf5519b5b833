/* LLDP (IEEE 802.1AB) with the TLVs of a phone's boot: LLDP-MED network policy, inventory and power
 * (ANSI/TIA-1057), the port VLAN of 802.1, the link and power of 802.3. Ethertype 0x88cc, sent to
 * 01:80:c2:00:00:0e. Pure codec; slices point into the packet. */
#ifndef DIALTONE_PROTO_LLDP_LLDP_H
#define DIALTONE_PROTO_LLDP_LLDP_H

#include "base/addr.h"
#include "base/writer.h"
#include "proto/anomaly.h"

#define LLDP_MULTICAST    ((struct mac){{0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e}})
#define LLDP_POLICIES_MAX 8

/* Subtypes of the chassis id and the port id that are told apart. */
enum lldp_id_kind {
	LLDP_CHASSIS_MAC = 4,
	LLDP_CHASSIS_ADDRESS = 5,
	LLDP_CHASSIS_LOCAL = 7,
	LLDP_PORT_MAC = 3,
	LLDP_PORT_INTERFACE = 5,
	LLDP_PORT_LOCAL = 7,
};

/* Bits of system capabilities. */
#define LLDP_BRIDGE  0x04u
#define LLDP_ROUTER  0x10u
#define LLDP_PHONE   0x20u
#define LLDP_STATION 0x80u

enum lldp_application {
	LLDP_VOICE = 1,
	LLDP_VOICE_SIGNALLING = 2,
};

enum lldp_med_class {
	LLDP_MED_NONE = 0,
	LLDP_MED_PHONE = 3,  /* endpoint class III */
	LLDP_MED_SWITCH = 4, /* network connectivity */
};

struct lldp_policy {
	uint8_t application; /* enum lldp_application or another */
	bool unknown;        /* an endpoint asks what it should be */
	bool tagged;
	uint16_t vlan; /* 0 = priority tags only */
	uint8_t priority, dscp;
};

/* Power via MDI as LLDP-MED tells it. */
struct lldp_power {
	bool present;
	bool is_device; /* the powered side, which asks; else the one that gives */
	uint8_t source, priority;
	uint32_t mw;
};

struct lldp {
	uint8_t chassis_kind, port_kind; /* enum lldp_id_kind or another */
	struct slice chassis, port;
	uint16_t ttl_s;
	struct slice port_description, system_name, system_description;
	bool has_capabilities;
	uint16_t capabilities, enabled;
	struct ip4 address; /* the first IPv4 management address; zero when none */
	bool has_port_vlan;
	uint16_t port_vlan;
	bool has_link; /* 802.3: auto-negotiation and what came of it */
	bool autonegotiates;
	uint16_t mau; /* operational MAU type (RFC 4836): 16 = 100BASE-TX full duplex */
	bool has_med;
	uint16_t med_capabilities;
	uint8_t med_class; /* enum lldp_med_class or another */
	uint8_t policy_count;
	struct lldp_policy policy[LLDP_POLICIES_MAX];
	struct lldp_power power;
	struct slice hardware, firmware, software, serial, manufacturer, model, asset;
};

/* 0; E_BAD_FORMAT when it does not begin with a chassis id, a port id and a lifetime. A TLV that
 * lies about its length ends the list and is noted. */
int lldp_decode(struct slice bytes, struct lldp *ret_lldp, struct anomalies *anomalies);
/* Appends one packet with its end mark: the TLVs that are set. 0 or E_FULL. */
int lldp_encode(const struct lldp *lldp, struct writer *to);
/* The policy for voice; NULL when there is none or it only asks. */
const struct lldp_policy *lldp_voice_policy(const struct lldp *lldp);
/* The hardware address inside the chassis or port id, as phones give it. false when neither has
 * one.
 */
bool lldp_mac(const struct lldp *lldp, struct mac *ret_mac);

#endif
