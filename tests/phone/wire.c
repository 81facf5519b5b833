/* The wire of the phone on the bench: what it says below IP as words, and a switch by hand. */
#include "harness.h"
#include "phone/lab.h"

#include "proto/arp/arp.h"
#include "proto/cdp/cdp.h"
#include "proto/frame/frame.h"
#include "proto/lldp/lldp.h"

static const struct mac switch_mac = {{0x00, 0x18, 0xba, 0x98, 0x68, 0x8f}};

static void note_cdp(struct lab *lab, struct slice payload)
{
	struct cdp cdp;
	struct anomalies anomalies = {0};

	assert_int_equal(cdp_decode(payload, &cdp, &anomalies), 0);
	assert_int_equal(anomalies.count, 0);
	buf_printf(&lab->trace, "cdp %.*s, %.*s, query %u\n", (int)cdp.device_id.len,
		   (const char *)cdp.device_id.ptr, (int)cdp.platform.len,
		   (const char *)cdp.platform.ptr, cdp.query_vlan);
}

static void note_lldp(struct lab *lab, struct slice payload)
{
	struct lldp lldp;
	struct anomalies anomalies = {0};

	assert_int_equal(lldp_decode(payload, &lldp, &anomalies), 0);
	assert_int_equal(anomalies.count, 0);
	buf_printf(&lab->trace, "lldp %.*s, %.*s\n", (int)lldp.system_name.len,
		   (const char *)lldp.system_name.ptr, (int)lldp.model.len,
		   (const char *)lldp.model.ptr);
}

static void note_arp(struct lab *lab, const struct frame_head *head)
{
	struct arp arp;
	char ip[IP4_TEXT_SIZE];

	assert_int_equal(arp_decode(head->payload, &arp, NULL), 0);
	buf_printf(&lab->trace, "arp %s %s",
		   arp_is_probe(&arp)          ? "probe"
		   : arp_is_announcement(&arp) ? "mine"
					       : "who has",
		   ip4_format(arp.target_ip, ip));
	buf_printf(&lab->trace, head->tagged ? ", vlan %u\n" : "\n", head->vlan);
}

void lab_note_frame(struct lab *lab, const struct phone_action *a)
{
	struct frame_head head;

	lab->last_frame = *a;
	assert_int_equal(frame_decode_head(FRAME_LINK_ETHERNET, slice_of(a->bytes, a->len), &head),
			 0);
	assert_true(mac_equal(head.source, lab->config.mac));
	if (head.oui == FRAME_OUI_CISCO && head.type == FRAME_SNAP_CDP)
		note_cdp(lab, head.payload);
	else if (head.type == FRAME_TYPE_LLDP)
		note_lldp(lab, head.payload);
	else
		note_arp(lab, &head);
}

static void hear(struct lab *lab, const struct writer *frame)
{
	phone_frame_input(lab->phone, writer_done(frame), lab->now);
	lab_settle(lab);
}

void lab_cdp(struct lab *lab, uint16_t voice_vlan)
{
	struct cdp cdp = {.version = 2,
			  .ttl_s = 180,
			  .device_id = slice_text("Switch3"),
			  .port_id = slice_text("Fa0/12"),
			  .has_capabilities = true,
			  .capabilities = CDP_SWITCH | CDP_IGMP,
			  .has_voice_vlan = voice_vlan != 0,
			  .voice_vlan = voice_vlan};
	uint8_t bytes[256];
	uint8_t frame[300];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct writer f = writer_of(frame, sizeof frame);

	assert_int_equal(cdp_encode(&cdp, &w), 0);
	assert_int_equal(frame_encode_snap(CDP_MULTICAST, switch_mac, FRAME_OUI_CISCO,
					   FRAME_SNAP_CDP, writer_done(&w), &f),
			 0);
	hear(lab, &f);
}

void lab_lldp(struct lab *lab, uint16_t voice_vlan, uint8_t priority)
{
	struct lldp lldp = {.chassis_kind = LLDP_CHASSIS_MAC,
			    .chassis = slice_of(switch_mac.b, 6),
			    .port_kind = LLDP_PORT_LOCAL,
			    .port = slice_text("g12"),
			    .ttl_s = 120,
			    .has_med = true,
			    .med_class = LLDP_MED_SWITCH,
			    .policy_count = 1,
			    .policy = {{.application = LLDP_VOICE,
					.tagged = true,
					.vlan = voice_vlan,
					.priority = priority}}};
	uint8_t bytes[256];
	uint8_t frame[300];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct writer f = writer_of(frame, sizeof frame);

	assert_int_equal(lldp_encode(&lldp, &w), 0);
	assert_int_equal(frame_encode_ethernet(LLDP_MULTICAST, switch_mac, 0, FRAME_TYPE_LLDP,
					       writer_done(&w), &f),
			 0);
	hear(lab, &f);
}

void lab_arp(struct lab *lab, struct ip4 ip)
{
	struct arp arp = {
	    .op = ARP_REPLY, .sender = switch_mac, .sender_ip = ip, .target = lab->config.mac};
	uint8_t bytes[64];
	uint8_t frame[96];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct writer f = writer_of(frame, sizeof frame);

	assert_int_equal(arp_encode(&arp, &w), 0);
	assert_int_equal(frame_encode_ethernet(lab->config.mac, switch_mac, 0, FRAME_TYPE_ARP,
					       writer_done(&w), &f),
			 0);
	hear(lab, &f);
}
