/* Any bytes as ARP, and back to bytes, which have to say the same. */
#include "proto/arp/arp.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arp first;
	struct arp second;
	struct anomalies anomalies = {0};
	uint8_t bytes[4096];
	struct writer w = writer_of(bytes, sizeof bytes);

	if (arp_decode(slice_of(data, size), &first, &anomalies) != 0 ||
	    arp_encode(&first, &w) != 0)
		return 0;
	assert(arp_decode(writer_done(&w), &second, NULL) == 0);
	return 0;
}
