#include "harness.h"

#include "base/error.h"
#include "proto/frame/frame.h"

#define IP_UDP "4500 0021 0007 4000 4011 0000 0a4d0041 0a4d0001 c350 0045 000d 0000 68656c6c6f"
#define MACS   "001bd5853661 0200000000fe"

static struct frame_ip decode(uint32_t link, const char *hex)
{
	struct frame_ip ip;
	assert_int_equal(frame_decode(link, harness_hex(hex), &ip), 0);
	assert_int_equal(ip.protocol, FRAME_UDP);
	assert_int_equal(ip4_number(ip.from), 0x0a4d0041);
	struct frame_udp udp;
	assert_int_equal(frame_decode_udp(ip.payload, &udp), 0);
	assert_int_equal(udp.to, 69);
	assert_true(slice_equal(udp.payload, slice_text("hello")));
	return ip;
}

TEST("the same datagram is found behind every link header")
{
	struct frame_ip ip = decode(FRAME_LINK_ETHERNET, MACS "0800" IP_UDP);
	char text[MAC_TEXT_SIZE];
	assert_string_equal(mac_format(ip.source, text), "02:00:00:00:00:fe");
	assert_false(ip.tagged);
	assert_true(ip.dont_fragment);
	assert_int_equal(ip.ttl, 64);
	ip = decode(FRAME_LINK_ETHERNET, MACS "8100 006e 0800" IP_UDP);
	assert_int_equal(ip.vlan, 110);
	ip = decode(FRAME_LINK_ETHERNET, MACS "88a8 0064 8100 a06e 0800" IP_UDP);
	assert_int_equal(ip.vlan, 110);
	ip = decode(FRAME_LINK_ETHERNET, MACS "8100 0000 0800" IP_UDP);
	assert_true(ip.tagged);
	(void)decode(FRAME_LINK_ETHERNET, MACS "0029 aaaa03 000000 0800" IP_UDP);
	ip = decode(FRAME_LINK_COOKED, "0004 0001 0006 0200000000fe 0000 0800" IP_UDP);
	assert_string_equal(mac_format(ip.source, text), "02:00:00:00:00:fe");
	ip = decode(FRAME_LINK_COOKED, "0004 0001 0006 0200000000fe 0000 8100 006e 0800" IP_UDP);
	assert_int_equal(ip.vlan, 110);
	(void)decode(FRAME_LINK_COOKED2, "0800 0000 00000003 0001 00 06 0200000000fe 0000" IP_UDP);
	ip = decode(FRAME_LINK_COOKED2,
		    "8100 0000 00000003 0001 00 06 0200000000fe 0000 006e 0800" IP_UDP);
	assert_int_equal(ip.vlan, 110);
	(void)decode(FRAME_LINK_NULL, "02000000" IP_UDP);
	(void)decode(FRAME_LINK_LOOP, "00000002" IP_UDP);
	(void)decode(FRAME_LINK_RAW, IP_UDP);
	(void)decode(FRAME_LINK_RAW_BSD, IP_UDP);
	(void)decode(FRAME_LINK_IPV4, IP_UDP);
}

TEST("CDP is told by its organisation, spanning tree has no type, LLDP and ARP theirs")
{
	struct frame_head head;
	assert_int_equal(
	    frame_decode_head(FRAME_LINK_ETHERNET,
			      harness_hex(MACS "000c aaaa03 00000c 2000 02b40000 ffff"), &head),
	    0);
	assert_int_equal(head.oui, FRAME_OUI_CISCO);
	assert_int_equal(head.type, FRAME_SNAP_CDP);
	assert_int_equal(head.payload.len, 4); /* the rest is padding */
	assert_int_equal(
	    frame_decode_head(FRAME_LINK_ETHERNET, harness_hex(MACS "0026 424203 00000000"), &head),
	    0);
	assert_int_equal(head.type, FRAME_TYPE_NONE);
	assert_int_equal(
	    frame_decode_head(FRAME_LINK_ETHERNET, harness_hex(MACS "88cc 0207"), &head), 0);
	assert_int_equal(head.type, FRAME_TYPE_LLDP);
	assert_int_equal(
	    frame_decode_head(FRAME_LINK_COOKED,
			      harness_hex("0004 0001 0006 0200000000fe 0000 0004 aaaa03 "
					  "00000c 2000 02b4"),
			      &head),
	    0);
	assert_int_equal(head.oui, FRAME_OUI_CISCO);
	assert_int_equal(frame_decode_head(9999, harness_hex("00"), &head), E_UNKNOWN);
	struct frame_ip ip;
	assert_int_equal(frame_decode(FRAME_LINK_ETHERNET, harness_hex(MACS "0806 0001"), &ip),
			 E_UNKNOWN);
}

TEST("a length of 0 is segmentation offload's, a longer one than the frame is a cut capture")
{
	struct frame_ip ip;
	assert_int_equal(frame_decode_ip(harness_hex("4500 0000 0000 0000 4006 0000 0a4d0041 "
						     "0a4d0001 01020304"),
					 &ip),
			 0);
	assert_int_equal(ip.payload.len, 4);
	assert_false(ip.cut);
	assert_int_equal(frame_decode_ip(harness_hex("4500 0100 0000 2001 4006 0000 0a4d0041 "
						     "0a4d0001 01020304"),
					 &ip),
			 0);
	assert_true(ip.cut);
	assert_true(ip.more_fragments);
	assert_int_equal(ip.fragment_at, 8);
}

TEST("IP options and TCP options are stepped over, and headers that lie are refused")
{
	struct frame_ip ip;
	struct frame_tcp tcp;
	assert_int_equal(frame_decode_ip(harness_hex("4600 0031 0000 0000 4006 0000 0a4d0041 "
						     "0a4d0001 94040000 c350 07d0 00000001 "
						     "00000002 6018 1000 0000 0000 01010101 61"),
					 &ip),
			 0);
	assert_int_equal(frame_decode_tcp(ip.payload, &tcp), 0);
	assert_int_equal(tcp.to, 2000);
	assert_int_equal(tcp.window, 0x1000);
	assert_true(slice_equal(tcp.payload, slice_text("a")));
	assert_int_equal(frame_decode_ip(harness_hex("4400 0014 0000 0000 4006 0000 0a4d0041 "
						     "0a4d0001"),
					 &ip),
			 E_UNKNOWN);
	assert_int_equal(frame_decode_ip(harness_hex("6000 0000 0000 0000 0000"), &ip), E_UNKNOWN);
	assert_int_equal(frame_decode_tcp(harness_hex("c350 07d0 00000001 00000002 4018 1000 "
						      "0000 0000"),
					  &tcp),
			 E_TRUNCATED);
}

TEST("frames cut anywhere are refused without a look beyond their end")
{
	static const struct {
		uint32_t link;
		const char *hex;
	} frames[] = {
	    {FRAME_LINK_ETHERNET, MACS "88a8 0064 8100 006e 0800" IP_UDP},
	    {FRAME_LINK_COOKED, "0004 0001 0006 0200000000fe 0000 8100 006e 0800" IP_UDP},
	    {FRAME_LINK_COOKED2, "0800 0000 00000003 0001 00 06 0200000000fe 0000" IP_UDP},
	    {FRAME_LINK_RAW, IP_UDP},
	};
	for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
		struct slice whole = harness_hex(frames[i].hex);
		for (size_t len = 0; len < whole.len; len++) {
			struct frame_ip ip;
			struct frame_udp udp;
			struct slice part = harness_guarded(slice_head(whole, len));
			if (frame_decode(frames[i].link, part, &ip) != 0)
				continue;
			assert_true(ip.cut);
			(void)frame_decode_udp(ip.payload, &udp);
		}
	}
}

TEST("GRE gives the mirrored frame or the tunnelled packet inside, at any cut")
{
	static const struct {
		const char *hex;
		uint32_t link;
	} tunnels[] = {
	    {"1000 88be 00000001 100a0001 00000000 aabb", FRAME_LINK_ETHERNET}, /* ERSPAN II */
	    {"0000 88be aabb", FRAME_LINK_ETHERNET},                            /* ERSPAN I */
	    {"1000 22eb 00000001 200a0001 00000000 0000 0000 aabb", FRAME_LINK_ETHERNET},
	    {"1000 22eb 00000001 200a0001 00000000 0000 0001 0011223344556677 aabb",
	     FRAME_LINK_ETHERNET},
	    {"0000 6558 aabb", FRAME_LINK_ETHERNET},
	    {"b000 0800 00000000 00000007 00000001 aabb", FRAME_LINK_IPV4},
	};
	struct slice inner;
	uint32_t link = 0;

	for (size_t i = 0; i < sizeof tunnels / sizeof *tunnels; i++) {
		struct slice whole = harness_hex(tunnels[i].hex);
		assert_int_equal(frame_decode_gre(whole, &link, &inner), 0);
		assert_int_equal(link, tunnels[i].link);
		assert_true(slice_equal(inner, harness_hex("aabb")));
		for (size_t len = 0; len + 2 < whole.len; len++)
			assert_int_equal(frame_decode_gre(harness_guarded(slice_head(whole, len)),
							  &link, &inner),
					 E_TRUNCATED);
	}
	assert_int_equal(frame_decode_gre(harness_hex("0001 880b aabb"), &link, &inner), E_UNKNOWN);
	assert_int_equal(frame_decode_gre(harness_hex("0000 86dd aabb"), &link, &inner), E_UNKNOWN);
}

TEST("frames come back as they were sent")
{
	uint8_t bytes[128];
	struct frame_head head;
	const struct mac phone = {{0, 0x1b, 0xd5, 0x85, 0x36, 0x61}};
	const struct mac group = {{1, 0, 0x0c, 0xcc, 0xcc, 0xcc}};
	struct writer w = writer_of(bytes, sizeof bytes);
	assert_int_equal(
	    frame_encode_snap(group, phone, FRAME_OUI_CISCO, FRAME_SNAP_CDP, slice_text("cdp"), &w),
	    0);
	assert_int_equal(frame_decode_head(FRAME_LINK_ETHERNET, writer_done(&w), &head), 0);
	assert_int_equal(head.oui, FRAME_OUI_CISCO);
	assert_true(mac_equal(head.source, phone));
	assert_true(slice_equal(head.payload, slice_text("cdp")));
	w = writer_of(bytes, sizeof bytes);
	assert_int_equal(
	    frame_encode_ethernet(group, phone, 110, FRAME_TYPE_ARP, slice_text("arp"), &w), 0);
	assert_int_equal(frame_decode_head(FRAME_LINK_ETHERNET, writer_done(&w), &head), 0);
	assert_int_equal(head.vlan, 110);
	assert_int_equal(head.type, FRAME_TYPE_ARP);
	w = writer_of(bytes, 16);
	assert_int_equal(
	    frame_encode_ethernet(group, phone, 0, FRAME_TYPE_ARP, slice_text("arp"), &w), E_FULL);
	assert_int_equal(w.pos, 0);
}

TEST("a tag may be the priority alone, and then still stands in the frame")
{
	uint8_t bytes[64];
	struct frame_head head;
	const struct mac phone = {{0, 0x1b, 0xd5, 0x85, 0x36, 0x61}};
	struct writer w = writer_of(bytes, sizeof bytes);

	assert_int_equal(
	    frame_encode_tagged(phone, phone, 5, 0, FRAME_TYPE_ARP, slice_text("arp"), &w), 0);
	assert_memory_equal(bytes + 12, "\x81\x00\xa0\x00", 4);
	assert_int_equal(frame_decode_head(FRAME_LINK_ETHERNET, writer_done(&w), &head), 0);
	assert_true(head.tagged);
	assert_int_equal(head.vlan, 0);
	w = writer_of(bytes, 10);
	assert_int_equal(
	    frame_encode_tagged(phone, phone, 5, 7, FRAME_TYPE_ARP, slice_text("arp"), &w), E_FULL);
	assert_int_equal(w.pos, 0);
}

TEST("a UDP packet has a TTL and both checksums, as a card or a stranger would count them")
{
	uint8_t bytes[64];
	struct writer w = writer_of(bytes, sizeof bytes);
	/* The header's sum as in RFC 791; the datagram's by hand over its pseudo-header. */
	struct slice expected = harness_hex("4500 0021 0000 0000 fa11 abfe 0a4d0001 0a4d0033"
					    "0043 0044 000d 02f4 4f46464552");

	assert_int_equal(frame_encode_udp(ip4_of(0x0a4d0001), 67, ip4_of(0x0a4d0033), 68, 250,
					  slice_text("OFFER"), &w),
			 0);
	assert_true(slice_equal(writer_done(&w), expected));
	w = writer_of(bytes, 30);
	assert_int_equal(
	    frame_encode_udp(ip4_of(1), 67, ip4_of(2), 68, 64, slice_text("OFFER"), &w), E_FULL);
	assert_int_equal(w.pos, 0);
}
