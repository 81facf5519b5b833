/* Any bytes as a stream: frames, messages, and back to bytes. What was sent once is read as the
 * same message and sent the same way again. */
#include "proto/sccp/sccp.h"

#include <assert.h>

static void send_twice(const struct sccp_message *m)
{
	uint8_t version = (uint8_t)m->header_version;
	uint8_t bytes[2][SCCP_FRAME_MAX + 16];
	struct writer first = writer_of(bytes[0], sizeof bytes[0]);
	struct writer second = writer_of(bytes[1], sizeof bytes[1]);
	struct sccp_message back;
	struct slice frame;

	if (sccp_encode(m, version, &first) != 0)
		return;
	assert(sccp_frame_next(writer_done(&first), &frame) == (int)first.pos);
	assert(sccp_decode(frame, &back, NULL) == 0);
	assert(back.id == m->id && back.header_version == m->header_version);
	assert(sccp_encode(&back, version, &second) == 0);
	assert(slice_equal(writer_done(&first), writer_done(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice stream = slice_of(data, size);
	struct slice frame;
	int used = 0;

	while ((used = sccp_frame_next(stream, &frame)) > 0) {
		struct sccp_message m;
		struct anomalies anomalies = {0};
		if (sccp_decode(frame, &m, &anomalies) == 0)
			send_twice(&m);
		stream = slice_from(stream, (size_t)used);
	}
	return 0;
}
