/* What an answer holds, and the way it leaves (RFC 2131 sections 4.1 and 4.3.1). */
#include "dhcp/dhcp_internal.h"

#include "base/alloc.h"
#include "base/error.h"

#define HEADERS      28u /* IPv4 and UDP, which option 57 counts too */
#define SIZE_DEFAULT 576u
#define SIZE_MAX_    1500u

/* The way of RFC 2131 4.1: relay first, then an address the client answers on, then as the client
 * asked by its broadcast flag. The flag is copied into every reply: a phone behind a relay never
 * took an OFFER whose flag had been cleared. */
static void choose_way(const struct dhcp_input *in, const struct dhcp_answer *answer,
		       struct dhcp_reply *reply)
{
	const struct dhcp_message *request = &in->m;
	bool nak = answer->type == DHCP_NAK;

	if (!ip4_is_zero(request->giaddr)) {
		reply->way = DHCP_TO_RELAY;
		reply->to = (struct endpoint){request->giaddr, DHCP_SERVER_PORT};
	} else if (!ip4_is_zero(request->ciaddr) && !nak) {
		reply->way = DHCP_TO_ADDRESS;
		reply->to = (struct endpoint){request->ciaddr, DHCP_CLIENT_PORT};
	} else if (nak || (request->flags & DHCP_FLAG_BROADCAST) != 0 || ip4_is_zero(answer->ip)) {
		reply->way = DHCP_TO_BROADCAST;
		reply->to = (struct endpoint){ip4_of(0xffffffff), DHCP_CLIENT_PORT};
	} else {
		reply->way = DHCP_TO_HARDWARE;
		reply->to = (struct endpoint){answer->ip, DHCP_CLIENT_PORT};
	}
	reply->mac = request->chaddr;
	reply->local = in->arrival->local;
	reply->interface = in->arrival->interface;
}

/* An answer being built. */
struct building {
	const struct dhcp_server *server;
	const struct dhcp_input *in;
	struct dhcp_message m;
};

static void add_ips(struct building *b, uint8_t option, struct ip4 first, struct ip4 second)
{
	uint8_t bytes[8];

	memcpy(bytes, first.b, 4);
	memcpy(bytes + 4, second.b, 4);
	if (!ip4_is_zero(first))
		(void)dhcp_option_add(&b->m, option, slice_of(bytes, ip4_is_zero(second) ? 4 : 8));
}

static void add_copy(struct building *b, uint8_t option)
{
	struct slice value = dhcp_option_get(&b->in->m, option);

	if (value.len > 0)
		(void)dhcp_option_add(&b->m, option, value);
}

/* One option the client may want, when we have something to say and have not said it. What does not
 * fit is left out, as RFC 2131 4.3.1 has it: the client asked for the weightiest first. */
static void add_option(struct building *b, uint8_t option)
{
	const struct subnet *n = &b->in->net->subnet;

	if (dhcp_option_has(&b->m, option))
		return;
	switch (option) {
	case DHCP_OPTION_SUBNET_MASK:
		(void)dhcp_option_add_ip(&b->m, option, n->netmask);
		break;
	case DHCP_OPTION_TIME_OFFSET:
		(void)dhcp_option_add_u32(&b->m, option,
					  (uint32_t)reg_settings(b->server->reg)->utc_offset_s);
		break;
	case DHCP_OPTION_ROUTER:
		/* RFC 2132 3.3: the mask first. */
		add_option(b, DHCP_OPTION_SUBNET_MASK);
		add_ips(b, option, n->router, ip4_of(0));
		break;
	case DHCP_OPTION_DNS:
		add_ips(b, option, n->dns1, n->dns2);
		break;
	case DHCP_OPTION_HOST_NAME:
		add_copy(b, option);
		break;
	case DHCP_OPTION_DOMAIN_NAME:
		if (n->domain[0] != 0)
			(void)dhcp_option_add_text(&b->m, option, n->domain);
		break;
	case DHCP_OPTION_BROADCAST:
		(void)dhcp_option_add_ip(&b->m, option,
					 ip4_of(ip4_number(n->network) | ~ip4_number(n->netmask)));
		break;
	case DHCP_OPTION_NTP:
		add_ips(b, option, n->ntp, ip4_of(0));
		break;
	case DHCP_OPTION_TFTP_NAME:
		if (!ip4_is_zero(b->in->net->tftp1))
			(void)dhcp_option_add_text(&b->m, option, b->in->net->tftp_text);
		break;
	case DHCP_OPTION_TFTP_SERVERS:
		add_ips(b, option, b->in->net->tftp1, n->tftp2);
		break;
	default:
		break;
	}
}

/* The client's list in its order; then what every phone needs and some do not ask for. */
static void add_configuration(struct building *b)
{
	static const uint8_t usual[] = {DHCP_OPTION_SUBNET_MASK, DHCP_OPTION_ROUTER,
					DHCP_OPTION_DNS,         DHCP_OPTION_DOMAIN_NAME,
					DHCP_OPTION_TFTP_NAME,   DHCP_OPTION_TFTP_SERVERS};
	struct slice wanted = dhcp_option_get(&b->in->m, DHCP_OPTION_PARAMETERS);

	for (size_t i = 0; i < wanted.len; i++)
		add_option(b, wanted.ptr[i]);
	for (size_t i = 0; i < sizeof usual && (wanted.len == 0 || b->in->is_phone); i++)
		add_option(b, usual[i]);
	add_option(b, DHCP_OPTION_SUBNET_MASK);
}

static void add_lease(struct dhcp_message *m, uint32_t lease_s)
{
	(void)dhcp_option_add_u32(m, DHCP_OPTION_LEASE_TIME, lease_s);
	(void)dhcp_option_add_u32(m, DHCP_OPTION_T1, lease_s / 2);
	(void)dhcp_option_add_u32(m, DHCP_OPTION_T2, (uint32_t)((uint64_t)lease_s * 7 / 8));
}

static void fill_options(struct building *b, const struct dhcp_answer *answer)
{
	struct ip4 local = b->in->arrival->local;

	(void)dhcp_option_add_ip(&b->m, DHCP_OPTION_SERVER_ID,
				 ip4_is_zero(local) ? reg_settings(b->server->reg)->server_ip
						    : local);
	if (answer->lease_s > 0)
		add_lease(&b->m, answer->lease_s);
	add_copy(b, DHCP_OPTION_CLIENT_ID); /* RFC 6842 */
	if (answer->type != DHCP_NAK)
		add_configuration(b);
	if (answer->words[0] != 0)
		(void)dhcp_option_add_text(&b->m, DHCP_OPTION_MESSAGE, answer->words);
	add_copy(b, DHCP_OPTION_RELAY_AGENT); /* RFC 3046: the last one */
}

/* The boot server four times, from one setting: phones differ in whether they look at option 150,
 * option 66, sname or siaddr first. */
static void fill_header(struct building *b, const struct dhcp_answer *answer)
{
	const struct dhcp_message *request = &b->in->m;
	struct dhcp_message *m = &b->m;

	m->op = 2;
	m->type = answer->type;
	m->xid = request->xid;
	m->flags = request->flags;
	m->giaddr = request->giaddr;
	m->chaddr = request->chaddr;
	m->yiaddr = answer->ip;
	if (answer->type == DHCP_ACK)
		m->ciaddr = request->ciaddr;
	/* A NAK through a relay must reach a client that has no address there (RFC 2131 4.3.2). */
	if (answer->type == DHCP_NAK && !ip4_is_zero(request->giaddr))
		m->flags |= DHCP_FLAG_BROADCAST;
	if (answer->type == DHCP_NAK || ip4_is_zero(b->in->net->tftp1))
		return;
	m->siaddr = b->in->net->tftp1;
	memcpy(m->sname, b->in->net->tftp_text, sizeof b->in->net->tftp_text);
}

/* How long the client lets an answer be: option 57, or what every host must take. */
static size_t size_limit(const struct dhcp_message *request)
{
	struct slice value = dhcp_option_get(request, DHCP_OPTION_MAX_SIZE);
	unsigned told = value.len == 2 ? (unsigned)value.ptr[0] << 8 | value.ptr[1] : 0;

	if (told < SIZE_DEFAULT)
		told = SIZE_DEFAULT;
	return (told < SIZE_MAX_ ? told : SIZE_MAX_) - HEADERS;
}

void dhcp_reply_send(struct dhcp_server *s, const struct dhcp_input *in,
		     const struct dhcp_answer *answer)
{
	struct building b = {.server = s, .in = in};
	struct dhcp_reply reply;

	fill_header(&b, answer);
	fill_options(&b, answer);
	struct writer w = writer_of(reply.bytes, sizeof reply.bytes);
	if (dhcp_encode_within(&b.m, size_limit(&in->m), &w) != 0)
		return;
	reply.len = w.pos;
	choose_way(in, answer, &reply);
	(void)dhcp_queue_add(&s->replies, &reply, offsetof(struct dhcp_reply, bytes) + reply.len);
}
