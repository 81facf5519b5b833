/* The port the phones are plugged into as a switch port with a voice VLAN: the voice VLAN is tagged
 * towards the phones and untagged behind it, what comes untagged is the data VLAN's, and phones
 * that ask by CDP or announce themselves by LLDP are told the voice VLAN, or not. */
#include "fabric/fabric_internal.h"

#include "base/error.h"
#include "base/writer.h"
#include "proto/cdp/cdp.h"
#include "proto/lldp/lldp.h"

#define TAG_SIZE     4u
#define TAG_AT       12u
#define VLAN_MASK    0x0fffu
#define HOLD_S       180
#define DESCRIBES_AS "a switch of dialtone's lab"

static const struct mac switch_mac = {{0x02, 0xda, 0x1d, 0x0e, 0, 0x01}};

bool voice_untag(uint8_t *frame, size_t *len)
{
	if (*len < TAG_AT + TAG_SIZE)
		return false;
	memmove(frame + TAG_AT, frame + TAG_AT + TAG_SIZE, *len - TAG_AT - TAG_SIZE);
	*len -= TAG_SIZE;
	return true;
}

bool voice_tag(uint8_t *frame, size_t *len, size_t size, uint16_t vlan)
{
	struct writer w = writer_of(frame + TAG_AT, TAG_SIZE);

	if (*len < TAG_AT || *len + TAG_SIZE > size)
		return false;
	memmove(frame + TAG_AT + TAG_SIZE, frame + TAG_AT, *len - TAG_AT);
	writer_be16(&w, 0x8100);
	writer_be16(&w, vlan);
	*len += TAG_SIZE;
	return true;
}

static size_t cdp_answer(const struct fabric_voice *v, uint8_t *to, size_t size)
{
	uint8_t packet[256];
	struct writer p = writer_of(packet, sizeof packet);
	struct writer w = writer_of(to, size);
	struct cdp answer = {.version = 2,
			     .ttl_s = HOLD_S,
			     .device_id = slice_text("LabSwitch"),
			     .port_id = slice_text("FastEthernet0/1"),
			     .software = slice_text(DESCRIBES_AS),
			     .platform = slice_text("dialtone lab"),
			     .has_capabilities = true,
			     .capabilities = CDP_SWITCH,
			     .has_duplex = true,
			     .full_duplex = !v->half_duplex,
			     .has_native_vlan = true,
			     .native_vlan = 1,
			     .has_voice_vlan = v->told != 0,
			     .voice_vlan = v->told};

	if (cdp_encode(&answer, &p) != 0 ||
	    frame_encode_snap(CDP_MULTICAST, switch_mac, FRAME_OUI_CISCO, FRAME_SNAP_CDP,
			      writer_done(&p), &w) != 0)
		return 0;
	return writer_done(&w).len;
}

static size_t lldp_answer(const struct fabric_voice *v, uint8_t *to, size_t size)
{
	uint8_t packet[256];
	struct writer p = writer_of(packet, sizeof packet);
	struct writer w = writer_of(to, size);
	struct lldp answer = {.chassis_kind = LLDP_CHASSIS_MAC,
			      .chassis = slice_of(switch_mac.b, 6),
			      .port_kind = LLDP_PORT_INTERFACE,
			      .port = slice_text("Fa0/1"),
			      .ttl_s = HOLD_S};

	answer.med_class = LLDP_MED_SWITCH;
	answer.policy_count = v->told != 0;
	answer.policy[0] = (struct lldp_policy){
	    .application = LLDP_VOICE, .tagged = true, .vlan = v->told, .priority = 5, .dscp = 46};
	if (lldp_encode(&answer, &p) != 0 ||
	    frame_encode_ethernet(LLDP_MULTICAST, switch_mac, 0, FRAME_TYPE_LLDP, writer_done(&p),
				  &w) != 0)
		return 0;
	return writer_done(&w).len;
}

size_t voice_answer(const struct fabric_voice *v, const struct fabric_view *view, uint8_t *to,
		    size_t size)
{
	bool cdp = view->head.oui == FRAME_OUI_CISCO && view->head.type == FRAME_SNAP_CDP;
	bool lldp = view->head.oui == 0 && view->head.type == FRAME_TYPE_LLDP;

	if (cdp && v->cdp)
		return cdp_answer(v, to, size);
	return lldp && v->lldp ? lldp_answer(v, to, size) : 0;
}

bool voice_is_link_talk(const struct fabric_view *view)
{
	return mac_equal(view->head.destination, CDP_MULTICAST) ||
	       mac_equal(view->head.destination, LLDP_MULTICAST);
}
