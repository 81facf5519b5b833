/* ICMP for IPv4 (RFC 792, RFC 1191): echoes, and errors with the packet they quote. Pure codec;
 * slices point into the message. Checksums are not judged, as nowhere in captures. */
#ifndef DIALTONE_PROTO_ICMP_ICMP_H
#define DIALTONE_PROTO_ICMP_ICMP_H

#include "base/addr.h"
#include "proto/anomaly.h"

enum icmp_type {
	ICMP_ECHO_REPLY = 0,
	ICMP_UNREACHABLE = 3,
	ICMP_REDIRECT = 5,
	ICMP_ECHO = 8,
	ICMP_TIME_EXCEEDED = 11,
};

/* Codes of ICMP_UNREACHABLE that are told apart. */
enum icmp_unreachable {
	ICMP_NET_UNREACHABLE = 0,
	ICMP_HOST_UNREACHABLE = 1,
	ICMP_PROTOCOL_UNREACHABLE = 2,
	ICMP_PORT_UNREACHABLE = 3,
	ICMP_FRAGMENTATION_NEEDED = 4,
	ICMP_NET_PROHIBITED = 9,
	ICMP_HOST_PROHIBITED = 10,
	ICMP_FILTERED = 13, /* administratively prohibited: an access list */
};

struct icmp {
	uint8_t type, code;
	uint16_t id, sequence; /* echoes */
	uint16_t mtu;          /* FRAGMENTATION_NEEDED; 0 from routers older than RFC 1191 */
	struct ip4 gateway;    /* REDIRECT */
	struct slice quoted;   /* errors: the packet they are about, from its IPv4 header on */
};

/* 0 or E_TRUNCATED (less than the eight bytes of the header). */
int icmp_decode(struct slice bytes, struct icmp *ret_icmp, struct anomalies *anomalies);
/* Does this type quote the packet it is about? */
bool icmp_is_error(uint8_t type);
/* "port unreachable" …; the type's name for other types; never NULL. */
const char *icmp_words(uint8_t type, uint8_t code);

#endif
