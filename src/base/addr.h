/* Hardware and IPv4 addresses as plain values, bytes in network order, and their texts. */
#ifndef DIALTONE_BASE_ADDR_H
#define DIALTONE_BASE_ADDR_H

#include "base/slice.h"

struct mac {
	uint8_t b[6];
};

struct ip4 {
	uint8_t b[4];
};

struct endpoint {
	struct ip4 ip;
	uint16_t port;
};

#define MAC_TEXT_SIZE      18 /* 00:13:80:ad:9e:5f and its NUL */
#define MAC_HEX_SIZE       13 /* 001380AD9E5F and its NUL */
#define IP4_TEXT_SIZE      16
#define ENDPOINT_TEXT_SIZE 22

/* The smallest are inline: a server compares dozens of addresses for each message. */

static inline bool mac_equal(struct mac a, struct mac b)
{
	return memcmp(a.b, b.b, sizeof a.b) == 0;
}

/* The 48 bits as a number; 0 only for the zero address. */
static inline uint64_t mac_key(struct mac mac)
{
	return (uint64_t)mac.b[0] << 40 | (uint64_t)mac.b[1] << 32 | (uint64_t)mac.b[2] << 24 |
	       (uint64_t)mac.b[3] << 16 | (uint64_t)mac.b[4] << 8 | mac.b[5];
}

static inline bool mac_is_zero(struct mac mac)
{
	return mac_key(mac) == 0;
}

struct mac mac_of_key(uint64_t key);
/* 00:13:80:ad:9e:5f, as Linux and tshark print it. Returns `to`. */
char *mac_format(struct mac mac, char to[static MAC_TEXT_SIZE]);
/* 001380AD9E5F, as device names carry it. Returns `to`. */
char *mac_format_hex(struct mac mac, char to[static MAC_HEX_SIZE]);
/* Accepts 001380ad9e5f, 00:13:80:…, 00-13-…, 0013.80ad.9e5f in any case. 0 or E_BAD_FORMAT. */
int mac_parse(const char *text, struct mac *ret_mac);
/* The MAC inside a device name (SEP001380AD9E5F). 0 or E_BAD_FORMAT when the name holds none. */
int mac_of_device_name(const char *name, struct mac *ret_mac);

static inline struct ip4 ip4_of(uint32_t host_order)
{
	return (struct ip4){{(uint8_t)(host_order >> 24), (uint8_t)(host_order >> 16),
			     (uint8_t)(host_order >> 8), (uint8_t)host_order}};
}

/* Host order. */
static inline uint32_t ip4_number(struct ip4 ip)
{
	return (uint32_t)ip.b[0] << 24 | (uint32_t)ip.b[1] << 16 | (uint32_t)ip.b[2] << 8 | ip.b[3];
}

static inline bool ip4_equal(struct ip4 a, struct ip4 b)
{
	return ip4_number(a) == ip4_number(b);
}

static inline bool ip4_is_zero(struct ip4 ip)
{
	return ip4_number(ip) == 0;
}

static inline bool ip4_in_subnet(struct ip4 ip, struct ip4 net, struct ip4 mask)
{
	return ((ip4_number(ip) ^ ip4_number(net)) & ip4_number(mask)) == 0;
}

char *ip4_format(struct ip4 ip, char to[static IP4_TEXT_SIZE]);
/* Dotted decimal, four parts, nothing else. 0 or E_BAD_FORMAT. */
int ip4_parse(const char *text, struct ip4 *ret_ip);

static inline bool endpoint_equal(struct endpoint a, struct endpoint b)
{
	return ip4_equal(a.ip, b.ip) && a.port == b.port;
}

static inline uint64_t endpoint_key(struct endpoint e)
{
	return (uint64_t)ip4_number(e.ip) << 16 | e.port;
}

/* "10.77.0.1:2000". 0 or E_BAD_FORMAT; ret_endpoint only on success. */
int endpoint_parse(const char *text, struct endpoint *ret_endpoint);
char *endpoint_format(struct endpoint e, char to[static ENDPOINT_TEXT_SIZE]);

#endif
