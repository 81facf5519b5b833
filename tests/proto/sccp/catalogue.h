/* Messages made from the tables themselves: every id, every version, any content. */
#ifndef DIALTONE_TESTS_PROTO_SCCP_CATALOGUE_H
#define DIALTONE_TESTS_PROTO_SCCP_CATALOGUE_H

#include "base/rand.h"
#include "proto/sccp/sccp.h"
#include "proto/sccp/sccp_table.h"

extern const uint32_t catalogue_ids[];
extern const size_t catalogue_count;

/* The versions a session can have; the first is CallManager 2.x. */
extern const uint8_t catalogue_versions[];
extern const size_t catalogue_version_count;

/* A message with every field that `version` sends filled at random, the rest zero. False for an id
 * dialtone does not send. Its slices stay valid until the next call. */
bool catalogue_fill(uint32_t id, uint8_t version, struct rand *rand, struct sccp_message *ret);
/* Whether both say the same, slices compared by their bytes. */
bool catalogue_same(const struct sccp_message *a, const struct sccp_message *b);

#endif
