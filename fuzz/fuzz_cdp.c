/* Any bytes as CDP, and back to bytes, which have to say the same. */
#include "proto/cdp/cdp.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cdp first;
	struct cdp second;
	struct anomalies anomalies = {0};
	uint8_t bytes[4096];
	struct writer w = writer_of(bytes, sizeof bytes);

	if (cdp_decode(slice_of(data, size), &first, &anomalies) != 0 ||
	    cdp_encode(&first, &w) != 0)
		return 0;
	assert(cdp_decode(writer_done(&w), &second, NULL) == 0);
	return 0;
}
