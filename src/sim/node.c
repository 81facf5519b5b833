/* The servers of the virtual world: the shipped machines, wired as daemon/ wires them, with the
 * in-memory disk in the store's place. A crash loses everything but the disk. The second server
 * reads the disk once, when it starts, and writes nothing: what it would store fails at once. */
#include "sim/judge.h"

#include "base/error.h"

#include <limits.h>

#define SEGMENTS_A_CUT 7u

static struct endpoint node_endpoint(const struct sim_node *n, uint16_t port)
{
	return (struct endpoint){sim_node_ip(n->index), port};
}

static int load(struct world *w, struct sim_node *n)
{
	const struct disk *d = &w->disk;
	struct settings s = d->settings;
	int error = 0;

	/* As serve --copy: it takes in nobody, and phones without a group know the first alone. */
	if (n->index > 0) {
		s.callmanager_ip = s.server_ip;
		s.autoreg_on = false;
	}
	reg_load_settings(n->reg, &s);
	for (size_t i = 0; i < d->record_count && error == 0; i++)
		error = reg_load_record(n->reg, d->records[i].kind, &d->records[i].record);
	for (size_t i = 0; i < d->device_count && error == 0; i++)
		error = reg_load_device(n->reg, &d->devices[i]);
	for (size_t i = 0; i < d->lease_count && error == 0 && n->dhcp != NULL; i++)
		error = dhcp_server_load_lease(n->dhcp, &d->leases[i]);
	return error;
}

int node_start(struct world *w, unsigned index)
{
	struct sim_node *n = &w->node[index];

	*n = (struct sim_node){.index = index, .timer = DT_NEVER};
	map_init(&n->connections, CALLMANAGER_STATIONS_MAX);
	map_init(&n->http_connections, HTTP6970_CONNECTIONS_MAX);
	n->reg = reg_new();
	n->dhcp = n->reg != NULL && index == 0 ? dhcp_server_new(n->reg) : NULL;
	n->files = n->reg != NULL ? files_new(n->reg, NULL) : NULL;
	n->tftp = n->files != NULL ? tftp_server_new(n->files) : NULL;
	n->http = n->files != NULL ? http6970_new(n->files) : NULL;
	n->callmanager = n->reg != NULL ? callmanager_new(n->reg) : NULL;
	if ((n->dhcp == NULL && index == 0) || n->tftp == NULL || n->http == NULL ||
	    n->callmanager == NULL)
		return E_NO_MEMORY;
	int error = load(w, n);
	n->up = true;
	if (index == 0)
		admin_server_started(w);
	world_note(w, "server %u starts", index + 1);
	return error;
}

void node_stop(struct sim_node *n)
{
	callmanager_free(n->callmanager);
	tftp_server_free(n->tftp);
	http6970_free(n->http);
	files_free(n->files);
	dhcp_server_free(n->dhcp);
	reg_free(n->reg);
	map_done(&n->connections);
	map_done(&n->http_connections);
	*n = (struct sim_node){.index = n->index, .timer = DT_NEVER};
}

static void reset_connections(struct world *w, const struct map *connections)
{
	struct sim_connection *c = NULL;
	size_t at = 0;

	while ((c = map_next(connections, &at)) != NULL) {
		c->station = 0;
		c->http = 0;
		network_stream(w, c, false, &(struct event){.kind = EVENT_PHONE_RESET});
	}
}

/* kill -9: the kernel resets every connection, nothing else is said. */
void node_crash(struct world *w, unsigned index)
{
	struct sim_node *n = &w->node[index];

	w->result.crashes++;
	world_note(w, "server %u is killed", index + 1);
	reset_connections(w, &n->connections);
	reset_connections(w, &n->http_connections);
	node_stop(n);
	judge_files_forget(w, index);
	if (index == 0) {
		disk_crash(&w->disk);
		judge_dhcp_crash(w);
	}
	dt_time down = w->faults.down > 0 ? world_about(w, w->faults.down) : DT_SECONDS(1);
	world_push(w, &(struct event){
			  .at = w->now + down, .kind = EVENT_NODE_START, .node = (uint8_t)index});
}

/* Whom the way it leaves by brings it to: the relay hands on what is addressed to it. */
static const struct sim_phone *hears(struct world *w, const struct dhcp_reply *reply,
				     const struct dhcp_message *m)
{
	const struct sim_phone *p = phones_by_mac(w, m->chaddr);

	switch (reply->way) {
	case DHCP_TO_RELAY:
		return p != NULL && p->in_branch &&
			       ip4_equal(reply->to.ip, ip4_of(SIM_BRANCH_ROUTER)) &&
			       ip4_equal(m->giaddr, reply->to.ip)
			   ? p
			   : NULL;
	case DHCP_TO_ADDRESS:
		return map_get(&w->phone_by_ip, ip4_number(reply->to.ip));
	case DHCP_TO_HARDWARE:
		p = phones_by_mac(w, reply->mac);
		return p != NULL && !p->in_branch ? p : NULL;
	case DHCP_TO_BROADCAST:
		return p != NULL && !p->in_branch ? p : NULL;
	}
	return NULL;
}

static void dhcp_out(struct world *w, const struct dhcp_reply *reply)
{
	struct dhcp_message m;
	uint8_t bytes[DHCP_MESSAGE_MAX];
	struct event e = {.kind = EVENT_PHONE_DHCP, .len = (uint32_t)reply->len, .bytes = bytes};

	memcpy(bytes, reply->bytes, reply->len);
	if (dhcp_decode(slice_of(reply->bytes, reply->len), &m, NULL) != 0)
		return;
	judge_dhcp_out(w, reply);
	uint32_t client = sim_client_index(w, m.chaddr);
	if (client != SIM_NOBODY && client >= w->config.phones)
		visitors_dhcp(w, client - w->config.phones, &m);
	const struct sim_phone *p = hears(w, reply, &m);
	if (p == NULL)
		return;
	e.who = (uint32_t)(p - w->phones);
	network_to_phone(w, 0, &e);
}

static void tftp_datagram(struct world *w, const struct sim_node *n, const struct tftp_output *out,
			  struct slice bytes)
{
	uint8_t copy[TFTP_DATAGRAM_MAX];
	judge_files_out(w, n->index, out->port, out->to, bytes);
	if (visitors_tftp(w, n->index, out->port, out->to, bytes))
		return;
	const struct sim_phone *p = map_get(&w->phone_by_ip, ip4_number(out->to.ip));
	struct event e = {.kind = EVENT_PHONE_DATAGRAM,
			  .arg = out->to.port,
			  .from = node_endpoint(n, (uint16_t)(SIM_TFTP_FIRST_PORT + out->port)),
			  .len = (uint32_t)bytes.len,
			  .bytes = copy};

	if (p == NULL || bytes.len > sizeof copy)
		return;
	memcpy(copy, bytes.ptr, bytes.len);
	e.who = (uint32_t)(p - w->phones);
	network_to_phone(w, n->index, &e);
}

static void tftp_out(struct world *w, const struct sim_node *n, const struct tftp_output *out)
{
	for (struct slice rest = out->bytes; rest.len > 0; rest = slice_from(rest, out->datagram))
		tftp_datagram(w, n, out, slice_head(rest, out->datagram));
}

static void station_out(struct world *w, struct sim_node *n, const struct station_output *out)
{
	struct sim_connection *c = w->judge_sccp.connection;
	static uint8_t bytes[STATION_OUTPUT_LIMIT];

	/* Mostly it is an answer. */
	if (c == NULL || c->station != out->id || c->node != n->index)
		c = map_get(&n->connections, out->id);

	if (c != NULL)
		judge_sccp_out(w, c, out->bytes, out->close);
	if (c != NULL && out->bytes.len > 0 && out->bytes.len <= sizeof bytes) {
		memcpy(bytes, out->bytes.ptr, out->bytes.len);
		network_stream(w, c, false,
			       &(struct event){.kind = EVENT_PHONE_STREAM,
					       .len = (uint32_t)out->bytes.len,
					       .bytes = bytes});
	}
	if (!out->close)
		return;
	if (c != NULL) {
		network_stream(w, c, false, &(struct event){.kind = EVENT_PHONE_CLOSED});
		c->station = 0;
		n->late = out->id;
		(void)map_take(&n->connections, out->id);
	}
	callmanager_closed(n->callmanager, out->id, w->now);
}

/* What a connection for a file has to say, and its end. */
static void http_out(struct world *w, struct sim_node *n, struct sim_connection *c)
{
	static uint8_t bytes[HTTP6970_OUTPUT_MAX];
	struct slice out;
	bool close = false;

	while (!close && http6970_output(n->http, c->http, w->now, &out, &close)) {
		if (out.len > sizeof bytes)
			out.len = sizeof bytes;
		memcpy(bytes, out.ptr, out.len);
		judge_http_out(w, c, out);
		network_stream(w, c, false,
			       &(struct event){.kind = EVENT_PHONE_STREAM,
					       .len = (uint32_t)out.len,
					       .bytes = bytes});
	}
	if (!close)
		return;
	network_stream(w, c, false, &(struct event){.kind = EVENT_PHONE_CLOSED});
	(void)map_take(&n->http_connections, c->http);
	c->http = 0;
}

static void http_gone(struct sim_node *n, struct sim_connection *c)
{
	http6970_id id = c->http;

	c->http = 0;
	(void)map_take(&n->http_connections, id);
	http6970_closed(n->http, id);
}

static void http_expire(struct world *w, struct sim_node *n)
{
	http6970_id id = 0;

	while ((id = http6970_expired(n->http, w->now)) != 0) {
		struct sim_connection *c = map_take(&n->http_connections, id);
		if (c == NULL)
			continue;
		c->http = 0;
		network_stream(w, c, false, &(struct event){.kind = EVENT_PHONE_RESET});
	}
}

static void changes_out(struct world *w, struct sim_node *n)
{
	struct change change;

	for (;;) {
		bool any = reg_next_change(n->reg, &change) ||
			   (n->dhcp != NULL && dhcp_server_next_change(n->dhcp, &change));
		if (!any)
			return;
		if (n->index == 0) {
			disk_submit(w, &change);
			continue;
		}
		reg_commit_done(n->reg, change.ticket, false);
		callmanager_commit_done(n->callmanager, change.ticket, w->now, world_unix_s(w));
	}
}

/* Everything the machines have ready, until nothing moves any more. */
void node_pump(struct world *w, struct sim_node *n)
{
	struct dhcp_reply reply;
	struct dhcp_event dhcp_event;
	struct tftp_output tftp;
	struct station_output station;
	static struct station_event station_event; /* large */

	if (!n->up)
		return;
	changes_out(w, n);
	while (n->dhcp != NULL && dhcp_server_next_output(n->dhcp, &reply))
		dhcp_out(w, &reply);
	while (n->dhcp != NULL && dhcp_server_next_event(n->dhcp, &dhcp_event))
		;
	while (tftp_server_next_output(n->tftp, &tftp))
		tftp_out(w, n, &tftp);
	while (callmanager_next_output(n->callmanager, &station))
		station_out(w, n, &station);
	while (callmanager_next_event(n->callmanager, &station_event))
		ledger_station(w, n, &station_event);
	changes_out(w, n);
	struct http6970_event http_event;
	while (http6970_next_event(n->http, &http_event))
		;
	dt_time deadline =
	    dt_time_min(tftp_server_deadline(n->tftp), callmanager_deadline(n->callmanager));
	deadline = dt_time_min(deadline, http6970_deadline(n->http));
	if (deadline >= n->timer)
		return;
	n->timer = deadline;
	world_push(w, &(struct event){.at = deadline > w->now ? deadline : w->now,
				      .kind = EVENT_NODE_TIMER,
				      .node = (uint8_t)n->index});
}

static void on_datagram(struct world *w, struct sim_node *n, const struct event *e)
{
	struct slice bytes = event_bytes(e);
	struct ip4 own = sim_node_ip(n->index);
	struct dhcp_arrival arrival = {.from = e->from, .local = own, .interface = 1};

	if (e->to.port == DHCP_SERVER_PORT) {
		if (n->dhcp == NULL)
			return;
		judge_dhcp_in(w, bytes, e->id == SIM_CORRUPTED);
		dhcp_server_input(n->dhcp, &arrival, bytes, w->now);
	} else if (!ip4_equal(e->to.ip, own)) {
		return;
	} else if (e->to.port == TFTP_PORT) {
		judge_files_in(w, n->index, UINT_MAX, e->from, bytes, e->id == SIM_CORRUPTED);
		tftp_server_request(n->tftp, e->from, own, bytes, w->now);
	} else if (e->to.port >= SIM_TFTP_FIRST_PORT) {
		judge_files_in(w, n->index, e->to.port - SIM_TFTP_FIRST_PORT, e->from, bytes,
			       e->id == SIM_CORRUPTED);
		tftp_server_input(n->tftp, e->to.port - SIM_TFTP_FIRST_PORT, e->from, bytes,
				  w->now);
	}
}

/* An edge may have read something from a connection, or seen its end, that the machine has ended
 * meanwhile: it must not reach whoever has the slot now. */
static void late_news(struct world *w, struct sim_node *n)
{
	static const uint8_t keepalive[SCCP_HEADER_SIZE] = {4};
	station_id late = n->late;

	n->late = 0;
	if (late == 0)
		return;
	callmanager_input(n->callmanager, late, slice_of(keepalive, sizeof keepalive), w->now,
			  world_unix_s(w));
	callmanager_closed(n->callmanager, late, w->now);
}

static void on_connect(struct world *w, struct sim_node *n, const struct event *e)
{
	struct sim_phone *p = &w->phones[e->who];
	struct sim_connection *c = phones_connection(p, e->arg);
	struct event answer = {.kind = EVENT_PHONE_OPEN};

	if (c == NULL)
		return;
	struct endpoint peer = {p->ip, (uint16_t)(10000 + e->arg % 50000)};
	struct ip4 own = sim_node_ip(n->index);
	int error = n->up ? 0 : E_UNKNOWN;

	/* Where nobody listens the kernel refuses. */
	if (error == 0 && e->to.port == HTTP6970_PORT) {
		error = http6970_accept(n->http, peer, own, w->now, &c->http);
		c->session.heard = w->now;
		if (error == 0 && map_put(&n->http_connections, c->http, c) != 0)
			w->error = E_NO_MEMORY;
	} else if (error == 0 && e->to.port == SCCP_PORT) {
		error = callmanager_accept(n->callmanager, peer, own, w->now, &c->station);
		if (error == 0 && map_put(&n->connections, c->station, c) != 0)
			w->error = E_NO_MEMORY;
		c->peer = peer.ip;
		judge_sccp_open(w, c);
		late_news(w, n);
	} else {
		error = E_UNKNOWN;
	}
	if (error != 0)
		answer.kind = EVENT_PHONE_REFUSED;
	network_stream(w, c, false, &answer);
}

static void on_timer(struct world *w, struct sim_node *n)
{
	if (n->timer > w->now)
		return; /* an earlier one has been set since, and has come */
	n->timer = DT_NEVER;
	tftp_server_expire(n->tftp, w->now);
	callmanager_expire(n->callmanager, w->now);
	http_expire(w, n);
	if (callmanager_deadline(n->callmanager) <= w->now ||
	    tftp_server_deadline(n->tftp) <= w->now)
		invariants_violated(w, 9, "server %u: a deadline that has passed stays",
				    n->index + 1);
}

static void on_http(struct world *w, struct sim_node *n, struct sim_connection *c,
		    const struct event *e)
{
	if (e->kind == EVENT_NODE_STREAM) {
		judge_http_in(w, c, event_bytes(e));
		http6970_input(n->http, c->http, event_bytes(e), w->now);
		http_out(w, n, c);
		return;
	}
	http_gone(n, c);
	if (c->phone_closed)
		c->number = 0;
}

/* Now and then the segments part a message, or join two. */
static void sccp_input(struct world *w, struct sim_node *n, const struct sim_connection *c,
		       struct slice bytes)
{
	size_t cut = 0;

	if (++n->segments % SEGMENTS_A_CUT == 0 && bytes.len > 1)
		cut = 1 + n->segments / SEGMENTS_A_CUT % (bytes.len - 1);
	if (cut > 0)
		callmanager_input(n->callmanager, c->station, slice_head(bytes, cut), w->now,
				  world_unix_s(w));
	callmanager_input(n->callmanager, c->station, slice_from(bytes, cut), w->now,
			  world_unix_s(w));
}

static void on_stream(struct world *w, struct sim_node *n, const struct event *e)
{
	struct sim_connection *c = phones_connection(&w->phones[e->who], e->arg);

	if (c != NULL && c->http != 0 && c->node == n->index) {
		on_http(w, n, c, e);
		return;
	}
	if (c == NULL || c->station == 0 || c->node != n->index)
		return;
	if (e->kind == EVENT_NODE_STREAM) {
		judge_sccp_in(w, c, event_bytes(e));
		sccp_input(w, n, c, event_bytes(e));
		return;
	}
	station_id id = c->station;
	c->station = 0;
	(void)map_take(&n->connections, id);
	callmanager_closed(n->callmanager, id, w->now);
	if (c->phone_closed)
		c->number = 0;
}

void node_event(struct world *w, const struct event *e)
{
	struct sim_node *n = &w->node[e->node];

	if (e->kind == EVENT_NODE_CONNECT)
		on_connect(w, n, e);
	else if (!n->up)
		return;
	else if (e->kind == EVENT_NODE_DATAGRAM)
		on_datagram(w, n, e);
	else if (e->kind == EVENT_NODE_TIMER)
		on_timer(w, n);
	else
		on_stream(w, n, e);
	node_pump(w, n);
	judge_sccp_settled(w, w->judge_sccp.connection);
	judge_dhcp_settled(w);
	judge_files_settled(w);
}

void node_commit_done(struct world *w, const struct change *change, bool ok)
{
	struct sim_node *n = &w->node[0];

	if (!n->up)
		return;
	if (change->owner == CHANGE_OWNER_DHCP) {
		dhcp_server_commit_done(n->dhcp, change->ticket, ok, w->now);
	} else {
		reg_commit_done(n->reg, change->ticket, ok);
		callmanager_commit_done(n->callmanager, change->ticket, w->now, world_unix_s(w));
		admin_commit_done(w, change, ok);
	}
	node_pump(w, n);
	judge_sccp_settled(w, w->judge_sccp.connection);
}

void node_reset(struct world *w, struct sim_node *n, const char *name, uint32_t type)
{
	struct mac mac;

	if (mac_of_device_name(name, &mac) != 0)
		return;
	const struct sim_phone *p = phones_by_mac(w, mac);
	if (p != NULL)
		judge_sccp_reset_ordered(w, n->index, (uint32_t)(p - w->phones), type);
	(void)callmanager_reset(n->callmanager, name, type, w->now);
}

/* The administrator resets or restarts them all. */
void node_reset_all(struct world *w)
{
	uint32_t type = 1 + (uint32_t)rand_below(&w->rand, 3);

	world_note(w, "the administrator resets every phone, type %u", type);
	for (unsigned k = 0; k < SIM_NODES; k++) {
		struct sim_node *n = &w->node[k];
		for (size_t i = 0; i < w->disk.device_count && n->up; i++)
			node_reset(w, n, w->disk.devices[i].name, type);
		node_pump(w, n);
	}
	world_again(w, EVENT_ADMIN_RESET, w->faults.reset_every);
}
