#include "harness.h"

#include "base/error.h"
#include "proto/eapol/eapol.h"

static struct eapol decode(const char *hex, unsigned anomalies_expected)
{
	struct eapol e;
	struct anomalies anomalies = {0};
	assert_int_equal(eapol_decode(harness_hex(hex), &e, &anomalies), 0);
	assert_int_equal(anomalies.count, anomalies_expected);
	return e;
}

TEST("a phone starts, is asked for its identity, and answers")
{
	struct eapol e = decode("01 01 0000 00000000", 0);
	assert_string_equal(eapol_words(&e), "EAPOL-Start");
	e = decode("02 00 0005 01 07 0005 01 0000", 0);
	assert_int_equal(e.code, EAP_REQUEST);
	assert_int_equal(e.id, 7);
	assert_string_equal(eap_method_name(e.method), "Identity");
	e = decode("01 00 0008 02 07 0008 01 414243", 0);
	assert_int_equal(e.code, EAP_RESPONSE);
	assert_true(slice_equal(e.identity, slice_text("ABC")));
}

TEST("success and failure have no method")
{
	struct eapol e = decode("02 00 0004 03 09 0004", 0);
	assert_int_equal(e.code, EAP_SUCCESS);
	e = decode("02 00 0004 04 09 0004", 0);
	assert_int_equal(e.code, EAP_FAILURE);
	assert_int_equal(e.method, 0);
	assert_string_equal(eapol_words(&e), "EAP-Failure");
}

TEST("lengths that lie and kinds nobody knows are noted")
{
	struct eapol e = decode("02 00 0064 01 07 00ff 0d", 2);
	assert_int_equal(e.method, EAP_TLS);
	e = decode("02 63 0000", 1);
	assert_string_equal(eapol_words(&e), "EAPOL");
	e = decode("02 00 0002 01 07", 1);
	(void)decode("02 00 0004 09 07 0004", 1);
}

TEST("a frame cut anywhere is decoded as far as it goes")
{
	struct eapol e;
	struct slice whole = harness_hex("01 00 0008 02 07 0008 01 414243");
	for (size_t len = 0; len <= whole.len; len++)
		assert_int_equal(eapol_decode(harness_guarded(slice_head(whole, len)), &e, NULL),
				 len < 4 ? E_TRUNCATED : 0);
}
