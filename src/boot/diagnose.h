/* From a timeline to verdicts: the steps each phone reached, and the rules that explain where it
 * stopped.
 *
 * Rules are rows of rules.def, their predicates one function each in rules_*.c. A finding is proved
 * only when its evidence is positive, or absent from a vantage that had to see it, and no other
 * rule fits the same evidence from the same vantage; otherwise it is suspected. At most three
 * findings a phone. */
#ifndef DIALTONE_BOOT_DIAGNOSE_H
#define DIALTONE_BOOT_DIAGNOSE_H

#include "boot/timeline.h"

#define REPORT_FINDINGS_MAX 3
#define REPORT_EVIDENCE_MAX 12
#define REPORT_BOOTS_MAX    8 /* the latest ones */
#define REPORT_TEXT_SIZE    256

enum rule {
#define RULE(id, name, step, weight, from, summary, causes, remedy, missing) RULE_##name,
#include "boot/rules.def"
#undef RULE
	RULE_COUNT
};

enum rule_weight {
	WEIGHT_FAULT,
	WEIGHT_NOTE, /* worth saying; a phone that works is well all the same */
};

/* Which sources can lead to a rule. */
enum rule_from {
	FROM_NONE, /* not implemented: `missing` says what evidence is not there */
	FROM_CAPTURE,
	FROM_LIVE, /* our own servers' words are needed */
	FROM_BOTH,
	FROM_STEP, /* shown as a step of the boot, never a finding */
};

struct rule_row {
	const char *id; /* "R-05" */
	enum boot_step step;
	enum rule_weight weight;
	enum rule_from from;
	const char *summary; /* one sentence for people */
	const char *causes;  /* likely ones, most likely first, separated by "; " */
	const char *remedy;  /* one sentence; "Do" line */
	const char *missing; /* evidence that is not there, and where it would come from; "" */
};
const struct rule_row *rule_row(enum rule rule);
/* By id, any case; false when there is none. */
bool rule_find(const char *id, enum rule *ret_rule);

struct finding {
	enum rule rule;
	bool proved;
	bool note;                   /* no fault: the phone works, or will */
	char text[REPORT_TEXT_SIZE]; /* terminal-safe sentence with this phone's particulars */
	char remedy[REPORT_TEXT_SIZE];
	char decide[REPORT_TEXT_SIZE]; /* suspected: the one observation that would decide; else ""
					*/
	struct endpoint peer;          /* the server it is about; zero when it is about none */
	uint32_t evidence_count;
	uint64_t evidence[REPORT_EVIDENCE_MAX];
};

enum step_status {
	STEP_STATUS_UNSEEN, /* nothing seen here: not a failure by itself */
	STEP_STATUS_OK,
	STEP_STATUS_ABSENT, /* asked and normally answered "no", and the boot went on */
	STEP_STATUS_WAITING,
	STEP_STATUS_REFUSED,
	STEP_STATUS_STOPPED,
};

struct boot_step_report {
	enum step_status status;
	dt_time at; /* since the phone's first sign of life in this boot; DT_NEVER when unseen */
	char text[REPORT_TEXT_SIZE];
	uint32_t evidence_count;
	uint64_t evidence[REPORT_EVIDENCE_MAX];
};

struct boot_report {
	dt_time began; /* absolute, of the first fact */
	struct boot_step_report step[STEP_COUNT];
};

enum phone_status {
	PHONE_STATUS_UNKNOWN,
	PHONE_STATUS_REGISTERED,
	PHONE_STATUS_REFUSED,
	PHONE_STATUS_STOPPED,
	PHONE_STATUS_DEGRADED,
};

struct phone_report {
	struct mac mac;
	char name[16]; /* as claimed, else SEP<MAC> */
	struct ip4 ip;
	char model[16];   /* "" unknown */
	char protocol[8]; /* SCCP, "" */
	enum phone_status status;
	enum boot_step step; /* reached or stopped at */
	dt_time first, last;
	unsigned boot_count;   /* all ever; the reports below are of the latest */
	uint64_t dropped;      /* facts that gave way to the limit of what is kept of one phone */
	dt_time unheard_since; /* the server was started anew then and has not heard of it yet; 0 */
	unsigned boots;
	struct boot_report boot[REPORT_BOOTS_MAX];
	unsigned verdict_boot;  /* index of the boot that status, step and findings are about */
	struct ip4 callmanager; /* that it is registered with; zero when it is not */
	bool by_address; /* no hardware address is known: mac is a stand-in, name the IP address or
			    what the device calls itself */
	unsigned finding_count;
	struct finding
	    finding[REPORT_FINDINGS_MAX]; /* most likely first: the first is the verdict */
	char also_seen[REPORT_TEXT_SIZE]; /* "" when nothing */
};

/* The report of one phone as of `now`. false when the timeline does not know it, or when what it
 * knows is no phone (a PC's DHCP, a file transfer of something else). Large: the caller allocates.
 * Deterministic. */
bool diagnose_phone(const struct timeline *t, struct mac mac, dt_time now,
		    struct phone_report *ret_report);

/* One boot in a row of a list. */
struct boot_summary {
	dt_time began, ended;
	dt_time reached; /* since it began: the furthest step; DT_NEVER when that has no time */
	dt_time unheard_since; /* as in phone_report */
	struct finding finding;
	unsigned number; /* 1 = the first one ever seen */
	enum phone_status status;
	enum boot_step step;
	char text[REPORT_TEXT_SIZE]; /* of the furthest step */
	bool found;                  /* is there a finding? */
};
#define HISTORY_BOOTS_MAX 64

/* The latest boots of a phone, oldest first; each judged as of its own end. Returns how many; 0
 * when the timeline knows no phone there. */
unsigned diagnose_history(const struct timeline *t, struct mac mac, dt_time now,
			  struct boot_summary *ret_boots, unsigned max);

#endif
