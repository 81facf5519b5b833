/* The phones of the virtual world: the same machines as on real sockets. */
#include "sim/sim_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

static uint32_t index_of(const struct world *w, const struct sim_phone *p)
{
	return (uint32_t)(p - w->phones);
}

struct sim_connection *phones_connection(struct sim_phone *p, unsigned number)
{
	for (size_t i = 0; i < SIM_CONNECTIONS_MAX; i++) {
		if (p->connection[i].number == number)
			return &p->connection[i];
	}
	return NULL;
}

static void act_connect(struct world *w, struct sim_phone *p, const struct phone_action *a)
{
	struct sim_connection *c = phones_connection(p, 0);

	if (c == NULL) {
		/* Old ones linger until the server notices; the oldest gives way. */
		memmove(&p->connection[0], &p->connection[1],
			sizeof p->connection - sizeof p->connection[0]);
		c = &p->connection[SIM_CONNECTIONS_MAX - 1];
	}
	*c = (struct sim_connection){.number = a->connection};
	network_stream(w, c, true,
		       &(struct event){.kind = EVENT_NODE_CONNECT,
				       .who = index_of(w, p),
				       .arg = a->connection});
}

static void act_stream(struct world *w, struct sim_phone *p, const struct phone_action *a,
		       enum event_kind kind)
{
	struct sim_connection *c = phones_connection(p, a->connection);
	struct event e = {.kind = kind, .who = index_of(w, p), .arg = a->connection};
	struct slice bytes = slice_of(a->bytes, kind == EVENT_NODE_STREAM ? a->len : 0);

	if (c == NULL || c->phone_closed)
		return;
	c->phone_closed = kind == EVENT_NODE_CLOSED;
	e.len = bytes.len;
	e.bytes = alloc_zero(1, bytes.len + 1);
	if (e.bytes == NULL) {
		w->error = E_NO_MEMORY;
		return;
	}
	memcpy(e.bytes, bytes.ptr, bytes.len);
	network_stream(w, c, true, &e);
	alloc_free(e.bytes);
}

static void act_datagram(struct world *w, struct sim_phone *p, struct phone_action *a)
{
	struct event e = {.kind = EVENT_NODE_DATAGRAM,
			  .who = index_of(w, p),
			  .from = {p->ip, a->local_port},
			  .to = a->to,
			  .len = a->len,
			  .bytes = a->bytes};

	if (a->kind == PHONE_SEND_DHCP)
		e.from.port = DHCP_CLIENT_PORT;
	network_to_node(w, &e);
}

static void act_address(struct world *w, struct sim_phone *p, struct ip4 ip)
{
	if (!ip4_is_zero(p->ip) && map_get(&w->phone_by_ip, ip4_number(p->ip)) == p)
		(void)map_take(&w->phone_by_ip, ip4_number(p->ip));
	p->ip = ip;
	if (!ip4_is_zero(ip) && map_put(&w->phone_by_ip, ip4_number(ip), p) != 0)
		w->error = E_NO_MEMORY;
}

static void act_state(struct world *w, struct sim_phone *p, enum phone_state state)
{
	world_note(w, "phone %u %s", index_of(w, p), phone_state_text(state));
	if (state == PHONE_REGISTERED)
		w->result.registrations++;
	if (state != PHONE_OFF)
		return;
	/* Its kernel is gone with it: the server finds out by silence. */
	act_address(w, p, ip4_of(0));
	for (size_t i = 0; i < SIM_CONNECTIONS_MAX; i++)
		p->connection[i].phone_closed = true;
}

static void pump(struct world *w, struct sim_phone *p)
{
	struct phone_action a;

	while (phone_next_action(p->phone, &a)) {
		switch (a.kind) {
		case PHONE_SEND_DHCP:
		case PHONE_SEND_UDP:
			act_datagram(w, p, &a);
			break;
		case PHONE_TCP_CONNECT:
			act_connect(w, p, &a);
			break;
		case PHONE_TCP_SEND:
			act_stream(w, p, &a, EVENT_NODE_STREAM);
			break;
		case PHONE_TCP_CLOSE:
			act_stream(w, p, &a, EVENT_NODE_CLOSED);
			break;
		case PHONE_ADDRESS:
			act_address(w, p, a.ip);
			break;
		case PHONE_DIAL_TONE:
			break;
		case PHONE_STATE:
			act_state(w, p, a.state);
			break;
		}
	}
	dt_time deadline = phone_deadline(p->phone);
	if (deadline < p->timer) {
		p->timer = deadline;
		world_push(w, &(struct event){.at = deadline > w->now ? deadline : w->now,
					      .kind = EVENT_PHONE_TIMER,
					      .who = index_of(w, p)});
	}
}

/* A timer that was set for an earlier deadline than there is now simply comes again. */
static void on_timer(struct world *w, struct sim_phone *p)
{
	p->timer = DT_NEVER;
	phone_expire(p->phone, w->now);
}

static void power_cycle(struct world *w)
{
	struct sim_phone *p = &w->phones[rand_below(&w->rand, w->config.phones)];

	w->result.power_cycles++;
	phone_power_off(p->phone, w->now);
	pump(w, p);
	phone_power_on(p->phone, w->now);
	pump(w, p);
	world_push(w, &(struct event){.at = w->now + world_about(w, w->config.faults->power_every),
				      .kind = EVENT_PHONE_POWER});
}

/* A connection's end reaches the phone once. */
static bool take_connection(struct sim_phone *p, unsigned number)
{
	struct sim_connection *c = phones_connection(p, number);

	if (c == NULL)
		return false;
	bool open = !c->phone_closed;
	*c = (struct sim_connection){0};
	return open;
}

void phones_event(struct world *w, const struct event *e)
{
	struct slice bytes = slice_of(e->bytes, e->len);

	if (e->kind == EVENT_PHONE_POWER) {
		power_cycle(w);
		return;
	}
	struct sim_phone *p = &w->phones[e->who];
	const struct sim_connection *c = phones_connection(p, e->arg);
	bool listening = e->arg != 0 && c != NULL && !c->phone_closed;
	switch ((int)e->kind) {
	case EVENT_PHONE_DHCP:
		phone_dhcp_input(p->phone, bytes, w->now);
		break;
	case EVENT_PHONE_DATAGRAM:
		phone_udp_input(p->phone, e->from, (uint16_t)e->arg, bytes, w->now);
		break;
	case EVENT_PHONE_UNREACHABLE:
		phone_udp_refused(p->phone, (uint16_t)e->arg, w->now);
		break;
	case EVENT_PHONE_OPEN:
		if (listening)
			phone_tcp_open(p->phone, e->arg, w->now);
		break;
	case EVENT_PHONE_STREAM:
		if (listening)
			phone_tcp_input(p->phone, e->arg, bytes, w->now);
		break;
	case EVENT_PHONE_REFUSED:
		if (take_connection(p, e->arg))
			phone_tcp_refused(p->phone, e->arg, w->now);
		break;
	case EVENT_PHONE_CLOSED:
	case EVENT_PHONE_RESET:
		if (take_connection(p, e->arg))
			phone_tcp_closed(p->phone, e->arg, e->kind == EVENT_PHONE_RESET, w->now);
		break;
	case EVENT_PHONE_TIMER:
		on_timer(w, p);
		break;
	default:
		return;
	}
	pump(w, p);
}

int phones_init(struct world *w)
{
	map_init(&w->phone_by_ip, SIM_PHONES_MAX);
	map_init(&w->phone_by_mac, SIM_PHONES_MAX);
	w->phones = alloc_zero(w->config.phones, sizeof *w->phones);
	if (w->phones == NULL)
		return E_NO_MEMORY;
	for (unsigned i = 0; i < w->config.phones; i++) {
		struct sim_phone *p = &w->phones[i];
		struct phone_config config = {.profile = sim_profile(i),
					      .mac = mac_of_key(0x001bd4000001ULL + i),
					      .seed = w->config.seed * 1000003 + i};
		p->mac = config.mac;
		p->timer = DT_NEVER;
		p->phone = phone_new(&config);
		if (p->phone == NULL || map_put(&w->phone_by_mac, mac_key(p->mac), p) != 0)
			return E_NO_MEMORY;
	}
	return 0;
}

int phones_start(struct world *w)
{
	for (unsigned i = 0; i < w->config.phones; i++) {
		phone_power_on(w->phones[i].phone, w->now);
		pump(w, &w->phones[i]);
	}
	return w->error;
}

void phones_done(struct world *w)
{
	for (unsigned i = 0; w->phones != NULL && i < w->config.phones; i++) {
		struct phone_view view = {0};
		if (w->phones[i].phone != NULL) {
			phone_view(w->phones[i].phone, &view);
			w->result.registered += phone_state(w->phones[i].phone) == PHONE_REGISTERED;
			w->result.keepalives += view.keepalives_acked;
		}
		if (w->phones[i].phone != NULL)
			phone_free(w->phones[i].phone);
	}
	alloc_free(w->phones);
	map_done(&w->phone_by_ip);
	map_done(&w->phone_by_mac);
}
