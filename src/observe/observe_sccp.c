/* SCCP messages to facts. The side that sent a message follows from its id; which port the
 * CallManager listens on follows from that. */
#include "observe/observer_internal.h"

#include "base/text.h"

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
		return FACT_SCCP_TOKEN_REQ;
	case SCCP_REGISTER_TOKEN_ACK:
		return FACT_SCCP_TOKEN_ACK;
	case SCCP_REGISTER_TOKEN_REJECT:
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
	(void)text_copy(f->name, sizeof f->name, reg->name);
	(void)text_copy(f->text, sizeof f->text, reg->load);
}

static void fill(struct fact *f, const struct sccp_message *m)
{
	const char *name = sccp_id_name(m->id);

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
		f->number = m->token.device_type;
		(void)text_copy(f->name, sizeof f->name, m->token.name);
		break;
	case SCCP_REGISTER_ACK:
		f->number = m->ack.keepalive_s;
		f->value[0] = m->ack.protocol_version;
		break;
	case SCCP_REGISTER_REJECT:
		(void)text_copy(f->text, sizeof f->text, m->reject_text);
		break;
	case SCCP_REGISTER_TOKEN_REJECT:
	case SCCP_RESET:
		f->number = m->value;
		break;
	default:
		if (f->kind == FACT_SCCP_ASKED || f->kind == FACT_SCCP_ANSWERED) {
			f->number = m->id;
			(void)text_copy(f->text, sizeof f->text, name != NULL ? name : "");
		}
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

void observer_sccp(struct observer *o, const struct flow *flow, const struct sccp_message *m,
		   dt_time at, uint64_t evidence)
{
	enum fact_kind kind = kind_of(m->id);
	struct endpoint phone;
	struct endpoint server;

	sides(o, flow, m->id, &phone, &server);
	struct observed_flow *f = observer_flow(o, phone, server);
	if (f == NULL)
		f = observer_flow_make(o, phone, server);
	if (f == NULL || kind == FACT_COUNT)
		return;
	if (m->id == SCCP_REGISTER)
		observer_claim_name(o, phone.ip, m->reg.name);
	if (m->id == SCCP_REGISTER_ACK) {
		f->registered = true;
		f->ready = false;
	}
	/* The clock is set again and again; registration completes with the first time. */
	if (kind == FACT_SCCP_READY) {
		if (f->ready)
			return;
		f->ready = true;
	}
	struct fact fact = observer_fact(o, kind, phone.ip, at, evidence);
	fact.peer = server;
	fill(&fact, m);
	observer_add_fact(o, &fact);
}

void observer_sccp_broken(struct observer *o, const struct flow *flow, const char *why, dt_time at,
			  uint64_t evidence)
{
	bool from_phone = observer_callmanager(o, flow->to);
	struct fact f = observer_fact(o, FACT_SCCP_BROKEN, from_phone ? flow->from.ip : flow->to.ip,
				      at, evidence);

	f.peer = from_phone ? flow->to : flow->from;
	(void)text_copy(f.text, sizeof f.text, why);
	observer_add_fact(o, &f);
}
