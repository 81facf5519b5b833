/* Any bytes as a DHCP message, and back to bytes. */
#include "proto/dhcp/dhcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dhcp_message m;
	struct anomalies anomalies = {0};
	char model[16];
	uint8_t bytes[2 * DHCP_MESSAGE_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);

	if (dhcp_decode(slice_of(data, size), &m, &anomalies) != 0)
		return 0;
	(void)dhcp_vendor_model(dhcp_option_get(&m, DHCP_OPTION_VENDOR_CLASS), model, sizeof model);
	(void)dhcp_encode(&m, &w);
	return 0;
}
