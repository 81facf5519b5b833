#include "harness.h"

#include "base/buf.h"
#include "base/error.h"
#include "proto/http/http_body.h"

#include <stdio.h>

static struct slice text(const char *s)
{
	return harness_guarded(slice_text(s));
}

static void assert_slice(struct slice got, const char *expected)
{
	assert_int_equal(got.len, strlen(expected));
	assert_memory_equal(got.ptr, expected, got.len);
}

TEST("a request gives its method, target, version and fields")
{
	struct http_request_head h;
	struct anomalies anomalies = {0};
	static const char bytes[] = "GET /SEP001380AD9E5F.cnf.xml HTTP/1.1\r\n"
				    "Host: 10.77.0.1:6970\r\n"
				    "x-CiscoIPPhoneModelName:  CP-7965G\t\r\n\r\nGET";
	assert_int_equal(http_request_decode(text(bytes), &h, &anomalies), sizeof bytes - 1 - 3);
	assert_slice(h.method, "GET");
	assert_slice(h.target, "/SEP001380AD9E5F.cnf.xml");
	assert_int_equal(h.minor, 1);
	assert_int_equal(h.fields.count, 2);
	assert_slice(http_field_find(&h.fields, "X-CISCOIPPHONEMODELNAME")->value, "CP-7965G");
	assert_null(http_field_find(&h.fields, "Hos"));
	assert_int_equal(anomalies.count, 0);
}

TEST("a head in any pieces is asked on for until it is whole")
{
	static const char bytes[] = "\r\nHEAD /x HTTP/1.0\r\nA: b\r\n\r\n";
	for (size_t len = 0; len < sizeof bytes - 1; len++) {
		struct http_request_head h;
		struct slice part = harness_guarded(slice_of(bytes, len));
		assert_int_equal(http_request_decode(part, &h, NULL), 0);
	}
}

TEST("what is no request is refused, with the status that says why")
{
	static const struct {
		const char *bytes;
		int error;
		enum http_status status;
	} rows[] = {
	    {"GET /x\r\n\r\n", E_BAD_FORMAT, HTTP_STATUS_BAD_REQUEST},
	    {"GET  /x HTTP/1.1\r\n\r\n", E_BAD_FORMAT, HTTP_STATUS_BAD_REQUEST},
	    {"GET /x y HTTP/1.1\r\n\r\n", E_BAD_FORMAT, HTTP_STATUS_BAD_REQUEST},
	    {" GET /x HTTP/1.1\r\n\r\n", E_BAD_FORMAT, HTTP_STATUS_BAD_REQUEST},
	    {"G(T /x HTTP/1.1\r\n\r\n", E_BAD_FORMAT, HTTP_STATUS_BAD_REQUEST},
	    {"GET /x\x01y HTTP/1.1\r\n\r\n", E_BAD_FORMAT, HTTP_STATUS_BAD_REQUEST},
	    {"GET /x http/1.1\r\n\r\n", E_BAD_FORMAT, HTTP_STATUS_BAD_REQUEST},
	    {"GET /x HTTP/1.10\r\n\r\n", E_BAD_FORMAT, HTTP_STATUS_BAD_REQUEST},
	    {"PRI * HTTP/2.0\r\n\r\n", E_UNSUPPORTED, HTTP_STATUS_VERSION},
	    {"GET /x HTTP/1.1\r\nno colon\r\n\r\n", E_BAD_FORMAT, HTTP_STATUS_BAD_REQUEST},
	    {"GET /x HTTP/1.1\r\n: empty\r\n\r\n", E_BAD_FORMAT, HTTP_STATUS_BAD_REQUEST},
	    {"GET /x HTTP/1.1\r\nA: \x1b[2J\r\n\r\n", E_BAD_FORMAT, HTTP_STATUS_BAD_REQUEST},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct http_request_head h;
		int got = http_request_decode(text(rows[i].bytes), &h, NULL);
		assert_int_equal(got, rows[i].error);
		assert_int_equal(http_status_of_error(got), rows[i].status);
	}
}

TEST("what two readers could understand differently is an anomaly")
{
	static const char *const rows[] = {
	    "GET /x HTTP/1.1\nHost: a\r\n\r\n",
	    "GET /x HTTP/1.1\r\nHost: a\r\n\n",
	    "GET /x HTTP/1.1\r\nHost : a\r\n\r\n",
	    "GET /x HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct http_request_head h;
		struct anomalies anomalies = {0};
		assert_int_equal(http_request_decode(text(rows[i]), &h, &anomalies),
				 strlen(rows[i]));
		assert_int_equal(anomalies.count, 1);
		assert_slice(http_field_find(&h.fields, "host")->value, "a");
	}
}

TEST("a head that never ends is refused at 8 KiB, a long target and many fields at their limits")
{
	static char bytes[HTTP_HEAD_MAX + 1];
	struct http_request_head h;
	memset(bytes, 'a', sizeof bytes);
	assert_int_equal(http_request_decode(slice_of(bytes, HTTP_HEAD_MAX - 1), &h, NULL), 0);
	assert_int_equal(http_request_decode(slice_of(bytes, HTTP_HEAD_MAX), &h, NULL), E_TOO_LONG);

	int len =
	    snprintf(bytes, sizeof bytes, "GET /%0*d HTTP/1.1\r\n\r\n", HTTP_TARGET_MAX - 1, 0);
	assert_int_equal(http_request_decode(slice_of(bytes, (size_t)len), &h, NULL), len);
	len = snprintf(bytes, sizeof bytes, "GET /%0*d HTTP/1.1\r\n\r\n", HTTP_TARGET_MAX, 0);
	assert_int_equal(http_request_decode(slice_of(bytes, (size_t)len), &h, NULL), E_FULL);
	assert_int_equal(http_status_of_error(E_FULL), HTTP_STATUS_TARGET_LONG);

	for (int fields = HTTP_FIELDS_MAX; fields <= HTTP_FIELDS_MAX + 1; fields++) {
		len = snprintf(bytes, sizeof bytes, "GET / HTTP/1.1\r\n");
		for (int i = 0; i < fields; i++)
			len += snprintf(bytes + len, sizeof bytes - (size_t)len, "A: b\r\n");
		len += snprintf(bytes + len, sizeof bytes - (size_t)len, "\r\n");
		assert_int_equal(http_request_decode(slice_of(bytes, (size_t)len), &h, NULL),
				 fields == HTTP_FIELDS_MAX ? len : E_TOO_LONG);
	}
	assert_int_equal(http_status_of_error(E_TOO_LONG), HTTP_STATUS_FIELDS_LARGE);
}

TEST("an answer gives its status, and a reason or none")
{
	struct http_answer_head h;
	assert_true(http_answer_decode(text("HTTP/1.1 404 Not Found\r\n\r\n"), &h, NULL) > 0);
	assert_int_equal(h.status, 404);
	assert_slice(h.reason, "Not Found");
	assert_true(http_answer_decode(text("HTTP/1.0 200\r\n\r\n"), &h, NULL) > 0);
	assert_int_equal(h.status, 200);
	assert_int_equal(h.reason.len, 0);
	static const char *const bad[] = {"HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
					  "HTTP/1.1 099 OK\r\n\r\n", "ICY 200 OK\r\n\r\n",
					  "HTTP/1.1  200 OK\r\n\r\n"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(http_answer_decode(text(bad[i]), &h, NULL), E_BAD_FORMAT);
}

TEST("heads come back as they were written")
{
	struct http_request_head sent = {
	    .method = slice_text("GET"), .target = slice_text("/Ringlist.xml"), .minor = 1};
	struct http_request_head back;
	struct http_answer_head answer = {
	    .status = 304, .minor = 1, .reason = slice_text(http_status_reason(304))};
	struct http_answer_head answer_back;
	uint8_t bytes[512];
	struct writer w = writer_of(bytes, sizeof bytes);

	assert_int_equal(http_field_add(&sent.fields, "Host", slice_text("10.0.0.1")), 0);
	assert_int_equal(http_request_encode(&sent, &w), 0);
	assert_int_equal(http_request_decode(writer_done(&w), &back, NULL), (int)w.pos);
	assert_slice(back.target, "/Ringlist.xml");
	assert_slice(http_field_find(&back.fields, "host")->value, "10.0.0.1");

	w = writer_of(bytes, sizeof bytes);
	assert_int_equal(http_field_add(&answer.fields, "ETag", slice_text("\"7\"")), 0);
	assert_int_equal(http_answer_encode(&answer, &w), 0);
	assert_slice(writer_done(&w), "HTTP/1.1 304 Not Modified\r\nETag: \"7\"\r\n\r\n");
	assert_int_equal(http_answer_decode(writer_done(&w), &answer_back, NULL), (int)w.pos);
	assert_int_equal(answer_back.status, 304);
}

TEST("nothing is written that would end a line or does not fit")
{
	struct http_request_head r = {
	    .method = slice_text("GET"), .target = slice_text("/a\r\nX: y"), .minor = 1};
	struct http_answer_head a = {.status = 200, .minor = 1};
	uint8_t bytes[24];
	struct writer w = writer_of(bytes, sizeof bytes);

	assert_int_equal(http_request_encode(&r, &w), E_BAD_VALUE);
	r.target = slice_text("/a b");
	assert_int_equal(http_request_encode(&r, &w), E_BAD_VALUE);
	assert_int_equal(http_field_add(&a.fields, "A", slice_text("b\nc")), 0);
	assert_int_equal(http_answer_encode(&a, &w), E_BAD_VALUE);
	a.fields.item[0].value = slice_text("twenty bytes of value");
	assert_int_equal(http_answer_encode(&a, &w), E_FULL);
	assert_int_equal(w.pos, 0);
	for (unsigned i = 1; i < HTTP_FIELDS_MAX; i++)
		assert_int_equal(http_field_add(&a.fields, "A", slice_text("")), 0);
	assert_int_equal(http_field_add(&a.fields, "A", slice_text("")), E_FULL);
}

TEST("lengths that contradict each other are refused, as is a length beside chunks")
{
	static const struct {
		const char *fields;
		int error;
		enum http_framing framing;
		uint64_t length;
	} rows[] = {
	    {"", 0, HTTP_BODY_NONE, 0},
	    {"Content-Length: 5\r\n", 0, HTTP_BODY_LENGTH, 5},
	    {"Content-Length: 5, 5\r\nContent-Length: 5\r\n", 0, HTTP_BODY_LENGTH, 5},
	    {"Content-Length: 0\r\n", 0, HTTP_BODY_NONE, 0},
	    {"Transfer-Encoding: Chunked\r\n", 0, HTTP_BODY_CHUNKED, 0},
	    {"Content-Length: 5\r\nContent-Length: 6\r\n", E_BAD_FORMAT, HTTP_BODY_NONE, 0},
	    {"Content-Length: 5, 6\r\n", E_BAD_FORMAT, HTTP_BODY_NONE, 0},
	    {"Content-Length: +5\r\n", E_BAD_FORMAT, HTTP_BODY_NONE, 0},
	    {"Content-Length: -5\r\n", E_BAD_FORMAT, HTTP_BODY_NONE, 0},
	    {"Content-Length:\r\n", E_BAD_FORMAT, HTTP_BODY_NONE, 0},
	    {"Content-Length: 99999999999999999999\r\n", E_BAD_FORMAT, HTTP_BODY_NONE, 0},
	    {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", E_BAD_FORMAT, 0, 0},
	    {"Transfer-Encoding: gzip, chunked\r\n", E_BAD_FORMAT, 0, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct http_request_head h;
		char bytes[256];
		enum http_framing framing = HTTP_BODY_NONE;
		uint64_t length = 0;
		(void)snprintf(bytes, sizeof bytes, "POST / HTTP/1.1\r\n%s\r\n", rows[i].fields);
		assert_true(http_request_decode(text(bytes), &h, NULL) > 0);
		assert_int_equal(http_request_framing(&h, &framing, &length), rows[i].error);
		assert_int_equal(framing, rows[i].framing);
		assert_int_equal(length, rows[i].length);
	}
}

TEST("the body of an answer follows from its status, its fields and its request")
{
	static const struct {
		const char *head;
		bool to_head;
		enum http_framing framing;
	} rows[] = {
	    {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", false, HTTP_BODY_LENGTH},
	    {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", true, HTTP_BODY_NONE},
	    {"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", false, HTTP_BODY_NONE},
	    {"HTTP/1.1 100 Continue\r\n\r\n", false, HTTP_BODY_NONE},
	    {"HTTP/1.0 200 OK\r\n\r\n", false, HTTP_BODY_TO_END},
	    {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", false, HTTP_BODY_NONE},
	    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, HTTP_BODY_CHUNKED},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct http_answer_head h;
		enum http_framing framing = HTTP_BODY_NONE;
		uint64_t length = 0;
		assert_true(http_answer_decode(text(rows[i].head), &h, NULL) > 0);
		assert_int_equal(http_answer_framing(&h, rows[i].to_head, &framing, &length), 0);
		assert_int_equal(framing, rows[i].framing);
	}
}

TEST("a connection stays open by its version and the words of its fields")
{
	static const struct {
		const char *field;
		unsigned minor;
		bool stays;
	} rows[] = {
	    {"X: y", 1, true},
	    {"X: y", 0, false},
	    {"Connection: close", 1, false},
	    {"connection: Keep-Alive", 0, true},
	    {"Connection: te, CLOSE", 1, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct http_request_head h;
		char bytes[128];
		(void)snprintf(bytes, sizeof bytes, "GET / HTTP/1.%u\r\n%s\r\n\r\n", rows[i].minor,
			       rows[i].field);
		assert_true(http_request_decode(text(bytes), &h, NULL) > 0);
		assert_int_equal(http_stays_open(h.minor, &h.fields), rows[i].stays);
	}
}

TEST("a target's path is decoded once, and what hides in it is refused")
{
	static const struct {
		const char *target, *path;
	} rows[] = {
	    {"/SEP001380AD9E5F.cnf.xml", "/SEP001380AD9E5F.cnf.xml"},
	    {"/English%5FUnited_States/mk-sccp.jar?locale=x&name=SEP1",
	     "/English_United_States/mk-sccp.jar"},
	    {"http://10.0.0.1:6970/Ringlist.xml#a", "/Ringlist.xml"},
	    {"HTTP://10.0.0.1", "/"},
	    {"/%252e%252e/x", "/%2e%2e/x"},
	    {"/a%2Fb", "/a/b"},
	    {"/a%00b", NULL},
	    {"/a%0d%0ab", NULL},
	    {"/a%4", NULL},
	    {"/a%", NULL},
	    {"/a%zz", NULL},
	    {"*", NULL},
	    {"SEP1.cnf.xml", NULL},
	    {"http:/x", NULL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char path[64];
		int got = http_target_path(text(rows[i].target), path, sizeof path);
		if (rows[i].path == NULL) {
			assert_int_equal(got, E_BAD_FORMAT);
			continue;
		}
		assert_int_equal(got, strlen(rows[i].path));
		assert_string_equal(path, rows[i].path);
	}
	char small[4];
	assert_int_equal(http_target_path(text("/abc"), small, sizeof small), E_TOO_LONG);
	assert_int_equal(http_target_path(text("/ab"), small, sizeof small), 3);
}

/* All of a body, given in pieces of `piece` bytes. */
static int collect(struct http_body *b, struct slice stream, size_t piece, struct buf *to)
{
	size_t at = 0;
	size_t known = 0;

	while (at < stream.len) {
		struct slice data;
		if (known < stream.len)
			known += piece < stream.len - known ? piece : stream.len - known;
		int used = http_body_next(b, slice_head(slice_from(stream, at), known - at), &data);
		if (used < 0 || (used == 0 && known == stream.len))
			return used;
		buf_append(to, data);
		at += (size_t)used;
	}
	return 0;
}

TEST("a chunked body comes out the same however the stream is cut")
{
	static const char stream[] = "5;name=value\r\nhello\r\nA \r\n, chunked \r\n6\r\nworld!\r\n"
				     "0\r\nX-Trailer: y\r\n\r\n";
	for (size_t piece = 1; piece < sizeof stream; piece++) {
		struct http_body b = http_body_of(HTTP_BODY_CHUNKED, 0);
		struct buf got;
		buf_init(&got, 256);
		assert_int_equal(collect(&b, slice_of(stream, sizeof stream - 1), piece, &got), 0);
		assert_string_equal(buf_cstr(&got), "hello, chunked world!");
		assert_true(http_body_whole(&b));
		buf_done(&got);
	}
}

TEST("chunks that are none are refused, and an endless chunk line too")
{
	static char endless[HTTP_CHUNK_LINE_MAX];
	static const char *const rows[] = {
	    "x\r\n",  "\r\n",   "5\nhello", "1\r\nab\r\n", "ffffffffffffffff1\r\n",
	    "5,\r\n", "-5\r\n", endless};
	memset(endless, '0', sizeof endless - 1);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct http_body b = http_body_of(HTTP_BODY_CHUNKED, 0);
		struct slice stream = slice_text(rows[i]);
		struct slice data;
		int used = 0;
		if (rows[i] == endless)
			stream.len = HTTP_CHUNK_LINE_MAX;
		stream = harness_guarded(stream);
		while ((used = http_body_next(&b, stream, &data)) > 0)
			stream = slice_from(stream, (size_t)used);
		assert_int_equal(used, E_BAD_FORMAT);
	}
}

TEST("a body with a length ends there, one without ends with its connection")
{
	struct http_body b = http_body_of(HTTP_BODY_LENGTH, 5);
	struct slice data;
	assert_int_equal(http_body_next(&b, text("hel"), &data), 3);
	assert_false(http_body_whole(&b));
	assert_int_equal(http_body_next(&b, text("loHTTP/1.1"), &data), 2);
	assert_slice(data, "lo");
	assert_true(http_body_whole(&b));
	assert_int_equal(http_body_next(&b, text("HTTP/1.1"), &data), 0);

	b = http_body_of(HTTP_BODY_TO_END, 0);
	assert_int_equal(http_body_next(&b, text("all of it"), &data), 9);
	assert_true(http_body_whole(&b));
	b = http_body_of(HTTP_BODY_NONE, 0);
	assert_true(http_body_whole(&b));
}
