#include "harness.h"

#include "base/error.h"
#include "proto/arp/arp.h"

static const char request[] = "0001 0800 06 04 0001 001bd5853661 0a4d0041 000000000000 0a4d0001";

TEST("a request tells who asks for whom")
{
	struct arp a;
	char ip[IP4_TEXT_SIZE];
	assert_int_equal(arp_decode(harness_hex(request), &a, NULL), 0);
	assert_int_equal(a.op, ARP_REQUEST);
	assert_string_equal(ip4_format(a.sender_ip, ip), "10.77.0.65");
	assert_string_equal(ip4_format(a.target_ip, ip), "10.77.0.1");
	assert_false(arp_is_probe(&a));
	assert_false(arp_is_announcement(&a));
}

TEST("a probe has no sender address, an announcement asks for its own")
{
	struct arp a = {.op = ARP_REQUEST, .target_ip = {{10, 0, 0, 1}}};
	assert_true(arp_is_probe(&a));
	assert_false(arp_is_announcement(&a));
	a.sender_ip = a.target_ip;
	assert_false(arp_is_probe(&a));
	assert_true(arp_is_announcement(&a));
}

TEST("the padding of a short frame is ignored, other hardware and protocols are not ARP for IPv4")
{
	struct arp a;
	struct anomalies anomalies = {0};
	assert_int_equal(arp_decode(harness_hex("0001 0800 06 04 0002 001bd5853661 0a4d0041 "
						"001bd5853662 0a4d0001 0000000000000000"),
				    &a, &anomalies),
			 0);
	assert_int_equal(anomalies.count, 0);
	assert_int_equal(arp_decode(harness_hex("0018 0800 06 04 0001 00000000"), &a, NULL),
			 E_UNKNOWN);
	assert_int_equal(arp_decode(harness_hex("0001 86dd 06 10 0001 00000000"), &a, NULL),
			 E_UNKNOWN);
}

TEST("an operation that is neither request nor reply is decoded and noted")
{
	struct arp a;
	struct anomalies anomalies = {0};
	assert_int_equal(arp_decode(harness_hex("0001 0800 06 04 0009 001bd5853661 0a4d0041 "
						"001bd5853662 0a4d0001"),
				    &a, &anomalies),
			 0);
	assert_int_equal(anomalies.count, 1);
}

TEST("a packet cut anywhere is refused without a look beyond its end")
{
	struct arp a;
	struct slice whole = harness_hex(request);
	for (size_t len = 0; len < whole.len; len++)
		assert_int_equal(arp_decode(harness_guarded(slice_head(whole, len)), &a, NULL),
				 E_TRUNCATED);
}

TEST("a packet comes back as it was sent")
{
	uint8_t bytes[64];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct arp a;
	struct slice whole = harness_hex(request);
	assert_int_equal(arp_decode(whole, &a, NULL), 0);
	assert_int_equal(arp_encode(&a, &w), 0);
	assert_true(slice_equal(writer_done(&w), whole));
	w = writer_of(bytes, 27);
	assert_int_equal(arp_encode(&a, &w), E_FULL);
	assert_int_equal(w.pos, 0);
}
