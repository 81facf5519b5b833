/* Is a verdict the one the scenario expects? Pure: over the JSON that `explain` and the server
 * give. */
#ifndef DIALTONE_LAB_JUDGE_H
#define DIALTONE_LAB_JUDGE_H

#include "base/buf.h"
#include "lab/scenario.h"

#include <jansson.h>

/* One vantage's report. */
struct view {
	bool live;
	int host; /* of struct scenario_expect */
	json_t *report;
};

/* Does the view fulfil it? Else `ret_why` gets what is there instead. */
bool judge_expectation(const struct scenario_expect *e, const json_t *report, struct buf *ret_why);
/* Everything is registered and nothing is found: what a healthy twin must look like. */
bool judge_healthy(const json_t *report, struct buf *ret_why);
/* A finding that the scenario neither expects nor allows? Then it is told and the answer is true.
 */
bool judge_stray(const struct scenario *s, bool broken, const json_t *report, struct buf *ret_why);
/* Appends every finding as {"where", "phone", "rule", "certainty"}. */
void judge_list(const json_t *report, const char *where, json_t *list);

#endif
