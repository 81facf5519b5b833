/* Messages as people read them. The two texts under tests/data hold one line for every golden and
 * every captured frame; what is odd about a frame stands behind it. */
#include "golden.h"

#include "proto/sccp/sccp_fields.h"

static void put_frame(struct buf *to, const struct golden *g)
{
	static const char *const kinds[] = {
	    [ANOMALY_SHORT] = "short",         [ANOMALY_LONG] = "long",
	    [ANOMALY_UNKNOWN_ID] = "unknown",  [ANOMALY_COUNT] = "count",
	    [ANOMALY_UNTERMINATED] = "no NUL", [ANOMALY_DUPLICATE] = "twice",
	    [ANOMALY_LENGTH] = "length",       [ANOMALY_VALUE] = "value",
	    [ANOMALY_VERSION] = "version",     [ANOMALY_TEXT] = "text"};
	struct anomalies anomalies = {0};
	struct sccp_message m;

	assert_int_equal(sccp_decode(slice_of(g->bytes, g->len), &m, &anomalies), 0);
	buf_printf(to, "%s %s ", g->id, sccp_id_name(m.id));
	sccp_format(to, &m, 0, SCCP_BRIEF);
	for (uint32_t i = 0; i < anomalies.count && i < ANOMALIES_MAX; i++)
		buf_printf(to, " !%s@%u", kinds[anomalies.item[i].kind], anomalies.item[i].offset);
	buf_char(to, '\n');
}

static void compare(const char *frames, const char *text)
{
	struct slice table = harness_file(frames);
	struct golden g;
	struct buf got;

	buf_init(&got, (size_t)256 * 1024);
	while (golden_next(&table, &g))
		put_frame(&got, &g);
	assert_int_equal(buf_error(&got), 0);
	harness_golden(text, buf_slice(&got));
	buf_done(&got);
}

TEST("every golden frame reads as one line")
{
	compare("sccp-golden.tsv", "sccp-golden.txt");
}

TEST("every frame of the captures reads as one line, with nothing odd but what foreign clients "
     "append")
{
	compare("sccp-captured.tsv", "sccp-captured.txt");
}

static const char *shown(const struct sccp_message *m, uint8_t version, enum sccp_detail detail)
{
	static char line[8192];
	struct buf text;

	buf_init(&text, sizeof line - 1);
	sccp_format(&text, m, version, detail);
	assert_int_equal(buf_error(&text), 0);
	(void)snprintf(line, sizeof line, "%s", buf_cstr(&text));
	buf_done(&text);
	return line;
}

TEST("a message that was not received is shown as it would be sent")
{
	struct sccp_message m = {.id = SCCP_SET_LAMP, .lamp = {9, 1, SCCP_LAMP_MODE_BLINK}};

	assert_string_equal(shown(&m, 11, SCCP_BRIEF), "stimulus=Line instance=1 mode=Blink");
	assert_string_equal(shown(&m, 11, SCCP_FULL), "stimulus=Line(9) instance=1 mode=Blink(5)");
	m = (struct sccp_message){.id = SCCP_KEEP_ALIVE};
	assert_string_equal(shown(&m, 11, SCCP_FULL), "");
}

HARNESS_OOM("a line that finds no memory says so and is not half a truth")
{
	struct sccp_message m = {.id = SCCP_SET_LAMP, .lamp = {9, 1, SCCP_LAMP_MODE_BLINK}};
	struct buf text;

	buf_init(&text, 1024);
	sccp_format(&text, &m, 11, SCCP_FULL);
	int error = buf_error(&text);
	buf_done(&text);
	return error;
}

TEST("a number without a name is shown as a number")
{
	struct sccp_message m = {.id = SCCP_CALL_STATE, .call_state = {.state = 99, .line = 1}};

	assert_string_equal(shown(&m, 11, SCCP_BRIEF), "state=99 line=1 precedence=Highest");
}

TEST("label codes are shown as the words the phone puts there, in both code pages of text")
{
	struct sccp_message m = {.id = SCCP_DISPLAY_PROMPT_STATUS_V2};
	static const struct {
		const char *text, *shown;
	} cases[] = {
	    {"\200\027"
	     "1003",
	     "text=\"From 1003\""},
	    {"\200\040", "text=\"Enter number\""},
	    {"\036\013", "text=\"Max phones exceeded\""},
	    {"Caf\303\251 \342\202\254",
	     "text=\"Caf\303\251 \342\202\254\""},      /* UTF-8 with 0x82 in it */
	    {"\304\200\027", "text=\"\304\200\\x17\""}, /* 0x80 inside a character is no label */
	    {"Caf\351", "text=\"Caf\\xe9\""},
	    {"\200", "text=\"\\x80\""},
	    {"\200\377", "text=\"\\x80\\xff\""},
	    {"say \"hi\"\n", "text=\"say \\x22hi\\x22\\x0a\""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		(void)snprintf(m.prompt.text, sizeof m.prompt.text, "%s", cases[i].text);
		assert_string_equal(shown(&m, 11, SCCP_BRIEF), cases[i].shown);
	}
}

static struct sccp_message read_hex(const char *hex)
{
	struct sccp_message m;

	assert_int_equal(sccp_decode(harness_hex(hex), &m, NULL), 0);
	return m;
}

TEST("an id nobody has catalogued is shown by its bytes")
{
	struct sccp_message m = read_hex("06 00 00 00 00 00 00 00 99 99 00 00 ab cd");

	assert_string_equal(shown(&m, 0, SCCP_BRIEF), "body=abcd");
}

TEST("an IPv6 address is shown as one")
{
	struct sccp_message m = {
	    .id = SCCP_OPEN_RECEIVE_CHANNEL_ACK,
	    .media_ack = {.address = {.type = SCCP_ADDRESS_TYPE_IP6,
				      .bytes = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}},
			  .port = 20480}};

	assert_string_equal(shown(&m, 17, SCCP_BRIEF), "status=OK address=2001:db8::1 port=20480");
	/* Below version 17 there is no room for it. */
	assert_string_equal(shown(&m, 11, SCCP_BRIEF), "status=OK port=20480");
}

TEST("the meaning of a video command follows from its number, and what it leaves open is skipped")
{
	struct sccp_message m =
	    read_hex("28 00 00 00 00 00 00 00 34 01 00 00"
		     "01 00 00 00 02 00 00 00 03 00 00 00 03 00 00 00"
		     "04 00 00 00 05 00 00 00 06 00 00 00 00 00 00 00 00 00 00 00");

	assert_string_equal(
	    shown(&m, 0, SCCP_BRIEF),
	    "conference=1 party=2 call=3 command=FastUpdateMB first-gob=4 first-mb=5 mbs=6");
}

TEST("counts in groups are shown in brackets")
{
	char hex[400] = "58 00 00 00 00 00 00 00 4c 00 00 00";
	size_t at = strlen(hex);
	struct sccp_message m;

	at += (size_t)snprintf(hex + at, sizeof hex - at, "31303031%042d31303939%042d", 0, 0);
	(void)snprintf(hex + at, sizeof hex - at,
		       "01000000 03000000 01000000 %032d 02000000 00000000 %016d 0000", 0, 0);
	m = read_hex(hex);
	assert_string_equal(shown(&m, 0, SCCP_BRIEF),
			    "target=\"1001\" control=\"1099\" waiting=1 voicemail=[3/1] "
			    "priority-voicemail=[0/0] fax=[0/0] priority-fax=[2/0]");
}

TEST("a list that ends in the middle is closed all the same")
{
	struct sccp_message m = golden_message("C20");

	m.raw = slice_head(m.raw, 12 + 20 + 8);
	assert_string_equal(shown(&m, 0, SCCP_BRIEF), "count=18 total=18 keys=[\"Redial\"/1]");
}

TEST("a count that lies shows no more than its list has room for")
{
	uint8_t bytes[SCCP_HEADER_SIZE + 12 + 4 * 60] = {0};
	struct writer w = writer_of(bytes, sizeof bytes);
	struct sccp_fields fields;
	struct sccp_message m;
	struct sccp_value v;
	size_t elements = 1;

	writer_le32(&w, 4 + 12 + 4 * 60);
	writer_le32(&w, 0);
	writer_le32(&w, SCCP_CALL_COUNT_RESP);
	writer_zero(&w, 8);
	writer_le32(&w, 60);
	assert_int_equal(sccp_decode(harness_guarded(slice_of(bytes, sizeof bytes)), &m, NULL), 0);
	sccp_fields_begin(&fields, &m, 22);
	while (sccp_fields_next(&fields, &v))
		elements += v.kind == SCCP_VALUE_ELEMENT;
	assert_int_equal(elements, SCCP_CALL_COUNTS_MAX);
}

TEST("fields can be walked one by one, with their lists opened, parted and closed")
{
	struct sccp_message m = golden_message("C19");
	struct sccp_fields fields;
	struct sccp_value v;
	size_t opened = 0;
	size_t parted = 0;
	size_t closed = 0;
	size_t numbers = 0;

	sccp_fields_begin(&fields, &m, 11);
	while (sccp_fields_next(&fields, &v)) {
		opened += v.kind == SCCP_VALUE_OPEN;
		parted += v.kind == SCCP_VALUE_ELEMENT;
		closed += v.kind == SCCP_VALUE_CLOSE;
		numbers += v.kind == SCCP_VALUE_NUMBER;
	}
	assert_int_equal(opened, 1);
	assert_int_equal(parted, 5);
	assert_int_equal(closed, 1);
	assert_int_equal(numbers, 3 + 6 * 2);
	assert_false(sccp_fields_next(&fields, &v));
}
