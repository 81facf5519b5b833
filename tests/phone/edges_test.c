/* What servers do to a phone that asks for its address and its files. */
#include "harness.h"
#include "phone/lab.h"

#include "base/text.h"
#include "proto/tftp/tftp.h"

static struct dhcp_message last_dhcp(const struct lab *lab)
{
	struct dhcp_message m;

	assert_int_equal(dhcp_decode(slice_of(lab->last_dhcp.bytes, lab->last_dhcp.len), &m, NULL),
			 0);
	return m;
}

static void send_dhcp(struct lab *lab, const struct dhcp_message *m)
{
	uint8_t bytes[DHCP_MESSAGE_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);

	assert_int_equal(dhcp_encode(m, &w), 0);
	phone_dhcp_input(lab->phone, harness_guarded(writer_done(&w)), lab->now);
	lab_settle(lab);
}

static struct dhcp_message reply_to(const struct dhcp_message *asked, enum dhcp_type type)
{
	struct dhcp_message m = {.op = 2, .xid = asked->xid, .chaddr = asked->chaddr, .type = type};

	m.yiaddr = (struct ip4){{10, 77, 0, 51}};
	m.siaddr = (struct ip4){{10, 77, 0, 1}};
	assert_int_equal(dhcp_option_add_ip(&m, DHCP_OPTION_SERVER_ID, m.siaddr), 0);
	assert_int_equal(dhcp_option_add_u32(&m, DHCP_OPTION_LEASE_TIME, 3600), 0);
	return m;
}

/* A phone that has just sent its first DISCOVER to nobody. */
static struct dhcp_message discovering(struct lab *lab, const char *model)
{
	lab_init(lab, model);
	lab->dhcp_mute = true;
	lab_power_on(lab);
	lab_sleep_until(lab, PHONE_DHCP);
	(void)lab_said(lab);
	return last_dhcp(lab);
}

/* DHCP. */

TEST("a DISCOVER is the fingerprint of its model, byte for byte")
{
	static const uint8_t order[] = {61, 12, 60, 55};
	static const uint8_t prl[] = {1, 66, 6, 3, 15, 150, 35};
	static const uint8_t client_id[] = {1, 0x00, 0x13, 0x80, 0xad, 0x9e, 0x5f};
	struct lab lab;
	struct dhcp_message m = discovering(&lab, "7961");
	size_t at = 0;

	for (size_t i = 0; i < m.option_count; i++)
		if (m.option[i].number != DHCP_OPTION_MESSAGE_TYPE)
			assert_int_equal(m.option[i].number, order[at++]);
	assert_int_equal(at, sizeof order);
	assert_int_equal(m.flags, DHCP_FLAG_BROADCAST);
	assert_true(slice_equal(dhcp_option_get(&m, 55), slice_of(prl, sizeof prl)));
	assert_true(slice_equal(dhcp_option_get(&m, 61), slice_of(client_id, sizeof client_id)));
	assert_true(slice_equal(dhcp_option_get(&m, 12), slice_text("SEP001380AD9E5F")));
	assert_true(slice_equal(dhcp_option_get(&m, 60),
				slice_of("Cisco Systems, Inc. IP Phone CP-7961G", 38)));
	lab_done(&lab);
}

TEST("DISCOVER goes out after 4, 8, 16, 32 and then every 60 s, a second either way, for ever")
{
	static const int seconds[] = {4, 8, 16, 32, 60, 60, 60, 60};
	struct lab lab;

	(void)discovering(&lab, "7960");
	for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
		assert_in_range(lab_sleep(&lab), DT_SECONDS(seconds[i] - 1),
				DT_SECONDS(seconds[i] + 1));
		assert_string_equal(lab_said(&lab), "dhcp DISCOVER to 255.255.255.255:67\n");
	}
	lab_done(&lab);
}

TEST("an offer to somebody else, or one that names no server or address, is not taken")
{
	struct lab lab;
	struct dhcp_message asked = discovering(&lab, "7960");
	struct dhcp_message m = reply_to(&asked, DHCP_OFFER);

	m.xid++;
	send_dhcp(&lab, &m);
	m = reply_to(&asked, DHCP_OFFER);
	m.chaddr.b[5]++;
	send_dhcp(&lab, &m);
	m = reply_to(&asked, DHCP_OFFER);
	m.yiaddr = ip4_of(0);
	send_dhcp(&lab, &m);
	m = reply_to(&asked, DHCP_OFFER);
	m.option_count = 0;
	send_dhcp(&lab, &m);
	m = reply_to(&asked, DHCP_OFFER);
	m.op = 1;
	send_dhcp(&lab, &m);
	assert_string_equal(lab_said(&lab), "");
	m = reply_to(&asked, DHCP_OFFER);
	send_dhcp(&lab, &m);
	assert_string_equal(lab_said(&lab), "dhcp REQUEST to 255.255.255.255:67\n");
	lab_done(&lab);
}

TEST("option 150 as text makes the phone refuse the whole offer")
{
	struct lab lab;
	struct dhcp_message asked = discovering(&lab, "7960");
	struct dhcp_message m = reply_to(&asked, DHCP_OFFER);

	assert_int_equal(
	    dhcp_option_add(&m, DHCP_OPTION_TFTP_SERVERS, slice_of("10.136.123.11", 14)), 0);
	send_dhcp(&lab, &m);
	assert_string_equal(lab_said(&lab), "");
	lab_done(&lab);
}

TEST("an acknowledgement without an address is none")
{
	struct lab lab;
	struct dhcp_message asked = discovering(&lab, "7960");
	struct dhcp_message m = reply_to(&asked, DHCP_OFFER);

	send_dhcp(&lab, &m);
	m = reply_to(&asked, DHCP_ACK);
	m.yiaddr = ip4_of(0);
	(void)lab_said(&lab);
	send_dhcp(&lab, &m);
	assert_string_equal(lab_said(&lab), "");
	assert_int_equal(phone_state(lab.phone), PHONE_DHCP);
	lab_done(&lab);
}

TEST("three REQUESTs without an answer lead back to DISCOVER")
{
	struct lab lab;
	struct dhcp_message asked = discovering(&lab, "7960");
	struct dhcp_message m = reply_to(&asked, DHCP_OFFER);

	send_dhcp(&lab, &m);
	for (int i = 0; i < 3; i++)
		assert_int_equal(lab_sleep(&lab), DT_SECONDS(4));
	assert_string_equal(lab_said(&lab), "dhcp REQUEST to 255.255.255.255:67\n"
					    "dhcp REQUEST to 255.255.255.255:67\n"
					    "dhcp REQUEST to 255.255.255.255:67\n"
					    "dhcp DISCOVER to 255.255.255.255:67\n");
	lab_done(&lab);
}

TEST("after a NAK the phone asks again at once")
{
	struct lab lab;
	struct dhcp_message asked = discovering(&lab, "7960");
	struct dhcp_message m = reply_to(&asked, DHCP_OFFER);

	send_dhcp(&lab, &m);
	(void)lab_said(&lab);
	m = reply_to(&asked, DHCP_NAK);
	send_dhcp(&lab, &m);
	assert_string_equal(lab_said(&lab), "dhcp DISCOVER to 255.255.255.255:67\n");
	assert_true(last_dhcp(&lab).xid != asked.xid);
	lab_done(&lab);
}

/* Sleeps, keepalives and all, to the next DHCP message. */
static dt_time sleep_to_dhcp(struct lab *lab, const char *expected)
{
	dt_time from = lab->now;

	for (int i = 0; i < 20000; i++) {
		(void)lab_sleep(lab);
		if (strstr(lab_said(lab), expected) != NULL)
			return lab->now - from;
	}
	fail_msg("no %s", expected);
	return 0;
}

TEST("a lease is renewed by unicast at half its time, and the phone stays registered")
{
	struct lab lab;

	lab_init(&lab, "7961");
	lab.lease_s = 3600;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(sleep_to_dhcp(&lab, "dhcp REQUEST to 10.77.0.1:67"),
				 DT_SECONDS(1800));
		struct dhcp_message m = last_dhcp(&lab);
		assert_int_equal(m.ciaddr.b[3], 51);
		assert_int_equal(m.flags, 0);
		assert_false(dhcp_option_has(&m, DHCP_OPTION_SERVER_ID));
		assert_false(dhcp_option_has(&m, DHCP_OPTION_REQUESTED_IP));
	}
	assert_int_equal(lab_view(&lab).registrations, 1);
	lab_done(&lab);
}

TEST("an unanswered renewal becomes a broadcast at 7/8, and the address dies with the lease")
{
	struct lab lab;

	lab_init(&lab, "7960");
	lab.lease_s = 3600;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	lab.dhcp_mute = true;
	(void)lab_said(&lab);
	dt_time bound = lab.now;
	(void)sleep_to_dhcp(&lab, "dhcp REQUEST to 255.255.255.255:67");
	assert_int_equal(lab.now - bound, DT_SECONDS(3150));
	(void)sleep_to_dhcp(&lab, "tcp close 1\naddress 0.0.0.0\n= Configuring IP\ndhcp DISCOVER");
	assert_int_equal(lab.now - bound, DT_SECONDS(3600));
	lab.dhcp_mute = false;
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_non_null(strstr(lab_said(&lab), "Last=Phone-Re-IP"));
	lab_done(&lab);
}

static void lie_about_t1(struct dhcp_message *reply)
{
	(void)dhcp_option_add_u32(reply, DHCP_OPTION_T1, 99999);
	(void)dhcp_option_add_u32(reply, DHCP_OPTION_T2, 1);
}

TEST("renewal times outside the lease are replaced by the usual ones")
{
	struct lab lab;

	lab_init(&lab, "7960");
	lab.lease_s = 3600;
	lab.edit_reply = lie_about_t1;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_int_equal(sleep_to_dhcp(&lab, "dhcp REQUEST to 10.77.0.1:67"), DT_SECONDS(1800));
	lab_done(&lab);
}

TEST("a lease of no time at all does not keep the phone from sleeping")
{
	struct lab lab;

	lab_init(&lab, "7960");
	lab.lease_s = 0;
	lab_power_on(&lab);
	for (int i = 0; i < 20; i++)
		(void)lab_sleep(&lab); /* each asserts that time passes */
	lab_done(&lab);
}

static void move_address(struct dhcp_message *reply)
{
	reply->yiaddr.b[3] = 52;
}

TEST("a renewal that brings another address is a new address")
{
	struct lab lab;

	lab_init(&lab, "7960");
	lab.lease_s = 3600;
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	lab.edit_reply = move_address;
	(void)sleep_to_dhcp(&lab, "tcp close 1\naddress 0.0.0.0\naddress 10.77.0.52\n");
	lab_sleep_until(&lab, PHONE_REGISTERED);
	assert_int_equal(lab_view(&lab).ip.b[3], 52);
	lab_done(&lab);
}

TEST("the file server is taken from 150, then 66, then sname, then siaddr; alternate beats them")
{
	for (int given = 0; given < 5; given++) {
		struct lab lab;
		struct dhcp_message asked;
		lab_init(&lab, "7960");
		lab.dhcp_mute = true;
		lab.tftp_mute = true;
		if (given == 4)
			lab.config.faults.alternate_tftp = (struct ip4){{10, 77, 0, 14}};
		lab_power_on(&lab);
		lab_sleep_until(&lab, PHONE_DHCP);
		asked = last_dhcp(&lab);
		struct dhcp_message m = reply_to(&asked, DHCP_OFFER);
		send_dhcp(&lab, &m);
		m = reply_to(&asked, DHCP_ACK);
		m.siaddr = (struct ip4){{10, 77, 0, 10}};
		if (given >= 1)
			(void)text_copy(m.sname, sizeof m.sname, "10.77.0.11");
		if (given >= 2)
			(void)dhcp_option_add_text(&m, DHCP_OPTION_TFTP_NAME, "10.77.0.12");
		if (given >= 3)
			(void)dhcp_option_add_ip(&m, DHCP_OPTION_TFTP_SERVERS,
						 (struct ip4){{10, 77, 0, 13}});
		send_dhcp(&lab, &m);
		assert_int_equal(lab.last_udp.to.ip.b[3], 10 + given);
		lab_done(&lab);
	}
}

/* TFTP. */

/* A phone that has asked for its trust list, and nobody answers. */
static void asking(struct lab *lab)
{
	lab_init(lab, "7961");
	lab->tftp_mute = true;
	lab_power_on(lab);
	lab_sleep_until(lab, PHONE_FILES);
	(void)lab_said(lab);
}

static void send_tftp(struct lab *lab, uint8_t last_octet, uint16_t port,
		      const struct tftp_packet *m)
{
	uint8_t bytes[1500];
	struct writer w = writer_of(bytes, sizeof bytes);

	assert_int_equal(tftp_encode(m, &w), 0);
	phone_udp_input(lab->phone, (struct endpoint){{{10, 77, 0, last_octet}}, port},
			lab->last_udp.local_port, writer_done(&w), lab->now);
	lab_settle(lab);
}

TEST("a request is sent five times, 4 to 5 s apart, without options")
{
	struct lab lab;
	struct tftp_packet m;

	asking(&lab);
	assert_int_equal(tftp_decode(slice_of(lab.last_udp.bytes, lab.last_udp.len), &m, NULL), 0);
	assert_int_equal(m.option_count, 0);
	assert_string_equal(m.mode, "octet");
	for (int i = 0; i < 4; i++) {
		assert_in_range(lab_sleep(&lab), DT_SECONDS(4), DT_SECONDS(5));
		assert_string_equal(lab_said(&lab), "tftp RRQ CTLSEP001380AD9E5F.tlv\n");
	}
	lab_done(&lab);
}

TEST("silence about the trust list costs its time, but not the boot")
{
	struct lab lab;

	asking(&lab);
	for (int i = 0; i < 4; i++)
		(void)lab_sleep(&lab);
	(void)lab_said(&lab);
	(void)lab_sleep(&lab);
	assert_string_equal(lab_said(&lab), "tftp RRQ SEP001380AD9E5F.cnf.xml\n");
	lab_done(&lab);
}

TEST("a dead file server makes the phone start over with DHCP, again and again")
{
	struct lab lab;
	unsigned discovers = 0;

	asking(&lab);
	dt_time from = lab.now;
	while (lab.now - from < DT_SECONDS(600)) {
		(void)lab_sleep(&lab);
		discovers += strstr(lab_said(&lab), "dhcp DISCOVER") != NULL;
	}
	/* One cycle every one to five minutes, as phones are seen to do. */
	assert_in_range(discovers, 2, 10);
	lab.tftp_mute = false;
	lab_sleep_until(&lab, PHONE_REGISTERED);
	lab_done(&lab);
}

static void add_second_server(struct dhcp_message *reply)
{
	struct dhcp_message bare = *reply;
	static const uint8_t two[] = {10, 77, 0, 9, 10, 77, 0, 1};

	bare.option_count = 0;
	bare.data_used = 0;
	for (size_t i = 0; i < reply->option_count; i++) {
		uint8_t number = reply->option[i].number;
		struct slice value = number == DHCP_OPTION_TFTP_SERVERS
					 ? slice_of(two, sizeof two)
					 : dhcp_option_get(reply, number);
		(void)dhcp_option_add(&bare, number, value);
	}
	*reply = bare;
}

TEST("the second server is for the silence of the first, and is kept")
{
	struct lab lab;

	lab_init(&lab, "7961");
	lab.edit_reply = add_second_server;
	lab.tftp_mute_ip = (struct ip4){{10, 77, 0, 9}};
	lab_power_on(&lab);
	lab_sleep_until(&lab, PHONE_REGISTERED);
	const char *said = lab_said(&lab);
	assert_non_null(strstr(said, "tftp RRQ CTLSEP001380AD9E5F.tlv\n"
				     "tftp RRQ SEP001380AD9E5F.cnf.xml\n"));
	assert_int_equal(lab_view(&lab).boots, 1);
	lab_done(&lab);
}

TEST("a stranger in a transfer gets ERROR 5, but a stranger's ERROR gets nothing")
{
	struct lab lab;
	struct tftp_packet data = {.op = TFTP_DATA, .block = 1, .data = slice_text("x")};
	struct tftp_packet error = {.op = TFTP_ERROR, .code = TFTP_ERROR_UNKNOWN_TID};

	asking(&lab);
	send_tftp(&lab, 77, 4000, &data);
	assert_string_equal(lab_said(&lab), "tftp ERROR 5\n");
	send_tftp(&lab, 77, 4000, &error);
	assert_string_equal(lab_said(&lab), "");
	lab_done(&lab);
}

TEST("blocks come twice and out of turn without harm")
{
	struct lab lab;
	uint8_t full[512] = {0};
	struct tftp_packet data = {
	    .op = TFTP_DATA, .block = 1, .data = slice_of(full, sizeof full)};

	asking(&lab);
	send_tftp(&lab, 1, 4000, &data);
	assert_string_equal(lab_said(&lab), "tftp ACK 1\n");
	send_tftp(&lab, 1, 4000, &data);
	assert_string_equal(lab_said(&lab), "tftp ACK 1\n");
	data.block = 7;
	send_tftp(&lab, 1, 4000, &data);
	assert_string_equal(lab_said(&lab), "");
	data.block = 2;
	send_tftp(&lab, 1, 4001, &data);
	assert_string_equal(lab_said(&lab), "tftp ERROR 5\n");
	send_tftp(&lab, 1, 4000, &data);
	assert_string_equal(lab_said(&lab), "tftp ACK 2\n");
	lab_done(&lab);
}

TEST("the last block is acknowledged again when its acknowledgement was lost")
{
	struct lab lab;
	struct tftp_packet data = {.op = TFTP_DATA, .block = 1, .data = slice_text("trust")};

	asking(&lab);
	uint16_t port = lab.last_udp.local_port;
	send_tftp(&lab, 1, 4000, &data);
	assert_string_equal(lab_said(&lab), "tftp ACK 1\ntftp RRQ SEP001380AD9E5F.cnf.xml\n");
	assert_true(lab.last_udp.local_port != port);
	lab.last_udp.local_port = port;
	send_tftp(&lab, 1, 4000, &data);
	assert_string_equal(lab_said(&lab), "tftp ACK 1\n");
	lab_done(&lab);
}

TEST("an OACK nobody asked for ends the transfer with ERROR 8")
{
	struct lab lab;
	struct tftp_packet oack = {.op = TFTP_OACK};

	asking(&lab);
	send_tftp(&lab, 1, 4000, &oack);
	assert_string_equal(lab_said(&lab), "tftp ERROR 8\ntftp RRQ SEP001380AD9E5F.cnf.xml\n");
	lab_done(&lab);
}

TEST("a packet that starts no transfer does not fix the server's port")
{
	struct lab lab;
	struct tftp_packet ack = {.op = TFTP_ACK, .block = 0};
	struct tftp_packet data = {.op = TFTP_DATA, .block = 1, .data = slice_text("trust")};

	asking(&lab);
	send_tftp(&lab, 1, 3999, &ack);
	(void)lab_said(&lab);
	send_tftp(&lab, 1, 4000, &data);
	assert_string_equal(lab_said(&lab), "tftp ACK 1\ntftp RRQ SEP001380AD9E5F.cnf.xml\n");
	lab_done(&lab);
}

TEST("a block larger than agreed is refused, not taken for the last one")
{
	struct lab lab;
	uint8_t large[513] = {0};
	struct tftp_packet data = {
	    .op = TFTP_DATA, .block = 1, .data = slice_of(large, sizeof large)};

	asking(&lab);
	send_tftp(&lab, 1, 4000, &data);
	assert_string_equal(lab_said(&lab), "tftp ERROR 4\ntftp RRQ SEP001380AD9E5F.cnf.xml\n");
	lab_done(&lab);
}

TEST("a file without end is refused at the phone's limit")
{
	struct lab lab;
	uint8_t full[512] = {0};
	struct tftp_packet data = {
	    .op = TFTP_DATA, .block = 0, .data = slice_of(full, sizeof full)};
	const char *said = "";

	asking(&lab);
	for (int i = 0; i < 1000 && strstr(said, "ERROR 3") == NULL; i++) {
		data.block++;
		send_tftp(&lab, 1, 4000, &data);
		said = lab_said(&lab);
	}
	assert_string_equal(said, "tftp ERROR 3\ntftp RRQ SEP001380AD9E5F.cnf.xml\n");
	lab_done(&lab);
}

/* SCCP. */
