/* The phone and the wire it is plugged into: what it says of itself by CDP and LLDP-MED, what the
 * switch answers, and ARP for its own address.
 *
 *   started --> waits for the switch --a voice VLAN by CDP--------------> DHCP, tagged
 *                 |  |--a policy by LLDP-MED, and a moment no CDP-------> DHCP, tagged
 *                 |  \--its switch by CDP, without a voice VLAN---------> DHCP, untagged
 *                 \--------nobody: vlan_wait_us------------------------> DHCP, untagged
 *
 * A voice VLAN that comes later moves the phone: it gives its lease back and asks DHCP anew, in the
 * new one. That is where a site's "excess DHCP" often comes from (reference: boot 2.3).
 *
 * CDP and LLDP go untagged: switches do not look for them in a VLAN. */
#include "phone/phone_internal.h"

#include "proto/arp/arp.h"
#include "proto/cdp/cdp.h"
#include "proto/frame/frame.h"
#include "proto/lldp/lldp.h"

#define QUICK_PAUSE    DT_SECONDS(1)
#define CDP_PAUSE      DT_SECONDS(60)
#define LLDP_PAUSE     DT_SECONDS(30)
#define LIFETIME_S     180
#define LLDP_GRACE     DT_SECONDS(2) /* for CDP, which counts more, to be heard too */
#define VLAN_UNTAGGED  4096u         /* CDP: "no tag"; 4095 is "none" */
#define VLAN_LAST      4094u
#define TWISTED_FULL   16   /* 100BASE-TX full duplex (RFC 4836) */
#define MED_OFFERED    0x33 /* capabilities, policy, power by the device, inventory */
#define POWER_PRIORITY 2    /* high */

bool neighbour_is_spoken(const struct phone *p)
{
	return p->config.on_link && !p->config.unpaced &&
	       (p->profile->platform != NULL || p->profile->lldp);
}

static void send_frame(struct phone *p, struct writer *frame, int error)
{
	if (error == 0)
		(void)phone_act(p, PHONE_SEND_FRAME, writer_done(frame));
}

static void say_cdp(struct phone *p)
{
	const struct phone_tag *tag = &p->link_layer.tag;
	uint8_t bytes[512];
	uint8_t frame[600];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct writer f = writer_of(frame, sizeof frame);
	struct cdp cdp = {.version = 2,
			  .ttl_s = LIFETIME_S,
			  .device_id = slice_text(p->name),
			  .address = p->view.ip,
			  .port_id = slice_text("Port 1"),
			  .has_capabilities = true,
			  .capabilities = CDP_HOST | CDP_PHONE | CDP_TWO_PORT_RELAY,
			  .software = slice_text(p->load),
			  .platform = slice_text(p->profile->platform),
			  .has_duplex = true,
			  .full_duplex = true,
			  .has_voice_query = true,
			  .query_vlan = tag->tagged ? tag->vlan : 0,
			  .has_consumption = true,
			  .consumption_mw = p->profile->power_mw};

	cdp.requested = (struct cdp_power){.present = p->profile->lldp,
					   .request_id = (uint16_t)(p->view.boots + 1),
					   .management_id = 1,
					   .count = 1,
					   .mw = {p->profile->power_mw}};
	if (cdp_encode(&cdp, &w) == 0)
		send_frame(p, &f,
			   frame_encode_snap(CDP_MULTICAST, p->config.mac, FRAME_OUI_CISCO,
					     FRAME_SNAP_CDP, writer_done(&w), &f));
}

static struct lldp_policy policy_of(const struct phone *p, enum lldp_application application)
{
	const struct phone_tag *tag = &p->link_layer.tag;

	return (struct lldp_policy){.application = (uint8_t)application,
				    .unknown = !tag->tagged,
				    .tagged = tag->tagged,
				    .vlan = tag->vlan,
				    .priority = tag->priority};
}

/* "CP-7961G" out of "Cisco Systems, Inc. IP Phone CP-7961G". */
static struct slice product_of(const struct phone_profile *profile)
{
	const char *last = strrchr(profile->vendor_class, ' ');

	return slice_text(last != NULL ? last + 1 : profile->vendor_class);
}

static void say_lldp(struct phone *p)
{
	uint8_t address[5] = {1}; /* the address family, then the address */
	char port[24];
	char description[96];
	uint8_t bytes[512];
	uint8_t frame[600];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct writer f = writer_of(frame, sizeof frame);

	memcpy(address + 1, p->view.ip.b, 4);
	(void)snprintf(port, sizeof port, "%s:P1", p->hex);
	(void)snprintf(description, sizeof description, "%s, %s", p->profile->platform, p->load);
	struct lldp lldp = {
	    .chassis_kind = LLDP_CHASSIS_ADDRESS,
	    .chassis = slice_of(address, sizeof address),
	    .port_kind = LLDP_PORT_LOCAL,
	    .port = slice_text(port),
	    .ttl_s = LIFETIME_S,
	    .port_description = slice_text("SW PORT"),
	    .system_name = slice_text(p->name),
	    .system_description = slice_text(description),
	    .has_capabilities = true,
	    .capabilities = LLDP_BRIDGE | LLDP_PHONE,
	    .enabled = LLDP_BRIDGE | LLDP_PHONE,
	    .address = p->view.ip,
	    .has_link = true,
	    .autonegotiates = true,
	    .mau = TWISTED_FULL,
	    .has_med = true,
	    .med_capabilities = MED_OFFERED,
	    .med_class = LLDP_MED_PHONE,
	    .policy_count = 2,
	    .policy = {policy_of(p, LLDP_VOICE), policy_of(p, LLDP_VOICE_SIGNALLING)},
	    .power = {.present = true,
		      .is_device = true,
		      .priority = POWER_PRIORITY,
		      .mw = p->profile->power_mw},
	    .software = slice_text(p->load),
	    .manufacturer = slice_text("Cisco Systems, Inc."),
	    .model = product_of(p->profile)};
	if (lldp_encode(&lldp, &w) == 0)
		send_frame(p, &f,
			   frame_encode_ethernet(LLDP_MULTICAST, p->config.mac, 0, FRAME_TYPE_LLDP,
						 writer_done(&w), &f));
}

void neighbour_start(struct phone *p, dt_time now)
{
	struct neighbourhood *n = &p->link_layer;

	*n = (struct neighbourhood){.quick = p->profile->cdp_at_link_up,
				    .cdp_at = p->profile->platform != NULL ? now : DT_NEVER,
				    .lldp_at = p->profile->lldp ? now : DT_NEVER,
				    .settle_at = dt_time_add(now, p->profile->vlan_wait_us)};
	phone_set_state(p, PHONE_VLAN);
	neighbour_expire(p, now);
}

static void set_tag(struct phone *p, struct phone_tag tag)
{
	const struct phone_tag *old = &p->link_layer.tag;

	if (old->tagged == tag.tagged && old->vlan == tag.vlan && old->priority == tag.priority)
		return;
	p->link_layer.tag = tag;
	struct phone_action *a = phone_act(p, PHONE_TAG, slice_of(NULL, 0));
	if (a != NULL)
		a->tag = tag;
}

void neighbour_stop(struct phone *p)
{
	set_tag(p, (struct phone_tag){0});
	p->link_layer =
	    (struct neighbourhood){.cdp_at = DT_NEVER, .lldp_at = DT_NEVER, .settle_at = DT_NEVER};
}

/* On with the boot, in the VLAN it knows of. */
static void settle(struct phone *p, dt_time now)
{
	p->link_layer.settle_at = DT_NEVER;
	if (p->state == PHONE_VLAN)
		phone_network(p, now);
}

/* Already on its way in another VLAN: what it has of that one is given back. */
static void move(struct phone *p, struct phone_tag tag, dt_time now)
{
	dhcp_client_release(p);
	p->dhcp = (struct dhcp_client){.ip = p->dhcp.ip, .deadline = DT_NEVER};
	phone_unbound(p, now);
	if (p->state == PHONE_OFF)
		return;
	set_tag(p, tag);
	phone_network(p, now);
}

static void on_vlan(struct phone *p, struct phone_tag tag, dt_time at, dt_time now)
{
	bool same = p->link_layer.tag.tagged == tag.tagged && p->link_layer.tag.vlan == tag.vlan;

	if (p->state == PHONE_VLAN) {
		set_tag(p, tag);
		p->link_layer.settle_at = at;
		if (at <= now)
			settle(p, now);
	} else if (!same && p->state > PHONE_VLAN) {
		move(p, tag, now);
	}
}

static void on_cdp(struct phone *p, struct slice payload, dt_time now)
{
	struct cdp cdp;
	struct phone_tag tag = {.priority = p->profile->priority};

	if (cdp_decode(payload, &cdp, NULL) != 0 || cdp.checksum_wrong || cdp.has_voice_query ||
	    p->profile->platform == NULL)
		return;
	if (!cdp.has_voice_vlan) { /* a port without one; LLDP may still know better */
		if (p->state == PHONE_VLAN)
			on_vlan(p, p->link_layer.tag,
				p->profile->lldp ? dt_time_min(p->link_layer.settle_at,
							       dt_time_add(now, LLDP_GRACE))
						 : now,
				now);
		return;
	}
	p->link_layer.cdp_heard = true;
	tag.tagged = cdp.voice_vlan <= VLAN_LAST;
	tag.vlan = tag.tagged ? cdp.voice_vlan : 0;
	tag.priority = tag.tagged ? tag.priority : 0;
	on_vlan(p, tag, now, now);
}

static void on_lldp(struct phone *p, struct slice payload, dt_time now)
{
	struct lldp lldp;
	const struct lldp_policy *policy = NULL;

	if (!p->profile->lldp || p->link_layer.cdp_heard ||
	    lldp_decode(payload, &lldp, NULL) != 0 || lldp.med_class == LLDP_MED_PHONE)
		return;
	policy = lldp_voice_policy(&lldp);
	if (policy == NULL)
		return;
	struct phone_tag tag = {.tagged = policy->tagged && policy->vlan <= VLAN_LAST};
	tag.vlan = tag.tagged ? policy->vlan : 0;
	tag.priority = tag.tagged ? policy->priority : 0;
	bool waits = p->profile->platform != NULL && p->state == PHONE_VLAN;
	on_vlan(p, tag,
		waits ? dt_time_min(p->link_layer.settle_at, dt_time_add(now, LLDP_GRACE)) : now,
		now);
}

static void on_arp(struct phone *p, struct slice payload, dt_time now)
{
	struct arp arp;

	if (arp_decode(payload, &arp, NULL) != 0 || mac_equal(arp.sender, p->config.mac))
		return;
	if (arp.op == ARP_REPLY && ip4_equal(arp.sender_ip, p->kept.router) &&
	    !ip4_is_zero(p->kept.ip))
		dhcp_client_keep(p, now);
	if (p->dhcp.state != DHCP_CLIENT_CHECKING)
		return;
	/* It says the address is its own, or asks at the same moment whether it may have it. */
	if (ip4_equal(arp.sender_ip, p->dhcp.ip) ||
	    (arp_is_probe(&arp) && ip4_equal(arp.target_ip, p->dhcp.ip)))
		dhcp_client_taken(p, now);
}

void neighbour_input(struct phone *p, struct slice frame, dt_time now)
{
	struct frame_head head;

	if (frame_decode_head(FRAME_LINK_ETHERNET, frame, &head) != 0)
		return;
	if (head.oui == FRAME_OUI_CISCO && head.type == FRAME_SNAP_CDP)
		on_cdp(p, head.payload, now);
	else if (head.oui == 0 && head.type == FRAME_TYPE_LLDP)
		on_lldp(p, head.payload, now);
	else if (head.oui == 0 && head.type == FRAME_TYPE_ARP)
		on_arp(p, head.payload, now);
}

void neighbour_expire(struct phone *p, dt_time now)
{
	struct neighbourhood *n = &p->link_layer;
	bool spoke = now >= n->cdp_at || now >= n->lldp_at;

	if (now >= n->cdp_at) {
		say_cdp(p);
		n->cdp_at = dt_time_add(now, n->quick > 1 ? QUICK_PAUSE : CDP_PAUSE);
	}
	if (now >= n->lldp_at) {
		say_lldp(p);
		n->lldp_at = dt_time_add(now, n->quick > 1 ? QUICK_PAUSE : LLDP_PAUSE);
	}
	if (spoke && n->quick > 0)
		n->quick--;
	if (now >= n->settle_at)
		settle(p, now);
}

dt_time neighbour_deadline(const struct phone *p)
{
	const struct neighbourhood *n = &p->link_layer;

	return dt_time_min(n->settle_at, dt_time_min(n->cdp_at, n->lldp_at));
}

void neighbour_ask(struct phone *p, struct ip4 sender, struct ip4 target)
{
	const struct mac everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	const struct phone_tag *tag = &p->link_layer.tag;
	struct arp arp = {
	    .op = ARP_REQUEST, .sender = p->config.mac, .sender_ip = sender, .target_ip = target};
	uint8_t bytes[64];
	uint8_t frame[96];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct writer f = writer_of(frame, sizeof frame);

	if (!p->config.on_link || arp_encode(&arp, &w) != 0)
		return;
	send_frame(p, &f,
		   tag->tagged ? frame_encode_tagged(everybody, p->config.mac, tag->priority,
						     tag->vlan, FRAME_TYPE_ARP, writer_done(&w), &f)
			       : frame_encode_ethernet(everybody, p->config.mac, 0, FRAME_TYPE_ARP,
						       writer_done(&w), &f));
}

void neighbour_probe(struct phone *p, struct ip4 ip)
{
	neighbour_ask(p, ip4_of(0), ip);
}

void neighbour_announce(struct phone *p)
{
	neighbour_ask(p, p->dhcp.ip, p->dhcp.ip);
}
