/* SIP heads, with the torture messages of RFC 4475 (tests/data/rfc4475). */
#include "harness.h"

#include "base/error.h"
#include "proto/sip/sip.h"

#include <stdio.h>

/* As a 7821 registers: boot.md 8.1's shape, with example addresses. */
static const char registration[] =
    "REGISTER sip:10.77.0.1 SIP/2.0\r\n"
    "Via: SIP/2.0/TCP 10.77.0.65:51000;branch=z9hG4bK1\r\n"
    "From: <sip:1001@10.77.0.1>;tag=001bd585366100020\r\n"
    "To: <sip:1001@10.77.0.1>\r\n"
    "Call-ID: 001bd585-3661-0002-1a2b3c4d@10.77.0.65\r\n"
    "CSeq: 101 REGISTER\r\n"
    "Contact: <sip:1a2b@10.77.0.65:51000;transport=tcp>;+sip.instance=\"<urn:uuid:00000000-0000-"
    "0000-0000-001bd5853661>\";+u.sip!devicename.ccm.cisco.com=\"SEP001BD5853661\";"
    "+u.sip!model.ccm.cisco.com=\"621\"\r\n"
    "Reason: SIP;cause=200;text=\"cisco-alarm:23 Name=SEP001BD5853661 Last=reset-restart\"\r\n"
    "Expires: 3600\r\n"
    "Content-Length: 4\r\n"
    "\r\n"
    "body";

static struct sip_message decode(struct slice bytes, unsigned anomalies_expected)
{
	struct sip_message m;
	struct anomalies anomalies = {0};
	assert_int_equal(sip_decode(bytes, &m, &anomalies), 0);
	assert_int_equal(anomalies.count, anomalies_expected);
	return m;
}

static void assert_slice(struct slice got, const char *want)
{
	if (!slice_equal(got, slice_text(want)))
		fail_msg("\"%.*s\" instead of \"%s\"", (int)got.len, (const char *)got.ptr, want);
}

TEST("a phone's REGISTER gives its line, its device name and type, and why it was away")
{
	struct sip_message m = decode(harness_guarded(slice_text(registration)), 0);
	struct slice user;
	struct slice host;
	struct slice value;
	uint16_t port = 0;
	assert_true(m.is_request);
	assert_slice(m.method, "REGISTER");
	assert_slice(m.uri, "sip:10.77.0.1");
	assert_true(sip_uri(m.to, &user, &host, &port));
	assert_slice(user, "1001");
	assert_slice(host, "10.77.0.1");
	assert_true(sip_uri(m.contact, &user, &host, &port));
	assert_int_equal(port, 51000);
	assert_true(sip_parameter(m.contact, "+u.sip!devicename.ccm.cisco.com", &value));
	assert_slice(value, "SEP001BD5853661");
	assert_true(sip_parameter(m.contact, "+u.sip!model.ccm.cisco.com", &value));
	assert_slice(value, "621");
	assert_false(sip_parameter(m.contact, "transport", &value));
	assert_true(sip_parameter(m.reason, "text", &value));
	assert_int_equal(m.cseq, 101);
	assert_slice(m.cseq_method, "REGISTER");
	assert_int_equal(m.expires_s, 3600);
	assert_slice(m.body, "body");
}

TEST("a refusal gives status, words and warning")
{
	struct sip_message m = decode(
	    slice_text("SIP/2.0 403 Forbidden\r\nCSeq: 102 REGISTER\r\nWarning: 399 cm1 "
		       "\"Device security mismatch: expected TLS, received TCP/UDP\"\r\n\r\n"),
	    0);
	char text[80];
	assert_false(m.is_request);
	assert_int_equal(m.status, 403);
	assert_slice(m.phrase, "Forbidden");
	sip_text(m.warning, text, sizeof text);
	assert_string_equal(text,
			    "399 cm1 \"Device security mismatch: expected TLS, received TCP/UDP\"");
	sip_text(m.warning, text, 9);
	assert_string_equal(text, "399 cm1");
}

TEST("compact names, folds, blanks before colons and bare line feeds are all read")
{
	struct sip_message m =
	    decode(slice_text("REGISTER sip:a SIP/2.0\nf : <sip:1@a>\nT:\n <sip:2@b>\n"
			      "i:x\nCSEQ:  7\n REGISTER\nm: sip:3@c;expires=60\nl: 0\n\n"),
		   0);
	struct slice user;
	struct slice host;
	struct slice value;
	uint16_t port = 0;
	assert_true(sip_uri(m.to, &user, &host, &port));
	assert_slice(user, "2");
	assert_slice(m.call_id, "x");
	assert_int_equal(m.cseq, 7);
	assert_true(sip_parameter(m.contact, "expires", &value));
	assert_slice(value, "60");
	assert_true(m.has_length);
}

TEST("the torture message of short and tortuous forms is read as RFC 4475 3.1.1.1 says")
{
	struct sip_message m;
	struct slice user;
	struct slice host;
	struct slice value;
	uint16_t port = 0;
	assert_int_equal(sip_decode(harness_file("rfc4475/wsinv.dat"), &m, NULL), 0);
	assert_slice(m.method, "INVITE");
	assert_int_equal(m.cseq, 9);
	assert_slice(m.cseq_method, "INVITE");
	assert_int_equal(m.content_length, 150);
	assert_true(sip_uri(m.to, &user, &host, &port));
	assert_slice(user, "vivekg");
	assert_true(sip_parameter(m.to, "tag", &value));
	assert_slice(value, "1918181833n");
	assert_true(sip_uri(m.from, &user, &host, &port));
	assert_slice(user, "jdrosen");
	assert_true(sip_parameter(m.from, "tag", &value));
	assert_slice(value, "98asjd8");
	assert_true(sip_parameter(m.contact, "secondparam", &value));
	assert_int_equal(value.len, 0);
	assert_true(sip_parameter(m.contact, "q", &value));
	assert_slice(value, "0.33");
}

static const char *const torture[] = {
    "badaspec",   "badbranch",  "baddate",  "baddn",    "badinv01", "badvers",  "bcast",
    "bext01",     "bigcode",    "clerr",    "cparam01", "cparam02", "dblreq",   "esc01",
    "esc02",      "escnull",    "escruri",  "insuf",    "intmeth",  "inv2543",  "invut",
    "longreq",    "ltgtruri",   "lwsdisp",  "lwsruri",  "lwsstart", "mcl01",    "mismatch01",
    "mismatch02", "mpart01",    "multi01",  "ncl",      "noreason", "novelsc",  "quotbal",
    "regaut01",   "regbadct",   "regescrt", "scalar02", "scalarlg", "sdp01",    "semiuri",
    "test",       "transports", "trws",     "unkscm",   "unksm2",   "unreason", "wsinv",
    "zeromf"};

TEST("every torture message is read, whatever is wrong with it")
{
	for (size_t i = 0; i < sizeof torture / sizeof *torture; i++) {
		char path[64];
		struct sip_message m;
		struct slice user;
		struct slice host;
		struct slice value;
		uint16_t port = 0;
		(void)snprintf(path, sizeof path, "rfc4475/%s.dat", torture[i]);
		int error = sip_decode(harness_file(path), &m, NULL);
		/* Version 7.0, a status of ten digits, and (the plain "test") no version at all. */
		bool alien = strcmp(torture[i], "badvers") == 0 ||
			     strcmp(torture[i], "bigcode") == 0 || strcmp(torture[i], "test") == 0;
		assert_int_equal(error, alien ? E_BAD_FORMAT : 0);
		if (error != 0)
			continue;
		(void)sip_uri(m.contact, &user, &host, &port);
		(void)sip_parameter(m.contact, "expires", &value);
	}
}

TEST("two messages and keep-alive line ends in one stream come out one by one, in any pieces")
{
	char stream[2048];
	struct slice one = slice_text(registration);
	int size = snprintf(stream, sizeof stream, "\r\n\r\n%s%s", registration, registration);
	for (size_t step = 1; step < 200; step += 13) {
		size_t have = 0;
		size_t at = 0;
		unsigned count = 0;
		while (at < (size_t)size) {
			struct slice message;
			int used = sip_message_next(slice_of(stream + at, have - at), &message);
			assert_true(used >= 0);
			if (used > 0) {
				assert_true(slice_equal(message, one));
				count++;
				at += (size_t)used;
				continue;
			}
			assert_true(have < (size_t)size);
			have = have + step < (size_t)size ? have + step : (size_t)size;
		}
		assert_int_equal(count, 2);
	}
}

TEST("what cannot become SIP is told at its first line, and heads without end at the limit")
{
	static char endless[SIP_HEAD_MAX + 64];
	struct slice message;
	assert_int_equal(sip_message_next(slice_text("GET / HTTP/1.1\r\n"), &message),
			 E_BAD_FORMAT);
	assert_int_equal(sip_message_next(slice_text("REGISTER sip:a SIP/2.0\r\nTo: x"), &message),
			 0);
	(void)snprintf(endless, sizeof endless, "REGISTER sip:a SIP/2.0\r\nTo: ");
	memset(endless + strlen(endless), 'x', SIP_HEAD_MAX);
	assert_int_equal(sip_message_next(slice_of(endless, SIP_HEAD_MAX), &message), E_BAD_FORMAT);
	assert_int_equal(
	    sip_message_next(slice_text("REGISTER sip:a SIP/2.0\r\nl: 999999999\r\n\r\n"),
			     &message),
	    E_BAD_FORMAT);
}

TEST("a message cut anywhere is read as far as it goes, and what is missing noted")
{
	struct slice whole = slice_text(registration);
	for (size_t len = 40; len < whole.len; len += 5) {
		struct sip_message m;
		struct anomalies anomalies = {0};
		assert_int_equal(
		    sip_decode(harness_guarded(slice_head(whole, len)), &m, &anomalies), 0);
		assert_true(anomalies.count > 0);
	}
}

TEST("numbers that are none, lengths given twice and lines without a colon are noted")
{
	(void)decode(slice_text("OPTIONS sip:a SIP/2.0\r\nCSeq: x\r\nExpires: soon\r\nl: 0\r\n"
				"Content-Length: 0\r\nno colon\r\n\r\n"),
		     4);
}
