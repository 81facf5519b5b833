/* Any bytes as a stream: frames, messages, and back to bytes where the layout is known. */
#include "proto/sccp/sccp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice stream = slice_of(data, size);
	struct slice frame;
	int used = 0;

	while ((used = sccp_frame_next(stream, &frame)) > 0) {
		struct sccp_message m;
		struct anomalies anomalies = {0};
		uint8_t bytes[SCCP_FRAME_MAX + 16];
		struct writer w = writer_of(bytes, sizeof bytes);
		if (sccp_decode(frame, &m, &anomalies) == 0)
			(void)sccp_encode(&m, (uint8_t)m.header_version, &w);
		stream = slice_from(stream, (size_t)used);
	}
	return 0;
}
