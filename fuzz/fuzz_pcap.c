/* Any bytes as a capture file. */
#include "proto/pcap/pcap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pcap_reader p = pcap_reader_of();
	struct slice left = slice_of(data, size);

	for (;;) {
		struct pcap_record record;
		size_t used = 0;
		enum pcap_step step = pcap_read(&p, left, &used, &record);
		left = slice_from(left, used);
		if (step == PCAP_STEP_MORE || step == PCAP_STEP_BAD)
			return 0;
	}
}
