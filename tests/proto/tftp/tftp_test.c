#include "harness.h"

#include "base/error.h"
#include "proto/tftp/tftp.h"

TEST("a read request gives its file, mode and options")
{
	struct tftp_packet p;
	uint32_t value = 0;
	struct slice bytes = harness_hex(
	    "00 01 53 45 50 31 00 6f 63 74 65 74 00 42 6c 6b 53 69 7a 65 00 31 34 32 38 00");
	assert_int_equal(tftp_decode(bytes, &p, NULL), 0);
	assert_int_equal(p.op, TFTP_RRQ);
	assert_string_equal(p.file, "SEP1");
	assert_string_equal(p.mode, "octet");
	assert_true(tftp_option_number(&p, "blksize", &value));
	assert_int_equal(value, 1428);
	assert_false(tftp_option_number(&p, "tsize", &value));
}

TEST("a boot ROM's garbage after the mode is noted and the request still served")
{
	struct tftp_packet p;
	struct anomalies anomalies = {0};
	assert_int_equal(
	    tftp_decode(harness_hex("00 01 41 00 6f 63 74 65 74 00 ff ff"), &p, &anomalies), 0);
	assert_string_equal(p.file, "A");
	assert_int_equal(p.option_count, 0);
	assert_int_equal(anomalies.count, 1);
}

TEST("requests without a terminated name, unknown operations and short packets are refused")
{
	struct tftp_packet p;
	static const char *const bad[] = {"",      "00",    "00 01", "00 01 41", "00 01 00",
					  "00 00", "00 07", "00 03", "00 04 01", "00 05 00"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(tftp_decode(harness_hex(bad[i]), &p, NULL), E_BAD_FORMAT);
	uint8_t lengthy[2 + TFTP_NAME_SIZE + 2] = {0, 1};
	memset(lengthy + 2, 'A', TFTP_NAME_SIZE);
	assert_int_equal(tftp_decode(slice_of(lengthy, sizeof lengthy), &p, NULL), E_BAD_FORMAT);
}

TEST("every packet comes back as it was sent")
{
	struct tftp_packet sent[] = {
	    {.op = TFTP_RRQ, .file = "XMLDefault.cnf.xml", .mode = "octet"},
	    {.op = TFTP_DATA, .block = 65535, .data = slice_text("0123456789")},
	    {.op = TFTP_ACK, .block = 7},
	    {.op = TFTP_ERROR, .code = TFTP_ERROR_NOT_FOUND, .data = slice_text("File not found")},
	    {.op = TFTP_OACK,
	     .option_count = 1,
	     .option = {{slice_text("tsize"), slice_text("1146")}}},
	};
	for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
		uint8_t bytes[600];
		struct writer w = writer_of(bytes, sizeof bytes);
		struct tftp_packet back;
		assert_int_equal(tftp_encode(&sent[i], &w), 0);
		assert_int_equal(tftp_decode(harness_guarded(writer_done(&w)), &back, NULL), 0);
		assert_int_equal(back.op, sent[i].op);
		assert_string_equal(back.file, sent[i].file);
		assert_int_equal(back.block, sent[i].block);
		assert_int_equal(back.code, sent[i].code);
		assert_true(slice_equal(back.data, sent[i].data));
		assert_int_equal(back.option_count, sent[i].option_count);
	}
}

TEST("an option that is no number is not one")
{
	struct tftp_packet p = {.op = TFTP_RRQ,
				.option_count = 1,
				.option = {{slice_text("blksize"), slice_text("12x")}}};
	uint32_t value = 0;
	assert_false(tftp_option_number(&p, "blksize", &value));
	p.option[0].value = slice_text("99999999999");
	assert_false(tftp_option_number(&p, "blksize", &value));
	p.option[0].value = slice_text("");
	assert_false(tftp_option_number(&p, "blksize", &value));
}
