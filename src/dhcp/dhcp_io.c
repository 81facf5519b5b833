#include "dhcp/dhcp_io.h"

#include "base/alloc.h"
#include "base/error.h"
#include "net/packet.h"
#include "net/udp.h"

#include <errno.h>

/* One interface. A socket bound to it hears its broadcasts alone, so that the reply leaves by it.
 */
struct dhcp_port {
	struct dhcp_io *io;
	struct iface iface;
	struct udp *udp;
	struct packet
	    *packet; /* NULL when raw sockets are not permitted: then such answers are broadcast */
};

struct dhcp_io {
	struct loop *loop;
	struct dhcp_server *server;
	struct dhcp_io_options options;
	struct dhcp_port port[DHCP_IO_INTERFACES_MAX];
	size_t count;
	struct dhcp_reply batch[UDP_MANY]; /* taken from the machine, on their way */
	size_t batched;
};

static void on_datagram(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	struct dhcp_port *p = context;
	struct dhcp_io *io = p->io;
	struct dhcp_arrival a = {
	    .from = arrival->from, .local = arrival->local, .interface = p->iface.index};
	struct endpoint to = {arrival->local, io->options.port};

	/* A broadcast arrives with the interface's address only when it has one on this subnet. */
	if (ip4_is_zero(a.local))
		a.local = p->iface.ip;
	io->options.on_seen(io->options.context, arrival->from, to, datagram);
	dhcp_server_input(io->server, &a, datagram, loop_now(io->loop));
}

/* Offers of a whole wave leave together, and its bindings reach the disk together. */
static void on_end(void *context)
{
	struct dhcp_port *p = context;

	dhcp_io_pump(p->io);
	p->io->options.on_wanted(p->io->options.context);
}

/* RFC 2131 4.1: a client without an address cannot answer ARP, so its hardware address is used at
 * once. Without raw sockets it is told by broadcast. */
static bool send_to_hardware(struct dhcp_port *p, const struct dhcp_reply *reply)
{
	struct endpoint source = {reply->local, p->io->options.port};

	return reply->way == DHCP_TO_HARDWARE && p->packet != NULL &&
	       packet_send_udp(p->packet, &p->iface, reply->mac, source, reply->to,
			       slice_of(reply->bytes, reply->len)) == 0;
}

static struct udp_message message_of(const struct dhcp_port *p, const struct dhcp_reply *reply)
{
	bool routed = reply->way == DHCP_TO_RELAY || reply->way == DHCP_TO_ADDRESS;
	struct endpoint everybody = {ip4_of(UINT32_MAX), reply->to.port};

	return (struct udp_message){.to = routed ? reply->to : everybody,
				    .local = reply->local,
				    .interface = routed ? 0 : p->iface.index,
				    .bytes = slice_of(reply->bytes, reply->len)};
}

static void seen(struct dhcp_io *io, const struct dhcp_reply *reply)
{
	struct endpoint source = {reply->local, io->options.port};

	io->options.on_seen(io->options.context, source, reply->to,
			    slice_of(reply->bytes, reply->len));
}

/* The batch's replies of one interface. */
static void send_by(struct dhcp_port *p)
{
	struct dhcp_io *io = p->io;
	struct udp_message messages[UDP_MANY] = {0};
	const struct dhcp_reply *replies[UDP_MANY];
	bool sent[UDP_MANY];
	size_t count = 0;

	for (size_t i = 0; i < io->batched; i++) {
		const struct dhcp_reply *reply = &io->batch[i];
		if (reply->interface != p->iface.index)
			continue;
		if (send_to_hardware(p, reply)) {
			seen(io, reply);
			continue;
		}
		messages[count] = message_of(p, reply);
		replies[count++] = reply;
	}
	udp_send_many(p->udp, messages, count, sent);
	for (size_t i = 0; i < count; i++) {
		if (sent[i])
			seen(io, replies[i]);
	}
}

/* The machine's next reply that leaves. */
static bool next_reply(struct dhcp_io *io, struct dhcp_reply *ret_reply)
{
	while (dhcp_server_next_output(io->server, ret_reply)) {
		struct mischief_datagram d = {.to = ret_reply->to,
					      .local = ret_reply->local,
					      .bytes = ret_reply->bytes,
					      .len = ret_reply->len,
					      .size = sizeof ret_reply->bytes};
		if (!mischief_dhcp(io->options.mischief, &d))
			continue;
		ret_reply->len = d.len;
		return true;
	}
	return false;
}

void dhcp_io_pump(struct dhcp_io *io)
{
	do {
		io->batched = 0;
		while (io->batched < UDP_MANY && next_reply(io, &io->batch[io->batched]))
			io->batched++;
		for (size_t i = 0; i < io->count && io->batched > 0; i++)
			send_by(&io->port[i]);
	} while (io->batched == UDP_MANY);
}

static int open_port(struct dhcp_io *io, struct dhcp_port *p)
{
	struct udp_options udp = {.bind = {ip4_of(0), io->options.port},
				  .interface = p->iface.name,
				  .broadcast = true,
				  .shared = true,
				  .on_datagram = on_datagram,
				  .on_end = on_end,
				  .context = p};
	struct packet_options packet = {.interface = p->iface.name, .filter = PACKET_NONE};
	int error = udp_open(io->loop, &udp, &p->udp);

	if (error == 0 && packet_open(io->loop, &packet, &p->packet) != 0)
		p->packet = NULL;
	return error;
}

int dhcp_io_open(struct loop *l, struct dhcp_server *server, const struct dhcp_io_options *options,
		 struct dhcp_io **ret_io)
{
	struct dhcp_io *io = alloc_zero(1, sizeof *io);
	int error = 0;

	if (io == NULL)
		return E_NO_MEMORY;
	*io = (struct dhcp_io){.loop = l, .server = server, .options = *options};
	while (io->count < options->count && error == 0) {
		struct dhcp_port *p = &io->port[io->count++];
		*p = (struct dhcp_port){.io = io, .iface = options->ifaces[io->count - 1]};
		error = open_port(io, p);
	}
	if (error == 0) {
		*ret_io = io;
		return 0;
	}
	int number = errno;
	dhcp_io_close(io);
	errno = number;
	return error;
}

void dhcp_io_close(struct dhcp_io *io)
{
	for (size_t i = 0; io != NULL && i < io->count; i++) {
		udp_close(io->port[i].udp);
		packet_close(io->port[i].packet);
	}
	alloc_free(io);
}
