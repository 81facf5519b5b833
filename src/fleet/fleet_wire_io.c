/* What the phones of one process say to their wire and hear from it below IP. They share the wire
 * as if a hub were between: one switch speaks to all of them at once, so its words are handed only
 * to those who wait for them, or to all when they are new. */
#include "fleet/fleet_edge_io.h"

#include "base/alloc.h"
#include "base/error.h"
#include "proto/arp/arp.h"
#include "proto/frame/frame.h"

#define WORDS_KEPT 4 /* switches on one wire that are told apart */

struct fleet_wire {
	struct packet *cdp, *lldp;
	struct packet *arp; /* opened when the first phone asks */
	uint64_t words[WORDS_KEPT];
	unsigned next_word;
	struct member *waiting;
	struct map probing; /* by address: who asks whether it is taken */
};

static uint64_t key_of(struct slice frame)
{
	uint64_t key = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < frame.len; i++)
		key = (key ^ frame.ptr[i]) * 0x100000001b3ULL;
	return key;
}

static bool is_news(struct fleet_wire *w, struct slice frame)
{
	uint64_t key = key_of(frame);

	for (unsigned i = 0; i < WORDS_KEPT; i++) {
		if (w->words[i] == key)
			return false;
	}
	w->words[w->next_word++ % WORDS_KEPT] = key;
	return true;
}

static void hear(struct member *m, struct slice frame)
{
	phone_frame_input(m->phone, frame, loop_now(m->edge->loop));
	member_pump(m);
}

static void on_neighbour(void *context, uint32_t link, struct slice frame, dt_time at)
{
	struct edge *e = context;
	struct member *waiting = e->wire->waiting;

	(void)at;
	if (link != FRAME_LINK_ETHERNET)
		return;
	e->part->share->heard = true;
	e->wire->waiting = NULL;
	for (struct member *next = NULL; waiting != NULL; waiting = next) {
		next = waiting->next_waiting;
		waiting->waiting = false;
		hear(waiting, frame);
		if (phone_state(waiting->phone) == PHONE_VLAN)
			wire_wait(waiting);
	}
	if (!is_news(e->wire, frame))
		return;
	for (unsigned i = 0; i < e->part->count; i++) {
		if (phone_state(e->members[i].phone) > PHONE_VLAN)
			hear(&e->members[i], frame);
	}
}

void wire_wait(struct member *m)
{
	struct fleet_wire *w = m->edge->wire;

	if (w == NULL || m->waiting)
		return;
	m->waiting = true;
	m->next_waiting = w->waiting;
	w->waiting = m;
}

void wire_arp(struct edge *e, struct slice frame)
{
	struct frame_head head;
	struct arp arp;

	if (e->wire == NULL || frame_decode_head(FRAME_LINK_ETHERNET, frame, &head) != 0 ||
	    head.type != FRAME_TYPE_ARP || arp_decode(head.payload, &arp, NULL) != 0)
		return;
	struct ip4 about = arp_is_probe(&arp) ? arp.target_ip : arp.sender_ip;
	struct member *asker = map_get(&e->wire->probing, ip4_number(about));
	struct member *target =
	    arp.op == ARP_REPLY ? map_get(&e->by_mac, mac_key(arp.target)) : NULL;
	if (asker != NULL)
		hear(asker, frame);
	if (target != NULL && target != asker)
		hear(target, frame);
}

static void on_arp(void *context, uint32_t link, struct slice frame, dt_time at)
{
	(void)at;
	if (link == FRAME_LINK_ETHERNET)
		wire_arp(context, frame);
}

/* Its probe says which address it wants to hear of; its announcement, that it has it. That does not
 * go out: untagged, the address is this host's, which speaks for it from its own hardware address,
 * and everybody would have to believe that two stations have it. false: it stays here. */
static bool note_arp(struct member *m, struct slice frame)
{
	struct edge *e = m->edge;
	struct packet_options options = {.interface = e->options->interface,
					 .filter = PACKET_ARP,
					 .on_frame = on_arp,
					 .context = e};
	struct frame_head head;
	struct arp arp;

	if (frame_decode_head(FRAME_LINK_ETHERNET, frame, &head) != 0 ||
	    head.type != FRAME_TYPE_ARP || arp_decode(head.payload, &arp, NULL) != 0)
		return true;
	if (arp_is_probe(&arp))
		(void)map_put(&e->wire->probing, ip4_number(arp.target_ip), m);
	else if (map_get(&e->wire->probing, ip4_number(arp.target_ip)) == m)
		(void)map_take(&e->wire->probing, ip4_number(arp.target_ip));
	if (e->wire->arp == NULL && !arp_is_announcement(&arp) &&
	    packet_open(e->loop, &options, &e->wire->arp) != 0)
		e->wire->arp = NULL; /* then nothing contradicts it */
	return head.tagged || !arp_is_announcement(&arp);
}

void wire_send(struct member *m, struct slice frame)
{
	struct edge *e = m->edge;

	if (e->wire == NULL)
		return;
	if (note_arp(m, frame))
		(void)packet_send(e->packet, e->iface.index, frame);
}

int wire_open(struct edge *e)
{
	struct packet_options cdp = {.interface = e->options->interface,
				     .filter = PACKET_CDP,
				     .on_frame = on_neighbour,
				     .context = e};
	struct packet_options lldp = cdp;

	lldp.filter = PACKET_LLDP;
	e->wire = alloc_zero(1, sizeof *e->wire);
	if (e->wire == NULL)
		return E_NO_MEMORY;
	map_init(&e->wire->probing, FLEET_PHONES_MAX);
	int error = packet_open(e->loop, &cdp, &e->wire->cdp);
	return error != 0 ? error : packet_open(e->loop, &lldp, &e->wire->lldp);
}

void wire_close(struct edge *e)
{
	if (e->wire == NULL)
		return;
	packet_close(e->wire->cdp);
	packet_close(e->wire->lldp);
	packet_close(e->wire->arp);
	map_done(&e->wire->probing);
	alloc_free(e->wire);
	e->wire = NULL;
}
