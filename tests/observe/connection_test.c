/* Connections: what the path does to them, and what is said on them. */
#include "watch.h"

#include "base/error.h"
#include "base/text.h"
#include "base/writer.h"
#include "proto/sccp/sccp.h"
#include "proto/sip/sip.h"

#include <stdio.h>

static const struct slice nothing = {NULL, 0};

TEST("SYN-ACKs sent again and again are a phone whose ACK does not come")
{
	struct watch w;
	watch_begin(&w);
	watch_segment(&w, true, 2000, OBSERVE_TCP_SYN, 0, 0, nothing);
	for (unsigned i = 0; i < 4; i++)
		watch_segment(&w, false, 2000, OBSERVE_TCP_SYN | OBSERVE_TCP_ACK, 0, 1, nothing);
	watch_expect(&w, "tcp.syn peer=10.77.0.1:2000\n"
			 "tcp.half-open peer=10.77.0.1:2000 number=3\n");
	watch_end(&w);
}

TEST("data sent again is told as it grows, and when it is acknowledged at last")
{
	struct watch w;
	watch_begin(&w);
	watch_open(&w, 2000);
	for (unsigned i = 0; i < 4; i++)
		watch_segment(&w, true, 2000, OBSERVE_TCP_ACK, 1, 1, slice_text("abcdefghijklm"));
	watch_expect(&w, "tcp.again peer=10.77.0.1:2000 number=1 value=2,13,1\n"
			 "tcp.again peer=10.77.0.1:2000 number=1 value=3,13,1\n"
			 "tcp.again peer=10.77.0.1:2000 number=1 value=4,13,1\n");
	watch_segment(&w, false, 2000, OBSERVE_TCP_ACK, 1, 14, nothing);
	watch_expect(&w, "tcp.acked peer=10.77.0.1:2000 number=1\n");
	watch_end(&w);
}

TEST("TCP's own keep-alives without an answer are told, answered ones are not")
{
	struct watch w;
	watch_begin(&w);
	watch_open(&w, 2000);
	for (unsigned i = 0; i < 8; i++) {
		watch_segment(&w, true, 2000, OBSERVE_TCP_ACK, 0, 1, slice_text("\0"));
		watch_segment(&w, false, 2000, OBSERVE_TCP_ACK, 1, 1, nothing);
	}
	watch_expect(&w, "");
	for (unsigned i = 0; i < 3; i++)
		watch_segment(&w, true, 2000, OBSERVE_TCP_ACK, 0, 1, nothing);
	watch_expect(&w, "tcp.probe peer=10.77.0.1:2000 number=1 value=3\n");
	watch_end(&w);
}

TEST("a reset tells whose it claims to be, its time to live and the one that side's packets had")
{
	struct watch w;
	watch_begin(&w);
	watch_open(&w, 2000);
	watch_segment(&w, false, 2000, OBSERVE_TCP_ACK, 1, 1, slice_text("abc"));
	struct flow flow = watch_down(2000);
	struct frame_tcp tcp = {.from = 2000, .to = 50000, .seq = 4, .flags = OBSERVE_TCP_RST};
	flow.ttl = 55;
	observer_segment(w.o, &flow, &tcp, w.at, 9);
	watch_expect(&w, "tcp.reset peer=10.77.0.1:2000 number=2 value=55,128,3\n");
	watch_end(&w);
}

TEST("a side that takes no more is told once, and an end with the bytes of both sides")
{
	struct watch w;
	watch_begin(&w);
	watch_open(&w, 2000);
	watch_say(&w, true, 2000, slice_text("12345"));
	watch_say(&w, false, 2000, slice_text("123"));
	struct flow flow = watch_down(2000);
	struct frame_tcp tcp = {
	    .from = 2000, .to = 50000, .seq = 4, .ack = 6, .flags = OBSERVE_TCP_ACK};
	observer_segment(w.o, &flow, &tcp, w.at, 9);
	observer_segment(w.o, &flow, &tcp, w.at, 9);
	watch_expect(&w, "tcp.zero-window peer=10.77.0.1:2000 number=2\n");
	watch_segment(&w, true, 2000, OBSERVE_TCP_FIN | OBSERVE_TCP_ACK, 6, 4, nothing);
	watch_expect(&w, "tcp.closed peer=10.77.0.1:2000 number=1 value=5,3\n");
	watch_end(&w);
}

TEST("connections to file and trust services are named apart; other ports make no facts")
{
	struct watch w;
	watch_begin(&w);
	watch_segment(&w, true, 2445, OBSERVE_TCP_SYN, 0, 0, nothing);
	watch_segment(&w, false, 2445, OBSERVE_TCP_RST | OBSERVE_TCP_ACK, 0, 1, nothing);
	watch_segment(&w, true, 443, OBSERVE_TCP_SYN, 0, 0, nothing);
	watch_expect(&w, "service.syn peer=10.77.0.1:2445\nservice.refused peer=10.77.0.1:2445\n");
	watch_end(&w);
}

TEST("a server that answered the SYN and then resets has taken the connection, whatever is seen of "
     "it")
{
	struct watch w;
	watch_begin(&w);
	watch_segment(&w, true, 2000, OBSERVE_TCP_SYN, 0, 0, nothing);
	watch_segment(&w, false, 2000, OBSERVE_TCP_SYN | OBSERVE_TCP_ACK, 0, 1, nothing);
	watch_segment(&w, false, 2000, OBSERVE_TCP_RST, 1, 1, nothing);
	const char *facts = watch_facts(&w);
	assert_non_null(strstr(facts, "tcp.open peer=10.77.0.1:2000"));
	assert_non_null(strstr(facts, "tcp.reset peer=10.77.0.1:2000"));
	assert_null(strstr(facts, "tcp.refused"));
	watch_end(&w);
}

static struct slice frame_of(const struct sccp_message *m, uint8_t *bytes, size_t size)
{
	struct writer to = writer_of(bytes, size);
	assert_int_equal(sccp_encode(m, 11, &to), 0);
	return writer_done(&to);
}

static struct slice a_register(uint8_t *bytes, size_t size)
{
	struct sccp_message m = {.id = SCCP_REGISTER,
				 .reg = {.name = "SEP001BD5853661",
					 .ip = watch_phone.ip,
					 .device_type = 30018,
					 .protocol_version = 11,
					 .body_size = 64}};
	return frame_of(&m, bytes, size);
}

TEST("SCCP is followed in any pieces, on any port, from its first frame on")
{
	uint8_t bytes[512];
	struct slice frame = a_register(bytes, sizeof bytes);
	for (size_t step = 1; step <= frame.len; step = step * 4 + 1) {
		struct watch w;
		watch_begin(&w);
		watch_open(&w, 5060);
		for (size_t at = 0; at < frame.len; at += step)
			watch_say(&w, true, 5060, slice_head(slice_from(frame, at), step));
		watch_expect(&w, "sccp.register peer=10.77.0.1:5060 name=\"SEP001BD5853661\" "
				 "number=30018 value=11,172818497\n");
		watch_end(&w);
	}
}

TEST("after a gap the stream goes on at the next frame that looks like one")
{
	struct watch w;
	uint8_t bytes[512];
	struct slice frame = a_register(bytes, sizeof bytes);
	struct flow flow = watch_up(2000);
	watch_begin(&w);
	watch_open(&w, 2000);
	observer_bytes(w.o, &flow, slice_head(frame, 30), false, w.at, 1);
	observer_bytes(w.o, &flow, slice_text("the middle of something else"), true, w.at, 2);
	watch_expect(&w, "");
	observer_bytes(w.o, &flow, frame, false, w.at, 3);
	assert_non_null(strstr(watch_facts(&w), "sccp.register"));
	watch_end(&w);
}

TEST("a stream that stops being frames is told once and followed no more")
{
	struct watch w;
	uint8_t bytes[512];
	struct flow flow = watch_up(2000);
	watch_begin(&w);
	watch_open(&w, 2000);
	watch_say(&w, true, 2000, a_register(bytes, sizeof bytes));
	(void)watch_facts(&w);
	watch_say(&w, true, 2000, harness_hex("ffffffff 00000000 00000000"));
	assert_non_null(strstr(watch_facts(&w), "sccp.broken"));
	assert_false(observer_wants(w.o, &flow));
	watch_end(&w);
}

TEST("an alarm tells why the phone was away and what it runs, and when it says so again at once")
{
	struct watch w;
	uint8_t bytes[256];
	struct sccp_message m = {
	    .id = SCCP_ALARM,
	    .alarm = {.text =
			  "14: Name=SEP001BD5853661 Load=SCCP41.9-4-2SR3-1S Last=CM-closed-TCP"}};
	watch_begin(&w);
	watch_open(&w, 2000);
	watch_say(&w, true, 2000, frame_of(&m, bytes, sizeof bytes));
	const char *text = watch_facts(&w);
	assert_non_null(strstr(text, "phone.last peer=10.77.0.1:2000 name=\"SEP001BD5853661\" "
				     "number=14 text=\"CM-closed-TCP\"\n"));
	assert_non_null(strstr(text, "phone.load text=\"SCCP41.9-4-2SR3-1S\"\n"));
	watch_say(&w, true, 2000, frame_of(&m, bytes, sizeof bytes));
	assert_non_null(strstr(watch_facts(&w), "number=14 value=1 text=\"CM-closed-TCP\"\n"));
	watch_wait(&w, 60);
	watch_say(&w, true, 2000, frame_of(&m, bytes, sizeof bytes));
	assert_non_null(strstr(watch_facts(&w), "number=14 text=\"CM-closed-TCP\"\n"));
	watch_end(&w);
}

TEST("an XML alarm tells the switch port and more, well-formed or not")
{
	struct watch w;
	static const char xml[] =
	    "<x-cisco-alarm><Alarm Name=\"LastOutOfServiceInformation\"><ParameterList>"
	    "<String name=\"DeviceName\">SEP001BD5853661</String>"
	    "<String name=\"NeighborDeviceID\">Switch3</String>"
	    "<String name=\"NeighborPortID\">Fa0/12</String>"
	    "<String name=\"DHCPv4Status\"><not open></String>"
	    "<Enum name=\"ReasonForOutOfService\">16</Enum>"
	    "<UInt name=\"VoiceVLAN\">4095</UInt></ParameterList></Alarm>";
	uint8_t bytes[1024];
	struct writer to = writer_of(bytes, sizeof bytes);
	watch_begin(&w);
	watch_open(&w, 2000);
	writer_le32(&to, 4 + sizeof xml);
	writer_le32(&to, 0);
	writer_le32(&to, SCCP_XML_ALARM);
	writer_bytes(&to, slice_of(xml, sizeof xml));
	watch_say(&w, true, 2000, writer_done(&to));
	const char *text = watch_facts(&w);
	assert_non_null(
	    strstr(text, "phone.last peer=10.77.0.1:2000 name=\"SEP001BD5853661\" number=16"));
	assert_non_null(strstr(text, "phone.port name=\"Switch3\" number=4095 text=\"Fa0/12\"\n"));
	assert_non_null(strstr(text, "phone.status name=\"DHCPv4Status\" text=\"<not open>\"\n"));
	watch_end(&w);
}

TEST("more than two thousand messages in five seconds are a flood")
{
	struct watch w;
	struct flow flow = watch_up(2000);
	struct sccp_message m = {.id = SCCP_HEADSET_STATUS};
	watch_begin(&w);
	for (unsigned i = 0; i < 2500; i++) {
		observer_sccp(w.o, &flow, &m, w.at, i);
		w.at += 1000;
	}
	watch_expect(&w, "sccp.flood peer=10.77.0.1:2000 number=2001\n");
	watch_end(&w);
}

TEST("a hello on a plain port, and plain words on a TLS port, are told")
{
	struct watch w;
	uint8_t bytes[512];
	watch_begin(&w);
	watch_open(&w, 2000);
	watch_say(&w, true, 2000, harness_hex("15 0301 0002 022d"));
	watch_expect(&w, "tls.mismatch peer=10.77.0.1:2000 number=1\n"
			 "tls.alert peer=10.77.0.1:2000 number=45 value=1,2\n");
	watch_open(&w, 2443);
	watch_say(&w, true, 2443, a_register(bytes, sizeof bytes));
	assert_non_null(strstr(watch_facts(&w), "tls.mismatch peer=10.77.0.1:2443 number=2\n"));
	watch_end(&w);
}

/* A ClientHello of TLS 1.0 whose random begins with this time. */
static struct slice client_hello(uint32_t unix_s, uint8_t *bytes, size_t size)
{
	struct writer to = writer_of(bytes, size);
	writer_bytes(&to, harness_hex("16 0301 002d 01 000029 0301"));
	writer_be32(&to, unix_s);
	writer_zero(&to, 28);
	writer_bytes(&to, harness_hex("00 0002 002f 01 00"));
	return writer_done(&to);
}

TEST("TLS tells what was offered, chosen and refused, and a clock that stands at 1970")
{
	struct watch w;
	uint8_t bytes[128];
	watch_begin(&w);
	watch_open(&w, 2443);
	struct slice hello = client_hello(86400, bytes, sizeof bytes);
	watch_say(&w, true, 2443, slice_head(hello, 20));
	watch_say(&w, true, 2443, slice_from(hello, 20));
	watch_expect(&w,
		     "tls.hello peer=10.77.0.1:2443 number=769 value=86400,1\n"
		     "clock.phone peer=10.77.0.1:2443 number=2595053696 text=\"ClientHello\"\n");
	watch_say(&w, false, 2443, harness_hex("15 0301 0002 0228"));
	watch_say(&w, true, 2443, harness_hex("17 0301 0002 0000"));
	watch_expect(&w, "tls.alert peer=10.77.0.1:2443 number=40 value=2,2\n"
			 "tls.ready peer=10.77.0.1:2443\n");
	watch_end(&w);
}

TEST("a random that is random is no clock")
{
	struct watch w;
	uint8_t bytes[128];
	watch_begin(&w);
	watch_open(&w, 2443);
	watch_say(&w, true, 2443, client_hello(0xd1234567, bytes, sizeof bytes));
	assert_null(strstr(watch_facts(&w), "clock."));
	watch_end(&w);
}

static void sip(struct watch *w, bool up, const char *text)
{
	struct sip_message m;
	struct flow flow = up ? watch_up(5060) : watch_down(5060);
	assert_int_equal(sip_decode(slice_text(text), &m, NULL), 0);
	observer_sip(w->o, &flow, &m, strlen(text), w->at, ++w->number);
}

#define CONTACT                                                                                    \
	"Contact: <sip:x@10.77.0.65:50000>;+u.sip!devicename.ccm.cisco.com=\"SEP001BD5853661\";"   \
	"+u.sip!model.ccm.cisco.com=\"621\""
#define HEAD(cseq)                                                                                 \
	"Via: SIP/2.0/UDP x\r\nTo: <sip:1001@cm>\r\nCall-ID: a\r\nCSeq: " cseq " REGISTER\r\n"

TEST("a REGISTER is challenged, sent with credentials, and granted")
{
	struct watch w;
	watch_begin(&w);
	sip(&w, true, "REGISTER sip:cm SIP/2.0\r\n" HEAD("1") CONTACT "\r\nExpires: 3600\r\n\r\n");
	sip(&w, false,
	    "SIP/2.0 401 Unauthorized\r\n" HEAD("1") "WWW-Authenticate: Digest realm=\"x\", "
						     "stale=true\r\n\r\n");
	sip(&w, true,
	    "REGISTER sip:cm SIP/2.0\r\n" HEAD("2") CONTACT
	    "\r\nAuthorization: Digest x\r\nExpires: 3600\r\n\r\n");
	sip(&w, false, "SIP/2.0 200 OK\r\n" HEAD("2") "Expires: 120\r\n\r\n");
	watch_expect(&w, "sip.register peer=10.77.0.1:5060 name=\"SEP001BD5853661\" number=621 "
			 "value=1,8,172818497 text=\"1001\"\n"
			 "sip.challenged peer=10.77.0.1:5060 number=401 value=1,1 text=\"1001\"\n"
			 "sip.register peer=10.77.0.1:5060 name=\"SEP001BD5853661\" number=621 "
			 "value=2,9,172818497 text=\"1001\"\n"
			 "sip.registered peer=10.77.0.1:5060 number=120 value=2 text=\"1001\"\n");
	watch_end(&w);
}

TEST("a registrar whose nonce has changed refuses no password")
{
	struct watch w;
	watch_begin(&w);
	sip(&w, true,
	    "REGISTER sip:cm SIP/2.0\r\n" HEAD("1") CONTACT
	    "\r\nAuthorization: Digest x\r\nExpires: 3600\r\n\r\n");
	sip(&w, false,
	    "SIP/2.0 401 nonce has changed\r\n" HEAD("1") "WWW-Authenticate: Digest "
							  "realm=\"x\"\r\n\r\n");
	watch_expect(&w,
		     "sip.register peer=10.77.0.1:5060 name=\"SEP001BD5853661\" number=621 "
		     "value=1,9,172818497 text=\"1001\"\n"
		     "sip.challenged peer=10.77.0.1:5060 number=401 value=1,1,1 text=\"1001\"\n");
	watch_end(&w);
}

TEST("a standby's keepalive is neither a registration nor its end")
{
	struct watch w;
	watch_begin(&w);
	sip(&w, true,
	    "REGISTER sip:cm SIP/2.0\r\n" HEAD("1") CONTACT
	    ";expires=0;cisco-keep-alive\r\nExpires: 0\r\n\r\n");
	sip(&w, false, "SIP/2.0 200 OK\r\n" HEAD("1") "Expires: 0\r\n\r\n");
	watch_expect(&w, "sip.keepalive peer=10.77.0.1:5060 number=1\n"
			 "sip.keepalive peer=10.77.0.1:5060 number=2\n");
	sip(&w, true, "REGISTER sip:cm SIP/2.0\r\n" HEAD("2") CONTACT "\r\nExpires: 0\r\n\r\n");
	sip(&w, false, "SIP/2.0 200 OK\r\n" HEAD("2") "\r\n");
	assert_non_null(
	    strstr(watch_facts(&w), "sip.unregistered peer=10.77.0.1:5060 text=\"1001\"\n"));
	watch_end(&w);
}

TEST("a refusal tells the warning's words, and a clock that is off")
{
	struct watch w;
	watch_begin(&w);
	sip(&w, true, "REGISTER sip:cm SIP/2.0\r\n" HEAD("1") CONTACT "\r\n\r\n");
	(void)watch_facts(&w);
	sip(&w, false,
	    "SIP/2.0 403 Forbidden\r\n" HEAD(
		"1") "Warning: 399 cm \"Device security mismatch\"\r\n"
		     "Date: Tue, 14 Nov 2023 23:13:20 GMT\r\nRetry-After: 30\r\n\r\n");
	watch_expect(&w,
		     "sip.refused peer=10.77.0.1:5060 number=403 value=1,30 text=\"Device security "
		     "mismatch\"\n"
		     "clock.server peer=10.77.0.1:5060 number=3600 text=\"SIP Date\"\n");
	watch_end(&w);
}

TEST("orders of the server, alarms in a Reason header and calls are told")
{
	struct watch w;
	watch_begin(&w);
	sip(&w, true,
	    "REGISTER sip:cm SIP/2.0\r\n" HEAD("1") CONTACT
	    "\r\nReason: SIP;cause=200;text=\"cisco-alarm:23 Name=SEP001BD5853661 "
	    "ActiveLoad=sip78xx.12-1-1 Last=reset-restart\"\r\n\r\n");
	assert_non_null(strstr(watch_facts(&w), "number=23 text=\"reset-restart\"\nphone.load "
						"text=\"sip78xx.12-1-1\"\n"));
	sip(&w, false,
	    "NOTIFY sip:x SIP/2.0\r\nEvent: service-control\r\n\r\naction=restart\r\n"
	    "ConfigVersionStamp={42}\r\n");
	sip(&w, true, "INVITE sip:2 SIP/2.0\r\n\r\n");
	watch_expect(&w, "sip.service peer=10.77.0.1:5060 number=2 text=\"{42}\"\n"
			 "sip.call peer=10.77.0.1:5060 number=1 value=24 text=\"INVITE\"\n");
	watch_end(&w);
}

TEST("thirty thousand connections stay within the ceiling, and the latest is still followed")
{
	struct watch w;
	struct fact f;
	uint8_t bytes[512];
	watch_begin(&w);
	for (uint32_t i = 0; i < 70000; i++) {
		struct flow flow = {.from = {ip4_of(0x0b000000 + i), 1024}, .to = watch_server};
		observer_tcp(w.o, &flow, OBSERVE_TCP_SYN, w.at, i);
		w.at += 1000;
		while (observer_next_fact(w.o, &f))
			;
	}
	watch_open(&w, 2000);
	watch_say(&w, true, 2000, a_register(bytes, sizeof bytes));
	assert_non_null(strstr(watch_facts(&w), "sccp.register"));
	watch_end(&w);
}

HARNESS_OOM("connections without memory lose facts and nothing else")
{
	struct observer *o = observer_new(VANTAGE_CAPTURE);
	struct flow up = watch_up(6970);
	struct flow down = watch_down(6970);
	struct fact f;
	unsigned delivered = 0;
	if (o == NULL)
		return E_NO_MEMORY;
	observer_tcp(o, &up, OBSERVE_TCP_SYN, 1, 1);
	observer_bytes(o, &up, slice_text("GET /SEP001BD5853661.cnf.xml HTTP/1.1\r\n"), false, 2,
		       2);
	observer_bytes(o, &up, slice_text("Host: x\r\n\r\n"), false, 2, 2);
	observer_bytes(o, &down, slice_text("HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n"), false,
		       3, 3);
	observer_bytes(o, &down, slice_text("<device></device>"), false, 4, 4);
	while (observer_next_fact(o, &f))
		delivered += f.kind == FACT_CONFIG_READ;
	observer_free(o);
	return delivered == 1 ? 0 : E_NO_MEMORY;
}
