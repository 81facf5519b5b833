/* Heads of HTTP/1.x messages: RFC 9112 sections 2 to 6, RFC 9110 section 5. */
#include "proto/http/http_head.h"

#include "base/error.h"

#include <stdio.h>

static const struct {
	unsigned code;
	const char *reason;
} statuses[] = {
#define S(code, name, reason) {code, reason},
#include "proto/http/http_status.def"
#undef S
};

const char *http_status_reason(unsigned status)
{
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
		if (statuses[i].code == status)
			return statuses[i].reason;
	}
	return "";
}

enum http_status http_status_of_error(int error)
{
	switch (error) {
	case E_TOO_LONG:
		return HTTP_STATUS_FIELDS_LARGE;
	case E_FULL:
		return HTTP_STATUS_TARGET_LONG;
	case E_UNSUPPORTED:
		return HTTP_STATUS_VERSION;
	default:
		return HTTP_STATUS_BAD_REQUEST;
	}
}

/* A stream of lines. */
struct lines {
	struct slice bytes;
	size_t pos;
	struct anomalies *anomalies;
};

/* The next line without its end. 1; 0 when its end has not come. A bare LF ends a line too, which
 * is how some read it and some do not. */
static int next_line(struct lines *l, struct slice *ret_line)
{
	const uint8_t *from = l->bytes.ptr + l->pos;
	size_t left = l->bytes.len - l->pos;
	const uint8_t *end = left > 0 ? memchr(from, '\n', left) : NULL;

	if (end == NULL)
		return 0;
	size_t len = (size_t)(end - from);
	if (len > 0 && from[len - 1] == '\r')
		len--;
	else
		anomaly_add(l->anomalies, ANOMALY_UNTERMINATED, (uint32_t)(l->pos + len));
	*ret_line = slice_of(from, len);
	l->pos += (size_t)(end - from) + 1;
	return 1;
}

/* RFC 9110 5.6.2: what methods and field names are made of. */
static bool is_token(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.ptr[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!letter && !(c >= '0' && c <= '9') &&
		    (c == 0 || strchr("!#$%&'*+-.^_`|~", c) == NULL))
			return false;
	}
	return s.len > 0;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static struct slice trimmed(struct slice s)
{
	while (s.len > 0 && is_blank(s.ptr[0]))
		s = slice_of(s.ptr + 1, s.len - 1);
	while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

/* No control characters; beyond ASCII anything goes, as old servers write it. */
static bool is_text(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((s.ptr[i] < ' ' && s.ptr[i] != '\t') || s.ptr[i] == 0x7f)
			return false;
	}
	return true;
}

static int read_field(struct slice line, uint32_t at, struct http_fields *fields,
		      struct anomalies *anomalies)
{
	const uint8_t *colon = memchr(line.ptr, ':', line.len);
	size_t name = colon != NULL ? (size_t)(colon - line.ptr) : 0;
	struct http_field field = {slice_head(line, name), slice_of(NULL, 0)};

	if (colon == NULL)
		return E_BAD_FORMAT;
	field.value = trimmed(slice_from(line, name + 1));
	/* "Name : value" is how requests were once smuggled past a proxy (RFC 9112 5.1). */
	if (field.name.len > 0 && is_blank(field.name.ptr[field.name.len - 1])) {
		anomaly_add(anomalies, ANOMALY_VALUE, at);
		field.name = trimmed(field.name);
	}
	if (!is_token(field.name) || !is_text(field.value))
		return E_BAD_FORMAT;
	if (fields->count == HTTP_FIELDS_MAX)
		return E_TOO_LONG;
	fields->item[fields->count++] = field;
	return 0;
}

/* The fields up to the empty line. > 0 bytes of the whole head; 0; an error. */
static int read_fields(struct lines *l, struct http_fields *fields)
{
	struct slice line;

	for (;;) {
		uint32_t at = (uint32_t)l->pos;
		if (!next_line(l, &line))
			return l->bytes.len >= HTTP_HEAD_MAX ? E_TOO_LONG : 0;
		if (line.len == 0)
			return l->pos <= HTTP_HEAD_MAX ? (int)l->pos : E_TOO_LONG;
		/* A folded line belongs to the value before it (RFC 9112 5.2): told, not joined. */
		if (is_blank(line.ptr[0])) {
			anomaly_add(l->anomalies, ANOMALY_VALUE, at);
			continue;
		}
		int error = read_field(line, at, fields, l->anomalies);
		if (error != 0)
			return error;
	}
}

/* "HTTP/1.1". 0, E_BAD_FORMAT or E_UNSUPPORTED. */
static int read_version(struct slice s, unsigned *ret_minor)
{
	if (s.len != 8 || memcmp(s.ptr, "HTTP/", 5) != 0 || s.ptr[6] != '.' || s.ptr[5] < '0' ||
	    s.ptr[5] > '9' || s.ptr[7] < '0' || s.ptr[7] > '9')
		return E_BAD_FORMAT;
	if (s.ptr[5] != '1')
		return E_UNSUPPORTED;
	*ret_minor = (unsigned)(s.ptr[7] - '0');
	return 0;
}

/* The first line that is not empty. 1; 0 or an error. */
static int first_line(struct lines *l, struct slice *ret_line)
{
	*ret_line = slice_of(NULL, 0);
	while (ret_line->len == 0) {
		if (!next_line(l, ret_line))
			return l->bytes.len >= HTTP_HEAD_MAX ? E_TOO_LONG : 0;
		if (l->pos > HTTP_HEAD_MAX)
			return E_TOO_LONG;
	}
	return 1;
}

/* Up to the first space, which is taken off too. */
static struct slice next_word(struct slice *rest)
{
	const uint8_t *space = rest->len > 0 ? memchr(rest->ptr, ' ', rest->len) : NULL;
	struct slice word = *rest;

	if (space != NULL)
		word.len = (size_t)(space - rest->ptr);
	*rest = slice_from(*rest, word.len + 1);
	return word;
}

/* A peer that talks something else is told at its first line, not when its 8 KiB are full. */
static int read_request_line(struct slice line, struct http_request_head *head)
{
	struct slice rest = line;

	head->method = next_word(&rest);
	head->target = next_word(&rest);
	if (!is_token(head->method) || head->target.len == 0 || !is_text(head->target))
		return E_BAD_FORMAT;
	int error = read_version(rest, &head->minor);
	if (error == 0 && head->target.len > HTTP_TARGET_MAX)
		return E_FULL;
	return error;
}

int http_request_decode(struct slice stream, struct http_request_head *ret_head,
			struct anomalies *anomalies)
{
	struct lines l = {.bytes = stream, .anomalies = anomalies};
	struct slice line;
	int result = first_line(&l, &line);

	memset(ret_head, 0, sizeof *ret_head);
	if (result <= 0)
		return result;
	result = read_request_line(line, ret_head);
	return result != 0 ? result : read_fields(&l, &ret_head->fields);
}

static int read_status_line(struct slice line, struct http_answer_head *head)
{
	struct slice rest = line;
	int error = read_version(next_word(&rest), &head->minor);
	struct slice status = next_word(&rest);

	if (error != 0)
		return error;
	if (status.len != 3 || !is_text(rest))
		return E_BAD_FORMAT;
	for (size_t i = 0; i < 3; i++) {
		if (status.ptr[i] < '0' || status.ptr[i] > '9')
			return E_BAD_FORMAT;
		head->status = head->status * 10 + (unsigned)(status.ptr[i] - '0');
	}
	head->reason = rest;
	return head->status >= 100 ? 0 : E_BAD_FORMAT;
}

int http_answer_decode(struct slice stream, struct http_answer_head *ret_head,
		       struct anomalies *anomalies)
{
	struct lines l = {.bytes = stream, .anomalies = anomalies};
	struct slice line;
	int result = first_line(&l, &line);

	memset(ret_head, 0, sizeof *ret_head);
	if (result <= 0)
		return result;
	result = read_status_line(line, ret_head);
	return result != 0 ? result : read_fields(&l, &ret_head->fields);
}

static void write_text(struct writer *w, const char *text)
{
	writer_bytes(w, slice_text(text));
}

static int write_fields(const struct http_fields *fields, struct writer *w)
{
	for (uint32_t i = 0; i < fields->count; i++) {
		const struct http_field *f = &fields->item[i];
		if (!is_token(f->name) || !is_text(f->value))
			return E_BAD_VALUE;
		writer_bytes(w, f->name);
		write_text(w, ": ");
		writer_bytes(w, f->value);
		write_text(w, "\r\n");
	}
	write_text(w, "\r\n");
	return 0;
}

/* Nothing of a head that did not fit or may not be written stays. */
static int written(struct writer *w, size_t start, int error)
{
	if (error == 0 && w->failed)
		error = E_FULL;
	if (error != 0) {
		w->pos = start;
		w->failed = false;
	}
	return error;
}

static void write_version(struct writer *w, unsigned minor)
{
	write_text(w, minor == 0 ? "HTTP/1.0" : "HTTP/1.1");
}

int http_request_encode(const struct http_request_head *head, struct writer *to)
{
	size_t start = to->pos;

	if (!is_token(head->method) || head->target.len == 0 || !is_text(head->target) ||
	    memchr(head->target.ptr, ' ', head->target.len) != NULL)
		return E_BAD_VALUE;
	writer_bytes(to, head->method);
	writer_u8(to, ' ');
	writer_bytes(to, head->target);
	writer_u8(to, ' ');
	write_version(to, head->minor);
	write_text(to, "\r\n");
	return written(to, start, write_fields(&head->fields, to));
}

int http_answer_encode(const struct http_answer_head *head, struct writer *to)
{
	size_t start = to->pos;
	char status[8];

	if (head->status < 100 || head->status > 999 || !is_text(head->reason))
		return E_BAD_VALUE;
	(void)snprintf(status, sizeof status, " %u ", head->status);
	write_version(to, head->minor);
	write_text(to, status);
	writer_bytes(to, head->reason);
	write_text(to, "\r\n");
	return written(to, start, write_fields(&head->fields, to));
}

int http_field_add(struct http_fields *fields, const char *name, struct slice value)
{
	if (fields->count == HTTP_FIELDS_MAX)
		return E_FULL;
	fields->item[fields->count++] = (struct http_field){slice_text(name), value};
	return 0;
}
