/* What the files of boot/ share: one boot as a range of facts, and the questions rules ask of it.
 */
#ifndef DIALTONE_BOOT_BOOT_INTERNAL_H
#define DIALTONE_BOOT_BOOT_INTERNAL_H

#include "boot/diagnose.h"

/* Windows: how long absence must last before it says something (docs/protocol/diagnosis.md). */
#define WINDOW_OFFER    DT_SECONDS(10) /* DISCOVER to OFFER */
#define WINDOW_ASK      DT_SECONDS(60) /* ACK to the first file request */
#define WINDOW_TFTP     DT_SECONDS(12) /* RRQ to DATA or ERROR */
#define WINDOW_CONNECT  DT_SECONDS(6)  /* SYN to SYN-ACK: three SYNs */
#define WINDOW_REGISTER DT_SECONDS(10) /* Register to a verdict */
#define WINDOW_PROGRESS DT_SECONDS(60) /* nothing new at all, and not registered */
#define REFUSED_AT_ONCE DT_SECONDS(1)
#define KEEPALIVE_GRACE DT_SECONDS(1)
#define KEEPALIVE_USUAL 30u
#define EQUAL_REQUESTS  3

/* One boot of one phone. */
struct boot_view {
	const struct fact *facts;
	size_t count;
	dt_time now;   /* the end of what was watched */
	bool complete; /* the watch was unbroken */
};

/* The first / last fact of a kind; NULL when there is none. */
const struct fact *boot_first(const struct boot_view *b, enum fact_kind kind);
const struct fact *boot_last(const struct boot_view *b, enum fact_kind kind);
/* The first of this kind after `fact` in the boot. */
const struct fact *boot_after(const struct boot_view *b, const struct fact *fact,
			      enum fact_kind kind);
size_t boot_count(const struct boot_view *b, enum fact_kind kind);
/* Is this the name of the phone's own configuration, the default one, a trust list? */
bool boot_file_is_own(const char *name);
bool boot_file_is_default(const char *name);
bool boot_file_is_trust(const char *name);
bool boot_file_is_phones(const char *name);
/* Registered at the end of this boot, or when it left in order. */
bool boot_is_registered(const struct boot_view *b);
/* The connection on which it registered ended without an Unregister before it. */
const struct fact *boot_lost_connection(const struct boot_view *b);
/* … and it was the server that ended it. A phone that hangs up was told to, or lost its power. */
bool boot_dropped_by_server(const struct boot_view *b);

void evidence_add(uint64_t *list, uint32_t *count, uint64_t number);

/* steps.c */
void boot_fill_steps(const struct boot_view *b, struct boot_report *report);

/* A rule's judgement: whether it fits, how surely, and in which words. */
struct judgement {
	bool fits, proved;
	struct finding finding;
};
typedef void (*rule_fn)(const struct boot_view *b, struct judgement *j);

__attribute__((format(printf, 2, 3))) void judgement_text(struct judgement *j, const char *format,
							  ...);
__attribute__((format(printf, 2, 3))) void judgement_remedy(struct judgement *j, const char *format,
							    ...);
void judgement_evidence(struct judgement *j, const struct fact *fact);

void rule_no_dhcp_answer(const struct boot_view *b, struct judgement *j);
void rule_no_scope(const struct boot_view *b, struct judgement *j);
void rule_no_option_150(const struct boot_view *b, struct judgement *j);
void rule_tftp_silent(const struct boot_view *b, struct judgement *j);
void rule_no_file_at_all(const struct boot_view *b, struct judgement *j);
void rule_wrong_model(const struct boot_view *b, struct judgement *j);
void rule_wrong_mac(const struct boot_view *b, struct judgement *j);
void rule_cm_silent(const struct boot_view *b, struct judgement *j);
void rule_cm_refuses(const struct boot_view *b, struct judgement *j);
void rule_not_in_database(const struct boot_view *b, struct judgement *j);
void rule_no_free_number(const struct boot_view *b, struct judgement *j);
void rule_keepalive_lost(const struct boot_view *b, struct judgement *j);

#endif
