/* From off hook to the reorder tone, by frames, with a hand-moved clock. */
#include "harness.h"

#include "base/error.h"
#include "base/text.h"
#include "sccp/station.h"

#define UNIX_S 1709213825

static const struct endpoint peer = {{{10, 77, 0, 51}}, 49152};
static const struct ip4 local = {{10, 77, 0, 1}};

struct bench {
	struct reg *reg;
	struct callmanager *cm;
	station_id id;
	dt_time now;
	uint8_t version;
	uint8_t stream[16384];
	size_t len, at;
};

static void take_output(struct bench *b)
{
	struct station_output out;
	while (callmanager_next_output(b->cm, &out)) {
		assert_true(b->len + out.bytes.len <= sizeof b->stream);
		if (out.bytes.len > 0)
			memcpy(b->stream + b->len, out.bytes.ptr, out.bytes.len);
		b->len += out.bytes.len;
	}
}

static void say(struct bench *b, struct sccp_message m)
{
	uint8_t bytes[SCCP_FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);
	assert_int_equal(sccp_encode(&m, b->version, &w), 0);
	callmanager_input(b->cm, b->id, writer_done(&w), b->now, UNIX_S);
	take_output(b);
}

/* The next message that came out; id 0xffffffff when there is none. */
static struct sccp_message heard(struct bench *b)
{
	struct sccp_message m = {.id = 0xffffffff};
	struct slice frame;
	int used = sccp_frame_next(slice_of(b->stream + b->at, b->len - b->at), &frame);
	if (used > 0) {
		assert_int_equal(sccp_decode_as(frame, b->version, &m, NULL), 0);
		b->at += (size_t)used;
	}
	return m;
}

/* Reads up to the first message with this id; fails when it does not come. */
static struct sccp_message heard_until(struct bench *b, uint32_t id)
{
	for (;;) {
		struct sccp_message m = heard(b);
		assert_int_not_equal(m.id, 0xffffffff);
		if (m.id == id)
			return m;
	}
}

static void silence(struct bench *b)
{
	assert_int_equal(heard(b).id, 0xffffffff);
}

static void begin(struct bench *b, uint32_t type, uint8_t version)
{
	struct device d = {
	    .name = "SEP003094C2D5CA", .dn = "1001", .speed_dials = "1002=Anna,999=Nobody"};
	struct device other = {.name = "SEP003094C2D5CB", .type = 7, .dn = "1002"};
	struct sccp_message m = {
	    .id = SCCP_REGISTER,
	    .reg = {.device_type = type, .protocol_version = version, .body_size = 68}};
	*b = (struct bench){.reg = reg_new(), .version = version};
	d.type = type;
	assert_int_equal(reg_load_device(b->reg, &d), 0);
	assert_int_equal(reg_load_device(b->reg, &other), 0);
	b->cm = callmanager_new(b->reg);
	assert_int_equal(callmanager_accept(b->cm, peer, local, 0, &b->id), 0);
	(void)text_copy(m.reg.name, sizeof m.reg.name, d.name);
	say(b, m);
	say(b, (struct sccp_message){.id = SCCP_TIME_DATE_REQ});
	(void)heard_until(b, SCCP_DEFINE_TIME_DATE);
	silence(b);
}

static void end(struct bench *b)
{
	callmanager_free(b->cm);
	reg_free(b->reg);
}

static void key(struct bench *b, uint32_t number)
{
	say(b, (struct sccp_message){.id = SCCP_KEYPAD_BUTTON, .keypad = {.key = number}});
}

static void off_hook(struct bench *b)
{
	say(b, (struct sccp_message){.id = SCCP_OFF_HOOK});
}

static void on_hook(struct bench *b)
{
	say(b, (struct sccp_message){.id = SCCP_ON_HOOK});
}

/* Reorder tone with these words. */
static void expect_reorder(struct bench *b, const char *words)
{
	struct sccp_message m = heard_until(b, SCCP_CALL_STATE);
	assert_int_equal(m.call_state.state, 7);
	m = heard_until(b, b->version >= 17 ? SCCP_DISPLAY_PROMPT_STATUS_V2
					    : SCCP_DISPLAY_PROMPT_STATUS);
	assert_string_equal(m.prompt.text, words);
	assert_int_equal(heard_until(b, SCCP_START_TONE).tone.tone, 0x25);
	silence(b);
}

TEST("off hook gives the lamp, the state, the keys, the words and dial tone, in this order")
{
	static const uint32_t order[] = {SCCP_SET_LAMP, SCCP_CALL_STATE, SCCP_SELECT_SOFT_KEYS,
					 SCCP_DISPLAY_PROMPT_STATUS, SCCP_ACTIVATE_CALL_PLANE};
	struct bench b;
	begin(&b, 7, 11);
	off_hook(&b);
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		assert_int_equal(heard(&b).id, order[i]);
	struct sccp_message m = heard(&b);
	assert_int_equal(m.id, SCCP_START_TONE);
	assert_int_equal(m.tone.tone, 0x21);
	assert_int_equal(m.tone.line, 1);
	assert_true(m.tone.call != 0);
	silence(&b);
	/* Lifted already: nothing begins anew. */
	off_hook(&b);
	silence(&b);
	end(&b);
}

TEST(
    "the first digit ends dial tone, and a number no phone bears gets reorder tone as soon as that "
    "is sure")
{
	struct bench b;
	begin(&b, 7, 11);
	off_hook(&b);
	(void)heard_until(&b, SCCP_START_TONE);
	key(&b, 1);
	assert_int_equal(heard(&b).id, SCCP_STOP_TONE);
	struct sccp_message m = heard(&b);
	assert_int_equal(m.id, SCCP_SELECT_SOFT_KEYS);
	assert_int_equal(m.select.set, 6);
	key(&b, 0);
	silence(&b);
	key(&b, 7);
	m = heard_until(&b, SCCP_DIALED_NUMBER);
	assert_string_equal(m.dialed.number, "107");
	expect_reorder(&b, "\200\070");
	/* What is typed after that goes nowhere. */
	key(&b, 1);
	silence(&b);
	on_hook(&b);
	assert_int_equal(heard_until(&b, SCCP_CALL_STATE).call_state.state, 2);
	assert_int_equal(heard_until(&b, SCCP_DEFINE_TIME_DATE).id, SCCP_DEFINE_TIME_DATE);
	silence(&b);
	end(&b);
}

TEST("a number that is there is collected to its last digit and said to fail for now")
{
	struct bench b;
	begin(&b, 7, 11);
	off_hook(&b);
	(void)heard_until(&b, SCCP_START_TONE);
	key(&b, 1);
	key(&b, 0);
	key(&b, 0);
	(void)heard_until(&b, SCCP_SELECT_SOFT_KEYS);
	silence(&b);
	key(&b, 2);
	assert_string_equal(heard_until(&b, SCCP_DIALED_NUMBER).dialed.number, "1002");
	expect_reorder(&b, "\200\043");
	end(&b);
}

TEST("nobody dials for fifteen seconds, or goes on for ten: reorder tone")
{
	for (int digits = 0; digits < 2; digits++) {
		struct bench b;
		begin(&b, 7, 11);
		off_hook(&b);
		(void)heard_until(&b, SCCP_START_TONE);
		if (digits == 1) {
			b.now = DT_SECONDS(5);
			key(&b, 1);
			(void)heard_until(&b, SCCP_SELECT_SOFT_KEYS);
		}
		callmanager_expire(b.cm, DT_SECONDS(15) - 1);
		take_output(&b);
		silence(&b);
		callmanager_expire(b.cm, DT_SECONDS(15));
		take_output(&b);
		expect_reorder(&b, "\200\070");
		end(&b);
	}
}

TEST("backspace takes a digit back, and # ends the number")
{
	struct bench b;
	begin(&b, 7, 11);
	off_hook(&b);
	(void)heard_until(&b, SCCP_START_TONE);
	key(&b, 1);
	key(&b, 0);
	(void)heard_until(&b, SCCP_SELECT_SOFT_KEYS);
	say(&b, (struct sccp_message){.id = SCCP_SOFT_KEY_EVENT, .soft_key = {.event = 8}});
	assert_int_equal(heard(&b).id, SCCP_BACK_SPACE_RES);
	key(&b, 15);
	assert_string_equal(heard_until(&b, SCCP_DIALED_NUMBER).dialed.number, "1");
	expect_reorder(&b, "\200\070");
	end(&b);
}

TEST("a speed dial and a number sent whole are dialled without dial tone")
{
	struct bench b;
	begin(&b, 7, 11);
	say(&b,
	    (struct sccp_message){.id = SCCP_STIMULUS, .stimulus = {.stimulus = 2, .instance = 2}});
	assert_string_equal(heard_until(&b, SCCP_DIALED_NUMBER).dialed.number, "999");
	expect_reorder(&b, "\200\070");
	on_hook(&b);
	(void)heard_until(&b, SCCP_DEFINE_TIME_DATE);
	say(&b, (struct sccp_message){.id = SCCP_ENBLOC_CALL, .enbloc = {.number = "1002"}});
	assert_string_equal(heard_until(&b, SCCP_DIALED_NUMBER).dialed.number, "1002");
	expect_reorder(&b, "\200\043");
	end(&b);
}

TEST("a button phone hears the same without soft keys")
{
	struct bench b;
	begin(&b, 5, 3);
	off_hook(&b);
	for (struct sccp_message m = heard(&b); m.id != 0xffffffff; m = heard(&b))
		assert_int_not_equal(m.id, SCCP_SELECT_SOFT_KEYS);
	end(&b);
}

TEST("from version 17 on the words go out in their long form")
{
	struct bench b;
	begin(&b, 404, 22);
	off_hook(&b);
	assert_string_equal(heard_until(&b, SCCP_DISPLAY_PROMPT_STATUS_V2).prompt.text, "\200\040");
	(void)heard_until(&b, SCCP_START_TONE);
	key(&b, 9);
	(void)heard_until(&b, SCCP_DIALED_NUMBER);
	expect_reorder(&b, "\200\070");
	end(&b);
}

TEST("a phone that leaves off hook leaves nothing behind, and on hook while idle says nothing")
{
	struct bench b;
	begin(&b, 7, 11);
	on_hook(&b);
	silence(&b);
	off_hook(&b);
	callmanager_closed(b.cm, b.id, 0);
	assert_true(callmanager_deadline(b.cm) > DT_SECONDS(1));
	callmanager_expire(b.cm, DT_SECONDS(60));
	end(&b);
}
