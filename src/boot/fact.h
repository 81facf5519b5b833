/* A boot fact: one thing seen on the wire, or known by our own server, about one phone's boot.
 *
 * Observers make facts from decoded messages, live and from captures alike; rules make verdicts
 * from facts. boot/ has never heard of packets. A fact is a plain value. */
#ifndef DIALTONE_BOOT_FACT_H
#define DIALTONE_BOOT_FACT_H

#include "base/addr.h"
#include "base/buf.h"
#include "base/time.h"

#define FACT_NAME_SIZE 64 /* device names are 16; file names are cut */
#define FACT_TEXT_SIZE 128

enum fact_field {
	FIELD_PEER = 1,
	FIELD_NAME = 2,
	FIELD_TEXT = 4,
};

enum boot_step {
#define P(name, number, words) STEP_##name,
#include "boot/steps.def"
#undef P
	STEP_COUNT
};

/* What a fact is about. In the order of facts.def. */
enum fact_family {
	FAMILY_LINK,
	FAMILY_DHCP,
	FAMILY_NAME, /* DNS, time */
	FAMILY_ICMP,
	FAMILY_FILE,
	FAMILY_SERVICE, /* connections that are no CallManager's */
	FAMILY_CONTENT, /* what a delivered file says */
	FAMILY_TCP,     /* toward a CallManager */
	FAMILY_TLS,
	FAMILY_SCCP,
	FAMILY_SIP,
	FAMILY_PHONE, /* what the phone says of itself */
	FAMILY_MEDIA,
	FAMILY_SERVER, /* what only our own servers know */
};

enum fact_kind {
#define F(name, text, family, step, fields) FACT_##name,
#include "boot/facts.def"
#undef F
	FACT_COUNT
};

/* Where the fact was seen: absence is evidence only from a place that could have seen the thing. */
enum vantage {
	VANTAGE_CAPTURE, /* a capture file: whatever point of the network it was taken at */
	VANTAGE_SERVER,  /* our own server: sockets and its own wire */
	VANTAGE_LIVE,    /* a live interface */
	VANTAGE_PHONE,   /* a simulated phone's own view */
};

/* SERVER_STATE's number. */
enum {
	SERVER_STARTED = 1,
	SERVER_STOPPED = 2,
	SERVER_LATE = 3,
};

/* Bits of CONFIG_READ's value[1]. */
enum {
	CONFIG_CDP_OFF = 1,            /* enableCdpSwPort 0 */
	CONFIG_LLDP_OFF = 2,           /* enableLldpSwPort 0 */
	CONFIG_SLOW_DETECTION = 4,     /* detectCMConnectionFailure 1: K-20 */
	CONFIG_ENCRYPTED = 8,          /* encrConfig true: the rest is in .enc.sgn */
	CONFIG_NO_PROXY_REGISTER = 16, /* SIP: registerWithProxy false */
	CONFIG_SIGNED = 32,            /* it came with a signature around it (.sgn) */
};

/* Bits of SIP_REGISTER's value[1]. */
enum {
	SIP_CREDENTIALS = 1, /* an Authorization header */
	SIP_BULK = 2,        /* all lines at once */
	SIP_EXPIRES_0 = 4,   /* an unregister */
	SIP_UDP = 8,
	SIP_TLS = 16,
	SIP_AGAIN = 32, /* the same request sent again */
};

/* What a DHCP message said; only in DHCP_* facts. */
struct fact_dhcp {
	uint32_t xid;
	uint16_t secs, flags;
	uint8_t hops;
	struct ip4 giaddr, ciaddr, yiaddr, siaddr;
	struct ip4 requested;            /* option 50 */
	struct ip4 server_id;            /* option 54, of requests too; zero when absent */
	uint32_t lease_s, t1_s, t2_s;    /* options 51, 58, 59 */
	bool has_150, has_66, has_sname; /* present at all, even malformed or empty */
	bool has_43, has_82;
	bool overload;           /* option 52: options in file or sname */
	bool to_server;          /* a request that went to one server, unicast */
	uint8_t option150_count; /* addresses in option 150: at most 2 kept */
	uint8_t option150_len;   /* its length in bytes */
	bool option150_text;     /* its bytes are digits, dots and NUL: D-13 */
	struct ip4 option150[2];
	struct ip4 router, mask, dns; /* the first of each */
	char option66[40];
	char option150_words[24]; /* with option150_text: what was typed */
	char circuit[24];         /* option 82, suboption 1, printable or hex: the switch port */
	struct mac server_mac;    /* replies: the Ethernet source; zero when unknown or routed */
};

struct fact {
	enum fact_kind kind;
	enum vantage vantage;
	dt_time at; /* µs; from the capture's first packet, or the server's monotonic clock */
	uint64_t evidence; /* packet number in a capture, event number live */
	struct mac mac;    /* the phone's hardware address; zero while it is not known */
	struct ip4 ip;     /* the phone's address; zero before it has one */
	uint16_t vlan;     /* 802.1Q tag of the frame; 0 = none, or not seen */
	struct endpoint peer;
	uint32_t number;
	uint32_t value[3];
	char name[FACT_NAME_SIZE]; /* raw text from the peer: escape on the way out */
	char text[FACT_TEXT_SIZE]; /* likewise */
	struct fact_dhcp dhcp;
};

struct fact_row {
	const char *text; /* "dhcp.offer" */
	enum fact_family family;
	enum boot_step step;
	unsigned fields;
};

const struct fact_row *fact_row(enum fact_kind kind);
const char *step_number(enum boot_step step); /* "4b" */
const char *step_words(enum boot_step step);  /* "registration" */

/* One line, terminal-escaped, without time, evidence and vantage: two facts are the same fact when
 * their lines are equal. "tcp.syn mac=… ip=10.77.0.51 peer=10.77.0.1:2000". No newline. */
void fact_format(const struct fact *fact, struct buf *to);

#endif
