/* Reports in words and in JSON: the one place where verdicts become output. */
#ifndef DIALTONE_BOOT_EXPLAIN_H
#define DIALTONE_BOOT_EXPLAIN_H

#include "base/buf.h"
#include "boot/diagnose.h"
#include "boot/groups.h"

struct explain_options {
	unsigned width; /* terminal columns; 0 = 80 */
	bool colour;
	bool live; /* evidence are event numbers, and `Do` may name dialtone commands */
};

/* The block of one phone: verdict, steps, cause, remedy, evidence. */
void explain_phone_text(const struct phone_report *report, const struct explain_options *options,
			struct buf *to);
/* The head of a listing: "12 phones: 9 registered, 2 refused, 1 stopped", at which steps, and what
 * several have in common. */
void explain_summary_text(const struct groups *groups, const struct explain_options *options,
			  struct buf *to);
/* A page that needs nothing else: its head with summary and groups, then each phone with its boot
 * drawn
 * (`facts`: all of the phone's), then its end. */
void explain_html_begin(const struct groups *groups, const char *source, struct buf *to);
void explain_html_phone(const struct phone_report *report, const struct fact *facts, size_t count,
			struct buf *to);
void explain_html_end(struct buf *to);
/* All phones of a timeline as the JSON object of the command line's --json. 0, E_NO_MEMORY,
 * E_TOO_LONG. */
int explain_json(struct timeline *t, const char *source, dt_time now, struct buf *to);
/* One phone in the same shape. */
int explain_phone_json(const struct phone_report *report, const char *source, struct buf *to);
/* 0 when every phone is registered, 1 otherwise: the exit status. */
int explain_exit_status(const struct groups *groups);

#endif
