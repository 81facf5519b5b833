#include "harness.h"

#include "base/error.h"
#include "proto/cdp/cdp.h"

/* A Catalyst 3560: frame 1 of captures/packetlife-lldp-and-cdp.cap, behind its SNAP header. */
static const char catalyst[] =
    "02b40bea000100065331000500c2436973636f20494f5320536f6674776172652c20433335363020"
    "536f667477617265202843333536302d414456495053455256494345534b392d4d292c2056657273"
    "696f6e2031322e322834342953452c2052454c4541534520534f4654574152452028666331290a43"
    "6f707972696768742028632920313938362d3230303820627920436973636f2053797374656d732c"
    "20496e632e0a436f6d70696c6564205361742030352d4a616e2d30382030303a3135206279207765"
    "696c697500060017636973636f2057532d43333536302d3234545300020011000000010101cc0004"
    "00000000000300144661737445746865726e6574302f313300040008000000280008002400000c01"
    "1200000000ffffffff010220ff0000000000000018ba986880ff000000090004000a00060001000b"
    "0005010012000500001300050000160011000000010101cc000400000000001a0010000000010000"
    "0000ffffffff";

TEST("a Catalyst's packet gives name, port, platform, native VLAN, duplex and granted power")
{
	struct cdp c;
	struct anomalies anomalies = {0};
	assert_int_equal(cdp_decode(harness_hex(catalyst), &c, &anomalies), 0);
	assert_int_equal(anomalies.count, 0);
	assert_int_equal(c.version, 2);
	assert_int_equal(c.ttl_s, 180);
	assert_true(slice_equal(c.device_id, slice_text("S1")));
	assert_true(slice_equal(c.port_id, slice_text("FastEthernet0/13")));
	assert_true(slice_equal(c.platform, slice_text("cisco WS-C3560-24TS")));
	assert_int_equal(c.capabilities, CDP_SWITCH | CDP_IGMP);
	assert_true(c.has_native_vlan);
	assert_int_equal(c.native_vlan, 1);
	assert_true(c.has_duplex && c.full_duplex);
	assert_false(c.has_voice_vlan);
	assert_true(c.available.present);
	assert_int_equal(c.available.count, 2);
	assert_int_equal(c.available.mw[1], 0xffffffff);
}

/* What a 7960 tells the switch. */
static struct cdp phone_packet(void)
{
	return (struct cdp){.version = 2,
			    .ttl_s = 180,
			    .device_id = slice_text("SEP001BD5853661"),
			    .port_id = slice_text("Port 1"),
			    .software = slice_text("P00308010200"),
			    .platform = slice_text("Cisco IP Phone 7960"),
			    .address = {{10, 77, 0, 65}},
			    .has_capabilities = true,
			    .capabilities = CDP_HOST | CDP_PHONE | CDP_TWO_PORT_RELAY,
			    .has_duplex = true,
			    .full_duplex = true,
			    .has_voice_query = true,
			    .query_vlan = 110,
			    .has_consumption = true,
			    .consumption_mw = 6300,
			    .requested = {.present = true,
					  .request_id = 1,
					  .management_id = 2,
					  .count = 2,
					  .mw = {7000, 6300}}};
}

TEST("a phone's packet and a switch's reply come back as they were sent")
{
	uint8_t bytes[512];
	struct cdp sent = phone_packet();
	for (unsigned side = 0; side < 2; side++) {
		struct cdp got;
		struct anomalies anomalies = {0};
		struct writer w = writer_of(bytes, sizeof bytes);
		if (side == 1) {
			sent.has_voice_query = false;
			sent.query_vlan = 0;
			sent.has_voice_vlan = true;
			sent.voice_vlan = 110;
			sent.has_native_vlan = true;
			sent.native_vlan = 20;
			sent.domain = slice_text("site");
			sent.available = sent.requested;
			sent.requested = (struct cdp_power){0};
		}
		assert_int_equal(cdp_encode(&sent, &w), 0);
		assert_int_equal(cdp_decode(harness_guarded(writer_done(&w)), &got, &anomalies), 0);
		assert_int_equal(anomalies.count, 0);
		assert_true(slice_equal(got.device_id, sent.device_id));
		assert_true(slice_equal(got.platform, sent.platform));
		assert_true(slice_equal(got.domain, sent.domain));
		assert_true(ip4_equal(got.address, sent.address));
		assert_int_equal(got.capabilities, sent.capabilities);
		assert_int_equal(got.has_voice_query, sent.has_voice_query);
		assert_int_equal(got.query_vlan, sent.query_vlan);
		assert_int_equal(got.has_voice_vlan, sent.has_voice_vlan);
		assert_int_equal(got.voice_vlan, sent.voice_vlan);
		assert_int_equal(got.native_vlan, sent.native_vlan);
		assert_int_equal(got.consumption_mw, sent.consumption_mw);
		assert_memory_equal(got.requested.mw, sent.requested.mw, sizeof sent.requested.mw);
		assert_memory_equal(got.available.mw, sent.available.mw, sizeof sent.available.mw);
	}
}

TEST("the checksum counts a last odd byte as a signed number")
{
	/* -128 and -1, added to 3 in one's complement. */
	assert_int_equal(cdp_checksum(harness_hex("0001 0002 03")), (uint16_t)~0x0006);
	assert_int_equal(cdp_checksum(harness_hex("0001 0002 80")), (uint16_t)~0xff82);
	assert_int_equal(cdp_checksum(harness_hex("0001 0002 ff")), (uint16_t)~0x0002);
}

TEST("a wrong checksum is noted, and the packet decoded all the same")
{
	struct cdp c;
	struct anomalies anomalies = {0};
	assert_int_equal(cdp_decode(harness_hex("02 b4 0000 0001 0006 5331"), &c, &anomalies), 0);
	assert_true(c.checksum_wrong);
	assert_int_equal(anomalies.count, 1);
	assert_true(slice_equal(c.device_id, slice_text("S1")));
}

TEST("an old switch's reply without a VLAN is no reply, and VLAN 0 is one")
{
	struct cdp c;
	assert_int_equal(cdp_decode(harness_hex("02 b4 0000 000e 0005 01"), &c, NULL), 0);
	assert_false(c.has_voice_vlan);
	assert_int_equal(cdp_decode(harness_hex("02 b4 0000 000e 0007 01 0000"), &c, NULL), 0);
	assert_true(c.has_voice_vlan);
	assert_int_equal(c.voice_vlan, 0);
}

TEST("lengths that lie, address counts that lie and empty fields are noted")
{
	static const char *const bad[] = {"02 b4 0000 0001 0003",
					  "02 b4 0000 0001 00ff 5331",
					  "02 b4 0000 0002 000c ffffffff 01 01 cc 00",
					  "02 b4 0000 000a 0005 01",
					  "02 b4 0000 000f 0004",
					  "02 b4 0000 0019 0006 0001"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct cdp c;
		struct anomalies anomalies = {0};
		assert_int_equal(cdp_decode(harness_hex(bad[i]), &c, &anomalies), 0);
		assert_true(anomalies.count >= 2); /* the checksum is wrong as well */
	}
}

TEST("a packet cut anywhere is decoded as far as it goes")
{
	struct cdp c;
	struct slice whole = harness_hex(catalyst);
	for (size_t len = 0; len < whole.len; len += 2)
		assert_int_equal(cdp_decode(harness_guarded(slice_head(whole, len)), &c, NULL),
				 len < 4 ? E_TRUNCATED : 0);
	assert_int_equal(cdp_decode(harness_hex("03 b4 0000"), &c, NULL), E_BAD_FORMAT);
}

TEST("what does not fit is not written in part")
{
	uint8_t bytes[64];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct cdp c = phone_packet();
	assert_int_equal(cdp_encode(&c, &w), E_FULL);
	assert_int_equal(w.pos, 0);
}
