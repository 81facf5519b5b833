#ifndef DIALTONE_CLI_EXPLAIN_LIVE_H
#define DIALTONE_CLI_EXPLAIN_LIVE_H

#include "cli/explain_print.h"

/* Watches an interface for `seconds` (0 = until Ctrl-C) and explains what it saw. Returns the exit
 * status. */
int explain_live(const char *interface, unsigned seconds, struct explain_view *view);

#endif
