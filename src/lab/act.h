/* One run of a scenario, broken or healthy, from the bare stage to the judgement. */
#ifndef DIALTONE_LAB_ACT_H
#define DIALTONE_LAB_ACT_H

#include "lab/scenario.h"

#include <jansson.h>

/* Runs in the calling process, which is alone in its namespaces; `directory` is its own and empty.
 * The answer:
 *   outcome   "right", "wrong", or "cannot" (something needed is not here)
 *   why       what was wrong; ""
 *   seconds   how long it took
 *   found     every finding, {"where", "phone", "rule", "certainty"}
 *   matched   packets the filter found; -1: tshark is not here
 *   text      the verdict on the phone in words, of the capture
 * keep: where the phones' capture is copied; NULL = nowhere. NULL when out of memory. */
json_t *act_run(const struct scenario *s, bool broken, const char *directory, const char *keep);

#endif
