#include "tftp/tftp_io.h"

#include "base/alloc.h"
#include "base/error.h"
#include "net/udp.h"

/* Single datagrams of one port leave together: each wakes its receiver and costs a call of the
 * system otherwise. */
struct outgoing {
	uint8_t bytes[UDP_MANY][TFTP_DATAGRAM_MAX];
	struct udp_message message[UDP_MANY];
	size_t count;
};

struct transfer_port {
	struct tftp_io *io;
	unsigned index;
	uint16_t number;
	struct udp *udp;
	struct outgoing out;
};

struct tftp_io {
	struct loop *loop;
	struct tftp_server *server;
	struct tftp_io_options options;
	struct udp *requests;
	struct transfer_port port[TFTP_PORTS];
	struct timer *timer;
};

static void tell_sent(const struct transfer_port *p, struct ip4 local, struct endpoint to,
		      struct slice datagram)
{
	p->io->options.on_seen(p->io->options.context, (struct endpoint){local, p->number}, to,
			       datagram);
}

static void flush(struct transfer_port *p)
{
	const struct outgoing *o = &p->out;
	bool sent[UDP_MANY];

	udp_send_many(p->udp, o->message, o->count, sent);
	for (size_t i = 0; i < o->count; i++) {
		if (sent[i])
			tell_sent(p, o->message[i].local, o->message[i].to, o->message[i].bytes);
	}
	p->out.count = 0;
}

static void add(struct transfer_port *p, const struct tftp_output *out)
{
	struct outgoing *o = &p->out;
	uint8_t *bytes = o->bytes[o->count];

	memcpy(bytes, out->bytes.ptr, out->bytes.len);
	o->message[o->count++] = (struct udp_message){
	    .to = out->to, .local = out->local, .bytes = slice_of(bytes, out->bytes.len)};
	if (o->count == UDP_MANY)
		flush(p);
}

/* A window leaves as one; it is seen as the datagrams it is. */
static void send_now(struct transfer_port *p, const struct tftp_output *out)
{
	struct slice rest = out->bytes;

	if (udp_send_segments(p->udp, out->to, out->local, rest, out->datagram) != 0)
		return;
	for (; rest.len > 0; rest = slice_from(rest, out->datagram))
		tell_sent(p, out->local, out->to, slice_head(rest, out->datagram));
}

/* One datagram after the other, each as mischief leaves it. */
static void send_with_mischief(struct transfer_port *p, const struct tftp_output *out)
{
	uint8_t bytes[TFTP_DATAGRAM_MAX];
	struct slice rest = out->bytes;

	for (; rest.len > 0; rest = slice_from(rest, out->datagram)) {
		struct slice one = slice_head(slice_head(rest, out->datagram), sizeof bytes);
		struct mischief_datagram d = {.to = out->to,
					      .local = out->local,
					      .bytes = bytes,
					      .len = one.len,
					      .size = sizeof bytes};
		memcpy(bytes, one.ptr, one.len);
		if (!mischief_tftp(p->io->options.mischief, &d))
			continue;
		struct tftp_output left = {.port = out->port,
					   .local = d.local,
					   .to = out->to,
					   .bytes = slice_of(bytes, d.len),
					   .datagram = d.len};
		send_now(p, &left);
	}
}

static void pump(struct tftp_io *io)
{
	struct tftp_output out;

	while (tftp_server_next_output(io->server, &out)) {
		struct transfer_port *p = &io->port[out.port];
		if (io->options.mischief != NULL)
			send_with_mischief(p, &out);
		else if (out.bytes.len <= out.datagram)
			add(p, &out);
		else
			send_now(p, &out);
	}
	for (unsigned i = 0; i < TFTP_PORTS; i++)
		flush(&io->port[i]);
	timer_set(io->timer, tftp_server_deadline(io->server));
}

static void on_requests_end(void *context)
{
	pump(context);
}

static void on_request(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	struct tftp_io *io = context;

	/* The observer knows requests by their usual port, wherever a try-out moved it. */
	io->options.on_seen(io->options.context, arrival->from,
			    (struct endpoint){arrival->local, TFTP_PORT}, datagram);
	mischief_tftp_heard(io->options.mischief, arrival->from, datagram);
	tftp_server_request(io->server, arrival->from, arrival->local, datagram,
			    loop_now(io->loop));
}

static void on_transfer(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	struct transfer_port *p = context;

	p->io->options.on_seen(p->io->options.context, arrival->from,
			       (struct endpoint){arrival->local, p->number}, datagram);
	tftp_server_input(p->io->server, p->index, arrival->from, datagram, loop_now(p->io->loop));
}

static void on_transfers_end(void *context)
{
	struct transfer_port *p = context;

	pump(p->io);
}

static void on_timer(void *context)
{
	struct tftp_io *io = context;

	tftp_server_expire(io->server, loop_now(io->loop));
	pump(io);
}

static int open_ports(struct tftp_io *io)
{
	for (unsigned i = 0; i < TFTP_PORTS; i++) {
		struct transfer_port *p = &io->port[i];
		struct udp_options options = {
		    .on_datagram = on_transfer, .on_end = on_transfers_end, .context = p};
		*p = (struct transfer_port){.io = io, .index = i};
		int error = udp_open(io->loop, &options, &p->udp);
		if (error != 0)
			return error;
		p->number = udp_port(p->udp);
	}
	return 0;
}

int tftp_io_open(struct loop *l, struct tftp_server *server, const struct tftp_io_options *options,
		 struct tftp_io **ret_io)
{
	struct tftp_io *io = alloc_zero(1, sizeof *io);

	if (io == NULL)
		return E_NO_MEMORY;
	*io = (struct tftp_io){.loop = l, .server = server, .options = *options};
	struct udp_options requests = {.bind = {ip4_of(0), options->port},
				       .on_datagram = on_request,
				       .on_end = on_requests_end,
				       .context = io};
	int error = udp_open(l, &requests, &io->requests);
	io->timer = timer_new(l, on_timer, io);
	if (error == 0)
		error = io->timer != NULL ? open_ports(io) : E_NO_MEMORY;
	if (error != 0) {
		tftp_io_close(io);
		return error;
	}
	*ret_io = io;
	return 0;
}

void tftp_io_close(struct tftp_io *io)
{
	if (io == NULL)
		return;
	udp_close(io->requests);
	for (unsigned i = 0; i < TFTP_PORTS; i++)
		udp_close(io->port[i].udp);
	timer_free(io->timer);
	alloc_free(io);
}
