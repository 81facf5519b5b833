#include "tftp/http6970_io.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/map.h"
#include "net/tcp.h"

struct http6970_io {
	struct loop *loop;
	struct http6970 *machine;
	struct http6970_io_options options;
	struct tcp_listener *listener;
	struct timer *timer;
	struct map peers; /* by the machine's id */
};

struct peer {
	struct http6970_io *io;
	http6970_id id;
	struct tcp *tcp;
};

static void settle(struct http6970_io *io)
{
	struct http6970_event event;

	while (http6970_next_event(io->machine, &event)) {
		if (io->options.on_event != NULL)
			io->options.on_event(io->options.context, &event);
	}
	timer_set(io->timer, http6970_deadline(io->machine));
}

static void forget(struct peer *p)
{
	(void)map_take(&p->io->peers, p->id);
	alloc_free(p);
}

/* Sends until the network takes no more, or nothing is left. */
static void pump(struct peer *p)
{
	struct http6970_io *io = p->io;
	struct slice bytes;
	bool close = false;

	while (!tcp_is_behind(p->tcp) &&
	       http6970_output(io->machine, p->id, loop_now(io->loop), &bytes, &close)) {
		tcp_send(p->tcp, bytes);
		if (!close)
			continue;
		tcp_close(p->tcp);
		forget(p);
		break;
	}
	settle(io);
}

static void on_data(void *context, struct slice bytes)
{
	struct peer *p = context;

	http6970_input(p->io->machine, p->id, bytes, loop_now(p->io->loop));
	pump(p);
}

static void on_end(void *context, enum tcp_end end)
{
	struct peer *p = context;
	struct http6970_io *io = p->io;

	(void)end;
	http6970_closed(io->machine, p->id);
	forget(p);
	settle(io);
}

static void on_drained(void *context)
{
	pump(context);
}

static const struct tcp_handlers handlers = {
    .on_data = on_data, .on_end = on_end, .on_drained = on_drained};

static void refuse(struct tcp *connection)
{
	tcp_send(connection, http6970_busy());
	tcp_close(connection);
}

static void on_accept(void *context, struct tcp *connection, struct endpoint from,
		      struct endpoint local)
{
	struct http6970_io *io = context;
	struct peer *p = alloc_zero(1, sizeof *p);
	http6970_id id = 0;

	if (p == NULL ||
	    http6970_accept(io->machine, from, local.ip, loop_now(io->loop), &id) != 0) {
		alloc_free(p);
		refuse(connection);
		return;
	}
	*p = (struct peer){io, id, connection};
	if (map_put(&io->peers, id, p) != 0) {
		http6970_closed(io->machine, id);
		alloc_free(p);
		refuse(connection);
		return;
	}
	tcp_set_handlers(connection, &handlers, p);
	timer_set(io->timer, http6970_deadline(io->machine));
}

static void on_timer(void *context)
{
	struct http6970_io *io = context;
	http6970_id id = 0;

	while ((id = http6970_expired(io->machine, loop_now(io->loop))) != 0) {
		struct peer *p = map_get(&io->peers, id);
		if (p == NULL)
			continue;
		tcp_abort(p->tcp);
		forget(p);
	}
	settle(io);
}

int http6970_io_open(struct loop *l, struct http6970 *machine,
		     const struct http6970_io_options *options, struct http6970_io **ret_io)
{
	struct http6970_io *io = alloc_zero(1, sizeof *io);

	if (io == NULL)
		return E_NO_MEMORY;
	*io = (struct http6970_io){.loop = l, .machine = machine, .options = *options};
	map_init(&io->peers, HTTP6970_CONNECTIONS_MAX);
	io->timer = timer_new(l, on_timer, io);
	int error = io->timer != NULL ? tcp_listen(l, (struct endpoint){ip4_of(0), options->port},
						   on_accept, io, &io->listener)
				      : E_NO_MEMORY;
	if (error != 0) {
		http6970_io_close(io);
		return error;
	}
	*ret_io = io;
	return 0;
}

void http6970_io_close(struct http6970_io *io)
{
	size_t at = 0;

	if (io == NULL)
		return;
	tcp_listener_close(io->listener);
	for (struct peer *p = NULL; (p = map_next(&io->peers, &at)) != NULL;) {
		http6970_closed(io->machine, p->id);
		tcp_abort(p->tcp);
		alloc_free(p);
	}
	map_done(&io->peers);
	timer_free(io->timer);
	alloc_free(io);
}
