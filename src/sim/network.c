/* The in-memory network: datagrams with delay, jitter, loss and duplication; streams in order,
 * where a lost segment costs a retransmission. */
#include "sim/sim_internal.h"

#define DELAY          200 /* µs one way */
#define RETRANSMISSION DT_MS(200)

static dt_time delay(struct world *w)
{
	return DELAY + (dt_time)rand_below(&w->rand, (uint64_t)w->config.faults->jitter + 1);
}

static bool lost(struct world *w)
{
	return rand_below(&w->rand, 1000) < w->config.faults->loss_permille;
}

static void datagram(struct world *w, const struct event *event)
{
	struct event e = *event;
	bool twice = rand_below(&w->rand, 1000) < w->config.faults->duplicate_permille;

	world_digest(w, slice_of(event->bytes, event->len));
	if (lost(w)) {
		world_note(w, "lost %d", (int)e.kind);
		return;
	}
	e.at = w->now + delay(w);
	world_push(w, &e);
	if (!twice)
		return;
	e.at = w->now + delay(w);
	world_push(w, &e);
}

void network_to_node(struct world *w, const struct event *event)
{
	datagram(w, event);
}

void network_to_phone(struct world *w, const struct event *event)
{
	datagram(w, event);
}

void network_stream(struct world *w, struct sim_connection *c, bool to_node,
		    const struct event *event)
{
	dt_time *last = to_node ? &c->to_node : &c->to_phone;
	struct event e = *event;
	dt_time wait = RETRANSMISSION;

	world_digest(w, slice_of(event->bytes, event->len));
	e.at = w->now + delay(w);
	for (int tries = 0; tries < 6 && lost(w); tries++, wait *= 2)
		e.at += wait;
	if (e.at <= *last)
		e.at = *last + 1;
	*last = e.at;
	world_push(w, &e);
}
