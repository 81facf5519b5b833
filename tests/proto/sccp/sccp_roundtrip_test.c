/* What the codec sends it reads back, field for field, in every layout it has. */
#include "harness.h"

#include "base/error.h"
#include "samples.h"

static size_t encode(const struct sccp_message *m, uint8_t version, uint8_t *bytes, size_t size)
{
	struct writer w = writer_of(bytes, size);

	assert_int_equal(sccp_encode(m, version, &w), 0);
	return w.pos;
}

TEST("a filled message of every kind reads back as it was sent and without an anomaly")
{
	for (size_t i = 0; i < sccp_samples_count; i++) {
		const struct sccp_sample *s = &sccp_samples[i];
		uint8_t bytes[SCCP_FRAME_MAX];
		struct anomalies anomalies = {0};
		struct slice frame;
		struct sccp_message back = {.id = 0};
		size_t len = encode(&s->message, s->version, bytes, sizeof bytes);

		assert_int_equal(len % 4, 0);
		assert_int_equal(sccp_frame_next(slice_of(bytes, len), &frame), (int)len);
		assert_int_equal(sccp_decode(frame, &back, &anomalies), 0);
		if (anomalies.count > 0)
			fail_msg("sample %zu, %s: anomaly %d", i, sccp_id_name(s->message.id),
				 (int)anomalies.item[0].kind);
		/* Only what the codec cannot know beforehand differs: where the body lies. */
		back.raw = s->message.raw;
		if (!slice_equal(slice_of(&back, sizeof back),
				 slice_of(&s->message, sizeof s->message)))
			fail_msg("sample %zu, %s, is not what was sent", i,
				 sccp_id_name(s->message.id));
	}
}

TEST("the catalogue lists 175 ids, each once, in their order and under one name")
{
	static const struct {
		uint32_t id;
		const char *name;
	} rows[] = {
#define M(id, name, direction, text) {id, text},
#include "proto/sccp/sccp_ids.def"
#undef M
	};
	size_t count = sizeof rows / sizeof *rows;
	assert_int_equal(count, 175);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(sccp_id_name(rows[i].id), rows[i].name);
		if (i > 0)
			assert_true(rows[i].id > rows[i - 1].id);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(rows[i].name, rows[k].name);
	}
}

TEST("a forward status is read by its header, unless it is too short for it")
{
	struct sccp_message m = {.id = SCCP_FORWARD_STAT_RES,
				 .forward = {1, 2, 3, 4, 5, "2001", "2002", "2003"}};
	static const struct {
		uint8_t version;
		uint32_t header;
	} cases[] = {{11, 0}, {17, 17}, {18, 18}, {22, 22}, {11, 22}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t bytes[128];
		struct sccp_message back;
		m.header_version = cases[i].header;
		size_t len = encode(&m, cases[i].version, bytes, sizeof bytes);
		assert_int_equal(sccp_decode(slice_of(bytes, len), &back, NULL), 0);
		assert_string_equal(back.forward.all, "2001");
		assert_string_equal(back.forward.busy, "2002");
		assert_string_equal(back.forward.no_answer, "2003");
		assert_int_equal(back.forward.no_answer_active, 5);
	}
}

TEST("a forward status of version 17 stays unpacked when bytes follow it")
{
	struct sccp_message m = {.header_version = 17,
				 .id = SCCP_FORWARD_STAT_RES,
				 .forward = {1, 2, 3, 4, 5, "2001", "2002", "2003"}};
	uint8_t bytes[128] = {0};
	struct sccp_message back;
	size_t len = encode(&m, 17, bytes, sizeof bytes);
	bytes[0] = (uint8_t)(bytes[0] + 4);
	assert_int_equal(sccp_decode(slice_of(bytes, len + 4), &back, NULL), 0);
	assert_string_equal(back.forward.no_answer, "2003");
	assert_int_equal(back.forward.no_answer_active, 5);
}

TEST("96 bytes of forward status under header 0 are not packed: chan-sccp sends them to version 5")
{
	struct sccp_message m = {.id = SCCP_FORWARD_STAT_RES,
				 .forward = {1, 2, 3, 4, 5, "2001", "2002", "2003"}};
	uint8_t bytes[128] = {0};
	struct sccp_message back;
	size_t len = encode(&m, 5, bytes, sizeof bytes);
	bytes[0] = (uint8_t)(bytes[0] + 4);
	for (uint8_t version = 0; version <= 5; version = (uint8_t)(version + 5)) {
		struct anomalies anomalies = {0};
		assert_int_equal(
		    sccp_decode_as(slice_of(bytes, len + 4), version, &back, &anomalies), 0);
		assert_string_equal(back.forward.busy, "2002");
		assert_int_equal(back.forward.no_answer_active, 5);
		assert_int_equal(anomalies.count, 0);
	}
}

TEST("a line status of each CallManager generation gives what it has")
{
	struct sccp_message m = {.id = SCCP_LINE_STAT_RES,
				 .line = {1, "2001", "Lobby", "Desk", 15}};
	static const size_t bodies[] = {28, 68, 108, 112};
	uint8_t bytes[128];
	(void)encode(&m, 11, bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct anomalies anomalies = {0};
		struct sccp_message back;
		bytes[0] = (uint8_t)(bodies[i] + 4);
		struct slice frame = slice_of(bytes, SCCP_HEADER_SIZE + bodies[i]);
		assert_int_equal(sccp_decode(harness_guarded(frame), &back, &anomalies), 0);
		assert_int_equal(anomalies.count, 0);
		assert_string_equal(back.line.number, "2001");
		assert_string_equal(back.line.name, bodies[i] >= 68 ? "Lobby" : "");
		assert_string_equal(back.line.label, bodies[i] >= 108 ? "Desk" : "");
		assert_int_equal(back.line.options, bodies[i] >= 112 ? 15 : 0);
	}
}

TEST("a server list names no IPv4 address where it carries an IPv6 one")
{
	struct sccp_message m = {.id = SCCP_SERVER_RES,
				 .servers = {.name = {"six"}, .ip = {{{10, 0, 0, 1}}}}};
	uint8_t bytes[SCCP_FRAME_MAX];
	struct sccp_message back;
	size_t len = encode(&m, 17, bytes, sizeof bytes);
	bytes[SCCP_HEADER_SIZE + 260] = 1;
	assert_int_equal(sccp_decode(slice_of(bytes, len), &back, NULL), 0);
	assert_true(ip4_is_zero(back.servers.ip[0]));
	assert_string_equal(back.servers.name[0], "six");
}

TEST("what is too long, too short or without its NUL is understood and noted")
{
	static const struct {
		const char *hex;
		enum anomaly_kind kind;
	} cases[] = {
	    {"0c 00 00 00 00 00 00 00 0b 00 00 00 01 00 00 00 02 00 00 00", ANOMALY_LONG},
	    {"06 00 00 00 00 00 00 00 0b 00 00 00 01 00", ANOMALY_SHORT},
	    {"0c 00 00 00 00 00 00 00 0b 00 00 00 01 00 00 00", ANOMALY_LENGTH},
	    {"11 00 00 00 11 00 00 00 47 01 00 00 01 00 00 00 0f 00 00 00 31 00 32 00 33",
	     ANOMALY_UNTERMINATED},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct anomalies anomalies = {0};
		struct sccp_message m;
		assert_int_equal(sccp_decode(harness_hex(cases[i].hex), &m, &anomalies), 0);
		assert_int_equal(anomalies.count, 1);
		assert_int_equal(anomalies.item[0].kind, cases[i].kind);
	}
}

TEST("an encoder given too large a count sends a full array and a true count")
{
	static const uint32_t listed[] = {SCCP_CAPABILITIES_RES, SCCP_BUTTON_TEMPLATE_RES,
					  SCCP_SOFT_KEY_TEMPLATE_RES, SCCP_SOFT_KEY_SET_RES};
	for (size_t i = 0; i < sizeof listed / sizeof *listed; i++) {
		struct sccp_message m = {.id = listed[i]};
		uint8_t bytes[SCCP_FRAME_MAX];
		struct anomalies anomalies = {0};
		if (listed[i] == SCCP_CAPABILITIES_RES)
			m.capabilities.count = 1000;
		else
			m.buttons.count = 1000; /* at the same place in all three templates */
		size_t len = encode(&m, 11, bytes, sizeof bytes);
		assert_int_equal(sccp_decode(slice_of(bytes, len), &m, &anomalies), 0);
		assert_int_equal(anomalies.count, 0);
	}
}
