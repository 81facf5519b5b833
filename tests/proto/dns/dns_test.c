#include "harness.h"

#include "base/error.h"
#include "proto/dns/dns.h"

/* "tftp.example" asked for, answered by an alias and its address; names compressed. */
static const char answer[] = "1234 8180 0001 0002 0000 0000 04 74667470 07 6578616d706c65 00 0001 "
			     "0001 c00c 0005 0001 0000003c 0006 03 636d31 c011 c02a 0001 0001 "
			     "0000003c 0004 0a4d0001";

TEST("an answer gives the question and the address behind the alias")
{
	struct dns d;
	struct anomalies anomalies = {0};
	assert_int_equal(dns_decode(harness_hex(answer), &d, &anomalies), 0);
	assert_int_equal(anomalies.count, 0);
	assert_true(d.is_response);
	assert_int_equal(d.id, 0x1234);
	assert_string_equal(d.name, "tftp.example");
	assert_int_equal(d.type, DNS_A);
	assert_int_equal(d.address_count, 1);
	assert_int_equal(ip4_number(d.address[0]), 0x0a4d0001);
}

TEST("a question and its answers come back as they were sent")
{
	uint8_t bytes[256];
	struct dns sent = {.id = 7, .name = "CiscoCM1.example.com", .type = DNS_A};
	for (unsigned i = 0; i < 2; i++) {
		struct dns got;
		struct writer w = writer_of(bytes, sizeof bytes);
		sent.is_response = i == 1;
		sent.address_count = i == 1 ? 2 : 0;
		sent.address[0] = ip4_of(0x0a000001);
		sent.address[1] = ip4_of(0x0a000002);
		assert_int_equal(dns_encode(&sent, &w), 0);
		assert_int_equal(dns_decode(harness_guarded(writer_done(&w)), &got, NULL), 0);
		assert_string_equal(got.name, sent.name);
		assert_int_equal(got.is_response, sent.is_response);
		assert_int_equal(got.address_count, sent.address_count);
		assert_true(i == 0 || ip4_equal(got.address[1], sent.address[1]));
	}
}

TEST("a refusal tells its code in words")
{
	struct dns d;
	assert_int_equal(
	    dns_decode(harness_hex("0001 8183 0001 0000 0000 0000 01 78 00 0001 0001"), &d, NULL),
	    0);
	assert_int_equal(d.rcode, DNS_NO_SUCH_NAME);
	assert_string_equal(dns_rcode_words(d.rcode), "no such name");
	for (unsigned i = 0; i < 256; i++)
		assert_non_null(dns_rcode_words((uint8_t)i));
}

TEST("pointers that lead forward, to themselves or for ever are not followed")
{
	static const char *const bad[] = {
	    "0001 0100 0001 0000 0000 0000 c00c 0001 0001",
	    "0001 0100 0001 0000 0000 0000 c010 0001 0001 01 78 00",
	    "0001 0100 0001 0000 0000 0000 01 61 c00c 0001 0001",
	    "0001 0100 0001 0000 0000 0000 80 0001 0001",
	    "0001 0100 0001 0000 0000 0000 05 6161 00 0001 0001",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct dns d;
		assert_int_equal(dns_decode(harness_hex(bad[i]), &d, NULL), E_BAD_FORMAT);
	}
}

TEST("a name as long as names get is read, a longer one refused")
{
	uint8_t bytes[400] = {0, 1, 1, 0, 0, 1};
	for (unsigned labels = 3; labels <= 5; labels++) {
		size_t at = 12;
		struct dns d;
		for (unsigned i = 0; i < labels; i++) {
			bytes[at] = i == 3 ? 61 : 63;
			memset(bytes + at + 1, 'x', bytes[at]);
			at += bytes[at] + 1u;
		}
		memset(bytes + at, 0, 5);
		bytes[at + 2] = 1;
		bytes[at + 4] = 1;
		int error = dns_decode(harness_guarded(slice_of(bytes, at + 5)), &d, NULL);
		assert_int_equal(error, labels < 5 ? 0 : E_BAD_FORMAT);
	}
}

TEST("bytes in a name that would look like something else are replaced")
{
	struct dns d;
	assert_int_equal(
	    dns_decode(harness_hex("0001 0100 0001 0000 0000 0000 03 612e00 00 0001 0001"), &d,
		       NULL),
	    0);
	assert_string_equal(d.name, "a??");
}

TEST("a message cut anywhere is refused, or decoded with the missing answers noted")
{
	struct slice whole = harness_hex(answer);
	for (size_t len = 0; len < whole.len; len++) {
		struct dns d;
		struct anomalies anomalies = {0};
		int error = dns_decode(harness_guarded(slice_head(whole, len)), &d, &anomalies);
		assert_true(error != 0 || anomalies.count == 1);
		assert_true(len >= 12 || error == E_TRUNCATED);
	}
}

TEST("names that are none are not sent, and what does not fit is not written in part")
{
	uint8_t bytes[300];
	static const char *const bad[] = {
	    "", ".", "a..b", "0123456789012345678901234567890123456789012345678901234567890123"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct writer w = writer_of(bytes, sizeof bytes);
		struct dns d = {.type = DNS_A};
		(void)snprintf(d.name, sizeof d.name, "%s", bad[i]);
		assert_int_equal(dns_encode(&d, &w), E_BAD_VALUE);
	}
	struct dns d = {.name = "a.example", .type = DNS_A};
	struct writer w = writer_of(bytes, 20);
	assert_int_equal(dns_encode(&d, &w), E_FULL);
	assert_int_equal(w.pos, 0);
}
