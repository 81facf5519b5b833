/* What an answer holds, and the way it leaves (RFC 2131 sections 4.1 and 4.3.1). */
#include "dhcp/dhcp_internal.h"

#include "base/alloc.h"
#include "base/error.h"

struct dhcp_queued *dhcp_queue_add(struct dhcp_queue *q)
{
	struct dhcp_queued *item = q->count < DHCP_QUEUE_MAX ? alloc_zero(1, sizeof *item) : NULL;

	if (item == NULL)
		return NULL;
	if (q->last != NULL)
		q->last->next = item;
	else
		q->first = item;
	q->last = item;
	q->count++;
	return item;
}

bool dhcp_queue_take(struct dhcp_queue *q, struct dhcp_queued *ret)
{
	struct dhcp_queued *item = q->first;

	if (item == NULL)
		return false;
	q->first = item->next;
	if (q->first == NULL)
		q->last = NULL;
	q->count--;
	*ret = *item;
	alloc_free(item);
	return true;
}

void dhcp_event_add(struct dhcp_server *s, enum dhcp_event_kind kind, struct mac mac, struct ip4 ip)
{
	struct dhcp_queued *item = dhcp_queue_add(&s->events);

	if (item != NULL)
		item->event = (struct dhcp_event){kind, mac, ip};
}

/* The way of RFC 2131 4.1: relay first, then an address the client answers on, then as the client
 * asked by its broadcast flag. The flag is copied into every reply: a phone behind a relay never
 * took an OFFER whose flag had been cleared. */
static void choose_way(const struct dhcp_arrival *arrival, const struct dhcp_message *request,
		       enum dhcp_type type, struct ip4 yiaddr, struct dhcp_reply *reply)
{
	bool nak = type == DHCP_NAK;

	if (!ip4_is_zero(request->giaddr)) {
		reply->way = DHCP_TO_RELAY;
		reply->to = (struct endpoint){request->giaddr, DHCP_SERVER_PORT};
	} else if (!ip4_is_zero(request->ciaddr) && !nak) {
		reply->way = DHCP_TO_ADDRESS;
		reply->to = (struct endpoint){request->ciaddr, DHCP_CLIENT_PORT};
	} else if (nak || (request->flags & DHCP_FLAG_BROADCAST) != 0 || ip4_is_zero(yiaddr)) {
		reply->way = DHCP_TO_BROADCAST;
		reply->to = (struct endpoint){ip4_of(0xffffffff), DHCP_CLIENT_PORT};
	} else {
		reply->way = DHCP_TO_HARDWARE;
		reply->to = (struct endpoint){yiaddr, DHCP_CLIENT_PORT};
	}
	reply->mac = request->chaddr;
	reply->local = arrival->local;
	reply->interface = arrival->interface;
}

static int add_unless_zero(struct dhcp_message *m, uint8_t option, struct ip4 ip)
{
	return ip4_is_zero(ip) ? 0 : dhcp_option_add_ip(m, option, ip);
}

/* The boot server three times, from one setting: phones differ in whether they look at option 150,
 * option 66 or siaddr first. */
static int add_configuration(struct dhcp_message *m, const struct settings *s)
{
	char server[IP4_TEXT_SIZE];
	int error = 0;

	error |= add_unless_zero(m, DHCP_OPTION_SUBNET_MASK, s->netmask);
	error |= add_unless_zero(m, DHCP_OPTION_ROUTER, s->router);
	error |= add_unless_zero(m, DHCP_OPTION_DNS, s->dns);
	if (s->domain[0] != 0)
		error |= dhcp_option_add_text(m, DHCP_OPTION_DOMAIN_NAME, s->domain);
	if (!ip4_is_zero(s->server_ip)) {
		error |= dhcp_option_add_text(m, DHCP_OPTION_TFTP_NAME,
					      ip4_format(s->server_ip, server));
		error |= dhcp_option_add_ip(m, DHCP_OPTION_TFTP_SERVERS, s->server_ip);
		m->siaddr = s->server_ip;
	}
	return error;
}

static int add_lease(struct dhcp_message *m, uint32_t lease_s)
{
	int error = dhcp_option_add_u32(m, DHCP_OPTION_LEASE_TIME, lease_s);

	error |= dhcp_option_add_u32(m, DHCP_OPTION_T1, lease_s / 2);
	error |= dhcp_option_add_u32(m, DHCP_OPTION_T2, (uint32_t)((uint64_t)lease_s * 7 / 8));
	return error;
}

/* What the client or its relay wants to see again: RFC 6842, RFC 3046 (as the last option). */
static int add_echoes(struct dhcp_message *m, const struct dhcp_message *request)
{
	static const uint8_t echoed[] = {DHCP_OPTION_CLIENT_ID, DHCP_OPTION_RELAY_AGENT};
	int error = 0;

	for (size_t i = 0; i < sizeof echoed; i++) {
		struct slice value = dhcp_option_get(request, echoed[i]);
		if (value.ptr != NULL)
			error |= dhcp_option_add(m, echoed[i], value);
	}
	return error;
}

void dhcp_reply_send(struct dhcp_server *s, const struct dhcp_arrival *arrival,
		     const struct dhcp_message *request, enum dhcp_type type, struct ip4 ip,
		     uint32_t lease_s)
{
	struct dhcp_message m = {
	    .op = 2, .type = type, .xid = request->xid, .flags = request->flags};
	struct ip4 identifier =
	    ip4_is_zero(arrival->local) ? reg_settings(s->reg)->server_ip : arrival->local;
	int error = 0;

	m.giaddr = request->giaddr;
	m.chaddr = request->chaddr;
	m.yiaddr = ip;
	if (type == DHCP_ACK)
		m.ciaddr = request->ciaddr;
	/* A NAK through a relay must reach a client that has no address there (RFC 2131 4.3.2). */
	if (type == DHCP_NAK && !ip4_is_zero(request->giaddr))
		m.flags |= DHCP_FLAG_BROADCAST;
	error |= dhcp_option_add_ip(&m, DHCP_OPTION_SERVER_ID, identifier);
	if (type == DHCP_OFFER || (type == DHCP_ACK && lease_s > 0))
		error |= add_lease(&m, lease_s);
	if (type != DHCP_NAK)
		error |= add_configuration(&m, reg_settings(s->reg));
	error |= add_echoes(&m, request);
	struct dhcp_queued *item = error == 0 ? dhcp_queue_add(&s->replies) : NULL;
	if (item == NULL)
		return;
	struct writer w = writer_of(item->reply.bytes, sizeof item->reply.bytes);
	if (dhcp_encode(&m, &w) == 0)
		item->reply.len = w.pos;
	choose_way(arrival, request, type, ip, &item->reply);
}
