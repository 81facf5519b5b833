/* ARP for IPv4 over Ethernet (RFC 826), probes and announcements (RFC 5227). Pure codec. */
#ifndef DIALTONE_PROTO_ARP_ARP_H
#define DIALTONE_PROTO_ARP_ARP_H

#include "base/addr.h"
#include "base/writer.h"
#include "proto/anomaly.h"

enum arp_op {
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
};

struct arp {
	uint16_t op; /* enum arp_op or another */
	struct mac sender, target;
	struct ip4 sender_ip, target_ip;
};

/* 0; E_TRUNCATED; E_UNKNOWN when it is not IPv4 over 48-bit addresses. */
int arp_decode(struct slice bytes, struct arp *ret_arp, struct anomalies *anomalies);
/* Appends one packet. 0 or E_FULL. */
int arp_encode(const struct arp *arp, struct writer *to);

/* "Is this address taken?", asked before the asker has one (RFC 5227 1.1). */
bool arp_is_probe(const struct arp *arp);
/* "This address is mine": sender and target address are the same. */
bool arp_is_announcement(const struct arp *arp);

#endif
