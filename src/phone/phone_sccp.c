/* The registration: alarm, token, Register, what the CallManager says to it, and the leaving.
 *
 *   open --[RegisterTokenReq, Ack]--> REGISTERING --Ack--> ASKING --time--> REGISTERED --Reset-->
 *                                         |                                     LEAVING --> left
 *                                         \--Reject, silence--> the list's next member
 */
#include "phone/phone_internal.h"

#include "base/text.h"
#include "proto/sccp/sccp_words.h"

#define ALARM_SEVERITY_INFORMATION 2
#define RTP_PORT                   16384
#define PHONE_XML_ALARM_MAX        800
#define VLAN_NONE                  4095 /* as the alarm says it */
#define STANDBY_KEEPALIVE_S        60   /* when RegisterAck is too short to say */

static const struct {
	unsigned number;
	const char *word;
} reasons[] = {
    [LAST_INITIALIZED] = {25, "Initialized"},
    [LAST_TCP_TIMEOUT] = {10, "TCP-timeout"},
    [LAST_CM_CLOSED] = {14, "CM-closed-TCP"},
    [LAST_CM_RESET] = {12, "CM-reset-TCP"},
    [LAST_KEEPALIVE] = {17, "KeepaliveTO"},
    [LAST_FAILBACK] = {18, "Failback"},
    [LAST_RESET] = {22, "Reset-Reset"},
    [LAST_RESTART] = {23, "Reset-Restart"},
    [LAST_REJECTED] = {24, "Phone-Reg-Rej"},
    [LAST_ADDRESS] = {21, "Phone-Re-IP"},
    [LAST_BAD_FRAME] = {32, "Invalid SCCP message"},
    [LAST_LOAD_MISSING] = {6, "Load-not-found"},
};

static struct sccp_link *active(struct phone *p)
{
	return &p->link[LINK_ACTIVE];
}

static void send_message(struct phone *p, struct sccp_message *m)
{
	link_send(p, LINK_ACTIVE, m);
}

static void send_alarm(struct phone *p)
{
	struct sccp_message m = {.id = SCCP_ALARM,
				 .alarm = {.severity = ALARM_SEVERITY_INFORMATION}};

	(void)snprintf(m.alarm.text, sizeof m.alarm.text, "%u: Name=%s Load=%s Last=%s",
		       reasons[p->last].number, p->name, p->load, reasons[p->last].word);
	/* The address as a raw word in network order. */
	struct ip4 ip = p->dhcp.ip;
	m.alarm.param2 = (uint32_t)ip.b[0] | (uint32_t)ip.b[1] << 8 | (uint32_t)ip.b[2] << 16 |
			 (uint32_t)ip.b[3] << 24;
	send_message(p, &m);
}

/* The last outage as a document; of the fields CUCM's collectors read, those this phone knows. */
static void send_xml_alarm(struct phone *p)
{
	const struct phone_tag *tag = &p->link_layer.tag;
	char text[PHONE_XML_ALARM_MAX];
	char ip[IP4_TEXT_SIZE];
	char callmanager[IP4_TEXT_SIZE];
	struct sccp_message m = {.id = SCCP_XML_ALARM};

	(void)snprintf(
	    text, sizeof text,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n"
	    "<x-cisco-alarm>\n<Alarm Name=\"LastOutOfServiceInformation\">\n"
	    "<ParameterList>\n"
	    "<String name=\"DeviceName\">%s</String>\n"
	    "<String name=\"DeviceIPv4Address\">%s</String>\n"
	    "<Enum name=\"VoiceVLAN\">%u</Enum>\n"
	    "<String name=\"UnifiedCMIPAddress\">%s</String>\n"
	    "<Enum name=\"ReasonForOutOfService\">%u</Enum>\n"
	    "</ParameterList>\n</Alarm>\n</x-cisco-alarm>\n",
	    p->name, ip4_format(p->dhcp.ip, ip), (unsigned)(tag->tagged ? tag->vlan : VLAN_NONE),
	    ip4_format(p->list.member[active(p)->member].ip, callmanager), reasons[p->last].number);
	(void)text_copy(m.xml_alarm, sizeof m.xml_alarm, text);
	send_message(p, &m);
}

static void send_register(struct phone *p)
{
	const struct phone_profile *profile = p->profile;
	struct sccp_message m = {
	    .id = SCCP_REGISTER,
	    .reg = {.instance = profile->instance,
		    .ip = p->dhcp.ip,
		    .device_type = p->config.faults.type_instead != 0
				       ? p->config.faults.type_instead
				       : profile->type,
		    .max_streams = profile->max_streams,
		    .max_lines = profile->max_lines,
		    .protocol_version = profile->protocol_version,
		    .unknown = profile->features[0],
		    .features = (uint16_t)(profile->features[1] | profile->features[2] << 8),
		    .body_size = profile->register_body_size}};

	(void)text_copy(m.reg.name, sizeof m.reg.name, p->name);
	(void)text_copy(m.reg.load, sizeof m.reg.load, p->load);
	(void)text_copy(m.reg.config_stamp, sizeof m.reg.config_stamp, p->cnf.version_stamp);
	if (profile->mac_form == MAC_BINARY)
		memcpy(m.reg.mac, p->config.mac.b, sizeof p->config.mac.b);
	else if (profile->mac_form == MAC_HEX)
		memcpy(m.reg.mac, p->hex, sizeof m.reg.mac);
	send_message(p, &m);
}

static uint32_t device_type(const struct phone *p)
{
	return p->config.faults.type_instead != 0 ? p->config.faults.type_instead
						  : p->profile->type;
}

void sccp_client_ask_token(struct phone *p, enum link_role role, dt_time now)
{
	struct sccp_message m = {.id = SCCP_REGISTER_TOKEN_REQ,
				 .token = {.instance = p->profile->instance,
					   .ip = p->dhcp.ip,
					   .device_type = device_type(p)}};

	(void)text_copy(m.token.name, sizeof m.token.name, p->name);
	p->link[role].state = LINK_TOKEN;
	p->link[role].deadline =
	    dt_time_add(now, role == LINK_ACTIVE ? p->profile->token_us : p->profile->register_us);
	p->view.tokens_asked++;
	link_send(p, role, &m);
}

void sccp_client_open(struct phone *p, dt_time now)
{
	phone_set_state(p, PHONE_REGISTERING);
	if (!p->profile->no_alarm)
		send_alarm(p);
	if (p->profile->xml_alarm)
		send_xml_alarm(p);
	if (p->profile->keepalive_first)
		send_message(p, &(struct sccp_message){.id = SCCP_KEEP_ALIVE});
	if (p->profile->token_start)
		sccp_client_ask_token(p, LINK_ACTIVE, now);
	else
		sccp_client_register(p, now);
}

void sccp_client_register(struct phone *p, dt_time now)
{
	dt_time standby = p->sccp.standby_interval;

	p->sccp = (struct sccp_client){.standby_interval = standby};
	active(p)->state = LINK_REGISTERING;
	active(p)->deadline = dt_time_add(now, p->profile->register_us);
	send_register(p);
	send_message(p, &(struct sccp_message){.id = SCCP_IP_PORT, .value = RTP_PORT});
}

static void on_ack(struct phone *p, const struct sccp_register_ack *ack, dt_time now)
{
	struct sccp_client *s = &p->sccp;
	struct sccp_link *l = active(p);
	uint32_t standby_s = ack->secondary_keepalive_s;

	if (l->state != LINK_REGISTERING)
		return;
	l->state = LINK_ASKING;
	/* Nobody may choose more than was offered. */
	l->version = ack->protocol_version < p->profile->protocol_version
			 ? ack->protocol_version
			 : p->profile->protocol_version;
	s->keepalive_interval = DT_SECONDS(ack->keepalive_s > 0 ? ack->keepalive_s : 30);
	s->standby_interval = DT_SECONDS(standby_s > 0 ? standby_s : STANDBY_KEEPALIVE_S);
	l->keepalive_at = dt_time_add(now, s->keepalive_interval);
	/* CapabilitiesReq follows; a server that leaves it out is asked anyway. */
	l->deadline = dt_time_add(now, DT_SECONDS(2));
}

static void on_capabilities_req(struct phone *p, dt_time now)
{
	static const struct sccp_capabilities capabilities = {
	    .count = 4, .item = {{4, 40, {0}}, {2, 40, {0}}, {11, 60, {0}}, {12, 60, {0}}}};

	send_message(
	    p, &(struct sccp_message){.id = SCCP_CAPABILITIES_RES, .capabilities = capabilities});
	/* Late or twice: the questions have begun already. */
	if (p->sccp.capabilities_sent || p->sccp.question_open || active(p)->state != LINK_ASKING)
		return;
	p->sccp.capabilities_sent = true;
	registration_ask_next(p, now);
}

static void on_reject(struct phone *p, const char *text, dt_time now)
{
	if (active(p)->state != LINK_REGISTERING)
		return;
	(void)text_copy(p->view.last_reject, sizeof p->view.last_reject, text);
	list_active_lost(p, LAST_REJECTED, now);
}

void sccp_client_leave(struct phone *p, enum after_leaving after, dt_time now)
{
	struct sccp_link *l = active(p);

	p->sccp.after = after;
	l->state = LINK_LEAVING;
	l->deadline = dt_time_add(now, PHONE_UNREGISTER_WAIT);
	l->keepalive_at = DT_NEVER;
	send_message(p, &(struct sccp_message){.id = SCCP_UNREGISTER});
}

void sccp_client_left(struct phone *p, dt_time now)
{
	enum after_leaving after = p->sccp.after;

	if (after == AFTER_FAILBACK) {
		list_failback(p, now);
		return;
	}
	list_drop(p);
	switch (after) {
	case AFTER_OFF:
		phone_off(p);
		break;
	case AFTER_REBOOT:
		p->last = LAST_RESET;
		phone_reboot(p, now);
		break;
	case AFTER_RESTART:
		p->last = LAST_RESTART;
		phone_set_state(p, PHONE_FILES);
		phone_start_over(p, now, 0, false);
		break;
	case AFTER_FAILBACK:
		break;
	}
}

static bool is_registered(const struct phone *p)
{
	return p->link[LINK_ACTIVE].state == LINK_REGISTERED ||
	       p->link[LINK_ACTIVE].state == LINK_ASKING;
}

/* 1 reset, 2 restart, 3 apply config; other numbers mean nothing to a phone. */
static void on_reset(struct phone *p, uint32_t type, dt_time now)
{
	if (!is_registered(p))
		return;
	if (type == 1)
		sccp_client_leave(p, AFTER_REBOOT, now);
	else if (type == 3 && p->profile->applies_config)
		files_apply(p, now);
	else if (type == 2 || type == 3)
		sccp_client_leave(p, AFTER_RESTART, now);
}

/* 2: the CallManager knows of a call, and the phone has to stay. */
static void on_unregister_ack(struct phone *p, uint32_t status, dt_time now)
{
	struct sccp_link *l = active(p);

	if (l->state != LINK_LEAVING)
		return;
	if (status != 2 || p->sccp.after == AFTER_OFF) {
		sccp_client_left(p, now);
		return;
	}
	l->state = LINK_REGISTERED;
	l->deadline = DT_NEVER;
	l->keepalive_at = dt_time_add(now, p->sccp.keepalive_interval);
	list_registered(p, now);
}

/* Line 0 and call 0: the phone leaves both to the CallManager. */
static void send_hook(struct phone *p, enum sccp_id id)
{
	send_message(p, &(struct sccp_message){.id = id});
}

void sccp_client_off_hook(struct phone *p)
{
	send_hook(p, SCCP_OFF_HOOK);
}

static void on_tone(struct phone *p, const struct sccp_message *m)
{
	bool dial_tone = m->tone.tone == SCCP_TONE_INSIDE_DIAL_TONE ||
			 m->tone.tone == SCCP_TONE_OUTSIDE_DIAL_TONE;

	if (!p->config.goes_off_hook || !dial_tone)
		return;
	p->view.dial_tones++;
	send_hook(p, SCCP_ON_HOOK);
	(void)phone_act(p, PHONE_DIAL_TONE, slice_of(NULL, 0));
}

void sccp_client_message(struct phone *p, const struct sccp_message *m, dt_time now)
{
	switch (m->id) {
	case SCCP_REGISTER_ACK:
		on_ack(p, &m->ack, now);
		break;
	case SCCP_REGISTER_REJECT:
		on_reject(p, m->reject_text, now);
		break;
	case SCCP_REGISTER_TOKEN_ACK:
	case SCCP_REGISTER_TOKEN_REJECT:
		if (active(p)->state == LINK_TOKEN)
			list_token_answer(p, LINK_ACTIVE, m->id == SCCP_REGISTER_TOKEN_ACK,
					  m->value, now);
		break;
	case SCCP_CAPABILITIES_REQ:
		on_capabilities_req(p, now);
		break;
	case SCCP_START_TONE:
		on_tone(p, m);
		break;
	case SCCP_RESET:
		on_reset(p, m->value, now);
		break;
	case SCCP_UNREGISTER_ACK:
		on_unregister_ack(p, m->value, now);
		break;
	default:
		registration_answer(p, m, now);
		break;
	}
}
