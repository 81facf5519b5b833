/* The interfaces the phones are on: DHCP on each that wants it, and a view of each wire. */
#include "daemon/node.h"

#include "base/error.h"
#include "proto/frame/frame.h"

#include <stdio.h>

static int find(const char *name, struct iface *iface)
{
	int error = name != NULL ? iface_find(name, iface) : iface_only(iface);

	if (error == E_BAD_VALUE)
		(void)fprintf(stderr, "dialtone: several interfaces have an address: name the "
				      "phones' one with --interface\n");
	else if (error != 0)
		(void)fprintf(stderr, "dialtone: there is no interface %s with an IPv4 address\n",
			      name != NULL ? name : "up");
	else if (ip4_is_zero(iface->ip))
		(void)fprintf(
		    stderr,
		    "dialtone: %s has no IPv4 address: give it one first (ip address add …)\n",
		    iface->name);
	else
		return 0;
	return E_UNKNOWN;
}

static bool serves_dhcp(const struct serve_options *o, const char *name)
{
	for (size_t i = 0; i < o->no_dhcp_count; i++) {
		if (strcmp(o->no_dhcp_on[i], name) == 0)
			return false;
	}
	return !o->no_dhcp;
}

/* A mistyped name would leave DHCP on where it must be off. */
static int check_names(const struct node *n)
{
	for (size_t i = 0; i < n->options->no_dhcp_count; i++) {
		bool known = false;
		for (size_t k = 0; k < n->wires; k++)
			known |= strcmp(n->wire[k].iface.name, n->options->no_dhcp_on[i]) == 0;
		if (known)
			continue;
		(void)fprintf(stderr,
			      "dialtone: --no-dhcp-on %s: it is none of the interfaces served\n",
			      n->options->no_dhcp_on[i]);
		return E_UNKNOWN;
	}
	return 0;
}

int node_find_interfaces(struct node *n)
{
	const struct serve_options *o = n->options;
	size_t count = o->interfaces > 0 ? o->interfaces : 1;

	for (size_t i = 0; i < count; i++) {
		struct node_wire *w = &n->wire[i];
		int error = find(i < o->interfaces ? o->interface[i] : NULL, &w->iface);
		if (error != 0)
			return error;
		w->serves_dhcp = serves_dhcp(o, w->iface.name);
		n->wires++;
	}
	n->iface = n->wire[0].iface;
	return check_names(n);
}

/* Another server's answer, where ours is the one to answer. */
static void on_reply(void *context, uint32_t link, struct slice frame, dt_time at)
{
	struct node *n = context;
	struct frame_ip ip;
	struct frame_udp udp;

	if (frame_decode(link, frame, &ip) != 0 || ip.protocol != FRAME_UDP ||
	    frame_decode_udp(ip.payload, &udp) != 0 ||
	    !dhcp_server_overheard(n->dhcp, ip.from, udp.payload, at))
		return;
	/* What the phone was told by whom belongs into its story. */
	node_saw_frame(n, link, frame, at);
	node_wanted(n);
}

/* What cannot be opened is a view less, not a service less. */
static void open_wire(struct node *n, struct node_wire *w)
{
	struct packet_options o = {.interface = w->iface.name,
				   .filter = PACKET_TCP_ENDS,
				   .port = n->sccp_port,
				   .own = w->iface.ip,
				   .on_frame = node_saw_frame,
				   .context = n};

	if (packet_open(n->loop, &o, &w->tcp) != 0)
		w->tcp = NULL;
	/* Without our own DHCP the site's is watched: a phone that gets no answer from it is
	 * explained too. With it, who else answers. */
	o.filter = w->serves_dhcp ? PACKET_DHCP_REPLIES : PACKET_DHCP;
	if (w->serves_dhcp)
		o.on_frame = on_reply;
	if (packet_open(n->loop, &o, &w->dhcp) != 0)
		w->dhcp = NULL;
	node_open_neighbours(n, w);
}

bool node_sees_connections(const struct node *n)
{
	for (size_t i = 0; i < n->wires; i++) {
		if (n->wire[i].tcp == NULL)
			return false;
	}
	return true;
}

void node_read_wires(struct node *n)
{
	for (size_t i = 0; i < n->wires; i++)
		packet_read(n->wire[i].tcp);
}

int node_open_interfaces(struct node *n, uint16_t dhcp_port)
{
	struct iface served[SERVE_INTERFACES_MAX];
	struct ip4 own[SERVE_INTERFACES_MAX];
	struct dhcp_io_options dhcp = {.ifaces = served,
				       .port = dhcp_port,
				       .mischief = n->mischief,
				       .on_seen = node_saw_dhcp,
				       .on_wanted = node_wanted,
				       .context = n};

	for (size_t i = 0; i < n->wires; i++) {
		open_wire(n, &n->wire[i]);
		own[i] = n->wire[i].iface.ip;
		if (n->wire[i].serves_dhcp)
			served[dhcp.count++] = n->wire[i].iface;
	}
	dhcp_server_set_own(n->dhcp, own, n->wires);
	return dhcp.count > 0 ? dhcp_io_open(n->loop, n->dhcp, &dhcp, &n->dhcp_io) : 0;
}

void node_close_interfaces(struct node *n)
{
	dhcp_io_close(n->dhcp_io);
	for (size_t i = 0; i < n->wires; i++) {
		packet_close(n->wire[i].tcp);
		packet_close(n->wire[i].dhcp);
		for (size_t k = 0; k < NODE_NEIGHBOURS; k++)
			packet_close(n->wire[i].neighbours[k]);
	}
}
