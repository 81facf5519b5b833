#include "harness.h"

#include "base/error.h"
#include "proto/tls/tls.h"

/* A ClientHello that offers TLS 1.2 in an extension, and asks for "cm1.example". */
static const char client_hello[] =
    "16030100520100004e03014d2f000011111111111111111111111111111111111111111111111111"
    "111111000006002f0035000a0100001f00000010000e00000b636d312e6578616d706c65002b0007"
    "067a7a03030302";

/* A Certificate message's body; made by "openssl req -x509 -subj /O=Cisco/CN=SEP001BD5853661 -days
 * 30 -set_serial 0x1234567890". */
static const char certificate[] =
    "0001a000019d3082019930820140a00302010202051234567890300a06082a8648ce3d040302302a"
    "310e300c060355040a0c05436973636f3118301606035504030c0f53455030303142443538353336"
    "3631301e170d3236313132353032333333395a170d3236313232353032333333395a302a310e300c"
    "060355040a0c05436973636f3118301606035504030c0f5345503030314244353835333636313059"
    "301306072a8648ce3d020106082a8648ce3d030107034200048c5408b498add9edac134db2d2e9fa"
    "7dfa72e25d8231a448c2f15805366b93a1a5e3ebbc66834216f321375ed5251dba459cca1c604841"
    "51e25337ad07ecfd81a3533051301d0603551d0e041604147182734d4f0232138a865895fc7e00bc"
    "29187e17301f0603551d230418301680147182734d4f0232138a865895fc7e00bc29187e17300f06"
    "03551d130101ff040530030101ff300a06082a8648ce3d04030203470030440220273d36940740bb"
    "cdaab75cca2b6409d3a89a98a3b27aefba32eac06b8e4c201a0220312f6ffdf5dd3a4b91713acc28"
    "ed4b57cc531ef070eef0609784cb9bd680ef1b";

TEST("a ClientHello gives the highest version offered, the name asked for and the clock in its "
     "random")
{
	struct tls_record record;
	struct tls_handshake handshake;
	struct tls_hello hello;
	struct anomalies anomalies = {0};
	struct slice stream = harness_hex(client_hello);
	assert_true(tls_is_start(stream));
	assert_int_equal(tls_record_next(stream, &record), stream.len);
	assert_int_equal(record.type, TLS_HANDSHAKE);
	assert_int_equal(tls_handshake_decode(record.fragment, &handshake), 0);
	assert_int_equal(handshake.type, TLS_CLIENT_HELLO);
	assert_true(handshake.whole);
	assert_int_equal(tls_hello_decode(handshake.type, handshake.body, &hello, &anomalies), 0);
	assert_int_equal(anomalies.count, 0);
	assert_string_equal(tls_version_name(hello.version), "TLS 1.2");
	assert_string_equal(hello.server_name, "cm1.example");
	assert_int_equal(hello.random_time, 0x4d2f0000);
	assert_int_equal(hello.cipher_count, 3);
	assert_false(hello.resumes);
}

TEST("a ServerHello gives the version and cipher chosen, without extensions too")
{
	struct tls_hello hello;
	assert_int_equal(tls_hello_decode(TLS_SERVER_HELLO,
					  harness_hex("0301 4d2f0000 0000000000000000000000000000 "
						      "0000000000000000000000000000 00 002f 00"),
					  &hello, NULL),
			 0);
	assert_int_equal(hello.version, 0x0301);
	assert_int_equal(hello.cipher, 0x002f);
}

TEST("a certificate gives subject, issuer, serial and validity")
{
	struct tls_certificate c;
	assert_int_equal(tls_certificate_decode(harness_hex(certificate), &c), 0);
	assert_string_equal(c.subject, "SEP001BD5853661");
	assert_string_equal(c.issuer, "SEP001BD5853661");
	assert_string_equal(c.serial, "1234567890");
	assert_int_equal(c.not_before, 1795574019);
	assert_int_equal(c.not_after, c.not_before + (int64_t)30 * 86400);
}

TEST("a certificate cut anywhere, or damaged anywhere, is read without a look beyond its end")
{
	uint8_t bytes[1024];
	struct slice whole = harness_hex(certificate);
	struct tls_certificate c;
	for (size_t len = 0; len < whole.len; len += 3)
		assert_int_equal(
		    tls_certificate_decode(harness_guarded(slice_head(whole, len)), &c),
		    E_TRUNCATED);
	for (size_t at = 0; at < whole.len && at < 90; at++) {
		memcpy(bytes, whole.ptr, whole.len);
		bytes[at] ^= 0x85;
		int error = tls_certificate_decode(harness_guarded(slice_of(bytes, whole.len)), &c);
		assert_true(error == 0 || error == E_TRUNCATED || error == E_BAD_FORMAT);
	}
}

TEST("an alert in clear text is two bytes; an encrypted one is none")
{
	struct tls_alert alert;
	assert_int_equal(tls_alert_decode(harness_hex("02 2d"), &alert), 0);
	assert_true(alert.fatal);
	assert_string_equal(tls_alert_name(alert.description), "certificate_expired");
	assert_int_equal(tls_alert_decode(harness_hex("02 2d 00"), &alert), E_BAD_FORMAT);
	assert_int_equal(tls_alert_decode(harness_hex("77 2d"), &alert), E_BAD_FORMAT);
	assert_string_equal(tls_alert_name(255), "alert");
}

TEST("a record that comes in pieces is waited for; what is no record is refused at once")
{
	struct tls_record record;
	struct slice stream = harness_hex(client_hello);
	for (size_t len = 0; len < stream.len; len++)
		assert_int_equal(tls_record_next(harness_guarded(slice_head(stream, len)), &record),
				 0);
	assert_int_equal(tls_record_next(harness_hex("04000000 00000000"), &record), E_BAD_FORMAT);
	assert_int_equal(tls_record_next(harness_hex("1603 01 ffff"), &record), E_BAD_FORMAT);
	assert_false(tls_is_start(harness_hex("1603")));
}

TEST("a hello cut anywhere is refused, or decoded with the missing extensions noted")
{
	struct tls_record record;
	struct tls_handshake h;
	assert_true(tls_record_next(harness_hex(client_hello), &record) > 0);
	assert_int_equal(tls_handshake_decode(record.fragment, &h), 0);
	for (size_t len = 0; len < h.body.len; len++) {
		struct tls_hello hello;
		struct anomalies anomalies = {0};
		int error = tls_hello_decode(h.type, harness_guarded(slice_head(h.body, len)),
					     &hello, &anomalies);
		assert_true(error == 0 || error == E_TRUNCATED);
	}
	for (size_t len = 0; len < record.fragment.len; len++) {
		int error =
		    tls_handshake_decode(harness_guarded(slice_head(record.fragment, len)), &h);
		assert_int_equal(error, len < 4 ? E_TRUNCATED : 0);
		assert_true(error != 0 || !h.whole);
	}
}
