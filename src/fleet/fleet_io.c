/* The edge of one process's phones: one loop, one DHCP socket for all of them, and for each phone a
 * socket for its transfer and its connections. Phones have addresses of their own where they can
 * (local routes, or a prefix that is local already), so that servers see one phone an address, as
 * on a real site. */
#include "fleet/fleet_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/map.h"
#include "base/rand.h"
#include "base/text.h"
#include "net/iface.h"
#include "net/packet.h"
#include "net/tcp.h"
#include "net/udp.h"
#include "proto/dhcp/dhcp.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>

#define LEAVE_LIMIT  DT_SECONDS(3)
#define LOOPBACK     0x7f000001
#define TICK         DT_SECONDS(1)
#define MEMBER_LINKS 5 /* active, standby, the one that looks for a better one, a file, a spare */

struct edge;
struct member;

struct member_link {
	struct member *member;
	struct tcp *tcp;
	struct endpoint to;
	unsigned number; /* the phone's; 0 = free */
};

struct member {
	struct edge *edge;
	struct phone *phone;
	struct fleet_record *record;
	struct mac mac;
	struct timer *timer;
	struct ip4 ip; /* routed to this host */
	struct udp *udp;
	uint16_t udp_port; /* the phone's number for it */
	struct member_link link[MEMBER_LINKS];
	struct fleet_watch *watch; /* it has had trouble */
	dt_time entered[PHONE_REJECTED + 1];
	dt_time on_at;             /* powered on then; DT_NEVER = it is on */
	enum phone_state furthest; /* it has ever been */
};

/* Bytes for one connection, gathered. */
struct outgoing {
	unsigned number;
	size_t len;
	uint8_t bytes[PHONE_BYTES_MAX * 2];
};

struct edge {
	const struct fleet_part *part;
	const struct fleet_options *options;
	struct loop *loop;
	struct iface iface;
	struct udp *dhcp;
	struct packet *packet;
	struct ip4 relay;
	struct map by_mac;
	struct member *members;
	struct timer *end, *tick, *cut;
	struct watch *signals[2];
	struct rand rand;
	dt_time nearer_at; /* when a phone last came nearer to its goal */
	double churned;    /* phones due for a power cycle */
	struct outgoing outgoing;
	unsigned watched, off;
	bool leaving, stopped;
};

static void pump(struct member *m);

static dt_time since(const struct edge *e)
{
	return loop_now(e->loop) - e->part->began;
}

static struct endpoint own(const struct member *m, uint16_t port)
{
	struct ip4 shared = m->edge->options->interface == NULL ? m->edge->iface.ip : ip4_of(0);

	return (struct endpoint){ip4_is_zero(m->ip) ? shared : m->ip, port};
}

/* Datagrams of transfers. */

static void on_transfer(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	struct member *m = context;
	dt_time now = loop_now(m->edge->loop);

	m->edge->part->share->heard = true;
	fleet_watch_tftp(m->watch, arrival->from, own(m, m->udp_port), datagram, now);
	phone_udp_input(m->phone, arrival->from, m->udp_port, datagram, now);
	pump(m);
}

static void on_transfer_refused(void *context, struct endpoint to)
{
	struct member *m = context;
	dt_time now = loop_now(m->edge->loop);

	m->edge->part->share->heard = true;
	fleet_watch_unreachable(m->watch, own(m, m->udp_port), to, now);
	phone_udp_refused(m->phone, m->udp_port, now);
	pump(m);
}

/* Phones without an address of their own share this host's ports: theirs only tell their transfers
 * apart. */
static int open_udp(struct member *m, uint16_t port)
{
	struct udp_options options = {
	    .bind = {m->ip,
		     m->edge->options->interface != NULL || !ip4_is_zero(m->edge->options->first_ip)
			 ? port
			 : 0},
	    .foreign = true,
	    .on_datagram = on_transfer,
	    .on_refused = on_transfer_refused,
	    .context = m};
	int error = udp_open(m->edge->loop, &options, &m->udp);

	if (error != 0) {
		options.bind.port = 0; /* somebody has it */
		error = udp_open(m->edge->loop, &options, &m->udp);
	}
	m->udp_port = port;
	return error;
}

static void send_udp(struct member *m, const struct phone_action *a)
{
	struct slice bytes = slice_of(a->bytes, a->len);

	/* A load test spares the sockets: all transfers of a phone from one port. */
	if (m->udp != NULL && m->edge->options->unpaced)
		m->udp_port = a->local_port;
	if (m->udp == NULL || m->udp_port != a->local_port) {
		udp_close(m->udp);
		m->udp = NULL;
		if (open_udp(m, a->local_port) != 0)
			return;
	}
	fleet_watch_tftp(m->watch, own(m, a->local_port), a->to, bytes, loop_now(m->edge->loop));
	(void)udp_send(m->udp, a->to, m->ip, 0, bytes);
}

static void send_dhcp(struct member *m, const struct phone_action *a)
{
	struct edge *e = m->edge;
	struct slice bytes = slice_of(a->bytes, a->len);
	struct mac everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	struct endpoint source = {ip4_of(0), DHCP_CLIENT_PORT};
	/* The frame comes from the phone's own hardware address, as snooping switches expect. */
	struct iface from = e->iface;

	from.mac = m->mac;
	fleet_watch_dhcp(m->watch, own(m, DHCP_CLIENT_PORT), a->to, bytes, loop_now(e->loop));
	if (!ip4_is_zero(e->relay))
		(void)udp_send(e->dhcp, (struct endpoint){e->options->server, DHCP_SERVER_PORT},
			       e->relay, 0, bytes);
	else if (ip4_number(a->to.ip) != UINT32_MAX)
		(void)udp_send(e->dhcp, a->to, m->ip, 0, bytes);
	else if (e->packet == NULL ||
		 packet_send_udp(e->packet, &from, everybody, source, a->to, bytes) != 0)
		(void)udp_send(e->dhcp, a->to, ip4_of(0), e->iface.index, bytes);
}

/* Connections. The watch knows a connection by its number, as a local port. */

static void on_open(void *context)
{
	struct member_link *l = context;
	struct member *m = l->member;
	dt_time now = loop_now(m->edge->loop);

	m->edge->part->share->heard = true;
	fleet_watch_tcp(m->watch, own(m, (uint16_t)l->number), l->to, FLEET_TCP_OPENED, now);
	phone_tcp_open(m->phone, l->number, now);
	pump(m);
}

static void on_data(void *context, struct slice bytes)
{
	struct member_link *l = context;
	struct member *m = l->member;
	dt_time now = loop_now(m->edge->loop);

	fleet_watch_sccp(m->watch, l->to, own(m, (uint16_t)l->number), bytes, now);
	phone_tcp_input(m->phone, l->number, bytes, now);
	pump(m);
}

static void on_end(void *context, enum tcp_end end)
{
	struct member_link *l = context;
	struct member *m = l->member;
	unsigned number = l->number;
	dt_time now = loop_now(m->edge->loop);

	m->edge->part->share->heard = true;
	fleet_watch_tcp(m->watch, own(m, (uint16_t)number), l->to,
			end == TCP_END_CLOSED ? FLEET_TCP_CLOSED : FLEET_TCP_RESET, now);
	*l = (struct member_link){.member = m};
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
	dt_time now = loop_now(m->edge->loop);

	if (l != NULL) {
		l->number = a->connection;
		l->to = a->to;
		fleet_watch_tcp(m->watch, own(m, (uint16_t)l->number), l->to, FLEET_TCP_ASKED, now);
		if (tcp_connect(m->edge->loop, a->to, m->ip, &handlers, l, &l->tcp) == 0)
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
	fleet_watch_sccp(m->watch, own(m, (uint16_t)l->number), l->to, bytes,
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
		tcp_abort(l->tcp);
	else
		tcp_close(l->tcp);
	*l = (struct member_link){.member = m};
}

static void close_all(struct member *m, bool at_once)
{
	for (size_t i = 0; i < MEMBER_LINKS; i++)
		close_tcp(m, m->link[i].number, at_once);
	udp_close(m->udp);
	m->udp = NULL;
}

static void set_address(struct member *m, struct ip4 ip)
{
	struct edge *e = m->edge;
	bool routed = e->options->interface != NULL && ip4_is_zero(e->relay);

	if (e->options->interface == NULL && ip4_is_zero(e->options->first_ip))
		return; /* the system chooses for each socket */
	if (routed && !ip4_is_zero(m->ip))
		(void)iface_local_route(e->iface.index, m->ip, false);
	m->ip = ip;
	if (routed && !ip4_is_zero(ip))
		(void)iface_local_route(e->iface.index, ip, true);
}

/* What it became, for the report. */

static void time_steps(struct member *m, dt_time now)
{
	static const struct {
		enum fleet_step step;
		enum phone_state from, to;
	} steps[] = {{FLEET_STEP_DHCP, PHONE_DHCP, PHONE_FILES},
		     {FLEET_STEP_FILES, PHONE_FILES, PHONE_OPENING},
		     {FLEET_STEP_CONNECT, PHONE_OPENING, PHONE_REGISTERING},
		     {FLEET_STEP_REGISTER, PHONE_REGISTERING, PHONE_REGISTERED},
		     {FLEET_STEP_BOOT, PHONE_STARTING, PHONE_REGISTERED}};

	m->entered[PHONE_REGISTERED] = now;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		dt_time from = m->entered[steps[i].from];
		dt_time to = m->entered[steps[i].to];
		if (from > 0 && to > from)
			m->record->step[steps[i].step] = to - from;
	}
}

/* A phone that begins again has not come up: from now on it is looked at. */
static void watch_trouble(struct member *m, enum phone_state state)
{
	bool again = state == PHONE_REJECTED || (state < m->furthest && state >= PHONE_DHCP);

	if (m->watch != NULL || !again || m->record->was_up ||
	    m->edge->watched == FLEET_WATCHED_MAX)
		return;
	m->edge->watched++;
	m->watch = fleet_watch_new(loop_now(m->edge->loop));
}

static void take_view(struct member *m)
{
	struct phone_view view;

	phone_view(m->phone, &view);
	m->record->boots = view.boots;
	m->record->registrations = view.registrations;
	m->record->failovers = view.failovers;
	m->record->tokens_rejected = view.tokens_rejected;
	m->record->resent_dhcp = view.resent_dhcp;
	m->record->resent_files = view.resent_files;
	(void)text_copy(m->record->last_reject, sizeof m->record->last_reject, view.last_reject);
}

static void on_state(struct member *m, enum phone_state state)
{
	struct edge *e = m->edge;
	struct fleet_record *r = m->record;
	dt_time at = since(e);
	bool was_registered = r->state == PHONE_REGISTERED;

	m->entered[state] = at > 0 ? at : 1;
	watch_trouble(m, state);
	if (state > m->furthest) {
		m->furthest = state;
		e->nearer_at = loop_now(e->loop);
	}
	if (state == PHONE_REGISTERED) {
		time_steps(m, m->entered[state]);
		if (!r->was_up)
			r->first_up = at;
		r->was_up = true;
		udp_close(m->udp);
		m->udp = NULL;
		fleet_watch_free(m->watch);
		m->watch = NULL;
	}
	if (was_registered != (state == PHONE_REGISTERED))
		fleet_curve_change(e->part->share, at, was_registered ? -1 : 1);
	if (state == PHONE_OFF)
		close_all(m, !e->leaving);
	r->state = (uint8_t)state;
	take_view(m);
	if (e->part->alone && e->options->on_state != NULL)
		e->options->on_state(e->options->context, m->phone, at);
}

static void act(struct member *m, struct outgoing *o, const struct phone_action *a)
{
	if (a->kind != PHONE_TCP_SEND)
		flush_tcp(m, o);
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
		send_tcp(m, o, a);
		break;
	case PHONE_TCP_CLOSE:
		close_tcp(m, a->connection, false);
		break;
	case PHONE_ADDRESS:
		set_address(m, a->ip);
		break;
	case PHONE_STATE:
		on_state(m, a->state);
		break;
	case PHONE_DIAL_TONE:
		m->record->dial_tone = true;
		m->edge->nearer_at = loop_now(m->edge->loop);
		break;
	}
}

static void pump(struct member *m)
{
	struct phone_action a;
	struct outgoing *o = &m->edge->outgoing;

	while (phone_next_action(m->phone, &a))
		act(m, o, &a);
	flush_tcp(m, o);
	timer_set(m->timer, dt_time_min(m->on_at, phone_deadline(m->phone)));
}

static void on_timer(void *context)
{
	struct member *m = context;
	dt_time now = loop_now(m->edge->loop);

	/* The first time is its turn in the ramp. */
	if (now >= m->on_at) {
		m->on_at = DT_NEVER;
		m->furthest = PHONE_OFF;
		phone_power_on(m->phone, now);
	}
	phone_expire(m->phone, now);
	pump(m);
}

static void on_dhcp(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	struct edge *e = context;
	struct dhcp_message m;

	if (dhcp_decode(datagram, &m, NULL) != 0)
		return;
	struct member *member = map_get(&e->by_mac, mac_key(m.chaddr));
	if (member == NULL)
		return;
	e->part->share->heard = true;
	fleet_watch_dhcp(member->watch, arrival->from, own(member, DHCP_CLIENT_PORT), datagram,
			 loop_now(e->loop));
	phone_dhcp_input(member->phone, datagram, loop_now(e->loop));
	pump(member);
}

/* Power. */

static void power_cycle(struct member *m, dt_time away)
{
	dt_time now = loop_now(m->edge->loop);

	m->edge->part->share->power_cycles++;
	phone_power_off(m->phone, now);
	m->on_at = now + away;
	pump(m);
}

static void on_cut(void *context)
{
	struct edge *e = context;

	for (unsigned i = 0; i < e->part->count; i++)
		power_cycle(&e->members[i], FLEET_CUT_US);
}

static void churn(struct edge *e)
{
	double share = e->options->churn_percent / 100 / 3600 * (double)TICK / 1e6;

	e->churned += share * e->part->count;
	for (; e->churned >= 1; e->churned -= 1) {
		struct member *m = &e->members[rand_below(&e->rand, e->part->count)];
		if (phone_state(m->phone) != PHONE_OFF)
			power_cycle(m, DT_SECONDS(2));
	}
}

/* The end. */

static bool reached(const struct edge *e)
{
	const struct fleet_options *o = e->options;

	for (unsigned i = 0; i < e->part->count; i++) {
		const struct fleet_record *r = e->members[i].record;
		if (o->until == FLEET_UNTIL_DIAL_TONE ? !r->dial_tone
						      : r->state != PHONE_REGISTERED)
			return false;
	}
	return o->power_cut == 0 || since(e) > o->power_cut + FLEET_CUT_US;
}

/* Nothing has come nearer for so long: not with a server that says nothing, and not, when there is
 * a goal, with one that refuses. */
static bool is_hopeless(const struct edge *e)
{
	const struct fleet_options *o = e->options;
	dt_time begin = e->part->began + o->ramp;
	dt_time from = e->nearer_at > begin ? e->nearer_at : begin;

	if (o->give_up == 0 || loop_now(e->loop) - from < o->give_up)
		return false;
	return o->until != FLEET_UNTIL_STOPPED || !e->part->share->heard;
}

static void stop(struct edge *e)
{
	e->part->share->ran = since(e);
	e->stopped = true;
	loop_stop(e->loop);
}

/* In order when asked so, else at once. A second signal does not wait. */
static void on_stop(void *context)
{
	struct edge *e = context;
	dt_time now = loop_now(e->loop);

	if (!e->options->leave || e->leaving) {
		stop(e);
		return;
	}
	/* What counts is how they were before they were sent home. */
	e->leaving = true;
	for (unsigned i = 0; i < e->part->count; i++) {
		uint8_t state = e->members[i].record->state;
		phone_leave(e->members[i].phone, now);
		pump(&e->members[i]);
		e->members[i].record->state = state;
	}
	timer_set(e->end, now + LEAVE_LIMIT);
}

static bool all_off(const struct edge *e)
{
	for (unsigned i = 0; i < e->part->count; i++) {
		if (phone_state(e->members[i].phone) != PHONE_OFF)
			return false;
	}
	return true;
}

static void on_tick(void *context)
{
	struct edge *e = context;

	if (e->leaving && all_off(e)) {
		stop(e);
		return;
	}
	if (!e->leaving && e->options->churn_percent > 0)
		churn(e);
	if (!e->leaving && is_hopeless(e)) {
		e->part->share->gave_up = true;
		on_stop(e);
	} else if (!e->leaving && e->part->alone && e->options->until != FLEET_UNTIL_STOPPED &&
		   reached(e)) {
		on_stop(e);
	}
	/* Little waits for the second to end. */
	bool short_tick =
	    e->leaving || (e->part->alone && e->options->until != FLEET_UNTIL_STOPPED);
	timer_set(e->tick, loop_now(e->loop) + (short_tick ? TICK / 20 : TICK));
}

/* Opening and closing. */

static int open_dhcp(struct edge *e)
{
	bool relayed = !ip4_is_zero(e->options->relay);

	if (relayed)
		e->relay = ip4_of(ip4_number(e->options->relay) + e->part->process);
	struct udp_options options = {
	    .bind = {e->relay, relayed ? DHCP_SERVER_PORT : DHCP_CLIENT_PORT},
	    .interface = relayed ? NULL : e->options->interface,
	    .broadcast = true,
	    .shared = true,
	    .foreign = relayed,
	    .on_datagram = on_dhcp,
	    .context = e};
	struct packet_options packet = {.interface = e->options->interface, .filter = PACKET_NONE};

	if (e->options->interface == NULL) {
		/* What they say their address is. */
		if (e->options->server.b[0] == 127 || iface_only(&e->iface) != 0)
			e->iface.ip = ip4_of(LOOPBACK);
		return 0;
	}
	if (iface_find(e->options->interface, &e->iface) != 0)
		return E_UNKNOWN;
	if (packet_open(e->loop, &packet, &e->packet) != 0)
		e->packet = NULL;
	return udp_open(e->loop, &options, &e->dhcp);
}

static struct phone_config config_of(const struct edge *e, unsigned i)
{
	const struct fleet_options *o = e->options;
	struct phone_config config = {.profile = o->mix[i % o->mix_count],
				      .mac = mac_of_key(mac_key(o->first_mac) + i),
				      .seed = o->seed * 1000003 + i,
				      .unpaced = o->unpaced,
				      .goes_off_hook = o->until == FLEET_UNTIL_DIAL_TONE,
				      .faults = o->faults};

	config.faults.giaddr = e->relay;
	if (o->interface == NULL) {
		config.static_ip =
		    ip4_is_zero(o->first_ip) ? e->iface.ip : ip4_of(ip4_number(o->first_ip) + i);
		config.static_tftp = o->server;
	}
	return config;
}

static int add_member(struct edge *e, unsigned k)
{
	const struct fleet_options *o = e->options;
	struct member *m = &e->members[k];
	unsigned i = e->part->first + k;
	struct phone_config config = config_of(e, i);

	*m = (struct member){.edge = e, .mac = config.mac, .record = &e->part->records[i]};
	m->record->profile = (uint16_t)(i % o->mix_count);
	for (size_t n = 0; n < MEMBER_LINKS; n++)
		m->link[n].member = m;
	m->phone = phone_new(&config);
	m->timer = timer_new(e->loop, on_timer, m);
	if (m->phone == NULL || m->timer == NULL)
		return E_NO_MEMORY;
	if (k < FLEET_WATCHED_MAX / 2) { /* some from the start, others when they have trouble */
		m->watch = fleet_watch_new(e->part->began);
		e->watched++;
	}
	m->on_at = e->part->began + (o->phones > 1 ? o->ramp * i / (o->phones - 1) : 0);
	timer_set(m->timer, m->on_at);
	return map_put(&e->by_mac, mac_key(m->mac), m);
}

static int open_edge(struct edge *e)
{
	const struct fleet_options *o = e->options;

	e->loop = loop_new();
	e->members = alloc_zero(e->part->count, sizeof *e->members);
	if (e->loop == NULL || e->members == NULL)
		return E_NO_MEMORY;
	e->nearer_at = loop_now(e->loop);
	e->end = timer_new(e->loop, on_stop, e);
	e->tick = timer_new(e->loop, on_tick, e);
	e->cut = timer_new(e->loop, on_cut, e);
	e->signals[0] = watch_signal(e->loop, SIGINT, on_stop, e);
	e->signals[1] = watch_signal(e->loop, SIGTERM, on_stop, e);
	if (e->end == NULL || e->tick == NULL || e->cut == NULL || e->signals[0] == NULL ||
	    e->signals[1] == NULL)
		return E_NO_MEMORY;
	int error = open_dhcp(e);
	for (unsigned k = 0; k < e->part->count && error == 0; k++)
		error = add_member(e, k);
	if (error != 0)
		return error;
	if (o->hold > 0)
		timer_set(e->end, e->part->began + o->hold);
	if (o->power_cut > 0)
		timer_set(e->cut, e->part->began + o->power_cut);
	timer_set(e->tick, loop_now(e->loop) + TICK / 20);
	return 0;
}

static void close_member(struct member *m, dt_time now)
{
	if (m->phone == NULL)
		return;
	take_view(m);
	if (m->watch != NULL)
		fleet_watch_explain(m->watch, m->mac, now, m->record->explanation);
	fleet_watch_free(m->watch);
	close_all(m, false);
	set_address(m, ip4_of(0));
	phone_free(m->phone);
	timer_free(m->timer);
}

static void close_edge(struct edge *e)
{
	for (unsigned k = 0; e->members != NULL && k < e->part->count; k++)
		close_member(&e->members[k], loop_now(e->loop));
	alloc_free(e->members);
	map_done(&e->by_mac);
	udp_close(e->dhcp);
	packet_close(e->packet);
	timer_free(e->end);
	timer_free(e->tick);
	timer_free(e->cut);
	watch_free(e->signals[0]);
	watch_free(e->signals[1]);
	loop_free(e->loop);
}

static double processor_us(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_utime.tv_sec * 1e6 + (double)usage.ru_utime.tv_usec +
	       (double)usage.ru_stime.tv_sec * 1e6 + (double)usage.ru_stime.tv_usec;
}

void fleet_part_run(const struct fleet_part *part)
{
	struct edge e = {.part = part,
			 .options = part->options,
			 .rand = rand_of(part->options->seed + part->process)};
	double cpu_us = processor_us();
	size_t memory = mallinfo2().uordblks;

	map_init(&e.by_mac, FLEET_PHONES_MAX);
	int error = open_edge(&e);
	if (error == 0)
		error = loop_run(e.loop);
	part->share->error_number = errno;
	part->share->error = error;
	part->share->memory = mallinfo2().uordblks - memory;
	close_edge(&e);
	part->share->cpu_us = processor_us() - cpu_us;
	part->share->done = true;
}
