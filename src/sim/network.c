/* The in-memory network: datagrams with delay, jitter, loss, duplication and changed bytes; streams
 * in order, where a lost segment costs a retransmission and a long silence the connection. Links
 * and partitions cut either, one way or both. */
#include "sim/sim_internal.h"

#define DELAY          200 /* µs one way */
#define RETRANSMISSION DT_MS(200)
#define DATAGRAM_MAX   2048

static dt_time delay(struct world *w)
{
	return DELAY + (dt_time)rand_below(&w->rand, (uint64_t)w->faults.jitter + 1);
}

static bool lost(struct world *w)
{
	return w->faults.loss_permille > 0 && rand_below(&w->rand, 1000) < w->faults.loss_permille;
}

/* Until when nothing passes between them in this direction; 0 = it passes. */
static dt_time blocked(const struct world *w, uint32_t who, unsigned node, bool to_node)
{
	const struct partition *p = &w->partition;
	dt_time until = w->phones[who].dark_until;

	if (p->until > w->now && p->node == node && (who & 1) == p->half &&
	    (to_node ? p->to_node : p->to_phone) && p->until > until)
		until = p->until;
	return until > w->now ? until : 0;
}

/* One byte is another one. */
static void corrupt(struct world *w, struct event *e, uint8_t *copy)
{
	if (e->len == 0 || e->len > DATAGRAM_MAX || w->faults.corrupt_permille == 0 ||
	    rand_below(&w->rand, 1000) >= w->faults.corrupt_permille)
		return;
	memcpy(copy, e->bytes, e->len);
	copy[rand_below(&w->rand, e->len)] ^= (uint8_t)(1 + rand_below(&w->rand, 255));
	e->bytes = copy;
	e->id = SIM_CORRUPTED;
	world_note(w, "a byte changes on the way");
}

static void datagram(struct world *w, uint32_t who, unsigned node, bool to_node,
		     const struct event *event)
{
	struct event e = *event;
	uint8_t copy[DATAGRAM_MAX];
	bool twice = w->faults.duplicate_permille > 0 &&
		     rand_below(&w->rand, 1000) < w->faults.duplicate_permille;

	world_digest(w, slice_of(event->bytes, event->len));
	if (blocked(w, who, node, to_node) != 0 || lost(w)) {
		world_note(w, "lost %d of phone %u", (int)e.kind, who);
		return;
	}
	corrupt(w, &e, copy);
	e.at = w->now + delay(w);
	world_push(w, &e);
	if (!twice)
		return;
	e.at = w->now + delay(w);
	world_push(w, &e);
}

void network_to_node(struct world *w, uint32_t who, const struct event *event)
{
	datagram(w, who, event->node, true, event);
}

void network_to_phone(struct world *w, unsigned node, const struct event *event)
{
	datagram(w, event->who, node, false, event);
}

/* A stream whose other end hears nothing for long is reset by its own. */
static void give_up(struct world *w, struct sim_connection *c, bool to_node)
{
	uint8_t way = to_node ? SIM_GONE_TO_NODE : SIM_GONE_TO_PHONE;

	if ((c->gone & way) != 0)
		return;
	c->gone |= way;
	world_push(w, &(struct event){.at = w->now + SIM_TCP_GIVE_UP,
				      .kind = to_node ? EVENT_PHONE_RESET : EVENT_NODE_CLOSED,
				      .node = c->node,
				      .who = c->who,
				      .arg = c->number});
}

void network_stream(struct world *w, struct sim_connection *c, bool to_node,
		    const struct event *event)
{
	dt_time *last = to_node ? &c->to_node : &c->to_phone;
	struct event e = *event;
	dt_time wait = RETRANSMISSION;
	dt_time until = blocked(w, c->who, c->node, to_node);

	e.who = c->who;
	e.arg = c->number;
	e.node = c->node;
	world_digest(w, slice_of(event->bytes, event->len));
	if (c->gone != 0 || until > w->now + SIM_TCP_GIVE_UP) {
		give_up(w, c, to_node);
		return;
	}
	/* Retransmitted until the way is free, at ever longer intervals. */
	e.at = w->now + delay(w);
	while (e.at < until) {
		e.at += wait;
		wait *= 2;
	}
	for (int tries = 0; tries < 6 && lost(w); tries++, wait *= 2)
		e.at += wait;
	if (e.at <= *last)
		e.at = *last + 1;
	*last = e.at;
	world_push(w, &e);
}

void network_partition(struct world *w)
{
	static const char *const ways[] = {"", "to the server", "to the phones", "both ways"};
	unsigned way = 1 + (unsigned)rand_below(&w->rand, 3);

	w->partition = (struct partition){.until = w->now + world_about(w, w->faults.partition),
					  .node = (uint8_t)rand_below(&w->rand, SIM_NODES),
					  .to_node = (way & 1) != 0,
					  .to_phone = (way & 2) != 0,
					  .half = (uint32_t)rand_below(&w->rand, 2)};
	w->result.partitions++;
	world_note(w, "half of the phones and server %u are cut off, %s", w->partition.node + 1u,
		   ways[way]);
	world_again(w, EVENT_PARTITION, w->faults.partition_every);
}

void network_flap(struct world *w)
{
	uint32_t who = (uint32_t)rand_below(&w->rand, w->config.phones);

	w->phones[who].dark_until = w->now + world_about(w, DT_SECONDS(12));
	world_note(w, "the link of phone %u goes", who);
	world_again(w, EVENT_PHONE_FLAP, w->faults.flap_every);
}
