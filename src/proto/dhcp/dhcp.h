/* DHCP messages (RFC 2131, 2132, 3046, 3396, 5859). Pure codec: no allocation, no state.
 *
 * Options are gathered once into a bounded area (long options of RFC 3396 joined, `sname`/`file`
 * overload of option 52 followed) and then read by number; unknown ones stay readable. */
#ifndef DIALTONE_PROTO_DHCP_DHCP_H
#define DIALTONE_PROTO_DHCP_DHCP_H

#include "base/addr.h"
#include "base/writer.h"
#include "proto/anomaly.h"

#define DHCP_SERVER_PORT    67
#define DHCP_CLIENT_PORT    68
#define DHCP_MESSAGE_MAX    1500
#define DHCP_OPTIONS_MAX    64
#define DHCP_FLAG_BROADCAST 0x8000u

/* dhcp_options.def rows: O(number, NAME, "name"). */
enum dhcp_option {
#define O(number, name, text) DHCP_OPTION_##name = (number),
#include "proto/dhcp/dhcp_options.def"
#undef O
};

enum dhcp_type {
	DHCP_BOOTP = 0, /* no option 53 */
	DHCP_DISCOVER = 1,
	DHCP_OFFER,
	DHCP_REQUEST,
	DHCP_DECLINE,
	DHCP_ACK,
	DHCP_NAK,
	DHCP_RELEASE,
	DHCP_INFORM,
};

struct dhcp_option_item {
	uint8_t number;
	uint16_t at, len; /* in data[] */
};

struct dhcp_message {
	uint8_t op; /* 1 request, 2 reply */
	uint8_t hops;
	uint32_t xid;
	uint16_t secs, flags;
	struct ip4 ciaddr, yiaddr, siaddr, giaddr;
	struct mac chaddr;
	char sname[65], file[129]; /* empty when overloaded with options */
	enum dhcp_type type;
	uint16_t option_count;
	uint16_t data_used;
	struct dhcp_option_item option[DHCP_OPTIONS_MAX]; /* in the order of the packet */
	uint8_t data[DHCP_MESSAGE_MAX];
};

const char *dhcp_type_name(enum dhcp_type type); /* "DISCOVER" …; "BOOTP"; never NULL */
const char *dhcp_option_name(uint8_t number);    /* NULL when not in the catalogue */

/* 0; E_BAD_FORMAT when it is no BOOTP message over Ethernet (too short for the fixed part and the
 * magic cookie, hlen not 6, op neither 1 nor 2). */
int dhcp_decode(struct slice bytes, struct dhcp_message *ret_message, struct anomalies *anomalies);
/* Appends the message, option 53 first, then option[] in order, END, padded to 300 bytes (RFC
 * 1542). 0, or E_FULL. */
int dhcp_encode(const struct dhcp_message *message, struct writer *to);
/* The same in at most `limit` bytes, for a peer that takes no more: options that do not fit go into
 * `file` and `sname` (option 52; an sname of the message gives way), and beyond that are left out,
 * the last ones first. Option 82 stays in the options field, as its last. E_FULL when not even the
 * fixed part, type and option 82 fit. */
int dhcp_encode_within(const struct dhcp_message *message, size_t limit, struct writer *to);

/* The bytes of an option; .ptr is NULL when absent (an empty option has a non-NULL ptr). */
struct slice dhcp_option_get(const struct dhcp_message *m, uint8_t number);
bool dhcp_option_has(const struct dhcp_message *m, uint8_t number);
/* An option of exactly four bytes as an address; false when absent or of another length. */
bool dhcp_option_ip(const struct dhcp_message *m, uint8_t number, struct ip4 *ret_ip);
bool dhcp_option_u32(const struct dhcp_message *m, uint8_t number, uint32_t *ret_value);
/* The text of an option without trailing NULs, cut to fit. false when absent. */
bool dhcp_option_text(const struct dhcp_message *m, uint8_t number, char *to, size_t size);

/* Building: appends an option; E_FULL when the message is full. */
int dhcp_option_add(struct dhcp_message *m, uint8_t number, struct slice value);
int dhcp_option_add_ip(struct dhcp_message *m, uint8_t number, struct ip4 ip);
int dhcp_option_add_u32(struct dhcp_message *m, uint8_t number, uint32_t value);
int dhcp_option_add_text(struct dhcp_message *m, uint8_t number, const char *text);

/* The model in a Cisco phone's option 60 ("7961G-GE" of "Cisco Systems, Inc. IP Phone
 * CP-7961G-GE"), in every spelling met in the field. false when it is not a Cisco phone or names no
 * model. */
bool dhcp_vendor_model(struct slice option60, char *to, size_t size);
/* Is it a Cisco phone's option 60, with or without its model? Some name none: the 7910 says "IP
 * Phone", the 6901 only the company. */
bool dhcp_vendor_is_phone(struct slice option60);

#endif
