/* Any bytes as NTP. */
#include "proto/ntp/ntp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ntp p;
	struct anomalies anomalies = {0};

	(void)ntp_decode(slice_of(data, size), &p, &anomalies);
	return 0;
}
