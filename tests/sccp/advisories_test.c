/* What brought other call managers down, tried on ours: one sentence an advisory. After each a
 * phone that is registered must still be answered. Frames are made by hand: an encoder would not
 * lie. */
#include "harness.h"

#include "base/rand.h"
#include "sccp/station.h"

#include <stdio.h>
#include <sys/mman.h>

#define UNIX_S 1709213825
#define NAME   "SEP003094C2D5CA"

static const struct endpoint phone_at = {{{10, 77, 0, 51}}, 49152};
static const struct endpoint stranger_at = {{{10, 77, 0, 66}}, 6666};
static const struct ip4 local = {{10, 77, 0, 1}};

/* A phone that is registered, and a stranger beside it. */
struct site {
	struct reg *reg;
	struct callmanager *cm;
	station_id phone, stranger;
	dt_time now;
	size_t phone_bytes, stranger_bytes; /* said to them since the last look */
	bool stranger_ended;
};

static void pump(struct site *s)
{
	struct station_output out;
	struct station_event event;

	while (callmanager_next_output(s->cm, &out)) {
		if (out.id == s->phone)
			s->phone_bytes += out.bytes.len;
		if (out.id == s->stranger)
			s->stranger_bytes += out.bytes.len;
		if (!out.close)
			continue;
		s->stranger_ended |= out.id == s->stranger;
		callmanager_closed(s->cm, out.id, s->now);
	}
	while (callmanager_next_event(s->cm, &event))
		;
}

static size_t put32(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
	return 4;
}

/* The bytes before an unreadable page: one that is read too far is a crash, with or without
 * sanitizers. One page for all, because some tests say a hundred thousand things. */
static struct slice guarded(const void *bytes, size_t len)
{
	enum { ROOM = 8192 };
	static uint8_t *page;

	if (page == NULL) {
		page = mmap(NULL, ROOM + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
		assert_true(page != MAP_FAILED && mprotect(page + ROOM, 4096, PROT_NONE) == 0);
	}
	if (len > 0)
		memcpy(page + ROOM - len, bytes, len);
	return slice_of(page + ROOM - len, len);
}

/* A frame whose head says `length`, of an id and so many bytes of body. */
static void say_raw(struct site *s, station_id who, uint32_t length, uint32_t id, const void *body,
		    size_t size)
{
	uint8_t bytes[SCCP_FRAME_MAX + 64];

	assert_true(size + 12 <= sizeof bytes);
	put32(bytes, length);
	put32(bytes + 4, 0);
	put32(bytes + 8, id);
	if (size > 0)
		memcpy(bytes + 12, body, size);
	callmanager_input(s->cm, who, guarded(bytes, 12 + size), s->now, UNIX_S);
	pump(s);
}

static void say(struct site *s, station_id who, uint32_t id, const void *body, size_t size)
{
	say_raw(s, who, (uint32_t)size + 4, id, body, size);
}

static void say_value(struct site *s, station_id who, uint32_t id, uint32_t value)
{
	uint8_t body[12] = {0};
	put32(body, value);
	say(s, who, id, body, sizeof body);
}

static void enrol(struct site *s, station_id who, const char *name, size_t name_len, uint32_t type)
{
	uint8_t body[68] = {0};
	memcpy(body, name, name_len);
	put32(body + 28, type);
	body[40] = 11;
	say(s, who, SCCP_REGISTER, body, sizeof body);
}

static void come(struct site *s)
{
	s->stranger_ended = false;
	s->stranger_bytes = 0;
	assert_int_equal(callmanager_accept(s->cm, stranger_at, local, s->now, &s->stranger), 0);
	pump(s);
}

static void begin(struct site *s)
{
	struct device d = {.name = NAME, .type = 7, .dn = "1001", .label = "Reception"};
	struct settings settings = settings_default();
	*s = (struct site){.reg = reg_new()};
	settings.server_ip = local;
	reg_load_settings(s->reg, &settings);
	assert_int_equal(reg_load_device(s->reg, &d), 0);
	s->cm = callmanager_new(s->reg);
	assert_int_equal(callmanager_accept(s->cm, phone_at, local, 0, &s->phone), 0);
	enrol(s, s->phone, NAME, sizeof NAME - 1, 7);
	say_value(s, s->phone, SCCP_TIME_DATE_REQ, 0);
	assert_int_equal(callmanager_registered_count(s->cm), 1);
	come(s);
}

static void phone_is_served(struct site *s)
{
	s->phone_bytes = 0;
	say(s, s->phone, SCCP_KEEP_ALIVE, NULL, 0);
	assert_int_equal(s->phone_bytes, 12);
	assert_int_equal(callmanager_registered_count(s->cm), 1);
}

static void end(struct site *s)
{
	phone_is_served(s);
	callmanager_free(s->cm);
	reg_free(s->reg);
}

TEST("CVE-2006-5444, CVE-2007-3764: a length that is negative, or less than the id it must hold, "
     "ends the "
     "connection and nothing else")
{
	static const uint32_t lengths[] = {0,          1,          2,          3,
					   0x80000000, 0x80000004, 0xfffffffe, 0xffffffff};
	uint8_t body[1900] = {0};
	struct site s;
	begin(&s);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		come(&s);
		say_raw(&s, s.stranger, lengths[i], SCCP_KEEP_ALIVE, body,
			i % 2 == 0 ? 0 : sizeof body);
		assert_true(s.stranger_ended);
	}
	end(&s);
}

TEST("a length near 2^32 does not wrap around when the header's eight bytes are added (mod_skinny)")
{
	struct site s;
	begin(&s);
	for (uint32_t length = 0xfffffff0; length != 0; length++) {
		come(&s);
		say_raw(&s, s.stranger, length, SCCP_REGISTER, NULL, 0);
		assert_true(s.stranger_ended);
	}
	end(&s);
}

TEST("CVE-2007-4280, CVE-2010-0587: CapabilitiesRes that counts more than fits, or more than it "
     "brings")
{
	static const uint32_t counts[] = {18, 19, 64, 1000, 0x10000001, 0x7fffffff, 0xffffffff};
	struct site s;
	begin(&s);
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		for (size_t items = 0; items <= 24; items += 6) {
			uint8_t body[4 + 16 * 24];
			memset(body, 4, sizeof body);
			put32(body, counts[i]);
			say(&s, s.phone, SCCP_CAPABILITIES_RES, body, 4 + 16 * items);
			phone_is_served(&s);
		}
	}
	end(&s);
}

TEST("AST-2009-005: numbers of any width in an alarm's text are text")
{
	char text[80 + 8];
	struct site s;
	begin(&s);
	memset(text, '9', sizeof text);
	say(&s, s.stranger, SCCP_ALARM, text, sizeof text);
	say(&s, s.phone, SCCP_ALARM, text, sizeof text);
	end(&s);
}

TEST("CVE-2011-1507, CVE-2009-2052, -2053, -2054: who says nothing neither fills the table nor "
     "stays")
{
	enum { CAPACITY = 300 };
	struct site s;
	begin(&s);
	callmanager_set_capacity(s.cm, CAPACITY);
	for (unsigned i = 0; i < 5000; i++) {
		s.now += DT_MS(1);
		come(&s);
	}
	/* One who says its name at once finds room in the crowd. */
	phone_is_served(&s);
	come(&s);
	say(&s, s.stranger, SCCP_KEEP_ALIVE, NULL, 0);
	assert_int_equal(s.stranger_bytes, 12);
	/* And the silent ones are sent away by the clock; the phone goes on keeping itself alive.
	 */
	for (unsigned i = 0; i < 10; i++) {
		s.now += DT_SECONDS(20);
		phone_is_served(&s);
		callmanager_expire(s.cm, s.now);
		pump(&s);
	}
	size_t at = 0;
	size_t left = 0;
	struct station_info info;
	while (callmanager_next_station(s.cm, &at, &info))
		left++;
	assert_int_equal(left, 1);
	end(&s);
}

TEST("CVE-2012-2415: ten thousand digits of a phone that is off hook")
{
	struct site s;
	begin(&s);
	say_value(&s, s.phone, SCCP_OFF_HOOK, 1);
	for (unsigned i = 0; i < 10000; i++) {
		say_value(&s, s.phone, SCCP_KEYPAD_BUTTON, i % 20);
		callmanager_expire(s.cm, s.now += DT_MS(10));
		pump(&s);
	}
	end(&s);
}

TEST("CVE-2012-2948, CVE-2012-3553: off hook and gone; a key of the connection that is no more")
{
	struct site s;
	begin(&s);
	for (unsigned i = 0; i < 3; i++) {
		station_id gone = s.phone;
		say_value(&s, s.phone, SCCP_OFF_HOOK, 1);
		say_value(&s, s.phone, SCCP_KEYPAD_BUTTON, 1);
		callmanager_closed(s.cm, s.phone, s.now);
		pump(&s);
		say_value(&s, gone, SCCP_KEYPAD_BUTTON, 2);
		say_value(&s, gone, SCCP_ON_HOOK, 0);
		callmanager_expire(s.cm, s.now += DT_SECONDS(60));
		pump(&s);
		/* Its slot has a new tenant, which the old number must not reach. */
		assert_int_equal(callmanager_accept(s.cm, phone_at, local, s.now, &s.phone), 0);
		assert_true(s.phone != gone);
		enrol(&s, s.phone, NAME, sizeof NAME - 1, 7);
		say_value(&s, s.phone, SCCP_TIME_DATE_REQ, 0);
		s.phone_bytes = 0;
		say(&s, gone, SCCP_KEEP_ALIVE, NULL, 0);
		assert_int_equal(s.phone_bytes, 0);
	}
	end(&s);
}

TEST("CVE-2017-9358: a packet cut short by the end of the connection is the end of it")
{
	static const uint8_t whole[12] = {4};
	struct site s;
	begin(&s);
	for (size_t len = 0; len < sizeof whole; len++) {
		come(&s);
		callmanager_input(s.cm, s.stranger, slice_of(whole, len), s.now, UNIX_S);
		pump(&s);
		assert_false(s.stranger_ended);
		callmanager_closed(s.cm, s.stranger, s.now);
		pump(&s);
		assert_int_equal(s.stranger_bytes, 0);
	}
	end(&s);
}

TEST("CVE-2017-17090: a hundred thousand connections come and go and leave nothing behind")
{
	struct site s;
	begin(&s);
	callmanager_set_capacity(s.cm, 100);
	callmanager_closed(s.cm, s.stranger, s.now);
	for (unsigned i = 0; i < 100000; i++) {
		come(&s);
		callmanager_closed(s.cm, s.stranger, s.now);
		pump(&s);
	}
	end(&s);
}

TEST("cisco-sa-20060118-ccmdos: a flood of messages from nobody's phone is cut off, a phone's is "
     "answered")
{
	struct site s;
	unsigned sent = 0;
	begin(&s);
	for (; sent < 1000 && !s.stranger_ended; sent++)
		say(&s, s.stranger, SCCP_KEEP_ALIVE, NULL, 0);
	assert_in_range(sent, 60, 70);
	s.phone_bytes = 0;
	for (unsigned i = 0; i < 1000; i++)
		say(&s, s.phone, SCCP_KEEP_ALIVE, NULL, 0);
	assert_int_equal(s.phone_bytes, 12000);
	/* A standby that keeps alive for a week is no flood. */
	come(&s);
	for (unsigned i = 0; i < 20160; i++) {
		s.now += DT_SECONDS(30);
		say(&s, s.stranger, SCCP_KEEP_ALIVE, NULL, 0);
		phone_is_served(&s);
		callmanager_expire(s.cm, s.now);
		pump(&s);
	}
	assert_false(s.stranger_ended);
	end(&s);
}

TEST("CVE-2007-1833: a port scan: connections that end at once, a TLS hello, an HTTP request")
{
	static const char *const greetings[] = {
	    "", "\x16\x03\x01\x02\x01", "GET / HTTP/1.0\r\n\r\n", "SSH-2.0-x\r\n", "\r\n\r\n"};
	struct site s;
	begin(&s);
	for (size_t i = 0; i < sizeof greetings / sizeof *greetings; i++) {
		come(&s);
		callmanager_input(s.cm, s.stranger, guarded(greetings[i], strlen(greetings[i])),
				  s.now, UNIX_S);
		pump(&s);
		assert_int_equal(s.stranger_bytes, 0);
		if (!s.stranger_ended)
			callmanager_closed(s.cm, s.stranger, s.now);
	}
	end(&s);
}

TEST("CVE-2008-3810, CVE-2010-0584: messages in pieces of one byte, and many in one piece, are the "
     "same "
     "messages")
{
	uint8_t many[12 * 30];
	struct site s;
	begin(&s);
	for (size_t at = 0; at < sizeof many; at += 12) {
		put32(many + at, 4);
		put32(many + at + 4, 0);
		put32(many + at + 8, SCCP_KEEP_ALIVE);
	}
	for (size_t i = 0; i < sizeof many; i++) {
		callmanager_input(s.cm, s.stranger, guarded(many + i, 1), s.now, UNIX_S);
		pump(&s);
	}
	assert_int_equal(s.stranger_bytes, sizeof many);
	callmanager_input(s.cm, s.stranger, guarded(many, sizeof many), s.now, UNIX_S);
	pump(&s);
	assert_int_equal(s.stranger_bytes, 2 * sizeof many);
	end(&s);
}

TEST("CVE-2010-0588: a line that is none is asked for, with a body that is cut")
{
	static const uint32_t ids[] = {SCCP_LINE_STAT_REQ, SCCP_SPEED_DIAL_STAT_REQ,
				       SCCP_FORWARD_STAT_REQ};
	static const uint32_t lines[] = {0, 2, 43, 255, 256, 0x7fffffff, 0x80000000, 0xffffffff};
	uint8_t body[4];
	struct site s;
	begin(&s);
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
			put32(body, lines[k]);
			for (size_t len = 0; len <= sizeof body; len++)
				say(&s, s.phone, ids[i], body, len);
			phone_is_served(&s);
		}
	}
	end(&s);
}

/* The head tells the truth about the frame; everything in the body lies. */
static void lie_about_everything(struct site *s, station_id who, uint32_t id, uint8_t fill)
{
	static const size_t sizes[] = {0, 1, 3, 4, 7, 16, 63, 128, 500, SCCP_LENGTH_MAX - 4};
	uint8_t body[SCCP_LENGTH_MAX];

	memset(body, fill, sizeof body);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		say(s, who, id, body, sizes[i]);
}

TEST("CVE-2010-0585, -0586: every message id with bodies of every length and lying counts, "
     "registered or "
     "not")
{
	static const uint8_t fills[] = {0x00, 0x01, 0x20, 0x7f, 0x80, 0xff};
	struct site s;
	begin(&s);
	for (uint32_t id = 0; id <= 0x200; id++) {
		if (id == SCCP_REGISTER || id == SCCP_UNREGISTER)
			continue; /* below, and in station_test: they rightly end the registration
				   */
		for (size_t i = 0; i < sizeof fills; i++)
			lie_about_everything(&s, s.phone, id, fills[i]);
		come(&s);
		lie_about_everything(&s, s.stranger, id, 0xff);
		if (!s.stranger_ended)
			callmanager_closed(s.cm, s.stranger, s.now);
		phone_is_served(&s);
	}
	end(&s);
}

TEST("CVE-2010-4687: one call ended twice at the same moment")
{
	struct site s;
	begin(&s);
	for (unsigned i = 0; i < 50; i++) {
		say_value(&s, s.phone, SCCP_OFF_HOOK, 1);
		say_value(&s, s.phone, SCCP_SOFT_KEY_EVENT, 9);
		say_value(&s, s.phone, SCCP_ON_HOOK, 0);
		say_value(&s, s.phone, SCCP_SOFT_KEY_EVENT, 9);
		say_value(&s, s.phone, SCCP_ON_HOOK, 0);
	}
	end(&s);
}

TEST("CVE-2011-4486: a crafted registration: no end of the name, types and versions that are none, "
     "every "
     "length")
{
	uint8_t body[300];
	struct site s;
	begin(&s);
	for (unsigned fill = 0; fill < 256; fill += 5) {
		memset(body, (int)fill, sizeof body);
		for (size_t len = 0; len <= sizeof body; len += 13) {
			come(&s);
			say(&s, s.stranger, SCCP_REGISTER, body, len);
			if (!s.stranger_ended)
				callmanager_closed(s.cm, s.stranger, s.now);
			pump(&s);
		}
	}
	end(&s);
}

TEST("CVE-2011-4487: a name that is SQL, or a shell's, is a name that is not known")
{
	static const char *const names[] = {"SEP'; DROP --", "'OR'1'='1",   "SEP$(reboot)", "`id`",
					    "../../x",       "SEP%n%n%n%s", "<script>x"};
	struct settings settings;
	struct change change;
	struct site s;
	begin(&s);
	settings = *reg_settings(s.reg);
	settings.autoreg_on = true;
	settings.autoreg_first = 2000;
	settings.autoreg_last = 2999;
	reg_load_settings(s.reg, &settings);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		come(&s);
		enrol(&s, s.stranger, names[i], strlen(names[i]), 7);
		/* Nothing of it goes to the database, not even with auto-registration. */
		assert_false(reg_next_change(s.reg, &change));
		callmanager_closed(s.cm, s.stranger, s.now);
		pump(&s);
	}
	end(&s);
}

TEST("chan-sccp's token script: a token with any name is granted or refused, and runs nothing")
{
	uint8_t body[40] = {0};
	struct site s;
	begin(&s);
	(void)snprintf((char *)body, 16, "SEP;reboot;");
	say(&s, s.stranger, SCCP_REGISTER_TOKEN_REQ, body, sizeof body);
	assert_int_equal(s.stranger_bytes, 12);
	end(&s);
}

TEST("ten thousand frames of random bytes, with true heads and without, leave the phone its dial "
     "tone")
{
	struct rand rand = rand_of(20060118);
	uint8_t body[256];
	struct site s;
	begin(&s);
	for (unsigned i = 0; i < 10000; i++) {
		size_t len = (size_t)rand_below(&rand, sizeof body);
		for (size_t k = 0; k < len; k++)
			body[k] = (uint8_t)rand_below(&rand, 256);
		if (s.stranger_ended || i % 50 == 0) {
			if (!s.stranger_ended)
				callmanager_closed(s.cm, s.stranger, s.now);
			come(&s);
		}
		uint32_t id = (uint32_t)rand_below(&rand, 0x160);
		say_raw(&s, s.stranger,
			i % 3 == 0 ? (uint32_t)rand_below(&rand, 5000) : (uint32_t)len + 4,
			id == SCCP_REGISTER ? SCCP_ALARM : id, body, len);
	}
	s.phone_bytes = 0;
	say_value(&s, s.phone, SCCP_OFF_HOOK, 1);
	assert_true(s.phone_bytes > 12);
	end(&s);
}
