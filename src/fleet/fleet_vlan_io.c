/* Phones in a voice VLAN: every frame of theirs carries the tag and comes from their own hardware
 * address, which the kernel's sockets cannot do. So those sockets leave by a virtual interface
 * (net/tap.h) whose wire is here:
 *
 *   socket --> kernel --> tap --> whose packet? --> next hop by ARP, as that phone --> tag --> wire
 *   socket <-- kernel <-- tap <-- whose packet? <--------------------- no tag <------------- wire
 *
 * The kernel's own ARP on the tap is answered with an address of ours for everybody; the phone's
 * ARP on the wire is real: for its router, or for a server in its subnet. */
#include "fleet/fleet_edge_io.h"

#include "base/alloc.h"
#include "base/error.h"
#include "net/tap.h"
#include "proto/arp/arp.h"
#include "proto/dhcp/dhcp.h"
#include "proto/frame/frame.h"

#define HOPS         3 /* a router and two servers in its subnet */
#define PACKET_MAX   1500
#define FRAME_SIZE   (PACKET_MAX + 18)
#define ASK_AGAIN    DT_SECONDS(1)
#define REFRESH      DT_SECONDS(60)
#define IP_SOURCE_AT 12
#define IP_TARGET_AT 16
#define IP_HEAD      20

/* Somebody the phone sends through. */
struct hop {
	struct ip4 ip; /* zero: free */
	struct mac mac;
	bool known;
	dt_time asked_at;
	size_t kept_len; /* the last packet that waits to know */
	uint8_t *kept;
};

struct fleet_tagged {
	struct phone_tag tag;
	struct hop hop[HOPS];
	unsigned next_hop;
};

struct fleet_vlan {
	struct tap *tap;
	struct packet *wire;
};

static const struct mac everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
/* Who the kernel on the tap believes it talks to. */
static const struct mac beyond = {{0x02, 0, 0, 0, 0, 0x01}};

const char *vlan_interface(const struct member *m)
{
	return m->tagged != NULL ? tap_name(m->edge->vlan->tap) : NULL;
}

static void forget(struct hop *h)
{
	alloc_free(h->kept);
	*h = (struct hop){.kept = NULL};
}

static void send_frame(struct member *m, struct mac to, enum frame_type type, struct slice payload)
{
	struct edge *e = m->edge;
	const struct phone_tag *tag = &m->tagged->tag;
	uint8_t frame[FRAME_SIZE];
	struct writer w = writer_of(frame, sizeof frame);

	if (frame_encode_tagged(to, m->mac, tag->priority, tag->vlan, (uint16_t)type, payload,
				&w) == 0)
		(void)packet_send(e->packet, e->iface.index, writer_done(&w));
}

static void send_arp(struct member *m, struct mac to, const struct arp *arp)
{
	uint8_t bytes[64];
	struct writer w = writer_of(bytes, sizeof bytes);

	if (arp_encode(arp, &w) == 0)
		send_frame(m, to, FRAME_TYPE_ARP, writer_done(&w));
}

static struct hop *hop_of(struct member *m, struct ip4 ip, bool make)
{
	struct fleet_tagged *t = m->tagged;

	for (unsigned i = 0; i < HOPS; i++) {
		if (ip4_equal(t->hop[i].ip, ip))
			return &t->hop[i];
	}
	if (!make)
		return NULL;
	struct hop *h = &t->hop[t->next_hop++ % HOPS];
	forget(h);
	h->ip = ip;
	h->asked_at = -ASK_AGAIN;
	return h;
}

static void keep(struct hop *h, struct slice packet)
{
	uint8_t *kept = alloc_zero(1, packet.len);

	if (kept == NULL)
		return;
	memcpy(kept, packet.ptr, packet.len);
	alloc_free(h->kept);
	h->kept = kept;
	h->kept_len = packet.len;
}

void vlan_send(struct member *m, struct slice packet)
{
	struct ip4 to;
	dt_time now = loop_now(m->edge->loop);

	if (packet.len < IP_HEAD || packet.len > PACKET_MAX)
		return;
	memcpy(to.b, packet.ptr + IP_TARGET_AT, sizeof to.b);
	if (!ip4_in_subnet(to, m->ip, m->mask))
		to = m->router;
	if (ip4_is_zero(to))
		return; /* as a host without a router: nowhere to send it */
	struct hop *h = hop_of(m, to, true);
	if (h->known)
		send_frame(m, h->mac, FRAME_TYPE_IPV4, packet);
	else
		keep(h, packet);
	if (now < h->asked_at + (h->known ? REFRESH : ASK_AGAIN))
		return;
	h->asked_at = now;
	send_arp(m, everybody,
		 &(struct arp){
		     .op = ARP_REQUEST, .sender = m->mac, .sender_ip = m->ip, .target_ip = to});
}

/* From the kernel. */

static void answer_kernel(struct edge *e, struct slice payload)
{
	struct arp arp;
	uint8_t bytes[64];
	uint8_t frame[96];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct writer f = writer_of(frame, sizeof frame);

	if (arp_decode(payload, &arp, NULL) != 0 || arp.op != ARP_REQUEST ||
	    arp_is_announcement(&arp))
		return;
	struct arp answer = {.op = ARP_REPLY,
			     .sender = beyond,
			     .sender_ip = arp.target_ip,
			     .target = arp.sender,
			     .target_ip = arp.sender_ip};
	if (arp_encode(&answer, &w) == 0 &&
	    frame_encode_ethernet(tap_mac(e->vlan->tap), beyond, 0, FRAME_TYPE_ARP, writer_done(&w),
				  &f) == 0)
		tap_send(e->vlan->tap, writer_done(&f));
}

static void on_kernel_frame(void *context, struct slice frame)
{
	struct edge *e = context;
	struct frame_head head;
	struct ip4 from;

	if (frame_decode_head(FRAME_LINK_ETHERNET, frame, &head) != 0 || head.oui != 0)
		return;
	if (head.type == FRAME_TYPE_ARP) {
		answer_kernel(e, head.payload);
		return;
	}
	if (head.type != FRAME_TYPE_IPV4 || head.payload.len < IP_HEAD)
		return;
	memcpy(from.b, head.payload.ptr + IP_SOURCE_AT, sizeof from.b);
	struct member *m = map_get(&e->by_ip, ip4_number(from));
	if (m != NULL && m->tagged != NULL)
		vlan_send(m, head.payload);
}

/* From the wire. */

static void on_wire_arp(struct edge *e, const struct frame_head *head, struct slice frame)
{
	struct arp arp;

	if (arp_decode(head->payload, &arp, NULL) != 0)
		return;
	wire_arp(e, frame);
	struct member *m = map_get(&e->by_ip, ip4_number(arp.target_ip));
	if (m == NULL || m->tagged == NULL || m->tagged->tag.vlan != head->vlan)
		return;
	if (arp.op == ARP_REQUEST) {
		send_arp(m, arp.sender,
			 &(struct arp){.op = ARP_REPLY,
				       .sender = m->mac,
				       .sender_ip = m->ip,
				       .target = arp.sender,
				       .target_ip = arp.sender_ip});
		return;
	}
	struct hop *h = hop_of(m, arp.sender_ip, false);
	if (h == NULL)
		return;
	h->known = true;
	h->mac = arp.sender;
	if (h->kept != NULL)
		send_frame(m, h->mac, FRAME_TYPE_IPV4, slice_of(h->kept, h->kept_len));
	alloc_free(h->kept);
	h->kept = NULL;
}

static void on_wire_packet(struct edge *e, const struct frame_head *head)
{
	struct frame_ip ip;
	struct frame_udp udp;
	uint8_t frame[FRAME_SIZE];
	struct writer w = writer_of(frame, sizeof frame);

	if (frame_decode_ip(head->payload, &ip) != 0)
		return;
	if (ip.protocol == FRAME_UDP && ip.fragment_at == 0 &&
	    frame_decode_udp(ip.payload, &udp) == 0 && udp.to == DHCP_CLIENT_PORT) {
		member_dhcp_arrived(e, (struct endpoint){ip.from, udp.from}, udp.payload);
		return;
	}
	struct member *m = map_get(&e->by_ip, ip4_number(ip.to));
	if (m == NULL || m->tagged == NULL || m->tagged->tag.vlan != head->vlan ||
	    !mac_equal(m->mac, head->destination))
		return;
	if (frame_encode_ethernet(tap_mac(e->vlan->tap), beyond, 0, FRAME_TYPE_IPV4, head->payload,
				  &w) == 0)
		tap_send(e->vlan->tap, writer_done(&w));
}

static void on_wire_frame(void *context, uint32_t link, struct slice frame, dt_time at)
{
	struct edge *e = context;
	struct frame_head head;

	(void)at;
	if (link != FRAME_LINK_ETHERNET ||
	    frame_decode_head(FRAME_LINK_ETHERNET, frame, &head) != 0 || !head.tagged ||
	    head.oui != 0)
		return;
	if (head.type == FRAME_TYPE_ARP)
		on_wire_arp(e, &head, frame);
	else if (head.type == FRAME_TYPE_IPV4)
		on_wire_packet(e, &head);
}

/* Coming and going. */

static int open_vlan(struct edge *e)
{
	struct tap_options tap = {.on_frame = on_kernel_frame, .context = e};
	struct packet_options wire = {.interface = e->options->interface,
				      .filter = PACKET_TAGGED,
				      .on_frame = on_wire_frame,
				      .context = e};

	e->vlan = alloc_zero(1, sizeof *e->vlan);
	if (e->vlan == NULL)
		return E_NO_MEMORY;
	int error = tap_open(e->loop, &tap, &e->vlan->tap);
	if (error == 0)
		error = packet_open(e->loop, &wire, &e->vlan->wire);
	if (error != 0)
		vlan_close(e);
	return error;
}

void vlan_set(struct member *m, const struct phone_tag *tag)
{
	struct edge *e = m->edge;

	member_drop_address(m); /* it was of the other VLAN */
	vlan_drop(m);
	m->record->tagged |= tag->tagged;
	/* The answers to a priority tag come without one: its packets are the kernel's own. */
	if (!tag->tagged || tag->vlan == 0)
		return;
	if (e->vlan == NULL && e->part->share->tag_error == 0)
		e->part->share->tag_error = open_vlan(e);
	if (e->vlan == NULL)
		return;
	m->tagged = alloc_zero(1, sizeof *m->tagged);
	if (m->tagged != NULL)
		m->tagged->tag = *tag;
}

void vlan_drop(struct member *m)
{
	for (unsigned i = 0; m->tagged != NULL && i < HOPS; i++)
		forget(&m->tagged->hop[i]);
	alloc_free(m->tagged);
	m->tagged = NULL;
}

void vlan_address(const struct member *m, bool ours)
{
	(void)iface_local_route(tap_index(m->edge->vlan->tap), m->ip, ours);
}

void vlan_close(struct edge *e)
{
	if (e->vlan == NULL)
		return;
	packet_close(e->vlan->wire);
	tap_close(e->vlan->tap);
	alloc_free(e->vlan);
	e->vlan = NULL;
}
