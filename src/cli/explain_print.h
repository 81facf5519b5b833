#ifndef DIALTONE_CLI_EXPLAIN_PRINT_H
#define DIALTONE_CLI_EXPLAIN_PRINT_H

#include "boot/timeline.h"

#include <stdio.h>

struct explain_view {
	const char *source; /* file name or interface, for people */
	dt_time now;
	bool as_json, all, facts;
	bool one; /* only `mac` */
	struct mac mac;
	FILE *html;             /* write a page here; opened before the capture is read */
	struct timeline *other; /* compare with a phone of this one */
	struct mac other_mac;
	const char *other_source;
};

/* Prints what a timeline tells. Returns the exit status. */
int explain_print(struct timeline *timeline, const struct explain_view *view);

#endif
