/* Files on their way to the phone, by TFTP and by HTTP, and what they say. */
#include "watch.h"

#include "base/text.h"
#include "base/writer.h"
#include "proto/tftp/tftp.h"

#include <stdio.h>

#define NAME "SEP001BD5853661.cnf.xml"

static void tftp(struct watch *w, bool up, const struct tftp_packet *p)
{
	uint8_t bytes[2000];
	struct writer to = writer_of(bytes, sizeof bytes);
	struct flow flow = up ? watch_up(p->op == TFTP_RRQ ? 69 : 30000) : watch_down(30000);
	assert_int_equal(tftp_encode(p, &to), 0);
	assert_true(observer_tftp(w->o, &flow, writer_done(&to), w->at, ++w->number));
}

static void ask(struct watch *w, const char *name)
{
	struct tftp_packet p = {.op = TFTP_RRQ, .mode = "octet"};
	(void)text_copy(p.file, sizeof p.file, name);
	tftp(w, true, &p);
}

static void data(struct watch *w, uint16_t block, struct slice bytes)
{
	struct tftp_packet p = {.op = TFTP_DATA, .block = block, .data = bytes};
	tftp(w, false, &p);
}

static void ack(struct watch *w, uint16_t block)
{
	struct tftp_packet p = {.op = TFTP_ACK, .block = block};
	tftp(w, true, &p);
}

/* A whole transfer; only the facts after its delivery are left. */
static const char *deliver(struct watch *w, const char *name, struct slice file)
{
	ask(w, name);
	for (size_t at = 0, block = 1;; at += 512, block++) {
		struct slice part = slice_head(slice_from(file, at), 512);
		data(w, (uint16_t)block, part);
		ack(w, (uint16_t)block);
		if (part.len < 512)
			break;
	}
	const char *text = watch_facts(w);
	const char *delivered = strstr(text, "file.delivered");
	assert_non_null(delivered);
	return strchr(delivered, '\n') + 1;
}

TEST("a block sent again is told as it grows, and counted at the end")
{
	struct watch w;
	static const uint8_t block[512];
	watch_begin(&w);
	ask(&w, NAME);
	data(&w, 1, slice_of(block, 512));
	(void)watch_facts(&w);
	for (unsigned i = 0; i < 8; i++) {
		watch_wait(&w, 1);
		data(&w, 1, slice_of(block, 512));
	}
	watch_expect(&w, "file.again peer=10.77.0.1:69 name=\"" NAME "\" number=1 value=2,512\n"
			 "file.again peer=10.77.0.1:69 name=\"" NAME "\" number=1 value=3,512\n"
			 "file.again peer=10.77.0.1:69 name=\"" NAME "\" number=1 value=4,512\n"
			 "file.again peer=10.77.0.1:69 name=\"" NAME "\" number=1 value=8,512\n");
	ack(&w, 1);
	data(&w, 2, slice_text("x"));
	ack(&w, 2);
	watch_expect(&w,
		     "file.delivered peer=10.77.0.1:69 name=\"" NAME "\" number=513 value=8000,8\n"
		     "config.broken name=\"" NAME "\" number=1 text=\"not well-formed (invalid "
		     "token)\"\n");
	watch_end(&w);
}

TEST("an answer from another address than the one asked is told once")
{
	struct watch w;
	struct flow elsewhere = {.from = {ip4_of(0x0a4d0002), 30000}, .to = watch_phone};
	static const uint8_t bytes[] = {0, 3, 0, 1, 'x'};
	watch_begin(&w);
	ask(&w, NAME);
	(void)watch_facts(&w);
	for (unsigned i = 0; i < 3; i++)
		assert_true(observer_tftp(w.o, &elsewhere, slice_of(bytes, 5), w.at, 2));
	watch_expect(&w, "file.elsewhere peer=10.77.0.1:69 name=\"" NAME "\" text=\"10.77.0.2\"\n");
	watch_end(&w);
}

TEST("a refusal, a phone that gives up, and options are told")
{
	struct watch w;
	struct tftp_packet refusal = {
	    .op = TFTP_ERROR, .code = 1, .data = slice_text("File not found")};
	struct tftp_packet gave_up = {.op = TFTP_ERROR, .code = 0, .data = slice_text("too large")};
	struct tftp_packet options = {.op = TFTP_OACK,
				      .option_count = 2,
				      .option = {{slice_text("blksize"), slice_text("1024")},
						 {slice_text("tsize"), slice_text("5000")}}};
	watch_begin(&w);
	ask(&w, NAME);
	tftp(&w, false, &refusal);
	assert_non_null(strstr(watch_facts(&w), "file.refused peer=10.77.0.1:69 name=\"" NAME
						"\" number=1 text=\"File not found\"\n"));
	ask(&w, NAME);
	tftp(&w, false, &options);
	tftp(&w, true, &gave_up);
	const char *text = watch_facts(&w);
	assert_non_null(strstr(text, "file.options peer=10.77.0.1:69 name=\"" NAME
				     "\" number=5000 value=1024\n"));
	assert_non_null(strstr(text, "file.abandoned"));
	watch_end(&w);
}

static const char config[] =
    "<device><deviceProtocol>SIP</deviceProtocol><devicePool><callManagerGroup><members>"
    "<member priority=\"0\"><callManager><ports><ethernetPhonePort>2000</ethernetPhonePort>"
    "<sipPort>5060</sipPort><securedSipPort>5061</securedSipPort></ports>"
    "<processNodeName>10.77.0.1</processNodeName></callManager></member>"
    "<member priority=\"1\"><callManager><ports><ethernetPhonePort>2000</ethernetPhonePort>"
    "</ports><processNodeName>cm2.example</processNodeName></callManager></member>"
    "</members></callManagerGroup></devicePool><deviceSecurityMode>3</deviceSecurityMode>"
    "<vendorConfig><enableCdpSwPort>0</enableCdpSwPort></vendorConfig>"
    "<sipProfile><sipLines><line button=\"1\"><featureID>9</featureID><name>1001</name></line>"
    "<line button=\"2\"><featureID>21</featureID><name>speed</name></line></sipLines>"
    "</sipProfile><versionStamp>{42}</versionStamp>"
    "<loadInformation>SIP41.9-4-2SR3-1S</loadInformation></device>";

TEST("a delivered configuration is read as the phone reads it")
{
	struct watch w;
	watch_begin(&w);
	assert_string_equal(deliver(&w, NAME, slice_text(config)),
			    "config.read name=\"" NAME "\" number=2 value=3,1 text=\"SIP\"\n"
			    "config.server peer=10.77.0.1 name=\"10.77.0.1\" number=1 "
			    "value=2000,5060,5061\n"
			    "config.server name=\"cm2.example\" number=2 value=2000,5060,5061\n"
			    "config.load name=\"" NAME "\" text=\"SIP41.9-4-2SR3-1S\"\n"
			    "config.stamp name=\"" NAME "\" text=\"{42}\"\n"
			    "config.line name=\"" NAME "\" number=1 text=\"1001\"\n");
	watch_end(&w);
}

TEST("a file of which a block is missing here is not judged")
{
	struct watch w;
	static const uint8_t block[512] = "<device>";
	watch_begin(&w);
	ask(&w, NAME);
	data(&w, 1, slice_of(block, 512));
	data(&w, 3, slice_text("</device>"));
	ack(&w, 3);
	const char *text = watch_facts(&w);
	assert_non_null(strstr(text, "number=1033"));
	assert_null(strstr(text, "config."));
	watch_end(&w);
}

TEST("a load names its files, signature in front or not")
{
	struct watch w;
	static const char body[] =
	    "# comment\r\njar41sip.9-4-2.sbn\r\napps41.9-4-2.sbn \r\nLA_VERSION=PAS\r\n";
	static const char want[] = "loads.file name=\"SIP41.loads\" text=\"jar41sip.9-4-2.sbn\"\n"
				   "loads.file name=\"SIP41.loads\" text=\"apps41.9-4-2.sbn\"\n";
	uint8_t bytes[200];
	struct writer to = writer_of(bytes, sizeof bytes);
	watch_begin(&w);
	assert_string_equal(deliver(&w, "SIP41.loads", slice_text(body)), want);
	writer_bytes(&to, harness_hex("01 0002 0101 02 0002 0011 03 0004 04 0001 00"));
	writer_bytes(&to, slice_text(body));
	assert_string_equal(deliver(&w, "SIP41.loads", writer_done(&to)), want);
	watch_end(&w);
}

TEST("a trust list tells its signer, and the role and serial of each certificate")
{
	struct watch w;
	uint8_t bytes[200];
	struct writer to = writer_of(bytes, sizeof bytes);
	watch_begin(&w);
	/* Header of 23 bytes: version 1.2, its length, a signer "CN=a"; then one record. */
	writer_bytes(&to, harness_hex("01 0002 0102 02 0002 0015 03 0008 04 0005 434e3d6100"));
	writer_bytes(&to, harness_hex("01 0002 0012 04 0002 0003 06 0004 0badf00d 0d"));
	bytes[9] = 21;
	/* The record's own length counts from its first tag. */
	bytes[21 + 4] = 18 - 1;
	const char *text = deliver(&w, "ITLFile.tlv", slice_head(writer_done(&to), 21 + 17));
	assert_string_equal(text,
			    "trust.list name=\"ITLFile.tlv\" number=38 value=1 text=\"CN=a\"\n"
			    "trust.cert name=\"ITLFile.tlv\" number=3 text=\"0BADF00D\"\n");
	watch_end(&w);
}

TEST("a trust list whose records lie about their length is read as far as it goes")
{
	struct watch w;
	watch_begin(&w);
	assert_string_equal(
	    deliver(&w, "CTLSEP001BD5853661.tlv",
		    harness_hex("01 0002 0102 02 0002 000a 01 0002 ffff 04 0002 0003")),
	    "trust.list name=\"CTLSEP001BD5853661.tlv\" number=20\n");
	watch_end(&w);
}

#define GET "GET /" NAME " HTTP/1.1\r\nHost: x\r\n\r\n"

static void web_open(struct watch *w)
{
	watch_begin(w);
	watch_open(w, 6970);
	watch_say(w, true, 6970, slice_text(GET));
	watch_expect(w, "file.asked peer=10.77.0.1:6970 name=\"" NAME "\" value=50000\n");
}

TEST("a file by HTTP is asked, started and delivered like one by TFTP, in any pieces")
{
	char answer[2048];
	int size =
	    snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
		     strlen(config), config);
	for (size_t step = 1; step < 2048; step = step * 5 + 1) {
		struct watch w;
		web_open(&w);
		for (size_t at = 0; at < (size_t)size; at += step)
			watch_say(&w, false, 6970,
				  slice_head(slice_of(answer + at, (size_t)size - at), step));
		const char *text = watch_facts(&w);
		assert_non_null(strstr(text, "file.started peer=10.77.0.1:6970"));
		assert_non_null(strstr(text, "file.delivered peer=10.77.0.1:6970"));
		assert_non_null(
		    strstr(text, "config.line name=\"" NAME "\" number=1 text=\"1001\"\n"));
		watch_end(&w);
	}
}

TEST("a file not found by HTTP is a refusal with its status")
{
	struct watch w;
	web_open(&w);
	watch_say(&w, false, 6970,
		  slice_text("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope"));
	watch_say(&w, true, 6970,
		  slice_text("GET /XMLDefault.cnf.xml HTTP/1.1\r\nHost: x\r\n\r\n"));
	watch_expect(
	    &w, "file.refused peer=10.77.0.1:6970 name=\"" NAME "\" number=404 text=\"Not Found\"\n"
		"file.asked peer=10.77.0.1:6970 name=\"XMLDefault.cnf.xml\" value=50000\n");
	watch_end(&w);
}

TEST("a connection that closes in the middle of a file tells who closed it")
{
	for (unsigned by_phone = 0; by_phone < 2; by_phone++) {
		struct watch w;
		web_open(&w);
		watch_say(&w, false, 6970,
			  slice_text("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes."));
		(void)watch_facts(&w);
		watch_segment(&w, by_phone == 1, 6970, OBSERVE_TCP_FIN | OBSERVE_TCP_ACK, 99, 99,
			      slice_of(NULL, 0));
		const char *text = watch_facts(&w);
		assert_non_null(strstr(text, by_phone == 1 ? "file.abandoned" : "file.cut"));
		assert_non_null(
		    strstr(text, by_phone == 1 ? "number=100 value=10" : "number=10 value=100"));
		watch_end(&w);
	}
}

TEST("a body without a length is whole when the server closes")
{
	struct watch w;
	web_open(&w);
	watch_say(&w, false, 6970, slice_text("HTTP/1.0 200 OK\r\n\r\n<device></device>"));
	watch_segment(&w, false, 6970, OBSERVE_TCP_FIN | OBSERVE_TCP_ACK, 99, 99,
		      slice_of(NULL, 0));
	assert_non_null(strstr(watch_facts(&w), "file.delivered"));
	watch_end(&w);
}

TEST("files that never end stay within the budget, and the next one is read all the same")
{
	struct watch w;
	static uint8_t block[1400];
	watch_begin(&w);
	for (uint32_t i = 0; i < 200; i++) {
		struct flow up = {.from = {ip4_of(0x0b000000 + i), 1000},
				  .to = {watch_server.ip, 69}};
		struct flow down = {.from = {watch_server.ip, 30000}, .to = up.from};
		static const char rrq[] = "\0\1SEP00AABBCCDDEE.cnf.xml\0octet\0blksize\0"
					  "1396";
		assert_true(observer_tftp(w.o, &up, slice_of(rrq, sizeof rrq), w.at, i));
		static const char oack[] = "\0\6blksize\0"
					   "1396";
		assert_true(observer_tftp(w.o, &down, slice_of(oack, sizeof oack), w.at, i));
		for (uint16_t n = 1; n < 180; n++) {
			block[1] = 3;
			block[2] = (uint8_t)(n >> 8);
			block[3] = (uint8_t)n;
			assert_true(observer_tftp(w.o, &down, slice_of(block, 1400), w.at, i));
		}
	}
	struct fact f;
	while (observer_next_fact(w.o, &f))
		;
	watch_end(&w);
	watch_begin(&w);
	assert_non_null(strstr(deliver(&w, NAME, slice_text(config)), "config.read"));
	watch_end(&w);
}
