/* The edge of many phones: one loop, one DHCP socket for all of them, and for each phone a socket
 * for its transfer and a connection. Phones have addresses of their own (local routes), so that
 * servers see one phone an address, as on a real site. */
#include "fleet/fleet.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/map.h"
#include "net/iface.h"
#include "net/packet.h"
#include "net/tcp.h"
#include "net/udp.h"
#include "proto/dhcp/dhcp.h"

#include <signal.h>

#define LEAVE_LIMIT DT_SECONDS(3)

struct fleet;

#define MEMBER_LINKS 4 /* active, standby, the one that looks for a better one, one to spare */

struct member;

struct member_link {
	struct member *member;
	struct tcp *tcp;
	unsigned number; /* the phone's; 0 = free */
};

struct member {
	struct fleet *fleet;
	struct phone *phone;
	struct mac mac;
	struct timer *timer;
	struct ip4 ip; /* routed to this host */
	struct udp *udp;
	uint16_t udp_port; /* the phone's number for it */
	struct member_link link[MEMBER_LINKS];
	bool registered_once;
};

struct fleet {
	const struct fleet_options *options;
	struct loop *loop;
	struct iface iface;
	struct udp *dhcp;
	struct packet *packet;
	struct map by_mac;
	struct member *members;
	struct timer *end;
	struct watch *signals[2];
	dt_time began;
	unsigned registered;
	bool leaving;
	struct fleet_result result;
};

static void pump(struct member *m);

static void on_transfer(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	struct member *m = context;

	phone_udp_input(m->phone, arrival->from, m->udp_port, datagram, loop_now(m->fleet->loop));
	pump(m);
}

static void on_transfer_refused(void *context, struct endpoint to)
{
	struct member *m = context;

	(void)to;
	phone_udp_refused(m->phone, m->udp_port, loop_now(m->fleet->loop));
	pump(m);
}

/* The phone's own port numbers only tell its transfers apart: phones without an address of their
 * own share this host's ports. */
static void send_udp(struct member *m, const struct phone_action *a)
{
	struct udp_options options = {.bind = {m->ip, 0},
				      .foreign = true,
				      .on_datagram = on_transfer,
				      .on_refused = on_transfer_refused,
				      .context = m};

	if (m->udp == NULL || m->udp_port != a->local_port) {
		udp_close(m->udp);
		m->udp = NULL;
		if (udp_open(m->fleet->loop, &options, &m->udp) != 0)
			return;
		m->udp_port = a->local_port;
	}
	(void)udp_send(m->udp, a->to, m->ip, 0, slice_of(a->bytes, a->len));
}

static void send_dhcp(struct member *m, const struct phone_action *a)
{
	struct fleet *f = m->fleet;
	struct slice bytes = slice_of(a->bytes, a->len);
	struct mac everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	struct endpoint source = {ip4_of(0), DHCP_CLIENT_PORT};
	/* The frame comes from the phone's own hardware address, as snooping switches expect. */
	struct iface from = f->iface;

	from.mac = m->mac;
	if (!ip4_is_zero(f->options->relay))
		(void)udp_send(f->dhcp, (struct endpoint){f->options->server, DHCP_SERVER_PORT},
			       f->options->relay, 0, bytes);
	else if (ip4_number(a->to.ip) != UINT32_MAX)
		(void)udp_send(f->dhcp, a->to, m->ip, 0, bytes);
	else if (f->packet == NULL ||
		 packet_send_udp(f->packet, &from, everybody, source, a->to, bytes) != 0)
		(void)udp_send(f->dhcp, a->to, ip4_of(0), f->iface.index, bytes);
}

static void on_open(void *context)
{
	struct member_link *l = context;

	phone_tcp_open(l->member->phone, l->number, loop_now(l->member->fleet->loop));
	pump(l->member);
}

static void on_data(void *context, struct slice bytes)
{
	struct member_link *l = context;

	phone_tcp_input(l->member->phone, l->number, bytes, loop_now(l->member->fleet->loop));
	pump(l->member);
}

static void on_end(void *context, enum tcp_end end)
{
	struct member_link *l = context;
	struct member *m = l->member;
	unsigned number = l->number;
	dt_time now = loop_now(m->fleet->loop);

	l->tcp = NULL;
	l->number = 0;
	if (end == TCP_END_REFUSED)
		phone_tcp_refused(m->phone, number, now);
	else
		phone_tcp_closed(m->phone, number, end == TCP_END_RESET, now);
	pump(m);
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

	if (l != NULL) {
		l->number = a->connection;
		if (tcp_connect(m->fleet->loop, a->to, m->ip, &handlers, l, &l->tcp) == 0)
			return;
		*l = (struct member_link){.member = m};
	}
	phone_tcp_refused(m->phone, a->connection, loop_now(m->fleet->loop));
}

static void send_tcp(struct member *m, const struct phone_action *a)
{
	struct member_link *l = link_of(m, a->connection);

	if (l != NULL && l->tcp != NULL)
		tcp_send(l->tcp, slice_of(a->bytes, a->len));
}

static void close_tcp(struct member *m, unsigned connection)
{
	struct member_link *l = link_of(m, connection);

	if (l == NULL || connection == 0)
		return;
	tcp_close(l->tcp);
	*l = (struct member_link){.member = m};
}

static void close_all_tcp(struct member *m)
{
	for (size_t i = 0; i < MEMBER_LINKS; i++)
		close_tcp(m, m->link[i].number);
}

static void set_address(struct member *m, struct ip4 ip)
{
	struct fleet *f = m->fleet;
	bool routed = f->options->interface != NULL && ip4_is_zero(f->options->relay);

	if (routed && !ip4_is_zero(m->ip))
		(void)iface_local_route(f->iface.index, m->ip, false);
	m->ip = ip;
	if (routed && !ip4_is_zero(ip))
		(void)iface_local_route(f->iface.index, ip, true);
}

static void on_state(struct member *m, enum phone_state state)
{
	struct fleet *f = m->fleet;
	dt_time since = loop_now(f->loop) - f->began;

	if (state == PHONE_REGISTERED && !m->registered_once) {
		m->registered_once = true;
		f->registered++;
		f->result.last_registered = since;
	}
	if (state == PHONE_OFF)
		close_all_tcp(m);
	if (f->options->on_state != NULL)
		f->options->on_state(f->options->context, m->phone, since);
}

static void act(struct member *m, const struct phone_action *a)
{
	switch (a->kind) {
	case PHONE_SEND_DHCP:
		send_dhcp(m, a);
		break;
	case PHONE_SEND_UDP:
		send_udp(m, a);
		break;
	case PHONE_TCP_CONNECT:
		connect_tcp(m, a);
		break;
	case PHONE_TCP_SEND:
		send_tcp(m, a);
		break;
	case PHONE_TCP_CLOSE:
		close_tcp(m, a->connection);
		break;
	case PHONE_ADDRESS:
		set_address(m, a->ip);
		break;
	case PHONE_STATE:
		on_state(m, a->state);
		break;
	}
}

/* Is there anything left to wait for? */
static void check_end(struct fleet *f)
{
	if (f->options->until_registered && f->registered == f->options->phones && !f->leaving)
		timer_set(f->end, loop_now(f->loop));
	if (!f->leaving)
		return;
	for (unsigned i = 0; i < f->options->phones; i++) {
		if (phone_state(f->members[i].phone) != PHONE_OFF)
			return;
	}
	loop_stop(f->loop);
}

static void pump(struct member *m)
{
	struct phone_action a;

	while (phone_next_action(m->phone, &a))
		act(m, &a);
	timer_set(m->timer, phone_deadline(m->phone));
	check_end(m->fleet);
}

static void on_timer(void *context)
{
	struct member *m = context;
	dt_time now = loop_now(m->fleet->loop);

	/* The first time is its turn in the ramp. */
	phone_power_on(m->phone, now);
	phone_expire(m->phone, now);
	pump(m);
}

static void on_dhcp(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	struct fleet *f = context;
	struct dhcp_message m;

	(void)arrival;
	if (dhcp_decode(datagram, &m, NULL) != 0)
		return;
	struct member *member = map_get(&f->by_mac, mac_key(m.chaddr));
	if (member == NULL)
		return;
	phone_dhcp_input(member->phone, datagram, loop_now(f->loop));
	pump(member);
}

/* The end: in order when asked so, else at once. A second signal does not wait. */
static void on_stop(void *context)
{
	struct fleet *f = context;
	dt_time now = loop_now(f->loop);

	if (!f->options->leave || f->leaving) {
		loop_stop(f->loop);
		return;
	}
	f->leaving = true;
	for (unsigned i = 0; i < f->options->phones; i++) {
		f->result.in_state[phone_state(f->members[i].phone)]++;
		phone_leave(f->members[i].phone, now);
	}
	for (unsigned i = 0; i < f->options->phones; i++)
		pump(&f->members[i]);
	timer_set(f->end, now + LEAVE_LIMIT);
}

static int open_dhcp(struct fleet *f)
{
	bool relayed = !ip4_is_zero(f->options->relay);
	struct udp_options options = {
	    .bind = {f->options->relay, relayed ? DHCP_SERVER_PORT : DHCP_CLIENT_PORT},
	    .interface = relayed ? NULL : f->options->interface,
	    .broadcast = true,
	    .shared = true,
	    .foreign = relayed,
	    .on_datagram = on_dhcp,
	    .context = f};
	struct packet_options packet = {.interface = f->options->interface, .filter = PACKET_NONE};

	if (f->options->interface == NULL)
		return 0;
	if (iface_find(f->options->interface, &f->iface) != 0)
		return E_UNKNOWN;
	if (packet_open(f->loop, &packet, &f->packet) != 0)
		f->packet = NULL;
	return udp_open(f->loop, &options, &f->dhcp);
}

static int add_member(struct fleet *f, unsigned i)
{
	const struct fleet_options *o = f->options;
	struct member *m = &f->members[i];
	struct phone_config config = {.profile = o->mix[i % o->mix_count],
				      .mac = mac_of_key(mac_key(o->first_mac) + i),
				      .seed = o->seed * 1000003 + i,
				      .faults = {.giaddr = o->relay}};

	if (o->interface == NULL) {
		/* Static: all share this host's address, which the system chooses for each socket.
		 */
		config.static_ip = ip4_of(0x7f000001);
		config.static_tftp = o->server;
	}
	*m = (struct member){.fleet = f, .mac = config.mac};
	for (size_t k = 0; k < MEMBER_LINKS; k++)
		m->link[k].member = m;
	m->phone = phone_new(&config);
	m->timer = timer_new(f->loop, on_timer, m);
	if (m->phone == NULL || m->timer == NULL)
		return E_NO_MEMORY;
	timer_set(m->timer, f->began + (o->phones > 1 ? o->ramp * i / (o->phones - 1) : 0));
	return map_put(&f->by_mac, mac_key(m->mac), m);
}

static int open_fleet(struct fleet *f)
{
	f->loop = loop_new();
	f->members = alloc_zero(f->options->phones, sizeof *f->members);
	if (f->loop == NULL || f->members == NULL)
		return E_NO_MEMORY;
	f->began = loop_now(f->loop);
	f->end = timer_new(f->loop, on_stop, f);
	f->signals[0] = watch_signal(f->loop, SIGINT, on_stop, f);
	f->signals[1] = watch_signal(f->loop, SIGTERM, on_stop, f);
	if (f->end == NULL || f->signals[0] == NULL || f->signals[1] == NULL)
		return E_NO_MEMORY;
	int error = open_dhcp(f);
	for (unsigned i = 0; i < f->options->phones && error == 0; i++)
		error = add_member(f, i);
	if (error == 0 && f->options->hold > 0)
		timer_set(f->end, f->began + f->options->hold);
	return error;
}

static void close_fleet(struct fleet *f)
{
	for (unsigned i = 0; f->members != NULL && i < f->options->phones; i++) {
		struct member *m = &f->members[i];
		if (m->phone == NULL)
			continue;
		if (!f->leaving)
			f->result.in_state[phone_state(m->phone)]++;
		set_address(m, ip4_of(0));
		udp_close(m->udp);
		close_all_tcp(m);
		phone_free(m->phone);
		timer_free(m->timer);
	}
	alloc_free(f->members);
	map_done(&f->by_mac);
	udp_close(f->dhcp);
	packet_close(f->packet);
	timer_free(f->end);
	watch_free(f->signals[0]);
	watch_free(f->signals[1]);
	loop_free(f->loop);
}

int fleet_run(const struct fleet_options *options, struct fleet_result *ret_result)
{
	struct fleet f = {.options = options};

	map_init(&f.by_mac, FLEET_PHONES_MAX);
	int error = open_fleet(&f);
	if (error == 0)
		error = loop_run(f.loop);
	close_fleet(&f);
	f.result.phones = options->phones;
	f.result.registered = f.registered;
	f.result.rejected = f.result.in_state[PHONE_REJECTED];
	f.result.waiting =
	    options->phones - f.result.in_state[PHONE_REGISTERED] - f.result.rejected;
	*ret_result = f.result;
	return error;
}
