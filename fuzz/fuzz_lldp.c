/* Any bytes as LLDP, and back to bytes, which have to say the same. */
#include "proto/lldp/lldp.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lldp first;
	struct lldp second;
	struct anomalies anomalies = {0};
	uint8_t bytes[4096];
	struct writer w = writer_of(bytes, sizeof bytes);

	if (lldp_decode(slice_of(data, size), &first, &anomalies) != 0 ||
	    lldp_encode(&first, &w) != 0)
		return 0;
	assert(lldp_decode(writer_done(&w), &second, NULL) == 0);
	return 0;
}
