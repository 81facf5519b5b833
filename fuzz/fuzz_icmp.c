/* Any bytes as ICMP. */
#include "proto/icmp/icmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct icmp p;
	struct anomalies anomalies = {0};

	(void)icmp_decode(slice_of(data, size), &p, &anomalies);
	return 0;
}
