/* The rows of tests/data/sccp-golden.tsv: whole frames, constructed or captured. */
#ifndef DIALTONE_TESTS_PROTO_SCCP_GOLDEN_H
#define DIALTONE_TESTS_PROTO_SCCP_GOLDEN_H

#include "harness.h"

#include "proto/sccp/sccp.h"

struct golden {
	char id[8];
	char name[80];
	bool captured;
	uint8_t bytes[SCCP_FRAME_MAX];
	size_t len;
};

/* The next row of the table; false at its end. Columns: id, direction, origin, name, verdict, hex,
 * source. */
bool golden_next(struct slice *table, struct golden *g);
/* The message of the row with this id; fails the test when there is none. */
struct sccp_message golden_message(const char *id);

#endif
