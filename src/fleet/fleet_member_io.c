/* The sockets of each phone: one for its transfer, and its connections. Phones have addresses of
 * their own where they can (local routes, or a prefix that is local already), so that servers see
 * one phone an address, as on a real site. */
#include "fleet/fleet_edge_io.h"

#include "proto/dhcp/dhcp.h"
#include "proto/frame/frame.h"

#define HOST_TTL       64
#define DHCP_FRAME_MAX 1536

static const struct phone_profile *phone_profile(const struct member *m)
{
	return m->edge->options->mix[m->record->profile];
}

uint8_t member_ttl(const struct member *m)
{
	uint8_t ttl = phone_profile(m)->ttl;

	return ttl != HOST_TTL ? ttl : 0;
}

struct endpoint member_own(const struct member *m, uint16_t port)
{
	struct ip4 shared = m->edge->options->interface == NULL ? m->edge->iface.ip : ip4_of(0);

	return (struct endpoint){ip4_is_zero(m->ip) ? shared : m->ip, port};
}

/* A broadcast comes from the phone's own hardware address, as snooping switches expect, with its
 * tag and its model's TTL. */
static bool send_broadcast(struct member *m, struct slice message)
{
	static const struct mac everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	struct edge *e = m->edge;
	uint8_t packet[DHCP_FRAME_MAX];
	uint8_t frame[DHCP_FRAME_MAX];
	struct writer w = writer_of(packet, sizeof packet);
	struct writer f = writer_of(frame, sizeof frame);
	struct phone_view view;

	if (e->packet == NULL ||
	    frame_encode_udp(ip4_of(0), DHCP_CLIENT_PORT, ip4_of(UINT32_MAX), DHCP_SERVER_PORT,
			     phone_profile(m)->ttl, message, &w) != 0)
		return false;
	phone_view(m->phone, &view);
	int error =
	    view.tag.tagged
		? frame_encode_tagged(everybody, m->mac, view.tag.priority, view.tag.vlan,
				      FRAME_TYPE_IPV4, writer_done(&w), &f)
		: frame_encode_ethernet(everybody, m->mac, 0, FRAME_TYPE_IPV4, writer_done(&w), &f);
	return error == 0 && packet_send(e->packet, e->iface.index, writer_done(&f)) == 0;
}

/* To its own server, which may be in its voice VLAN. */
static void send_unicast(struct member *m, const struct phone_action *a, struct slice message)
{
	uint8_t packet[DHCP_FRAME_MAX];
	struct writer w = writer_of(packet, sizeof packet);

	if (vlan_interface(m) == NULL)
		(void)udp_send(m->edge->dhcp, a->to, m->ip, 0, message);
	else if (frame_encode_udp(m->ip, DHCP_CLIENT_PORT, a->to.ip, a->to.port,
				  phone_profile(m)->ttl, message, &w) == 0)
		vlan_send(m, writer_done(&w));
}

static void send_dhcp(struct member *m, const struct phone_action *a)
{
	struct edge *e = m->edge;
	struct slice bytes = slice_of(a->bytes, a->len);

	fleet_watch_dhcp(m->watch, member_own(m, DHCP_CLIENT_PORT), a->to, bytes,
			 loop_now(e->loop));
	if (!ip4_is_zero(e->relay))
		outbox_send(e, e->dhcp,
			    &(struct udp_message){.to = {e->options->server, DHCP_SERVER_PORT},
						  .local = e->relay,
						  .bytes = bytes});
	else if (ip4_number(a->to.ip) != UINT32_MAX)
		send_unicast(m, a, bytes);
	else if (!send_broadcast(m, bytes))
		(void)udp_send(e->dhcp, a->to, ip4_of(0), e->iface.index, bytes);
}

/* Connections. The watch knows a connection by its number, as a local port. */

static void on_open(void *context)
{
	struct member_link *l = context;
	struct member *m = l->member;
	dt_time now = loop_now(m->edge->loop);

	m->edge->part->share->heard = true;
	fleet_watch_tcp(m->watch, member_own(m, (uint16_t)l->number), l->to, FLEET_TCP_OPENED, now);
	phone_tcp_open(m->phone, l->number, now);
	member_pump(m);
}

static void on_data(void *context, struct slice bytes)
{
	struct member_link *l = context;
	struct member *m = l->member;
	dt_time now = loop_now(m->edge->loop);

	fleet_watch_sccp(m->watch, l->to, member_own(m, (uint16_t)l->number), bytes, now);
	phone_tcp_input(m->phone, l->number, bytes, now);
	member_pump(m);
}

static void on_end(void *context, enum tcp_end end)
{
	struct member_link *l = context;
	struct member *m = l->member;
	unsigned number = l->number;
	dt_time now = loop_now(m->edge->loop);

	m->edge->part->share->heard = true;
	fleet_watch_tcp(m->watch, member_own(m, (uint16_t)number), l->to,
			end == TCP_END_CLOSED ? FLEET_TCP_CLOSED : FLEET_TCP_RESET, now);
	*l = (struct member_link){.member = m};
	if (end == TCP_END_REFUSED)
		phone_tcp_refused(m->phone, number, now);
	else
		phone_tcp_closed(m->phone, number, end == TCP_END_RESET, now);
	member_pump(m);
}

static struct member_link *link_of(struct member *m, unsigned number)
{
	for (size_t i = 0; i < MEMBER_LINKS; i++) {
		if (m->link[i].number == number)
			return &m->link[i];
	}
	return NULL;
}

static void connect_tcp(struct member *m, const struct phone_action *a)
{
	static const struct tcp_handlers handlers = {
	    .on_open = on_open, .on_data = on_data, .on_end = on_end};
	struct member_link *l = link_of(m, 0);
	dt_time now = loop_now(m->edge->loop);

	if (l != NULL) {
		l->number = a->connection;
		l->to = a->to;
		fleet_watch_tcp(m->watch, member_own(m, (uint16_t)l->number), l->to,
				FLEET_TCP_ASKED, now);
		struct tcp_origin origin = {
		    .ip = m->ip, .ttl = member_ttl(m), .interface = vlan_interface(m)};
		if (tcp_connect_from(m->edge->loop, a->to, &origin, &handlers, l, &l->tcp) == 0)
			return;
		*l = (struct member_link){.member = m};
	}
	phone_tcp_refused(m->phone, a->connection, now);
}

static void flush_tcp(struct member *m, struct outgoing *o)
{
	struct member_link *l = o->len > 0 ? link_of(m, o->number) : NULL;
	struct slice bytes = slice_of(o->bytes, o->len);

	o->len = 0;
	if (l == NULL || l->tcp == NULL)
		return;
	fleet_watch_sccp(m->watch, member_own(m, (uint16_t)l->number), l->to, bytes,
			 loop_now(m->edge->loop));
	tcp_send(l->tcp, bytes);
}

/* What a phone says in one breath goes in one segment, as the real thing's does. */
static void send_tcp(struct member *m, struct outgoing *o, const struct phone_action *a)
{
	if (o->len > 0 && (o->number != a->connection || o->len + a->len > sizeof o->bytes))
		flush_tcp(m, o);
	o->number = a->connection;
	memcpy(o->bytes + o->len, a->bytes, a->len);
	o->len += a->len;
}

/* Power that goes says nothing, not even FIN. */
static void close_tcp(struct member *m, unsigned connection, bool at_once)
{
	struct member_link *l = link_of(m, connection);

	if (l == NULL || connection == 0)
		return;
	if (at_once)
		tcp_vanish(l->tcp);
	else
		tcp_close(l->tcp);
	*l = (struct member_link){.member = m};
}

void member_close_all(struct member *m, bool at_once)
{
	for (size_t i = 0; i < MEMBER_LINKS; i++)
		close_tcp(m, m->link[i].number, at_once);
	port_drop(m);
}

static bool is_routed(const struct member *m)
{
	const struct edge *e = m->edge;

	return e->options->interface != NULL && ip4_is_zero(e->relay);
}

void member_drop_address(struct member *m)
{
	if (ip4_is_zero(m->ip))
		return;
	if (map_get(&m->edge->by_ip, ip4_number(m->ip)) == m)
		(void)map_take(&m->edge->by_ip, ip4_number(m->ip));
	if (vlan_interface(m) != NULL)
		vlan_address(m, false);
	else if (is_routed(m))
		(void)iface_local_route(m->edge->iface.index, m->ip, false);
	m->ip = ip4_of(0);
}

static void set_address(struct member *m, const struct phone_action *a)
{
	struct edge *e = m->edge;

	if (e->options->interface == NULL && ip4_is_zero(e->options->first_ip))
		return; /* the system chooses for each socket */
	member_drop_address(m);
	m->ip = a->ip;
	m->mask = a->mask;
	m->router = a->router;
	if (ip4_is_zero(m->ip))
		return;
	(void)map_put(&e->by_ip, ip4_number(m->ip), m);
	if (vlan_interface(m) != NULL)
		vlan_address(m, true);
	else if (is_routed(m))
		(void)iface_local_route(e->iface.index, m->ip, true);
}

static void act(struct member *m, struct outgoing *o, const struct phone_action *a)
{
	if (a->kind != PHONE_TCP_SEND)
		flush_tcp(m, o);
	/* The ACK of the last block is on the wire before the SYN that follows from the file. */
	if (a->kind == PHONE_TCP_CONNECT || a->kind == PHONE_TCP_SEND || a->kind == PHONE_TCP_CLOSE)
		outbox_send_all(m->edge);
	switch (a->kind) {
	case PHONE_SEND_DHCP:
		send_dhcp(m, a);
		break;
	case PHONE_SEND_FRAME:
		wire_send(m, slice_of(a->bytes, a->len));
		break;
	case PHONE_TAG:
		vlan_set(m, &a->tag);
		break;
	case PHONE_SEND_UDP:
		port_send(m, a);
		break;
	case PHONE_TCP_CONNECT:
		connect_tcp(m, a);
		break;
	case PHONE_TCP_SEND:
		send_tcp(m, o, a);
		break;
	case PHONE_TCP_CLOSE:
		close_tcp(m, a->connection, false);
		break;
	case PHONE_ADDRESS:
		set_address(m, a);
		break;
	case PHONE_STATE:
		record_state(m, a->state, loop_now(m->edge->loop));
		break;
	case PHONE_DIAL_TONE:
		m->record->dial_tone = true;
		m->edge->nearer_at = loop_now(m->edge->loop);
		break;
	}
}

void member_pump(struct member *m)
{
	struct phone_action a;
	struct outgoing *o = &m->edge->outgoing;

	while (phone_next_action(m->phone, &a))
		act(m, o, &a);
	flush_tcp(m, o);
	timer_set(m->timer, dt_time_min(m->on_at, phone_deadline(m->phone)));
}

void member_dhcp_arrived(struct edge *e, struct endpoint from, struct slice datagram)
{
	struct dhcp_message m;

	if (dhcp_decode(datagram, &m, NULL) != 0)
		return;
	struct member *member = map_get(&e->by_mac, mac_key(m.chaddr));
	if (member == NULL)
		return;
	e->part->share->heard = true;
	fleet_watch_dhcp(member->watch, from, member_own(member, DHCP_CLIENT_PORT), datagram,
			 loop_now(e->loop));
	phone_dhcp_input(member->phone, datagram, loop_now(e->loop));
	member_pump(member);
}
