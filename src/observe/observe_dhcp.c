/* DHCP packets to facts. A phone is known here by its own hardware address, relayed or not. */
#include "observe/observer_internal.h"

#include "base/text.h"
#include "proto/dhcp/dhcp.h"

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
	d->option150_text = is_text(value);
	for (size_t i = 0; value.ptr != NULL && i + 4 <= value.len && d->option150_count < 2;
	     i += 4) {
		struct ip4 ip = {
		    {value.ptr[i], value.ptr[i + 1], value.ptr[i + 2], value.ptr[i + 3]}};
		d->option150[d->option150_count++] = ip;
	}
}

static void read_options(const struct dhcp_message *m, struct fact_dhcp *d)
{
	*d = (struct fact_dhcp){.xid = m->xid,
				.secs = m->secs,
				.flags = m->flags,
				.giaddr = m->giaddr,
				.ciaddr = m->ciaddr,
				.yiaddr = m->yiaddr,
				.siaddr = m->siaddr};
	(void)dhcp_option_ip(m, DHCP_OPTION_REQUESTED_IP, &d->requested);
	(void)dhcp_option_u32(m, DHCP_OPTION_LEASE_TIME, &d->lease_s);
	(void)dhcp_option_ip(m, DHCP_OPTION_SUBNET_MASK, &d->mask);
	struct slice router = slice_head(dhcp_option_get(m, DHCP_OPTION_ROUTER), 4);
	if (router.len == 4)
		memcpy(d->router.b, router.ptr, 4);
	d->has_66 = dhcp_option_text(m, DHCP_OPTION_TFTP_NAME, d->option66, sizeof d->option66);
	d->has_sname = m->sname[0] != 0;
	read_option150(m, d);
}

/* Who answered: its identifier, else where the packet came from. */
static struct endpoint server_of(const struct dhcp_message *m, const struct flow *flow)
{
	struct endpoint e = {flow->from.ip, 0};

	(void)dhcp_option_ip(m, DHCP_OPTION_SERVER_ID, &e.ip);
	return e;
}

void observer_dhcp(struct observer *o, const struct flow *flow, struct slice payload, dt_time at,
		   uint64_t evidence)
{
	struct dhcp_message m;

	if (dhcp_decode(payload, &m, NULL) != 0 || mac_is_zero(m.chaddr))
		return;
	enum fact_kind kind = kind_of(m.type);
	if (kind == FACT_COUNT ||
	    (m.op == 2) != (m.type == DHCP_OFFER || m.type == DHCP_ACK || m.type == DHCP_NAK))
		return;
	struct fact f = {
	    .kind = kind, .vantage = o->vantage, .at = at, .evidence = evidence, .mac = m.chaddr};
	read_options(&m, &f.dhcp);
	f.number = m.xid;
	if (m.op == 1) {
		f.ip = m.ciaddr;
		(void)dhcp_option_text(&m, DHCP_OPTION_HOST_NAME, f.name, sizeof f.name);
		(void)dhcp_option_text(&m, DHCP_OPTION_VENDOR_CLASS, f.text, sizeof f.text);
	} else {
		f.peer = server_of(&m, flow);
		f.ip = m.yiaddr;
		(void)dhcp_option_text(&m, DHCP_OPTION_MESSAGE, f.text, sizeof f.text);
	}
	if (m.type == DHCP_ACK)
		observer_claim(o, ip4_is_zero(m.yiaddr) ? m.ciaddr : m.yiaddr, m.chaddr,
			       GROUND_DHCP);
	if (m.type == DHCP_DECLINE)
		(void)dhcp_option_text(&m, DHCP_OPTION_MESSAGE, f.text, sizeof f.text);
	observer_add_fact(o, &f);
}
