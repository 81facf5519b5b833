/* Prints a capture of what our phone and switch say on the link, by CDP and LLDP, with names of
 * many lengths, for tshark to judge. */
#include "proto/cdp/cdp.h"
#include "proto/frame/frame.h"
#include "proto/lldp/lldp.h"

#include <stdio.h>

static const struct mac mac = {{0x00, 0x1b, 0xd5, 0x85, 0x36, 0x61}};

static void put(const struct writer *frame)
{
	uint32_t head[4] = {1, 0, (uint32_t)frame->pos, (uint32_t)frame->pos};

	(void)fwrite(head, sizeof head, 1, stdout);
	(void)fwrite(frame->ptr, frame->pos, 1, stdout);
}

static void put_cdp(const struct cdp *c)
{
	uint8_t bytes[512];
	uint8_t frame[600];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct writer f = writer_of(frame, sizeof frame);

	if (cdp_encode(c, &w) == 0 && frame_encode_snap(CDP_MULTICAST, mac, FRAME_OUI_CISCO,
							FRAME_SNAP_CDP, writer_done(&w), &f) == 0)
		put(&f);
}

static void put_lldp(const struct lldp *l)
{
	uint8_t bytes[800];
	uint8_t frame[900];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct writer f = writer_of(frame, sizeof frame);

	if (lldp_encode(l, &w) == 0 &&
	    frame_encode_ethernet(LLDP_MULTICAST, mac, 0, FRAME_TYPE_LLDP, writer_done(&w), &f) ==
		0)
		put(&f);
}

int main(void)
{
	const uint32_t head[6] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, FRAME_LINK_ETHERNET};
	static const char name[] = "SEP001BD5853661\xc3\xa4\xff\x80 and more";

	(void)fwrite(head, sizeof head, 1, stdout);
	for (size_t len = 1; len < sizeof name; len++) {
		/* The name last: then the last byte, odd or even, takes all its values. */
		struct cdp odd = {.version = 2, .ttl_s = 180, .device_id = slice_of(name, len)};
		struct cdp phone = {.version = 2,
				    .ttl_s = 180,
				    .device_id = slice_of(name, len),
				    .address = {{10, 77, 0, 65}},
				    .port_id = slice_text("Port 1"),
				    .platform = slice_text("Cisco IP Phone 7961"),
				    .has_capabilities = true,
				    .capabilities = CDP_HOST | CDP_PHONE | CDP_TWO_PORT_RELAY,
				    .has_duplex = true,
				    .full_duplex = true,
				    .has_voice_query = true,
				    .query_vlan = 110,
				    .has_consumption = true,
				    .consumption_mw = 6300,
				    .requested = {.present = true, .count = 2, .mw = {7000, 6300}}};
		struct cdp net = {.version = 2,
				  .ttl_s = 180,
				  .device_id = slice_of(name, len),
				  .has_native_vlan = true,
				  .native_vlan = 20,
				  .has_voice_vlan = true,
				  .voice_vlan = 110,
				  .available = {.present = true, .count = 2, .mw = {6300, 15400}}};
		struct lldp lldp = {.chassis_kind = LLDP_CHASSIS_MAC,
				    .chassis = {mac.b, 6},
				    .port_kind = LLDP_PORT_LOCAL,
				    .port = slice_of(name, len),
				    .ttl_s = 120,
				    .system_name = slice_text("SEP001BD5853661"),
				    .has_capabilities = true,
				    .capabilities = LLDP_BRIDGE | LLDP_PHONE,
				    .enabled = LLDP_PHONE,
				    .address = {{10, 77, 0, 65}},
				    .has_port_vlan = true,
				    .port_vlan = 20,
				    .has_link = true,
				    .autonegotiates = true,
				    .mau = 16,
				    .has_med = true,
				    .med_capabilities = 0x33,
				    .med_class = LLDP_MED_PHONE,
				    .policy_count = 1,
				    .policy = {{.application = LLDP_VOICE,
						.tagged = true,
						.vlan = 110,
						.dscp = 46}},
				    .power = {.present = true, .is_device = true, .mw = 6300},
				    .model = slice_text("CP-7961G"),
				    .serial = slice_text("FCH1234ABCD")};
		put_cdp(&odd);
		put_cdp(&phone);
		put_cdp(&net);
		put_lldp(&lldp);
	}
	return 0;
}
