/* Requests read, and answers begun. */
#include "base/error.h"
#include "base/text.h"
#include "tftp/http6970_internal.h"

#include <stdio.h>

static void answer(struct http6970 *h, struct http6970_connection *c, unsigned status, dt_time now)
{
	c->status = status;
	c->sent = 0;
	if (status >= 400) {
		h->counters.refused += status != HTTP_STATUS_NOT_FOUND;
		http6970_tell(h, c, HTTP6970_REFUSED, status);
	}
	http6970_enter(h, c, HTTP6970_SENDING, now);
}

void http6970_refuse(struct http6970 *h, struct http6970_connection *c, unsigned status,
		     dt_time now)
{
	c->close = true;
	c->no_body = true;
	answer(h, c, status, now);
}

static void etag_of(const struct file *file, char to[static 24])
{
	(void)snprintf(to, 24, "\"%llx\"", (unsigned long long)file->stamp);
}

/* Does If-None-Match name this version, or any? (RFC 9110 13.1.2: weak comparison) */
static bool is_known(const struct http_request_head *head, const struct file *file)
{
	char etag[24];
	char weak[28];

	etag_of(file, etag);
	(void)snprintf(weak, sizeof weak, "W/%s", etag);
	return http_field_has(&head->fields, "If-None-Match", "*") ||
	       http_field_has(&head->fields, "If-None-Match", etag) ||
	       http_field_has(&head->fields, "If-None-Match", weak);
}

static void open_target(struct http6970 *h, struct http6970_connection *c,
			const struct http_request_head *head, dt_time now)
{
	char path[HTTP_TARGET_MAX];
	struct file_name name;
	int len = http_target_path(head->target, path, sizeof path);

	c->name[0] = 0;
	if (len < 0) {
		http6970_refuse(h, c, HTTP_STATUS_BAD_REQUEST, now);
		return;
	}
	(void)text_copy(c->name, sizeof c->name, path + 1);
	http6970_tell(h, c, HTTP6970_ASKED, 0);
	unsigned instead = mischief_http(h->mischief, c->name);
	if (instead != 0) {
		answer(h, c, instead, now);
		return;
	}
	switch (files_open(h->files, slice_of(path, (size_t)len), &c->file, &name)) {
	case FILES_FOUND:
		break;
	case FILES_MISSING:
		h->counters.not_found++;
		answer(h, c, HTTP_STATUS_NOT_FOUND, now);
		return;
	case FILES_FAILED:
		answer(h, c, HTTP_STATUS_UNAVAILABLE, now);
		return;
	}
	if (is_known(head, c->file)) {
		c->no_body = true;
		answer(h, c, HTTP_STATUS_NOT_MODIFIED, now);
		return;
	}
	if (!c->no_body)
		http6970_tell(h, c, HTTP6970_STARTED, c->file->size);
	answer(h, c, HTTP_STATUS_OK, now);
}

static bool is_method(const struct http_request_head *head, const char *method)
{
	return slice_equal(head->method, slice_text(method));
}

/* HTTP/1.1 names its host exactly once (RFC 9112 3.2). */
static bool host_is_right(const struct http_request_head *head)
{
	unsigned hosts = 0;

	for (uint32_t i = 0; i < head->fields.count; i++) {
		struct http_fields one = {.count = 1, .item = {head->fields.item[i]}};
		hosts += http_field_find(&one, "Host") != NULL;
	}
	return hosts == 1 || (hosts == 0 && head->minor == 0);
}

static void on_head(struct http6970 *h, struct http6970_connection *c,
		    const struct http_request_head *head, const struct anomalies *anomalies,
		    dt_time now)
{
	enum http_framing framing = HTTP_BODY_NONE;
	uint64_t length = 0;

	h->counters.requests++;
	c->no_body = is_method(head, "HEAD");
	if (anomalies->count > 0 || !host_is_right(head) ||
	    http_request_framing(head, &framing, &length) != 0) {
		http6970_refuse(h, c, HTTP_STATUS_BAD_REQUEST, now);
	} else if (!is_method(head, "GET") && !c->no_body) {
		http6970_refuse(h, c, HTTP_STATUS_METHOD, now);
	} else if (framing != HTTP_BODY_NONE) {
		/* Nobody who fetches a file sends one. */
		http6970_refuse(h, c, HTTP_STATUS_CONTENT_LARGE, now);
	} else {
		c->close = !http_stays_open(head->minor, &head->fields);
		open_target(h, c, head, now);
	}
}

size_t http6970_read_head(struct http6970 *h, struct http6970_connection *c, struct slice bytes,
			  dt_time now)
{
	struct http_request_head head;
	struct anomalies anomalies = {0};
	int used = http_request_decode(bytes, &head, &anomalies);

	if (used == 0)
		return 0;
	if (used < 0) {
		c->name[0] = 0;
		http6970_refuse(h, c, http_status_of_error(used), now);
		return bytes.len;
	}
	on_head(h, c, &head, &anomalies, now);
	return (size_t)used;
}

static const char *type_of(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".xml") == 0 ? "text/xml"
							      : "application/octet-stream";
}

size_t http6970_put_head(struct http6970 *h, struct http6970_connection *c)
{
	struct http_answer_head head = {
	    .status = c->status, .minor = 1, .reason = slice_text(http_status_reason(c->status))};
	struct writer w = writer_of(h->scratch, HTTP6970_ANSWER_MAX);
	bool found = c->status == HTTP_STATUS_OK;
	char length[24];
	char etag[24] = "";

	(void)snprintf(length, sizeof length, "%llu",
		       found ? (unsigned long long)c->file->size : 0ULL);
	/* None of these is refused: they are far fewer than the limit. */
	if (found)
		(void)http_field_add(&head.fields, "Content-Type", slice_text(type_of(c->name)));
	if (c->status != HTTP_STATUS_NOT_MODIFIED)
		(void)http_field_add(&head.fields, "Content-Length", slice_text(length));
	if (c->file != NULL) {
		etag_of(c->file, etag);
		(void)http_field_add(&head.fields, "ETag", slice_text(etag));
	}
	if (c->status == HTTP_STATUS_METHOD)
		(void)http_field_add(&head.fields, "Allow", slice_text("GET, HEAD"));
	if (c->close)
		(void)http_field_add(&head.fields, "Connection", slice_text("close"));
	(void)http_answer_encode(&head, &w);
	c->status = 0;
	return w.pos;
}
