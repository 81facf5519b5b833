/* Frames as captures have them: mirrored, routed, lost, overtaking each other, in fragments. */
#include "harness.h"

#include "base/buf.h"
#include "base/writer.h"
#include "proto/frame/frame.h"
#include "proto/sccp/sccp.h"
#include "trace/trace.h"

static const struct mac phone_mac = {{0x00, 0x1b, 0xd5, 0x85, 0x36, 0x61}};
static const struct mac router_mac = {{0x00, 0x00, 0x0c, 0, 0, 1}};

struct scene {
	struct timeline *timeline;
	struct trace *trace;
	dt_time at;
	uint64_t number;
	uint16_t id;
	uint8_t ttl;
};

static void begin(struct scene *s)
{
	*s = (struct scene){.timeline = timeline_new(), .ttl = 64};
	s->trace = trace_new(s->timeline, VANTAGE_CAPTURE);
	assert_non_null(s->trace);
}

static void end(struct scene *s)
{
	trace_free(s->trace);
	timeline_free(s->timeline);
}

/* An IPv4 packet of 10.77.0.65 or to it; `fragment` as in the header. */
static void ip_packet(struct scene *s, bool up, uint8_t protocol, uint16_t fragment,
		      struct slice payload)
{
	uint8_t bytes[4096];
	struct writer w = writer_of(bytes, sizeof bytes);
	writer_bytes(&w, slice_of(up ? router_mac.b : phone_mac.b, 6));
	writer_bytes(&w, slice_of(up ? phone_mac.b : router_mac.b, 6));
	writer_be16(&w, FRAME_TYPE_IPV4);
	writer_be16(&w, 0x4500);
	writer_be16(&w, (uint16_t)(20 + payload.len));
	writer_be16(&w, s->id);
	writer_be16(&w, fragment);
	writer_u8(&w, s->ttl);
	writer_u8(&w, protocol);
	writer_be16(&w, 0);
	writer_be32(&w, up ? 0x0a4d0041 : 0x0a4d0001);
	writer_be32(&w, up ? 0x0a4d0001 : 0x0a4d0041);
	writer_bytes(&w, payload);
	assert_false(w.failed);
	trace_frame(s->trace, FRAME_LINK_ETHERNET, writer_done(&w), s->at, ++s->number);
}

static void segment(struct scene *s, bool up, uint8_t flags, uint32_t seq, uint32_t ack,
		    struct slice payload)
{
	uint8_t bytes[2048];
	struct writer w = writer_of(bytes, sizeof bytes);
	writer_be16(&w, up ? 50000 : SCCP_PORT);
	writer_be16(&w, up ? SCCP_PORT : 50000);
	writer_be32(&w, seq);
	writer_be32(&w, ack);
	writer_u8(&w, 0x50);
	writer_u8(&w, flags);
	writer_be16(&w, 8192);
	writer_be32(&w, 0);
	writer_bytes(&w, payload);
	s->id++;
	ip_packet(s, up, FRAME_TCP, 0, writer_done(&w));
	s->at += 1000;
}

static unsigned count(struct scene *s, enum fact_kind kind)
{
	size_t phone = 0;
	struct mac mac;
	unsigned n = 0;
	while (timeline_next_phone(s->timeline, &phone, &mac)) {
		size_t at = 0;
		const struct fact *f = NULL;
		while ((f = timeline_next_fact(s->timeline, mac, &at)) != NULL)
			n += f->kind == kind;
	}
	return n;
}

static const struct slice nothing = {NULL, 0};

TEST("a packet seen before and after it was routed, or mirrored twice, counts once")
{
	struct scene s;
	begin(&s);
	for (unsigned copy = 0; copy < 3; copy++) {
		segment(&s, true, FRAME_TCP_SYN, 0, 0, nothing);
		s.id--;
		s.ttl--;
	}
	assert_int_equal(count(&s, FACT_TCP_SYN), 1);
	assert_int_equal(trace_frames_again(s.trace), 2);
	end(&s);
}

TEST("a SYN that is sent again counts again, with another identification or a second later")
{
	struct scene s;
	begin(&s);
	segment(&s, true, FRAME_TCP_SYN, 0, 0, nothing);
	segment(&s, true, FRAME_TCP_SYN, 0, 0, nothing);
	s.id--;
	s.at += DT_SECONDS(1);
	segment(&s, true, FRAME_TCP_SYN, 0, 0, nothing);
	assert_int_equal(count(&s, FACT_TCP_SYN), 3);
	end(&s);
}

static struct slice keepalive(bool answer)
{
	static uint8_t bytes[2][16];
	struct writer w = writer_of(bytes[answer], 16);
	struct sccp_message m = {.id = answer ? SCCP_KEEP_ALIVE_ACK : SCCP_KEEP_ALIVE};
	assert_int_equal(sccp_encode(&m, 11, &w), 0);
	return writer_done(&w);
}

static struct slice a_register(void)
{
	static uint8_t bytes[256];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct sccp_message m = {
	    .id = SCCP_REGISTER,
	    .reg = {.name = "SEP001BD5853661", .device_type = 8, .body_size = 64}};
	assert_int_equal(sccp_encode(&m, 11, &w), 0);
	return writer_done(&w);
}

static void open_connection(struct scene *s)
{
	segment(s, true, FRAME_TCP_SYN, 0, 0, nothing);
	segment(s, false, FRAME_TCP_SYN | FRAME_TCP_ACK, 0, 1, nothing);
	segment(s, true, FRAME_TCP_ACK, 1, 1, nothing);
}

TEST("what the capture lost is given up as soon as the other side acknowledges it")
{
	struct scene s;
	begin(&s);
	open_connection(&s);
	/* The first 100 bytes never pass here; a Register comes behind them. */
	segment(&s, true, FRAME_TCP_ACK, 101, 1, a_register());
	assert_int_equal(count(&s, FACT_SCCP_REGISTER), 0);
	segment(&s, false, FRAME_TCP_ACK, 1, 101 + (uint32_t)a_register().len, nothing);
	assert_int_equal(count(&s, FACT_SCCP_REGISTER), 1);
	end(&s);
}

TEST("what is missing and never acknowledged is given up at the end of the capture")
{
	struct scene s;
	begin(&s);
	open_connection(&s);
	segment(&s, true, FRAME_TCP_ACK, 101, 1, a_register());
	trace_end(s.trace, false);
	assert_int_equal(count(&s, FACT_SCCP_REGISTER), 1);
	end(&s);
}

TEST("segments in any order, overlapping and repeated, make each message once")
{
	static const uint8_t orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 0, 3, 2}, {2, 0, 3, 1}};
	for (size_t o = 0; o < 4; o++) {
		struct scene s;
		struct slice frame = a_register();
		size_t part = frame.len / 4;
		begin(&s);
		open_connection(&s);
		for (size_t i = 0; i < 4; i++) {
			/* Each piece with some bytes of the one before it, and twice. */
			size_t from = orders[o][i] * part;
			size_t early = from < 5 ? from : 5;
			struct slice piece =
			    slice_head(slice_from(frame, from - early), part + early);
			if (orders[o][i] == 3)
				piece = slice_from(frame, from - early);
			segment(&s, true, FRAME_TCP_ACK, (uint32_t)(1 + from - early), 1, piece);
			segment(&s, true, FRAME_TCP_ACK, (uint32_t)(1 + from - early), 1, piece);
		}
		assert_int_equal(count(&s, FACT_SCCP_REGISTER), 1);
		end(&s);
	}
}

TEST("a connection that began before the capture is followed from its first whole message")
{
	struct scene s;
	begin(&s);
	segment(&s, true, FRAME_TCP_ACK, 5000, 1, slice_text("the end of something"));
	segment(&s, true, FRAME_TCP_ACK, 5020, 1, a_register());
	segment(&s, true, FRAME_TCP_ACK, 5020 + (uint32_t)a_register().len, 1, keepalive(false));
	segment(&s, false, FRAME_TCP_ACK, 1, 9999, keepalive(true));
	assert_int_equal(count(&s, FACT_SCCP_REGISTER), 1);
	assert_int_equal(count(&s, FACT_SCCP_KEEPALIVE), 1);
	assert_int_equal(count(&s, FACT_SCCP_KEEPALIVE_ACK), 1);
	end(&s);
}

TEST("early segments are held within the limits, whatever comes")
{
	struct scene s;
	static uint8_t bytes[1400];
	begin(&s);
	open_connection(&s);
	segment(&s, true, FRAME_TCP_ACK, 1, 1, a_register());
	for (uint32_t i = 1; i < 400; i++)
		segment(&s, true, FRAME_TCP_ACK, 10 + i * 3000, 1, slice_of(bytes, sizeof bytes));
	segment(&s, true, FRAME_TCP_ACK, 10 + 400 * 3000, 1, a_register());
	trace_end(s.trace, false);
	assert_int_equal(count(&s, FACT_SCCP_REGISTER), 2);
	end(&s);
}

/* A read request of 60 bytes, as UDP. */
static struct slice request(void)
{
	static uint8_t bytes[8 + 60];
	struct writer w = writer_of(bytes, sizeof bytes);
	writer_be16(&w, 40000);
	writer_be16(&w, 69);
	writer_be16(&w, sizeof bytes);
	writer_be16(&w, 0);
	writer_bytes(&w, slice_of("\0\1SEP001BD5853661.cnf.xml\0octet", 32));
	writer_zero(&w, 28);
	return writer_done(&w);
}

TEST("fragments in any order, some of them twice, make one datagram")
{
	struct scene s;
	struct slice r = request();
	begin(&s);
	ip_packet(&s, true, FRAME_UDP, 32 / 8, slice_from(r, 32));
	s.at += DT_SECONDS(1);
	ip_packet(&s, true, FRAME_UDP, 32 / 8, slice_from(r, 32));
	assert_int_equal(count(&s, FACT_FILE_ASKED), 0);
	ip_packet(&s, true, FRAME_UDP, 0x2000, slice_head(r, 32));
	assert_int_equal(count(&s, FACT_FILE_ASKED), 1);
	end(&s);
}

TEST("a datagram that never became whole is told of a phone")
{
	struct scene s;
	struct slice r = request();
	begin(&s);
	ip_packet(&s, true, FRAME_UDP, 0, r);
	s.id++;
	ip_packet(&s, true, FRAME_UDP, 0x2000, slice_head(r, 32));
	trace_end(s.trace, false);
	assert_int_equal(count(&s, FACT_FRAGMENT_LOST), 1);
	end(&s);
}

TEST("hundreds of datagrams in pieces push out the oldest, and the last is still joined")
{
	struct scene s;
	struct slice r = request();
	begin(&s);
	for (unsigned i = 0; i < 500; i++) {
		s.id++;
		s.at += 1000;
		ip_packet(&s, true, FRAME_UDP, 0x2000, slice_head(r, 32));
	}
	ip_packet(&s, true, FRAME_UDP, 32 / 8, slice_from(r, 32));
	assert_int_equal(count(&s, FACT_FILE_ASKED), 1);
	end(&s);
}

TEST("phones behind one router are not one phone")
{
	struct scene s;
	size_t at = 0;
	struct mac mac;
	begin(&s);
	for (uint32_t i = 0; i < 3; i++) {
		uint8_t bytes[64];
		struct writer w = writer_of(bytes, sizeof bytes);
		writer_bytes(&w, slice_of(phone_mac.b, 6));
		writer_bytes(&w, slice_of(router_mac.b, 6));
		writer_be16(&w, FRAME_TYPE_IPV4);
		writer_bytes(&w, harness_hex("4500 0028 0001 0000 3f06 0000"));
		writer_be32(&w, 0x0a640001 + i);
		writer_be32(&w, 0x0a4d0001);
		writer_bytes(&w, harness_hex("c350 07d0 00000001 00000000 5002 2000 0000 0000"));
		trace_frame(s.trace, FRAME_LINK_ETHERNET, writer_done(&w), i, i + 1);
	}
	assert_int_equal(timeline_phone_count(s.timeline), 3);
	while (timeline_next_phone(s.timeline, &at, &mac))
		assert_false(mac_equal(mac, router_mac));
	end(&s);
}

TEST("twelve thousand phones of one capture are twelve thousand phones")
{
	struct scene s;
	struct slice head =
	    harness_hex("0800 4500 0110 0001 0000 4011 0000 00000000 ffffffff 0044 0043 "
			"00fc 0000 01010600 00000001 00000000 00000000 00000000 "
			"00000000 00000000 001bd4");
	struct slice options = harness_hex("63825363 350101 ff");
	begin(&s);
	for (uint32_t i = 0; i < 12000; i++) {
		uint8_t bytes[400];
		struct writer w = writer_of(bytes, sizeof bytes);
		writer_bytes(&w, slice_of("\xff\xff\xff\xff\xff\xff\x00\x1b\xd4", 9));
		writer_u8(&w, (uint8_t)(i >> 16));
		writer_be16(&w, (uint16_t)i);
		writer_bytes(&w, head);
		writer_u8(&w, (uint8_t)(i >> 16));
		writer_be16(&w, (uint16_t)i);
		writer_zero(&w, 10 + 192);
		writer_bytes(&w, options);
		trace_frame(s.trace, FRAME_LINK_ETHERNET, writer_done(&w), i, i + 1);
	}
	assert_int_equal(timeline_phone_count(s.timeline), 12000);
	end(&s);
}
