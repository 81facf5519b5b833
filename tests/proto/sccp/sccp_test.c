/* The SCCP codec against 133 frames with known verdicts (tests/data/sccp-golden.tsv), its own round
 * trips, and every way a stream can be cut. */
#include "harness.h"

#include "base/error.h"
#include "base/text.h"
#include "base/writer.h"
#include "proto/sccp/sccp.h"

struct golden {
	char id[8];
	char name[80];
	bool captured;
	uint8_t bytes[SCCP_FRAME_MAX];
	size_t len;
};

/* The next row of the table; false at its end. Columns: id, direction, origin, name, verdict, hex,
 * source. */
static bool golden_next(struct slice *table, struct golden *g)
{
	struct slice column[7];

	while (table->len > 0) {
		size_t len = 0;
		while (len < table->len && table->ptr[len] != '\n')
			len++;
		struct slice line = slice_head(*table, len);
		*table = slice_from(*table, len + 1);
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		for (size_t c = 0; c < 7; c++) {
			size_t end = 0;
			while (end < line.len && line.ptr[end] != '\t')
				end++;
			column[c] = slice_head(line, end);
			line = slice_from(line, end + 1);
		}
		(void)text_copy_slice(g->id, sizeof g->id, column[0]);
		(void)text_copy_slice(g->name, sizeof g->name, column[3]);
		g->captured = column[2].ptr[1] == 'a'; /* cApture, not cOnstructed */
		g->len = 0;
		for (size_t i = 0; i + 1 < column[5].len && g->len < sizeof g->bytes; i += 2) {
			char pair[3] = {(char)column[5].ptr[i], (char)column[5].ptr[i + 1], 0};
			g->bytes[g->len++] = (uint8_t)strtoul(pair, NULL, 16);
		}
		return true;
	}
	return false;
}

static bool golden_find(const char *id, struct golden *g)
{
	struct slice table = harness_file("sccp-golden.tsv");
	while (golden_next(&table, g)) {
		if (strcmp(g->id, id) == 0)
			return true;
	}
	return false;
}

static struct sccp_message decode_golden(const char *id)
{
	struct golden g;
	struct sccp_message m;
	assert_true(golden_find(id, &g));
	assert_int_equal(sccp_decode(harness_guarded(slice_of(g.bytes, g.len)), &m, NULL), 0);
	return m;
}

TEST("every golden frame decodes to a message the catalogue names")
{
	struct slice table = harness_file("sccp-golden.tsv");
	struct golden g;
	size_t count = 0;
	while (golden_next(&table, &g)) {
		struct sccp_message m;
		struct slice frame;
		assert_int_equal(sccp_frame_next(slice_of(g.bytes, g.len), &frame), (int)g.len);
		assert_int_equal(sccp_decode(frame, &m, NULL), 0);
		const char *name = sccp_id_name(m.id);
		assert_non_null(name);
		/* Names in the table carry a remark after the message's own name, and two older
		 * spellings. */
		if (strncmp(g.name, "TimeDateRes", 11) != 0 &&
		    strncmp(g.name, name, strlen(name) < 6 ? strlen(name) : 6) != 0)
			fail_msg("%s is \"%s\" but decodes as %s", g.id, g.name, name);
		count++;
	}
	assert_int_equal(count, 133);
}

TEST("a constructed golden frame is encoded again byte for byte")
{
	struct slice table = harness_file("sccp-golden.tsv");
	struct golden g;
	size_t count = 0;
	while (golden_next(&table, &g)) {
		struct sccp_message m;
		uint8_t bytes[SCCP_FRAME_MAX];
		struct writer w = writer_of(bytes, sizeof bytes);
		/* C31 carries an optional second word, C39 leaves the reason away: both forms are
		 * read, one is sent. */
		if (g.captured || strcmp(g.id, "C31") == 0 || strcmp(g.id, "C39") == 0)
			continue;
		assert_int_equal(sccp_decode(slice_of(g.bytes, g.len), &m, NULL), 0);
		uint8_t version = m.header_version != 0 ? (uint8_t)m.header_version : 11;
		int error = sccp_encode(&m, version, &w);
		if (error == E_UNSUPPORTED)
			continue; /* no body: nothing this codec would send */
		assert_int_equal(error, 0);
		if (!slice_equal(writer_done(&w), slice_of(g.bytes, g.len)))
			fail_msg("%s %s differs when encoded again", g.id, g.name);
		count++;
	}
	assert_in_range(count, 60, 133);
}

TEST("every golden frame cut anywhere decodes without reading past its end")
{
	struct slice table = harness_file("sccp-golden.tsv");
	struct golden g;
	struct sccp_message m;
	while (golden_next(&table, &g)) {
		for (size_t len = 0; len < g.len && len < 96; len++) {
			uint8_t *end_aligned = malloc(len + 1);
			struct anomalies anomalies = {0};
			assert_non_null(end_aligned);
			memcpy(end_aligned, g.bytes, len);
			int error = sccp_decode(slice_of(end_aligned, len), &m, &anomalies);
			assert_int_equal(error, len < SCCP_HEADER_SIZE ? E_BAD_FORMAT : 0);
			free(end_aligned);
		}
	}
}

TEST("any split of a stream gives the same frames")
{
	struct slice table = harness_file("sccp-golden.tsv");
	struct golden g;
	static uint8_t stream[64 * 1024];
	size_t len = 0;
	size_t frames = 0;
	while (golden_next(&table, &g)) {
		memcpy(stream + len, g.bytes, g.len);
		len += g.len;
		frames++;
	}
	for (size_t step = 1; step < 1500; step = step * 3 / 2 + 1) {
		size_t at = 0;
		size_t seen = 0;
		for (size_t have = 0; have < len;) {
			have = have + step < len ? have + step : len;
			struct slice frame;
			int n = 0;
			while ((n = sccp_frame_next(slice_of(stream + at, have - at), &frame)) >
			       0) {
				at += (size_t)n;
				seen++;
			}
			assert_int_equal(n, 0);
		}
		assert_int_equal(seen, frames);
		assert_int_equal(at, len);
	}
}

TEST("a length below four or beyond the limit ends the stream at once")
{
	struct slice frame;
	assert_int_equal(sccp_frame_next(harness_hex("03 00 00 00"), &frame), E_BAD_FORMAT);
	assert_int_equal(sccp_frame_next(harness_hex("ff ff ff ff"), &frame), E_BAD_FORMAT);
	assert_int_equal(sccp_frame_next(harness_hex("f9 0f 00 00"), &frame), E_BAD_FORMAT);
	assert_int_equal(sccp_frame_next(harness_hex("f8 0f 00 00"), &frame), 0);
	assert_int_equal(sccp_frame_next(harness_hex("04 00 00"), &frame), 0);
	assert_int_equal(sccp_frame_next(harness_hex(""), &frame), 0);
}

TEST("a 7936 registers with 44 bytes and protocol 4")
{
	struct sccp_message m = decode_golden("K50");
	assert_int_equal(m.id, SCCP_REGISTER);
	assert_string_equal(m.reg.name, "SEP0004F2E240A3");
	assert_int_equal(m.reg.device_type, 30019);
	assert_int_equal(m.reg.instance, 1);
	assert_int_equal(ip4_number(m.reg.ip), 0xc0a804c8);
	assert_int_equal(m.reg.protocol_version, 4);
	assert_int_equal(m.reg.body_size, 44);
}

TEST("a 7965 says its load and its address, a 7960 leaves the tail away")
{
	struct sccp_message m = decode_golden("C04");
	struct mac mac;
	char text[MAC_HEX_SIZE];
	assert_int_equal(m.reg.device_type, 436);
	assert_int_equal(m.reg.protocol_version, 20);
	assert_string_equal(m.reg.load, "SCCP45.9-4-2SR3-1S");
	assert_int_equal(m.reg.max_lines, 6);
	assert_int_equal(sccp_register_mac(&m.reg, &mac), 0);
	assert_string_equal(mac_format_hex(mac, text), "00260BD75A11");
	m = decode_golden("C03");
	assert_int_equal(m.reg.device_type, 7);
	assert_int_equal(m.reg.features, 0x8560);
	assert_string_equal(m.reg.load, "");
	assert_int_equal(sccp_register_mac(&m.reg, &mac), E_BAD_FORMAT);
}

TEST("a RegisterAck of CallManager 2.x is short and still gives its keepalive")
{
	struct sccp_message m = decode_golden("K01");
	assert_int_equal(m.id, SCCP_REGISTER_ACK);
	assert_int_equal(m.ack.keepalive_s, 30);
	assert_string_equal(m.ack.date_template, "M/D/YA");
	assert_int_equal(m.ack.secondary_keepalive_s, 0);
	assert_int_equal(m.ack.protocol_version, 0);
	m = decode_golden("C09");
	assert_int_equal(m.ack.secondary_keepalive_s, 60);
	assert_int_equal(m.ack.protocol_version, 17);
}

TEST("the rest of the registration decodes field by field")
{
	assert_string_equal(decode_golden("C10").reject_text, "Error: DB Config");
	assert_int_equal(decode_golden("C13").value, 30);
	assert_int_equal(decode_golden("C06").value, 20480);
	assert_string_equal(decode_golden("C17").version, "P00308010200");
	struct sccp_message m = decode_golden("C15");
	assert_int_equal(m.capabilities.count, 8);
	assert_int_equal(m.capabilities.item[0].codec, 25);
	assert_int_equal(m.capabilities.item[1].ms_per_packet, 40);
	m = decode_golden("C19");
	assert_int_equal(m.buttons.count, 6);
	assert_int_equal(m.buttons.button[0].definition, 9);
	m = decode_golden("C20");
	assert_int_equal(m.soft_keys.count, 18);
	assert_string_equal(m.soft_keys.key[0].label, "\200\001");
	m = decode_golden("C21");
	assert_int_equal(m.soft_key_sets.count, 12);
	assert_int_equal(m.soft_key_sets.set[0].info[0], 301);
	m = decode_golden("C23");
	assert_string_equal(m.line.number, "2001");
	assert_string_equal(m.line.name, "Lobby phone");
	m = decode_golden("C24");
	assert_string_equal(m.line.name, "Lobby phone");
	assert_int_equal(m.line.options, 15);
	m = decode_golden("C27");
	assert_string_equal(m.forward.all, "2009");
	m = decode_golden("C29");
	assert_int_equal(m.time.year, 2024);
	assert_int_equal(m.time.weekday, 4);
	assert_int_equal(m.time.unix_s, 1709213825);
}

TEST("a count larger than its array is clamped and noted")
{
	static const uint32_t listed[] = {SCCP_CAPABILITIES_RES, SCCP_BUTTON_TEMPLATE_RES,
					  SCCP_SOFT_KEY_TEMPLATE_RES, SCCP_SOFT_KEY_SET_RES,
					  SCCP_UPDATE_CAPABILITIES};
	for (size_t i = 0; i < sizeof listed / sizeof *listed; i++) {
		uint8_t bytes[SCCP_HEADER_SIZE + 64];
		struct writer w = writer_of(bytes, sizeof bytes);
		struct anomalies anomalies = {0};
		struct sccp_message m;
		writer_le32(&w, 4 + 64);
		writer_le32(&w, 0);
		writer_le32(&w, listed[i]);
		for (size_t n = 0; n < 16; n++)
			writer_le32(&w, 0xffffffff);
		assert_int_equal(sccp_decode(harness_guarded(writer_done(&w)), &m, &anomalies), 0);
		assert_true(anomalies.count > 0);
	}
}

TEST("an id nobody has catalogued keeps its body and is noted")
{
	struct sccp_message m;
	struct anomalies anomalies = {0};
	assert_int_equal(
	    sccp_decode(harness_hex("06 00 00 00 00 00 00 00 99 99 00 00 ab cd"), &m, &anomalies),
	    0);
	assert_int_equal(m.id, 0x9999);
	assert_int_equal(m.raw.len, 2);
	assert_int_equal(anomalies.item[0].kind, ANOMALY_UNKNOWN_ID);
	assert_int_equal(sccp_id_direction(0x9999), SCCP_FROM_UNKNOWN);
	assert_int_equal(sccp_id_direction(SCCP_REGISTER), SCCP_FROM_PHONE);
	assert_int_equal(sccp_id_direction(SCCP_REGISTER_ACK), SCCP_FROM_SERVER);
}

TEST("an encoder without room leaves nothing half written")
{
	struct sccp_message m = {.id = SCCP_REGISTER_ACK};
	uint8_t bytes[20];
	struct writer w = writer_of(bytes, sizeof bytes);
	assert_int_equal(sccp_encode(&m, 11, &w), E_FULL);
	assert_int_equal(w.pos, 0);
	assert_false(w.failed);
}
