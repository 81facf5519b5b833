/* What is stored of a phone's past. The bytes are the business of who gave them (boot/keep.h). */
#ifndef DIALTONE_MODEL_HISTORY_H
#define DIALTONE_MODEL_HISTORY_H

#include "base/addr.h"
#include "base/slice.h"
#include "base/time.h"

struct history {
	struct mac mac;       /* or one of the two below */
	dt_time seen_unix_us; /* its latest fact */
	dt_time zero_unix_us; /* what the wall clock said at time 0 of the times in the bytes */
	uint64_t dropped;     /* facts, and boots, that gave way before */
	uint32_t boots_dropped;
	struct slice bytes;
};

/* Rows that are no phone's: the server's own starts and stops, and the key to all bytes. */
#define HISTORY_SERVER ((struct mac){{0}})
#define HISTORY_KINDS  ((struct mac){{0, 0, 0, 0, 0, 1}})

#endif
