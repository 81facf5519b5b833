#include "dhcp/dhcp_io.h"

#include "base/alloc.h"
#include "base/error.h"
#include "net/packet.h"
#include "net/udp.h"

struct dhcp_io {
	struct loop *loop;
	struct dhcp_server *server;
	struct dhcp_io_options options;
	struct udp *udp;
	struct packet
	    *packet; /* NULL when raw sockets are not permitted: then such answers are broadcast */
};

static void on_datagram(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	struct dhcp_io *io = context;
	struct dhcp_arrival a = {
	    .from = arrival->from, .local = arrival->local, .interface = arrival->interface};
	struct endpoint to = {arrival->local, io->options.port};

	/* A broadcast arrives with the interface's address only when it has one on this subnet. */
	if (ip4_is_zero(a.local))
		a.local = io->options.iface.ip;
	io->options.on_seen(io->options.context, arrival->from, to, datagram);
	dhcp_server_input(io->server, &a, datagram, loop_now(io->loop));
	dhcp_io_pump(io);
	io->options.on_wanted(io->options.context);
}

/* RFC 2131 4.1: a client without an address cannot answer ARP, so its hardware address is used at
 * once. */
static int send_reply(struct dhcp_io *io, const struct dhcp_reply *reply)
{
	struct slice bytes = slice_of(reply->bytes, reply->len);
	struct endpoint source = {reply->local, io->options.port};
	struct endpoint everybody = {ip4_of(UINT32_MAX), reply->to.port};

	switch (reply->way) {
	case DHCP_TO_RELAY:
	case DHCP_TO_ADDRESS:
		return udp_send(io->udp, reply->to, reply->local, 0, bytes);
	case DHCP_TO_HARDWARE:
		if (io->packet != NULL &&
		    packet_send_udp(io->packet, &io->options.iface, reply->mac, source, reply->to,
				    bytes) == 0)
			return 0;
		return udp_send(io->udp, everybody, reply->local, io->options.iface.index, bytes);
	case DHCP_TO_BROADCAST:
		return udp_send(io->udp, everybody, reply->local, io->options.iface.index, bytes);
	}
	return E_SYSTEM;
}

void dhcp_io_pump(struct dhcp_io *io)
{
	struct dhcp_reply reply;

	while (dhcp_server_next_output(io->server, &reply)) {
		struct endpoint source = {reply.local, io->options.port};
		if (send_reply(io, &reply) == 0)
			io->options.on_seen(io->options.context, source, reply.to,
					    slice_of(reply.bytes, reply.len));
	}
}

int dhcp_io_open(struct loop *l, struct dhcp_server *server, const struct dhcp_io_options *options,
		 struct dhcp_io **ret_io)
{
	struct dhcp_io *io = alloc_zero(1, sizeof *io);

	if (io == NULL)
		return E_NO_MEMORY;
	*io = (struct dhcp_io){.loop = l, .server = server, .options = *options};
	struct udp_options udp = {.bind = {ip4_of(0), options->port},
				  .interface = io->options.iface.name,
				  .broadcast = true,
				  .shared = true,
				  .on_datagram = on_datagram,
				  .context = io};
	int error = udp_open(l, &udp, &io->udp);
	if (error != 0) {
		alloc_free(io);
		return error;
	}
	struct packet_options packet = {.interface = io->options.iface.name, .filter = PACKET_NONE};
	if (packet_open(l, &packet, &io->packet) != 0)
		io->packet = NULL;
	*ret_io = io;
	return 0;
}

void dhcp_io_close(struct dhcp_io *io)
{
	if (io == NULL)
		return;
	udp_close(io->udp);
	packet_close(io->packet);
	alloc_free(io);
}
