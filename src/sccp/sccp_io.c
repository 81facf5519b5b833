#include "sccp/sccp_io.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/map.h"
#include "net/tcp.h"

struct connection {
	struct sccp_io *io;
	struct tcp *tcp;
	station_id id;
	struct endpoint peer, local;
};

struct sccp_io {
	struct loop *loop;
	struct callmanager *callmanager;
	struct sccp_io_options options;
	struct tcp_listener *listener;
	struct map connections; /* station id to connection */
	struct timer *timer;
};

static void forget(struct connection *c, bool by_phone)
{
	struct sccp_io *io = c->io;

	(void)map_take(&io->connections, c->id);
	callmanager_closed(io->callmanager, c->id, loop_now(io->loop));
	if (io->options.on_connection != NULL)
		io->options.on_connection(io->options.context, c->peer, c->local, false, by_phone);
	alloc_free(c);
}

void sccp_io_pump(struct sccp_io *io)
{
	struct station_output out;
	struct station_event event;

	while (callmanager_next_output(io->callmanager, &out)) {
		struct connection *c = map_get(&io->connections, out.id);
		if (c == NULL)
			continue;
		if (!out.abort)
			tcp_send(c->tcp, out.bytes);
		if (!out.close)
			continue;
		if (out.abort)
			tcp_abort(c->tcp);
		else
			tcp_close(c->tcp);
		forget(c, false);
	}
	while (callmanager_next_event(io->callmanager, &event))
		io->options.on_event(io->options.context, &event);
	timer_set(io->timer, callmanager_deadline(io->callmanager));
}

static void on_data(void *context, struct slice bytes)
{
	struct connection *c = context;
	struct sccp_io *io = c->io;

	callmanager_input(io->callmanager, c->id, bytes, loop_now(io->loop), loop_unix_s(io->loop));
	sccp_io_pump(io);
	io->options.on_wanted(io->options.context);
}

static void on_end(void *context, enum tcp_end end)
{
	struct connection *c = context;
	struct sccp_io *io = c->io;

	(void)end;
	forget(c, true);
	sccp_io_pump(io);
}

static void on_accept(void *context, struct tcp *tcp, struct endpoint peer, struct endpoint local)
{
	static const struct tcp_handlers handlers = {.on_data = on_data, .on_end = on_end};
	struct sccp_io *io = context;
	struct connection *c = alloc_zero(1, sizeof *c);
	int error = E_NO_MEMORY;

	if (c != NULL) {
		*c = (struct connection){.io = io, .tcp = tcp, .peer = peer, .local = local};
		error =
		    callmanager_accept(io->callmanager, peer, local.ip, loop_now(io->loop), &c->id);
	}
	if (error == 0)
		error = map_put(&io->connections, c->id, c);
	if (error != 0) {
		if (c != NULL && c->id != 0)
			callmanager_closed(io->callmanager, c->id, loop_now(io->loop));
		alloc_free(c);
		tcp_abort(tcp);
		return;
	}
	if (io->options.on_connection != NULL)
		io->options.on_connection(io->options.context, peer, local, true, true);
	tcp_set_handlers(tcp, &handlers, c);
	/* Somebody may have had to make room. */
	sccp_io_pump(io);
}

static void on_timer(void *context)
{
	struct sccp_io *io = context;

	callmanager_expire(io->callmanager, loop_now(io->loop));
	sccp_io_pump(io);
}

int sccp_io_open(struct loop *l, struct callmanager *callmanager,
		 const struct sccp_io_options *options, struct sccp_io **ret_io)
{
	struct sccp_io *io = alloc_zero(1, sizeof *io);

	if (io == NULL)
		return E_NO_MEMORY;
	*io = (struct sccp_io){.loop = l, .callmanager = callmanager, .options = *options};
	map_init(&io->connections, CALLMANAGER_STATIONS_MAX);
	io->timer = timer_new(l, on_timer, io);
	int error = io->timer == NULL ? E_NO_MEMORY
				      : tcp_listen(l, (struct endpoint){ip4_of(0), options->port},
						   on_accept, io, &io->listener);
	if (error != 0) {
		sccp_io_close(io);
		return error;
	}
	*ret_io = io;
	return 0;
}

void sccp_io_close(struct sccp_io *io)
{
	size_t at = 0;
	struct connection *c = NULL;

	if (io == NULL)
		return;
	tcp_listener_close(io->listener);
	while ((c = map_next(&io->connections, &at)) != NULL) {
		tcp_abort(c->tcp);
		alloc_free(c);
	}
	map_done(&io->connections);
	timer_free(io->timer);
	alloc_free(io);
}
