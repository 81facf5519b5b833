#include "harness.h"

#include "base/error.h"
#include "proto/ntp/ntp.h"

/* Second of 48 bytes: stratum; reference id at 12; transmit timestamp at 40. */
#define MIDDLE "00 00 00000000 00000000"

static struct ntp decode(const char *hex, unsigned anomalies_expected)
{
	struct ntp n;
	struct anomalies anomalies = {0};
	assert_int_equal(ntp_decode(harness_hex(hex), &n, &anomalies), 0);
	assert_int_equal(anomalies.count, anomalies_expected);
	return n;
}

TEST("a server's answer sets the clock")
{
	struct ntp n = decode("24 02" MIDDLE "7f000001 0000000000000000 0000000000000000 "
			      "0000000000000000 e8b2e180 00000000",
			      0);
	assert_int_equal(n.version, 4);
	assert_int_equal(n.mode, NTP_SERVER);
	assert_int_equal(n.unix_s, 0xe8b2e180LL - 2208988800LL);
	assert_true(ntp_is_time(&n));
}

TEST("a question, an unsynchronised server and a kiss of death set no clock")
{
	struct ntp n = decode("1b 00" MIDDLE "00000000 0000000000000000 0000000000000000 "
			      "0000000000000000 e8b2e180 00000000",
			      0);
	assert_int_equal(n.mode, NTP_CLIENT);
	assert_false(ntp_is_time(&n));
	n = decode("e4 02" MIDDLE "7f000001 0000000000000000 0000000000000000 "
		   "0000000000000000 e8b2e180 00000000",
		   0);
	assert_false(ntp_is_time(&n));
	n = decode("24 00" MIDDLE "52415445 0000000000000000 0000000000000000 "
		   "0000000000000000 e8b2e180 00000000",
		   0);
	assert_string_equal(n.kiss, "RATE");
	assert_false(ntp_is_time(&n));
}

TEST("times after the counter wrapped in 2036 are in the next era")
{
	struct ntp n = decode("24 02" MIDDLE "7f000001 0000000000000000 0000000000000000 "
			      "0000000000000000 00000001 00000000",
			      0);
	assert_int_equal(n.unix_s, 2085978497LL);
}

TEST("a stratum that is none is noted; versions and modes that are none are no NTP")
{
	struct ntp n;
	(void)decode("24 ff" MIDDLE "7f000001 0000000000000000 0000000000000000 "
		     "0000000000000000 e8b2e180 00000000",
		     1);
	assert_int_equal(ntp_decode(harness_hex("04 02" MIDDLE "7f000001 0000000000000000 "
						"0000000000000000 0000000000000000 e8b2e180 "
						"00000000"),
				    &n, NULL),
			 E_BAD_FORMAT);
}

TEST("anything below 48 bytes is refused without a look beyond its end")
{
	struct ntp n;
	static const uint8_t bytes[48] = {0x24, 2};
	for (size_t len = 0; len < sizeof bytes; len++)
		assert_int_equal(ntp_decode(harness_guarded(slice_of(bytes, len)), &n, NULL),
				 E_TRUNCATED);
	assert_int_equal(ntp_decode(harness_guarded(slice_of(bytes, 48)), &n, NULL), 0);
}
