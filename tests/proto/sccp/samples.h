/* One filled message of every kind this codec can send, in every layout it has. The round trip and
 * tshark judge the same list. No two neighbouring fields hold the same value, so that swapped or
 * forgotten ones show. */
#ifndef DIALTONE_TESTS_PROTO_SCCP_SAMPLES_H
#define DIALTONE_TESTS_PROTO_SCCP_SAMPLES_H

#include "proto/sccp/sccp.h"

struct sccp_sample {
	uint8_t version; /* the negotiated version to encode for */
	struct sccp_message message;
};

extern const struct sccp_sample sccp_samples[];
extern const size_t sccp_samples_count;

#endif
