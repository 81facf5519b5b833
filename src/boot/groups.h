/* What several phones have in common: before one phone is blamed. Pure. */
#ifndef DIALTONE_BOOT_GROUPS_H
#define DIALTONE_BOOT_GROUPS_H

#include "boot/diagnose.h"

#define GROUPS_MAX 64

/* Phones whose verdict is the same rule about the same server. */
struct group {
	enum rule rule;
	bool proved; /* of every one of them */
	bool note;
	struct endpoint peer; /* zero: no server in common */
	char text[REPORT_TEXT_SIZE], remedy[REPORT_TEXT_SIZE];
	uint32_t evidence_count;
	uint64_t evidence[REPORT_EVIDENCE_MAX]; /* of the first phones */
	size_t well;                            /* of its phones are registered all the same */
	size_t count;
	struct group_phone {
		char name[16];
		struct mac mac;
	} * phones; /* owned */
};

struct groups {
	size_t count;
	struct group group[GROUPS_MAX];
	size_t serving_count;
	struct ip4 serving[GROUPS_MAX]; /* CallManagers with which phones are registered */
	size_t by_step[STEP_COUNT];     /* phones that are not registered, by where they stopped */
	size_t by_status[PHONE_STATUS_DEGRADED + 1];
	size_t phones;
};

void groups_init(struct groups *g);
void groups_done(struct groups *g);
/* Takes in one phone's report. 0 or E_NO_MEMORY. */
int groups_add(struct groups *g, const struct phone_report *report);
/* After the last: words for each, the largest first; services that refuse many are X-01. */
void groups_finish(struct groups *g);
/* The group of faults this phone is in; NULL when it is alone with its fault. */
const struct group *groups_of(const struct groups *g, const struct phone_report *report);

#endif
