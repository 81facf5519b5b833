/* Capture files as bytes, built here one record at a time. */
#include "harness.h"

#include "base/writer.h"
#include "proto/pcap/pcap.h"

static uint8_t file[4096];
static struct writer w;
static bool big; /* the byte order of what is built */

static void put32(uint32_t v)
{
	if (big)
		writer_be32(&w, v);
	else
		writer_le32(&w, v);
}

static void put16(uint16_t v)
{
	if (big)
		writer_be16(&w, v);
	else
		writer_le16(&w, v);
}

static void begin(bool big_endian)
{
	big = big_endian;
	w = writer_of(file, sizeof file);
}

static void classic(uint32_t magic, uint32_t link)
{
	put32(magic);
	put16(2);
	put16(4);
	put32(0);
	put32(0);
	put32(65535);
	put32(link);
}

static void record(uint32_t seconds, uint32_t fraction, const char *bytes, uint32_t length)
{
	put32(seconds);
	put32(fraction);
	put32((uint32_t)strlen(bytes));
	put32(length);
	writer_bytes(&w, slice_text(bytes));
}

static void section(void)
{
	put32(0x0a0d0d0a);
	put32(28);
	put32(0x1a2b3c4d);
	put16(1);
	put16(0);
	put32(0xffffffff);
	put32(0xffffffff);
	put32(28);
}

static void interface(uint16_t link, uint32_t snaplen, uint8_t resolution)
{
	put32(1);
	put32(32);
	put16(link);
	put16(0);
	put32(snaplen);
	put16(9);
	put16(1);
	writer_u8(&w, resolution);
	writer_zero(&w, 3);
	put32(0);
	put32(32);
}

static void enhanced(uint32_t index, uint64_t units, const char *bytes)
{
	uint32_t len = (uint32_t)strlen(bytes);
	uint32_t padded = (len + 3) & ~3u;
	put32(6);
	put32(32 + padded);
	put32(index);
	put32((uint32_t)(units >> 32));
	put32((uint32_t)units);
	put32(len);
	put32(len);
	writer_bytes(&w, slice_text(bytes));
	writer_zero(&w, padded - len);
	put32(32 + padded);
}

static void simple(const char *bytes, uint32_t length)
{
	uint32_t len = (uint32_t)strlen(bytes);
	uint32_t padded = (len + 3) & ~3u;
	put32(3);
	put32(16 + padded);
	put32(length);
	writer_bytes(&w, slice_text(bytes));
	writer_zero(&w, padded - len);
	put32(16 + padded);
}

/* Reads all; returns how many records, the last of them in ret_last. */
static unsigned read_all(struct slice bytes, struct pcap_record *ret_last, enum pcap_step *ret_end)
{
	struct pcap_reader p = pcap_reader_of();
	struct pcap_record r;
	unsigned count = 0;
	size_t at = 0;

	for (;;) {
		size_t used = 0;
		enum pcap_step step = pcap_read(&p, slice_from(bytes, at), &used, &r);
		at += used;
		if (step == PCAP_STEP_RECORD) {
			count++;
			*ret_last = r;
		} else if (step != PCAP_STEP_SKIP) {
			*ret_end = step;
			return count;
		}
	}
}

TEST("classic files of both byte orders and both resolutions give the same time")
{
	static const struct {
		uint32_t magic, fraction;
	} kinds[] = {{0xa1b2c3d4, 123456}, {0xa1b23c4d, 123456789}};
	for (unsigned order = 0; order < 2; order++) {
		for (size_t i = 0; i < 2; i++) {
			struct pcap_record r;
			enum pcap_step end = PCAP_STEP_BAD;
			begin(order == 1);
			classic(kinds[i].magic, 1);
			record(1700000000, kinds[i].fraction, "frame", 99);
			assert_int_equal(read_all(harness_guarded(writer_done(&w)), &r, &end), 1);
			assert_int_equal(end, PCAP_STEP_MORE);
			assert_int_equal(r.unix_us, 1700000000123456LL);
			assert_int_equal(r.length, 99);
			assert_true(slice_equal(r.frame, slice_text("frame")));
		}
	}
}

TEST("interfaces of one file keep their own link type and resolution, in both byte orders")
{
	for (unsigned order = 0; order < 2; order++) {
		struct pcap_record r;
		enum pcap_step end = PCAP_STEP_BAD;
		begin(order == 1);
		section();
		interface(1, 0, 6);
		interface(113, 0, 9);
		interface(228, 0, 0x80 | 10); /* 1024ths of a second */
		enhanced(1, 1700000000ULL * 1000000000 + 5000, "cooked");
		assert_int_equal(read_all(harness_guarded(writer_done(&w)), &r, &end), 1);
		assert_int_equal(r.link, 113);
		assert_int_equal(r.unix_us, 1700000000000005LL);
		enhanced(2, 1700000000ULL * 1024 + 512, "raw");
		assert_int_equal(read_all(harness_guarded(writer_done(&w)), &r, &end), 2);
		assert_int_equal(r.link, 228);
		assert_int_equal(r.unix_us, 1700000000500000LL);
		assert_int_equal(end, PCAP_STEP_MORE);
	}
}

TEST("a simple packet has no time of its own and is as long as its block or the snap length says")
{
	struct pcap_record r;
	enum pcap_step end = PCAP_STEP_BAD;
	begin(false);
	section();
	interface(1, 5, 6);
	simple("frame", 1500);
	assert_int_equal(read_all(harness_guarded(writer_done(&w)), &r, &end), 1);
	assert_false(r.timed);
	assert_int_equal(r.length, 1500);
	assert_true(slice_equal(r.frame, slice_text("frame")));
	begin(false);
	section();
	interface(1, 0, 6);
	simple("frame", 5);
	assert_int_equal(read_all(harness_guarded(writer_done(&w)), &r, &end), 1);
	assert_int_equal(r.frame.len, 5);
}

TEST("a new section forgets the interfaces of the one before")
{
	struct pcap_record r;
	enum pcap_step end = PCAP_STEP_BAD;
	begin(false);
	section();
	interface(1, 0, 6);
	enhanced(0, 1, "first");
	section();
	enhanced(0, 1, "of no interface");
	assert_int_equal(read_all(harness_guarded(writer_done(&w)), &r, &end), 1);
	assert_true(slice_equal(r.frame, slice_text("first")));
}

TEST("more interfaces than there is room for are passed over, the first ones still read")
{
	struct pcap_record r;
	enum pcap_step end = PCAP_STEP_BAD;
	begin(false);
	section();
	for (unsigned i = 0; i < PCAP_INTERFACES_MAX + 3; i++)
		interface(1, 0, 6);
	enhanced(PCAP_INTERFACES_MAX + 1, 1, "beyond");
	enhanced(PCAP_INTERFACES_MAX - 1, 1, "within");
	assert_false(w.failed);
	assert_int_equal(read_all(harness_guarded(writer_done(&w)), &r, &end), 1);
	assert_true(slice_equal(r.frame, slice_text("within")));
}

TEST("records that claim gigabytes and blocks whose length lies are damage")
{
	struct pcap_record r;
	enum pcap_step end = PCAP_STEP_MORE;
	begin(false);
	classic(0xa1b2c3d4, 1);
	record(1, 0, "good", 4);
	put32(1);
	put32(0);
	put32(0x7fffffff);
	put32(0x7fffffff);
	assert_int_equal(read_all(harness_guarded(writer_done(&w)), &r, &end), 1);
	assert_int_equal(end, PCAP_STEP_BAD);
	begin(false);
	section();
	interface(1, 0, 6);
	enhanced(0, 1, "good");
	put32(6);
	put32(13);
	put32(0);
	assert_int_equal(read_all(harness_guarded(writer_done(&w)), &r, &end), 1);
	assert_int_equal(end, PCAP_STEP_BAD);
}

TEST("a file cut anywhere waits for more and reads nothing beyond its end")
{
	for (unsigned kind = 0; kind < 2; kind++) {
		begin(kind == 1);
		if (kind == 0) {
			classic(0xa1b2c3d4, 1);
			record(1, 0, "one", 3);
			record(2, 0, "two", 3);
		} else {
			section();
			interface(1, 0, 6);
			enhanced(0, 1, "one");
		}
		for (size_t len = 0; len < w.pos; len++) {
			struct pcap_record r;
			enum pcap_step end = PCAP_STEP_BAD;
			(void)read_all(harness_guarded(slice_of(file, len)), &r, &end);
			assert_int_equal(end, PCAP_STEP_MORE);
		}
	}
}

TEST("what is neither is told at its first four bytes")
{
	struct pcap_record r;
	enum pcap_step end = PCAP_STEP_MORE;
	assert_int_equal(read_all(harness_guarded(slice_text("#!/bin/sh")), &r, &end), 0);
	assert_int_equal(end, PCAP_STEP_BAD);
}

TEST("what is written is read back, time and length and bytes")
{
	uint8_t bytes[100];
	struct writer to = writer_of(bytes, sizeof bytes);
	struct pcap_record r = {0};
	enum pcap_step end = PCAP_STEP_BAD;

	pcap_write_header(&to, 1);
	assert_int_equal(writer_done(&to).len, PCAP_HEADER_SIZE);
	pcap_write_record(&to, 1795863600123456, 5);
	assert_int_equal(writer_done(&to).len, PCAP_HEADER_SIZE + PCAP_RECORD_SIZE);
	writer_bytes(&to, slice_text("frame"));
	assert_int_equal(read_all(harness_guarded(writer_done(&to)), &r, &end), 1);
	assert_int_equal(end, PCAP_STEP_MORE);
	assert_int_equal(r.link, 1);
	assert_int_equal(r.unix_us, 1795863600123456);
	assert_int_equal(r.length, 5);
	assert_true(slice_equal(r.frame, slice_text("frame")));
}
