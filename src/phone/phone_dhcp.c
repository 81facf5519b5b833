/* The phone's DHCP client (RFC 2131 section 4.4), with the pacing of the real thing: DISCOVER after
 * 4, 8, 16, 32 and then every 60 s, a second either way; it never gives up.
 *
 *   SELECTING --OFFER--> REQUESTING --ACK--> BOUND --T1--> RENEWING --T2--> REBINDING --end-->
 * SELECTING
 *                            |--ACK, with a wire to ask on--> CHECKING --silence--> BOUND
 *                            |                                  \--taken: DECLINE--> 10 s,
 * SELECTING
 *                            \--NAK, or three REQUESTs unanswered--> SELECTING
 */
#include "phone/phone_internal.h"

#include "proto/dhcp/dhcp.h"

#define REQUESTS_MAX     3
#define DECLINE_WAIT     DT_SECONDS(10) /* RFC 2131 3.1, 5: before it asks again */
#define SILENCE_MAX      2              /* unanswered DISCOVERs before it thinks of its old lease */
#define KEPT_FOR_S       3600u
#define LEASE_SHORTEST_S 8u /* shorter ones would keep a phone busy with nothing else */

static dt_time jitter(struct phone *p, dt_time interval)
{
	return interval + (dt_time)rand_below(&p->rand, DT_SECONDS(2)) - DT_SECONDS(1);
}

static size_t list_length(const uint8_t *list)
{
	size_t n = 0;

	while (n < PROFILE_OPTIONS_MAX && list[n] != 0)
		n++;
	return n;
}

static struct slice parameters_of(const struct phone_profile *profile, enum dhcp_type type)
{
	const uint8_t *list = profile->prl;

	if (type == DHCP_REQUEST && profile->request_prl[0] != 0)
		list = profile->request_prl;
	return slice_of(list, list_length(list));
}

/* One option of the profile's order. */
static void add_option(const struct phone *p, struct dhcp_message *m, uint8_t option)
{
	const struct phone_profile *profile = p->profile;
	size_t class_len = strlen(profile->vendor_class) + (profile->vendor_class_nul ? 1 : 0);
	uint8_t client_id[7] = {1};

	switch (option) {
	case DHCP_OPTION_CLIENT_ID:
		memcpy(client_id + 1, p->config.mac.b, 6);
		(void)dhcp_option_add(m, option, slice_of(client_id, sizeof client_id));
		break;
	case DHCP_OPTION_HOST_NAME:
		(void)dhcp_option_add_text(m, option, p->name);
		break;
	case DHCP_OPTION_VENDOR_CLASS:
		(void)dhcp_option_add(m, option, slice_of(profile->vendor_class, class_len));
		break;
	case DHCP_OPTION_VENDOR_DATA:
		(void)dhcp_option_add_text(m, option, profile->vendor_data);
		break;
	case DHCP_OPTION_LEASE_TIME:
		(void)dhcp_option_add_u32(m, option, profile->lease_wanted_s);
		break;
	case DHCP_OPTION_MAX_SIZE:
		(void)dhcp_option_add(m, option,
				      slice_of((uint8_t[]){(uint8_t)(profile->message_max >> 8),
							   (uint8_t)profile->message_max},
					       2));
		break;
	case DHCP_OPTION_REQUESTED_IP: /* in DISCOVER: the address of its last boot */
		if (m->type == DHCP_DISCOVER && !ip4_is_zero(p->remembered_ip))
			(void)dhcp_option_add_ip(m, option, p->remembered_ip);
		break;
	case DHCP_OPTION_PARAMETERS:
		(void)dhcp_option_add(m, option, parameters_of(profile, m->type));
		break;
	default:
		break;
	}
}

/* Options in the order this family sends them; 50 and 54 of a REQUEST stand before 55. */
static struct dhcp_message request_of(struct phone *p, enum dhcp_type type, dt_time now)
{
	const struct phone_profile *profile = p->profile;
	bool selecting = type == DHCP_REQUEST && p->dhcp.state == DHCP_CLIENT_REQUESTING;
	struct dhcp_message m = {
	    .op = 1, .type = type, .xid = p->dhcp.xid, .chaddr = p->config.mac};

	m.secs = (uint16_t)((now - p->dhcp.began) / 1000000);
	m.flags = DHCP_FLAG_BROADCAST;
	m.giaddr = p->config.faults.giaddr;
	m.hops = ip4_is_zero(m.giaddr) ? 0 : 1;
	for (size_t i = 0; i < list_length(profile->options); i++) {
		if (selecting && profile->options[i] == DHCP_OPTION_PARAMETERS) {
			(void)dhcp_option_add_ip(&m, DHCP_OPTION_REQUESTED_IP, p->dhcp.offered);
			if (!ip4_is_zero(p->dhcp.server))
				(void)dhcp_option_add_ip(&m, DHCP_OPTION_SERVER_ID, p->dhcp.server);
		}
		add_option(p, &m, profile->options[i]);
	}
	return m;
}

static void send(struct phone *p, struct dhcp_message *m, struct ip4 to)
{
	uint8_t bytes[DHCP_MESSAGE_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);

	if (dhcp_encode(m, &w) != 0)
		return;
	if (w.pos < p->profile->dhcp_size)
		writer_zero(&w, p->profile->dhcp_size - w.pos);
	struct phone_action *a = phone_act(p, PHONE_SEND_DHCP, writer_done(&w));
	if (a == NULL)
		return;
	a->ip = m->ciaddr;
	a->to = (struct endpoint){to, DHCP_SERVER_PORT};
}

static struct ip4 everybody(void)
{
	return ip4_of(UINT32_MAX);
}

static void send_discover(struct phone *p, dt_time now)
{
	struct dhcp_message m = request_of(p, DHCP_DISCOVER, now);

	p->view.resent_dhcp += now != p->dhcp.began;
	send(p, &m, everybody());
	if (++p->dhcp.requests > SILENCE_MAX && p->profile->keeps_lease && !ip4_is_zero(p->kept.ip))
		neighbour_ask(p, p->kept.ip, p->kept.router);
	p->dhcp.deadline = dt_time_add(now, jitter(p, p->dhcp.interval));
	p->dhcp.interval = p->dhcp.interval * 2 < p->profile->dhcp_cap_us ? p->dhcp.interval * 2
									  : p->profile->dhcp_cap_us;
}

static void send_request(struct phone *p, dt_time now)
{
	struct dhcp_message m = request_of(p, DHCP_REQUEST, now);
	struct ip4 to = everybody();

	if (p->dhcp.state == DHCP_CLIENT_RENEWING || p->dhcp.state == DHCP_CLIENT_REBINDING) {
		m.ciaddr = p->dhcp.ip;
		m.flags = 0;
	}
	if (p->dhcp.state == DHCP_CLIENT_RENEWING)
		to = p->dhcp.server;
	send(p, &m, to);
	p->view.resent_dhcp += p->dhcp.state == DHCP_CLIENT_REQUESTING && p->dhcp.requests > 0;
	p->dhcp.requests++;
}

/* RELEASE and DECLINE as a 7960 was seen to send them: the server's id, whose lease it is, and with
 * DECLINE which address and why. */
static void send_farewell(struct phone *p, enum dhcp_type type)
{
	struct dhcp_message m = {
	    .op = 1, .type = type, .xid = (uint32_t)rand_next(&p->rand), .chaddr = p->config.mac};
	bool decline = type == DHCP_DECLINE;

	m.ciaddr = decline ? ip4_of(0) : p->dhcp.ip;
	m.giaddr = p->config.faults.giaddr;
	if (decline) {
		add_option(p, &m, DHCP_OPTION_CLIENT_ID);
		add_option(p, &m, DHCP_OPTION_VENDOR_CLASS);
		(void)dhcp_option_add_ip(&m, DHCP_OPTION_REQUESTED_IP, p->dhcp.ip);
	}
	(void)dhcp_option_add_ip(&m, DHCP_OPTION_SERVER_ID, p->dhcp.server);
	if (decline)
		(void)dhcp_option_add_text(&m, DHCP_OPTION_MESSAGE, "Duplicate IP address");
	else
		add_option(p, &m, DHCP_OPTION_CLIENT_ID);
	send(p, &m, decline ? everybody() : p->dhcp.server);
}

void dhcp_client_release(struct phone *p)
{
	bool has_lease = p->dhcp.state >= DHCP_CLIENT_CHECKING;

	if (has_lease)
		send_farewell(p, DHCP_RELEASE);
	p->remembered_ip = ip4_of(0); /* of another network */
	p->kept.ip = ip4_of(0);
}

void dhcp_client_taken(struct phone *p, dt_time now)
{
	if (p->dhcp.state != DHCP_CLIENT_CHECKING)
		return;
	p->view.duplicates++;
	send_farewell(p, DHCP_DECLINE);
	p->kept.ip = ip4_of(0);
	p->remembered_ip = ip4_of(0);
	p->dhcp = (struct dhcp_client){.deadline = DT_NEVER};
	phone_start_over(p, now, DECLINE_WAIT, true);
}

static void check_or_bind(struct phone *p, dt_time now)
{
	struct dhcp_client *d = &p->dhcp;
	bool checks = p->config.on_link && !p->config.unpaced;

	if (checks && d->requests < p->profile->arp_probes) {
		d->requests++;
		d->state = DHCP_CLIENT_CHECKING;
		d->deadline = dt_time_add(now, p->profile->arp_wait_us);
		neighbour_probe(p, d->ip);
		return;
	}
	d->state = DHCP_CLIENT_BOUND;
	d->deadline = d->renew_at;
	phone_bound(p, now);
}

void dhcp_client_start(struct phone *p, dt_time now)
{
	p->dhcp = (struct dhcp_client){.state = DHCP_CLIENT_SELECTING,
				       .xid = (uint32_t)rand_next(&p->rand),
				       .began = now,
				       .interval = p->profile->dhcp_first_us};
	phone_set_state(p, PHONE_DHCP);
	send_discover(p, now);
}

/* INIT-REBOOT (RFC 2131 4.3.2): the address of the last lease, asked for by REQUEST alone. A NAK or
 * silence leads to DISCOVER. */
static void ask_again(struct phone *p, dt_time now)
{
	p->dhcp = (struct dhcp_client){.state = DHCP_CLIENT_REQUESTING,
				       .xid = (uint32_t)rand_next(&p->rand),
				       .began = now,
				       .offered = p->remembered_ip};
	phone_set_state(p, PHONE_DHCP);
	send_request(p, now);
	p->dhcp.deadline = dt_time_add(now, p->profile->dhcp_first_us);
}

void dhcp_client_boot(struct phone *p, dt_time now)
{
	bool remembers = p->profile->init_reboot || !ip4_is_zero(p->config.faults.remembered_ip);

	if (remembers && !ip4_is_zero(p->remembered_ip))
		ask_again(p, now);
	else
		dhcp_client_start(p, now);
}

/* Phones that were given option 150 as text refused the whole offer: the 14 bytes of
 * "10.136.123.11" are no list of addresses. */
static bool acceptable(const struct dhcp_message *m)
{
	return !ip4_is_zero(m->yiaddr) && dhcp_option_has(m, DHCP_OPTION_LEASE_TIME) &&
	       dhcp_option_get(m, DHCP_OPTION_TFTP_SERVERS).len % 4 == 0;
}

static void on_offer(struct phone *p, const struct dhcp_message *m, dt_time now)
{
	struct ip4 server;

	if (p->dhcp.state != DHCP_CLIENT_SELECTING ||
	    !dhcp_option_ip(m, DHCP_OPTION_SERVER_ID, &server) || !acceptable(m))
		return;
	p->dhcp.state = DHCP_CLIENT_REQUESTING;
	p->dhcp.offered = m->yiaddr;
	p->dhcp.server = server;
	p->dhcp.requests = 0;
	send_request(p, now);
	p->dhcp.deadline = dt_time_add(now, p->profile->dhcp_first_us);
}

static unsigned take_addresses(struct slice list, struct ip4 to[static 2])
{
	unsigned n = 0;

	for (size_t i = 0; i + 4 <= list.len && n < 2; i += 4) {
		memcpy(to[n].b, list.ptr + i, 4);
		n += !ip4_is_zero(to[n]);
	}
	return n;
}

/* Option 150 first, then 66, sname and siaddr. A name in 66 is resolved when the files are asked;
 * what stands behind it is for when it cannot be. */
static void take_tftp_servers(struct dhcp_client *d, const struct dhcp_message *m)
{
	struct ip4 ip = m->siaddr;

	d->tftp_name[0] = 0;
	d->tftp_count = take_addresses(dhcp_option_get(m, DHCP_OPTION_TFTP_SERVERS), d->tftp);
	if (d->tftp_count > 0)
		return;
	if (!dhcp_option_text(m, DHCP_OPTION_TFTP_NAME, d->tftp_name, sizeof d->tftp_name))
		d->tftp_name[0] = 0;
	if (ip4_parse(d->tftp_name, &ip) == 0)
		d->tftp_name[0] = 0;
	else
		(void)ip4_parse(m->sname, &ip); /* neither: siaddr stays */
	if (!ip4_is_zero(ip))
		d->tftp[d->tftp_count++] = ip;
}

static void take_dns_servers(struct dhcp_client *d, const struct dhcp_message *m)
{
	d->dns_count = take_addresses(dhcp_option_get(m, DHCP_OPTION_DNS), d->dns);
	if (!dhcp_option_text(m, DHCP_OPTION_DOMAIN_NAME, d->domain, sizeof d->domain))
		d->domain[0] = 0;
}

/* T1 and T2 as told, or the usual ones when they do not lie in order within the lease: a T1 beyond
 * its end would let the phone keep an address that is no longer its own. */
static void take_times(struct dhcp_client *d, const struct dhcp_message *m, uint32_t lease_s,
		       dt_time now)
{
	uint32_t t1 = 0;
	uint32_t t2 = 0;
	bool told = dhcp_option_u32(m, DHCP_OPTION_T1, &t1) &&
		    dhcp_option_u32(m, DHCP_OPTION_T2, &t2) && t1 > 0 && t1 < t2 && t2 < lease_s;

	if (!told) {
		t1 = lease_s / 2;
		t2 = (uint32_t)((uint64_t)lease_s * 7 / 8);
	}
	d->renew_at = dt_time_add(now, DT_SECONDS(t1));
	d->rebind_at = dt_time_add(now, DT_SECONDS(t2));
	d->expires = dt_time_add(now, DT_SECONDS(lease_s));
	d->deadline = d->renew_at;
}

static void on_ack(struct phone *p, const struct dhcp_message *m, dt_time now)
{
	struct dhcp_client *d = &p->dhcp;
	bool renewed = d->state == DHCP_CLIENT_RENEWING || d->state == DHCP_CLIENT_REBINDING;
	uint32_t lease_s = 0;

	if (d->state == DHCP_CLIENT_SELECTING || !acceptable(m) ||
	    !dhcp_option_u32(m, DHCP_OPTION_LEASE_TIME, &lease_s))
		return;
	if (lease_s < LEASE_SHORTEST_S)
		lease_s = LEASE_SHORTEST_S;
	/* Another address than before is a new one: what used the old one ends with it. */
	if (renewed && !ip4_equal(m->yiaddr, d->ip)) {
		phone_unbound(p, now);
		if (p->state == PHONE_OFF)
			return;
		renewed = false;
	}
	d->state = DHCP_CLIENT_BOUND;
	d->ip = m->yiaddr;
	(void)dhcp_option_ip(m, DHCP_OPTION_SERVER_ID, &d->server);
	(void)dhcp_option_ip(m, DHCP_OPTION_SUBNET_MASK, &d->mask);
	(void)dhcp_option_ip(m, DHCP_OPTION_ROUTER, &d->router);
	take_times(d, m, lease_s, now);
	take_tftp_servers(d, m);
	take_dns_servers(d, m);
	d->requests = 0;
	p->kept = *d;
	if (!renewed)
		check_or_bind(p, now);
}

/* No DHCP server for long, but the network is the one of its last boot: the phone says "DHCP
 * timeout" among its messages and goes on with the address it had (reference: boot 2.3). It asks
 * for it by REQUEST after half an hour, as for any lease. */
void dhcp_client_keep(struct phone *p, dt_time now)
{
	struct dhcp_client *d = &p->dhcp;

	if (d->state != DHCP_CLIENT_SELECTING || d->requests <= SILENCE_MAX)
		return;
	*d = p->kept;
	d->state = DHCP_CLIENT_BOUND;
	d->renew_at = dt_time_add(now, DT_SECONDS(KEPT_FOR_S / 2));
	d->rebind_at = dt_time_add(now, DT_SECONDS(KEPT_FOR_S * 7 / 8));
	d->expires = dt_time_add(now, DT_SECONDS(KEPT_FOR_S));
	d->deadline = d->renew_at;
	phone_bound(p, now);
}

void dhcp_client_input(struct phone *p, struct slice datagram, dt_time now)
{
	struct dhcp_message m;
	bool waiting = p->dhcp.state != DHCP_CLIENT_OFF && p->dhcp.state != DHCP_CLIENT_CHECKING &&
		       p->dhcp.state != DHCP_CLIENT_BOUND;

	if (!waiting || dhcp_decode(datagram, &m, NULL) != 0 || m.op != 2 || m.xid != p->dhcp.xid ||
	    !mac_equal(m.chaddr, p->config.mac))
		return;
	if (m.type == DHCP_OFFER) {
		on_offer(p, &m, now);
	} else if (m.type == DHCP_ACK) {
		on_ack(p, &m, now);
	} else if (m.type == DHCP_NAK && p->dhcp.state != DHCP_CLIENT_SELECTING) {
		p->remembered_ip = ip4_of(0);
		p->kept.ip = ip4_of(0);
		if (!ip4_is_zero(p->dhcp.ip))
			phone_unbound(p, now);
		if (p->state != PHONE_OFF)
			dhcp_client_start(p, now);
	}
}

/* Half of what is left, a minute at least (RFC 2131 4.4.5). */
static dt_time renewal_retry(dt_time now, dt_time end)
{
	dt_time half = (end - now) / 2;

	return dt_time_min(end, dt_time_add(now, half > DT_SECONDS(60) ? half : DT_SECONDS(60)));
}

static void renew(struct phone *p, dt_time now)
{
	struct dhcp_client *d = &p->dhcp;

	if (now >= d->expires) {
		phone_unbound(p, now);
		if (p->state != PHONE_OFF)
			dhcp_client_start(p, now);
		return;
	}
	if (d->state == DHCP_CLIENT_BOUND)
		d->xid = (uint32_t)rand_next(&p->rand);
	d->state = now >= d->rebind_at ? DHCP_CLIENT_REBINDING : DHCP_CLIENT_RENEWING;
	send_request(p, now);
	d->deadline =
	    renewal_retry(now, d->state == DHCP_CLIENT_RENEWING ? d->rebind_at : d->expires);
}

void dhcp_client_expire(struct phone *p, dt_time now)
{
	if (p->dhcp.state == DHCP_CLIENT_OFF || now < p->dhcp.deadline)
		return;
	switch (p->dhcp.state) {
	case DHCP_CLIENT_SELECTING:
		send_discover(p, now);
		break;
	case DHCP_CLIENT_REQUESTING:
		if (p->dhcp.requests >= REQUESTS_MAX) {
			dhcp_client_start(p, now);
			break;
		}
		send_request(p, now);
		p->dhcp.deadline = dt_time_add(now, p->profile->dhcp_first_us);
		break;
	case DHCP_CLIENT_CHECKING:
		check_or_bind(p, now);
		break;
	case DHCP_CLIENT_BOUND:
	case DHCP_CLIENT_RENEWING:
	case DHCP_CLIENT_REBINDING:
		renew(p, now);
		break;
	case DHCP_CLIENT_OFF:
		break;
	}
}
