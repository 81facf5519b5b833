/* What the files of boot/ share: one boot as a range of facts, and the questions rules ask of it.
 */
#ifndef DIALTONE_BOOT_BOOT_INTERNAL_H
#define DIALTONE_BOOT_BOOT_INTERNAL_H

#include "boot/diagnose.h"

/* Windows: how long absence must last before it says something (docs/protocol/diagnosis.md). */
#define WINDOW_CDP      DT_SECONDS(15)  /* link up to the switch's voice VLAN */
#define WINDOW_OFFER    DT_SECONDS(10)  /* DISCOVER to OFFER */
#define WINDOW_ASK      DT_SECONDS(60)  /* ACK to the first file request */
#define WINDOW_TFTP     DT_SECONDS(12)  /* RRQ to DATA or ERROR */
#define WINDOW_CONNECT  DT_SECONDS(6)   /* SYN to SYN-ACK: three SYNs */
#define WINDOW_OPEN     DT_SECONDS(120) /* file delivered to the first SYN */
#define WINDOW_REGISTER DT_SECONDS(10)  /* Register to a verdict */
#define WINDOW_LINES    DT_SECONDS(30)  /* RegisterAck to the questions for lines and keys */
#define WINDOW_PROGRESS DT_SECONDS(60)  /* nothing new at all, and not registered */
#define WINDOW_GROUP    DT_SECONDS(10)  /* closer than this is one event of server or network */
#define WINDOW_RETURN   DT_SECONDS(300) /* a phone is back after its server was restarted */
#define REFUSED_AT_ONCE DT_SECONDS(1)
#define KEEPALIVE_GRACE DT_SECONDS(1)
#define KEEPALIVE_USUAL 30u
#define EQUAL_REQUESTS  3
#define LOOP_ROUNDS     3 /* equal cycles before a row may say "loop" */
#define GROUP_PHONES    3 /* phones that fail alike before a server is blamed */

#define PORT_SCCP        2000
#define PORT_SCCP_TLS    2443
#define PORT_SIP         5060
#define PORT_SIP_TLS     5061
#define PORT_TFTP        69
#define PORT_FILES_HTTP  6970
#define PORT_FILES_HTTPS 6971
#define PORT_TVS         2445
#define PORT_CAPF        3804

#define SIDE_PHONE  1
#define SIDE_SERVER 2

/* One boot of one phone. */
struct boot_view {
	const struct fact *facts;
	size_t count;
	const struct fact *all; /* the phone's whole history, `facts` among it */
	size_t all_count;
	const struct fact *site; /* what concerns nobody in particular */
	size_t site_count;
	const struct timeline *timeline; /* of all phones; NULL when only this one is known */
	struct mac mac;
	dt_time now;           /* the end of what was watched */
	bool complete;         /* the watch was unbroken */
	dt_time unheard_since; /* the server started then, and nothing followed; 0: it did not */
	bool verdict; /* the boot the verdict is about: rules of the whole history speak here only
		       */
};

#define BOOT_EACH(f, b)                                                                            \
	for (const struct fact *f = (b)->facts; f < (b)->facts + (b)->count; f++) // NOLINT
#define BOOT_EACH_AFTER(f, from, b)                                                                \
	for (const struct fact *f = (from) + 1; f < (b)->facts + (b)->count; f++) // NOLINT
#define BOOT_EACH_EVER(f, b)                                                                       \
	for (const struct fact *f = (b)->all; f < (b)->all + (b)->all_count; f++) // NOLINT
#define BOOT_EACH_SITE(f, b)                                                                       \
	for (const struct fact *f = (b)->site; f < (b)->site + (b)->site_count; f++) // NOLINT

/* The first / last fact of a kind; NULL when there is none. */
const struct fact *boot_first(const struct boot_view *b, enum fact_kind kind);
const struct fact *boot_last(const struct boot_view *b, enum fact_kind kind);
/* The first of this kind after `fact` in the boot; the last before it. */
const struct fact *boot_after(const struct boot_view *b, const struct fact *fact,
			      enum fact_kind kind);
const struct fact *boot_before(const struct boot_view *b, const struct fact *fact,
			       enum fact_kind kind);
size_t boot_count(const struct boot_view *b, enum fact_kind kind);
/* The first of this kind about a file of that sort. */
typedef bool (*file_sort_fn)(const char *name);
const struct fact *boot_file(const struct boot_view *b, enum fact_kind kind, file_sort_fn sort);
/* Is this the name of the phone's own configuration, the default one, a trust list? */
bool boot_file_is_own(const char *name);
bool boot_file_is_default(const char *name);
bool boot_file_is_trust(const char *name);
bool boot_file_is_signed(const char *name); /* ends in .sgn */
bool boot_file_is_loads(const char *name);
bool boot_file_is_image(const char *name); /* what a .loads names */
bool boot_file_is_phones(const char *name);
/* A server's word that it has not this file. */
bool boot_file_missing(const struct fact *f);
/* A file whose absence is normal: trust lists, locales, tones, dial plans, rings … */
bool boot_file_is_optional(const char *name);
const char *boot_file_base(const char *name);
bool text_contains_nocase(const char *text, const char *part);

/* The last ACK that gave an address; NULL. */
const struct fact *boot_lease(const struct boot_view *b);
/* … of this boot, or of one before: a phone that only restarts keeps its lease. */
const struct fact *boot_lease_ever(const struct boot_view *b);
/* Something of a later step worked after this fact: an earlier silence is forgiven. */
bool boot_went_on(const struct boot_view *b, const struct fact *since);
/* Could this vantage see what only this phone gets or sends? Broadcasts alone do not say so. */
bool boot_sees_unicast(const struct boot_view *b);
/* Is anything seen that goes toward this phone? A mirror of one direction sees every answer
 * missing, at the phone's own port too. */
bool boot_sees_replies(const struct boot_view *b, struct ip4 server);
/* Would its requests for files be seen? A capture filtered to DHCP shows everybody stop there. */
bool boot_sees_files(const struct boot_view *b);
/* Taken at the phone's own switch port: its CDP or LLDP is heard nowhere else. */
bool boot_at_port(const struct boot_view *b);
/* Its own hardware address is seen to send: no router and no host stands for it. */
bool boot_speaks_itself(const struct boot_view *b);
/* It knocks on an address that is none of our CallManagers' and not in its file either. */
bool boot_old_address(const struct boot_view *b, const struct fact *syn);
/* -1 not known, 0 no, 1 yes: is this address one of ours in that role (SERVER_OWN)? */
int boot_owns(const struct boot_view *b, struct ip4 ip, uint32_t role);

/* SCCP and SIP alike: the last request to register, its acceptance, its refusal. */
const struct fact *boot_register(const struct boot_view *b);
const struct fact *boot_accepted(const struct boot_view *b);
/* The last refusal that nothing has made good. */
const struct fact *boot_refused(const struct boot_view *b);
/* A question of the registration that was never answered and without which no phone comes up. */
const struct fact *boot_open_question(const struct boot_view *b, const struct fact *since);
/* Lines, calls, answered keepalives of a phone that had registered before it was watched; the last.
 */
const struct fact *boot_in_service(const struct boot_view *b);
/* Registered at the end of this boot, or when it left in order. */
bool boot_is_registered(const struct boot_view *b);
/* The connection on which it registered ended without an Unregister before it. */
const struct fact *boot_lost_connection(const struct boot_view *b);
/* … and it was the server that ended it. A phone that hangs up was told to, or lost its power. */
bool boot_dropped_by_server(const struct boot_view *b);
/* It is registered, and its keepalives are answered no more. */
bool boot_keepalives_lost(const struct boot_view *b);
/* A broadcast storm in this boot, not long before its last sign; NULL. */
const struct fact *boot_storm(const struct boot_view *b);
/* The server had told it to reset or restart before. */
const struct fact *boot_told_to_reset(const struct boot_view *b);

void evidence_add(uint64_t *list, uint32_t *count, uint64_t number);

/* diagnose.c: do these facts, all of one device, show that it is a phone? */
bool facts_are_phones(const struct fact *facts, size_t count);

/* boots.c: the starts of the latest boots; returns how many there were in all. */
size_t boots_find(const struct fact *facts, size_t count, size_t *start, size_t max);
/* Is it evidence that the phone had come to a CallManager? */
bool boot_came_to_callmanager(enum fact_kind kind);

/* steps.c */
void boot_fill_steps(const struct boot_view *b, struct boot_report *report);

/* What a rule explains: of two rules that explain the same, the one with better evidence speaks,
 * and with equally good evidence neither is proved. */
enum about {
	ABOUT_LINK,
	ABOUT_ADDRESS,     /* it gets no usable lease */
	ABOUT_BOOT_SERVER, /* it does not know whom to ask for files */
	ABOUT_FILE,
	ABOUT_CONTENT, /* what the files say */
	ABOUT_LOAD,
	ABOUT_TRUST,
	ABOUT_CONNECT,
	ABOUT_REGISTER,
	ABOUT_DROP,  /* it was registered */
	ABOUT_PLACE, /* it is registered where one does not look */
	ABOUT_SLOW,
	ABOUT_REMARK, /* true beside anything else */
};
enum strength {
	STRENGTH_SILENCE, /* something is absent from a vantage that had to see it */
	STRENGTH_WIRE,    /* positive evidence */
	STRENGTH_WORD,    /* the other side, or the phone, says so itself */
};

/* A rule's judgement: whether it fits, how surely, and in which words. */
struct judgement {
	bool fits, proved;
	bool note;     /* here it is no fault: the phone works all the same */
	bool likelier; /* here it comes before the others of its kind */
	enum about about;
	enum strength strength;
	struct finding finding;
};
typedef void (*rule_fn)(const struct boot_view *b, struct judgement *j);

void judgement_fits(struct judgement *j, enum about about, enum strength strength, bool proved);
/* Without these the row's own summary and remedy stand. */
__attribute__((format(printf, 2, 3))) void judgement_text(struct judgement *j, const char *format,
							  ...);
__attribute__((format(printf, 2, 3))) void judgement_remedy(struct judgement *j, const char *format,
							    ...);
/* The one observation that would decide; kept only while the finding is suspected. */
void judgement_decide(struct judgement *j, const char *what);
void judgement_evidence(struct judgement *j, const struct fact *fact); /* NULL: nothing */
void judgement_evidence_all(struct judgement *j, const struct boot_view *b, enum fact_kind kind);
/* Many words at once: a peer's text, escaped and cut, for use inside a sentence. */
const char *clean_text(const char *text, char to[static 128]);

/* judges.c: the causes of one boot, in the order of reasoning. */
unsigned judges_find(const struct boot_view *b, struct finding *ret, unsigned max);
rule_fn judge_of(enum rule rule); /* NULL: not implemented */

/* words.c: what peers' words and numbers mean. */
/* "KeepaliveTO" or 15 to "keepalives went unanswered"; NULL when unknown. */
const char *words_of_last(const char *last, uint32_t number);
/* Does the phone's last-reason name this rule? */
bool words_last_is(const struct fact *last, enum rule rule);
/* CUCM's registration failure and unregistration codes. NULL when unknown. */
const char *words_of_failure(uint32_t code);
const char *words_of_gone(uint32_t code);
bool words_failure_is(uint32_t code, enum rule rule);
bool words_gone_is(uint32_t code, enum rule rule);
/* Does a reject text, or a SIP status with its text, name this rule? And does it name any? */
enum word_match { WORD_NOTHING, WORD_MAYBE, WORD_SURELY };
enum word_match words_refusal(const struct fact *refusal, enum rule rule);

/* slow.c: where the time went. */
struct boot_gap {
	dt_time from, length;
	uint64_t before, after; /* evidence */
	char text[96];
};
size_t boot_gaps(const struct boot_view *b, struct boot_gap *ret, size_t max);

#define JUDGE(name, fn) void fn(const struct boot_view *b, struct judgement *j);
#include "boot/judges.def"
#undef JUDGE

#endif
