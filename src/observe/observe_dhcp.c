/* DHCP packets to facts. A phone is known here by its own hardware address, relayed or not. */
#include "observe/observer_internal.h"

#include "base/text.h"
#include "observe/words.h"

#include <strings.h>

#define OPTION_82_CIRCUIT 1

static enum fact_kind kind_of(enum dhcp_type type)
{
	switch (type) {
	case DHCP_DISCOVER:
		return FACT_DHCP_DISCOVER;
	case DHCP_OFFER:
		return FACT_DHCP_OFFER;
	case DHCP_REQUEST:
		return FACT_DHCP_REQUEST;
	case DHCP_DECLINE:
		return FACT_DHCP_DECLINE;
	case DHCP_ACK:
		return FACT_DHCP_ACK;
	case DHCP_NAK:
		return FACT_DHCP_NAK;
	case DHCP_RELEASE:
		return FACT_DHCP_RELEASE;
	case DHCP_INFORM:
		return FACT_DHCP_INFORM;
	case DHCP_BOOTP:
		break;
	}
	return FACT_COUNT;
}

/* An address list that is really text: all digits, dots and NUL (D-13). "10.1.2.3" and four bytes
 * of a true address are told apart by there being a dot. */
static bool is_text(struct slice value)
{
	bool dot = false;

	for (size_t i = 0; value.ptr != NULL && i < value.len; i++) {
		uint8_t c = value.ptr[i];
		if (c != 0 && c != '.' && (c < '0' || c > '9'))
			return false;
		dot |= c == '.';
	}
	return dot && value.len >= 7;
}

static void read_option150(const struct dhcp_message *m, struct fact_dhcp *d)
{
	struct slice value = dhcp_option_get(m, DHCP_OPTION_TFTP_SERVERS);

	d->has_150 = value.ptr != NULL;
	d->option150_len = (uint8_t)(value.len < UINT8_MAX ? value.len : UINT8_MAX);
	d->option150_text = is_text(value);
	if (d->option150_text)
		(void)text_copy_slice(d->option150_words, sizeof d->option150_words, value);
	for (size_t i = 0; value.ptr != NULL && i + 4 <= value.len && d->option150_count < 2;
	     i += 4) {
		struct ip4 ip = {
		    {value.ptr[i], value.ptr[i + 1], value.ptr[i + 2], value.ptr[i + 3]}};
		d->option150[d->option150_count++] = ip;
	}
}

/* The relay's circuit id: as text when it is one, else as hex. */
static void read_circuit(const struct dhcp_message *m, struct fact_dhcp *d)
{
	struct slice s = dhcp_option_get(m, DHCP_OPTION_RELAY_AGENT);
	bool printable = true;

	d->has_82 = s.ptr != NULL;
	if (s.ptr == NULL)
		return;
	while (s.len >= 2 && s.ptr[0] != OPTION_82_CIRCUIT)
		s = slice_from(s, 2u + s.ptr[1]);
	if (s.len < 3 || s.ptr == NULL)
		return;
	struct slice value = slice_head(slice_of(s.ptr + 2, s.len - 2), s.ptr[1]);
	for (size_t i = 0; i < value.len; i++)
		printable &= value.ptr[i] >= ' ' && value.ptr[i] < 0x7f;
	if (printable) {
		(void)text_copy_slice(d->circuit, sizeof d->circuit, value);
		return;
	}
	for (size_t i = 0; i < value.len && i * 2 + 2 < sizeof d->circuit; i++)
		(void)snprintf(d->circuit + i * 2, 3, "%02x", value.ptr[i]);
}

static struct ip4 first_address(const struct dhcp_message *m, uint8_t option)
{
	struct ip4 ip = {{0}};
	struct slice value = slice_head(dhcp_option_get(m, option), 4);

	if (value.len == 4)
		memcpy(ip.b, value.ptr, 4);
	return ip;
}

static void read_options(const struct dhcp_message *m, struct fact_dhcp *d)
{
	*d = (struct fact_dhcp){.xid = m->xid,
				.secs = m->secs,
				.flags = m->flags,
				.hops = m->hops,
				.giaddr = m->giaddr,
				.ciaddr = m->ciaddr,
				.yiaddr = m->yiaddr,
				.siaddr = m->siaddr};
	(void)dhcp_option_ip(m, DHCP_OPTION_REQUESTED_IP, &d->requested);
	(void)dhcp_option_ip(m, DHCP_OPTION_SERVER_ID, &d->server_id);
	(void)dhcp_option_u32(m, DHCP_OPTION_LEASE_TIME, &d->lease_s);
	(void)dhcp_option_u32(m, DHCP_OPTION_T1, &d->t1_s);
	(void)dhcp_option_u32(m, DHCP_OPTION_T2, &d->t2_s);
	(void)dhcp_option_ip(m, DHCP_OPTION_SUBNET_MASK, &d->mask);
	d->router = first_address(m, DHCP_OPTION_ROUTER);
	d->dns = first_address(m, DHCP_OPTION_DNS);
	d->has_66 = dhcp_option_text(m, DHCP_OPTION_TFTP_NAME, d->option66, sizeof d->option66);
	d->has_43 = dhcp_option_has(m, DHCP_OPTION_VENDOR_DATA);
	d->has_sname = m->sname[0] != 0;
	d->overload = dhcp_option_has(m, DHCP_OPTION_OVERLOAD);
	read_option150(m, d);
	read_circuit(m, d);
}

/* Who answered: its identifier, else where the packet came from. */
static struct endpoint server_of(const struct dhcp_message *m, const struct flow *flow)
{
	struct endpoint e = {flow->from.ip, 0};

	(void)dhcp_option_ip(m, DHCP_OPTION_SERVER_ID, &e.ip);
	return e;
}

/* A phone by what it says of itself: a Cisco vendor class, a device name, or asking for option 150.
 */
static bool is_phone(const struct dhcp_message *m, const struct fact *f)
{
	char model[16];
	struct mac mac;
	struct slice wanted = dhcp_option_get(m, DHCP_OPTION_PARAMETERS);

	if (dhcp_vendor_model(dhcp_option_get(m, DHCP_OPTION_VENDOR_CLASS), model, sizeof model))
		return true;
	if (strncasecmp(f->text, "cisco system", 12) == 0)
		return true;
	if (strncmp(f->name, "SEP", 3) == 0 && mac_of_device_name(f->name, &mac) == 0)
		return true;
	return wanted.len > 0 && memchr(wanted.ptr, DHCP_OPTION_TFTP_SERVERS, wanted.len) != NULL &&
	       memchr(wanted.ptr, DHCP_OPTION_TFTP_NAME, wanted.len) != NULL;
}

static void on_lease(struct observer *o, const struct fact *f)
{
	struct ip4 ip = ip4_is_zero(f->dhcp.yiaddr) ? f->dhcp.ciaddr : f->dhcp.yiaddr;

	observer_claim(o, ip, f->mac, GROUND_DHCP);
	struct observed_address *a = observer_address(o, ip);
	if (a == NULL || a->ground != GROUND_DHCP)
		return;
	a->until = f->dhcp.lease_s == UINT32_MAX || f->dhcp.lease_s == 0
		       ? DT_NEVER
		       : dt_time_add(f->at, DT_SECONDS(f->dhcp.lease_s));
	a->router = f->dhcp.router;
}

/* What no client can be expected to understand. */
static const char *what_is_broken(const struct dhcp_message *m, const struct anomalies *anomalies)
{
	for (uint32_t i = 0; i < anomalies->count && i < ANOMALIES_MAX; i++) {
		if (anomalies->item[i].kind == ANOMALY_LENGTH ||
		    anomalies->item[i].kind == ANOMALY_SHORT)
			return "an option runs beyond the end of the message";
	}
	if ((m->type == DHCP_OFFER || m->type == DHCP_ACK) && !ip4_is_zero(m->yiaddr)) {
		if (!dhcp_option_has(m, DHCP_OPTION_SERVER_ID))
			return "no server identifier (option 54)";
		if (!dhcp_option_has(m, DHCP_OPTION_LEASE_TIME))
			return "no lease time (option 51)";
	}
	return NULL;
}

static void tell_broken(struct observer *o, const struct fact *told, const struct dhcp_message *m,
			const char *what)
{
	struct fact f = observer_fact_of(o, FACT_DHCP_BROKEN, told->mac);

	f.peer = told->peer;
	f.ip = told->ip;
	f.number = m->xid;
	f.value[0] = m->op == 1 ? 1 : 2;
	f.value[1] = m->type;
	(void)text_copy(f.text, sizeof f.text, what);
	observer_add_fact(o, &f);
}

void observer_dhcp(struct observer *o, const struct flow *flow, struct slice payload, dt_time at,
		   uint64_t evidence)
{
	struct dhcp_message m;
	struct anomalies anomalies = {0};

	observer_begin(o, flow, at, evidence);
	if (dhcp_decode(payload, &m, &anomalies) != 0 || mac_is_zero(m.chaddr))
		return;
	enum fact_kind kind = kind_of(m.type);
	if (kind == FACT_COUNT ||
	    (m.op == 2) != (m.type == DHCP_OFFER || m.type == DHCP_ACK || m.type == DHCP_NAK))
		return;
	struct fact f = observer_fact_of(o, kind, m.chaddr);
	read_options(&m, &f.dhcp);
	f.number = m.xid;
	if (m.op == 1) {
		f.ip = m.ciaddr;
		f.dhcp.to_server = ip4_number(flow->to.ip) != UINT32_MAX && ip4_is_zero(m.giaddr) &&
				   !ip4_is_zero(flow->to.ip);
		(void)dhcp_option_text(&m, DHCP_OPTION_HOST_NAME, f.name, sizeof f.name);
		(void)dhcp_option_text(&m, DHCP_OPTION_VENDOR_CLASS, f.text, sizeof f.text);
		if (is_phone(&m, &f)) {
			(void)observer_phone(o, m.chaddr);
			if (mac_equal(flow->source, m.chaddr))
				observer_on_link(o, m.chaddr);
		}
	} else {
		f.peer = server_of(&m, flow);
		f.ip = m.yiaddr;
		if (ip4_is_zero(m.giaddr))
			f.dhcp.server_mac = flow->source;
		(void)dhcp_option_text(&m, DHCP_OPTION_MESSAGE, f.text, sizeof f.text);
	}
	if (m.type == DHCP_ACK)
		on_lease(o, &f);
	if (m.type == DHCP_DECLINE)
		(void)dhcp_option_text(&m, DHCP_OPTION_MESSAGE, f.text, sizeof f.text);
	observer_add_fact(o, &f);
	const char *broken = what_is_broken(&m, &anomalies);
	if (broken != NULL)
		tell_broken(o, &f, &m, broken);
	struct buf *line = observer_line(o);
	if (line != NULL) {
		words_dhcp(line, &m);
		observer_said_of(o, "DHCP", m.chaddr, m.op == 1 ? flow->to.ip : f.peer.ip,
				 m.op == 1);
	}
}
