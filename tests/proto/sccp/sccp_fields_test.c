/* The fields of golden frames, as people read them out of the captures they come from. */
#include "golden.h"

#include "base/error.h"

TEST("a 7936 registers with 44 bytes and protocol 4")
{
	struct sccp_message m = golden_message("K50");
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
	struct sccp_message m = golden_message("C04");
	struct mac mac;
	char text[MAC_HEX_SIZE];
	assert_int_equal(m.reg.device_type, 436);
	assert_int_equal(m.reg.protocol_version, 20);
	assert_string_equal(m.reg.load, "SCCP45.9-4-2SR3-1S");
	assert_int_equal(m.reg.max_lines, 6);
	assert_int_equal(sccp_register_mac(&m.reg, &mac), 0);
	assert_string_equal(mac_format_hex(mac, text), "00260BD75A11");
	m = golden_message("C03");
	assert_int_equal(m.reg.device_type, 7);
	assert_int_equal(m.reg.features, 0x8560);
	assert_string_equal(m.reg.load, "");
	assert_int_equal(sccp_register_mac(&m.reg, &mac), E_BAD_FORMAT);
}

TEST("a RegisterAck of CallManager 2.x is short and still gives its keepalive")
{
	struct sccp_message m = golden_message("K01");
	assert_int_equal(m.id, SCCP_REGISTER_ACK);
	assert_int_equal(m.ack.keepalive_s, 30);
	assert_string_equal(m.ack.date_template, "M/D/YA");
	assert_int_equal(m.ack.secondary_keepalive_s, 0);
	assert_int_equal(m.ack.protocol_version, 0);
	m = golden_message("C09");
	assert_int_equal(m.ack.secondary_keepalive_s, 60);
	assert_int_equal(m.ack.protocol_version, 17);
}

TEST("the rest of the registration decodes field by field")
{
	assert_string_equal(golden_message("C10").reject_text, "Error: DB Config");
	assert_int_equal(golden_message("C13").value, 30);
	assert_int_equal(golden_message("C06").value, 20480);
	assert_string_equal(golden_message("C17").version, "P00308010200");
	struct sccp_message m = golden_message("C15");
	assert_int_equal(m.capabilities.count, 8);
	assert_int_equal(m.capabilities.item[0].codec, 25);
	assert_int_equal(m.capabilities.item[1].ms_per_packet, 40);
	m = golden_message("C19");
	assert_int_equal(m.buttons.count, 6);
	assert_int_equal(m.buttons.button[0].definition, 9);
	m = golden_message("C20");
	assert_int_equal(m.soft_keys.count, 18);
	assert_string_equal(m.soft_keys.key[0].label, "\200\001");
	m = golden_message("C21");
	assert_int_equal(m.soft_key_sets.count, 12);
	assert_int_equal(m.soft_key_sets.set[0].info[0], 301);
	m = golden_message("C23");
	assert_string_equal(m.line.number, "2001");
	assert_string_equal(m.line.name, "Lobby phone");
	m = golden_message("C24");
	assert_string_equal(m.line.name, "Lobby phone");
	assert_int_equal(m.line.options, 15);
	m = golden_message("C27");
	assert_string_equal(m.forward.all, "2009");
	m = golden_message("C29");
	assert_int_equal(m.time.year, 2024);
	assert_int_equal(m.time.weekday, 4);
	assert_int_equal(m.time.unix_s, 1709213825);
}

TEST("a captured 7941 offers version 17, its load and its address in binary")
{
	struct sccp_message m = golden_message("K51");
	struct mac mac;
	char text[MAC_HEX_SIZE];
	assert_string_equal(m.reg.name, "SEP001F9E266369");
	assert_int_equal(ip4_number(m.reg.ip), 0xc0a80924);
	assert_int_equal(m.reg.device_type, 115);
	assert_int_equal(m.reg.max_streams, 5);
	assert_int_equal(m.reg.protocol_version, 17);
	assert_int_equal(m.reg.features, 0x8572);
	assert_int_equal(m.reg.max_conferences, 1);
	assert_int_equal(m.reg.ip4_scope, 3);
	assert_int_equal(m.reg.max_lines, 2);
	assert_string_equal(m.reg.load, "SCCP41.8-5-3S");
	assert_int_equal(m.reg.body_size, 124);
	assert_int_equal(sccp_register_mac(&m.reg, &mac), 0);
	assert_string_equal(mac_format_hex(mac, text), "001F9E266369");
}

TEST("a captured 6961 spells its address in letters, a captured 7960 leaves stale memory there")
{
	struct sccp_message m = golden_message("K52");
	struct mac mac;
	char text[MAC_HEX_SIZE];
	assert_int_equal(m.reg.device_type, 497);
	assert_int_equal(m.reg.protocol_version, 15);
	assert_int_equal(m.reg.unknown, 0x20);
	assert_int_equal(m.reg.max_streams, 40);
	assert_int_equal(sccp_register_mac(&m.reg, &mac), 0);
	assert_string_equal(mac_format_hex(mac, text), "001121FF8A3E");
	m = golden_message("K53");
	assert_string_equal(m.reg.name, "SEP001B535CD3D6");
	assert_int_equal(ip4_number(m.reg.ip), 0x0a0f0fb2);
	assert_int_equal(m.reg.device_type, 7);
	assert_int_equal(m.reg.protocol_version, 11);
	assert_int_equal(m.reg.features, 0x8560);
	assert_int_equal(m.reg.body_size, 68);
	assert_int_equal(sccp_register_mac(&m.reg, &mac), E_BAD_FORMAT);
}

TEST("what CallManager 2.x sends is read without the garbage behind it")
{
	assert_string_equal(golden_message("K02").reject_text, "Error: No License");
	struct sccp_message m = golden_message("K03");
	assert_int_equal(m.line.line, 1);
	assert_string_equal(m.line.number, "1091");
	assert_string_equal(m.line.name, "");
	m = golden_message("K04");
	assert_int_equal(m.buttons.count, 26);
	assert_int_equal(m.buttons.total, 26);
	assert_int_equal(m.buttons.button[0].instance, 1);
	assert_int_equal(m.buttons.button[0].definition, 9);
	m = golden_message("K08");
	assert_int_equal(m.time.year, 2026);
	assert_int_equal(m.time.month, 6);
	assert_int_equal(m.time.weekday, 4);
	assert_int_equal(m.time.day, 4);
	assert_int_equal(m.time.hour, 11);
	assert_int_equal(m.time.minute, 37);
	assert_int_equal(m.time.second, 17);
	assert_int_equal(m.time.unix_s, 0x6a21a9bd);
}

TEST("what CallManager 4.x puts on the display keeps its label codes")
{
	struct sccp_message m = golden_message("K26");
	assert_string_equal(m.prompt.text, "\200\027"
					   "1003");
	m = golden_message("K22");
	assert_int_equal(m.select.line, 1);
	assert_int_equal(m.select.call, 0x0100001a);
	assert_int_equal(m.select.set, 4);
	assert_int_equal(m.select.mask, 0xffffffff);
}

TEST("the codecs of a 7960 with a camera are found behind its garbage")
{
	static const uint32_t codecs[] = {25, 4, 2, 15, 16, 11, 12, 257};
	struct sccp_message m = golden_message("K66");
	assert_int_equal(m.capabilities.count, sizeof codecs / sizeof *codecs);
	for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
		assert_int_equal(m.capabilities.item[i].codec, codecs[i]);
}

TEST("an alarm, the configuration and the server list decode field by field")
{
	struct sccp_message m = golden_message("C37");
	assert_int_equal(m.alarm.severity, 2);
	assert_string_equal(m.alarm.text,
			    "25: Name=SEP003094C2A105 Load=P00308010200 Last=Initialized");
	assert_int_equal(m.alarm.param2, 0x1500000a);
	m = golden_message("C30");
	assert_string_equal(m.config.name, "SEP003094C2A105");
	assert_string_equal(m.config.server_name, "dialtone");
	assert_int_equal(m.config.instance, 1);
	assert_int_equal(m.config.lines, 2);
	assert_int_equal(m.config.speed_dials, 4);
	m = golden_message("C42");
	assert_string_equal(m.servers.name[1], "cm-sub");
	assert_int_equal(m.servers.port[1], 2000);
	assert_int_equal(ip4_number(m.servers.ip[1]), 0x0a000002);
	m = golden_message("C99");
	assert_string_equal(m.servers.name[0], "cm-pub");
	assert_int_equal(ip4_number(m.servers.ip[0]), 0x0a000001);
}

TEST("a captured frame is encoded again byte for byte where every byte has a meaning")
{
	static const char *const differs[] = {
	    "K01", "K02", "K05",
	    "K06", "K07", "K09", /* CallManager 2.x: stale memory behind texts */
	    "K31", "K32", /* CallManager 4.x stops at the salt: sent as far as its version goes */
	    "K33", "K64", "K66", /* stale memory behind a text or in unused slots: sent as zeros */
	    "K40",               /* 16 bytes, without the call: sent as 20 */
	    "K55",               /* an aligned line: sent packed */
	};
	static const struct {
		const char *id;
		uint8_t version;
	} spoken[] = {{"K03", SCCP_VERSION_CALLMANAGER_2}, {"K29", 10}};
	struct slice table = harness_file("sccp-golden.tsv");
	struct golden g;
	while (golden_next(&table, &g)) {
		uint8_t bytes[SCCP_FRAME_MAX];
		struct writer w = writer_of(bytes, sizeof bytes);
		struct sccp_message m;
		bool expected = true;
		if (!g.captured)
			continue;
		for (size_t i = 0; i < sizeof differs / sizeof *differs; i++)
			expected = expected && strcmp(g.id, differs[i]) != 0;
		assert_int_equal(sccp_decode(slice_of(g.bytes, g.len), &m, NULL), 0);
		uint8_t version = (uint8_t)m.header_version;
		for (size_t i = 0; i < sizeof spoken / sizeof *spoken; i++)
			version = strcmp(g.id, spoken[i].id) == 0 ? spoken[i].version : version;
		assert_int_equal(sccp_encode(&m, version, &w), 0);
		if (slice_equal(writer_done(&w), slice_of(g.bytes, g.len)) != expected)
			fail_msg("%s %s %s when encoded again", g.id, g.name,
				 expected ? "differs" : "no longer differs");
	}
}
