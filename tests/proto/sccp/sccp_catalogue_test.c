/* Properties of the codec over its whole catalogue: every id, every version, content from a seed.
 */
#include "catalogue.h"
#include "guard.h"
#include "harness.h"

#include "base/error.h"
#include "proto/sccp/sccp_fields.h"

#define ROUNDS 12

typedef void (*visit_fn)(struct sccp_message *m, uint8_t version, struct slice frame);

static void say_which(const struct sccp_message *m, uint8_t version)
{
	print_error("%s of version %u\n", sccp_id_name(m->id), version);
}

/* Every message dialtone sends, in every version, some rounds each. Returns how many there were. */
static size_t for_all(visit_fn visit, size_t rounds)
{
	struct rand rand = rand_of(2026);
	size_t count = 0;

	for (size_t i = 0; i < catalogue_count; i++) {
		for (size_t v = 0; v < catalogue_version_count * rounds; v++) {
			uint8_t version = catalogue_versions[v % catalogue_version_count];
			uint8_t bytes[SCCP_FRAME_MAX];
			struct writer w = writer_of(bytes, sizeof bytes);
			struct sccp_message m;
			if (!catalogue_fill(catalogue_ids[i], version, &rand, &m))
				break;
			assert_int_equal(sccp_encode(&m, version, &w), 0);
			visit(&m, version, writer_done(&w));
			count++;
		}
	}
	return count;
}

static void reads_back(struct sccp_message *m, uint8_t version, struct slice frame)
{
	struct anomalies anomalies = {0};
	struct sccp_message back;
	struct slice whole;

	/* What was there before must not show through. */
	memset(&back, 0xa5, sizeof back);
	assert_int_equal(frame.len % 4, 0);
	assert_int_equal(sccp_frame_next(frame, &whole), (int)frame.len);
	assert_int_equal(sccp_decode_as(whole, version, &back, &anomalies), 0);
	if (anomalies.count > 0 || !catalogue_same(m, &back)) {
		say_which(m, version);
		fail_msg("read differently, or with anomaly %d of %u", (int)anomalies.item[0].kind,
			 anomalies.count);
	}
}

TEST("what the codec sends it reads back, in every version, whatever is in it")
{
	assert_true(for_all(reads_back, ROUNDS) > 120 * catalogue_version_count * ROUNDS);
}

static void reads_back_by_header(struct sccp_message *m, uint8_t version, struct slice frame)
{
	struct sccp_message back;

	if (m->header_version == 0)
		return;
	assert_int_equal(sccp_decode(frame, &back, NULL), 0);
	if (!catalogue_same(m, &back)) {
		say_which(m, version);
		fail_msg("the header says %u and is not believed", m->header_version);
	}
}

TEST("where nobody knows the version, the header's is taken")
{
	(void)for_all(reads_back_by_header, 2);
}

/* The forms of these cannot be told apart by their length: texts of any length, the same bytes with
 * and without a fifteenth text, four words too many. */
static bool needs_a_version(uint32_t id)
{
	return id == SCCP_CALL_INFO_V2 || id == SCCP_CONNECTION_STATISTICS_RES ||
	       id == SCCP_FORWARD_STAT_RES;
}

static void reads_back_by_length(struct sccp_message *m, uint8_t version, struct slice frame)
{
	struct sccp_message back;
	struct sccp_message plain = *m;
	uint8_t bytes[SCCP_FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);

	if (needs_a_version(m->id))
		return;
	(void)frame;
	plain.header_version = 0;
	assert_int_equal(sccp_encode(&plain, version, &w), 0);
	assert_int_equal(sccp_decode(writer_done(&w), &back, NULL), 0);
	if (!catalogue_same(&plain, &back)) {
		say_which(m, version);
		fail_msg("%zu bytes are taken for something else", w.pos - SCCP_HEADER_SIZE);
	}
}

TEST("where not even the header knows the version, the length tells the layouts apart")
{
	(void)for_all(reads_back_by_length, 2);
}

static struct guard guard;

static void survives_cuts(struct sccp_message *m, uint8_t version, struct slice frame)
{
	struct buf text;

	buf_init(&text, (size_t)64 * 1024);
	for (size_t len = 0; len <= frame.len; len += len < 256 ? 1 : 7) {
		struct anomalies anomalies = {0};
		struct sccp_message back;
		struct slice cut = guard_put(&guard, slice_head(frame, len));
		int error = sccp_decode_as(cut, version, &back, &anomalies);
		assert_int_equal(error, len < SCCP_HEADER_SIZE ? E_BAD_FORMAT : 0);
		if (error != 0)
			continue;
		/* A cut frame never passes for a whole one. */
		assert_true(len == frame.len || anomalies.count > 0);
		buf_clear(&text);
		sccp_format(&text, &back, version, SCCP_FULL);
	}
	buf_done(&text);
	(void)m;
}

TEST("any message of the catalogue cut anywhere is read and shown without a byte beyond its end")
{
	assert_true(guard_init(&guard));
	(void)for_all(survives_cuts, 1);
	guard_done(&guard);
}

TEST("random bytes under any id are read and shown, and no count leaves its array")
{
	struct rand rand = rand_of(7);
	struct buf text;
	static uint8_t bytes[SCCP_FRAME_MAX];

	buf_init(&text, (size_t)256 * 1024);
	assert_true(guard_init(&guard));
	for (size_t i = 0; i < catalogue_count * 40; i++) {
		struct writer w = writer_of(bytes, sizeof bytes);
		size_t len = rand_below(&rand, i % 3 == 0 ? 2600 : 200);
		struct sccp_message m;
		writer_le32(&w, (uint32_t)len + 4);
		writer_le32(&w, i % 2 == 0 ? 0 : (uint32_t)rand_below(&rand, 24));
		writer_le32(&w, catalogue_ids[i % catalogue_count]);
		for (size_t n = 0; n < len; n++)
			writer_u8(&w, (uint8_t)(rand_next(&rand) % 3 == 0 ? rand_next(&rand) : 0));
		uint8_t version = (uint8_t)rand_below(&rand, 23);
		assert_int_equal(
		    sccp_decode_as(guard_put(&guard, writer_done(&w)), version, &m, NULL), 0);
		buf_clear(&text);
		sccp_format(&text, &m, version, SCCP_FULL);
		assert_int_equal(buf_error(&text), 0);
		assert_null(memchr(buf_cstr(&text), '\n', text.len));
		if (m.id == SCCP_CAPABILITIES_RES)
			assert_in_range(m.capabilities.count, 0, SCCP_CAPABILITIES_MAX);
		if (m.id == SCCP_BUTTON_TEMPLATE_RES)
			assert_in_range(m.buttons.count, 0, SCCP_BUTTONS_MAX);
		if (m.id == SCCP_CALL_COUNT_RESP)
			assert_in_range(m.call_counts.count, 0, SCCP_CALL_COUNTS_MAX);
	}
	guard_done(&guard);
	buf_done(&text);
}

static uint8_t stream[512 * 1024];
static size_t stream_len;
static size_t stream_frames;

static void append(struct sccp_message *m, uint8_t version, struct slice frame)
{
	if (version != 11 && version != 22)
		return;
	assert_true(stream_len + frame.len <= sizeof stream);
	memcpy(stream + stream_len, frame.ptr, frame.len);
	stream_len += frame.len;
	stream_frames++;
	(void)m;
}

TEST("any split of a stream of all messages gives the same messages")
{
	struct rand rand = rand_of(11);

	stream_len = stream_frames = 0;
	(void)for_all(append, 1);
	assert_true(stream_frames > 240);
	for (size_t round = 0; round < 8; round++) {
		size_t at = 0;
		size_t have = 0;
		size_t seen = 0;
		while (have < stream_len) {
			size_t more = 1 + rand_below(&rand, round < 4 ? 40 : 3000);
			struct slice frame;
			int used = 0;
			have = have + more < stream_len ? have + more : stream_len;
			while ((used = sccp_frame_next(slice_of(stream + at, have - at), &frame)) >
			       0) {
				struct anomalies anomalies = {0};
				struct sccp_message m;
				assert_int_equal(sccp_decode(frame, &m, &anomalies), 0);
				assert_int_equal(anomalies.count, 0);
				at += (size_t)used;
				seen++;
			}
			assert_int_equal(used, 0);
		}
		assert_int_equal(at, stream_len);
		assert_int_equal(seen, stream_frames);
	}
}

static void fits_exactly(struct sccp_message *m, uint8_t version, struct slice frame)
{
	uint8_t bytes[SCCP_FRAME_MAX];

	for (size_t room = frame.len > 40 ? frame.len - 40 : 0; room <= frame.len; room++) {
		struct writer w = writer_of(bytes, room);
		int error = sccp_encode(m, version, &w);
		assert_int_equal(error, room < frame.len ? E_FULL : 0);
		assert_int_equal(w.pos, room < frame.len ? 0 : frame.len);
		assert_false(w.failed);
	}
}

TEST("an encoder without room leaves nothing half written, whatever it sends")
{
	(void)for_all(fits_exactly, 1);
}

TEST("every id of the catalogue has a body but the one nobody has described")
{
	size_t sent = 0;

	for (size_t i = 0; i < catalogue_count; i++) {
		const struct sccp_form *form = sccp_form_first(catalogue_ids[i]);
		if (catalogue_ids[i] == SCCP_ENUNCIATOR_COMMAND) {
			assert_null(form);
			continue;
		}
		if (form == NULL)
			fail_msg("%s has no body", sccp_id_name(catalogue_ids[i]));
		else
			sent += form->sent;
	}
	assert_int_equal(sent, 135);
}

TEST("an id dialtone does not send goes out as it came, or not at all")
{
	struct sccp_message m = {.id = SCCP_START_ANNOUNCEMENT};
	uint8_t bytes[64];
	static const uint8_t body[] = {1, 2, 3, 4};
	struct writer w = writer_of(bytes, sizeof bytes);

	assert_int_equal(sccp_encode(&m, 22, &w), E_UNSUPPORTED);
	m.raw = slice_of(body, sizeof body);
	assert_int_equal(sccp_encode(&m, 22, &w), 0);
	assert_true(slice_equal(slice_from(writer_done(&w), SCCP_HEADER_SIZE), m.raw));
}
