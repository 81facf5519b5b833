/* Any bytes as EAPOL. */
#include "proto/eapol/eapol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eapol p;
	struct anomalies anomalies = {0};

	(void)eapol_decode(slice_of(data, size), &p, &anomalies);
	return 0;
}
