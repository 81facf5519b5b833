/* Frames: 133 of them with known verdicts (tests/data/sccp-golden.tsv), and every way a stream of
 * them can be cut. */
#include "golden.h"
#include "guard.h"

#include "base/error.h"
#include "base/writer.h"

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

/* The version a frame was made for: its header's, and 11 where that says nothing, but for three
 * rows under header 0 in the form of another version. */
static uint8_t version_of(const struct golden *g, const struct sccp_message *m)
{
	static const struct {
		const char *id;
		uint8_t version;
	} others[] = {{"C31", 15}, {"C61", 10}, {"C95", 17}};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		if (strcmp(g->id, others[i].id) == 0)
			return others[i].version;
	}
	return m->header_version != 0 ? (uint8_t)m->header_version : 11;
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
		/* C39 leaves the reason away: both forms are read, one is sent. */
		if (g.captured || strcmp(g.id, "C39") == 0)
			continue;
		assert_int_equal(sccp_decode(slice_of(g.bytes, g.len), &m, NULL), 0);
		assert_int_equal(sccp_encode(&m, version_of(&g, &m), &w), 0);
		if (!slice_equal(writer_done(&w), slice_of(g.bytes, g.len)))
			fail_msg("%s %s differs when encoded again", g.id, g.name);
		count++;
	}
	assert_int_equal(count, 91);
}

TEST("no golden frame has anything odd about it, not even those with stale memory in them")
{
	struct slice table = harness_file("sccp-golden.tsv");
	struct golden g;
	while (golden_next(&table, &g)) {
		struct sccp_message m;
		struct anomalies anomalies = {0};
		assert_int_equal(sccp_decode(slice_of(g.bytes, g.len), &m, &anomalies), 0);
		if (anomalies.count > 0)
			fail_msg("%s %s: anomaly %d", g.id, g.name, (int)anomalies.item[0].kind);
	}
}

TEST("every golden frame cut anywhere decodes without reading past its end")
{
	struct slice table = harness_file("sccp-golden.tsv");
	struct golden g;
	struct sccp_message m;
	struct guard guard;
	assert_true(guard_init(&guard));
	while (golden_next(&table, &g)) {
		for (size_t len = 0; len <= g.len; len++) {
			struct anomalies anomalies = {0};
			struct slice cut = guard_put(&guard, slice_of(g.bytes, len));
			int error = sccp_decode(cut, &m, &anomalies);
			assert_int_equal(error, len < SCCP_HEADER_SIZE ? E_BAD_FORMAT : 0);
			/* A cut frame never passes for a whole one. */
			assert_true(error != 0 || len == g.len || anomalies.count > 0);
			struct slice frame;
			assert_int_equal(sccp_frame_next(cut, &frame), len < g.len ? 0 : (int)len);
		}
	}
	guard_done(&guard);
}

TEST("any split of a stream gives the same frames")
{
	struct slice table = harness_file("sccp-golden.tsv");
	struct golden g;
	static uint8_t stream[64 * 1024];
	static size_t ends[256];
	size_t len = 0;
	size_t frames = 0;
	while (golden_next(&table, &g)) {
		memcpy(stream + len, g.bytes, g.len);
		len += g.len;
		ends[frames++] = len;
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
				assert_ptr_equal(frame.ptr, stream + at);
				assert_int_equal(frame.len, n);
				at += (size_t)n;
				assert_int_equal(at, ends[seen++]);
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

/* Whether some version sends these very bytes; the header's, where there is one. */
static bool sent_by_a_version(const struct golden *g)
{
	struct sccp_message m;
	uint8_t bytes[SCCP_FRAME_MAX];

	assert_int_equal(sccp_decode(slice_of(g->bytes, g->len), &m, NULL), 0);
	uint32_t first = m.header_version != 0 ? m.header_version : 1;
	uint32_t last = m.header_version != 0 ? m.header_version : 11;
	for (uint32_t v = first; v <= last; v++) {
		struct writer w = writer_of(bytes, sizeof bytes);
		assert_int_equal(sccp_encode(&m, (uint8_t)v, &w), 0);
		if (slice_equal(writer_done(&w), slice_of(g->bytes, g->len)))
			return true;
	}
	return false;
}

TEST("what the captures hold is sent again byte for byte, a whole call of CUCM among it")
{
	/* Sent otherwise: CallManager 2.x leaves stale memory (P071 to P083, P143 a router's), open
	 * servers and their test clients append words (P086, P096 to P100, P024, P108 to P135),
	 * leave some out (P015, P101, P120, P137) or fill unused slots their own way (P004, P018,
	 * P019, P084, P094, P095). */
	static const char differs[] = "P004 P015 P018 P019 P024 P071 P072 P079 P080 P081 P083 P084 "
				      "P086 P094 P095 P096 P097 P098 "
				      "P099 P100 P101 P108 P114 P118 P120 P124 P135 P137 P143";
	struct slice table = harness_file("sccp-captured.tsv");
	struct golden g;
	size_t count = 0;
	while (golden_next(&table, &g)) {
		bool expected = strstr(differs, g.id) == NULL;
		if (sent_by_a_version(&g) != expected)
			fail_msg("%s %s %s", g.id, g.name,
				 expected ? "differs" : "no longer differs");
		count += expected;
	}
	assert_int_equal(count, 116);
}
