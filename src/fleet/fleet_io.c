/* One process's phones: their loop, power and end. What each phone wants done is done in
 * fleet_member_io.c, fleet_wire_io.c and fleet_vlan_io.c. */
#include "fleet/fleet_edge_io.h"

#include "base/alloc.h"
#include "base/error.h"
#include "proto/dhcp/dhcp.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>

#define LEAVE_LIMIT DT_SECONDS(3)
#define LOOPBACK    0x7f000001
#define TICK        DT_SECONDS(1)

dt_time edge_since(const struct edge *e)
{
	return loop_now(e->loop) - e->part->began;
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
	member_pump(m);
}

/* Power. */

static void power_cycle(struct member *m, dt_time away)
{
	dt_time now = loop_now(m->edge->loop);

	m->edge->part->share->power_cycles++;
	phone_power_off(m->phone, now);
	m->on_at = now + away;
	member_pump(m);
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
	return o->power_cut == 0 || edge_since(e) > o->power_cut + FLEET_CUT_US;
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
	e->part->share->ran = edge_since(e);
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
		member_pump(&e->members[i]);
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

/* Do the phones speak to the switch they are plugged into? Not behind a relay, for it is at another
 * place; and not when nothing is waited for. */
static bool listens(const struct fleet_options *o)
{
	return o->interface != NULL && ip4_is_zero(o->relay) && !o->unpaced && !o->no_neighbours;
}

static void on_dhcp(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	struct edge *e = context;

	outbox_gather(e, e->dhcp);
	member_dhcp_arrived(e, arrival->from, datagram);
}

static void on_dhcp_end(void *context)
{
	outbox_flush(context);
}

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
	    .on_end = on_dhcp_end,
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
	if (!e->iface.up)
		return E_CLOSED;
	if (packet_open(e->loop, &packet, &e->packet) != 0)
		e->packet = NULL;
	int error = udp_open(e->loop, &options, &e->dhcp);
	return error == 0 && e->packet != NULL && listens(e->options) ? wire_open(e) : error;
}

static struct phone_config config_of(const struct edge *e, unsigned i)
{
	const struct fleet_options *o = e->options;
	struct phone_config config = {.profile = o->mix[i % o->mix_count],
				      .mac = mac_of_key(mac_key(o->first_mac) + i),
				      .seed = o->seed * 1000003 + i,
				      .unpaced = o->unpaced,
				      .memo = e->memo,
				      .on_link = e->wire != NULL,
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
	e->memo = phone_memo_new(); /* it goes without, too */
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
	record_view(m);
	if (m->watch != NULL)
		fleet_watch_explain(m->watch, m->mac, now, m->record->explanation);
	fleet_watch_free(m->watch);
	member_close_all(m, false);
	member_drop_address(m);
	vlan_drop(m);
	phone_free(m->phone);
	timer_free(m->timer);
}

static void close_edge(struct edge *e)
{
	for (unsigned k = 0; e->members != NULL && k < e->part->count; k++)
		close_member(&e->members[k], loop_now(e->loop));
	alloc_free(e->members);
	phone_memo_free(e->memo);
	map_done(&e->by_mac);
	map_done(&e->by_ip);
	map_done(&e->ports);
	udp_close(e->dhcp);
	wire_close(e);
	vlan_close(e);
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
	static struct edge e; /* large; a process has one */
	double cpu_us = processor_us();

	e = (struct edge){.part = part,
			  .options = part->options,
			  .rand = rand_of(part->options->seed + part->process)};
	size_t memory = mallinfo2().uordblks;

	map_init(&e.by_mac, FLEET_PHONES_MAX);
	map_init(&e.by_ip, FLEET_PHONES_MAX);
	map_init(&e.ports, FLEET_PORTS);
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
