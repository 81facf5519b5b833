#include "harness.h"

#include "fabric/fabric.h"
#include "proto/cdp/cdp.h"
#include "proto/frame/frame.h"

#include "base/error.h"
#include "base/writer.h"

#include <string.h>

#define PHONE  ((struct mac){{0x00, 0x1b, 0xd4, 0, 0, 1}})
#define SERVER ((struct mac){{0x02, 0, 0, 0, 0, 9}})
#define ALL    ((struct mac){{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}})

static const char *const names[] = {"phones", "server", "b"};

/* A UDP datagram from 10.0.0.2 to 10.0.0.1 in an Ethernet frame, checksums as they should be. */
static struct slice udp_frame(struct mac to, struct mac from, uint16_t from_port, uint16_t to_port,
			      const char *text)
{
	static uint8_t frame[2000];
	uint8_t packet[1500] = {0x45, 0, 0,  0, 0, 0, 0,  0, 64, FRAME_UDP,
				0,    0, 10, 0, 0, 2, 10, 0, 0,  1};
	struct writer w = writer_of(packet + 20, sizeof packet - 20);
	struct writer f = writer_of(frame, sizeof frame);
	size_t len = strlen(text);

	packet[2] = (uint8_t)((28 + len) >> 8);
	packet[3] = (uint8_t)(28 + len);
	writer_be16(&w, from_port);
	writer_be16(&w, to_port);
	writer_be16(&w, (uint16_t)(8 + len));
	writer_be16(&w, 0);
	writer_bytes(&w, slice_text(text));
	assert_int_equal(
	    frame_encode_ethernet(to, from, 0, FRAME_TYPE_IPV4, slice_of(packet, 28 + len), &f), 0);
	return writer_done(&f);
}

static struct slice tcp_frame(uint8_t flags)
{
	static uint8_t frame[200];
	uint8_t packet[40] = {0x45, 0, 0, 40,  0,  0, 0, 0, 64,   FRAME_TCP, 0,    0,
			      10,   0, 0, 2,   10, 0, 0, 1, 0xc0, 0,         0x07, 0xd0,
			      0,    0, 0, 100, 0,  0, 0, 0, 0x50, flags};
	struct writer f = writer_of(frame, sizeof frame);

	(void)frame_encode_ethernet(SERVER, PHONE, 0, FRAME_TYPE_IPV4, slice_of(packet, 40), &f);
	return writer_done(&f);
}

static struct fabric *fabric_with(const char *rule)
{
	struct fabric *f = fabric_new(3, 1);
	struct fabric_rule r;
	const char *why = NULL;

	assert_non_null(f);
	if (rule == NULL)
		return f;
	assert_int_equal(fabric_rule_parse(rule, names, 3, &r, &why), 0);
	assert_int_equal(fabric_add(f, &r), 0);
	return f;
}

/* How many frames come out until `until`; the last one's port. */
static unsigned count_out(struct fabric *f, dt_time until, unsigned *ret_port)
{
	unsigned count = 0;
	struct slice frame;

	while (fabric_next_output(f, until, ret_port, &frame))
		count++;
	return count;
}

TEST("a broadcast leaves by every other port, a known address by its own")
{
	struct fabric *f = fabric_with(NULL);
	unsigned port = 0;

	fabric_input(f, 0, udp_frame(ALL, PHONE, 68, 67, "x"), 1);
	assert_int_equal(count_out(f, 1, &port), 2);
	fabric_input(f, 1, udp_frame(PHONE, SERVER, 67, 68, "x"), 2);
	assert_int_equal(count_out(f, 2, &port), 1);
	assert_int_equal(port, 0);
	fabric_free(f);
}

TEST("a rule drops what matches it and nothing else")
{
	struct fabric *f = fabric_with("drop from phones udp destination-port 69");
	unsigned port = 0;

	fabric_input(f, 0, udp_frame(SERVER, PHONE, 50000, 69, "x"), 1);
	assert_int_equal(count_out(f, 1, &port), 0);
	fabric_input(f, 0, udp_frame(SERVER, PHONE, 50000, 70, "x"), 1);
	assert_int_equal(count_out(f, 1, &port), 2);
	fabric_input(f, 1, udp_frame(PHONE, SERVER, 50000, 69, "x"), 1);
	assert_int_equal(count_out(f, 1, &port), 1);
	assert_int_equal(fabric_hits(f, 0), 2);
	fabric_free(f);
}

TEST("a delayed frame waits for its time, and the fabric says when that is")
{
	struct fabric *f = fabric_with("delay 2 to server");
	unsigned port = 0;

	fabric_input(f, 0, udp_frame(ALL, PHONE, 68, 67, "x"), DT_SECONDS(1));
	assert_int_equal(count_out(f, DT_SECONDS(1), &port), 1);
	assert_int_equal(fabric_deadline(f), DT_SECONDS(3));
	assert_int_equal(count_out(f, DT_SECONDS(3), &port), 1);
	assert_int_equal(port, 1);
	assert_int_equal(fabric_deadline(f), DT_NEVER);
	fabric_free(f);
}

TEST("a rule may spare the first frames and the first seconds after link-up")
{
	struct fabric *f = fabric_with("drop to b after 1 since 10 until 20");
	unsigned port = 0;
	static const unsigned expected[] = {2, 2, 1, 2}; /* at 0, 10, 11 and 20 s */
	static const int at[] = {0, 10, 11, 20};

	for (size_t i = 0; i < 4; i++) {
		dt_time now = DT_SECONDS(at[i] + 5);
		fabric_input(f, 0, udp_frame(ALL, PHONE, 68, 67, "x"), now);
		assert_int_equal(count_out(f, now, &port), expected[i]);
	}
	fabric_free(f);
}

TEST("a percentage drops about so many, the same ones for the same seed")
{
	unsigned port = 0;
	unsigned passed[2] = {0};

	for (int i = 0; i < 2; i++) {
		struct fabric *f = fabric_with("drop to server 30%");
		for (int n = 0; n < 500; n++) {
			fabric_input(f, 0, udp_frame(ALL, PHONE, 68, 67, "x"), n);
			passed[i] += count_out(f, n, &port) - 1;
		}
		fabric_free(f);
	}
	assert_in_range(passed[0], 300, 400);
	assert_int_equal(passed[0], passed[1]);
}

TEST("a reset swallows the segment and answers in the server's name with a firewall's TTL")
{
	struct fabric *f = fabric_with("reset syn destination-port 2000");
	struct slice frame;
	struct frame_ip ip;
	struct frame_tcp tcp;
	unsigned port = 9;

	fabric_input(f, 1, udp_frame(ALL, SERVER, 67, 68, "x"), 1);
	(void)count_out(f, 1, &port);
	fabric_input(f, 0, tcp_frame(0x02), 1);
	assert_true(fabric_next_output(f, 1, &port, &frame));
	assert_int_equal(port, 0);
	assert_int_equal(frame_decode(FRAME_LINK_ETHERNET, frame, &ip), 0);
	assert_int_equal(frame_decode_tcp(ip.payload, &tcp), 0);
	assert_int_equal(ip.ttl, 250);
	assert_int_equal(tcp.from, 2000);
	assert_int_equal(tcp.flags, 0x14);
	assert_int_equal(tcp.ack, 101);
	assert_false(fabric_next_output(f, 1, &port, &frame));
	fabric_free(f);
}

TEST("a replaced text keeps its length, and the UDP checksum is right again")
{
	struct fabric *f = fabric_with("replace \"P0030801\" \"P0030802\"");
	struct slice frame;
	unsigned port = 0;
	uint32_t sum = 0;

	fabric_input(f, 0, udp_frame(ALL, PHONE, 68, 67, "load P0030801."), 1);
	assert_true(fabric_next_output(f, 1, &port, &frame));
	assert_non_null(memmem(frame.ptr, frame.len, "load P0030802.", 14));
	for (size_t i = 12; i < frame.len - 14; i++) /* pseudo-header's addresses, then UDP */
		sum += (i & 1) == 0 ? (uint32_t)frame.ptr[14 + i] << 8 : frame.ptr[14 + i];
	sum += FRAME_UDP + (uint32_t)(frame.len - 34);
	while (sum > 0xffff)
		sum = (sum >> 16) + (sum & 0xffff);
	assert_int_equal(sum, 0xffff);
	fabric_free(f);
}

TEST("an idle rule hits the frame that breaks a silence, as a firewall that has forgotten does")
{
	struct fabric *f = fabric_with("drop udp idle 10");
	static const struct {
		int at_s;
		unsigned passes;
	} sent[] = {{0, 1}, {9, 1}, {18, 1}, {28, 0}, {29, 1}, {50, 0}};
	unsigned port = 0;

	for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
		dt_time at = DT_SECONDS(sent[i].at_s);
		fabric_input(f, 0, udp_frame(SERVER, PHONE, 68, 67, "x"), at);
		assert_int_equal(count_out(f, at, &port) > 0, sent[i].passes);
	}
	fabric_free(f);
}

TEST("frames too large or not Ethernet are dropped, and a full fabric drops the newest")
{
	struct fabric *f = fabric_with("delay 100");
	uint8_t large[FABRIC_FRAME_MAX + 1] = {0};
	unsigned port = 0;

	fabric_input(f, 0, slice_of(large, sizeof large), 1);
	fabric_input(f, 0, slice_of(large, 5), 1);
	assert_int_equal(fabric_deadline(f), DT_NEVER);
	for (int i = 0; i < FABRIC_HELD_MAX; i++)
		fabric_input(f, 0, udp_frame(ALL, PHONE, 68, 67, "x"), 1);
	assert_int_equal(count_out(f, DT_SECONDS(1000), &port), FABRIC_HELD_MAX);
	fabric_free(f);
}

TEST("what is no rule is refused with a reason")
{
	static const char *const bad[] = {"",
					  "explode",
					  "delay",
					  "delay soon",
					  "ttl 300",
					  "replace abc abcd",
					  "drop from nowhere",
					  "drop port x",
					  "drop holding",
					  "drop 101%",
					  "drop ip 10.0.0",
					  "drop sideways"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct fabric_rule r;
		const char *why = NULL;
		assert_int_equal(fabric_rule_parse(bad[i], names, 3, &r, &why), E_BAD_FORMAT);
		assert_non_null(why);
	}
}

static struct fabric *voice_fabric(const char *words)
{
	struct fabric *f = fabric_new(3, 1);
	struct fabric_voice voice;
	const char *why = NULL;

	assert_non_null(f);
	assert_int_equal(fabric_voice_parse(words, names, 3, &voice, &why), 0);
	fabric_set_voice(f, &voice);
	return f;
}

static struct slice tagged_arp(uint16_t vlan)
{
	static uint8_t frame[64];
	struct writer w = writer_of(frame, sizeof frame);

	assert_int_equal(frame_encode_ethernet(ALL, PHONE, vlan, FRAME_TYPE_ARP,
					       slice_of("0123456789012345678901234567", 28), &w),
			 0);
	return writer_done(&w);
}

TEST("a phone in the voice VLAN reaches the voice hosts untagged, and an untagged one the data "
     "hosts")
{
	struct fabric *f = voice_fabric("110 data b");
	struct slice frame;
	struct frame_head head;
	unsigned port = 0;

	fabric_input(f, 0, tagged_arp(110), 1);
	assert_true(fabric_next_output(f, 1, &port, &frame));
	assert_int_equal(port, 1);
	assert_int_equal(frame_decode_head(FRAME_LINK_ETHERNET, frame, &head), 0);
	assert_false(head.tagged);
	assert_false(fabric_next_output(f, 1, &port, &frame));
	fabric_input(f, 0, tagged_arp(0), 1);
	assert_int_equal(count_out(f, 1, &port), 1);
	assert_int_equal(port, 2);
	fabric_input(f, 0, tagged_arp(120), 1);
	assert_int_equal(count_out(f, 1, &port), 0);
	fabric_free(f);
}

TEST("what a voice host sends reaches the phones with the voice VLAN's tag")
{
	struct fabric *f = voice_fabric("110 data b");
	struct slice frame;
	struct frame_head head;
	unsigned port = 9;

	fabric_input(f, 1, udp_frame(ALL, SERVER, 67, 68, "x"), 1);
	assert_true(fabric_next_output(f, 1, &port, &frame));
	assert_int_equal(port, 0);
	assert_int_equal(frame_decode_head(FRAME_LINK_ETHERNET, frame, &head), 0);
	assert_true(head.tagged);
	assert_int_equal(head.vlan, 110);
	assert_false(fabric_next_output(f, 1, &port, &frame));
	fabric_free(f);
}

/* A phone's CDP, and what the switch says to it. */
static bool cdp_answer(struct fabric *f, dt_time now, dt_time until, struct cdp *ret_cdp)
{
	static uint8_t packet[256];
	static uint8_t bytes[300];
	struct cdp talk = {.version = 2, .ttl_s = 180, .device_id = slice_text("SEP")};
	struct writer p = writer_of(packet, sizeof packet);
	struct writer w = writer_of(bytes, sizeof bytes);
	struct slice frame;
	struct frame_head head;
	unsigned port = 9;

	assert_int_equal(cdp_encode(&talk, &p), 0);
	assert_int_equal(frame_encode_snap(CDP_MULTICAST, PHONE, FRAME_OUI_CISCO, FRAME_SNAP_CDP,
					   writer_done(&p), &w),
			 0);
	fabric_input(f, 0, writer_done(&w), now);
	if (!fabric_next_output(f, until, &port, &frame))
		return false;
	assert_int_equal(port, 0);
	assert_int_equal(frame_decode_head(FRAME_LINK_ETHERNET, frame, &head), 0);
	assert_int_equal(cdp_decode(head.payload, ret_cdp, NULL), 0);
	return true;
}

TEST("a phone that talks CDP is told its voice VLAN, another one, none, late or not at all")
{
	static const struct {
		const char *words;
		bool answers, has;
		uint16_t vlan;
	} cases[] = {{"110", true, true, 110},
		     {"110 by cdp told 120", true, true, 120},
		     {"110 told nothing", true, false, 0},
		     {"110 by none", false, false, 0},
		     {"110 by lldp", false, false, 0}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fabric *f = voice_fabric(cases[i].words);
		struct cdp cdp = {0};
		assert_int_equal(cdp_answer(f, 1, 1, &cdp), cases[i].answers);
		assert_int_equal(cdp.has_voice_vlan, cases[i].has);
		assert_int_equal(cdp.voice_vlan, cases[i].vlan);
		fabric_free(f);
	}
	struct fabric *f = voice_fabric("110 after 5 half-duplex");
	struct cdp cdp = {0};
	assert_false(cdp_answer(f, 1, 1, &cdp));
	assert_true(cdp_answer(f, 2, DT_SECONDS(6), &cdp));
	assert_true(cdp.has_duplex && !cdp.full_duplex);
	fabric_free(f);
}

TEST("what is no voice port is refused with a reason")
{
	static const char *const bad[] = {"",
					  "0",
					  "4095",
					  "x",
					  "110 by radio",
					  "110 told",
					  "110 data",
					  "110 data phones",
					  "110 sideways"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct fabric_voice voice;
		const char *why = NULL;
		assert_int_equal(fabric_voice_parse(bad[i], names, 3, &voice, &why), E_BAD_FORMAT);
		assert_non_null(why);
	}
}
