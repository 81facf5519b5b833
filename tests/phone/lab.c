#include "phone/lab.h"

#include "base/text.h"
#include "harness.h"
#include "proto/dns/dns.h"
#include "proto/sccp/sccp_words.h"
#include "proto/tftp/tftp.h"

#define MEMBER(priority, ip)                                                                       \
	"<member priority=\"" priority "\"><callManager><name>" ip "</name><ports>"                \
	"<ethernetPhonePort>2000</ethernetPhonePort></ports><processNodeName>" ip                  \
	"</processNodeName></callManager></member>"
#define FILE_OF(members)                                                                           \
	"<device><deviceProtocol>SCCP</deviceProtocol><devicePool><name>Default</name>"            \
	"<callManagerGroup><name>Default</name><members>" members                                  \
	"</members></callManagerGroup></devicePool><loadInformation></loadInformation></device>"

const char lab_file_of_two[] = FILE_OF(MEMBER("0", "10.77.0.1") MEMBER("1", "10.77.0.2"));
const char lab_file_of_one[] = FILE_OF(MEMBER("0", "10.77.0.1"));

static const struct ip4 server_ip = {{10, 77, 0, 1}};

void lab_unlimited(struct lab *lab)
{
	lab->actions_left = SIZE_MAX;
}

/* All the memory it will need, so that a test of memory shortage meets the phone's own. */
static void fill_and_clear(struct buf *b, size_t max)
{
	static const uint8_t zeros[65536];

	buf_init(b, max);
	buf_append(b, slice_of(zeros, max));
	if (buf_error(b) == 0)
		buf_clear(b);
}

void lab_init(struct lab *lab, const char *model)
{
	*lab = (struct lab){.own_file = lab_file_of_one, .lease_s = 86400, .keepalive_s = 30};
	lab->config.profile = phone_profile_find(model);
	assert_non_null(lab->config.profile);
	lab->config.mac = (struct mac){{0x00, 0x13, 0x80, 0xad, 0x9e, 0x5f}};
	lab->config.seed = 7;
	lab->lines = 1;
	lab_unlimited(lab);
	lab->speed_dials = 1;
	lab->now = DT_SECONDS(1000);
	fill_and_clear(&lab->trace, 65535);
	for (size_t i = 0; i < LAB_CONNECTIONS; i++)
		fill_and_clear(&lab->open[i].tcp, 16384);
}

void lab_done(struct lab *lab)
{
	phone_free(lab->phone);
	buf_done(&lab->trace);
	for (size_t i = 0; i < LAB_CONNECTIONS; i++)
		buf_done(&lab->open[i].tcp);
}

void lab_power_on(struct lab *lab)
{
	if (lab->phone == NULL)
		lab->phone = phone_new(&lab->config);
	assert_non_null(lab->phone);
	phone_power_on(lab->phone, lab->now);
	lab_settle(lab);
}

static struct lab_pending *pend(struct lab *lab, enum lab_pending_kind kind)
{
	assert_true(lab->pending_count < LAB_PENDING_MAX);
	struct lab_pending *to = &lab->pending[lab->pending_count++];
	to->kind = kind;
	to->len = 0;
	return to;
}

/* DHCP. */

static void dhcp_reply(struct lab *lab, const struct dhcp_message *asked, enum dhcp_type type)
{
	struct dhcp_message m = {.op = 2, .xid = asked->xid, .chaddr = asked->chaddr, .type = type};
	struct lab_pending *to = pend(lab, LAB_DHCP);
	struct writer w = writer_of(to->bytes, sizeof to->bytes);

	m.flags = asked->flags;
	m.giaddr = asked->giaddr;
	assert_int_equal(dhcp_option_add_ip(&m, DHCP_OPTION_SERVER_ID, server_ip), 0);
	if (type != DHCP_NAK) {
		m.yiaddr = (struct ip4){{10, 77, 0, 51}};
		m.siaddr = server_ip;
		assert_int_equal(
		    dhcp_option_add_ip(&m, DHCP_OPTION_SUBNET_MASK, ip4_of(0xffffff00)), 0);
		assert_int_equal(dhcp_option_add_ip(&m, DHCP_OPTION_ROUTER, server_ip), 0);
		assert_int_equal(dhcp_option_add_u32(&m, DHCP_OPTION_LEASE_TIME, lab->lease_s), 0);
		assert_int_equal(dhcp_option_add_ip(&m, DHCP_OPTION_TFTP_SERVERS, server_ip), 0);
	}
	if (lab->edit_reply != NULL)
		lab->edit_reply(&m);
	assert_int_equal(dhcp_encode(&m, &w), 0);
	to->len = w.pos;
}

static void on_dhcp(struct lab *lab, const struct phone_action *a)
{
	struct dhcp_message m;
	char to[ENDPOINT_TEXT_SIZE];

	lab->last_dhcp = *a;
	assert_int_equal(dhcp_decode(slice_of(a->bytes, a->len), &m, NULL), 0);
	buf_printf(&lab->trace, "dhcp %s to %s\n", dhcp_type_name(m.type),
		   endpoint_format(a->to, to));
	if (lab->dhcp_mute)
		return;
	if (m.type == DHCP_DISCOVER) {
		dhcp_reply(lab, &m, DHCP_OFFER);
	} else if (m.type == DHCP_REQUEST && lab->naks > 0) {
		lab->naks--;
		dhcp_reply(lab, &m, DHCP_NAK);
	} else if (m.type == DHCP_REQUEST)
		dhcp_reply(lab, &m, lab->dhcp_nak ? DHCP_NAK : DHCP_ACK);
}

/* TFTP. */

static void tftp_reply(struct lab *lab, const struct phone_action *a,
		       const struct tftp_packet *packet)
{
	struct lab_pending *to = pend(lab, LAB_UDP);
	struct writer w = writer_of(to->bytes, sizeof to->bytes);

	to->from = (struct endpoint){a->to.ip, (uint16_t)(a->local_port - 10000)};
	to->port = a->local_port;
	assert_int_equal(tftp_encode(packet, &w), 0);
	to->len = w.pos;
}

static void tftp_send_block(struct lab *lab, const struct phone_action *a, uint16_t block)
{
	struct slice left =
	    slice_from(slice_of(lab->sending, lab->sending_len), (size_t)(block - 1) * 512);
	struct tftp_packet data = {.op = TFTP_DATA, .block = block};

	data.data = slice_head(left, 512);
	tftp_reply(lab, a, &data);
}

/* NULL: not found. */
static const char *file_named(const struct lab *lab, const char *file)
{
	if (lab->missing_file != NULL && strcmp(file, lab->missing_file) == 0)
		return NULL;
	if (strlen(file) > 3 && strcmp(file + 3, &LAB_OWN_FILE[3]) == 0) /* SEP or ATA */
		return lab->own_file;
	if (strcmp(file, "XMLDefault.cnf.xml") == 0)
		return lab->default_file;
	if (lab->more_name != NULL && strcmp(file, lab->more_name) == 0)
		return lab->more_file;
	if (strstr(file, ".sbn") != NULL || strstr(file, ".sbin") != NULL)
		return "image";
	return NULL;
}

static void on_request(struct lab *lab, const struct phone_action *a, const char *file)
{
	struct tftp_packet error = {.op = TFTP_ERROR, .code = TFTP_ERROR_NOT_FOUND};

	error.data = slice_text("File not found");
	lab->sending = file_named(lab, file);
	lab->sending_len = lab->sending == NULL ? 0 : strlen(lab->sending);
	if (lab->sending == lab->more_file && lab->more_len > 0)
		lab->sending_len = lab->more_len;
	if (lab->sending == NULL)
		tftp_reply(lab, a, &error);
	else
		tftp_send_block(lab, a, 1);
}

static void on_question(struct lab *lab, const struct phone_action *a)
{
	char to[ENDPOINT_TEXT_SIZE];
	struct dns m;

	assert_int_equal(dns_decode(slice_of(a->bytes, a->len), &m, NULL), 0);
	assert_false(m.is_response);
	assert_int_equal(m.type, DNS_A);
	buf_printf(&lab->trace, "dns %s to %s\n", m.name, endpoint_format(a->to, to));
	m.is_response = true;
	if (lab->dns_name != NULL && strcmp(m.name, lab->dns_name) == 0)
		m.address[m.address_count++] = lab->dns_ip;
	else
		m.rcode = lab->dns_rcode;
	if (ip4_equal(a->to.ip, lab->dns_mute_ip) || (m.rcode == 0 && m.address_count == 0))
		return;
	struct lab_pending *reply = pend(lab, LAB_UDP);
	struct writer w = writer_of(reply->bytes, sizeof reply->bytes);
	reply->from = a->to;
	reply->port = a->local_port;
	assert_int_equal(dns_encode(&m, &w), 0);
	reply->len = w.pos;
}

static void on_udp(struct lab *lab, const struct phone_action *a)
{
	struct tftp_packet m;

	lab->last_udp = *a;
	if (a->to.port == DNS_PORT) {
		on_question(lab, a);
		return;
	}
	assert_int_equal(tftp_decode(slice_of(a->bytes, a->len), &m, NULL), 0);
	if (m.op == TFTP_RRQ)
		buf_printf(&lab->trace, "tftp RRQ %s\n", m.file);
	else if (m.op == TFTP_ACK)
		buf_printf(&lab->trace, "tftp ACK %u\n", m.block);
	else
		buf_printf(&lab->trace, "tftp ERROR %u\n", m.code);
	if (lab->tftp_mute || ip4_equal(a->to.ip, lab->tftp_mute_ip))
		return;
	if (m.op == TFTP_RRQ)
		on_request(lab, a, m.file);
	/* A last block shorter than 512 has been sent when this is behind its end. */
	else if (m.op == TFTP_ACK && (size_t)m.block * 512 <= lab->sending_len)
		tftp_send_block(lab, a, (uint16_t)(m.block + 1));
}

/* SCCP. */

static struct lab_connection *connection_of(struct lab *lab, unsigned number)
{
	for (size_t i = 0; i < LAB_CONNECTIONS; i++) {
		if (lab->open[i].number == number)
			return &lab->open[i];
	}
	fail_msg("the phone knows no connection %u", number);
	return &lab->open[0];
}

void lab_send(struct lab *lab, const struct sccp_message *m)
{
	uint8_t bytes[SCCP_FRAME_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);

	assert_int_equal(sccp_encode(m, lab->config.profile->protocol_version, &w), 0);
	struct lab_connection *c =
	    connection_of(lab, lab->answering != 0 ? lab->answering : lab->connection);
	buf_append(&c->tcp, writer_done(&w));
}

void lab_close(struct lab *lab, unsigned connection, bool reset)
{
	struct lab_connection *c = connection_of(lab, connection);

	c->number = 0;
	buf_clear(&c->tcp);
	phone_tcp_closed(lab->phone, connection, reset, lab->now);
	lab_settle(lab);
}

static void answer(struct lab *lab, uint32_t id, struct sccp_message m)
{
	m.id = id;
	if (id != lab->skip)
		lab_send(lab, &m);
}

static void send_buttons(struct lab *lab)
{
	struct sccp_message m = {.id = 0};
	unsigned n = 0;

	for (unsigned i = 1; i <= lab->lines; i++)
		m.buttons.button[n++] = (struct sccp_button){(uint8_t)i, 0x09};
	for (unsigned i = 1; i <= lab->speed_dials; i++)
		m.buttons.button[n++] = (struct sccp_button){(uint8_t)i, 0x02};
	m.buttons.count = m.buttons.total = n;
	answer(lab, SCCP_BUTTON_TEMPLATE_RES, m);
}

static void send_register_ack(struct lab *lab)
{
	struct sccp_message m = {.id = 0};

	if (lab->reject || ip4_equal(connection_of(lab, lab->answering)->to.ip, lab->reject_ip)) {
		(void)text_copy(m.reject_text, sizeof m.reject_text, "Error DBConfig");
		answer(lab, SCCP_REGISTER_REJECT, m);
		return;
	}
	m.ack.keepalive_s = lab->keepalive_s;
	m.ack.secondary_keepalive_s = 60;
	m.ack.protocol_version = lab->config.profile->protocol_version;
	(void)text_copy(m.ack.date_template, sizeof m.ack.date_template, "D.M.Y");
	answer(lab, SCCP_REGISTER_ACK, m);
	if (!lab->no_capabilities_req)
		answer(lab, SCCP_CAPABILITIES_REQ, (struct sccp_message){.id = 0});
}

static void on_frame(struct lab *lab, const struct sccp_message *m)
{
	bool v2 = lab->config.profile->protocol_version >= 17;
	struct sccp_message r = {.id = 0};

	switch (m->id) {
	case SCCP_REGISTER:
		send_register_ack(lab);
		break;
	case SCCP_BUTTON_TEMPLATE_REQ:
		send_buttons(lab);
		break;
	case SCCP_SOFT_KEY_TEMPLATE_REQ:
		answer(lab, SCCP_SOFT_KEY_TEMPLATE_RES, r);
		break;
	case SCCP_SOFT_KEY_SET_REQ:
		r.soft_key_sets.count = r.soft_key_sets.total = 1;
		answer(lab, SCCP_SOFT_KEY_SET_RES, r);
		break;
	case SCCP_CONFIG_STAT_REQ:
		answer(lab, SCCP_CONFIG_STAT_RES, r);
		break;
	case SCCP_LINE_STAT_REQ:
		r.line.line = m->value;
		(void)snprintf(r.line.number, sizeof r.line.number, "100%u", m->value);
		answer(lab, v2 ? SCCP_LINE_STAT_V2_RES : SCCP_LINE_STAT_RES, r);
		break;
	case SCCP_SPEED_DIAL_STAT_REQ:
		r.speed_dial.index = m->value;
		answer(lab, SCCP_SPEED_DIAL_STAT_RES, r);
		break;
	case SCCP_FORWARD_STAT_REQ:
		r.forward.line = m->value;
		answer(lab, SCCP_FORWARD_STAT_RES, r);
		break;
	case SCCP_TIME_DATE_REQ:
		r.time.year = 2026;
		answer(lab, SCCP_DEFINE_TIME_DATE, r);
		break;
	case SCCP_KEEP_ALIVE:
		answer(lab, SCCP_KEEP_ALIVE_ACK, r);
		break;
	case SCCP_REGISTER_TOKEN_REQ:
		r.value = lab->token_wait_s;
		answer(lab,
		       lab->token_wait_s > 0 ? SCCP_REGISTER_TOKEN_REJECT : SCCP_REGISTER_TOKEN_ACK,
		       r);
		break;
	case SCCP_OFF_HOOK:
		r.tone.tone = SCCP_TONE_INSIDE_DIAL_TONE;
		answer(lab, SCCP_START_TONE, r);
		break;
	case SCCP_UNREGISTER:
		r.value = lab->unregister_status;
		answer(lab, SCCP_UNREGISTER_ACK, r);
		break;
	default:
		break;
	}
}

/* HTTP, port 6970. */
static void on_get(struct lab *lab, const struct phone_action *a)
{
	struct lab_connection *c = connection_of(lab, a->connection);
	char name[64] = "";
	const char *file = NULL;

	(void)text_copy_slice(name, sizeof name,
			      slice_of(a->bytes + 5, strcspn((const char *)a->bytes + 5, " ")));
	buf_printf(&lab->trace, "http GET %s\n", name);
	file = file_named(lab, name);
	if (lab->http_mute)
		return;
	if (file == NULL)
		buf_text(&c->tcp, "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone");
	else
		buf_printf(&c->tcp, "HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length: %zu\r\n\r\n%s",
			   strlen(file), file);
}

static void on_tcp(struct lab *lab, const struct phone_action *a)
{
	struct slice frame;
	struct sccp_message *m = &lab->last_sccp;

	if (connection_of(lab, a->connection)->to.port == 6970) {
		on_get(lab, a);
		return;
	}

	(void)connection_of(lab, a->connection);
	assert_int_equal(sccp_frame_next(slice_of(a->bytes, a->len), &frame), a->len);
	assert_int_equal(sccp_decode(frame, m, NULL), 0);
	if (m->id == SCCP_REGISTER)
		lab->last_register = m->reg;
	/* An alarm is what a connection begins with that is to register. */
	if (m->id == SCCP_ALARM)
		lab->connection = a->connection;
	buf_printf(&lab->trace, "%s %s", a->connection == lab->connection ? "sccp" : "standby",
		   sccp_id_name(m->id));
	if (m->id == SCCP_ALARM)
		buf_printf(&lab->trace, " \"%s\"", m->alarm.text);
	if (m->id == SCCP_LINE_STAT_REQ || m->id == SCCP_SPEED_DIAL_STAT_REQ ||
	    m->id == SCCP_FORWARD_STAT_REQ || m->id == SCCP_REGISTER_AVAILABLE_LINES)
		buf_printf(&lab->trace, " %u", m->value);
	buf_char(&lab->trace, '\n');
	lab->answering = a->connection;
	if (!lab->sccp_mute && !(lab->standby_mute && a->connection != lab->connection))
		on_frame(lab, m);
	lab->answering = 0;
}

/* All of it. */

static void on_connect(struct lab *lab, const struct phone_action *a)
{
	char to[ENDPOINT_TEXT_SIZE];

	buf_printf(&lab->trace, "tcp connect %u to %s\n", a->connection,
		   endpoint_format(a->to, to));
	assert_true(a->connection > lab->last_connection);
	lab->last_connection = a->connection;
	if (phone_state(lab->phone) != PHONE_REGISTERED)
		lab->connection = a->connection;
	bool refuse = lab->tcp_refuse || ip4_equal(a->to.ip, lab->tcp_refuse_ip) ||
		      (a->to.port == 6970 && !lab->http);
	if (!refuse) {
		struct lab_connection *c = connection_of(lab, 0);
		c->number = a->connection;
		c->to = a->to;
		buf_clear(&c->tcp);
	}
	if (lab->tcp_mute)
		return;
	pend(lab, refuse ? LAB_REFUSED : LAB_OPEN)->connection = a->connection;
}

static void on_close(struct lab *lab, unsigned number)
{
	struct lab_connection *c = connection_of(lab, number);

	buf_printf(&lab->trace, "tcp close %u\n", number);
	buf_clear(&c->tcp);
	c->number = 0;
}

static void on_action(struct lab *lab, const struct phone_action *a)
{
	char ip[IP4_TEXT_SIZE];

	switch (a->kind) {
	case PHONE_SEND_DHCP:
		on_dhcp(lab, a);
		break;
	case PHONE_SEND_FRAME:
		lab_note_frame(lab, a);
		break;
	case PHONE_TAG:
		buf_printf(&lab->trace, a->tag.tagged ? "tag vlan %u priority %u\n" : "tag none\n",
			   a->tag.vlan, a->tag.priority);
		break;
	case PHONE_SEND_UDP:
		on_udp(lab, a);
		break;
	case PHONE_TCP_CONNECT:
		on_connect(lab, a);
		break;
	case PHONE_TCP_SEND:
		on_tcp(lab, a);
		break;
	case PHONE_TCP_CLOSE:
		on_close(lab, a->connection);
		break;
	case PHONE_ADDRESS:
		buf_printf(&lab->trace, "address %s\n", ip4_format(a->ip, ip));
		break;
	case PHONE_DIAL_TONE:
		buf_text(&lab->trace, "dial tone\n");
		break;
	case PHONE_STATE:
		buf_printf(&lab->trace, "= %s\n", phone_state_text(a->state));
		break;
	}
}

static void deliver(struct lab *lab, const struct lab_pending *m)
{
	struct slice bytes = slice_of(m->bytes, m->len);

	switch (m->kind) {
	case LAB_DHCP:
		phone_dhcp_input(lab->phone, bytes, lab->now);
		break;
	case LAB_UDP:
		phone_udp_input(lab->phone, m->from, m->port, bytes, lab->now);
		break;
	case LAB_OPEN:
		phone_tcp_open(lab->phone, m->connection, lab->now);
		break;
	case LAB_REFUSED:
		phone_tcp_refused(lab->phone, m->connection, lab->now);
		break;
	}
}

static void deliver_tcp(struct lab *lab, struct lab_connection *c)
{
	size_t len = lab->split == 0 ? c->tcp.len : lab->split;
	uint8_t piece[8192];

	if (lab->first_piece != 0) {
		len = lab->first_piece;
		lab->first_piece = 0;
	}
	struct slice head = slice_head(buf_slice(&c->tcp), len < sizeof piece ? len : sizeof piece);
	memcpy(piece, head.ptr, head.len);
	buf_consume(&c->tcp, head.len);
	phone_tcp_input(lab->phone, c->number, slice_of(piece, head.len), lab->now);
}

bool lab_has_memory(const struct lab *lab)
{
	int error = buf_error(&lab->trace);

	for (size_t i = 0; i < LAB_CONNECTIONS && error == 0; i++)
		error = buf_error(&lab->open[i].tcp);
	return error == 0;
}

static struct lab_connection *talking(struct lab *lab)
{
	for (size_t i = 0; i < LAB_CONNECTIONS; i++) {
		if (lab->open[i].number != 0 && lab->open[i].tcp.len > 0)
			return &lab->open[i];
	}
	return NULL;
}

void lab_settle(struct lab *lab)
{
	static struct phone_action a;

	for (;;) {
		while (lab->actions_left > 0 && phone_next_action(lab->phone, &a)) {
			lab->actions_left--;
			on_action(lab, &a);
		}
		if (lab->actions_left == 0)
			return;
		if (lab->pending_count > 0) {
			struct lab_pending first = lab->pending[0];
			lab->pending_count--;
			memmove(lab->pending, lab->pending + 1, lab->pending_count * sizeof first);
			deliver(lab, &first);
		} else if (talking(lab) != NULL) {
			deliver_tcp(lab, talking(lab));
		} else {
			return;
		}
	}
}

dt_time lab_sleep(struct lab *lab)
{
	dt_time deadline = phone_deadline(lab->phone), slept = deadline - lab->now;

	assert_true(deadline != DT_NEVER);
	assert_true(slept > 0);
	/* A microsecond early nothing happens. */
	phone_expire(lab->phone, deadline - 1);
	assert_int_equal(phone_deadline(lab->phone), deadline);
	lab->now = deadline;
	phone_expire(lab->phone, lab->now);
	assert_true(phone_deadline(lab->phone) > lab->now);
	lab_settle(lab);
	return slept;
}

void lab_sleep_until(struct lab *lab, enum phone_state state)
{
	for (int i = 0; i < 200 && phone_state(lab->phone) != state; i++)
		(void)lab_sleep(lab);
	assert_int_equal(phone_state(lab->phone), state);
}

const char *lab_said(struct lab *lab)
{
	static char text[1 << 16];

	assert_int_equal(buf_error(&lab->trace), 0);
	(void)text_copy(text, sizeof text, buf_cstr(&lab->trace));
	buf_clear(&lab->trace);
	return text;
}

struct phone_view lab_view(const struct lab *lab)
{
	struct phone_view view;

	phone_view(lab->phone, &view);
	return view;
}

void lab_boot(struct lab *lab, const char *model)
{
	lab_init(lab, model);
	lab_power_on(lab);
	lab_sleep_until(lab, PHONE_REGISTERED);
	(void)lab_said(lab);
}
