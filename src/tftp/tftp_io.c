#include "tftp/tftp_io.h"

#include "base/alloc.h"
#include "base/error.h"
#include "net/udp.h"

struct transfer_port {
	struct tftp_io *io;
	unsigned index;
	uint16_t number;
	struct udp *udp;
};

struct tftp_io {
	struct loop *loop;
	struct tftp_server *server;
	struct tftp_io_options options;
	struct udp *requests;
	struct transfer_port port[TFTP_PORTS];
	struct timer *timer;
};

/* A window left as one; it is seen as the datagrams it is. */
static void tell_sent(struct tftp_io *io, const struct transfer_port *p,
		      const struct tftp_output *out)
{
	struct slice rest = out->bytes;

	while (rest.len > 0) {
		io->options.on_seen(io->options.context, (struct endpoint){out->local, p->number},
				    out->to, slice_head(rest, out->datagram));
		rest = slice_from(rest, out->datagram);
	}
}

/* One datagram after the other, each as mischief leaves it. */
static void send_with_mischief(struct tftp_io *io, struct transfer_port *p,
			       const struct tftp_output *out)
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
		if (!mischief_tftp(io->options.mischief, &d))
			continue;
		struct tftp_output left = {.port = out->port,
					   .local = d.local,
					   .to = out->to,
					   .bytes = slice_of(bytes, d.len),
					   .datagram = d.len};
		if (udp_send_segments(p->udp, left.to, left.local, left.bytes, left.datagram) == 0)
			tell_sent(io, p, &left);
	}
}

static void pump(struct tftp_io *io)
{
	struct tftp_output out;

	while (tftp_server_next_output(io->server, &out)) {
		struct transfer_port *p = &io->port[out.port];
		if (io->options.mischief != NULL)
			send_with_mischief(io, p, &out);
		else if (udp_send_segments(p->udp, out.to, out.local, out.bytes, out.datagram) == 0)
			tell_sent(io, p, &out);
	}
	timer_set(io->timer, tftp_server_deadline(io->server));
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
	pump(io);
}

static void on_transfer(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	struct transfer_port *p = context;

	p->io->options.on_seen(p->io->options.context, arrival->from,
			       (struct endpoint){arrival->local, p->number}, datagram);
	tftp_server_input(p->io->server, p->index, arrival->from, datagram, loop_now(p->io->loop));
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
		struct udp_options options = {.on_datagram = on_transfer, .context = p};
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
	struct udp_options requests = {
	    .bind = {ip4_of(0), options->port}, .on_datagram = on_request, .context = io};
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
