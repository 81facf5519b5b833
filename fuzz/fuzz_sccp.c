/* Any bytes as a stream: frames, messages, their text, and back to bytes. What was sent once is
 * read as the same message and sent the same way again. The first byte chooses the session's
 * version. */
#include "proto/sccp/sccp_fields.h"

#include <assert.h>

static void send_twice(const struct sccp_message *m, uint8_t version)
{
	uint8_t bytes[2][SCCP_FRAME_MAX + 16];
	struct writer first = writer_of(bytes[0], sizeof bytes[0]);
	struct writer second = writer_of(bytes[1], sizeof bytes[1]);
	struct sccp_message back;
	struct slice frame;

	/* Without a session the header's version is taken, so it is the one to send in. */
	if (version == 0 && m->header_version <= SCCP_VERSION_MAX)
		version = (uint8_t)m->header_version;
	if (sccp_encode(m, version, &first) != 0)
		return;
	assert(sccp_frame_next(writer_done(&first), &frame) == (int)first.pos);
	assert(sccp_decode_as(frame, version, &back, NULL) == 0);
	assert(back.id == m->id && back.header_version == m->header_version);
	assert(sccp_encode(&back, version, &second) == 0);
	assert(slice_equal(writer_done(&first), writer_done(&second)));
}

static void show(const struct sccp_message *m, uint8_t version)
{
	struct buf text;

	buf_init(&text, (size_t)256 * 1024);
	sccp_format(&text, m, version, SCCP_FULL);
	assert(buf_error(&text) == 0);
	assert(text.len == 0 || memchr(text.ptr, '\n', text.len) == NULL);
	buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice stream = slice_of(data, size);
	struct slice frame;
	uint8_t version = size > 0 ? data[0] % (SCCP_VERSION_MAX + 1) : 0;
	int used = 0;

	stream = slice_from(stream, 1);
	while ((used = sccp_frame_next(stream, &frame)) > 0) {
		struct sccp_message m;
		struct anomalies anomalies = {0};
		if (sccp_decode_as(frame, version, &m, &anomalies) == 0) {
			show(&m, version);
			send_twice(&m, version);
			sccp_message_detach(&m);
		}
		stream = slice_from(stream, (size_t)used);
	}
	return 0;
}
