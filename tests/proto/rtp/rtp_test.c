#include "harness.h"

#include "base/error.h"
#include "proto/rtp/rtp.h"

TEST("a head gives payload type, sequence, timestamp and source")
{
	struct rtp p;
	struct anomalies anomalies = {0};
	assert_int_equal(
	    rtp_decode(harness_hex("80 80 1234 00000140 deadbeef d5d5d5"), &p, &anomalies), 0);
	assert_true(p.marker);
	assert_int_equal(p.payload_type, 0);
	assert_int_equal(p.sequence, 0x1234);
	assert_int_equal(p.timestamp, 0x140);
	assert_int_equal(p.ssrc, 0xdeadbeef);
	assert_int_equal(p.payload.len, 3);
	assert_int_equal(anomalies.count, 0);
}

TEST("contributing sources, an extension and padding are no payload")
{
	struct rtp p;
	assert_int_equal(rtp_decode(harness_hex("b2 08 0001 00000000 00000001 11111111 22222222 "
						"bede0001 00000000 d5d5 000002"),
				    &p, NULL),
			 0);
	assert_int_equal(p.payload.len, 3);
}

TEST("an extension or padding longer than the packet is noted, and there is no payload")
{
	struct rtp p;
	struct anomalies anomalies = {0};
	assert_int_equal(
	    rtp_decode(harness_hex("90 08 0001 00000000 00000001 bedeffff"), &p, &anomalies), 0);
	assert_int_equal(p.payload.len, 0);
	assert_int_equal(
	    rtp_decode(harness_hex("a0 08 0001 00000000 00000001 d509"), &p, &anomalies), 0);
	assert_int_equal(anomalies.count, 2);
}

TEST("RTCP, other versions and short packets are not RTP")
{
	struct rtp p;
	assert_int_equal(rtp_decode(harness_hex("80 c8 0006 00000000 00000001"), &p, NULL),
			 E_BAD_FORMAT);
	assert_int_equal(rtp_decode(harness_hex("40 00 0006 00000000 00000001"), &p, NULL),
			 E_BAD_FORMAT);
	struct slice whole = harness_hex("80 00 1234 00000140 deadbeef");
	for (size_t len = 0; len < whole.len; len++)
		assert_int_equal(rtp_decode(harness_guarded(slice_head(whole, len)), &p, NULL),
				 E_TRUNCATED);
}
