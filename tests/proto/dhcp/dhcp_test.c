#include "harness.h"

#include <stdio.h>

#include "base/error.h"
#include "proto/dhcp/dhcp.h"

/* A DISCOVER as a 7960 sends it. */
static struct dhcp_message discover(void)
{
	struct dhcp_message m = {.op = 1,
				 .xid = 0x12345678,
				 .secs = 4,
				 .flags = DHCP_FLAG_BROADCAST,
				 .type = DHCP_DISCOVER};
	m.chaddr = (struct mac){{0x00, 0x30, 0x94, 0xc2, 0xd5, 0xca}};
	assert_int_equal(
	    dhcp_option_add(&m, DHCP_OPTION_CLIENT_ID, harness_hex("01 00 30 94 c2 d5 ca")), 0);
	assert_int_equal(dhcp_option_add_text(&m, DHCP_OPTION_HOST_NAME, "SEP003094C2D5CA"), 0);
	assert_int_equal(
	    dhcp_option_add(&m, DHCP_OPTION_PARAMETERS, harness_hex("01 42 06 03 0f 96 23")), 0);
	return m;
}

TEST("a message comes back as it was sent")
{
	struct dhcp_message m = discover();
	struct dhcp_message back;
	uint8_t bytes[DHCP_MESSAGE_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);
	char name[32];
	assert_int_equal(dhcp_encode(&m, &w), 0);
	assert_int_equal(w.pos, 300);
	assert_int_equal(dhcp_decode(harness_guarded(writer_done(&w)), &back, NULL), 0);
	assert_int_equal(back.type, DHCP_DISCOVER);
	assert_int_equal(back.xid, m.xid);
	assert_int_equal(back.secs, 4);
	assert_int_equal(back.flags, 0x8000);
	assert_true(mac_equal(back.chaddr, m.chaddr));
	assert_true(dhcp_option_text(&back, DHCP_OPTION_HOST_NAME, name, sizeof name));
	assert_string_equal(name, "SEP003094C2D5CA");
	assert_int_equal(back.option[1].number, DHCP_OPTION_CLIENT_ID);
	assert_int_equal(back.option[3].number, DHCP_OPTION_PARAMETERS);
	assert_false(dhcp_option_has(&back, DHCP_OPTION_ROUTER));
}

TEST("a packet cut anywhere is refused or read as far as it goes")
{
	struct dhcp_message m = discover();
	uint8_t bytes[DHCP_MESSAGE_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);
	assert_int_equal(dhcp_encode(&m, &w), 0);
	for (size_t len = 200; len < w.pos; len++) {
		struct dhcp_message back;
		uint8_t *cut = malloc(len);
		assert_non_null(cut);
		memcpy(cut, bytes, len);
		assert_int_equal(dhcp_decode(slice_of(cut, len), &back, NULL),
				 len < 240 ? E_BAD_FORMAT : 0);
		free(cut);
	}
}

TEST("an option given in parts is one option")
{
	struct dhcp_message m = discover();
	uint8_t value[600];
	uint8_t bytes[DHCP_MESSAGE_MAX];
	struct dhcp_message back;
	struct writer w = writer_of(bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof value; i++)
		value[i] = (uint8_t)i;
	assert_int_equal(
	    dhcp_option_add(&m, DHCP_OPTION_VENDOR_DATA, slice_of(value, sizeof value)), 0);
	assert_int_equal(dhcp_encode(&m, &w), 0);
	assert_int_equal(dhcp_decode(writer_done(&w), &back, NULL), 0);
	assert_true(slice_equal(dhcp_option_get(&back, DHCP_OPTION_VENDOR_DATA),
				slice_of(value, sizeof value)));
}

TEST("options in sname and file are read when option 52 says so")
{
	struct dhcp_message m = discover();
	struct dhcp_message back;
	struct ip4 router;
	uint8_t bytes[DHCP_MESSAGE_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);
	assert_int_equal(dhcp_encode(&m, &w), 0);
	/* Before END: 52 1 3; in file: option 3; in sname: option 6, without END. */
	static const uint8_t overload[] = {52, 1, 3, 255};
	static const uint8_t router_option[] = {3, 4, 10, 77, 0, 254, 255};
	static const uint8_t dns_option[] = {6, 4, 10, 77, 0, 53};
	size_t end = 240;
	while (bytes[end] != 255)
		end += 2u + bytes[end + 1];
	memcpy(bytes + end, overload, sizeof overload);
	memcpy(bytes + 108, router_option, sizeof router_option);
	memcpy(bytes + 44, dns_option, sizeof dns_option);
	assert_int_equal(dhcp_decode(writer_done(&w), &back, NULL), 0);
	assert_true(dhcp_option_ip(&back, DHCP_OPTION_ROUTER, &router));
	assert_int_equal(ip4_number(router), 0x0a4d00fe);
	assert_true(dhcp_option_has(&back, DHCP_OPTION_DNS));
	assert_string_equal(back.file, "");
}

TEST("a message with more options than fit is full, never overrun")
{
	struct dhcp_message m = discover();
	uint8_t value[255] = {0};
	int error = 0;
	for (int n = 200; n < 255 && error == 0; n++)
		error = dhcp_option_add(&m, (uint8_t)n, slice_of(value, sizeof value));
	assert_int_equal(error, E_FULL);
}

TEST("the model is found in every spelling of option 60 that phones send")
{
	static const struct {
		const char *text, *model;
	} cases[] = {
	    {"Cisco Systems, Inc. IP Phone CP-7960G", "7960G"},
	    {"Cisco Systems, Inc. IP Phone CP-7961G-GE", "7961G-GE"},
	    {"Cisco Systems, Inc. IP Phone 7912", "7912"},
	    {"Cisco Systems Inc. Wireless Phone 7921", "7921"},
	    {"Cisco systems, Inc. IP Phone CP3911", "3911"},
	    {"Cisco System, Inc. IP Phone CP-8945", "8945"},
	    {"Cisco Systems, Inc. IP Phone CP-8851-3PCC", "8851-3PCC"},
	    {"Cisco Systems, Inc. IP Phone", NULL},
	    {"Cisco Systems, Inc.", NULL},
	    {"udhcp 1.35.0", NULL},
	    {"Cisco Systems, Inc. IP Phone CP-", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char model[16];
		bool found = dhcp_vendor_model(harness_guarded(slice_text(cases[i].text)), model,
					       sizeof model);
		assert_int_equal(found, cases[i].model != NULL);
		if (found)
			assert_string_equal(model, cases[i].model);
	}
	char model[16];
	assert_true(dhcp_vendor_model(slice_of("Cisco Systems, Inc. IP Phone CP-7960\0", 37), model,
				      sizeof model));
	assert_string_equal(model, "7960");
}

TEST("what does not fit the options goes into file and sname, and comes back whole")
{
	const struct dhcp_message asked = discover();
	static const uint8_t agent[] = {1, 2, 0xaa, 0xbb};
	for (size_t limit = 240; limit < 700; limit++) {
		struct dhcp_message m = asked;
		struct dhcp_message back;
		struct anomalies anomalies = {0};
		uint8_t bytes[DHCP_MESSAGE_MAX];
		uint8_t value[60];
		struct writer w = writer_of(bytes, sizeof bytes);
		memset(value, 7, sizeof value);
		(void)snprintf(m.sname, sizeof m.sname, "10.77.0.1");
		for (uint8_t n = 200; n < 205; n++)
			assert_int_equal(dhcp_option_add(&m, n, slice_of(value, sizeof value)), 0);
		assert_int_equal(
		    dhcp_option_add(&m, DHCP_OPTION_RELAY_AGENT, slice_of(agent, sizeof agent)), 0);
		int error = dhcp_encode_within(&m, limit, &w);
		if (error != 0) {
			assert_int_equal(error, E_FULL);
			assert_in_range(limit, 0, 256);
			continue;
		}
		assert_in_range(w.pos, 240, limit < 300 ? 300 : limit);
		assert_int_equal(dhcp_decode(writer_done(&w), &back, &anomalies), 0);
		assert_int_equal(anomalies.count, 0);
		assert_int_equal(back.type, DHCP_DISCOVER);
		assert_true(dhcp_option_has(&back, DHCP_OPTION_RELAY_AGENT));
		for (uint16_t i = 0; i < m.option_count; i++) {
			struct slice got = dhcp_option_get(&back, m.option[i].number);
			if (got.ptr != NULL)
				assert_true(
				    slice_equal(got, dhcp_option_get(&m, m.option[i].number)));
			else
				assert_in_range(limit, 0, 500);
		}
		/* Room enough: nothing is overloaded, and sname says what it said. */
		if (limit >= 650)
			assert_string_equal(back.sname, "10.77.0.1");
	}
}

TEST("adapters and phones that name no model are Cisco's all the same; a switch is not a phone")
{
	static const struct {
		const char *text, *model;
		bool is_phone;
	} cases[] = {
	    {"Cisco Systems, Inc. IP Phone", NULL, true},
	    {"Cisco Systems, Inc.", NULL, true},
	    {"Cisco Systems, Inc. IP Phone 7920", "7920", true},
	    {"Cisco Systems, Inc. IP Phone CP-7937G", "7937G", true},
	    {"Cisco Systems Inc. Wireless Phone 7925", "7925", true},
	    {"CISCO ATA190", "ATA190", true},
	    {"CISCO ATA191-MPP", "ATA191-MPP", true},
	    {"Cisco ATA186 v3", "ATA186", true},
	    {"Cisco AP c1240", NULL, false},
	    {"ciscopnp", NULL, false},
	    {"Cisco Systems, Inc. Catalyst", NULL, false},
	    {"", NULL, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct slice option60 = harness_guarded(slice_text(cases[i].text));
		char model[16];
		bool found = dhcp_vendor_model(option60, model, sizeof model);
		assert_int_equal(found, cases[i].model != NULL);
		if (found)
			assert_string_equal(model, cases[i].model);
		assert_int_equal(dhcp_vendor_is_phone(option60), cases[i].is_phone);
	}
	assert_true(dhcp_vendor_is_phone(slice_of("Cisco Systems, Inc. IP Phone\0", 29)));
	assert_false(dhcp_vendor_is_phone(slice_of(NULL, 0)));
}
