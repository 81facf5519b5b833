/* Any bytes as a TFTP packet, and back to bytes. */
#include "proto/tftp/tftp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tftp_packet p;
	struct anomalies anomalies = {0};
	uint32_t value = 0;
	uint8_t bytes[2048];
	struct writer w = writer_of(bytes, sizeof bytes);

	if (tftp_decode(slice_of(data, size), &p, &anomalies) != 0)
		return 0;
	(void)tftp_option_number(&p, "blksize", &value);
	(void)tftp_encode(&p, &w);
	return 0;
}
