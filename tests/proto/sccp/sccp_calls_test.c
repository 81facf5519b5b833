/* The fields of golden frames of a call: keys, displays, tones, media, statistics. */
#include "golden.h"

#include "proto/sccp/sccp_words.h"

static uint32_t ip_of(const struct sccp_address *a)
{
	return ip4_number(sccp_address_ip4(a));
}

TEST("what CallManager 4.x sends when a receiver is lifted decodes field by field")
{
	struct sccp_message m = golden_message("K21");
	assert_int_equal(m.call_state.state, SCCP_CALL_STATE_OFF_HOOK);
	assert_int_equal(m.call_state.line, 1);
	assert_int_equal(m.call_state.call, 0x0100001a);
	assert_int_equal(m.call_state.privacy, 0);
	assert_int_equal(m.call_state.precedence, SCCP_PRECEDENCE_NORMAL);
	m = golden_message("K24");
	assert_int_equal(m.tone.tone, SCCP_TONE_INSIDE_DIAL_TONE);
	assert_int_equal(m.tone.direction, SCCP_TONE_DIRECTION_USER);
	assert_int_equal(m.tone.line, 1);
	assert_int_equal(m.tone.call, 0x0100001a);
	m = golden_message("K23");
	assert_string_equal(m.prompt.text, "\200\040");
	assert_int_equal(m.prompt.line, 1);
	assert_int_equal(m.prompt.call, 0x0100001a);
}

TEST("what CallManager 4.x sends to the phone that rings decodes field by field")
{
	struct sccp_message m = golden_message("K28");
	assert_int_equal(m.ringer.mode, SCCP_RING_MODE_INSIDE);
	assert_int_equal(m.ringer.duration, SCCP_RING_DURATION_NORMAL);
	assert_int_equal(m.ringer.line, 1);
	assert_int_equal(m.ringer.call, 0x0100001f);
	m = golden_message("K27");
	assert_int_equal(m.prompt.timeout_s, 10);
	assert_int_equal(m.prompt.priority, 5);
	assert_string_equal(m.prompt.text, "\200\027"
					   "1003");
	m = golden_message("K29");
	assert_int_equal(m.tone.line, 1);
	assert_int_equal(m.tone.call, 0x0100001f);
	assert_int_equal(m.tone.tone, 0);
}

TEST("the media of CallManager 4.x stop at the salt and are read all the same")
{
	struct sccp_message m = golden_message("K31");
	assert_int_equal(m.media.conference, 0x0100001f);
	assert_int_equal(m.media.party, 0x01000101);
	assert_int_equal(m.media.ms_per_packet, 20);
	assert_int_equal(m.media.codec, SCCP_CODEC_G711U);
	assert_int_equal(m.media.call, 0x0100001f);
	m = golden_message("K32");
	assert_int_equal(ip_of(&m.media.address), 0x0a66db1b);
	assert_int_equal(m.media.port, 60186);
	assert_int_equal(m.media.precedence, 0xb8);
	assert_int_equal(m.media.call, 0x0100001f);
	m = golden_message("K40");
	assert_int_equal(m.media_ack.status, SCCP_MEDIA_STATUS_OK);
	assert_int_equal(ip_of(&m.media_ack.address), 0x0a660ad1);
	assert_int_equal(m.media_ack.port, 16384);
	assert_int_equal(m.media_ack.party, 0x01000101);
	assert_int_equal(m.media_ack.call, 0);
}

TEST("the media of CallManager 2.x name no call, and its other bodies are short")
{
	struct sccp_message m = golden_message("K06");
	assert_int_equal(ip_of(&m.media.address), 0x0a66ac0b);
	assert_int_equal(m.media.port, 5001);
	assert_int_equal(m.media.ms_per_packet, 30);
	assert_int_equal(m.media.codec, SCCP_CODEC_G711U);
	assert_int_equal(m.media.conference, 0);
	m = golden_message("K07");
	assert_int_equal(ip_of(&m.media.address), 0x0a66ac0b);
	assert_int_equal(m.media.ms_per_packet, 30);
	m = golden_message("K05");
	assert_string_equal(m.call_info.calling_name, "Line 1091");
	assert_string_equal(m.call_info.called, "1092");
	assert_int_equal(m.call_info.call, 0);
	m = golden_message("K03");
	assert_string_equal(m.line.number, "1091");
	m = golden_message("K09");
	assert_string_equal(m.display_text, "                    1091        ");
}

TEST("the media of CUCM for versions 11 and 17 decode field by field")
{
	struct sccp_message m = golden_message("K56");
	assert_int_equal(m.header_version, 0);
	assert_int_equal(m.media.call, 0x019dae5b);
	assert_int_equal(m.media.dtmf_type, 10);
	assert_int_equal(m.media.port, 0);
	m = golden_message("K57");
	assert_int_equal(m.header_version, 17);
	assert_int_equal(m.media.address.type, SCCP_ADDRESS_TYPE_IP4);
	assert_int_equal(ip_of(&m.media.address), 0xc0a8092c);
	assert_int_equal(m.media.port, 4000);
	assert_int_equal(m.media.dtmf_type, 10);
	m = golden_message("K58");
	assert_int_equal(ip_of(&m.media.address), 0xc0a8092c);
	assert_int_equal(m.media.port, 19654);
	assert_int_equal(m.media.call, 0x019dae54);
	assert_int_equal(m.media.dtmf_type, 10);
}

TEST("answers about media decode in both address forms")
{
	struct sccp_message m = golden_message("C74");
	assert_int_equal(ip_of(&m.media_ack.address), 0x0a000015);
	assert_int_equal(m.media_ack.port, 20480);
	assert_int_equal(m.media_ack.party, 0xfefffffe);
	assert_int_equal(m.media_ack.call, 0x01000001);
	m = golden_message("C75");
	assert_int_equal(ip_of(&m.media_ack.address), 0x0a000016);
	assert_int_equal(m.media_ack.port, 24576);
	assert_int_equal(m.media_ack.call, 0x01000001);
	m = golden_message("C79");
	assert_int_equal(m.media_ack.conference, 0x01000001);
	assert_int_equal(m.media_ack.party, 0xfefffffe);
	assert_int_equal(ip_of(&m.media_ack.address), 0x0a000016);
	assert_int_equal(m.media_ack.port, 24576);
	assert_int_equal(m.media_ack.status, 0);
	m = golden_message("C81");
	assert_int_equal(m.media_stop.conference, 0x01000001);
	assert_int_equal(m.media_stop.party, 0xfefffffe);
	assert_int_equal(m.media_stop.call, 0x01000001);
	assert_int_equal(m.media_stop.port_handling, SCCP_PORT_HANDLING_CLOSE);
}

TEST("an IPv6 address is nobody's IPv4 address")
{
	struct sccp_address a = {.type = SCCP_ADDRESS_TYPE_IP6, .bytes = {0x20, 0x01}};
	assert_true(ip4_is_zero(sccp_address_ip4(&a)));
	a.type = SCCP_ADDRESS_TYPE_BOTH;
	assert_false(ip4_is_zero(sccp_address_ip4(&a)));
	a = sccp_address_of_ip4(ip4_of(0x0a000001));
	assert_int_equal(ip_of(&a), 0x0a000001);
	assert_int_equal(a.type, SCCP_ADDRESS_TYPE_IP4);
}

TEST("statistics of three generations of phones give the same fields from different places")
{
	static const struct {
		const char *id, *number;
		uint32_t call, sent, received;
	} cases[] = {{"K62", "98011", 1, 92, 89},
		     {"K64", "98031", 4, 47, 48},
		     {"K65", "137", 3, 153, 145},
		     {"C84", "2001", 0x01000001, 250, 248}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sccp_message m = golden_message(cases[i].id);
		assert_string_equal(m.statistics.number, cases[i].number);
		assert_int_equal(m.statistics.call, cases[i].call);
		assert_int_equal(m.statistics.packets_sent, cases[i].sent);
		assert_int_equal(m.statistics.packets_received, cases[i].received);
	}
	struct sccp_message m = golden_message("C84");
	assert_int_equal(m.statistics.octets_sent, 43000);
	assert_int_equal(m.statistics.octets_received, 42656);
	assert_int_equal(m.statistics.packets_lost, 2);
	assert_int_equal(m.statistics.jitter_ms, 3);
	assert_int_equal(m.statistics.latency_ms, 40);
	m = golden_message("C83");
	assert_string_equal(m.statistics_req.number, "2001");
	assert_int_equal(m.statistics_req.call, 0x01000001);
}

TEST("who calls whom decodes from 384 bytes, from twelve texts and from fifteen")
{
	static const char *const ids[] = {"C65", "C66", "C67"};

	for (size_t i = 0; i < 3; i++) {
		struct sccp_call_info c = golden_message(ids[i]).call_info;
		assert_int_equal(c.line, 1);
		assert_int_equal(c.call, 0x01000001);
		assert_int_equal(c.type, SCCP_CALL_TYPE_OUTBOUND);
		assert_int_equal(c.instance, 1);
		assert_int_equal(c.security, SCCP_SECURITY_NOT_AUTHENTICATED);
		assert_string_equal(c.calling, "2001");
		assert_string_equal(c.calling_name, "Lobby phone");
		assert_string_equal(c.called, "2002");
		assert_string_equal(c.called_name, "Desk two");
		assert_string_equal(c.original_called_name, "Desk two");
		assert_string_equal(c.alternate_calling, "");
		assert_string_equal(c.hunt_pilot_name, "");
	}
}

TEST("what the person at the phone does decodes field by field")
{
	struct sccp_message m = golden_message("C60");
	assert_int_equal(m.keypad.key, SCCP_KEY_2);
	assert_int_equal(m.keypad.line, 1);
	assert_int_equal(m.keypad.call, 0x01000001);
	m = golden_message("C85");
	assert_int_equal(m.soft_key.event, SCCP_SOFT_KEY_END_CALL);
	assert_int_equal(m.soft_key.line, 1);
	assert_int_equal(m.soft_key.call, 0x01000001);
	m = golden_message("C86");
	assert_int_equal(m.stimulus.stimulus, SCCP_BUTTON_SPEED_DIAL);
	assert_int_equal(m.stimulus.instance, 1);
	m = golden_message("C87");
	assert_int_equal(m.on.line, 1);
	assert_int_equal(m.on.call, 0x01000001);
	m = golden_message("K59");
	assert_int_equal(m.media_path.path, SCCP_MEDIA_PATH_SPEAKER);
	assert_int_equal(m.media_path.value, SCCP_PATH_CAPABILITY_ENABLE);
	m = golden_message("C64");
	assert_string_equal(m.dialed.number, "2002");
	assert_int_equal(m.dialed.line, 1);
	assert_int_equal(m.dialed.call, 0x01000001);
}

TEST("lamps, variable texts and application data decode field by field")
{
	struct sccp_message m = golden_message("C53");
	assert_int_equal(m.lamp.stimulus, SCCP_BUTTON_VOICEMAIL);
	assert_int_equal(m.lamp.instance, 0);
	assert_int_equal(m.lamp.mode, SCCP_LAMP_MODE_ON);
	m = golden_message("C57");
	assert_string_equal(m.prompt.text, "\200\040");
	assert_int_equal(m.prompt.line, 1);
	assert_int_equal(m.prompt.call, 0x01000001);
	m = golden_message("C93");
	assert_int_equal(m.prompt.priority, 5);
	assert_string_equal(m.prompt.text, "Do not disturb");
	m = golden_message("C94");
	assert_int_equal(m.user_data.application, 9090);
	assert_int_equal(m.user_data.line, 1);
	assert_int_equal(m.user_data.transaction, 1);
	assert_int_equal(m.user_data.sequence, SCCP_SEQUENCE_LAST);
	assert_int_equal(m.user_data.routing, 1);
	assert_int_equal(m.user_data.data.len, 52);
	m = golden_message("C97");
	assert_int_equal(m.history.disposition, SCCP_DISPOSITION_MISSED);
	m = golden_message("C33");
	assert_int_equal(m.feature.index, 5);
	assert_int_equal(m.feature.feature, SCCP_BUTTON_BLF_SPEED_DIAL);
	assert_int_equal(m.feature.status, 0x01010201);
	assert_string_equal(m.feature.label, "2005");
	m = golden_message("C34");
	assert_string_equal(m.service_url.url, "http://10.0.0.1/svc");
	assert_string_equal(m.service_url.label, "Menu");
	m = golden_message("K63");
	assert_int_equal(m.add_on.instance, 1);
	assert_int_equal(m.add_on.max, 2);
	assert_string_equal(m.add_on.text, "max-chained=2 deviceLine=14");
}
