/* The CallManager's side by frames, as 7960 and 7961 send them, with a hand-moved clock. */
#include "harness.h"

#include "base/error.h"
#include "base/text.h"
#include "sccp/station.h"

#include <stdio.h>

#define UNIX_S 1709213825 /* 2024-02-29 13:37:05 UTC, a Thursday */

static const struct endpoint peer = {{{10, 77, 0, 51}}, 49152};
static const struct ip4 local = {{10, 77, 0, 1}};

struct bench {
	struct reg *reg;
	struct callmanager *cm;
	station_id id;
	dt_time now;
	uint8_t stream[32768]; /* what came out, undecoded */
	size_t len, at;
	bool closed;
};

static void begin(struct bench *b)
{
	struct device d = {
	    .name = "SEP003094C2D5CA", .type = 7, .dn = "1001", .label = "Reception"};
	struct settings s = settings_default();
	*b = (struct bench){.reg = reg_new()};
	s.server_ip = local;
	reg_load_settings(b->reg, &s);
	assert_int_equal(reg_load_device(b->reg, &d), 0);
	b->cm = callmanager_new(b->reg);
	assert_int_equal(callmanager_accept(b->cm, peer, local, 0, &b->id), 0);
}

static void end(struct bench *b)
{
	callmanager_free(b->cm);
	reg_free(b->reg);
}

static void take_output(struct bench *b)
{
	struct station_output out;
	while (callmanager_next_output(b->cm, &out)) {
		if (out.id != b->id)
			continue;
		assert_true(b->len + out.bytes.len <= sizeof b->stream);
		if (out.bytes.len > 0)
			memcpy(b->stream + b->len, out.bytes.ptr, out.bytes.len);
		b->len += out.bytes.len;
		b->closed |= out.close;
	}
}

static size_t frame_of(const struct sccp_message *m, uint8_t *to, size_t size)
{
	struct writer w = writer_of(to, size);
	assert_int_equal(sccp_encode(m, 11, &w), 0);
	return w.pos;
}

static void say(struct bench *b, const struct sccp_message *m)
{
	uint8_t bytes[SCCP_FRAME_MAX];
	callmanager_input(b->cm, b->id, slice_of(bytes, frame_of(m, bytes, sizeof bytes)), b->now,
			  UNIX_S);
	take_output(b);
}

static void say_id(struct bench *b, uint32_t id)
{
	say(b, &(struct sccp_message){.id = id, .value = 1});
}

/* The next message that came out; id 0xffffffff when there is none. */
static struct sccp_message heard(struct bench *b)
{
	struct sccp_message m = {.id = 0xffffffff};
	struct slice frame;
	int used = sccp_frame_next(slice_of(b->stream + b->at, b->len - b->at), &frame);
	if (used > 0) {
		assert_int_equal(sccp_decode(frame, &m, NULL), 0);
		b->at += (size_t)used;
	}
	return m;
}

static struct sccp_message registration(const char *name, uint32_t type, uint8_t version)
{
	struct sccp_message m = {
	    .id = SCCP_REGISTER,
	    .reg = {.device_type = type, .protocol_version = version, .body_size = 68}};
	(void)text_copy(m.reg.name, sizeof m.reg.name, name);
	return m;
}

static void register_phone(struct bench *b)
{
	struct sccp_message m = registration("SEP003094C2D5CA", 7, 11);
	say(b, &m);
	assert_int_equal(heard(b).id, SCCP_REGISTER_ACK);
	assert_int_equal(heard(b).id, SCCP_CAPABILITIES_REQ);
	say_id(b, SCCP_TIME_DATE_REQ);
	assert_int_equal(heard(b).id, SCCP_DEFINE_TIME_DATE);
}

TEST("a 7960 registers, gets its keys, its line and the time, in the order it asks")
{
	struct bench b;
	struct sccp_message m;
	struct station_info info;
	begin(&b);
	say(&b, &(struct sccp_message){
		    .id = SCCP_ALARM,
		    .alarm = {.text = "25: Name=SEP003094C2D5CA Load=P0 Last=Initialized"}});
	assert_int_equal(heard(&b).id, 0xffffffff);
	m = registration("SEP003094C2D5CA", 7, 11);
	say(&b, &m);
	say_id(&b, SCCP_IP_PORT);
	m = heard(&b);
	assert_int_equal(m.id, SCCP_REGISTER_ACK);
	assert_int_equal(m.header_version, 0);
	assert_int_equal(m.ack.keepalive_s, 30);
	assert_int_equal(m.ack.secondary_keepalive_s, 60);
	assert_int_equal(m.ack.protocol_version, 11);
	assert_string_equal(m.ack.date_template, "D/M/Y");
	assert_int_equal(heard(&b).id, SCCP_CAPABILITIES_REQ);
	assert_int_equal(heard(&b).id, 0xffffffff);
	say(&b, &(struct sccp_message){
		    .id = SCCP_CAPABILITIES_RES,
		    .capabilities = {.count = 1, .item = {{.codec = 4, .ms_per_packet = 40}}}});
	assert_int_equal(heard(&b).id, 0xffffffff);
	say_id(&b, SCCP_BUTTON_TEMPLATE_REQ);
	m = heard(&b);
	assert_int_equal(m.buttons.count, 6);
	assert_int_equal(m.buttons.button[0].definition, 9);
	say_id(&b, SCCP_SOFT_KEY_TEMPLATE_REQ);
	assert_int_equal(heard(&b).soft_keys.count, 21);
	say_id(&b, SCCP_SOFT_KEY_SET_REQ);
	m = heard(&b);
	assert_int_equal(m.soft_key_sets.set[0].index[2], 5);
	assert_int_equal(m.soft_key_sets.set[0].info[2], 305);
	assert_int_equal(heard(&b).id, SCCP_SELECT_SOFT_KEYS);
	assert_int_equal(heard(&b).id, SCCP_DISPLAY_PROMPT_STATUS);
	say_id(&b, SCCP_CONFIG_STAT_REQ);
	assert_string_equal(heard(&b).config.name, "SEP003094C2D5CA");
	say_id(&b, SCCP_LINE_STAT_REQ);
	m = heard(&b);
	assert_string_equal(m.line.number, "1001");
	assert_string_equal(m.line.label, "Reception");
	say(&b, &(struct sccp_message){.id = SCCP_LINE_STAT_REQ, .value = 9});
	assert_string_equal(heard(&b).line.number, "");
	say_id(&b, SCCP_SPEED_DIAL_STAT_REQ);
	assert_int_equal(heard(&b).id, SCCP_SPEED_DIAL_STAT_RES);
	say_id(&b, SCCP_FORWARD_STAT_REQ);
	assert_int_equal(heard(&b).id, SCCP_FORWARD_STAT_RES);
	say_id(&b, SCCP_REGISTER_AVAILABLE_LINES);
	say_id(&b, SCCP_TIME_DATE_REQ);
	m = heard(&b);
	assert_int_equal(m.time.year, 2024);
	assert_int_equal(m.time.month, 2);
	assert_int_equal(m.time.day, 29);
	assert_int_equal(m.time.weekday, 4);
	assert_int_equal(m.time.hour, 13);
	assert_int_equal(m.time.unix_s, UNIX_S);
	assert_true(callmanager_find(b.cm, "sep003094c2d5ca", &info));
	assert_int_equal(info.state, STATION_REGISTERED);
	assert_int_equal(callmanager_registered_count(b.cm), 1);
	end(&b);
}

TEST("phones of different versions and templates get each its own soft keys, whoever asked before")
{
	static const uint8_t versions[] = {11, 22, 11, 17, 22};
	struct bench b;
	union record few;
	begin(&b);
	record_init(RECORD_SOFTKEYS, &few);
	(void)text_copy(few.softkeys.name, sizeof few.softkeys.name, "few");
	(void)text_copy(few.softkeys.set[0], sizeof few.softkeys.set[0], "newcall");
	assert_int_equal(reg_load_record(b.reg, RECORD_SOFTKEYS, &few), 0);
	for (size_t i = 0; i < 2 * sizeof versions; i++) {
		uint8_t version = versions[i % sizeof versions];
		bool own = i >= sizeof versions;
		struct device d = {.name = "SEP003094C2D5CA", .type = 7, .dn = "1001"};
		(void)text_copy(d.softkeys, sizeof d.softkeys, own ? "few" : "");
		assert_int_equal(reg_load_device(b.reg, &d), 0);
		struct sccp_message m = registration("SEP003094C2D5CA", 7, version);
		say(&b, &m);
		(void)heard(&b);
		(void)heard(&b);
		say_id(&b, SCCP_SOFT_KEY_TEMPLATE_REQ);
		m = heard(&b);
		assert_int_equal(m.id, SCCP_SOFT_KEY_TEMPLATE_RES);
		assert_int_equal(m.soft_keys.key[0].event, 1);
		assert_int_equal(m.header_version, version > 11 ? version : 0);
		say_id(&b, SCCP_SOFT_KEY_SET_REQ);
		m = heard(&b);
		assert_int_equal(m.id, SCCP_SOFT_KEY_SET_RES);
		assert_int_equal(m.header_version, version > 11 ? version : 0);
		assert_int_equal(m.soft_key_sets.set[0].info[0], own ? 302 : 301);
		assert_int_equal(m.soft_key_sets.set[4].info[1], own ? 0 : 309);
		while (heard(&b).id != 0xffffffff)
			;
	}
	end(&b);
}

TEST("any split of the phone's stream brings the same bytes")
{
	static const uint32_t ids[] = {SCCP_KEEP_ALIVE,       SCCP_BUTTON_TEMPLATE_REQ,
				       SCCP_SOFT_KEY_SET_REQ, SCCP_LINE_STAT_REQ,
				       SCCP_TIME_DATE_REQ,    SCCP_UNREGISTER};
	uint8_t stream[4096];
	struct sccp_message m = registration("SEP003094C2D5CA", 7, 11);
	size_t len = frame_of(&m, stream, sizeof stream);
	struct bench whole;
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		m = (struct sccp_message){.id = ids[i], .value = 1};
		len += frame_of(&m, stream + len, sizeof stream - len);
	}
	begin(&whole);
	callmanager_input(whole.cm, whole.id, slice_of(stream, len), 0, UNIX_S);
	take_output(&whole);
	for (size_t step = 1; step < 64; step = step * 2 + 1) {
		struct bench b;
		begin(&b);
		for (size_t at = 0; at < len; at += step)
			callmanager_input(b.cm, b.id,
					  slice_head(slice_of(stream + at, len - at), step), 0,
					  UNIX_S);
		take_output(&b);
		assert_true(
		    slice_equal(slice_of(b.stream, b.len), slice_of(whole.stream, whole.len)));
		assert_int_equal(b.closed, whole.closed);
		end(&b);
	}
	end(&whole);
}

TEST("a refused phone hears the reason and the connection ends a second later")
{
	static const struct {
		const char *name;
		uint32_t type;
		const char *text;
	} cases[] = {
	    {"SEP00AABBCCDDEE", 7, "Not in DB, auto-reg off R-05"},
	    {"SEP003094C2D5CB", 7, "Not in DB, MAC mistyped? F-12"},
	    {"SEP003094C2D5CA", 30018, "Wrong model in DB F-11"},
	    {"", 7, "Bad Register message R-17"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bench b;
		struct sccp_message m = registration(cases[i].name, cases[i].type, 11);
		begin(&b);
		say(&b, &m);
		m = heard(&b);
		assert_int_equal(m.id, SCCP_REGISTER_REJECT);
		assert_string_equal(m.reject_text, cases[i].text);
		assert_false(b.closed);
		callmanager_expire(b.cm, callmanager_deadline(b.cm));
		take_output(&b);
		assert_true(b.closed);
		assert_int_equal(callmanager_registered_count(b.cm), 0);
		end(&b);
	}
}

static void autoreg_settings(struct bench *b, uint32_t first, uint32_t last)
{
	struct settings s = *reg_settings(b->reg);
	s.autoreg_on = true;
	s.autoreg_first = first;
	s.autoreg_last = last;
	reg_load_settings(b->reg, &s);
}

static void autoreg_on(struct bench *b)
{
	autoreg_settings(b, 1000, 1999);
}

TEST("an auto-registered phone hears nothing before its record is on disk")
{
	for (int ok = 0; ok < 2; ok++) {
		struct bench b;
		struct change c;
		struct station_event e;
		struct sccp_message m = registration("SEP00AABBCCDDEE", 7, 11);
		begin(&b);
		autoreg_on(&b);
		say(&b, &m);
		assert_int_equal(b.len, 0);
		assert_true(callmanager_next_event(b.cm, &e));
		assert_int_equal(e.kind, STATION_EVENT_MESSAGE_IN);
		assert_false(callmanager_next_event(b.cm, &e));
		/* Repeated while it waits: no second answer later. */
		say(&b, &m);
		assert_true(reg_next_change(b.reg, &c));
		assert_false(reg_next_change(b.reg, &(struct change){0}));
		reg_commit_done(b.reg, c.ticket, ok == 1);
		callmanager_commit_done(b.cm, c.ticket, 0, UNIX_S);
		take_output(&b);
		m = heard(&b);
		assert_int_equal(m.id, ok == 1 ? SCCP_REGISTER_ACK : SCCP_REGISTER_REJECT);
		if (ok == 0)
			assert_string_equal(m.reject_text, "Database error R-08");
		end(&b);
	}
}

TEST("a keepalive is answered on every connection, also on one that never registers")
{
	struct bench b;
	begin(&b);
	for (int i = 0; i < 4; i++) {
		b.now += DT_SECONDS(60);
		callmanager_expire(b.cm, b.now);
		say_id(&b, SCCP_KEEP_ALIVE);
		assert_int_equal(heard(&b).id, SCCP_KEEP_ALIVE_ACK);
	}
	callmanager_expire(b.cm, b.now + DT_SECONDS(179));
	take_output(&b);
	assert_false(b.closed);
	callmanager_expire(b.cm, b.now + DT_SECONDS(181));
	take_output(&b);
	assert_true(b.closed);
	end(&b);
}

TEST("a registered phone that falls silent is gone after two keepalives and five seconds, for "
     "cause 13")
{
	struct bench b;
	struct station_event e;
	begin(&b);
	register_phone(&b);
	callmanager_expire(b.cm, DT_SECONDS(64));
	assert_int_equal(callmanager_registered_count(b.cm), 1);
	callmanager_expire(b.cm, DT_SECONDS(65));
	take_output(&b);
	assert_true(b.closed);
	assert_int_equal(callmanager_registered_count(b.cm), 0);
	bool gone = false;
	while (callmanager_next_event(b.cm, &e)) {
		if (e.kind == STATION_EVENT_GONE) {
			gone = true;
			assert_int_equal(e.code, 13);
			assert_string_equal(e.name, "SEP003094C2D5CA");
		}
	}
	assert_true(gone);
	end(&b);
}

/* A second connection says the same name from another address. */
static station_id contest(struct bench *b, struct ip4 from)
{
	struct sccp_message m = registration("SEP003094C2D5CA", 7, 11);
	uint8_t bytes[SCCP_FRAME_MAX];
	station_id id = 0;
	assert_int_equal(
	    callmanager_accept(b->cm, (struct endpoint){from, 50000}, local, b->now, &id), 0);
	callmanager_input(b->cm, id, slice_of(bytes, frame_of(&m, bytes, sizeof bytes)), b->now,
			  UNIX_S);
	return id;
}

/* What came out for one connection: its first message's id, 0xffffffff when none; is it closed? */
static uint32_t first_heard_by(struct bench *b, station_id id, bool *ret_closed)
{
	struct station_output out;
	struct sccp_message m = {.id = 0xffffffff};
	*ret_closed = false;
	while (callmanager_next_output(b->cm, &out)) {
		struct slice frame;
		if (out.id != id)
			continue;
		*ret_closed |= out.close;
		if (m.id == 0xffffffff && sccp_frame_next(out.bytes, &frame) > 0)
			assert_int_equal(sccp_decode(frame, &m, NULL), 0);
	}
	return m.id;
}

static const struct ip4 elsewhere = {{10, 77, 0, 99}};

TEST("a copied name: the phone that is there is asked, answers, and the newcomer is refused")
{
	struct bench b;
	bool closed = false;
	struct station_info info;
	struct station_event e;
	bool told = false;
	begin(&b);
	register_phone(&b);
	b.now = DT_SECONDS(10);
	station_id newer = contest(&b, elsewhere);
	take_output(&b);
	assert_int_equal(heard(&b).id, SCCP_CAPABILITIES_REQ);
	assert_false(b.closed);
	b.now += DT_SECONDS(2);
	uint8_t bytes[SCCP_FRAME_MAX];
	struct sccp_message m = {.id = SCCP_CAPABILITIES_RES, .capabilities = {.count = 1}};
	callmanager_input(b.cm, b.id, slice_of(bytes, frame_of(&m, bytes, sizeof bytes)), b.now,
			  UNIX_S);
	assert_int_equal(first_heard_by(&b, newer, &closed), SCCP_REGISTER_REJECT);
	while (callmanager_next_event(b.cm, &e)) {
		if (e.kind != STATION_EVENT_REFUSED)
			continue;
		told = true;
		assert_int_equal(e.decision.reason, REASON_NAME_IN_USE);
		assert_true(ip4_equal(e.rival.ip, peer.ip));
	}
	assert_true(told);
	assert_true(callmanager_find(b.cm, "SEP003094C2D5CA", &info));
	assert_true(info.id == b.id && info.state == STATION_REGISTERED);
	end(&b);
}

TEST("a phone that moved: its old connection says nothing for three seconds and loses the name")
{
	struct bench b;
	bool closed = false;
	struct station_info info;
	begin(&b);
	register_phone(&b);
	b.now = DT_SECONDS(10);
	station_id newer = contest(&b, elsewhere);
	callmanager_expire(b.cm, b.now + DT_MS(2999));
	assert_int_equal(first_heard_by(&b, newer, &closed), 0xffffffff);
	callmanager_expire(b.cm, b.now + DT_SECONDS(3));
	assert_int_equal(first_heard_by(&b, newer, &closed), SCCP_REGISTER_ACK);
	assert_true(callmanager_find(b.cm, "SEP003094C2D5CA", &info));
	assert_true(info.id == newer);
	end(&b);
}

TEST("an old connection that ends while it is asked, or is overdue, loses the name at once")
{
	for (int overdue = 0; overdue < 2; overdue++) {
		struct bench b;
		bool closed = false;
		begin(&b);
		register_phone(&b);
		b.now = overdue == 1 ? DT_SECONDS(40) : DT_SECONDS(10);
		station_id newer = contest(&b, elsewhere);
		if (overdue == 0)
			callmanager_closed(b.cm, b.id, b.now);
		assert_int_equal(first_heard_by(&b, newer, &closed), SCCP_REGISTER_ACK);
		end(&b);
	}
}

TEST("a third connection under the name contests in place of the second")
{
	struct bench b;
	bool closed = false;
	struct station_info info;
	begin(&b);
	register_phone(&b);
	b.now = DT_SECONDS(10);
	station_id second = contest(&b, elsewhere);
	station_id third = contest(&b, (struct ip4){{10, 77, 0, 98}});
	(void)first_heard_by(&b, second, &closed);
	assert_true(closed);
	callmanager_closed(b.cm, second, b.now);
	callmanager_expire(b.cm, b.now + DT_SECONDS(3));
	assert_int_equal(first_heard_by(&b, third, &closed), SCCP_REGISTER_ACK);
	assert_true(callmanager_find(b.cm, "SEP003094C2D5CA", &info));
	assert_true(info.id == third);
	end(&b);
}

TEST("a token is granted, and refused with a wait while thousands are just registering")
{
	struct bench b;
	struct sccp_message token = {.id = SCCP_REGISTER_TOKEN_REQ};
	uint8_t bytes[SCCP_FRAME_MAX];
	begin(&b);
	autoreg_settings(&b, 100000, 149999);
	say(&b, &token);
	assert_int_equal(heard(&b).id, SCCP_REGISTER_TOKEN_ACK);
	for (uint32_t i = 0; i < 3000; i++) {
		char name[DEVICE_NAME_SIZE];
		station_id id = 0;
		(void)snprintf(name, sizeof name, "SEP%012X", i + 1);
		struct sccp_message m = registration(name, 7, 11);
		assert_int_equal(callmanager_accept(b.cm, peer, local, 0, &id), 0);
		callmanager_input(b.cm, id, slice_of(bytes, frame_of(&m, bytes, sizeof bytes)), 0,
				  UNIX_S);
	}
	say(&b, &token);
	struct sccp_message m = heard(&b);
	assert_int_equal(m.id, SCCP_REGISTER_TOKEN_REJECT);
	assert_in_range(m.value, 10, 60);
	end(&b);
}

TEST("when slots run short the connection goes that has been a stranger longest, never a phone")
{
	struct bench b;
	struct station_info info;
	static station_id ids[CALLMANAGER_STATIONS_MAX + 10];
	size_t next = 0; /* the oldest that is still there */
	begin(&b);
	register_phone(&b);
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		struct station_output out;
		assert_int_equal(callmanager_accept(b.cm, peer, local, 0, &ids[i]), 0);
		while (callmanager_next_output(b.cm, &out)) {
			assert_true(out.close);
			assert_true(out.id == ids[next]);
			callmanager_closed(b.cm, ids[next++], 0);
		}
	}
	assert_true(next >= 10);
	assert_true(callmanager_find(b.cm, "SEP003094C2D5CA", &info));
	assert_int_equal(info.state, STATION_REGISTERED);
	end(&b);
}

TEST("the clock is set again every hour, in the time of the phone's pool")
{
	struct bench b;
	union record pool;
	begin(&b);
	record_init(RECORD_POOL, &pool);
	(void)text_copy(pool.pool.name, sizeof pool.pool.name, REG_POOL_DEFAULT);
	(void)text_copy(pool.pool.time_zone, sizeof pool.pool.time_zone,
			"W. Europe Standard/Daylight Time");
	pool.pool.utc_offset_min = 60;
	assert_int_equal(reg_load_record(b.reg, RECORD_POOL, &pool), 0);
	register_phone(&b);
	for (int minute = 1; minute < 60; minute++) {
		b.now = DT_SECONDS(60 * minute);
		say_id(&b, SCCP_KEEP_ALIVE);
		assert_int_equal(heard(&b).id, SCCP_KEEP_ALIVE_ACK);
		callmanager_expire(b.cm, b.now);
		take_output(&b);
		assert_int_equal(heard(&b).id, 0xffffffff);
	}
	callmanager_expire(b.cm, DT_SECONDS(3600));
	take_output(&b);
	struct sccp_message m = heard(&b);
	assert_int_equal(m.id, SCCP_DEFINE_TIME_DATE);
	assert_int_equal(m.time.hour, 14);
	end(&b);
}

TEST("the newest connection of a name is the phone, the old one is closed without a Reset")
{
	struct bench b;
	station_id old;
	struct station_output out;
	struct sccp_message m = registration("SEP003094C2D5CA", 7, 11);
	uint8_t bytes[SCCP_FRAME_MAX];
	bool old_closed = false;
	begin(&b);
	register_phone(&b);
	old = b.id;
	assert_int_equal(
	    callmanager_accept(b.cm, (struct endpoint){peer.ip, 50000}, local, 0, &b.id), 0);
	callmanager_input(b.cm, b.id, slice_of(bytes, frame_of(&m, bytes, sizeof bytes)), 0,
			  UNIX_S);
	while (callmanager_next_output(b.cm, &out)) {
		if (out.id == old) {
			assert_int_equal(out.bytes.len, 0);
			old_closed = out.close;
		}
	}
	assert_true(old_closed);
	callmanager_closed(b.cm, old, 0);
	/* A late byte for the old number reaches nobody. */
	callmanager_input(b.cm, old, slice_of(bytes, 12), 0, UNIX_S);
	struct station_info info;
	assert_true(callmanager_find(b.cm, "SEP003094C2D5CA", &info));
	assert_true(info.id == b.id);
	end(&b);
}

TEST("versions: 22, 17 or 11 for who offers as much, its own number from 4 on, 3 for the rest")
{
	static const uint8_t offered[][2] = {{25, 22}, {22, 22}, {20, 17}, {17, 17},
					     {16, 11}, {11, 11}, {8, 8},   {4, 4},
					     {2, 3},   {0, 3},   {33, 3}};
	for (size_t i = 0; i < sizeof offered / sizeof *offered; i++) {
		struct bench b;
		struct sccp_message m = registration("SEP003094C2D5CA", 7, offered[i][0]);
		begin(&b);
		say(&b, &m);
		m = heard(&b);
		assert_int_equal(m.header_version, 0);
		assert_int_equal(m.ack.protocol_version, offered[i][1]);
		/* What is not part of the registration itself bears the version from 15 on. */
		assert_int_equal(heard(&b).header_version, offered[i][1] >= 15 ? offered[i][1] : 0);
		end(&b);
	}
}

TEST("the cap of a phone's record, or of its model's defaults, holds its version down")
{
	struct bench b;
	struct device d = {.name = "SEP003094C2D5CA", .type = 7, .protocol_max = 11};
	union record defaults;
	begin(&b);
	record_init(RECORD_DEFAULTS, &defaults);
	(void)text_copy(defaults.defaults.model, sizeof defaults.defaults.model, "7960");
	defaults.defaults.protocol_max = 18;
	assert_int_equal(reg_load_record(b.reg, RECORD_DEFAULTS, &defaults), 0);
	struct sccp_message m = registration("SEP003094C2D5CA", 7, 22);
	say(&b, &m);
	assert_int_equal(heard(&b).ack.protocol_version, 17);
	assert_int_equal(heard(&b).id, SCCP_CAPABILITIES_REQ);
	say_id(&b, SCCP_LINE_STAT_REQ);
	assert_int_equal(heard(&b).id, SCCP_LINE_STAT_V2_RES);
	assert_int_equal(reg_load_device(b.reg, &d), 0);
	say(&b, &m);
	assert_int_equal(heard(&b).ack.protocol_version, 11);
	end(&b);
}

TEST("a stream that is no SCCP is told as broken and closed; unknown ids are ignored")
{
	struct bench b;
	struct station_event e;
	bool told = false;
	begin(&b);
	register_phone(&b);
	callmanager_input(b.cm, b.id, harness_hex("04 00 00 00 00 00 00 00 99 99 00 00"), 0,
			  UNIX_S);
	take_output(&b);
	assert_false(b.closed);
	callmanager_input(b.cm, b.id, slice_text("GET / HTTP/1.0\r\n\r\n"), 0, UNIX_S);
	take_output(&b);
	assert_true(b.closed);
	while (callmanager_next_event(b.cm, &e))
		told |= e.kind == STATION_EVENT_BROKEN;
	assert_true(told);
	end(&b);
}

TEST("an orderly leave is acknowledged, a reset reaches only who is registered")
{
	struct bench b;
	begin(&b);
	assert_int_equal(callmanager_reset(b.cm, "SEP003094C2D5CA", 1, 0), E_UNKNOWN);
	register_phone(&b);
	assert_int_equal(callmanager_reset(b.cm, "SEP003094C2D5CA", 2, 0), 0);
	take_output(&b);
	struct sccp_message m = heard(&b);
	assert_int_equal(m.id, SCCP_RESET);
	assert_int_equal(m.value, 2);
	say_id(&b, SCCP_UNREGISTER);
	assert_int_equal(heard(&b).id, SCCP_UNREGISTER_ACK);
	assert_true(b.closed);
	end(&b);
}

TEST("faults on purpose: mute says nothing, keepalive-silent registers and then leaves keepalives "
     "open")
{
	struct bench b;
	struct sccp_message m = registration("SEP003094C2D5CA", 7, 11);
	begin(&b);
	struct mischief *mute = mischief_new();
	struct mischief *silent = mischief_new();
	assert_int_equal(mischief_add(mute, "callmanager-mute"), 0);
	assert_int_equal(mischief_add(silent, "keepalive-silent@SEP003094C2D5CA"), 0);
	callmanager_set_mischief(b.cm, mute);
	say(&b, &m);
	assert_int_equal(b.len, 0);
	callmanager_set_mischief(b.cm, silent);
	register_phone(&b);
	say_id(&b, SCCP_KEEP_ALIVE);
	assert_int_equal(heard(&b).id, 0xffffffff);
	end(&b);
	mischief_free(mute);
	mischief_free(silent);
}

TEST("a thousand connections come and go and their numbers are never confused")
{
	static station_id ids[1000];
	struct reg *r = reg_new();
	struct callmanager *cm = callmanager_new(r);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 1000; i++) {
			assert_int_equal(callmanager_accept(cm, peer, local, 0, &ids[i]), 0);
			for (size_t k = 0; k < i; k += 97)
				assert_true(ids[k] != ids[i]);
		}
		for (size_t i = 0; i < 1000; i++)
			callmanager_closed(cm, ids[i], 0);
	}
	callmanager_free(cm);
	reg_free(r);
}

HARNESS_OOM("the CallManager survives any allocation failing")
{
	struct reg *r = reg_new();
	struct callmanager *cm = r != NULL ? callmanager_new(r) : NULL;
	struct station_output out;
	struct station_event e;
	station_id id = 0;
	uint8_t bytes[SCCP_FRAME_MAX];
	struct sccp_message m = registration("SEP003094C2D5CA", 7, 11);
	int error = cm == NULL ? E_NO_MEMORY : callmanager_accept(cm, peer, local, 0, &id);
	if (error == 0) {
		callmanager_input(cm, id, slice_of(bytes, frame_of(&m, bytes, sizeof bytes)), 0,
				  UNIX_S);
		while (callmanager_next_output(cm, &out) || callmanager_next_event(cm, &e))
			;
		callmanager_closed(cm, id, 0);
	}
	callmanager_free(cm);
	reg_free(r);
	return error;
}

/* Registers and asks in one segment, waiting for nothing. */
static size_t one_breath(uint8_t *stream, size_t size, const char *name)
{
	static const uint32_t ids[] = {SCCP_IP_PORT, SCCP_KEEP_ALIVE, SCCP_BUTTON_TEMPLATE_REQ,
				       SCCP_LINE_STAT_REQ, SCCP_TIME_DATE_REQ};
	struct sccp_message m = registration(name, 7, 11);
	size_t len = frame_of(&m, stream, size);

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		m = (struct sccp_message){.id = ids[i], .value = 1};
		len += frame_of(&m, stream + len, size - len);
	}
	return len;
}

TEST("a phone that asks for everything in one breath with its Register is answered once its record "
     "is on disk")
{
	uint8_t stream[1024];
	struct bench b;
	struct change change;
	begin(&b);
	autoreg_on(&b);
	size_t len = one_breath(stream, sizeof stream, "SEP00AABBCCDDEE");
	callmanager_input(b.cm, b.id, slice_of(stream, len), 0, UNIX_S);
	take_output(&b);
	assert_int_equal(heard(&b).id, SCCP_KEEP_ALIVE_ACK);
	assert_int_equal(heard(&b).id, 0xffffffff);
	assert_true(reg_next_change(b.reg, &change));
	reg_commit_done(b.reg, change.ticket, true);
	callmanager_commit_done(b.cm, change.ticket, 1, UNIX_S);
	take_output(&b);
	assert_int_equal(heard(&b).id, SCCP_REGISTER_ACK);
	assert_int_equal(heard(&b).id, SCCP_CAPABILITIES_REQ);
	assert_int_equal(heard(&b).id, SCCP_BUTTON_TEMPLATE_RES);
	assert_int_equal(heard(&b).id, SCCP_LINE_STAT_RES);
	assert_int_equal(heard(&b).id, SCCP_DEFINE_TIME_DATE);
	assert_int_equal(heard(&b).id, 0xffffffff);
	assert_int_equal(callmanager_registered_count(b.cm), 1);
	end(&b);
}

TEST("one that goes on and on before our word is kept to four kilobytes and comes up all the same")
{
	uint8_t stream[1024];
	struct bench b;
	struct change change;
	begin(&b);
	autoreg_on(&b);
	size_t len = one_breath(stream, sizeof stream, "SEP00AABBCCDDEE");
	callmanager_input(b.cm, b.id, slice_of(stream, len), 0, UNIX_S);
	for (int i = 0; i < 50; i++)
		say(&b, &(struct sccp_message){.id = SCCP_XML_ALARM, .xml_alarm = "<x/>"});
	assert_true(reg_next_change(b.reg, &change));
	reg_commit_done(b.reg, change.ticket, true);
	callmanager_commit_done(b.cm, change.ticket, 1, UNIX_S);
	take_output(&b);
	assert_int_equal(callmanager_registered_count(b.cm), 1);
	end(&b);
}

TEST(
    "a phone that never asks for the clock is registered five seconds after its last question, and "
    "told the time")
{
	struct bench b;
	struct station_info info;
	struct sccp_message m = registration("SEP003094C2D5CA", 7, 3);
	begin(&b);
	say(&b, &m);
	b.now = DT_SECONDS(3);
	say_id(&b, SCCP_CAPABILITIES_RES);
	b.now = DT_SECONDS(6);
	say_id(&b, SCCP_BUTTON_TEMPLATE_REQ);
	callmanager_expire(b.cm, DT_SECONDS(10));
	assert_true(callmanager_find(b.cm, "SEP003094C2D5CA", &info));
	assert_int_equal(info.state, STATION_REGISTERING);
	callmanager_expire(b.cm, DT_SECONDS(11));
	take_output(&b);
	assert_true(callmanager_find(b.cm, "SEP003094C2D5CA", &info));
	assert_int_equal(info.state, STATION_REGISTERED);
	while ((m = heard(&b)).id != SCCP_DEFINE_TIME_DATE)
		assert_int_not_equal(m.id, 0xffffffff);
	assert_int_equal(m.time.unix_s, UNIX_S + 5);
	end(&b);
}

TEST("a phone that says no more than Register is not taken for registered")
{
	struct bench b;
	struct station_info info;
	struct sccp_message m = registration("SEP003094C2D5CA", 7, 3);
	begin(&b);
	say(&b, &m);
	say_id(&b, SCCP_IP_PORT);
	callmanager_expire(b.cm, DT_SECONDS(30));
	assert_true(callmanager_find(b.cm, "SEP003094C2D5CA", &info));
	assert_int_equal(info.state, STATION_REGISTERING);
	end(&b);
}

TEST("a key pressed shows that the phone is up, whatever it has not asked for")
{
	struct bench b;
	struct station_info info;
	struct sccp_message m = registration("SEP003094C2D5CA", 7, 3);
	begin(&b);
	say(&b, &m);
	say_id(&b, SCCP_OFF_HOOK);
	assert_true(callmanager_find(b.cm, "SEP003094C2D5CA", &info));
	assert_int_equal(info.state, STATION_REGISTERED);
	end(&b);
}

TEST("who watches a number and who asks how many calls a line takes gets an answer")
{
	struct bench b;
	struct sccp_message m;
	begin(&b);
	register_phone(&b);
	say(&b, &(struct sccp_message){
		    .id = SCCP_SUBSCRIPTION_STAT_REQ,
		    .subscription = {.transaction = 77, .feature = 1, .text = "1002"}});
	m = heard(&b);
	assert_int_equal(m.id, SCCP_SUBSCRIPTION_STAT_RES);
	assert_int_equal(m.subscription.transaction, 77);
	assert_int_equal(m.subscription.cause, 1);
	say_id(&b, SCCP_CALL_COUNT_REQ);
	m = heard(&b);
	assert_int_equal(m.id, SCCP_CALL_COUNT_RESP);
	assert_int_equal(m.call_counts.count, 1);
	assert_int_equal(m.call_counts.item[0].max_calls, 4);
	end(&b);
}

TEST("a phone without UTF-8 gets its label in ISO-8859-1, and ? for what that cannot say")
{
	static const struct {
		uint16_t features;
		const char *label;
	} cases[] = {{0x8560, "B\xfcro \xdf ? ?"}, {0x8572, "Büro ß Ω 😀"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bench b;
		struct device d = {
		    .name = "SEP003094C2D5CA", .type = 7, .dn = "1001", .label = "Büro ß Ω 😀"};
		struct sccp_message m = registration("SEP003094C2D5CA", 7, 11);
		begin(&b);
		assert_int_equal(reg_load_device(b.reg, &d), 0);
		m.reg.features = cases[i].features;
		say(&b, &m);
		(void)heard(&b);
		(void)heard(&b);
		say_id(&b, SCCP_LINE_STAT_REQ);
		assert_string_equal(heard(&b).line.label, cases[i].label);
		end(&b);
	}
}
