/* SCCP messages to facts. The side that sent a message follows from its id; which port the
 * CallManager listens on follows from that. */
#include "observe/observer_internal.h"

#include "base/error.h"
#include "base/text.h"
#include "proto/sccp/sccp_fields.h"
#include "proto/sccp/sccp_words.h"

#define FLOOD_COUNT  2000 /* messages of a phone: server code 12, K-12 */
#define FLOOD_WINDOW DT_SECONDS(5)
#define ZONE_S       900   /* zones differ by quarter hours */
#define ZONE_MAX_S   50400 /* and by no more than 14 hours */

/* The questions of a registration and their answers: they show how far it got. */
static bool is_question(uint32_t id)
{
	switch (id) {
	case SCCP_CAPABILITIES_RES:
	case SCCP_UPDATE_CAPABILITIES:
	case SCCP_UPDATE_CAPABILITIES_V2:
	case SCCP_UPDATE_CAPABILITIES_V3:
	case SCCP_BUTTON_TEMPLATE_REQ:
	case SCCP_SOFT_KEY_TEMPLATE_REQ:
	case SCCP_SOFT_KEY_SET_REQ:
	case SCCP_CONFIG_STAT_REQ:
	case SCCP_LINE_STAT_REQ:
	case SCCP_SPEED_DIAL_STAT_REQ:
	case SCCP_FORWARD_STAT_REQ:
	case SCCP_FEATURE_STAT_REQ:
	case SCCP_SERVICE_URL_STAT_REQ:
	case SCCP_VERSION_REQ:
	case SCCP_SERVER_REQ:
	case SCCP_TIME_DATE_REQ:
	case SCCP_REGISTER_AVAILABLE_LINES:
		return true;
	default:
		return false;
	}
}

static bool is_answer(uint32_t id)
{
	switch (id) {
	case SCCP_CAPABILITIES_REQ:
	case SCCP_BUTTON_TEMPLATE_RES:
	case SCCP_SOFT_KEY_TEMPLATE_RES:
	case SCCP_SOFT_KEY_SET_RES:
	case SCCP_CONFIG_STAT_RES:
	case SCCP_LINE_STAT_RES:
	case SCCP_LINE_STAT_V2_RES:
	case SCCP_SPEED_DIAL_STAT_RES:
	case SCCP_FORWARD_STAT_RES:
	case SCCP_FEATURE_STAT_RES:
	case SCCP_FEATURE_STAT_V2_RES:
	case SCCP_SERVICE_URL_STAT_RES:
	case SCCP_SERVICE_URL_STAT_V2_RES:
	case SCCP_VERSION_RES:
	case SCCP_SERVER_RES:
		return true;
	default:
		return false;
	}
}

/* Which fact a message is; FACT_COUNT for those that tell nothing about a boot. */
static enum fact_kind kind_of(uint32_t id)
{
	switch (id) {
	case SCCP_ALARM:
	case SCCP_XML_ALARM:
		return FACT_SCCP_ALARM;
	case SCCP_REGISTER_TOKEN_REQ:
	case SCCP_SPCP_REGISTER_TOKEN_REQ:
		return FACT_SCCP_TOKEN_REQ;
	case SCCP_REGISTER_TOKEN_ACK:
	case SCCP_SPCP_REGISTER_TOKEN_ACK:
		return FACT_SCCP_TOKEN_ACK;
	case SCCP_REGISTER_TOKEN_REJECT:
	case SCCP_SPCP_REGISTER_TOKEN_REJECT:
		return FACT_SCCP_TOKEN_REJECT;
	case SCCP_REGISTER:
		return FACT_SCCP_REGISTER;
	case SCCP_REGISTER_ACK:
		return FACT_SCCP_REGISTER_ACK;
	case SCCP_REGISTER_REJECT:
		return FACT_SCCP_REGISTER_REJECT;
	case SCCP_DEFINE_TIME_DATE:
		return FACT_SCCP_READY;
	case SCCP_KEEP_ALIVE:
		return FACT_SCCP_KEEPALIVE;
	case SCCP_KEEP_ALIVE_ACK:
		return FACT_SCCP_KEEPALIVE_ACK;
	case SCCP_UNREGISTER:
		return FACT_SCCP_UNREGISTER;
	case SCCP_UNREGISTER_ACK:
		return FACT_SCCP_UNREGISTER_ACK;
	case SCCP_RESET:
		return FACT_SCCP_RESET;
	case SCCP_OFF_HOOK:
	case SCCP_OFF_HOOK_WITH_CALLING_PARTY_NUMBER:
	case SCCP_ON_HOOK:
	case SCCP_ENBLOC_CALL:
	case SCCP_OPEN_RECEIVE_CHANNEL:
	case SCCP_OPEN_RECEIVE_CHANNEL_ACK:
	case SCCP_START_MEDIA_TRANSMISSION:
	case SCCP_START_MEDIA_TRANSMISSION_ACK:
		return FACT_SCCP_CALL;
	default:
		if (is_question(id))
			return FACT_SCCP_ASKED;
		return is_answer(id) ? FACT_SCCP_ANSWERED : FACT_COUNT;
	}
}

/* "25: Name=SEP… Load=…": the name an alarm claims. */
static void alarm_name(const char *text, char *to, size_t size)
{
	const char *name = strstr(text, "Name=");
	size_t len = name != NULL ? strcspn(name + 5, " ") : 0;

	(void)text_copy_slice(to, size, slice_of(name != NULL ? name + 5 : "", len));
}

static void fill_register(struct fact *f, const struct sccp_register *reg)
{
	f->number = reg->device_type;
	f->value[0] = reg->protocol_version;
	f->value[1] = ip4_number(reg->ip);
	(void)text_copy(f->name, sizeof f->name, reg->name);
	(void)text_copy(f->text, sizeof f->text, reg->load);
}

static void fill_words(struct fact *f, uint32_t id)
{
	const char *name = sccp_id_name(id);

	f->number = id;
	(void)text_copy(f->text, sizeof f->text, name != NULL ? name : "");
}

static void fill(struct fact *f, const struct sccp_message *m)
{
	switch (m->id) {
	case SCCP_ALARM:
		(void)text_copy(f->text, sizeof f->text, m->alarm.text);
		alarm_name(m->alarm.text, f->name, sizeof f->name);
		break;
	case SCCP_XML_ALARM:
		(void)text_copy(f->text, sizeof f->text, m->xml_alarm);
		break;
	case SCCP_REGISTER:
		fill_register(f, &m->reg);
		break;
	case SCCP_REGISTER_TOKEN_REQ:
	case SCCP_SPCP_REGISTER_TOKEN_REQ:
		f->number = m->token.device_type;
		(void)text_copy(f->name, sizeof f->name, m->token.name);
		break;
	case SCCP_REGISTER_ACK:
		f->number = m->ack.keepalive_s;
		f->value[0] = m->ack.protocol_version;
		f->value[1] = m->ack.secondary_keepalive_s;
		break;
	case SCCP_REGISTER_REJECT:
		(void)text_copy(f->text, sizeof f->text, m->reject_text);
		break;
	case SCCP_REGISTER_TOKEN_REJECT:
	case SCCP_RESET:
	case SCCP_UNREGISTER_ACK:
		f->number = m->value;
		break;
	default:
		if (f->kind == FACT_SCCP_ASKED || f->kind == FACT_SCCP_ANSWERED ||
		    f->kind == FACT_SCCP_CALL)
			fill_words(f, m->id);
		break;
	}
}

/* The phone's endpoint and the CallManager's, from who sends what. */
static void sides(const struct observer *o, const struct flow *flow, uint32_t id,
		  struct endpoint *phone, struct endpoint *server)
{
	enum sccp_direction direction = sccp_id_direction(id);
	bool from_phone = direction == SCCP_FROM_PHONE;

	if (direction != SCCP_FROM_PHONE && direction != SCCP_FROM_SERVER)
		from_phone = observer_callmanager(o, flow->to);
	*phone = from_phone ? flow->from : flow->to;
	*server = from_phone ? flow->to : flow->from;
}

/* What the CallManager gave: lines and buttons, beside the answers that carry them. */
static void tell_contents(struct observer *o, const struct observed_flow *f,
			  const struct sccp_message *m)
{
	if (m->id == SCCP_BUTTON_TEMPLATE_RES) {
		struct fact fact = observer_flow_fact(o, FACT_SCCP_BUTTONS, f);
		fact.number = m->buttons.total != 0 ? m->buttons.total : m->buttons.count;
		for (uint32_t i = 0; i < m->buttons.count; i++)
			fact.value[0] += m->buttons.button[i].definition == SCCP_BUTTON_LINE;
		observer_add_fact(o, &fact);
	} else if (m->id == SCCP_LINE_STAT_RES || m->id == SCCP_LINE_STAT_V2_RES) {
		struct fact fact = observer_flow_fact(o, FACT_SCCP_LINE, f);
		fact.number = m->line.line;
		(void)text_copy(fact.name, sizeof fact.name, m->line.number);
		observer_add_fact(o, &fact);
	}
}

/* The server's clock by its own count of seconds; zones are no error, and some servers count local
 * time. */
static void check_clock(struct observer *o, const struct observed_flow *f,
			const struct sccp_time_date *time)
{
	int64_t off = 0;

	if (!observer_clock_off(o, time->unix_s, &off))
		return;
	int64_t size = off < 0 ? -off : off;
	int64_t beside = size % ZONE_S;
	bool zone = size <= ZONE_MAX_S + 60 && (beside <= 60 || beside >= ZONE_S - 60);
	if (!zone)
		observer_clock(o, FACT_CLOCK_SERVER, f, time->unix_s, "DefineTimeDate");
}

static void count_flood(struct observer *o, struct observed_flow *f)
{
	if (o->at >= f->flood_from + FLOOD_WINDOW) {
		f->flood_from = o->at;
		f->flood_count = 0;
	}
	if (++f->flood_count != FLOOD_COUNT + 1)
		return;
	struct fact fact = observer_flow_fact(o, FACT_SCCP_FLOOD, f);
	fact.number = f->flood_count;
	observer_add_fact(o, &fact);
}

/* A header version other than what was agreed. Up to 9 everybody writes 0, some for ever. */
static void check_header(struct observer *o, struct observed_flow *f, const struct sccp_message *m,
			 bool from_phone)
{
	uint32_t want = f->version < 10 ? 0 : f->version;

	if (!f->registered || f->header_told || m->header_version == 0 || m->header_version == want)
		return;
	f->header_told = true;
	struct fact fact = observer_flow_fact(o, FACT_SCCP_HEADER, f);
	fact.number = m->header_version;
	fact.value[0] = f->version;
	fact.value[1] = from_phone ? 1 : 2;
	observer_add_fact(o, &fact);
}

/* An alarm says more than itself: why the phone was away, what it runs, where it is plugged in. */
static void tell_alarm(struct observer *o, const struct observed_flow *f,
		       const struct sccp_message *m)
{
	if (m->id == SCCP_ALARM) {
		observer_alarm_text(o, f->phone.ip, f->server, slice_text(m->alarm.text));
	} else if (m->id == SCCP_XML_ALARM) {
		struct slice xml = m->raw.len > 0 ? m->raw : slice_text(m->xml_alarm);
		observer_alarm_xml(o, f->phone.ip, f->server, xml);
	}
}

static void note_registration(struct observer *o, struct observed_flow *f,
			      const struct sccp_message *m)
{
	switch (m->id) {
	case SCCP_REGISTER:
		observer_claim_name(o, f->phone.ip, m->reg.name);
		f->claim = observer_claim_of(o, f->phone.ip, m->reg.name);
		break;
	case SCCP_REGISTER_TOKEN_REQ:
		observer_claim_name(o, f->phone.ip, m->token.name);
		f->claim = observer_claim_of(o, f->phone.ip, m->token.name);
		break;
	case SCCP_REGISTER_ACK:
		f->registered = true;
		f->ready = false;
		f->version = m->ack.protocol_version;
		break;
	default:
		break;
	}
}

static void say(struct observer *o, const struct observed_flow *f, const struct sccp_message *m,
		bool from_phone)
{
	struct buf *line = observer_line(o);
	const char *name = sccp_id_name(m->id);

	if (line == NULL)
		return;
	if (name != NULL)
		buf_text(line, name);
	else
		buf_printf(line, "message 0x%04x", m->id);
	buf_char(line, ' ');
	sccp_format(line, m, f->version, SCCP_BRIEF);
	observer_said(o, "SCCP", f->phone.ip, f->server, from_phone);
}

void observer_sccp(struct observer *o, const struct flow *flow, const struct sccp_message *m,
		   dt_time at, uint64_t evidence)
{
	enum fact_kind kind = kind_of(m->id);
	struct endpoint phone;
	struct endpoint server;

	observer_begin(o, flow, at, evidence);
	sides(o, flow, m->id, &phone, &server);
	struct observed_flow *f = observer_flow(o, phone, server);
	if (f == NULL)
		f = observer_flow_make(o, phone, server);
	if (f == NULL)
		return;
	bool from_phone = endpoint_equal(flow->from, f->phone);
	if (sccp_id_direction(m->id) != SCCP_FROM_RESOURCE)
		observer_phone_address(o, f->phone.ip);
	if (from_phone)
		count_flood(o, f);
	check_header(o, f, m, from_phone);
	say(o, f, m, from_phone);
	if (kind == FACT_COUNT)
		return;
	note_registration(o, f, m);
	if (m->id == SCCP_DEFINE_TIME_DATE)
		check_clock(o, f, &m->time);
	/* The clock is set again and again; registration completes with the first time. */
	if (kind == FACT_SCCP_READY) {
		if (f->ready)
			return;
		f->ready = true;
	}
	struct fact fact = observer_flow_fact(o, kind, f);
	fill(&fact, m);
	observer_add_fact(o, &fact);
	tell_contents(o, f, m);
	tell_alarm(o, f, m);
}

void observer_sccp_broken(struct observer *o, const struct flow *flow, const char *why, dt_time at,
			  uint64_t evidence)
{
	observer_begin(o, flow, at, evidence);
	bool from_phone = observer_callmanager(o, flow->to);
	struct fact f =
	    observer_fact(o, FACT_SCCP_BROKEN, from_phone ? flow->from.ip : flow->to.ip);

	f.peer = from_phone ? flow->to : flow->from;
	(void)text_copy(f.text, sizeof f.text, why);
	observer_add_fact(o, &f);
}

int observer_take_sccp(struct observer *o, struct observed_flow *f, const struct flow *flow,
		       struct slice bytes)
{
	struct slice frame;
	struct sccp_message m;
	int used = sccp_frame_next(bytes, &frame);

	if (used > 0 && sccp_decode_as(frame, f->registered ? f->version : 0, &m, NULL) == 0)
		observer_sccp(o, flow, &m, o->at, o->evidence);
	return used;
}
