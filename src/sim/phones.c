/* The phones of the virtual world: the same machines as on real sockets. */
#include "sim/sim_internal.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stdio.h>

static const char *const models[] = {"7960", "7961", "7912", "7965", "7921"};
#define LEAVING DT_SECONDS(3)
#define MODELS  (sizeof models / sizeof *models)

const struct phone_profile *sim_profile(unsigned i)
{
	static const struct phone_profile *found[MODELS];

	if (found[i % MODELS] == NULL)
		found[i % MODELS] = phone_profile_find(models[i % MODELS]);
	return found[i % MODELS];
}

struct mac sim_mac(unsigned i)
{
	return mac_of_key(SIM_FIRST_MAC + i);
}

bool sim_is_in_branch(const struct sim_config *config, unsigned i)
{
	return i % 8 == 7 && !config->faults->tight_pool;
}

bool sim_is_misfiled(const struct sim_config *config, unsigned i)
{
	return config->phones >= 20 && i + 2 == config->phones && i >= config->unknown &&
	       !config->faults->tight_pool;
}

struct sim_phone *phones_by_mac(struct world *w, struct mac mac)
{
	uint64_t index = mac_key(mac) - SIM_FIRST_MAC;

	return index < w->config.phones ? &w->phones[index] : NULL;
}

static uint32_t index_of(const struct world *w, const struct sim_phone *p)
{
	return (uint32_t)(p - w->phones);
}

struct sim_connection *phones_connection(struct sim_phone *p, unsigned number)
{
	uint8_t *hint = &p->hint[number % SIM_CONNECTIONS_MAX];

	/* Each connection is several cache lines: mostly it is where it was last time. */
	if (p->connection[*hint].number == number)
		return &p->connection[*hint];
	for (uint8_t i = 0; i < SIM_CONNECTIONS_MAX; i++) {
		if (p->connection[i].number != number)
			continue;
		*hint = i;
		return &p->connection[i];
	}
	return NULL;
}

/* A free slot; when there is none the oldest gives way: its server has not noticed yet. */
static struct sim_connection *free_slot(struct world *w, struct sim_phone *p)
{
	struct sim_connection *oldest = &p->connection[0];

	for (size_t i = 0; i < SIM_CONNECTIONS_MAX; i++) {
		if (p->connection[i].number == 0 && p->connection[i].station == 0 &&
		    p->connection[i].http == 0)
			return &p->connection[i];
		if (p->connection[i].number < oldest->number)
			oldest = &p->connection[i];
	}
	struct sim_node *n = &w->node[oldest->node];
	if (oldest->http != 0 && n->up) {
		(void)map_take(&n->http_connections, oldest->http);
		http6970_closed(n->http, oldest->http);
		oldest->http = 0;
	}
	if (oldest->station != 0 && n->up) {
		station_id id = oldest->station;
		(void)map_take(&n->connections, id);
		oldest->station = 0;
		callmanager_closed(n->callmanager, id, w->now);
	}
	return oldest;
}

static void act_connect(struct world *w, struct sim_phone *p, const struct phone_action *a)
{
	struct sim_connection *c = free_slot(w, p);
	unsigned node = ip4_number(a->to.ip) - SIM_SERVER_IP;

	*c = (struct sim_connection){.number = a->connection,
				     .who = index_of(w, p),
				     .node = node < SIM_NODES ? (uint8_t)node : 0};
	network_stream(w, c, true, &(struct event){.kind = EVENT_NODE_CONNECT, .to = a->to});
}

static void act_stream(struct world *w, struct sim_phone *p, struct phone_action *a,
		       enum event_kind kind)
{
	struct sim_connection *c = phones_connection(p, a->connection);
	bool is_close = kind == EVENT_NODE_CLOSED;

	if (c == NULL || a->connection == 0 || c->phone_closed)
		return;
	c->phone_closed = is_close;
	network_stream(w, c, true,
		       &(struct event){.kind = (uint8_t)kind,
				       .len = is_close ? 0 : (uint32_t)a->len,
				       .bytes = a->bytes});
	if (is_close && c->station == 0 && c->http == 0)
		c->number = 0;
}

static void act_datagram(struct world *w, struct sim_phone *p, struct phone_action *a)
{
	unsigned node = ip4_number(a->to.ip) - SIM_SERVER_IP;
	struct event e = {.kind = EVENT_NODE_DATAGRAM,
			  .node = node < SIM_NODES ? (uint8_t)node : 0,
			  .from = {p->ip, a->local_port},
			  .to = a->to,
			  .len = (uint32_t)a->len,
			  .bytes = a->bytes};

	if (a->kind == PHONE_SEND_DHCP)
		e.from.port = DHCP_CLIENT_PORT;
	network_to_node(w, index_of(w, p), &e);
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
	if (state == PHONE_REGISTERED) {
		w->result.registrations++;
		p->down_since = DT_NEVER;
	} else if (p->down_since == DT_NEVER) {
		p->down_since = w->now;
	}
	if (state != PHONE_OFF)
		return;
	/* Its kernel is gone with it: the server finds out by silence. */
	act_address(w, p, ip4_of(0));
	for (size_t i = 0; i < SIM_CONNECTIONS_MAX; i++)
		p->connection[i].phone_closed = true;
}

static void act(struct world *w, struct sim_phone *p, struct phone_action *a)
{
	switch (a->kind) {
	case PHONE_SEND_DHCP:
	case PHONE_SEND_UDP:
		act_datagram(w, p, a);
		break;
	case PHONE_TCP_CONNECT:
		act_connect(w, p, a);
		break;
	case PHONE_TCP_SEND:
		act_stream(w, p, a, EVENT_NODE_STREAM);
		break;
	case PHONE_TCP_CLOSE:
		act_stream(w, p, a, EVENT_NODE_CLOSED);
		break;
	case PHONE_ADDRESS:
		act_address(w, p, a->ip);
		break;
	case PHONE_STATE:
		act_state(w, p, a->state);
		break;
	case PHONE_SEND_FRAME: /* on_link is off: they boot as on a port without voice VLAN */
	case PHONE_TAG:
	case PHONE_DIAL_TONE:
		break;
	}
}

static void pump(struct world *w, struct sim_phone *p)
{
	static struct phone_action a; /* large */

	while (phone_next_action(p->phone, &a))
		act(w, p, &a);
	dt_time deadline = phone_deadline(p->phone);
	if (deadline < p->timer) {
		p->timer = deadline;
		world_push(w, &(struct event){.at = deadline > w->now ? deadline : w->now,
					      .kind = EVENT_PHONE_TIMER,
					      .who = index_of(w, p)});
	}
}

/* Only the latest timer counts: one that was set before an earlier one is nobody's. */
static void on_timer(struct world *w, struct sim_phone *p)
{
	if (p->timer > w->now)
		return;
	p->timer = DT_NEVER;
	phone_expire(p->phone, w->now);
	if (phone_deadline(p->phone) <= w->now)
		invariants_violated(w, 9, "phone %u: a deadline that has passed stays",
				    index_of(w, p));
}

static void power_off(struct world *w, struct sim_phone *p, dt_time away)
{
	if (phone_state(p->phone) == PHONE_OFF)
		return;
	w->result.power_cycles++;
	phone_power_off(p->phone, w->now);
	pump(w, p);
	world_push(
	    w, &(struct event){.at = w->now + away, .kind = EVENT_PHONE_ON, .who = index_of(w, p)});
}

/* In an orderly way: it unregisters, and is switched on again when it is off. */
static void leave(struct world *w, struct sim_phone *p)
{
	p->leaving = true;
	w->result.power_cycles++;
	phone_leave(p->phone, w->now);
	pump(w, p);
	world_push(w, &(struct event){
			  .at = w->now + LEAVING, .kind = EVENT_PHONE_ON, .who = index_of(w, p)});
}

/* Some pull the plug, some say good-bye. */
static void power_cycle(struct world *w, enum event_kind again, dt_time mean)
{
	struct sim_phone *p = &w->phones[rand_below(&w->rand, w->config.phones)];
	dt_time away = (dt_time)rand_below(&w->rand, DT_SECONDS(3));

	if (phone_state(p->phone) == PHONE_REGISTERED && away % 3 == 0)
		leave(w, p);
	else
		power_off(w, p, away);
	world_again(w, again, mean);
}

static void power_cut(struct world *w)
{
	world_note(w, "the power goes");
	for (unsigned i = 0; i < w->config.phones; i++)
		power_off(w, &w->phones[i],
			  DT_SECONDS(1) + (dt_time)rand_below(&w->rand, DT_MS(200)));
	world_again(w, EVENT_PHONE_CUT, w->faults.cut_every);
}

/* A connection's end reaches the phone once. */
static bool take_connection(struct sim_phone *p, unsigned number)
{
	struct sim_connection *c = phones_connection(p, number);

	if (c == NULL || number == 0)
		return false;
	bool open = !c->phone_closed;
	c->phone_closed = true;
	if (c->station == 0 && c->http == 0)
		c->number = 0;
	return open;
}

static void on_connection_event(struct world *w, struct sim_phone *p, const struct event *e)
{
	const struct sim_connection *c = phones_connection(p, e->arg);
	bool listening = e->arg != 0 && c != NULL && !c->phone_closed;

	switch (e->kind) {
	case EVENT_PHONE_OPEN:
		if (listening)
			phone_tcp_open(p->phone, e->arg, w->now);
		break;
	case EVENT_PHONE_STREAM:
		if (listening)
			phone_tcp_input(p->phone, e->arg, event_bytes(e), w->now);
		break;
	case EVENT_PHONE_REFUSED:
		if (take_connection(p, e->arg))
			phone_tcp_refused(p->phone, e->arg, w->now);
		break;
	default:
		if (take_connection(p, e->arg))
			phone_tcp_closed(p->phone, e->arg, e->kind == EVENT_PHONE_RESET, w->now);
		break;
	}
}

static void switch_on(struct world *w, struct sim_phone *p)
{
	if (p->leaving && phone_state(p->phone) != PHONE_OFF) {
		world_push(w, &(struct event){.at = w->now + LEAVING,
					      .kind = EVENT_PHONE_ON,
					      .who = index_of(w, p)});
		return;
	}
	p->leaving = false;
	phone_power_on(p->phone, w->now);
}

void phones_event(struct world *w, const struct event *e)
{
	struct sim_phone *p = &w->phones[e->who];

	switch (e->kind) {
	case EVENT_PHONE_POWER:
		power_cycle(w, EVENT_PHONE_POWER, w->faults.power_every);
		return;
	case EVENT_PHONE_CHURN:
		power_cycle(w, EVENT_PHONE_CHURN,
			    DT_SECONDS(3600) * 100 / w->config.phones /
				(w->faults.churn_percent > 0 ? w->faults.churn_percent : 1));
		return;
	case EVENT_PHONE_CUT:
		power_cut(w);
		return;
	case EVENT_PHONE_ON:
		switch_on(w, p);
		break;
	case EVENT_PHONE_DHCP:
		phone_dhcp_input(p->phone, event_bytes(e), w->now);
		break;
	case EVENT_PHONE_DATAGRAM:
		phone_udp_input(p->phone, e->from, (uint16_t)e->arg, event_bytes(e), w->now);
		break;
	case EVENT_PHONE_TIMER:
		on_timer(w, p);
		break;
	default:
		on_connection_event(w, p, e);
		break;
	}
	pump(w, p);
}

/* Every number of the range has its phone, and this one is in no record. */
static bool finds_no_number(const struct world *w, unsigned i)
{
	const struct settings *s = &w->disk.settings;
	char name[DEVICE_NAME_SIZE];
	char hex[MAC_HEX_SIZE];
	size_t taken = 0;

	(void)snprintf(name, sizeof name, "SEP%s", mac_format_hex(sim_mac(i), hex));
	if (i >= w->config.unknown || disk_find_device(&w->disk, name) != NULL)
		return false;
	for (size_t k = 0; k < w->disk.device_count; k++)
		taken += w->disk.devices[k].autoregistered;
	return taken > s->autoreg_last - s->autoreg_first;
}

bool phones_may_be_up(const struct world *w, unsigned i)
{
	if (sim_is_misfiled(&w->config, i) || finds_no_number(w, i))
		return false;
	/* The two of one name: one of them, which is checked elsewhere. */
	if (w->config.faults->clone && (i == 0 || i + 1 == w->config.phones))
		return false;
	return !w->config.faults->tight_pool;
}

/* Some come from another site, and some believe in an address that is perhaps another's now. */
static struct ip4 remembered_ip(const struct world *w, unsigned i)
{
	uint32_t first = ip4_number(w->disk.settings.pool_first);

	if (i % 7 == 3)
		return ip4_of(0xc0a80000 + i);
	if (i % 7 == 5 && !world_is_perfect(w))
		return ip4_of(first + i * 13 % w->config.phones);
	return ip4_of(0);
}

int phones_init(struct world *w)
{
	map_init(&w->phone_by_ip, (size_t)SIM_PHONES_MAX * 2);
	w->phones = alloc_zero(w->config.phones, sizeof *w->phones);
	if (w->phones == NULL)
		return E_NO_MEMORY;
	for (unsigned i = 0; i < w->config.phones; i++) {
		struct sim_phone *p = &w->phones[i];
		bool clone = w->config.faults->clone && i > 0 && i + 1 == w->config.phones;
		struct phone_config config = {.profile = sim_profile(clone ? 0 : i),
					      .mac = sim_mac(i),
					      .seed = w->config.seed * 1000003 + i,
					      .goes_off_hook = i % 6 == 1};
		if (clone)
			config.faults.claim = sim_mac(0);
		config.faults.remembered_ip = remembered_ip(w, i);
		p->reserved = sim_reserved_ip(w, i);
		p->in_branch = sim_is_in_branch(&w->config, i);
		if (p->in_branch)
			config.faults.giaddr = ip4_of(SIM_BRANCH_ROUTER);
		p->mac = config.mac;
		p->timer = DT_NEVER;
		p->phone = phone_new(&config);
		if (p->phone == NULL)
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
		if (w->phones[i].phone == NULL)
			continue;
		phone_view(w->phones[i].phone, &view);
		w->result.registered += phone_state(w->phones[i].phone) == PHONE_REGISTERED;
		w->result.keepalives += view.keepalives_acked;
		w->result.failovers += view.failovers;
		w->result.failbacks += view.failbacks;
		phone_free(w->phones[i].phone);
	}
	alloc_free(w->phones);
	map_done(&w->phone_by_ip);
}
