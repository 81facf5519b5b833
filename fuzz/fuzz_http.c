/* Any bytes as a request, as an answer with its body, and back to bytes: what was written once is
 * read as the same head. */
#include "proto/http/http_body.h"

#include <assert.h>

static void read_body(enum http_framing framing, uint64_t length, struct slice stream)
{
	struct http_body body = http_body_of(framing, length);
	struct slice data;
	int used = 0;

	while (stream.len > 0 && (used = http_body_next(&body, stream, &data)) > 0) {
		assert((size_t)used <= stream.len && data.len <= (size_t)used);
		stream = slice_from(stream, (size_t)used);
	}
}

static void read_request(struct slice bytes)
{
	struct http_request_head head;
	struct http_request_head back;
	struct anomalies anomalies = {0};
	char path[HTTP_TARGET_MAX];
	uint8_t out[HTTP_HEAD_MAX + 512];
	struct writer w = writer_of(out, sizeof out);
	enum http_framing framing = HTTP_BODY_NONE;
	uint64_t length = 0;
	int used = http_request_decode(bytes, &head, &anomalies);

	if (used <= 0)
		return;
	(void)http_target_path(head.target, path, sizeof path);
	(void)http_stays_open(head.minor, &head.fields);
	if (http_request_framing(&head, &framing, &length) == 0)
		read_body(framing, length, slice_from(bytes, (size_t)used));
	if (http_request_encode(&head, &w) != 0 || w.pos > HTTP_HEAD_MAX)
		return;
	assert(http_request_decode(writer_done(&w), &back, NULL) == (int)w.pos);
	assert(slice_equal(back.target, head.target) && back.fields.count == head.fields.count);
}

static void read_answer(struct slice bytes)
{
	struct http_answer_head head;
	enum http_framing framing = HTTP_BODY_NONE;
	uint64_t length = 0;
	int used = http_answer_decode(bytes, &head, NULL);

	if (used > 0 && http_answer_framing(&head, false, &framing, &length) == 0)
		read_body(framing, length, slice_from(bytes, (size_t)used));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_request(slice_of(data, size));
	read_answer(slice_of(data, size));
	return 0;
}
