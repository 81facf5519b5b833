#include "harness.h"

#include "base/error.h"
#include "proto/icmp/icmp.h"

static const char unreachable[] =
    "03 03 1234 00000000 4500001c 00010000 40110000 0a4d0041 0a4d0001 c350 0045 0008 0000";

TEST("an error quotes the packet it is about")
{
	struct icmp i;
	struct anomalies anomalies = {0};
	assert_int_equal(icmp_decode(harness_hex(unreachable), &i, &anomalies), 0);
	assert_int_equal(i.type, ICMP_UNREACHABLE);
	assert_int_equal(i.code, ICMP_PORT_UNREACHABLE);
	assert_int_equal(i.quoted.len, 28);
	assert_int_equal(i.quoted.ptr[0], 0x45);
	assert_int_equal(anomalies.count, 0);
	assert_string_equal(icmp_words(i.type, i.code), "port unreachable");
}

TEST("an echo has its id and sequence and quotes nothing")
{
	struct icmp i;
	assert_int_equal(icmp_decode(harness_hex("08 00 0000 0102 0304 6162"), &i, NULL), 0);
	assert_int_equal(i.id, 0x0102);
	assert_int_equal(i.sequence, 0x0304);
	assert_null(i.quoted.ptr);
}

TEST("fragmentation needed names the size that fits, a redirect the gateway")
{
	struct icmp i;
	struct anomalies anomalies = {0};
	assert_int_equal(icmp_decode(harness_hex("03 04 0000 0000 0578"), &i, &anomalies), 0);
	assert_int_equal(i.mtu, 1400);
	assert_int_equal(anomalies.count, 1);
	assert_int_equal(icmp_decode(harness_hex("05 01 0000 0a4d00fe"), &i, NULL), 0);
	assert_int_equal(ip4_number(i.gateway), 0x0a4d00fe);
}

TEST("a message cut anywhere is decoded as far as it goes")
{
	struct icmp i;
	struct slice whole = harness_hex(unreachable);
	for (size_t len = 0; len <= whole.len; len++)
		assert_int_equal(icmp_decode(harness_guarded(slice_head(whole, len)), &i, NULL),
				 len < 8 ? E_TRUNCATED : 0);
}

TEST("every type and code has words")
{
	for (unsigned type = 0; type < 256; type++) {
		for (unsigned code = 0; code < 256; code++)
			assert_non_null(icmp_words((uint8_t)type, (uint8_t)code));
	}
}
