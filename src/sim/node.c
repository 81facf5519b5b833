/* The server of the virtual world: the shipped machines, wired as daemon/ wires them, with the
 * in-memory disk in the store's place. A crash loses everything but the disk. */
#include "sim/sim_internal.h"

#include "base/error.h"

static struct endpoint server_endpoint(uint16_t port)
{
	return (struct endpoint){ip4_of(SIM_SERVER_IP), port};
}

int node_start(struct world *w)
{
	int error = 0;

	w->reg = reg_new();
	w->dhcp = w->reg != NULL ? dhcp_server_new(w->reg) : NULL;
	w->files = w->reg != NULL ? files_new(w->reg, NULL) : NULL;
	w->tftp = w->files != NULL ? tftp_server_new(w->files) : NULL;
	w->callmanager = w->reg != NULL ? callmanager_new(w->reg) : NULL;
	if (w->dhcp == NULL || w->tftp == NULL || w->callmanager == NULL)
		return E_NO_MEMORY;
	reg_load_settings(w->reg, &w->disk.settings);
	for (size_t i = 0; i < w->disk.device_count && error == 0; i++)
		error = reg_load_device(w->reg, &w->disk.devices[i]);
	for (size_t i = 0; i < w->disk.lease_count && error == 0; i++)
		error = dhcp_server_load_lease(w->dhcp, &w->disk.leases[i]);
	w->node_up = true;
	w->node_timer = DT_NEVER;
	w->admin_ticket = 0;
	world_note(w, "server starts");
	return error;
}

void node_stop(struct world *w)
{
	callmanager_free(w->callmanager);
	tftp_server_free(w->tftp);
	files_free(w->files);
	dhcp_server_free(w->dhcp);
	reg_free(w->reg);
	w->callmanager = NULL;
	w->tftp = NULL;
	w->files = NULL;
	w->dhcp = NULL;
	w->reg = NULL;
	w->node_up = false;
}

/* kill -9: the kernel resets every connection, nothing else is said. */
void node_crash(struct world *w)
{
	w->result.crashes++;
	world_note(w, "server is killed");
	node_stop(w);
	disk_crash(&w->disk);
	for (unsigned i = 0; i < w->config.phones; i++) {
		for (size_t k = 0; k < SIM_CONNECTIONS_MAX; k++) {
			struct sim_connection *c = &w->phones[i].connection[k];
			if (c->number == 0 || c->station == 0)
				continue;
			c->station = 0;
			network_stream(
			    w, c, false,
			    &(struct event){.kind = EVENT_PHONE_RESET, .who = i, .arg = c->number});
		}
	}
	world_push(w, &(struct event){.at = w->now + world_about(w, w->config.faults->down),
				      .kind = EVENT_NODE_START});
	world_push(w, &(struct event){.at = w->now + world_about(w, w->config.faults->crash_every),
				      .kind = EVENT_NODE_CRASH});
}

static void dhcp_out(struct world *w, const struct dhcp_reply *reply)
{
	struct dhcp_message m;
	struct event e = {.kind = EVENT_PHONE_DHCP, .len = reply->len};
	uint8_t bytes[DHCP_MESSAGE_MAX];

	memcpy(bytes, reply->bytes, reply->len);
	e.bytes = bytes;
	if (dhcp_decode(slice_of(reply->bytes, reply->len), &m, NULL) != 0)
		return;
	ledger_dhcp_ack(w, slice_of(reply->bytes, reply->len));
	const struct sim_phone *p = map_get(&w->phone_by_mac, mac_key(m.chaddr));
	if (p == NULL)
		return;
	e.who = (uint32_t)(p - w->phones);
	network_to_phone(w, &e);
}

static void tftp_datagram(struct world *w, const struct tftp_output *out, struct slice bytes)
{
	static uint8_t copy[TFTP_DATAGRAM_MAX];
	const struct sim_phone *p = map_get(&w->phone_by_ip, ip4_number(out->to.ip));
	struct event e = {.kind = EVENT_PHONE_DATAGRAM,
			  .arg = out->to.port,
			  .from = server_endpoint((uint16_t)(40000 + out->port)),
			  .len = bytes.len,
			  .bytes = copy};

	if (p == NULL || bytes.len > sizeof copy)
		return;
	memcpy(copy, bytes.ptr, bytes.len);
	e.who = (uint32_t)(p - w->phones);
	network_to_phone(w, &e);
}

static void tftp_out(struct world *w, const struct tftp_output *out)
{
	for (struct slice rest = out->bytes; rest.len > 0; rest = slice_from(rest, out->datagram))
		tftp_datagram(w, out, slice_head(rest, out->datagram));
}

static struct sim_connection *find_station(struct world *w, station_id id, uint32_t *ret_who)
{
	for (unsigned i = 0; i < w->config.phones; i++) {
		for (size_t k = 0; k < SIM_CONNECTIONS_MAX; k++) {
			if (w->phones[i].connection[k].station == id) {
				*ret_who = i;
				return &w->phones[i].connection[k];
			}
		}
	}
	return NULL;
}

static void station_out(struct world *w, const struct station_output *out)
{
	uint32_t who = 0;
	struct sim_connection *c = find_station(w, out->id, &who);
	struct event e = {.kind = EVENT_PHONE_STREAM, .who = who, .len = out->bytes.len};
	static uint8_t bytes[STATION_OUTPUT_LIMIT];

	if (c != NULL && out->bytes.len > 0 && out->bytes.len <= sizeof bytes) {
		memcpy(bytes, out->bytes.ptr, out->bytes.len);
		e.bytes = bytes;
		e.arg = c->number;
		network_stream(w, c, false, &e);
	}
	if (!out->close)
		return;
	if (c != NULL) {
		network_stream(
		    w, c, false,
		    &(struct event){.kind = EVENT_PHONE_CLOSED, .who = who, .arg = c->number});
		c->station = 0;
	}
	callmanager_closed(w->callmanager, out->id, w->now);
}

/* Everything the machines have ready, until nothing moves any more. */
void node_pump(struct world *w)
{
	struct change change;
	struct dhcp_reply reply;
	struct dhcp_event dhcp_event;
	struct tftp_output tftp;
	struct station_output station;
	struct station_event station_event;

	if (!w->node_up)
		return;
	while (reg_next_change(w->reg, &change) || dhcp_server_next_change(w->dhcp, &change))
		disk_submit(w, &change);
	while (dhcp_server_next_output(w->dhcp, &reply))
		dhcp_out(w, &reply);
	while (dhcp_server_next_event(w->dhcp, &dhcp_event))
		;
	while (tftp_server_next_output(w->tftp, &tftp))
		tftp_out(w, &tftp);
	while (callmanager_next_output(w->callmanager, &station))
		station_out(w, &station);
	while (callmanager_next_event(w->callmanager, &station_event))
		ledger_station(w, &station_event);
	dt_time deadline =
	    dt_time_min(tftp_server_deadline(w->tftp), callmanager_deadline(w->callmanager));
	if (deadline >= w->node_timer)
		return;
	w->node_timer = deadline;
	world_push(w, &(struct event){.at = deadline > w->now ? deadline : w->now,
				      .kind = EVENT_NODE_TIMER});
}

static void on_datagram(struct world *w, const struct event *e)
{
	struct slice bytes = slice_of(e->bytes, e->len);
	struct dhcp_arrival arrival = {
	    .from = e->from, .local = ip4_of(SIM_SERVER_IP), .interface = 1};

	if (e->to.port == DHCP_SERVER_PORT)
		dhcp_server_input(w->dhcp, &arrival, bytes, w->now);
	else if (!ip4_equal(e->to.ip, ip4_of(SIM_SERVER_IP)))
		return;
	else if (e->to.port == TFTP_PORT)
		tftp_server_request(w->tftp, e->from, e->to.ip, bytes, w->now);
	else if (e->to.port >= 40000)
		tftp_server_input(w->tftp, e->to.port - 40000u, e->from, bytes, w->now);
}

static void on_connect(struct world *w, const struct event *e)
{
	struct sim_phone *p = &w->phones[e->who];
	struct sim_connection *c = phones_connection(p, e->arg);
	struct event answer = {.kind = EVENT_PHONE_OPEN, .who = e->who, .arg = e->arg};

	if (c == NULL)
		return;
	if (!w->node_up ||
	    callmanager_accept(w->callmanager, (struct endpoint){p->ip, (uint16_t)(50000 + e->arg)},
			       ip4_of(SIM_SERVER_IP), w->now, &c->station) != 0)
		answer.kind = EVENT_PHONE_REFUSED;
	network_stream(w, c, false, &answer);
}

void node_event(struct world *w, const struct event *e)
{
	struct sim_connection *c = e->kind == EVENT_NODE_STREAM || e->kind == EVENT_NODE_CLOSED
				       ? phones_connection(&w->phones[e->who], e->arg)
				       : NULL;

	if (e->kind == EVENT_NODE_CONNECT) {
		on_connect(w, e);
	} else if (!w->node_up) {
		return;
	} else if (e->kind == EVENT_NODE_DATAGRAM) {
		on_datagram(w, e);
	} else if (e->kind == EVENT_NODE_TIMER) {
		w->node_timer = DT_NEVER;
		tftp_server_expire(w->tftp, w->now);
		callmanager_expire(w->callmanager, w->now);
	} else if (c != NULL && c->station != 0 && e->kind == EVENT_NODE_STREAM) {
		callmanager_input(w->callmanager, c->station, slice_of(e->bytes, e->len), w->now,
				  world_unix_s(w));
	} else if (c != NULL && c->station != 0) {
		callmanager_closed(w->callmanager, c->station, w->now);
		*c = (struct sim_connection){0};
	}
	node_pump(w);
}

void node_commit_done(struct world *w, const struct change *change, bool ok)
{
	if (!w->node_up)
		return;
	if (change->owner == CHANGE_OWNER_DHCP) {
		dhcp_server_commit_done(w->dhcp, change->ticket, ok, w->now);
	} else {
		reg_commit_done(w->reg, change->ticket, ok);
		callmanager_commit_done(w->callmanager, change->ticket, w->now, world_unix_s(w));
		admin_commit_done(w, change, ok);
	}
	node_pump(w);
}
