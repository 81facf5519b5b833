/* SIP registration to facts: REGISTER and its answers, the standby's keepalives, what the server
 * orders (service-control), and that calls are tried. An answer is known by its request's Call-ID
 * and CSeq. */
#include "observe/observer_internal.h"

#include "base/text.h"
#include "observe/words.h"

static uint64_t request_key(const struct sip_message *m)
{
	char text[160];

	(void)snprintf(text, sizeof text, "%.*s/%u/%.*s", (int)(m->call_id.len % 120),
		       m->call_id.ptr != NULL ? (const char *)m->call_id.ptr : "", m->cseq,
		       (int)(m->cseq_method.len % 20),
		       m->cseq_method.ptr != NULL ? (const char *)m->cseq_method.ptr : "");
	return map_key_text(text) | 1ULL << 63;
}

/* The line: the user of the To header. */
static void copy_user(struct slice header, char *to, size_t size)
{
	struct slice user;
	struct slice host;
	uint16_t port = 0;

	to[0] = 0;
	if (sip_uri(header, &user, &host, &port))
		(void)text_copy_slice(to, size, user);
}

/* Cisco phones name their device in one of three parameters of the Contact. */
static void device_name(const struct sip_message *m, char *to, size_t size)
{
	static const char *const names[] = {"+u.sip!devicename.ccm.cisco.com",
					    "+u.sip!devicename.ccm.features.cisco.com"};
	struct slice value;

	to[0] = 0;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (sip_parameter(m->contact, names[i], &value) && value.len > 0) {
			(void)text_copy_slice(to, size, value);
			return;
		}
	}
	/* "<urn:uuid:00000000-0000-0000-0000-001bd5853661>": the hardware address at its end. */
	if (sip_parameter(m->contact, "+sip.instance", &value) && value.len >= 13) {
		char hex[13];
		struct mac mac;
		(void)text_copy_slice(hex, sizeof hex, slice_from(value, value.len - 13));
		if (mac_parse(hex, &mac) == 0 && size > 15) {
			memcpy(to, "SEP", 3);
			(void)mac_format_hex(mac, to + 3);
		}
	}
}

static uint32_t number_of(struct slice text)
{
	uint32_t value = 0;

	for (size_t i = 0; i < text.len && i < 9 && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
		value = value * 10 + (text.ptr[i] - (uint32_t)'0');
	return value;
}

/* Seconds the registration is to last: the header, else the Contact's own. */
static bool expires_of(const struct sip_message *m, uint32_t *ret_seconds)
{
	struct slice value;

	if (sip_parameter(m->contact, "expires", &value) && value.len > 0) {
		*ret_seconds = number_of(value);
		return true;
	}
	*ret_seconds = m->expires_s;
	return m->has_expires;
}

static bool contains(struct slice in, const char *word)
{
	return in.len > 0 && memmem(in.ptr, in.len, word, strlen(word)) != NULL;
}

static struct fact sip_fact(struct observer *o, enum fact_kind kind, struct endpoint phone,
			    struct endpoint server)
{
	struct fact f = observer_fact(o, kind, phone.ip);

	f.peer = server;
	return f;
}

static void clock_of(struct observer *o, const struct sip_message *m, struct endpoint phone,
		     struct endpoint server, bool by_phone)
{
	struct observed_flow f = {.phone = phone, .server = server};

	if (m->date.len > 0)
		observer_clock(o, by_phone ? FACT_CLOCK_PHONE : FACT_CLOCK_SERVER, &f,
			       observer_date(m->date), by_phone ? "Date" : "SIP Date");
}

static uint32_t register_bits(const struct sip_message *m, bool again, bool zero)
{
	uint32_t bits = again ? SIP_AGAIN : 0;

	bits |= m->authorization.len > 0 ? SIP_CREDENTIALS : 0u;
	bits |= contains(m->body, "bulkregister") ? SIP_BULK : 0u;
	bits |= zero ? SIP_EXPIRES_0 : 0u;
	bits |= contains(m->via, "TLS") ? SIP_TLS : 0u;
	bits |= contains(m->via, "TLS") || contains(m->via, "TCP") ? 0u : SIP_UDP;
	return bits;
}

static void on_register(struct observer *o, const struct flow *flow, const struct sip_message *m)
{
	struct slice user;
	struct slice host;
	struct slice value;
	uint16_t port = 0;
	uint32_t seconds = 0;
	char name[FACT_NAME_SIZE];
	struct observed_lookup *l = table_need(&o->lookups, request_key(m), o->at);
	bool again = l != NULL && l->waiting++ > 0;
	bool zero = expires_of(m, &seconds) && seconds == 0;
	bool keepalive = zero && contains(m->contact, "cisco-keep-alive");

	device_name(m, name, sizeof name);
	observer_claim_name(o, flow->from.ip, name);
	observer_phone_address(o, flow->from.ip);
	(void)map_put(&o->servers, endpoint_key(flow->to), &o->servers);
	uint32_t bits = register_bits(m, again, zero);
	if (l != NULL) {
		l->bits = bits;
		l->claim = observer_claim_of(o, flow->from.ip, name);
		l->keepalive = keepalive;
	}
	struct fact f =
	    sip_fact(o, keepalive ? FACT_SIP_KEEPALIVE : FACT_SIP_REGISTER, flow->from, flow->to);
	if (keepalive) {
		f.number = 1;
	} else {
		(void)text_copy(f.name, sizeof f.name, name);
		copy_user(m->to, f.text, sizeof f.text);
		if (sip_parameter(m->contact, "+u.sip!model.ccm.cisco.com", &value))
			f.number = number_of(value);
		f.value[0] = m->cseq;
		f.value[1] = bits;
		char dotted[IP4_TEXT_SIZE];
		struct ip4 ip;
		if (sip_uri(m->contact, &user, &host, &port) && host.len < sizeof dotted) {
			(void)text_copy_slice(dotted, sizeof dotted, host);
			if (ip4_parse(dotted, &ip) == 0)
				f.value[2] = ip4_number(ip);
		}
	}
	if (l != NULL && !mac_is_zero(l->claim))
		f.mac = l->claim;
	observer_add_fact(o, &f);
	if (contains(m->reason, "cisco-alarm"))
		observer_alarm_text(o, flow->from.ip, flow->to, m->reason);
	clock_of(o, m, flow->from, flow->to, true);
}

/* The text between the quotes of "399 cm1 "Device security mismatch: …"". */
static void warning_text(struct slice warning, char *to, size_t size)
{
	const uint8_t *open = warning.len > 0 ? memchr(warning.ptr, '"', warning.len) : NULL;

	if (open == NULL) {
		sip_text(warning, to, size);
		return;
	}
	struct slice inside = slice_from(warning, (size_t)(open - warning.ptr) + 1);
	const uint8_t *end = inside.len > 0 ? memchr(inside.ptr, '"', inside.len) : NULL;
	sip_text(slice_head(inside, end != NULL ? (size_t)(end - inside.ptr) : inside.len), to,
		 size);
}

static void fill_granted(const struct sip_message *m, struct fact *f)
{
	(void)expires_of(m, &f->number);
	f->value[0] = m->cseq;
	copy_user(m->to, f->text, sizeof f->text);
}

static void fill_challenge(const struct sip_message *m, uint32_t bits, struct fact *f)
{
	struct slice value;

	f->number = m->status;
	f->value[0] = m->cseq;
	/* "nonce has changed" says some registrars, and leave out stale=true. */
	f->value[1] = (sip_parameter(m->authenticate, "stale", &value) && sip_is(value, "true")) ||
		      contains(m->phrase, "nonce") || contains(m->phrase, "tale");
	f->value[2] = (bits & SIP_CREDENTIALS) != 0;
	copy_user(m->to, f->text, sizeof f->text);
}

static void fill_refusal(const struct sip_message *m, struct fact *f)
{
	f->number = m->status;
	f->value[0] = m->cseq;
	f->value[1] = number_of(m->retry_after);
	if (m->warning.len > 0)
		warning_text(m->warning, f->text, sizeof f->text);
	else
		sip_text(m->phrase, f->text, sizeof f->text);
}

static void on_answer(struct observer *o, const struct flow *flow, const struct sip_message *m)
{
	const struct observed_lookup *l = table_get(&o->lookups, request_key(m));
	uint32_t bits = l != NULL ? l->bits : 0;
	bool granted = m->status < 300;
	struct fact f = sip_fact(o, FACT_SIP_REFUSED, flow->to, flow->from);

	if (m->status < 200)
		return;
	if (l != NULL && !mac_is_zero(l->claim))
		f.mac = l->claim;
	if (granted && l != NULL && l->keepalive) {
		f.kind = FACT_SIP_KEEPALIVE;
		f.number = 2;
	} else if (granted && (bits & SIP_EXPIRES_0) != 0) {
		f.kind = FACT_SIP_UNREGISTERED;
		copy_user(m->to, f.text, sizeof f.text);
	} else if (granted) {
		f.kind = FACT_SIP_REGISTERED;
		fill_granted(m, &f);
	} else if (m->status == 401 || m->status == 407) {
		f.kind = FACT_SIP_CHALLENGED;
		fill_challenge(m, bits, &f);
	} else {
		fill_refusal(m, &f);
	}
	observer_add_fact(o, &f);
	clock_of(o, m, flow->to, flow->from, false);
}

/* "action=restart", and the stamp the phone is to compare with its file's. */
static void on_service(struct observer *o, const struct flow *flow, const struct sip_message *m)
{
	static const char *const actions[] = {"action=reset", "action=restart",
					      "action=apply-config", "action=check-version"};
	static const char stamp[] = "ConfigVersionStamp=";
	struct fact f = sip_fact(o, FACT_SIP_SERVICE, flow->to, flow->from);

	for (uint32_t i = 0; i < sizeof actions / sizeof *actions; i++) {
		if (contains(m->body, actions[i]))
			f.number = i + 1;
	}
	if (f.number == 0)
		return;
	if (contains(m->body, stamp)) {
		const uint8_t *at = memmem(m->body.ptr, m->body.len, stamp, sizeof stamp - 1);
		struct slice rest =
		    slice_from(m->body, (size_t)(at - m->body.ptr) + sizeof stamp - 1);
		size_t n = 0;
		while (n < rest.len && rest.ptr[n] >= ' ')
			n++;
		(void)text_copy_slice(f.text, sizeof f.text, slice_head(rest, n));
	}
	observer_add_fact(o, &f);
}

static void on_invite(struct observer *o, const struct flow *flow, const struct sip_message *m,
		      size_t bytes)
{
	bool by_phone = !observer_is_phone(o, flow->to.ip) || observer_is_phone(o, flow->from.ip);
	struct fact f = by_phone ? sip_fact(o, FACT_SIP_CALL, flow->from, flow->to)
				 : sip_fact(o, FACT_SIP_CALL, flow->to, flow->from);

	f.number = by_phone ? 1 : 2;
	f.value[0] = (uint32_t)bytes;
	(void)text_copy_slice(f.text, sizeof f.text, m->method);
	observer_add_if_phone(o, &f);
}

static void say(struct observer *o, const struct flow *flow, const struct sip_message *m)
{
	bool register_ = sip_is(m->cseq_method, "REGISTER");
	bool by_phone =
	    register_ ? m->is_request
		      : observer_is_phone(o, flow->from.ip) && !observer_callmanager(o, flow->from);
	struct buf *line = observer_line(o);

	if (line == NULL)
		return;
	words_sip(line, m);
	observer_said(o, "SIP", by_phone ? flow->from.ip : flow->to.ip,
		      by_phone ? flow->to : flow->from, by_phone);
}

void observer_sip(struct observer *o, const struct flow *flow, const struct sip_message *message,
		  size_t bytes, dt_time at, uint64_t evidence)
{
	const struct sip_message *m = message;

	observer_begin(o, flow, at, evidence);
	say(o, flow, m);
	if (!m->is_request) {
		if (sip_is(m->cseq_method, "REGISTER"))
			on_answer(o, flow, m);
		return;
	}
	if (sip_is(m->method, "REGISTER")) {
		on_register(o, flow, m);
	} else if (sip_is(m->method, "INVITE")) {
		on_invite(o, flow, m, bytes);
	} else if (sip_is(m->method, "NOTIFY") || sip_is(m->method, "REFER")) {
		if (contains(m->body, "action="))
			on_service(o, flow, m);
		else if (contains(m->body, "x-cisco-alarm") ||
			 contains(m->content_type, "x-cisco-alarm"))
			observer_alarm_xml(o, flow->from.ip, flow->to, m->body);
	}
}

int observer_take_sip(struct observer *o, struct observed_flow *f, const struct flow *flow,
		      struct slice bytes)
{
	struct slice message;
	struct sip_message m;
	int used = sip_message_next(bytes, &message);

	if (used < 0) {
		struct fact fact = observer_flow_fact(o, FACT_SIP_BROKEN, f);
		(void)text_copy(fact.text, sizeof fact.text, "the stream is no longer SIP");
		observer_add_fact(o, &fact);
	} else if (used > 0 && sip_decode(message, &m, NULL) == 0) {
		observer_sip(o, flow, &m, message.len, o->at, o->evidence);
	}
	return used;
}
