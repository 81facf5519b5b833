/* The phone's SCCP client: one member of the CallManager list after the other.
 *
 *   CONNECTING --open--> REGISTERING --Ack--> ASKING --time--> REGISTERED --Reset--> LEAVING
 *        |                  |                                      \--three keepalives lost--> next
 * member |                  \--Reject--> screen says so, waits, begins again with its files
 *        \--refused, 15 s of silence--> next member; after the last one waits and begins again with
 * its files
 */
#include "phone/phone_internal.h"

#include "base/text.h"

#define ALARM_SEVERITY_INFORMATION 2
#define RTP_PORT                   16384

static const struct {
	unsigned number;
	const char *word;
} reasons[] = {
    [LAST_INITIALIZED] = {25, "Initialized"}, [LAST_TCP_TIMEOUT] = {10, "TCP-timeout"},
    [LAST_CM_CLOSED] = {14, "CM-closed-TCP"}, [LAST_CM_RESET] = {12, "CM-reset-TCP"},
    [LAST_KEEPALIVE] = {17, "KeepaliveTO"},   [LAST_RESET] = {22, "Reset-Reset"},
    [LAST_RESTART] = {23, "Reset-Restart"},   [LAST_REJECTED] = {24, "Phone-Reg-Rej"},
    [LAST_ADDRESS] = {21, "Phone-Re-IP"},     [LAST_BAD_FRAME] = {32, "Invalid SCCP message"},
};

void sccp_client_send(struct phone *p, struct sccp_message *m)
{
	uint8_t bytes[SCCP_FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct phone_action *a = NULL;

	/* Loads of version 17 and later send their negotiated version once they are registered. */
	m->header_version = p->sccp.version >= 15 ? p->sccp.version : 0;
	if (sccp_encode(m, p->sccp.version, &w) != 0 || w.pos > PHONE_BYTES_MAX)
		return;
	a = phone_act(p, PHONE_TCP_SEND);
	if (a == NULL)
		return;
	a->connection = p->sccp.connection;
	a->len = w.pos;
	memcpy(a->bytes, bytes, w.pos);
}

static void connect_to(struct phone *p, unsigned member, dt_time now)
{
	struct sccp_client *s = &p->sccp;
	struct endpoint to = {.port = p->cnf.member[member].port};

	/* A name in the list would need DNS; a phone that cannot resolve it falls back on its TFTP
	 * server. */
	if (ip4_parse(p->cnf.member[member].host, &to.ip) != 0)
		to.ip = p->tftp.server.ip;
	*s = (struct sccp_client){.state = SCCP_CLIENT_CONNECTING, .member = member, .server = to};
	s->connection = ++p->next_connection;
	s->deadline = dt_time_add(now, p->profile->connect_us);
	s->keepalive_at = DT_NEVER;
	p->view.callmanager = to;
	phone_set_state(p, PHONE_OPENING);
	struct phone_action *a = phone_act(p, PHONE_TCP_CONNECT);
	if (a == NULL)
		return;
	a->connection = s->connection;
	a->to = to;
}

void sccp_client_start(struct phone *p, dt_time now)
{
	/* An empty list: the TFTP server's own address (why a phone may always sit on the
	 * publisher). */
	if (p->cnf.member_count == 0) {
		p->cnf.member_count = 1;
		(void)ip4_format(p->tftp.server.ip, p->cnf.member[0].host);
		p->cnf.member[0].port = SCCP_PORT;
	}
	connect_to(p, 0, now);
}

void sccp_client_drop(struct phone *p)
{
	struct phone_action *a = p->sccp.connection != 0 ? phone_act(p, PHONE_TCP_CLOSE) : NULL;

	if (a != NULL)
		a->connection = p->sccp.connection;
	p->sccp = (struct sccp_client){.deadline = DT_NEVER, .keepalive_at = DT_NEVER};
}

void sccp_client_lost(struct phone *p, enum last_reason why, dt_time now)
{
	unsigned next = p->sccp.member + 1;

	p->last = why;
	sccp_client_drop(p);
	if (next < p->cnf.member_count) {
		connect_to(p, next, now);
		return;
	}
	/* It may come from REGISTERED: whoever looks must not count it as registered meanwhile. */
	phone_set_state(p, PHONE_OPENING);
	phone_start_over(p, now, p->profile->reject_wait_us, false);
}

static void send_alarm(struct phone *p)
{
	struct sccp_message m = {.id = SCCP_ALARM,
				 .alarm = {.severity = ALARM_SEVERITY_INFORMATION}};

	(void)snprintf(m.alarm.text, sizeof m.alarm.text, "%u: Name=%s Load=%s Last=%s",
		       reasons[p->last].number, p->name, p->profile->load, reasons[p->last].word);
	/* The address as a raw word in network order. */
	struct ip4 ip = p->dhcp.ip;
	m.alarm.param2 = (uint32_t)ip.b[0] | (uint32_t)ip.b[1] << 8 | (uint32_t)ip.b[2] << 16 |
			 (uint32_t)ip.b[3] << 24;
	sccp_client_send(p, &m);
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
		    .protocol_version = profile->protocol_version,
		    .unknown = profile->features[0],
		    .features = (uint16_t)(profile->features[1] | profile->features[2] << 8),
		    .body_size = profile->register_body_size}};

	(void)text_copy(m.reg.name, sizeof m.reg.name, p->name);
	(void)text_copy(m.reg.load, sizeof m.reg.load, profile->load);
	if (profile->binary_mac)
		memcpy(m.reg.mac, p->config.mac.b, 6);
	sccp_client_send(p, &m);
}

void sccp_client_open(struct phone *p, dt_time now)
{
	if (p->sccp.state != SCCP_CLIENT_CONNECTING)
		return;
	p->sccp.state = SCCP_CLIENT_REGISTERING;
	p->sccp.deadline = dt_time_add(now, p->profile->register_us);
	phone_set_state(p, PHONE_REGISTERING);
	send_alarm(p);
	send_register(p);
	sccp_client_send(p, &(struct sccp_message){.id = SCCP_IP_PORT, .value = RTP_PORT});
}

static void on_ack(struct phone *p, const struct sccp_register_ack *ack, dt_time now)
{
	struct sccp_client *s = &p->sccp;

	if (s->state != SCCP_CLIENT_REGISTERING)
		return;
	s->state = SCCP_CLIENT_ASKING;
	/* Nobody may choose more than was offered. */
	s->version = ack->protocol_version < p->profile->protocol_version
			 ? ack->protocol_version
			 : p->profile->protocol_version;
	s->keepalive_interval = DT_SECONDS(ack->keepalive_s > 0 ? ack->keepalive_s : 30);
	s->keepalive_at = dt_time_add(now, s->keepalive_interval);
	/* CapabilitiesReq follows; a server that leaves it out is asked anyway. */
	s->deadline = dt_time_add(now, DT_SECONDS(2));
}

static void on_capabilities_req(struct phone *p, dt_time now)
{
	static const struct sccp_capabilities capabilities = {
	    .count = 4, .item = {{4, 40}, {2, 40}, {11, 60}, {12, 60}}};

	sccp_client_send(
	    p, &(struct sccp_message){.id = SCCP_CAPABILITIES_RES, .capabilities = capabilities});
	/* Late or twice: the questions have begun already. */
	if (p->sccp.capabilities_sent || p->sccp.question_open ||
	    p->sccp.state != SCCP_CLIENT_ASKING)
		return;
	p->sccp.capabilities_sent = true;
	if (p->profile->tells_headset)
		sccp_client_send(p, &(struct sccp_message){.id = SCCP_HEADSET_STATUS, .value = 2});
	registration_ask_next(p, now);
}

static void on_reject(struct phone *p, const char *text, dt_time now)
{
	if (p->sccp.state != SCCP_CLIENT_REGISTERING)
		return;
	(void)text_copy(p->view.last_reject, sizeof p->view.last_reject, text);
	p->last = LAST_REJECTED;
	sccp_client_drop(p);
	phone_set_state(p, PHONE_REJECTED);
	phone_start_over(p, now, p->profile->reject_wait_us, false);
}

void sccp_client_leave(struct phone *p, enum after_leaving after, dt_time now)
{
	struct sccp_client *s = &p->sccp;

	s->after = after;
	s->state = SCCP_CLIENT_LEAVING;
	s->deadline = dt_time_add(now, PHONE_UNREGISTER_WAIT);
	s->keepalive_at = DT_NEVER;
	sccp_client_send(p, &(struct sccp_message){.id = SCCP_UNREGISTER});
}

static void left(struct phone *p, dt_time now)
{
	enum after_leaving after = p->sccp.after;

	sccp_client_drop(p);
	switch (after) {
	case AFTER_OFF:
		phone_off(p);
		break;
	case AFTER_REBOOT:
		/* As from power-on: nothing of the lease is kept. */
		phone_unbound(p, now);
		p->dhcp = (struct dhcp_client){.deadline = DT_NEVER};
		p->last = LAST_RESET;
		p->view.boots++;
		phone_set_state(p, PHONE_STARTING);
		phone_start_over(p, now, p->profile->start_us, true);
		break;
	case AFTER_RESTART:
		p->last = LAST_RESTART;
		phone_set_state(p, PHONE_FILES);
		phone_start_over(p, now, 0, false);
		break;
	}
}

static void on_message(struct phone *p, const struct sccp_message *m, dt_time now)
{
	switch (m->id) {
	case SCCP_REGISTER_ACK:
		on_ack(p, &m->ack, now);
		break;
	case SCCP_REGISTER_REJECT:
		on_reject(p, m->reject_text, now);
		break;
	case SCCP_CAPABILITIES_REQ:
		on_capabilities_req(p, now);
		break;
	case SCCP_KEEP_ALIVE_ACK:
		p->sccp.keepalives_open = 0;
		p->view.keepalives_acked++;
		break;
	case SCCP_RESET:
		if (m->value >= 1 && m->value <= 3 &&
		    (p->sccp.state == SCCP_CLIENT_REGISTERED ||
		     p->sccp.state == SCCP_CLIENT_ASKING))
			sccp_client_leave(p, m->value == 1 ? AFTER_REBOOT : AFTER_RESTART, now);
		break;
	case SCCP_UNREGISTER_ACK:
		if (p->sccp.state == SCCP_CLIENT_LEAVING)
			left(p, now);
		break;
	default:
		registration_answer(p, m, now);
		break;
	}
}

void sccp_client_input(struct phone *p, struct slice bytes, dt_time now)
{
	struct sccp_client *s = &p->sccp;
	unsigned connection = s->connection;
	struct slice frame;
	struct sccp_message m;
	int used = 0;

	while (bytes.len > 0 && s->connection == connection) {
		struct slice part = slice_head(bytes, sizeof s->input - s->input_len);
		memcpy(s->input + s->input_len, part.ptr, part.len);
		s->input_len += part.len;
		bytes = slice_from(bytes, part.len);
		size_t at = 0;
		while (s->connection == connection &&
		       (used = sccp_frame_next(slice_of(s->input + at, s->input_len - at),
					       &frame)) > 0) {
			at += (size_t)used;
			if (sccp_decode(frame, &m, NULL) == 0)
				on_message(p, &m, now);
		}
		if (s->connection != connection)
			return; /* a message ended this connection: its buffer is gone */
		if (used < 0) {
			sccp_client_lost(p, LAST_BAD_FRAME, now);
			return;
		}
		memmove(s->input, s->input + at, s->input_len - at);
		s->input_len -= at;
	}
}

static void on_deadline(struct phone *p, dt_time now)
{
	switch (p->sccp.state) {
	case SCCP_CLIENT_CONNECTING:
	case SCCP_CLIENT_REGISTERING:
		sccp_client_lost(p, LAST_TCP_TIMEOUT, now);
		break;
	case SCCP_CLIENT_ASKING:
		registration_unanswered(p, now);
		break;
	case SCCP_CLIENT_LEAVING:
		left(p, now);
		break;
	case SCCP_CLIENT_REGISTERED:
	case SCCP_CLIENT_IDLE:
		p->sccp.deadline = DT_NEVER;
		break;
	}
}

void sccp_client_expire(struct phone *p, dt_time now)
{
	struct sccp_client *s = &p->sccp;

	if (s->state == SCCP_CLIENT_IDLE)
		return;
	if (now >= s->keepalive_at) {
		if (s->keepalives_open >= p->profile->keepalives_lost) {
			sccp_client_lost(p, LAST_KEEPALIVE, now);
			return;
		}
		s->keepalive_at = dt_time_add(now, s->keepalive_interval);
		s->keepalives_open++;
		p->view.keepalives_sent++;
		sccp_client_send(p, &(struct sccp_message){.id = SCCP_KEEP_ALIVE});
	}
	if (now >= s->deadline)
		on_deadline(p, now);
}

dt_time sccp_client_deadline(const struct phone *p)
{
	return p->sccp.state == SCCP_CLIENT_IDLE
		   ? DT_NEVER
		   : dt_time_min(p->sccp.deadline, p->sccp.keepalive_at);
}
