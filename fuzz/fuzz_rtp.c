/* Any bytes as RTP. */
#include "proto/rtp/rtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rtp p;
	struct anomalies anomalies = {0};

	(void)rtp_decode(slice_of(data, size), &p, &anomalies);
	return 0;
}
