#include "harness.h"

#include "base/error.h"
#include "proto/lldp/lldp.h"

/* A ProCurve switch: frame 3 of captures/arkime-lldp-med-voice.pcap, behind its Ethernet header. */
static const char procurve[] =
    "02070400132157ca4004020731060200780801310a1a50726f437572766520537769746368203236"
    "30302d382d5057520c5f50726f4375727665204a38373632412053776974636820323630302d382d"
    "5057522c207265766973696f6e20482e30382e38392c20524f4d20482e30382e355820282f73772f"
    "636f64652f6275696c642f666973682874735f30385f3529290e0400140004100c05010fff7a9402"
    "0000000000fe0900120f01036c000010fe070012bb01000f04fe080012bb02014065aefe2e0012bb"
    "030228025553010243410309526f736576696c6c650609466f6f7468696c6c731304383030301a03"
    "52334cfe070012bb040300410000";

TEST("a switch's packet gives the voice VLAN, its own name and the power it grants")
{
	struct lldp l;
	struct anomalies anomalies = {0};
	struct mac mac;
	char text[MAC_TEXT_SIZE];
	assert_int_equal(lldp_decode(harness_hex(procurve), &l, &anomalies), 0);
	assert_int_equal(anomalies.count, 0);
	assert_true(slice_equal(l.system_name, slice_text("ProCurve Switch 2600-8-PWR")));
	assert_int_equal(l.ttl_s, 120);
	assert_true(lldp_mac(&l, &mac));
	assert_string_equal(mac_format(mac, text), "00:13:21:57:ca:40");
	assert_int_equal(l.med_class, LLDP_MED_SWITCH);
	const struct lldp_policy *policy = lldp_voice_policy(&l);
	assert_non_null(policy);
	assert_true(policy->tagged);
	assert_int_equal(policy->vlan, 50);
	assert_int_equal(policy->dscp, 46);
	assert_int_equal(policy->priority, 6);
	assert_true(l.power.present && !l.power.is_device);
	assert_int_equal(l.power.mw, 6500);
	assert_true(l.has_link && l.autonegotiates);
	assert_int_equal(ip4_number(l.address), 0x0fff7a94);
}

static struct lldp phone_packet(void)
{
	static const uint8_t mac[] = {0x00, 0x1b, 0xd5, 0x85, 0x36, 0x61};

	return (struct lldp){
	    .chassis_kind = LLDP_CHASSIS_ADDRESS,
	    .chassis = {(const uint8_t *)"\1\12M\0A", 5},
	    .port_kind = LLDP_PORT_MAC,
	    .port = {mac, 6},
	    .ttl_s = 180,
	    .port_description = slice_text("SW PORT"),
	    .system_name = slice_text("SEP001BD5853661"),
	    .system_description = slice_text("Cisco IP Phone CP-7961G,V9, SCCP41.9-4-2SR3-1S"),
	    .has_capabilities = true,
	    .capabilities = LLDP_BRIDGE | LLDP_PHONE,
	    .enabled = LLDP_BRIDGE | LLDP_PHONE,
	    .address = {{10, 77, 0, 65}},
	    .has_link = true,
	    .autonegotiates = true,
	    .mau = 16,
	    .has_med = true,
	    .med_capabilities = 0x33,
	    .med_class = LLDP_MED_PHONE,
	    .policy_count = 2,
	    .policy = {{.application = LLDP_VOICE, .unknown = true},
		       {.application = LLDP_VOICE_SIGNALLING, .unknown = true}},
	    .power = {.present = true, .is_device = true, .source = 1, .priority = 2, .mw = 6300},
	    .hardware = slice_text("9"),
	    .firmware = slice_text("tnp41.8-5-4.bin"),
	    .software = slice_text("SCCP41.9-4-2SR3-1S"),
	    .serial = slice_text("FCH1234ABCD"),
	    .manufacturer = slice_text("Cisco Systems, Inc."),
	    .model = slice_text("CP-7961G"),
	    .asset = slice_text("42"),
	};
}

TEST("a phone's packet comes back as it was sent")
{
	uint8_t bytes[600];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct lldp sent = phone_packet();
	struct lldp got;
	struct mac mac;
	struct anomalies anomalies = {0};
	assert_int_equal(lldp_encode(&sent, &w), 0);
	assert_int_equal(lldp_decode(harness_guarded(writer_done(&w)), &got, &anomalies), 0);
	assert_int_equal(anomalies.count, 0);
	assert_true(lldp_mac(&got, &mac));
	assert_memory_equal(mac.b, sent.port.ptr, 6);
	assert_true(slice_equal(got.system_name, sent.system_name));
	assert_true(slice_equal(got.model, sent.model));
	assert_true(slice_equal(got.asset, sent.asset));
	assert_true(slice_equal(got.hardware, sent.hardware));
	assert_true(ip4_equal(got.address, sent.address));
	assert_int_equal(got.mau, 16);
	assert_int_equal(got.policy_count, 2);
	assert_true(got.policy[1].unknown);
	assert_null(lldp_voice_policy(&got));
	assert_true(got.power.is_device);
	assert_int_equal(got.power.mw, 6300);
	assert_int_equal(got.med_class, LLDP_MED_PHONE);
	struct writer again = writer_of(bytes + 300, 300);
	assert_int_equal(lldp_encode(&got, &again), 0);
	assert_true(slice_equal(writer_done(&again), writer_done(&w)));
}

TEST("a lifetime given twice is noted, as one old switch sends it")
{
	struct lldp l;
	struct anomalies anomalies = {0};
	/* Frame 1 of the same capture. */
	assert_int_equal(
	    lldp_decode(harness_hex("0207040004961fa726 040405312f33 06020078 06020001 "
				    "06020002 06020003 0000 ffffffff"),
			&l, &anomalies),
	    0);
	assert_int_equal(l.ttl_s, 120);
	assert_int_equal(anomalies.count, 3);
	assert_int_equal(anomalies.item[0].kind, ANOMALY_DUPLICATE);
}

TEST("without chassis, port and lifetime at its head it is no LLDP")
{
	struct lldp l;
	static const char *const bad[] = {"",
					  "0000",
					  "0207040004961fa726",
					  "040405312f33 0207040004961fa726 06020078",
					  "0207040004961fa726 040405312f33 0601 78",
					  "020104 0404"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(lldp_decode(harness_hex(bad[i]), &l, NULL), E_BAD_FORMAT);
}

TEST("more policies than there is room for are noted")
{
	uint8_t bytes[600];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct lldp l;
	struct anomalies anomalies = {0};
	writer_bytes(&w, harness_hex("0207040004961fa726 040405312f33 06020078"));
	for (unsigned i = 0; i <= LLDP_POLICIES_MAX; i++)
		writer_bytes(&w, harness_hex("fe080012bb0201406400"));
	writer_be16(&w, 0);
	assert_int_equal(lldp_decode(harness_guarded(writer_done(&w)), &l, &anomalies), 0);
	assert_int_equal(l.policy_count, LLDP_POLICIES_MAX);
	assert_int_equal(anomalies.count, 1);
}

TEST("a packet cut anywhere is decoded as far as it goes, and what is missing noted")
{
	struct slice whole = harness_hex(procurve);
	for (size_t len = 0; len < whole.len; len += 2) {
		struct lldp l;
		struct anomalies anomalies = {0};
		int error = lldp_decode(harness_guarded(slice_head(whole, len)), &l, &anomalies);
		assert_true(error == E_BAD_FORMAT || (error == 0 && anomalies.count > 0));
	}
}

TEST("texts longer than a TLV can hold, and packets longer than the room, are refused")
{
	static char text[600];
	uint8_t bytes[1500];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct lldp l = phone_packet();
	memset(text, 'x', sizeof text - 1);
	l.system_description = slice_text(text);
	assert_int_equal(lldp_encode(&l, &w), E_FULL);
	l = phone_packet();
	w = writer_of(bytes, 100);
	assert_int_equal(lldp_encode(&l, &w), E_FULL);
	assert_int_equal(w.pos, 0);
}
