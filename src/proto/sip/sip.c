/* SIP heads (RFC 3261, 7 and 25). */
#include "proto/sip/sip.h"

#include "base/error.h"
#include "base/reader.h"

#include <strings.h>

#define METHOD_MAX 64u /* bytes */

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct slice trim(struct slice s)
{
	while (s.len > 0 && is_blank(s.ptr[0]))
		s = slice_from(s, 1);
	while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

bool sip_is(struct slice value, const char *word)
{
	size_t len = strlen(word);

	return value.len == len &&
	       (len == 0 || strncasecmp((const char *)value.ptr, word, len) == 0);
}

/* Position of a byte, or the length. */
static size_t find(struct slice s, uint8_t c)
{
	const uint8_t *at = s.len > 0 ? memchr(s.ptr, c, s.len) : NULL;

	return at != NULL ? (size_t)(at - s.ptr) : s.len;
}

static bool is_token(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != 0 && strchr("-.!%*_+`'~", c) != NULL);
}

/* Decimal digits from the start; false when there are none or they do not fit. */
static bool read_number(struct slice text, uint32_t *ret_value)
{
	uint64_t value = 0;
	size_t i = 0;

	for (; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++) {
		value = value * 10 + (text.ptr[i] - (uint32_t)'0');
		if (value > UINT32_MAX)
			return false;
	}
	*ret_value = (uint32_t)value;
	return i > 0;
}

bool sip_is_start(struct slice bytes)
{
	size_t token = 0;

	if (bytes.len >= 8 && memcmp(bytes.ptr, "SIP/2.0 ", 8) == 0)
		return true;
	while (token < bytes.len && token < METHOD_MAX && is_token(bytes.ptr[token]))
		token++;
	struct slice rest = slice_from(bytes, token + 1);
	if (token == 0 || token >= bytes.len || bytes.ptr[token] != ' ')
		return false;
	rest = slice_head(rest, find(rest, '\n'));
	rest = trim(rest);
	return rest.len >= 8 &&
	       strncasecmp((const char *)rest.ptr + rest.len - 8, " SIP/2.0", 8) == 0;
}

/* The line at the cursor without its end; *ret_next is where the next one begins. A line that
 * starts with a blank continues the one before. */
static struct slice next_line(struct slice text, size_t at, size_t *ret_next)
{
	size_t end = at;

	for (;;) {
		struct slice rest = slice_from(text, end);
		size_t n = find(rest, '\n');
		end += n;
		if (end >= text.len) {
			end = text.len;
			*ret_next = end;
			break;
		}
		*ret_next = end + 1;
		bool goes_on = end > at + 1 && end + 1 < text.len &&
			       (text.ptr[end + 1] == ' ' || text.ptr[end + 1] == '\t');
		if (!goes_on)
			break;
		end++;
	}
	return slice_of(text.ptr + at, end - at);
}

/* The first line: 0 or E_BAD_FORMAT. */
static int read_first(struct slice line, struct sip_message *m)
{
	uint32_t status = 0;

	line = trim(line);
	if (line.len > 8 && memcmp(line.ptr, "SIP/2.0 ", 8) == 0) {
		struct slice rest = trim(slice_from(line, 8));
		if (!read_number(rest, &status) || status < 100 || status > 999)
			return E_BAD_FORMAT;
		m->status = (uint16_t)status;
		m->phrase = trim(slice_from(rest, 3));
		return 0;
	}
	if (!sip_is_start(line))
		return E_BAD_FORMAT;
	size_t token = find(line, ' ');
	m->is_request = true;
	m->method = slice_head(line, token);
	m->uri = trim(slice_head(slice_from(line, token), line.len - token - 8));
	return 0;
}

static void read_cseq(struct slice value, struct sip_message *m, struct anomalies *anomalies,
		      uint32_t at)
{
	if (!read_number(value, &m->cseq)) {
		anomaly_add(anomalies, ANOMALY_VALUE, at);
		return;
	}
	while (value.len > 0 && value.ptr[0] >= '0' && value.ptr[0] <= '9')
		value = slice_from(value, 1);
	m->cseq_method = trim(value);
}

static bool is_header(struct slice name, const char *full, const char *compact)
{
	return sip_is(name, full) || (compact[0] != 0 && sip_is(name, compact));
}

static void keep_first(struct slice *header, struct slice value)
{
	if (header->ptr == NULL)
		*header = value;
}

static void read_header(struct slice name, struct slice value, uint32_t at, struct sip_message *m,
			struct anomalies *anomalies)
{
#define H(member, full, compact)                                                                   \
	if (is_header(name, full, compact)) {                                                      \
		keep_first(&m->member, value);                                                     \
		return;                                                                            \
	}
#include "proto/sip/sip_headers.def"
#undef H
	if (sip_is(name, "CSeq")) {
		read_cseq(value, m, anomalies, at);
	} else if (sip_is(name, "Expires")) {
		m->has_expires = read_number(value, &m->expires_s);
		if (!m->has_expires)
			anomaly_add(anomalies, ANOMALY_VALUE, at);
	} else if (sip_is(name, "Content-Length") || sip_is(name, "l")) {
		if (m->has_length)
			anomaly_add(anomalies, ANOMALY_DUPLICATE, at);
		m->has_length = read_number(value, &m->content_length);
		if (!m->has_length)
			anomaly_add(anomalies, ANOMALY_VALUE, at);
	}
}

/* All header lines; returns where the body begins. */
static size_t read_headers(struct slice bytes, size_t at, struct sip_message *m,
			   struct anomalies *anomalies)
{
	for (unsigned count = 0; at < bytes.len; count++) {
		size_t next = 0;
		struct slice line = next_line(bytes, at, &next);
		if (trim(line).len == 0)
			return next;
		size_t colon = find(line, ':');
		if (count == SIP_HEADERS_MAX) {
			anomaly_add(anomalies, ANOMALY_COUNT, (uint32_t)at);
			return next;
		}
		if (colon == line.len)
			anomaly_add(anomalies, ANOMALY_VALUE, (uint32_t)at);
		else
			read_header(trim(slice_head(line, colon)),
				    trim(slice_from(line, colon + 1)), (uint32_t)at, m, anomalies);
		at = next;
	}
	anomaly_add(anomalies, ANOMALY_SHORT, (uint32_t)bytes.len);
	return at;
}

int sip_decode(struct slice bytes, struct sip_message *ret_message, struct anomalies *anomalies)
{
	struct sip_message m = {0};
	size_t at = 0;

	while (at < bytes.len && (bytes.ptr[at] == '\r' || bytes.ptr[at] == '\n'))
		at++;
	struct slice first = slice_from(bytes, at);
	size_t line = find(first, '\n');
	int error = read_first(slice_head(first, line), &m);
	if (error != 0)
		return error;
	at = read_headers(bytes, at + line + (line < first.len), &m, anomalies);
	m.body = slice_from(bytes, at);
	if (m.has_length && m.content_length < m.body.len) {
		anomaly_add(anomalies, ANOMALY_LONG, (uint32_t)at);
		m.body.len = m.content_length;
	} else if (m.has_length && m.content_length > m.body.len) {
		anomaly_add(anomalies, ANOMALY_SHORT, (uint32_t)at);
	}
	*ret_message = m;
	return 0;
}

/* Where the head ends: behind the first empty line. 0 when it does not yet. */
static size_t head_end(struct slice bytes)
{
	for (size_t i = 0; i + 1 < bytes.len; i++) {
		if (bytes.ptr[i] != '\n')
			continue;
		if (bytes.ptr[i + 1] == '\n')
			return i + 2;
		if (i + 2 < bytes.len && bytes.ptr[i + 1] == '\r' && bytes.ptr[i + 2] == '\n')
			return i + 3;
	}
	return 0;
}

int sip_message_next(struct slice stream, struct slice *ret_message)
{
	size_t blank = 0;
	struct sip_message m;

	while (blank < stream.len && (stream.ptr[blank] == '\r' || stream.ptr[blank] == '\n'))
		blank++;
	struct slice bytes = slice_from(stream, blank);
	if (bytes.len == 0)
		return 0;
	size_t head = head_end(slice_head(bytes, SIP_HEAD_MAX));
	if (head == 0) {
		bool hopeless = find(bytes, '\n') < bytes.len && !sip_is_start(bytes);
		return hopeless || bytes.len >= SIP_HEAD_MAX ? E_BAD_FORMAT : 0;
	}
	if (sip_decode(slice_head(bytes, head), &m, NULL) != 0 || m.content_length > SIP_BODY_MAX)
		return E_BAD_FORMAT;
	size_t total = head + (m.has_length ? m.content_length : 0);
	if (bytes.len < total)
		return 0;
	*ret_message = slice_head(bytes, total);
	return (int)(blank + total);
}
