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

bool mac_equal(struct mac a, struct mac b);
bool mac_is_zero(struct mac mac);
uint64_t mac_key(struct mac mac); /* the 48 bits as a number; 0 only for the zero address */
struct mac mac_of_key(uint64_t key);
/* 00:13:80:ad:9e:5f, as Linux and tshark print it. Returns `to`. */
char *mac_format(struct mac mac, char to[static MAC_TEXT_SIZE]);
/* 001380AD9E5F, as device names carry it. Returns `to`. */
char *mac_format_hex(struct mac mac, char to[static MAC_HEX_SIZE]);
/* Accepts 001380ad9e5f, 00:13:80:…, 00-13-…, 0013.80ad.9e5f in any case. 0 or E_BAD_FORMAT. */
int mac_parse(const char *text, struct mac *ret_mac);
/* The MAC inside a device name (SEP001380AD9E5F). 0 or E_BAD_FORMAT when the name holds none. */
int mac_of_device_name(const char *name, struct mac *ret_mac);

struct ip4 ip4_of(uint32_t host_order);
uint32_t ip4_number(struct ip4 ip); /* host order */
bool ip4_equal(struct ip4 a, struct ip4 b);
bool ip4_is_zero(struct ip4 ip);
bool ip4_in_subnet(struct ip4 ip, struct ip4 net, struct ip4 mask);
char *ip4_format(struct ip4 ip, char to[static IP4_TEXT_SIZE]);
/* Dotted decimal, four parts, nothing else. 0 or E_BAD_FORMAT. */
int ip4_parse(const char *text, struct ip4 *ret_ip);

bool endpoint_equal(struct endpoint a, struct endpoint b);
uint64_t endpoint_key(struct endpoint e);
/* "10.77.0.1:2000". 0 or E_BAD_FORMAT; ret_endpoint only on success. */
int endpoint_parse(const char *text, struct endpoint *ret_endpoint);
char *endpoint_format(struct endpoint e, char to[static ENDPOINT_TEXT_SIZE]);

#endif
