/* What lies between phones and servers in the lab: an Ethernet switch whose cables can misbehave.
 * It learns which address is behind which port and forwards; rules, each a short line of text, make
 * it drop, delay, alter or answer. Pure: frames and `now` in, frames and a deadline out; one seed,
 * one behaviour. The edge is fabric_io. */
#ifndef DIALTONE_FABRIC_FABRIC_H
#define DIALTONE_FABRIC_FABRIC_H

#include "base/addr.h"
#include "base/slice.h"
#include "base/time.h"

#define FABRIC_PORTS_MAX   8
#define FABRIC_RULES_MAX   32
#define FABRIC_FRAME_MAX   2048 /* larger ones are dropped: the cables' MTU is 1500 */
#define FABRIC_HELD_MAX    512  /* frames on their way; beyond it the newest is dropped */
#define FABRIC_TEXT_MAX    48
#define FABRIC_ADDRESS_MAX 256 /* learnt; then the oldest goes */

enum fabric_action {
	FABRIC_DROP,
	FABRIC_DELAY,   /* by `delay` */
	FABRIC_TWICE,   /* sends it twice */
	FABRIC_TTL,     /* sets the time to live */
	FABRIC_RESET,   /* swallows a TCP segment and resets its sender, as a firewall does */
	FABRIC_REPLACE, /* `text` becomes `with`, of the same length; checksums are put right */
};

enum fabric_kind {
	FABRIC_ANY,
	FABRIC_ARP,
	FABRIC_ICMP,
	FABRIC_UDP,
	FABRIC_TCP,
	FABRIC_TAGGED, /* with an 802.1Q tag */
};

struct fabric_rule {
	enum fabric_action action;
	enum fabric_kind kind;
	int from, to;  /* ports; -1 = any */
	uint16_t port; /* UDP or TCP, source or destination; 0 = any */
	uint16_t source_port, destination_port;
	struct ip4 ip;  /* source or destination; zero = any */
	struct mac mac; /* likewise */
	size_t larger;  /* only frames longer than this */
	bool syn;       /* only TCP segments that open a connection */
	char text[FABRIC_TEXT_MAX], with[FABRIC_TEXT_MAX]; /* only frames that hold this text */
	unsigned percent;                                  /* of those that match */
	unsigned after, first; /* spares the first so many; hits at most so many (0 = all) */
	dt_time idle; /* only a frame after so long without one that matches: a firewall's timer */
	dt_time since, until; /* counted from the first frame out of port 0: its link-up */
	dt_time delay;
	uint8_t ttl;
};

/* What port 0 is, as a switch port with a voice VLAN; all zero: a plain cable. */
struct fabric_voice {
	uint16_t vlan;    /* the voice VLAN, tagged towards the phones; 0 = none of all this */
	bool cdp, lldp;   /* answers phones that talk so */
	uint16_t told;    /* the voice VLAN it tells them; 0 = it answers and tells none */
	dt_time after;    /* from link-up: what is asked before waits */
	bool half_duplex; /* its CDP says so */
	unsigned data;    /* bits: ports in the data VLAN, which phones reach untagged */
};

/* "VLAN [by cdp|lldp|both|none] [told VLAN|nothing] [after SECONDS] [half-duplex] [data HOST…]". 0
 * or E_BAD_FORMAT as above. */
int fabric_voice_parse(const char *text, const char *const *names, size_t count,
		       struct fabric_voice *ret_voice, const char **ret_why);

/* One rule: ACTION [CONDITION…], as dialtone-lab(5) tells. `names` are the ports'. 0, or
 * E_BAD_FORMAT with *ret_why, a sentence for people. */
int fabric_rule_parse(const char *text, const char *const *names, size_t count,
		      struct fabric_rule *ret_rule, const char **ret_why);

struct fabric;

/* NULL when out of memory. Port 0 is the phones'. */
struct fabric *fabric_new(unsigned ports, uint64_t seed);
void fabric_free(struct fabric *f); /* NULL is allowed */
/* 0 or E_FULL. */
int fabric_add(struct fabric *f, const struct fabric_rule *rule);
void fabric_set_voice(struct fabric *f, const struct fabric_voice *voice);
/* How often the rule, the index-th added, was applied. */
unsigned fabric_hits(const struct fabric *f, size_t index);

void fabric_input(struct fabric *f, unsigned port, struct slice frame, dt_time now);
/* The next frame that is due; valid until the next call. */
bool fabric_next_output(struct fabric *f, dt_time now, unsigned *ret_port, struct slice *ret_frame);
dt_time fabric_deadline(const struct fabric *f);

#endif
