#ifndef DIALTONE_CLI_EXPLAIN_PRINT_H
#define DIALTONE_CLI_EXPLAIN_PRINT_H

#include "boot/timeline.h"

struct explain_view {
	const char *source; /* file name or interface, for people */
	dt_time now;
	bool as_json, all, facts;
	bool one; /* only `mac` */
	struct mac mac;
};

/* Prints what a timeline tells. Returns the exit status. */
int explain_print(struct timeline *timeline, const struct explain_view *view);

#endif
