/* Memory whose last byte is followed by an unreadable page, for many inputs one after the other:
 * reading one byte too far crashes. */
#ifndef DIALTONE_TESTS_PROTO_SCCP_GUARD_H
#define DIALTONE_TESTS_PROTO_SCCP_GUARD_H

#include "base/slice.h"

struct guard {
	uint8_t *end;
	uint8_t *map;
	size_t mapped;
};
/* False when there is no such memory to be had. */
bool guard_init(struct guard *g);
void guard_done(struct guard *g);
/* The bytes, ending at the unreadable page. At most SCCP_FRAME_MAX. */
struct slice guard_put(struct guard *g, struct slice bytes);

#endif
