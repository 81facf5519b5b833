/* Any bytes as a SIP stream and as one message. */
#include "proto/sip/sip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_message m;
	struct slice message;
	struct slice value;
	struct slice host;
	struct anomalies anomalies = {0};
	uint16_t port = 0;
	char text[128];

	(void)sip_message_next(slice_of(data, size), &message);
	if (sip_decode(slice_of(data, size), &m, &anomalies) != 0)
		return 0;
	(void)sip_uri(m.contact, &value, &host, &port);
	(void)sip_parameter(m.contact, "expires", &value);
	sip_text(m.warning, text, sizeof text);
	return 0;
}
