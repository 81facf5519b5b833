/* Phones that nobody here wrote, from the 12SP+ to the last loads: each says what its kind says, in
 * its order and its forms (reference: sccp 4.1, 9.1 to 9.3, 11), and must come up, with everything
 * answered that its kind waits for: message by message, in one segment, and byte by byte; with a
 * record, and taken in by auto-registration whose commit comes after all of it. */
#include "harness.h"

#include "base/error.h"
#include "base/text.h"
#include "sccp/station.h"

#define UNIX_S   1709213825
#define SAYS_MAX 20

static const struct endpoint peer = {{{10, 77, 0, 51}}, 49152};
static const struct ip4 local = {{10, 77, 0, 1}};

struct generation {
	const char *who, *name;
	uint32_t type;
	uint8_t offers, speaks; /* version; 0: none told */
	uint32_t register_size;
	uint32_t says[SAYS_MAX]; /* REGISTER among them; a KeepAlive, whose id is 0, only first */
	bool clockless;          /* never asks for the time */
};

static const struct generation generations[] = {
    {"a 12SP+ that told its port before our word and asks all in one breath",
     "SEP001111110001",
     2,
     0,
     3,
     44,
     {SCCP_REGISTER, SCCP_IP_PORT, SCCP_CAPABILITIES_RES, SCCP_BUTTON_TEMPLATE_REQ,
      SCCP_CONFIG_STAT_REQ, SCCP_LINE_STAT_REQ, SCCP_FORWARD_STAT_REQ, SCCP_TIME_DATE_REQ},
     false},
    {"a 30VIP without ConfigStat, ForwardStat and clock",
     "SEP001111110002",
     5,
     0,
     3,
     64,
     {SCCP_REGISTER, SCCP_IP_PORT, SCCP_CAPABILITIES_RES, SCCP_BUTTON_TEMPLATE_REQ,
      SCCP_LINE_STAT_REQ},
     true},
    {"a VG248 port that says next to nothing",
     "VGC001111110003",
     43,
     0,
     3,
     40,
     {SCCP_REGISTER, SCCP_CAPABILITIES_RES},
     true},
    {"a 7910 that asks which load it should run",
     "SEP001111110004",
     6,
     2,
     3,
     68,
     {SCCP_ALARM, SCCP_REGISTER, SCCP_IP_PORT, SCCP_VERSION_REQ, SCCP_CAPABILITIES_RES,
      SCCP_BUTTON_TEMPLATE_REQ, SCCP_LINE_STAT_REQ, SCCP_TIME_DATE_REQ},
     false},
    {"a 7936 with a short Register and a real version",
     "SEP001111110005",
     9,
     4,
     4,
     44,
     {SCCP_REGISTER, SCCP_IP_PORT, SCCP_CAPABILITIES_RES, SCCP_CONFIG_STAT_REQ,
      SCCP_BUTTON_TEMPLATE_REQ, SCCP_TIME_DATE_REQ},
     false},
    {"a 7912, its alarm after its Register",
     "SEP001111110006",
     30007,
     8,
     8,
     68,
     {SCCP_REGISTER, SCCP_ALARM, SCCP_IP_PORT, SCCP_CAPABILITIES_RES, SCCP_BUTTON_TEMPLATE_REQ,
      SCCP_SOFT_KEY_TEMPLATE_REQ, SCCP_LINE_STAT_REQ, SCCP_TIME_DATE_REQ},
     false},
    {"a 7985 that keeps alive before it registers",
     "SEP001111110007",
     302,
     5,
     5,
     64,
     {SCCP_KEEP_ALIVE, SCCP_REGISTER, SCCP_CAPABILITIES_RES, SCCP_TIME_DATE_REQ},
     false},
    {"a 7960 of the last load",
     "SEP001111110008",
     7,
     11,
     11,
     68,
     {SCCP_ALARM, SCCP_REGISTER, SCCP_IP_PORT, SCCP_CAPABILITIES_RES, SCCP_HEADSET_STATUS,
      SCCP_BUTTON_TEMPLATE_REQ, SCCP_SOFT_KEY_TEMPLATE_REQ, SCCP_SOFT_KEY_SET_REQ,
      SCCP_CONFIG_STAT_REQ, SCCP_LINE_STAT_REQ, SCCP_SPEED_DIAL_STAT_REQ, SCCP_SERVICE_URL_STAT_REQ,
      SCCP_FEATURE_STAT_REQ, SCCP_FORWARD_STAT_REQ, SCCP_REGISTER_AVAILABLE_LINES,
      SCCP_TIME_DATE_REQ},
     false},
    {"a 6961 of an early load",
     "SEP001111110009",
     497,
     15,
     11,
     68,
     {SCCP_ALARM, SCCP_REGISTER, SCCP_UPDATE_CAPABILITIES, SCCP_BUTTON_TEMPLATE_REQ,
      SCCP_LINE_STAT_REQ, SCCP_TIME_DATE_REQ},
     false},
    {"a 7941 of load 8.5",
     "SEP00111111000A",
     115,
     17,
     17,
     124,
     {SCCP_ALARM, SCCP_REGISTER, SCCP_IP_PORT, SCCP_CAPABILITIES_RES, SCCP_BUTTON_TEMPLATE_REQ,
      SCCP_SOFT_KEY_TEMPLATE_REQ, SCCP_SOFT_KEY_SET_REQ, SCCP_LINE_STAT_REQ,
      SCCP_SERVICE_URL_STAT_REQ, SCCP_FORWARD_STAT_REQ, SCCP_REGISTER_AVAILABLE_LINES,
      SCCP_TIME_DATE_REQ},
     false},
    {"a 7962 of load 9.4: a token first, and questions that only new phones have",
     "SEP00111111000B",
     404,
     22,
     22,
     172,
     {SCCP_XML_ALARM, SCCP_REGISTER_TOKEN_REQ, SCCP_REGISTER, SCCP_IP_PORT,
      SCCP_UPDATE_CAPABILITIES_V3, SCCP_BUTTON_TEMPLATE_REQ, SCCP_SOFT_KEY_TEMPLATE_REQ,
      SCCP_SOFT_KEY_SET_REQ, SCCP_LINE_STAT_REQ, SCCP_FEATURE_STAT_REQ, SCCP_FORWARD_STAT_REQ,
      SCCP_ADD_ON_DEVICE_CAPABILITIES, SCCP_REGISTER_AVAILABLE_LINES, SCCP_TIME_DATE_REQ,
      SCCP_CALL_COUNT_REQ, SCCP_SUBSCRIPTION_STAT_REQ},
     false},
    {"an ATA 186, whose version is none",
     "ATA00111111000C",
     12,
     33,
     3,
     68,
     {SCCP_REGISTER, SCCP_CAPABILITIES_RES, SCCP_BUTTON_TEMPLATE_REQ, SCCP_LINE_STAT_REQ,
      SCCP_TIME_DATE_REQ},
     false},
    {"an SPA, whose token is its own and whose last word is how many lines it has",
     "SEP00111111000D",
     80003,
     8,
     8,
     68,
     {SCCP_SPCP_REGISTER_TOKEN_REQ, SCCP_REGISTER, SCCP_REGISTER_AVAILABLE_LINES,
      SCCP_BUTTON_TEMPLATE_REQ, SCCP_LINE_STAT_REQ},
     true},
    {"an IP Communicator called as its user likes",
     "ANNAS-LAPTOP",
     30016,
     20,
     17,
     124,
     {SCCP_REGISTER, SCCP_IP_PORT, SCCP_CAPABILITIES_RES, SCCP_BUTTON_TEMPLATE_REQ,
      SCCP_SOFT_KEY_TEMPLATE_REQ, SCCP_SOFT_KEY_SET_REQ, SCCP_TIME_DATE_REQ},
     false},
};
#define GENERATIONS (sizeof generations / sizeof *generations)

/* What its kind waits for (reference: sccp 10.1); 0: nothing. */
static uint32_t answer_to(uint32_t id, uint8_t version)
{
	switch (id) {
	case SCCP_KEEP_ALIVE:
		return SCCP_KEEP_ALIVE_ACK;
	case SCCP_REGISTER_TOKEN_REQ:
		return SCCP_REGISTER_TOKEN_ACK;
	case SCCP_SPCP_REGISTER_TOKEN_REQ:
		return SCCP_SPCP_REGISTER_TOKEN_ACK;
	case SCCP_REGISTER:
		return SCCP_REGISTER_ACK;
	case SCCP_VERSION_REQ:
		return SCCP_VERSION_RES;
	case SCCP_BUTTON_TEMPLATE_REQ:
		return SCCP_BUTTON_TEMPLATE_RES;
	case SCCP_SOFT_KEY_TEMPLATE_REQ:
		return SCCP_SOFT_KEY_TEMPLATE_RES;
	case SCCP_SOFT_KEY_SET_REQ:
		return SCCP_SOFT_KEY_SET_RES;
	case SCCP_CONFIG_STAT_REQ:
		return SCCP_CONFIG_STAT_RES;
	case SCCP_LINE_STAT_REQ:
		return version >= 17 ? SCCP_LINE_STAT_V2_RES : SCCP_LINE_STAT_RES;
	case SCCP_SPEED_DIAL_STAT_REQ:
		return SCCP_SPEED_DIAL_STAT_RES;
	case SCCP_FORWARD_STAT_REQ:
		return SCCP_FORWARD_STAT_RES;
	case SCCP_FEATURE_STAT_REQ:
		return SCCP_FEATURE_STAT_RES;
	case SCCP_SERVICE_URL_STAT_REQ:
		return version >= 7 ? SCCP_SERVICE_URL_STAT_V2_RES : SCCP_SERVICE_URL_STAT_RES;
	case SCCP_TIME_DATE_REQ:
		return SCCP_DEFINE_TIME_DATE;
	case SCCP_CALL_COUNT_REQ:
		return SCCP_CALL_COUNT_RESP;
	case SCCP_SUBSCRIPTION_STAT_REQ:
		return SCCP_SUBSCRIPTION_STAT_RES;
	default:
		return 0;
	}
}

static size_t speech(const struct generation *g, size_t *ret_ends, uint8_t *to, size_t size)
{
	size_t len = 0;
	bool registers = false;

	for (size_t i = 0; i < SAYS_MAX; i++) {
		struct sccp_message m = {.id = g->says[i], .value = 1};
		struct writer w = writer_of(to + len, size - len);
		ret_ends[i] = len;
		if (i > 0 && g->says[i] == 0)
			continue;
		if (m.id == SCCP_REGISTER) {
			m.reg = (struct sccp_register){.device_type = g->type,
						       .protocol_version = g->offers,
						       .features = 0x8572,
						       .body_size = g->register_size};
			(void)text_copy(m.reg.name, sizeof m.reg.name, g->name);
			registers = true;
		} else if (m.id == SCCP_REGISTER_TOKEN_REQ ||
			   m.id == SCCP_SPCP_REGISTER_TOKEN_REQ) {
			m.token = (struct sccp_token_req){.device_type = g->type};
			(void)text_copy(m.token.name, sizeof m.token.name, g->name);
		} else if (registers && g->speaks > 11) {
			m.header_version = g->speaks;
		}
		assert_int_equal(sccp_encode(&m, g->speaks, &w), 0);
		len += w.pos;
		ret_ends[i] = len;
	}
	return len;
}

struct ear {
	uint8_t bytes[65536];
	size_t len;
	bool closed;
};

static void listen_to(struct callmanager *cm, struct ear *ear)
{
	struct station_output out;

	while (callmanager_next_output(cm, &out)) {
		assert_true(ear->len + out.bytes.len <= sizeof ear->bytes);
		if (out.bytes.len > 0)
			memcpy(ear->bytes + ear->len, out.bytes.ptr, out.bytes.len);
		ear->len += out.bytes.len;
		ear->closed |= out.close;
	}
}

static unsigned count_of(const struct ear *ear, uint32_t id)
{
	struct slice left = slice_of(ear->bytes, ear->len);
	struct slice frame;
	unsigned count = 0;

	for (int used; (used = sccp_frame_next(left, &frame)) > 0;) {
		struct sccp_message m;
		left = slice_from(left, (size_t)used);
		assert_int_equal(sccp_decode(frame, &m, NULL), 0);
		count += m.id == id;
	}
	assert_int_equal(left.len, 0);
	return count;
}

static struct reg *site(const struct generation *g, bool known)
{
	struct reg *reg = reg_new();
	struct settings s = settings_default();
	struct device d = {.type = g->type, .dn = "1001"};

	s.server_ip = local;
	s.autoreg_on = true;
	s.autoreg_first = 2000;
	s.autoreg_last = 2009;
	reg_load_settings(reg, &s);
	(void)text_copy(d.name, sizeof d.name, g->name);
	if (known)
		assert_int_equal(reg_load_device(reg, &d), 0);
	return reg;
}

static void check_answers(const struct generation *g, const struct ear *ear)
{
	assert_false(ear->closed);
	assert_int_equal(count_of(ear, SCCP_REGISTER_REJECT), 0);
	assert_int_equal(count_of(ear, SCCP_CAPABILITIES_REQ), 1);
	for (size_t i = 0; i < SAYS_MAX; i++) {
		uint32_t answer = i > 0 && g->says[i] == 0 ? 0 : answer_to(g->says[i], g->speaks);
		if (answer != 0 && count_of(ear, answer) != 1)
			fail_msg("%s: %u answers 0x%04x to 0x%04x", g->who, count_of(ear, answer),
				 answer, g->says[i]);
	}
}

/* step: bytes a segment; 0: a message a segment. */
static void comes_up(const struct generation *g, size_t step, bool known)
{
	static struct ear ear;
	static uint8_t said[8192];
	size_t ends[SAYS_MAX];
	size_t len = speech(g, ends, said, sizeof said);
	struct reg *reg = site(g, known);
	struct callmanager *cm = callmanager_new(reg);
	struct station_info info;
	struct change change;
	station_id id = 0;
	size_t at = 0;

	ear = (struct ear){0};
	assert_int_equal(callmanager_accept(cm, peer, local, 0, &id), 0);
	for (size_t i = 0; at < len; i++) {
		size_t to = step != 0 ? at + step : ends[i];
		to = to < len ? to : len;
		callmanager_input(cm, id, slice_of(said + at, to - at), 0, UNIX_S);
		at = to;
	}
	while (reg_next_change(reg, &change)) {
		reg_commit_done(reg, change.ticket, true);
		callmanager_commit_done(cm, change.ticket, 1, UNIX_S);
	}
	listen_to(cm, &ear);
	check_answers(g, &ear);
	if (g->clockless)
		callmanager_expire(cm, DT_SECONDS(6));
	assert_true(callmanager_find(cm, g->name, &info));
	assert_int_equal(info.state, STATION_REGISTERED);
	assert_int_equal(info.protocol_version, g->speaks);
	callmanager_free(cm);
	reg_free(reg);
}

TEST("phones of every generation come up, whatever order and form their kind speaks in")
{
	for (size_t i = 0; i < GENERATIONS; i++)
		comes_up(&generations[i], 0, true);
}

TEST("so they do when all they say comes in one segment, in odd pieces and byte by byte")
{
	static const size_t steps[] = {1, 7, 100, 8192};
	for (size_t i = 0; i < GENERATIONS; i++) {
		for (size_t k = 0; k < sizeof steps / sizeof *steps; k++)
			comes_up(&generations[i], steps[k], true);
	}
}

TEST("so they do when they are taken in by auto-registration and have said all before its commit")
{
	for (size_t i = 0; i < GENERATIONS; i++) {
		comes_up(&generations[i], 0, false);
		comes_up(&generations[i], 8192, false);
	}
}
