/* The phone and its switch: CDP, LLDP-MED, the voice VLAN, and whether its address is taken. */
#include "harness.h"
#include "phone/lab.h"

#include "proto/cdp/cdp.h"
#include "proto/frame/frame.h"
#include "proto/lldp/lldp.h"

static void plug_in(struct lab *lab, const char *model)
{
	lab_init(lab, model);
	lab->config.on_link = true;
	lab_power_on(lab);
	(void)lab_sleep(lab);
	assert_int_equal(phone_state(lab->phone), PHONE_VLAN);
}

static struct slice payload_of(const struct lab *lab)
{
	struct frame_head head;

	assert_int_equal(frame_decode_head(FRAME_LINK_ETHERNET,
					   slice_of(lab->last_frame.bytes, lab->last_frame.len),
					   &head),
			 0);
	return head.payload;
}

TEST("a 7960 says by CDP who it is, what it can, what it runs and draws, and asks for its VLAN")
{
	struct lab lab;
	struct cdp cdp;

	plug_in(&lab, "7960");
	assert_non_null(
	    strstr(lab_said(&lab), "cdp SEP001380AD9E5F, Cisco IP Phone 7960, query 0\n"));
	assert_int_equal(cdp_decode(payload_of(&lab), &cdp, NULL), 0);
	assert_int_equal(cdp.version, 2);
	assert_int_equal(cdp.ttl_s, 180);
	assert_int_equal(cdp.capabilities, 0x490);
	assert_true(slice_equal(cdp.port_id, slice_text("Port 1")));
	assert_true(slice_equal(cdp.software, slice_text("P00308010200")));
	assert_true(cdp.has_voice_query && cdp.has_duplex && cdp.full_duplex);
	assert_int_equal(cdp.consumption_mw, 6300);
	lab_done(&lab);
}

TEST("a 7961 says it by LLDP-MED too; a 7960 and a 7912 do not, a 12SP+ and a 7921 say nothing")
{
	static const char *const models[] = {"7961", "7960", "7912", "12SP+", "7921"};

	for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
		struct lab lab;
		lab_init(&lab, models[i]);
		lab.config.on_link = true;
		lab_power_on(&lab);
		(void)lab_sleep(&lab);
		const char *said = lab_said(&lab);
		assert_int_equal(strstr(said, "lldp SEP001380AD9E5F, CP-7961G\n") != NULL, i == 0);
		assert_int_equal(strstr(said, "cdp ") != NULL, i < 3);
		assert_int_equal(phone_state(lab.phone), i < 3 ? PHONE_VLAN : PHONE_DHCP);
		lab_done(&lab);
	}
}

TEST("three announcements a second apart, then CDP each minute and LLDP each half")
{
	struct lab lab;
	char at[256] = "";
	dt_time began;

	plug_in(&lab, "7961");
	began = lab.now;
	lab_cdp(&lab, 110);
	(void)lab_said(&lab);
	while (lab.now < began + DT_SECONDS(125)) {
		dt_time slept = lab_sleep(&lab);
		const char *said = lab_said(&lab);
		assert_true(slept > 0);
		bool cdp = strstr(said, "cdp SEP") != NULL;
		bool lldp = strstr(said, "lldp SEP") != NULL;
		if (cdp || lldp)
			(void)snprintf(at + strlen(at), sizeof at - strlen(at), "%lld %s, ",
				       (long long)(lab.now - began) / 1000000,
				       cdp && lldp ? "both"
				       : cdp       ? "cdp"
						   : "lldp");
	}
	assert_string_equal(at, "1 both, 2 both, 32 lldp, 62 both, 92 lldp, 122 both, ");
	lab_done(&lab);
}

TEST("a voice VLAN by CDP: tagged from then on, and DHCP at once")
{
	struct lab lab;
	dt_time began;

	plug_in(&lab, "7961");
	began = lab.now;
	lab_cdp(&lab, 110);
	const char *said = lab_said(&lab);
	assert_non_null(strstr(said, "tag vlan 110 priority 3\n= Configuring IP\ndhcp DISCOVER"));
	assert_int_equal(lab.now, began);
	assert_int_equal(lab_view(&lab).tag.vlan, 110);
	assert_non_null(strstr(said, "arp probe 10.77.0.51, vlan 110\n"));
	lab_sleep_until(&lab, PHONE_REGISTERED);
	(void)lab_sleep(&lab);
	said = lab_said(&lab);
	assert_non_null(strstr(said, "address 10.77.0.51\narp mine 10.77.0.51, vlan 110\n"));
	assert_non_null(strstr(said, "query 110\n"));
	lab_done(&lab);
}

TEST("without a switch that speaks it goes on untagged, after 10 s or 15 by model")
{
	static const struct {
		const char *model;
		dt_time wait;
	} models[] = {{"7960", DT_SECONDS(10)},
		      {"7912", DT_SECONDS(10)},
		      {"7970", DT_SECONDS(15)},
		      {"7965", DT_SECONDS(15)}};

	for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
		struct lab lab;
		plug_in(&lab, models[i].model);
		dt_time began = lab.now;
		lab_sleep_until(&lab, PHONE_DHCP);
		assert_int_equal(lab.now - began, models[i].wait);
		assert_null(strstr(lab_said(&lab), "tag "));
		lab_done(&lab);
	}
}

TEST("a port without voice VLAN, VLAN 4095 and 4096 mean untagged, VLAN 0 the priority alone")
{
	static const struct {
		uint16_t vlan;
		const char *said;
	} ports[] = {{0, "= Configuring IP"},
		     {4095, "= Configuring IP"},
		     {4096, "= Configuring IP"},
		     {4094, "tag vlan 4094 priority 3\n= Configuring IP"}};

	for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
		struct lab lab;
		plug_in(&lab, "7960");
		(void)lab_said(&lab);
		lab_cdp(&lab, ports[i].vlan);
		assert_memory_equal(lab_said(&lab), ports[i].said, strlen(ports[i].said));
		lab_done(&lab);
	}
}

TEST("LLDP-MED alone gives VLAN and priority after a moment; CDP heard meanwhile counts more")
{
	for (int both = 0; both < 2; both++) {
		struct lab lab;
		plug_in(&lab, "7961");
		dt_time began = lab.now;
		lab_lldp(&lab, 120, 5);
		if (both)
			lab_cdp(&lab, 110);
		lab_sleep_until(&lab, PHONE_DHCP);
		assert_int_equal(lab.now - began, both ? 0 : DT_SECONDS(2));
		assert_int_equal(lab_view(&lab).tag.vlan, both ? 110 : 120);
		assert_int_equal(lab_view(&lab).tag.priority, both ? 3 : 5);
		lab_lldp(&lab, 130, 5); /* later words of the one that counts less */
		assert_int_equal(lab_view(&lab).tag.vlan, both ? 110 : 130);
		lab_done(&lab);
	}
}

TEST("a voice VLAN learnt late: the lease is released and DHCP begins anew in the new one")
{
	struct lab lab;

	plug_in(&lab, "7960");
	lab_sleep_until(&lab, PHONE_REGISTERED);
	(void)lab_said(&lab);
	lab_cdp(&lab, 110);
	const char *said = lab_said(&lab);
	assert_non_null(strstr(said, "dhcp RELEASE to 10.77.0.1:67\n"));
	assert_non_null(strstr(said, "tcp close"));
	assert_non_null(strstr(said, "address 0.0.0.0\ntag vlan 110 priority 3\n"));
	assert_non_null(strstr(said, "dhcp DISCOVER"));
	lab_sleep_until(&lab, PHONE_REGISTERED);
	(void)lab_said(&lab);
	lab_cdp(&lab, 110);
	assert_string_equal(lab_said(&lab), "");
	lab_done(&lab);
}

TEST("another phone's CDP and a broken one are nobody's word")
{
	struct lab lab;
	uint8_t frame[64] = {0};

	plug_in(&lab, "7960");
	struct phone_action own = lab.last_frame;
	phone_frame_input(lab.phone, slice_of(own.bytes, own.len), lab.now);
	phone_frame_input(lab.phone, slice_of(own.bytes, 30), lab.now);
	phone_frame_input(lab.phone, slice_of(frame, sizeof frame), lab.now);
	phone_frame_input(lab.phone, slice_of(NULL, 0), lab.now);
	assert_int_equal(phone_state(lab.phone), PHONE_VLAN);
	lab_done(&lab);
}

TEST("an address that somebody has is declined, with words, and 10 s later asked for anew")
{
	struct lab lab;
	struct dhcp_message m;
	dt_time began;
	char order[64] = "";

	plug_in(&lab, "7960");
	lab_cdp(&lab, 0);
	assert_non_null(strstr(lab_said(&lab), "arp probe 10.77.0.51\n"));
	began = lab.now;
	lab_arp(&lab, (struct ip4){{10, 77, 0, 51}});
	assert_non_null(strstr(lab_said(&lab), "dhcp DECLINE to 255.255.255.255:67\n"));
	assert_int_equal(dhcp_decode(slice_of(lab.last_dhcp.bytes, lab.last_dhcp.len), &m, NULL),
			 0);
	for (size_t i = 0; i < m.option_count; i++)
		(void)snprintf(order + strlen(order), sizeof order - strlen(order), "%u ",
			       m.option[i].number);
	assert_string_equal(order, "53 61 60 50 54 56 ");
	assert_int_equal(lab_view(&lab).duplicates, 1);
	while (strstr(lab_said(&lab), "dhcp DISCOVER") == NULL)
		(void)lab_sleep(&lab);
	assert_in_range(lab.now - began, DT_SECONDS(10), DT_SECONDS(11));
	lab_sleep_until(&lab, PHONE_REGISTERED);
	lab_arp(&lab, (struct ip4){{10, 77, 0, 51}}); /* too late: it is its own */
	assert_int_equal(lab_view(&lab).duplicates, 1);
	lab_done(&lab);
}

TEST("power that goes takes the tag along, and a restart asks the switch again")
{
	struct lab lab;

	plug_in(&lab, "7961");
	lab_cdp(&lab, 110);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	phone_power_off(lab.phone, lab.now);
	lab_settle(&lab);
	assert_false(lab_view(&lab).tag.tagged);
	(void)lab_said(&lab);
	lab_power_on(&lab);
	(void)lab_sleep(&lab);
	assert_int_equal(phone_state(lab.phone), PHONE_VLAN);
	assert_non_null(strstr(lab_said(&lab), "cdp SEP001380AD9E5F"));
	lab_done(&lab);
}

TEST("DHCP being silent, a 7960 goes on with the address of its last boot if its router answers")
{
	for (int there = 0; there < 2; there++) {
		struct lab lab;
		plug_in(&lab, "7960");
		lab_sleep_until(&lab, PHONE_REGISTERED);
		phone_power_off(lab.phone, lab.now);
		lab.dhcp_mute = true;
		lab_power_on(&lab);
		lab_cdp(&lab, 0);
		lab_sleep_until(&lab, PHONE_DHCP);
		(void)lab_said(&lab);
		while (strstr(lab_said(&lab), "arp who has 10.77.0.1") == NULL)
			(void)lab_sleep(&lab);
		if (there)
			lab_arp(&lab, (struct ip4){{10, 77, 0, 1}});
		else
			(void)lab_sleep(&lab);
		assert_int_equal(phone_state(lab.phone), there ? PHONE_REGISTERED : PHONE_DHCP);
		lab_done(&lab);
	}
}
