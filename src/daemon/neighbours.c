/* What a server hears on its wire beside its own services: ARP, and CDP and LLDP of the stations on
 * its own segment. Few frames, and of a flood only so many a second. Where a switch stands between,
 * the phones' own port is not heard: absence here says nothing (boot/judges.c). */
#include "daemon/node.h"

#include "proto/arp/arp.h"
#include "proto/cdp/cdp.h"
#include "proto/frame/frame.h"
#include "proto/lldp/lldp.h"

#define ARP_A_SECOND  500
#define TALK_A_SECOND 100 /* CDP, LLDP: a station speaks once a minute */

void node_saw_neighbour(void *context, uint32_t link, struct slice frame, dt_time at)
{
	struct node *n = context;
	struct frame_head head;
	struct cdp cdp;
	struct lldp lldp;
	struct arp arp;

	if (frame_decode_head(link, frame, &head) != 0)
		return;
	const struct link_ends ends = {head.source, head.destination, head.vlan};
	if (head.oui == FRAME_OUI_CISCO && head.type == FRAME_SNAP_CDP &&
	    cdp_decode(head.payload, &cdp, NULL) == 0)
		observer_cdp(n->observer, &ends, &cdp, at, ++n->events);
	else if (head.oui == 0 && head.type == FRAME_TYPE_LLDP &&
		 lldp_decode(head.payload, &lldp, NULL) == 0)
		observer_lldp(n->observer, &ends, &lldp, at, ++n->events);
	else if (head.oui == 0 && head.type == FRAME_TYPE_ARP &&
		 arp_decode(head.payload, &arp, NULL) == 0)
		observer_arp(n->observer, &ends, &arp, at, ++n->events);
	node_take_facts(n);
}

/* What cannot be opened is a view less, not a service less. */
void node_open_neighbours(struct node *n, struct node_wire *w)
{
	static const enum packet_filter filters[NODE_NEIGHBOURS] = {PACKET_ARP_HEARD, PACKET_CDP,
								    PACKET_LLDP};
	struct packet_options o = {
	    .interface = w->iface.name, .on_frame = node_saw_neighbour, .context = n};

	for (size_t i = 0; i < NODE_NEIGHBOURS && !n->options->no_watch; i++) {
		o.filter = filters[i];
		o.frames_a_second = filters[i] == PACKET_ARP_HEARD ? ARP_A_SECOND : TALK_A_SECOND;
		if (packet_open(n->loop, &o, &w->neighbours[i]) != 0)
			w->neighbours[i] = NULL;
	}
}
