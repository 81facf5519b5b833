#include "harness.h"

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/map.h"
#include "base/rand.h"
#include "base/reader.h"
#include "base/text.h"
#include "base/writer.h"

TEST("a reader never reads past the end and remembers that it was asked to")
{
	struct reader r = reader_of(harness_hex("01 02 03"));
	assert_int_equal(reader_le16(&r), 0x0201);
	assert_int_equal(reader_le32(&r), 0);
	assert_true(r.failed);
	assert_int_equal(reader_u8(&r), 0);
}

TEST("a text field stops at its NUL, and an unterminated or short one is still bounded")
{
	char name[4];
	struct reader r = reader_of(harness_hex("41 42 00 7f 43 44 45 46 47"));
	reader_text(&r, 4, name, sizeof name);
	assert_string_equal(name, "AB");
	reader_text(&r, 4, name, sizeof name);
	assert_string_equal(name, "CDE");
	assert_false(r.failed);
	reader_text(&r, 4, name, sizeof name);
	assert_string_equal(name, "G");
	assert_true(r.failed);
}

TEST("a writer keeps to its memory and pads text with NUL")
{
	uint8_t to[8];
	struct writer w = writer_of(to, sizeof to);
	writer_le16(&w, 0x0102);
	writer_be16(&w, 0x0102);
	writer_text(&w, "ABCDE", 4);
	assert_false(w.failed);
	assert_true(slice_equal(writer_done(&w), harness_hex("02 01 01 02 41 42 43 00")));
	writer_u8(&w, 1);
	assert_true(w.failed);
}

TEST("a buffer stops at its ceiling and says why")
{
	struct buf b;
	buf_init(&b, 5);
	buf_text(&b, "abc");
	buf_text(&b, "def");
	assert_int_equal(buf_error(&b), E_TOO_LONG);
	assert_string_equal(buf_cstr(&b), "abc");
	buf_done(&b);
}

TEST("a MAC is read in every spelling people type and refused otherwise")
{
	static const char *const good[] = {"001380AD9E5F", "00:13:80:ad:9e:5f", "00-13-80-AD-9E-5F",
					   "0013.80ad.9e5f"};
	static const char *const bad[] = {"", "001380AD9E5", "001380AD9E5F0", "00:13:80:ad:9e:5g",
					  ":001380AD9E5F"};
	struct mac mac;
	char text[MAC_TEXT_SIZE];

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(mac_parse(good[i], &mac), 0);
		assert_string_equal(mac_format(mac, text), "00:13:80:ad:9e:5f");
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(mac_parse(bad[i], &mac), E_BAD_FORMAT);
}

TEST("an IPv4 address is four numbers below 256 and nothing else")
{
	struct ip4 ip;
	assert_int_equal(ip4_parse("10.77.0.1", &ip), 0);
	assert_int_equal(ip4_number(ip), 0x0a4d0001);
	assert_int_equal(ip4_parse("10.77.0", &ip), E_BAD_FORMAT);
	assert_int_equal(ip4_parse("10.77.0.256", &ip), E_BAD_FORMAT);
	assert_int_equal(ip4_parse("10.77.0.1 ", &ip), E_BAD_FORMAT);
	assert_int_equal(ip4_parse("10.77.0.1.2", &ip), E_BAD_FORMAT);
}

TEST("a map finds what was put, loses what was taken and stops at its ceiling")
{
	struct map m;
	int values[100];
	map_init(&m, 100);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(map_put(&m, i * 7, &values[i]), 0);
	assert_int_equal(map_put(&m, 1, &values[0]), E_FULL);
	for (size_t i = 0; i < 100; i += 2)
		assert_ptr_equal(map_take(&m, i * 7), &values[i]);
	for (size_t i = 0; i < 100; i++)
		assert_ptr_equal(map_get(&m, i * 7), i % 2 == 0 ? NULL : (void *)&values[i]);
	size_t at = 0;
	size_t seen = 0;
	while (map_next(&m, &at) != NULL)
		seen++;
	assert_int_equal(seen, 50);
	map_done(&m);
}

TEST("the same seed gives the same numbers")
{
	struct rand a = rand_of(42);
	struct rand b = rand_of(42);
	for (int i = 0; i < 100; i++)
		assert_int_equal(rand_next(&a), rand_next(&b));
	assert_int_equal(rand_below(&a, 0), 0);
}

TEST("a peer's text cannot move the terminal's cursor or open an XML tag")
{
	struct buf b;
	buf_init(&b, 200);
	text_escape_terminal(&b, slice_text("a\x1b[2J\\\xc3\xbc\xff\xe2\x80\xae"));
	assert_string_equal(buf_cstr(&b), "a\\x1b[2J\\x5c\xc3\xbc\\xff\\xe2\\x80\\xae");
	buf_clear(&b);
	text_escape_xml(&b, slice_text("<a b=\"&'\x01\xff"));
	assert_string_equal(buf_cstr(&b), "&lt;a b=&quot;&amp;&#39;??");
	buf_done(&b);
}

HARNESS_OOM("a buffer and a map survive any allocation failing")
{
	struct buf b;
	struct map m;
	int value = 0;
	int error = 0;
	buf_init(&b, 1000);
	map_init(&m, 100);
	buf_printf(&b, "%0300d", 1);
	error = buf_error(&b);
	for (uint64_t i = 0; i < 40 && error == 0; i++)
		error = map_put(&m, i, &value);
	buf_done(&b);
	map_done(&m);
	return error;
}
