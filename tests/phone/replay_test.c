/* The phone against servers nobody here wrote, out of captures: each question gets what that server
 * answered to its own client, in its own bytes, and what it never answered stays unanswered. */
#include "harness.h"
#include "phone/lab.h"

#include "proto/frame/frame.h"
#include "proto/pcap/pcap.h"

#define SCCP_PORT  2000
#define FRAMES_MAX 128

/* What one server said on one connection. */
struct script {
	struct buf stream;
	struct {
		uint32_t id;
		struct slice frame;
		bool said;
	} frame[FRAMES_MAX];
	size_t count;
};

static void take_packet(struct script *s, uint16_t *client, const struct pcap_record *record)
{
	struct frame_ip ip;
	struct frame_tcp tcp;

	if (frame_decode(record->link, record->frame, &ip) != 0 || ip.protocol != FRAME_TCP ||
	    frame_decode_tcp(ip.payload, &tcp) != 0 || tcp.from != SCCP_PORT ||
	    tcp.payload.len == 0)
		return;
	if (*client == 0)
		*client = tcp.to;
	if (*client == tcp.to)
		buf_append(&s->stream, tcp.payload);
}

static void read_script(struct script *s, const char *capture)
{
	char name[128];
	struct pcap_reader reader = pcap_reader_of();
	struct pcap_record record;
	uint16_t client = 0;
	size_t used = 0;

	(void)snprintf(name, sizeof name, "captures/%s", capture);
	struct slice left = harness_file(name);
	*s = (struct script){.count = 0};
	buf_init(&s->stream, left.len);
	for (enum pcap_step step = PCAP_STEP_SKIP;
	     step == PCAP_STEP_SKIP || step == PCAP_STEP_RECORD; left = slice_from(left, used)) {
		step = pcap_read(&reader, left, &used, &record);
		if (step == PCAP_STEP_RECORD)
			take_packet(s, &client, &record);
	}
	struct slice bytes = buf_slice(&s->stream);
	struct slice frame;
	struct sccp_message m;
	for (int n = 0; s->count < FRAMES_MAX && (n = sccp_frame_next(bytes, &frame)) > 0;
	     bytes = slice_from(bytes, (size_t)n)) {
		assert_int_equal(sccp_decode(frame, &m, NULL), 0);
		s->frame[s->count].id = m.id;
		s->frame[s->count++].frame = frame;
	}
	assert_true(s->count > 0);
}

static void say(struct lab *lab, struct script *s, size_t i)
{
	s->frame[i].said = true;
	phone_tcp_input(lab->phone, lab->connection, s->frame[i].frame, lab->now);
}

/* From its beginning to CapabilitiesReq, whatever the server put between. */
static void say_welcome(struct lab *lab, struct script *s)
{
	for (size_t i = 0; i < s->count; i++) {
		say(lab, s, i);
		if (s->frame[i].id == SCCP_CAPABILITIES_REQ)
			return;
	}
}

static void answer(struct lab *lab, struct script *s, uint32_t id)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->frame[i].id == id && !s->frame[i].said) {
			say(lab, s, i);
			return;
		}
	}
}

static void answer_line(struct lab *lab, struct script *s, const char *line)
{
	static const struct {
		const char *asked;
		uint32_t answered;
	} table[] = {{"sccp ButtonTemplateReq", SCCP_BUTTON_TEMPLATE_RES},
		     {"sccp SoftKeyTemplateReq", SCCP_SOFT_KEY_TEMPLATE_RES},
		     {"sccp SoftKeySetReq", SCCP_SOFT_KEY_SET_RES},
		     {"sccp ConfigStatReq", SCCP_CONFIG_STAT_RES},
		     {"sccp LineStatReq", SCCP_LINE_STAT_RES},
		     {"sccp SpeedDialStatReq", SCCP_SPEED_DIAL_STAT_RES},
		     {"sccp ForwardStatReq", SCCP_FORWARD_STAT_RES},
		     {"sccp TimeDateReq", SCCP_DEFINE_TIME_DATE},
		     {"sccp KeepAlive", SCCP_KEEP_ALIVE_ACK}};

	if (strcmp(line, "sccp Register") == 0)
		say_welcome(lab, s);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (strncmp(line, table[i].asked, strlen(table[i].asked)) == 0)
			answer(lab, s, table[i].answered);
	}
}

/* Everything the phone said since the last time. */
static bool answer_all(struct lab *lab, struct script *s)
{
	char said[1 << 14];
	bool any = false;

	(void)snprintf(said, sizeof said, "%s", lab_said(lab));
	for (char *line = said; *line != 0;) {
		size_t len = strcspn(line, "\n");
		bool last = line[len] == 0;
		line[len] = 0;
		answer_line(lab, s, line);
		line += len + !last;
		any = true;
	}
	lab_settle(lab);
	return any;
}

/* Registers `model`; returns how many questions stayed without an answer. */
static unsigned register_with(const char *capture, const char *model)
{
	struct script script;
	struct lab lab;

	read_script(&script, capture);
	lab_init(&lab, model);
	lab.sccp_mute = true;
	lab_power_on(&lab);
	for (int i = 0; i < 100 && phone_state(lab.phone) != PHONE_REGISTERED; i++) {
		while (answer_all(&lab, &script))
			;
		if (phone_state(lab.phone) != PHONE_REGISTERED)
			(void)lab_sleep(&lab);
	}
	assert_int_equal(phone_state(lab.phone), PHONE_REGISTERED);
	/* What it pushed of itself, calls and all. */
	for (size_t i = 0; i < script.count; i++) {
		if (!script.frame[i].said && script.frame[i].id != SCCP_RESET &&
		    script.frame[i].id != SCCP_UNREGISTER_ACK)
			say(&lab, &script, i);
	}
	lab_settle(&lab);
	assert_int_equal(phone_state(lab.phone), PHONE_REGISTERED);
	unsigned unanswered = lab_view(&lab).unanswered;
	buf_done(&script.stream);
	lab_done(&lab);
	return unanswered;
}

TEST("a chan_skinny that lights lamps before its RegisterAck and answers neither ConfigStatReq nor "
     "ForwardStatReq: up all the same, the silence counted")
{
	assert_in_range(register_with("ref-chanskinny-registration-stalls.pcap", "7960"), 2, 3);
	assert_in_range(register_with("ref-chanskinny-registration-stalls.pcap", "7961"), 1, 2);
}

TEST("a chan-sccp with its lamps, notices and soft keys: up, and nothing left unanswered")
{
	assert_int_equal(register_with("01-boot-ok.pcap", "7960"), 0);
	assert_int_equal(register_with("01-boot-ok.pcap", "7912"), 0);
}

TEST("a wazo-libsccp that knows few questions: up, whatever is left unanswered")
{
	static const char *const models[] = {"7960", "7961", "7965", "8945", "7921", "ATA186"};

	for (size_t i = 0; i < sizeof models / sizeof *models; i++)
		assert_in_range(register_with("ref-libsccp-two-phones-call.pcap", models[i]), 0, 8);
}
