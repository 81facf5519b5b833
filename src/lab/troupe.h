/* Many runs at once: each in a process of its own with its own namespaces; most of a run is waiting
 * for a phone's timers. */
#ifndef DIALTONE_LAB_TROUPE_H
#define DIALTONE_LAB_TROUPE_H

#include "lab/scenario.h"

#include <jansson.h>
#include <signal.h>

struct troupe_run {
	const struct scenario *scenario;
	bool broken;
	const char *keep;
	/* Filled: act_run's answer, or NULL while it runs or when it was interrupted. */
	json_t *result;
	/* The troupe's own. */
	int pid, pipe;
	char directory[96];
	double began;
};

/* Runs them, at most `together` at once; calls on_done after each. 0, or -1 when interrupted or
 * when no private network can be made (told on standard error). Leaves nothing behind. */
int troupe_run(struct troupe_run *runs, size_t count, unsigned together,
	       void (*on_done)(void *context, struct troupe_run *run), void *context);

#endif
