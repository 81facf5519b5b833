/* Any bytes as a DHCP message, and back to bytes. */
#include "proto/dhcp/dhcp.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dhcp_message m;
	struct anomalies anomalies = {0};
	char model[16];
	uint8_t bytes[2 * DHCP_MESSAGE_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);

	if (dhcp_decode(slice_of(data, size), &m, &anomalies) != 0)
		return 0;
	struct slice option60 = dhcp_option_get(&m, DHCP_OPTION_VENDOR_CLASS);
	if (dhcp_vendor_model(option60, model, sizeof model))
		assert(model[0] != 0);
	(void)dhcp_vendor_is_phone(option60);
	(void)dhcp_encode(&m, &w);
	/* Within any limit: not longer, and what is read back is what was said or nothing. */
	for (size_t limit = 240; limit <= 576; limit += 48) {
		struct dhcp_message back;
		w = writer_of(bytes, sizeof bytes);
		if (dhcp_encode_within(&m, limit, &w) != 0)
			continue;
		assert(w.pos <= (limit < 300 ? 300 : limit));
		assert(dhcp_decode(writer_done(&w), &back, NULL) == 0);
		for (uint16_t i = 0; i < back.option_count; i++) {
			uint8_t number = back.option[i].number;
			assert(number == DHCP_OPTION_OVERLOAD ||
			       number == DHCP_OPTION_MESSAGE_TYPE ||
			       slice_equal(dhcp_option_get(&back, number),
					   dhcp_option_get(&m, number)));
		}
	}
	return 0;
}
