/* The sockets of transfers. A model takes a fresh port for each file, and so does this fleet; but
 * phones with addresses of their own use the same port numbers one after the other, so that one
 * socket a number does for all of them, and what comes for many is read at once. Each process has
 * its own part of the numbers. A phone without an address of its own, in a VLAN, or with a port
 * that its model always uses has a socket to itself. */
#include "fleet/fleet_edge_io.h"

#include "base/alloc.h"

#define PORT_FIRST 49152u

struct fleet_port {
	struct edge *edge;
	struct udp *udp;
	uint16_t number;
	unsigned users;
};

void outbox_send_all(struct edge *e)
{
	struct outbox *o = &e->outbox;
	bool sent[UDP_MANY];

	if (o->count > 0)
		udp_send_many(o->udp, o->message, o->count, sent);
	o->count = 0;
}

void outbox_flush(struct edge *e)
{
	outbox_send_all(e);
	e->outbox.udp = NULL;
}

void outbox_gather(struct edge *e, struct udp *udp)
{
	if (e->outbox.udp == udp)
		return;
	outbox_flush(e);
	e->outbox.udp = udp;
}

void outbox_send(struct edge *e, struct udp *udp, const struct udp_message *message)
{
	struct outbox *o = &e->outbox;
	bool sent[UDP_MANY];

	if (o->udp != udp) {
		udp_send_many(udp, message, 1, sent);
		return;
	}
	memcpy(o->bytes[o->count], message->bytes.ptr, message->bytes.len);
	o->message[o->count] = *message;
	o->message[o->count].bytes = slice_of(o->bytes[o->count], message->bytes.len);
	if (++o->count == UDP_MANY)
		outbox_send_all(e);
}

static void arrived(struct member *m, struct endpoint from, struct slice datagram)
{
	dt_time now = loop_now(m->edge->loop);

	m->edge->part->share->heard = true;
	fleet_watch_datagram(m->watch, from, member_own(m, m->udp_port), datagram, now);
	phone_udp_input(m->phone, from, m->udp_port, datagram, now);
	member_pump(m);
}

static void refused(struct member *m, struct endpoint to)
{
	dt_time now = loop_now(m->edge->loop);

	m->edge->part->share->heard = true;
	fleet_watch_unreachable(m->watch, member_own(m, m->udp_port), to, now);
	phone_udp_refused(m->phone, m->udp_port, now);
	member_pump(m);
}

static void on_own(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	arrived(context, arrival->from, datagram);
}

static void on_own_refused(void *context, struct endpoint to, struct ip4 local)
{
	(void)local;
	refused(context, to);
}

/* Whose transfer on this port is it? */
static struct member *user_of(const struct fleet_port *port, struct ip4 local)
{
	struct member *m = map_get(&port->edge->by_ip, ip4_number(local));

	return m != NULL && m->port == port ? m : NULL;
}

static void on_shared(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	struct fleet_port *port = context;
	struct member *m = user_of(port, arrival->local);

	if (m == NULL)
		return;
	outbox_gather(port->edge, port->udp);
	arrived(m, arrival->from, datagram);
}

static void on_shared_end(void *context)
{
	outbox_flush(((struct fleet_port *)context)->edge);
}

static void on_shared_refused(void *context, struct endpoint to, struct ip4 local)
{
	struct member *m = user_of(context, local);

	if (m != NULL)
		refused(m, to);
}

static bool can_share(const struct member *m, uint16_t port)
{
	return !ip4_is_zero(m->ip) && m->tagged == NULL && port >= PORT_FIRST;
}

static struct fleet_port *port_of(struct edge *e, uint16_t local_port)
{
	unsigned nth = (local_port - PORT_FIRST) % FLEET_PORTS + e->part->process * FLEET_PORTS;
	uint16_t number = (uint16_t)(PORT_FIRST + nth % (UINT16_MAX - PORT_FIRST));
	struct fleet_port *port = map_get(&e->ports, number);

	if (port != NULL)
		return port;
	port = alloc_zero(1, sizeof *port);
	if (port == NULL)
		return NULL;
	*port = (struct fleet_port){.edge = e, .number = number};
	struct udp_options options = {.bind = {ip4_of(0), number},
				      .on_datagram = on_shared,
				      .on_end = on_shared_end,
				      .on_refused = on_shared_refused,
				      .context = port};
	if (udp_open(e->loop, &options, &port->udp) != 0 || map_put(&e->ports, number, port) != 0) {
		udp_close(port->udp);
		alloc_free(port);
		return NULL;
	}
	return port;
}

/* Phones without an address of their own share this host's ports: theirs only tell their transfers
 * apart. */
static int open_own(struct member *m, uint16_t port)
{
	struct udp_options options = {.bind = {m->ip, ip4_is_zero(m->ip) ? 0 : port},
				      .interface = vlan_interface(m),
				      .ttl = member_ttl(m),
				      .foreign = true,
				      .brief = true,
				      .on_datagram = on_own,
				      .on_refused = on_own_refused,
				      .context = m};
	int error = udp_open(m->edge->loop, &options, &m->udp);

	if (error != 0) {
		options.bind.port = 0; /* somebody has it */
		error = udp_open(m->edge->loop, &options, &m->udp);
	}
	return error;
}

void port_drop(struct member *m)
{
	struct fleet_port *port = m->port;

	udp_close(m->udp);
	m->udp = NULL;
	m->port = NULL;
	if (port == NULL || --port->users > 0)
		return;
	if (m->edge->outbox.udp == port->udp)
		outbox_flush(m->edge);
	(void)map_take(&m->edge->ports, port->number);
	udp_close(port->udp);
	alloc_free(port);
}

static void take(struct member *m, uint16_t local_port)
{
	/* A load test spares the sockets: all transfers of a phone from one port. */
	bool has = m->udp != NULL || m->port != NULL;
	bool same = m->udp_port == local_port || m->edge->options->unpaced;

	m->udp_port = local_port;
	if (has && same)
		return;
	struct fleet_port *port = can_share(m, local_port) ? port_of(m->edge, local_port) : NULL;
	if (port != NULL)
		port->users++; /* before the old one is left, which may be the same */
	port_drop(m);
	m->port = port;
	if (port == NULL)
		(void)open_own(m, local_port);
}

void port_send(struct member *m, const struct phone_action *a)
{
	struct slice bytes = slice_of(a->bytes, a->len);

	take(m, a->local_port);
	fleet_watch_datagram(m->watch, member_own(m, a->local_port), a->to, bytes,
			     loop_now(m->edge->loop));
	if (m->port != NULL)
		outbox_send(m->edge, m->port->udp,
			    &(struct udp_message){
				.to = a->to, .local = m->ip, .ttl = member_ttl(m), .bytes = bytes});
	else if (m->udp != NULL)
		(void)udp_send(m->udp, a->to, m->ip, 0, bytes);
}
