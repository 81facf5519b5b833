#include "proto/http/http_body.h"

#include "base/error.h"

struct http_body http_body_of(enum http_framing framing, uint64_t length)
{
	struct http_body b = {.framing = framing, .state = HTTP_BODY_DATA, .left = length};

	switch (framing) {
	case HTTP_BODY_NONE:
		b.state = HTTP_BODY_DONE;
		break;
	case HTTP_BODY_LENGTH:
		if (length == 0)
			b.state = HTTP_BODY_DONE;
		break;
	case HTTP_BODY_CHUNKED:
		b.state = HTTP_BODY_SIZE;
		break;
	case HTTP_BODY_TO_END:
		break;
	}
	return b;
}

/* A line with its end. > 0 its whole length, 0, or E_BAD_FORMAT beyond the limit. */
static int read_line(struct slice stream, struct slice *ret_line)
{
	const uint8_t *end = stream.len > 0 ? memchr(stream.ptr, '\n', stream.len) : NULL;
	size_t len = end != NULL ? (size_t)(end - stream.ptr) : stream.len;

	if (len >= HTTP_CHUNK_LINE_MAX)
		return E_BAD_FORMAT;
	if (end == NULL)
		return 0;
	if (len == 0 || stream.ptr[len - 1] != '\r')
		return E_BAD_FORMAT;
	*ret_line = slice_of(stream.ptr, len - 1);
	return (int)(len + 1);
}

/* "1a3;extension" */
static int read_size(struct slice line, uint64_t *ret_size)
{
	uint64_t size = 0;
	size_t digits = 0;

	for (; digits < line.len; digits++) {
		uint8_t c = line.ptr[digits];
		unsigned digit = 0;
		if (c >= '0' && c <= '9')
			digit = c - (unsigned)'0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (c | 0x20U) - (unsigned)'a' + 10;
		else
			break;
		if (digits == 15)
			return E_BAD_FORMAT;
		size = size * 16 + digit;
	}
	if (digits == 0 || (digits < line.len && line.ptr[digits] != ';' &&
			    line.ptr[digits] != ' ' && line.ptr[digits] != '\t'))
		return E_BAD_FORMAT;
	*ret_size = size;
	return 0;
}

static int read_data(struct http_body *b, struct slice stream, struct slice *ret_data)
{
	size_t most = stream.len < 1U << 30 ? stream.len : 1U << 30;

	if (b->framing != HTTP_BODY_TO_END && most > b->left)
		most = (size_t)b->left;
	*ret_data = slice_head(stream, most);
	if (b->framing == HTTP_BODY_TO_END)
		return (int)most;
	b->left -= most;
	if (b->left == 0)
		b->state = b->framing == HTTP_BODY_CHUNKED ? HTTP_BODY_GAP : HTTP_BODY_DONE;
	return (int)most;
}

int http_body_next(struct http_body *body, struct slice stream, struct slice *ret_data)
{
	struct slice line = slice_of(NULL, 0);
	int used = 0;

	*ret_data = slice_of(NULL, 0);
	if (body->state == HTTP_BODY_DONE)
		return 0;
	if (body->state == HTTP_BODY_DATA)
		return read_data(body, stream, ret_data);
	used = read_line(stream, &line);
	if (used <= 0)
		return used;
	if (body->state == HTTP_BODY_SIZE) {
		if (read_size(line, &body->left) != 0)
			return E_BAD_FORMAT;
		body->state = body->left > 0 ? HTTP_BODY_DATA : HTTP_BODY_TRAILER;
	} else if (body->state == HTTP_BODY_GAP) {
		if (line.len > 0)
			return E_BAD_FORMAT;
		body->state = HTTP_BODY_SIZE;
	} else if (line.len == 0) {
		body->state = HTTP_BODY_DONE;
	}
	return used;
}

bool http_body_whole(const struct http_body *body)
{
	return body->state == HTTP_BODY_DONE || body->framing == HTTP_BODY_TO_END;
}
