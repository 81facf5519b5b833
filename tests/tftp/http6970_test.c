/* HTTP 6970 by bytes, with a hand-moved clock. */
#include "site.h"

#include "base/error.h"
#include "proto/http/http_body.h"
#include "tftp/http6970.h"

#include <stdio.h>

struct lab {
	struct site *site;
	struct http6970 *http;
	http6970_id id;
	struct buf out; /* what left on the connection */
	bool closed;
	dt_time now;
};

static struct lab lab_new(void)
{
	struct lab l = {.site = site_new()};
	l.http = http6970_new(l.site->files);
	assert_non_null(l.http);
	assert_int_equal(http6970_accept(l.http, site_client, site_local, 0, &l.id), 0);
	buf_init(&l.out, (size_t)64 * 1024 * 1024);
	return l;
}

static void lab_free(struct lab *l)
{
	buf_done(&l->out);
	http6970_free(l->http);
	site_free(l->site);
}

static void pump(struct lab *l)
{
	struct slice bytes;
	bool close = false;
	while (!l->closed && http6970_output(l->http, l->id, l->now, &bytes, &close)) {
		buf_append(&l->out, bytes);
		l->closed = close;
	}
}

static void give(struct lab *l, const char *text)
{
	http6970_input(l->http, l->id, harness_guarded(slice_text(text)), l->now);
	pump(l);
}

/* The next answer out of what left; its body is compared with `body` when that is given. */
static unsigned next_answer(struct lab *l, bool to_head, const char *body)
{
	struct http_answer_head head;
	enum http_framing framing = HTTP_BODY_NONE;
	uint64_t length = 0;
	struct anomalies anomalies = {0};
	int used = http_answer_decode(buf_slice(&l->out), &head, &anomalies);
	if (used <= 0)
		return 0;
	assert_int_equal(anomalies.count, 0);
	assert_int_equal(http_answer_framing(&head, to_head, &framing, &length), 0);
	unsigned status = head.status;
	buf_consume(&l->out, (size_t)used);
	if (framing == HTTP_BODY_LENGTH) {
		assert_true(l->out.len >= length);
		if (body != NULL) {
			assert_int_equal(length, strlen(body));
			assert_memory_equal(l->out.ptr, body, length);
		}
		buf_consume(&l->out, (size_t)length);
	}
	return status;
}

static const char get_ring[] = "GET /Old.raw HTTP/1.1\r\nHost: a\r\n\r\n";

TEST("GET gives the file, HEAD its head alone, and the connection stays for the next request")
{
	struct lab l = lab_new();
	site_put(l.site, "Old.raw", "ring");
	give(&l, get_ring);
	assert_int_equal(next_answer(&l, false, "ring"), 200);
	give(&l, "HEAD /Old.raw HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_non_null(strstr(buf_cstr(&l.out), "Content-Length: 4\r\n"));
	assert_int_equal(next_answer(&l, true, NULL), 200);
	assert_int_equal(l.out.len, 0);
	give(&l, "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_int_equal(next_answer(&l, false, ""), 404);
	assert_false(l.closed);
	give(&l, get_ring);
	assert_int_equal(next_answer(&l, false, "ring"), 200);
	lab_free(&l);
}

TEST("a generated file comes the same by HTTP as by TFTP, with the phone's names for it")
{
	static const char *const targets[] = {
	    "/SEP003094C2D5CA.cnf.xml", "//SEP003094C2D5CA.cnf.xml", "/%53EP003094C2D5CA.cnf.xml",
	    "http://10.77.0.1:6970/SEP003094C2D5CA.cnf.xml?x=1", "/./SEP003094C2D5CA.cnf.xml"};
	struct lab l = lab_new();
	struct buf want;
	site_read(l.site, "SEP003094C2D5CA.cnf.xml", &want);
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		char request[256];
		(void)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n",
			       targets[i]);
		give(&l, request);
		assert_int_equal(next_answer(&l, false, buf_cstr(&want)), 200);
	}
	buf_done(&want);
	lab_free(&l);
}

TEST("pipelined requests are answered in their order, however the stream is cut")
{
	static const char stream[] = "GET /a.raw HTTP/1.1\r\nHost: a\r\n\r\n"
				     "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"
				     "HEAD /a.raw HTTP/1.1\r\nHost: a\r\n\r\n"
				     "GET /b.raw HTTP/1.0\r\n\r\n";
	for (size_t piece = 1; piece < sizeof stream; piece++) {
		struct lab l = lab_new();
		site_put(l.site, "a.raw", "first");
		site_put(l.site, "b.raw", "second");
		for (size_t at = 0; at < sizeof stream - 1; at += piece) {
			size_t len =
			    sizeof stream - 1 - at < piece ? sizeof stream - 1 - at : piece;
			http6970_input(l.http, l.id, slice_of(stream + at, len), 0);
			pump(&l);
		}
		assert_int_equal(next_answer(&l, false, "first"), 200);
		assert_int_equal(next_answer(&l, false, ""), 404);
		assert_int_equal(next_answer(&l, true, NULL), 200);
		assert_int_equal(next_answer(&l, false, "second"), 200);
		assert_true(l.closed); /* HTTP/1.0 */
		lab_free(&l);
	}
}

TEST("what is no request of ours is refused with its status, and the connection closed")
{
	static const struct {
		const char *request;
		unsigned status;
	} rows[] = {
	    {"nonsense\r\n\r\n", 400},
	    {"GET /x HTTP/1.1\r\n\r\n", 400}, /* no Host */
	    {"GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
	    {"GET /x HTTP/1.1\nHost: a\r\n\r\n", 400},
	    {"GET /x HTTP/1.1\r\nHost : a\r\n\r\n", 400},
	    {"GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
	    {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	    {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	    {"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 405},
	    {"get /x HTTP/1.1\r\nHost: a\r\n\r\n", 405},
	    {"GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 413},
	    {"GET /x HTTP/2.0\r\n\r\n", 505},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct lab l = lab_new();
		give(&l, rows[i].request);
		unsigned status = next_answer(&l, false, "");
		if (status != rows[i].status || !l.closed)
			fail_msg("%s: %u, closed %d", rows[i].request, status, l.closed);
		assert_int_equal(http6970_connection_count(l.http), 0);
		lab_free(&l);
	}
}

TEST("a target too long is 414, a head too long 431, and nothing beyond the limit is kept")
{
	static char request[3 * HTTP_HEAD_MAX];
	struct lab l = lab_new();
	(void)snprintf(request, sizeof request, "GET /%0*d HTTP/1.1\r\nHost: a\r\n\r\n",
		       HTTP_TARGET_MAX, 0);
	give(&l, request);
	assert_int_equal(next_answer(&l, false, ""), 414);
	lab_free(&l);

	l = lab_new();
	(void)snprintf(request, sizeof request, "GET / HTTP/1.1\r\nA: %0*d\r\n\r\n", HTTP_HEAD_MAX,
		       0);
	give(&l, request);
	assert_int_equal(next_answer(&l, false, ""), 431);
	lab_free(&l);

	/* Byte by byte without an end. */
	l = lab_new();
	for (size_t i = 0; i < HTTP6970_INPUT_MAX + 10 && !l.closed; i++) {
		http6970_input(l.http, l.id, slice_text("a"), 0);
		pump(&l);
	}
	assert_int_equal(next_answer(&l, false, ""), 431);
	assert_true(l.closed);
	lab_free(&l);
}

TEST("who has the version already gets 304, and a new version after a change")
{
	struct lab l = lab_new();
	char request[256];
	char etag[64];
	give(&l, "GET /SEP003094C2D5CA.cnf.xml HTTP/1.1\r\nHost: a\r\n\r\n");
	const char *at = strstr(buf_cstr(&l.out), "ETag: ");
	assert_non_null(at);
	(void)snprintf(etag, sizeof etag, "%.*s", (int)strcspn(at + 6, "\r"), at + 6);
	assert_int_equal(next_answer(&l, false, NULL), 200);
	static const char *const before[] = {"", "\"other\", ", "W/"};
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(request, sizeof request,
			       "GET /SEP003094C2D5CA.cnf.xml HTTP/1.1\r\nHost: a\r\n"
			       "If-None-Match: %s%s\r\n\r\n",
			       before[i], etag);
		give(&l, request);
		assert_int_equal(next_answer(&l, false, NULL), 304);
		assert_int_equal(l.out.len, 0);
	}
	struct device d = *reg_device_find(l.site->reg, SITE_PHONE);
	d.version = 7;
	assert_int_equal(reg_load_device(l.site->reg, &d), 0);
	give(&l, request);
	assert_int_equal(next_answer(&l, false, NULL), 200);
	lab_free(&l);
}

TEST("an image of many megabytes leaves in pieces and whole; one that goes bad ends too early")
{
	const uint64_t size = 9ULL * 1024 * 1024 + 1;
	struct lab l = lab_new();
	site_put_large(l.site, "big.sbn", size);
	give(&l, "GET /big.sbn HTTP/1.1\r\nHost: a\r\n\r\n");
	const char *body = strstr(buf_cstr(&l.out), "\r\n\r\n") + 4;
	assert_int_equal(l.out.len - (size_t)(body - (const char *)l.out.ptr), size);
	for (uint64_t at = 0; at < size; at += 7919)
		assert_int_equal((uint8_t)body[at], site_large_byte(at));
	buf_clear(&l.out);

	struct slice bytes;
	bool close = false;
	static const char request[] = "GET /big.sbn HTTP/1.1\r\nHost: a\r\n\r\n";
	http6970_input(l.http, l.id, slice_of(request, sizeof request - 1), 0);
	assert_true(http6970_output(l.http, l.id, 0, &bytes, &close));
	assert_false(close);
	site_put_large(l.site, "big.sbn", size);
	assert_true(http6970_output(l.http, l.id, 0, &bytes, &close));
	assert_true(close);
	assert_int_equal(bytes.len, 0);
	assert_int_equal(http6970_connection_count(l.http), 0);
	lab_free(&l);
}

TEST("a head that dribbles in is dropped after ten seconds, an answer nobody takes after thirty")
{
	struct lab l = lab_new();
	for (dt_time now = 0; now < HTTP6970_WAIT; now += DT_SECONDS(1)) {
		http6970_input(l.http, l.id, slice_text("G"), now);
		assert_int_equal(http6970_expired(l.http, now), 0);
	}
	assert_int_equal(http6970_deadline(l.http), HTTP6970_WAIT);
	assert_int_equal(http6970_expired(l.http, HTTP6970_WAIT), l.id);
	assert_int_equal(http6970_expired(l.http, HTTP6970_WAIT), 0);
	lab_free(&l);

	struct slice bytes;
	bool close = false;
	l = lab_new();
	site_put_large(l.site, "big.sbn", 1 << 20);
	http6970_input(l.http, l.id, slice_text("GET /big.sbn HTTP/1.0\r\n\r\n"), 0);
	assert_true(http6970_output(l.http, l.id, DT_SECONDS(20), &bytes, &close));
	assert_int_equal(http6970_expired(l.http, DT_SECONDS(49)), 0);
	assert_int_equal(http6970_expired(l.http, DT_SECONDS(50)), l.id);
	lab_free(&l);
}

TEST("few sources cannot take the places of the others")
{
	struct lab l = lab_new();
	http6970_id id = 0;
	unsigned taken = 1;
	for (unsigned i = 0; i < HTTP6970_CONNECTIONS_MAX; i++) {
		struct endpoint hostile = {ip4_of(0x0a4d0100 + i % 4), (uint16_t)(1024 + i)};
		taken += http6970_accept(l.http, hostile, site_local, 0, &id) == 0;
	}
	assert_int_equal(taken, HTTP6970_CONNECTIONS_MAX / 2);
	for (unsigned i = 0; i < HTTP6970_CONNECTIONS_MAX / 2; i++) {
		struct endpoint phone = {ip4_of(0x0a4d1000 + i), 49152};
		assert_int_equal(http6970_accept(l.http, phone, site_local, 0, &id), 0);
	}
	struct endpoint phone = {ip4_of(0x0a4dffff), 49152};
	assert_int_equal(http6970_accept(l.http, phone, site_local, 0, &id), E_FULL);
	assert_memory_equal(http6970_busy().ptr, "HTTP/1.1 503 ", 13);
	lab_free(&l);
}

TEST("what happened is told: asked, started, delivered; refused; abandoned in the middle")
{
	struct lab l = lab_new();
	struct http6970_event e;
	site_put(l.site, "Old.raw", "ring");
	give(&l, get_ring);
	static const enum http6970_event_kind kinds[] = {HTTP6970_ASKED, HTTP6970_STARTED,
							 HTTP6970_DELIVERED};
	for (size_t i = 0; i < 3; i++) {
		assert_true(http6970_next_event(l.http, &e));
		assert_int_equal(e.kind, kinds[i]);
		assert_string_equal(e.name, "Old.raw");
		assert_true(endpoint_equal(e.peer, site_client));
	}
	assert_int_equal(e.number, 4);
	give(&l, "GET /CTLSEP003094C2D5CA.tlv HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_true(http6970_next_event(l.http, &e));
	assert_true(http6970_next_event(l.http, &e));
	assert_int_equal(e.kind, HTTP6970_REFUSED);
	assert_int_equal(e.number, 404);
	site_put_large(l.site, "big.sbn", 1 << 20);
	struct slice bytes;
	bool close = false;
	http6970_input(l.http, l.id, slice_text("GET /big.sbn HTTP/1.0\r\n\r\n"), 0);
	assert_true(http6970_output(l.http, l.id, 0, &bytes, &close));
	http6970_closed(l.http, l.id);
	while (http6970_next_event(l.http, &e))
		;
	assert_int_equal(e.kind, HTTP6970_ABANDONED);
	assert_int_equal(e.number, HTTP6970_OUTPUT_MAX);
	lab_free(&l);
}

TEST("any bytes in any pieces leave the machine whole")
{
	uint32_t seed = 1;
	for (unsigned round = 0; round < 500; round++) {
		struct lab l = lab_new();
		uint8_t noise[200];
		for (unsigned step = 0; step < 10 && !l.closed; step++) {
			static const char *const words[] = {
			    "GET ", "/", " HTTP/1.1\r\n", "Host: a", "\r\n\r\n", ":", "\n"};
			seed = seed * 1664525 + 1013904223;
			const char *word = words[(seed >> 16) % 7];
			http6970_input(l.http, l.id, slice_text(word), 0);
			for (size_t i = 0; i < sizeof noise; i++) {
				seed = seed * 1664525 + 1013904223;
				noise[i] = (uint8_t)(seed >> 24);
			}
			if (seed % 3 == 0)
				http6970_input(l.http, l.id, slice_of(noise, seed % sizeof noise),
					       0);
			pump(&l);
		}
		lab_free(&l);
	}
}

HARNESS_OOM("the HTTP server survives any allocation failing")
{
	struct reg *r = reg_new();
	struct files *f = r != NULL ? files_new(r, NULL) : NULL;
	struct http6970 *h = f != NULL ? http6970_new(f) : NULL;
	http6970_id id = 0;
	int error = h == NULL ? E_NO_MEMORY : 0;
	if (error == 0 && http6970_accept(h, site_client, site_local, 0, &id) != 0)
		error = E_NO_MEMORY;
	if (error == 0) {
		struct slice bytes;
		bool close = false;
		http6970_input(h, id, slice_text("GET /XMLDef"), 0);
		http6970_input(h, id, slice_text("ault.cnf.xml HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
		while (!close && http6970_output(h, id, 0, &bytes, &close))
			;
	}
	http6970_free(h);
	files_free(f);
	reg_free(r);
	return error;
}
