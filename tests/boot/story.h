/* A boot told as facts, in seconds: what the tests of rules are made of. The defaults are one 7960
 * at 10.77.0.51 and one server at 10.77.0.1 that does everything. */
#ifndef DIALTONE_TESTS_STORY_H
#define DIALTONE_TESTS_STORY_H

#include "boot/diagnose.h"

#define STORY_OWN     "SEP001BD4000001.cnf.xml"
#define STORY_DEFAULT "XMLDefault.cnf.xml"
#define STORY_TRUST   "CTLSEP001BD4000001.tlv"

struct story {
	struct timeline *timeline;
	struct phone_report report;
	uint64_t evidence;
	struct endpoint server; /* the peer of the facts that follow */
	enum vantage vantage;
	uint8_t by; /* last byte of the teller's MAC and address - 50; 0 = 1 */
	bool no_peer;
	bool site; /* the fact concerns nobody in particular */
};

void story_begin(struct story *s);
void story_end(struct story *s);
/* Adds a fact at so many seconds; mac, address, peer and evidence number are filled in where zero.
 */
void story_tell(struct story *s, double at, struct fact fact);
/* DISCOVER, OFFER, ACK with option 150, the trust list absent. */
void story_lease(struct story *s, double at);
/* Asked, started, delivered / asked, refused. */
void story_file(struct story *s, double at, const char *name);
void story_no_file(struct story *s, double at, const char *name);
/* SYN, open, Register. */
void story_register(struct story *s, double at);
void story_admitted(struct story *s, double at);
void story_refused(struct story *s, double at, const char *text);
/* The verdict as of `now` seconds. `complete`: the watch was unbroken. */
const struct phone_report *story_judge(struct story *s, double now, bool complete);
/* Is it told as a phone at all? */
bool story_is_phone(struct story *s);
/* "R-05 proved", "R-05 suspected, R-06 suspected", "" : the findings in order. */
const char *story_findings(struct story *s, double now, bool complete);

#endif
