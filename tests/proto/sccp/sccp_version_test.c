/* What the versions change, and what foreign and old senders do differently. */
#include "golden.h"

#include "base/error.h"

static size_t body_of(const struct sccp_message *m, uint8_t version)
{
	uint8_t bytes[SCCP_FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);

	assert_int_equal(sccp_encode(m, version, &w), 0);
	return w.pos - SCCP_HEADER_SIZE;
}

TEST("each version sends the bodies its phones know")
{
	static const struct {
		uint32_t id;
		uint8_t version;
		size_t body;
	} cases[] = {
	    {SCCP_REGISTER_ACK, 2, 12},
	    {SCCP_REGISTER_ACK, 3, 20},
	    {SCCP_LINE_STAT_RES, 2, 28},
	    {SCCP_LINE_STAT_RES, 11, 112},
	    {SCCP_CALL_INFO, 2, 128},
	    {SCCP_CALL_INFO, 3, 384},
	    {SCCP_START_TONE, 2, 4},
	    {SCCP_START_TONE, 3, 16},
	    {SCCP_STOP_TONE, 2, 0},
	    {SCCP_STOP_TONE, 10, 8},
	    {SCCP_STOP_TONE, 11, 12},
	    {SCCP_SET_RINGER, 2, 4},
	    {SCCP_SET_RINGER, 3, 16},
	    {SCCP_STIMULUS, 2, 8},
	    {SCCP_STIMULUS, 3, 16},
	    {SCCP_KEYPAD_BUTTON, 2, 4},
	    {SCCP_KEYPAD_BUTTON, 3, 12},
	    {SCCP_FEATURE_STAT_REQ, 11, 4},
	    {SCCP_FEATURE_STAT_REQ, 15, 8},
	    {SCCP_ENBLOC_CALL, 16, 24},
	    {SCCP_ENBLOC_CALL, 17, 28},
	    {SCCP_ENBLOC_CALL, 18, 32},
	    {SCCP_FORWARD_STAT_RES, 17, 92},
	    {SCCP_FORWARD_STAT_RES, 18, 96},
	    {SCCP_DIALED_NUMBER, 17, 32},
	    {SCCP_DIALED_NUMBER, 18, 36},
	    {SCCP_SERVER_RES, 16, 280},
	    {SCCP_SERVER_RES, 17, 360},
	    {SCCP_OPEN_RECEIVE_CHANNEL, 3, 92},
	    {SCCP_OPEN_RECEIVE_CHANNEL, 11, 92},
	    {SCCP_OPEN_RECEIVE_CHANNEL, 15, 108},
	    {SCCP_OPEN_RECEIVE_CHANNEL, 16, 112},
	    {SCCP_OPEN_RECEIVE_CHANNEL, 17, 128},
	    {SCCP_OPEN_RECEIVE_CHANNEL, 21, 128},
	    {SCCP_OPEN_RECEIVE_CHANNEL, 22, 168},
	    {SCCP_OPEN_RECEIVE_CHANNEL_ACK, 16, 20},
	    {SCCP_OPEN_RECEIVE_CHANNEL_ACK, 17, 36},
	    {SCCP_START_MEDIA_TRANSMISSION, 2, 36},
	    {SCCP_START_MEDIA_TRANSMISSION, 3, 116},
	    {SCCP_START_MEDIA_TRANSMISSION, 17, 132},
	    {SCCP_START_MEDIA_TRANSMISSION, 22, 168},
	    {SCCP_START_MEDIA_TRANSMISSION_ACK, 16, 24},
	    {SCCP_START_MEDIA_TRANSMISSION_ACK, 17, 40},
	    {SCCP_CLOSE_RECEIVE_CHANNEL, 3, 8},
	    {SCCP_CLOSE_RECEIVE_CHANNEL, 5, 16},
	    {SCCP_STOP_MEDIA_TRANSMISSION, 2, 4},
	    {SCCP_STOP_MEDIA_TRANSMISSION, 4, 8},
	    {SCCP_STOP_MEDIA_TRANSMISSION, 11, 16},
	    {SCCP_CONNECTION_STATISTICS_REQ, 18, 32},
	    {SCCP_CONNECTION_STATISTICS_REQ, 19, 36},
	    {SCCP_CONNECTION_STATISTICS_RES, 11, 60},
	    {SCCP_CONNECTION_STATISTICS_RES, 20, 64},
	    {SCCP_CONNECTION_STATISTICS_RES, 22, 68},
	    {SCCP_CALL_INFO_V2, 15, 44},
	    {SCCP_CALL_INFO_V2, 16, 48},
	    {SCCP_UPDATE_CAPABILITIES, 11, 1840},
	    {SCCP_UPDATE_CAPABILITIES_V2, 11, 2000},
	    {SCCP_UPDATE_CAPABILITIES_V3, 22, 2100},
	    {SCCP_LOCATION_INFO, 22, 2404},
	    {SCCP_ADD_ON_DEVICE_CAPABILITIES, 22, 164},
	    {SCCP_CALL_COUNT_RESP, 22, 180},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sccp_message m = {.id = cases[i].id};
		if (body_of(&m, cases[i].version) != cases[i].body)
			fail_msg("%s of version %u has %zu bytes", sccp_id_name(m.id),
				 cases[i].version, body_of(&m, cases[i].version));
	}
}

TEST("before there is a version, version 3 is sent")
{
	static const uint32_t ids[] = {SCCP_REGISTER_ACK, SCCP_LINE_STAT_RES, SCCP_STOP_TONE,
				       SCCP_OPEN_RECEIVE_CHANNEL, SCCP_CLOSE_RECEIVE_CHANNEL};

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		struct sccp_message m = {.id = ids[i]};
		assert_int_equal(body_of(&m, 0), body_of(&m, 3));
	}
}

TEST("a session's version is believed before the header's, and their difference is noted")
{
	struct sccp_message m = golden_message("C67");
	uint8_t bytes[SCCP_FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct anomalies anomalies = {0};

	/* Fifteen texts, as a server would send them that leaves the header at 0. */
	m.header_version = 0;
	assert_int_equal(sccp_encode(&m, 17, &w), 0);
	assert_int_equal(sccp_decode_as(writer_done(&w), 17, &m, &anomalies), 0);
	assert_string_equal(m.call_info.called_name, "Desk two");
	assert_int_equal(anomalies.count, 0);
	bytes[4] = 11;
	assert_int_equal(sccp_decode_as(writer_done(&w), 17, &m, &anomalies), 0);
	assert_string_equal(m.call_info.called_name, "Desk two");
	assert_int_equal(m.header_version, 11);
	assert_int_equal(anomalies.count, 1);
	assert_int_equal(anomalies.item[0].kind, ANOMALY_VERSION);
	assert_int_equal(anomalies.item[0].offset, 4);
}

TEST("a header version nobody sends is noted")
{
	static const struct {
		uint8_t version;
		bool odd;
	} cases[] = {{0, false}, {9, true},   {10, false}, {11, false}, {12, true},
		     {14, true}, {15, false}, {22, false}, {23, true},  {255, true}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t bytes[] = {4, 0, 0, 0, cases[i].version, 0, 0, 0, 0, 0, 0, 0};
		struct anomalies anomalies = {0};
		struct sccp_message m;
		assert_int_equal(sccp_decode(slice_of(bytes, sizeof bytes), &m, &anomalies), 0);
		assert_int_equal(anomalies.count, cases[i].odd ? 1 : 0);
		assert_int_equal(m.header_version, cases[i].version);
	}
}

TEST("the header carries the version from 15 on, but not around the registration")
{
	assert_int_equal(sccp_header_version(SCCP_CALL_STATE, 3), 0);
	assert_int_equal(sccp_header_version(SCCP_CALL_STATE, 11), 0);
	assert_int_equal(sccp_header_version(SCCP_CALL_STATE, 17), 17);
	assert_int_equal(sccp_header_version(SCCP_OFF_HOOK, 22), 22);
	assert_int_equal(sccp_header_version(SCCP_REGISTER, 22), 0);
	assert_int_equal(sccp_header_version(SCCP_REGISTER_ACK, 22), 0);
	assert_int_equal(sccp_header_version(SCCP_REGISTER_REJECT, 22), 0);
	assert_int_equal(sccp_header_version(SCCP_REGISTER_TOKEN_ACK, 22), 0);
	assert_int_equal(sccp_header_version(SCCP_REGISTER_TOKEN_REJECT, 22), 0);
	assert_int_equal(sccp_header_version(SCCP_KEEP_ALIVE_ACK, 22), 0);
	assert_int_equal(sccp_header_version(SCCP_UNREGISTER_ACK, 22), 0);
}

TEST("an EnblocCall gives its line packed as from a 7970, aligned as from an 8945, or not at all")
{
	struct sccp_message m = golden_message("K54");
	assert_string_equal(m.enbloc.number, "98011");
	assert_int_equal(m.enbloc.line, 1);
	m = golden_message("K55");
	assert_string_equal(m.enbloc.number, "98011");
	assert_int_equal(m.enbloc.line, 1);
	m = golden_message("C95");
	assert_string_equal(m.enbloc.number, "2002");
	assert_int_equal(m.enbloc.line, 1);
}

TEST("stale memory around the line of an EnblocCall does not hide it")
{
	static const struct {
		uint8_t tail[7];
		uint32_t line;
	} cases[] = {{{2, 0, 0, 0, 0xa5, 0xa5, 0xa5}, 2},
		     {{0xa5, 0xa5, 0xa5, 2, 0, 0, 0}, 2},
		     {{0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5}, 0},
		     {{0}, 0}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t frame[SCCP_HEADER_SIZE + 32] = {36, 0, 0, 0, 20, 0, 0, 0, 4, 0, 0, 0, '1'};
		struct sccp_message m;
		memcpy(frame + SCCP_HEADER_SIZE + 25, cases[i].tail, sizeof cases[i].tail);
		assert_int_equal(sccp_decode(slice_of(frame, sizeof frame), &m, NULL), 0);
		assert_int_equal(m.enbloc.line, cases[i].line);
	}
}

TEST("a message shorter than the one before it shows nothing of that one")
{
	struct sccp_message m = golden_message("C65");
	struct golden g;
	struct slice table = harness_file("sccp-golden.tsv");

	assert_string_equal(m.call_info.original_called_name, "Desk two");
	while (golden_next(&table, &g) && strcmp(g.id, "K05") != 0)
		;
	assert_int_equal(sccp_decode(slice_of(g.bytes, g.len), &m, NULL), 0);
	assert_string_equal(m.call_info.called, "1092");
	assert_string_equal(m.call_info.original_called_name, "");
	assert_int_equal(m.call_info.call, 0);
	/* And one without a body leaves no value. */
	memset(&m, 0xa5, sizeof m);
	assert_int_equal(sccp_decode(harness_hex("04 00 00 00 00 00 00 00 00 00 00 00"), &m, NULL),
			 0);
	assert_int_equal(m.value, 0);
	memset(&m, 0xa5, sizeof m);
	assert_int_equal(sccp_decode(harness_hex("04 00 00 00 00 00 00 00 99 99 00 00"), &m, NULL),
			 0);
	assert_int_equal(m.value, 0);
}

TEST("a copied message lets go of the frame it came from")
{
	struct sccp_message m = golden_message("C94");

	assert_int_equal(m.user_data.data.len, 52);
	assert_int_equal(m.raw.len, 92);
	sccp_message_detach(&m);
	assert_null(m.user_data.data.ptr);
	assert_int_equal(m.user_data.data.len, 0);
	assert_int_equal(m.raw.len, 0);
	assert_int_equal(m.user_data.application, 9090);
	m = golden_message("K62");
	assert_int_equal(m.statistics.quality.len, 111);
	sccp_message_detach(&m);
	assert_int_equal(m.statistics.quality.len, 0);
	assert_int_equal(m.statistics.packets_sent, 92);
	m = (struct sccp_message){.id = 0x9999, .raw = slice_text("x")};
	sccp_message_detach(&m);
	assert_int_equal(m.raw.len, 0);
}

TEST("a data length that lies is cut to the bytes that are there, and noted")
{
	struct golden g;
	struct slice table = harness_file("sccp-golden.tsv");
	struct anomalies anomalies = {0};
	struct sccp_message m;

	while (golden_next(&table, &g) && strcmp(g.id, "C94") != 0)
		;
	g.bytes[SCCP_HEADER_SIZE + 16] = 53;
	assert_int_equal(sccp_decode(harness_guarded(slice_of(g.bytes, g.len)), &m, &anomalies), 0);
	assert_int_equal(m.user_data.data.len, 52);
	assert_int_equal(anomalies.count, 1);
	assert_int_equal(anomalies.item[0].kind, ANOMALY_COUNT);
}

TEST("application data longer than a phone takes is cut, and its length says so")
{
	static const uint8_t xml[SCCP_DATA_MAX + 100] = {'<'};
	struct sccp_message m = {.id = SCCP_USER_TO_DEVICE_DATA_V1,
				 .user_data = {.data = {xml, sizeof xml}}};
	uint8_t bytes[SCCP_FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);

	assert_int_equal(sccp_encode(&m, 17, &w), 0);
	assert_int_equal(sccp_decode(writer_done(&w), &m, NULL), 0);
	assert_int_equal(m.user_data.data.len, SCCP_DATA_MAX);
}

TEST("a text is sent no longer than the phone's field and always with its end")
{
	struct sccp_message m = {.id = SCCP_DISPLAY_PROMPT_STATUS};
	uint8_t bytes[SCCP_FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);

	memset(m.prompt.text, 'x', sizeof m.prompt.text - 1);
	assert_int_equal(sccp_encode(&m, 11, &w), 0);
	assert_int_equal(sccp_decode(writer_done(&w), &m, NULL), 0);
	assert_int_equal(strlen(m.prompt.text), 31);
	w = writer_of(bytes, sizeof bytes);
	m.id = SCCP_DISPLAY_PROMPT_STATUS_V2;
	memset(m.prompt.text, 'x', sizeof m.prompt.text); /* not even terminated */
	assert_int_equal(sccp_encode(&m, 11, &w), 0);
	assert_int_equal(w.pos, SCCP_HEADER_SIZE + 12 + 96 + 1 + 3);
	assert_int_equal(sccp_decode(writer_done(&w), &m, NULL), 0);
	assert_int_equal(strlen(m.prompt.text), 96);
}

TEST("a number is cut to what the field of a phone holds, in texts of any length too")
{
	struct sccp_message m = {.id = SCCP_LINE_STAT_V2_RES};
	uint8_t bytes[SCCP_FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);

	memset(m.line.number, '1', sizeof m.line.number - 1);
	assert_int_equal(sccp_encode(&m, 17, &w), 0);
	assert_int_equal(sccp_decode(writer_done(&w), &m, NULL), 0);
	assert_int_equal(strlen(m.line.number), 24);
}

TEST("control characters in a text are noted, label codes are not")
{
	static const struct {
		const char *text;
		bool odd;
	} cases[] = {{"\200\001", false},    {"\036\013 and", false}, {"a\001", true},
		     {"a\nb", false},        {"\177", true},          {"\304\200\001", true},
		     {"Caf\303\251", false}, {"\200", false}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sccp_message m = {.id = SCCP_DISPLAY_NOTIFY_V2};
		uint8_t bytes[64];
		struct writer w = writer_of(bytes, sizeof bytes);
		struct anomalies anomalies = {0};
		(void)snprintf(m.prompt.text, sizeof m.prompt.text, "%s", cases[i].text);
		assert_int_equal(sccp_encode(&m, 11, &w), 0);
		assert_int_equal(sccp_decode(writer_done(&w), &m, &anomalies), 0);
		assert_int_equal(anomalies.count, cases[i].odd ? 1 : 0);
		if (cases[i].odd)
			assert_int_equal(anomalies.item[0].kind, ANOMALY_TEXT);
	}
}
