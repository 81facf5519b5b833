/* HTTP/1.0 and 1.1 heads (RFC 9112), of requests and of answers: what comes before a body. Pure
 * codec; slices point into the bytes read. Bodies: http_body.h.
 *
 * The decoder is strict about what a head is and reports, as anomalies, what two readers could
 * understand differently: bare LF, folded lines, lengths that disagree. A server refuses a head
 * with an anomaly (400); somebody who watches a capture goes on. */
#ifndef DIALTONE_PROTO_HTTP_HTTP_HEAD_H
#define DIALTONE_PROTO_HTTP_HTTP_HEAD_H

#include "base/writer.h"
#include "proto/anomaly.h"

#define HTTP_HEAD_MAX   8192 /* all of it, its empty line included */
#define HTTP_TARGET_MAX 1024 /* phones are limited to URLs of 256 characters */
#define HTTP_FIELDS_MAX 48

/* http_status.def rows: S(code, NAME, "reason"). */
enum http_status {
#define S(code, name, reason) HTTP_STATUS_##name = (code),
#include "proto/http/http_status.def"
#undef S
};

struct http_field {
	struct slice name, value; /* the value without white space around it */
};

struct http_fields {
	uint32_t count;
	struct http_field item[HTTP_FIELDS_MAX];
};

struct http_request_head {
	struct slice method; /* "GET": case counts */
	struct slice target; /* as sent: http_target_path() undoes its encoding */
	unsigned minor;      /* HTTP/1.minor */
	struct http_fields fields;
};

struct http_answer_head {
	unsigned status, minor;
	struct slice reason; /* may be empty */
	struct http_fields fields;
};

/* Reads one head from the front of a stream. > 0: bytes used, its empty line included; 0: more is
 * needed; else what is wrong: E_BAD_FORMAT (it is no head), E_TOO_LONG (HTTP_HEAD_MAX or
 * HTTP_FIELDS_MAX), E_FULL (a target beyond HTTP_TARGET_MAX), E_UNSUPPORTED (another version than
 * 1.x). Empty lines before it are skipped (RFC 9112 2.2). `anomalies` may be NULL. */
int http_request_decode(struct slice stream, struct http_request_head *ret_head,
			struct anomalies *anomalies);
/* The same; E_FULL is never returned. */
int http_answer_decode(struct slice stream, struct http_answer_head *ret_head,
		       struct anomalies *anomalies);
/* The status that tells a client why its head was refused: of a decoder's error. */
enum http_status http_status_of_error(int error);
/* "Not Found"; "" for a code not in the table. */
const char *http_status_reason(unsigned status);

/* Appends a head and its empty line. 0; E_FULL; E_BAD_VALUE for a text that would end a line. */
int http_request_encode(const struct http_request_head *head, struct writer *to);
int http_answer_encode(const struct http_answer_head *head, struct writer *to);
/* E_FULL at HTTP_FIELDS_MAX. `value` must outlive the head. */
int http_field_add(struct http_fields *fields, const char *name, struct slice value);

/* The first field of this name, any case; NULL when absent. */
const struct http_field *http_field_find(const struct http_fields *fields, const char *name);
/* Is `token` one of the comma-separated words of any field of this name? Any case. */
bool http_field_has(const struct http_fields *fields, const char *name, const char *token);
/* Digits only, up to 2^63 - 1. */
bool http_number(struct slice text, uint64_t *ret_value);

enum http_framing {
	HTTP_BODY_NONE,
	HTTP_BODY_LENGTH, /* ret_length bytes */
	HTTP_BODY_CHUNKED,
	HTTP_BODY_TO_END, /* as long as the connection lives; answers only */
};

/* How long is the body? E_BAD_FORMAT when its fields contradict each other or cannot be read; such
 * a connection cannot be followed further (RFC 9112 6.3). */
int http_request_framing(const struct http_request_head *head, enum http_framing *ret_framing,
			 uint64_t *ret_length);
/* `to_head`: it answers a HEAD request, and has no body whatever its fields say. */
int http_answer_framing(const struct http_answer_head *head, bool to_head,
			enum http_framing *ret_framing, uint64_t *ret_length);
/* Does the connection stay open after this message, as far as its fields say? */
bool http_stays_open(unsigned minor, const struct http_fields *fields);

/* The path of a request target: scheme and authority of an absolute one, query and fragment taken
 * off, percent-encoding undone once. Returns its length (without the NUL it always gets);
 * E_BAD_FORMAT for a bad escape, a control character or a target that is no path; E_TOO_LONG. */
int http_target_path(struct slice target, char *to, size_t size);

#endif
