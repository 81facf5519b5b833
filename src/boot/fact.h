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
#define FACT_TEXT_SIZE 96

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

enum fact_kind {
#define F(name, text, step, fields) FACT_##name,
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

/* What a DHCP reply gave, or a DHCP request asked; only in DHCP_* facts. */
struct fact_dhcp {
	uint32_t xid;
	uint16_t secs, flags;
	struct ip4 giaddr, ciaddr, yiaddr, siaddr;
	struct ip4 requested;            /* option 50 */
	uint32_t lease_s;                /* option 51 */
	bool has_150, has_66, has_sname; /* present at all, even malformed or empty */
	uint8_t option150_count;         /* addresses in option 150: at most 2 kept */
	bool option150_text;             /* its bytes are digits and dots: D-13 */
	struct ip4 option150[2];
	struct ip4 router, mask;
	char option66[40];
};

struct fact {
	enum fact_kind kind;
	enum vantage vantage;
	dt_time at; /* µs; from the capture's first packet, or the server's monotonic clock */
	uint64_t evidence; /* packet number in a capture, event number live */
	struct mac mac;    /* the phone's hardware address; zero while it is not known */
	struct ip4 ip;     /* the phone's address; zero before it has one */
	struct endpoint peer;
	uint32_t number;
	uint32_t value[2];
	char name[FACT_NAME_SIZE]; /* raw text from the peer: escape on the way out */
	char text[FACT_TEXT_SIZE]; /* likewise */
	struct fact_dhcp dhcp;
};

struct fact_row {
	const char *text; /* "dhcp.offer" */
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
