/* What an answer holds and how it leaves, by the RFCs. */
#include "site.h"

#include "base/error.h"

static struct slice option(const struct dhcp_message *m, uint8_t number)
{
	return dhcp_option_get(m, number);
}

TEST("the broadcast flag, xid and relay's address come back; hops and secs do not")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = packet(DHCP_DISCOVER, phone_a);
	struct dhcp_reply reply;
	m.hops = 3;
	m.secs = 48;
	m.giaddr = ip4_of(0x0a4d00fe);
	send(s, &m, 0);
	struct dhcp_message offer = answer(s, &reply);
	assert_int_equal(offer.flags, DHCP_FLAG_BROADCAST);
	assert_int_equal(ip4_number(offer.giaddr), 0x0a4d00fe);
	assert_int_equal(offer.hops, 0);
	assert_int_equal(offer.secs, 0);
	assert_int_equal(reply.way, DHCP_TO_RELAY);
	assert_int_equal(reply.to.port, DHCP_SERVER_PORT);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a client that names nothing gets what a phone needs; a stranger's PC only what it asked for")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = packet(DHCP_DISCOVER, phone_a);
	static const uint8_t pc[] = {1, 3, 6, 12, 28};
	send(s, &m, 0);
	struct dhcp_message offer = answer(s, NULL);
	assert_true(dhcp_option_has(&offer, DHCP_OPTION_TFTP_SERVERS));
	m = packet(DHCP_DISCOVER, phone_b);
	add_text(&m, DHCP_OPTION_HOST_NAME, "desk");
	assert_int_equal(dhcp_option_add(&m, DHCP_OPTION_PARAMETERS, slice_of(pc, sizeof pc)), 0);
	send(s, &m, 0);
	offer = answer(s, NULL);
	assert_false(dhcp_option_has(&offer, DHCP_OPTION_TFTP_SERVERS));
	assert_true(slice_equal(option(&offer, DHCP_OPTION_BROADCAST), harness_hex("0a 4d 00 ff")));
	assert_true(slice_equal(option(&offer, DHCP_OPTION_HOST_NAME), slice_text("desk")));
	dhcp_server_free(s);
	reg_free(r);
}

TEST(
    "a phone that asks for neither 150 nor 66 is told both in the OFFER and in the ACK that waited "
    "for the disk")
{
	static const uint8_t few[] = {1, 3, 6};
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = packet(DHCP_DISCOVER, phone_a);
	add_text(&m, DHCP_OPTION_VENDOR_CLASS, "Cisco Systems, Inc. IP Phone CP-7961G");
	assert_int_equal(dhcp_option_add(&m, DHCP_OPTION_PARAMETERS, slice_of(few, sizeof few)), 0);
	send(s, &m, 0);
	struct dhcp_message offer = answer(s, NULL);
	m = request_for(phone_a, ip4_number(offer.yiaddr), true);
	add_text(&m, DHCP_OPTION_VENDOR_CLASS, "Cisco Systems, Inc. IP Phone CP-7961G");
	assert_int_equal(dhcp_option_add(&m, DHCP_OPTION_PARAMETERS, slice_of(few, sizeof few)), 0);
	send(s, &m, 0);
	commit(s, true, 1);
	struct dhcp_message ack = answer(s, NULL);
	assert_int_equal(ack.type, DHCP_ACK);
	assert_true(dhcp_option_has(&offer, DHCP_OPTION_TFTP_SERVERS));
	assert_true(dhcp_option_has(&ack, DHCP_OPTION_TFTP_SERVERS));
	assert_true(dhcp_option_has(&ack, DHCP_OPTION_TFTP_NAME));
	dhcp_server_free(s);
	reg_free(r);
}

TEST("an answer is no longer than the client takes: 576 bytes, or what its option 57 says")
{
	struct reg *r = site(10);
	struct settings settings = *reg_settings(r);
	struct dhcp_server *s = dhcp_server_new(r);
	uint8_t id[200];
	uint8_t agent[250];
	memset(id, 7, sizeof id);
	memset(agent, 9, sizeof agent);
	memset(settings.domain, 'd', sizeof settings.domain - 1);
	reg_load_settings(r, &settings);
	for (unsigned told = 0; told <= 1600; told += 100) {
		struct dhcp_message m = packet(DHCP_DISCOVER, phone_a);
		struct dhcp_reply reply;
		uint8_t size[2] = {(uint8_t)(told >> 8), (uint8_t)told};
		if (told > 0)
			assert_int_equal(
			    dhcp_option_add(&m, DHCP_OPTION_MAX_SIZE, slice_of(size, 2)), 0);
		assert_int_equal(
		    dhcp_option_add(&m, DHCP_OPTION_CLIENT_ID, slice_of(id, sizeof id)), 0);
		assert_int_equal(
		    dhcp_option_add(&m, DHCP_OPTION_RELAY_AGENT, slice_of(agent, sizeof agent)), 0);
		m.giaddr = ip4_of(0x0a4d00fe);
		send(s, &m, 0);
		struct dhcp_message offer = answer(s, &reply);
		unsigned limit = told < 576 ? 576 : told > 1500 ? 1500 : told;
		assert_in_range(reply.len, 300, limit - 28);
		/* Nothing is lost of what must come back, and of what a phone needs. */
		assert_int_equal(option(&offer, DHCP_OPTION_RELAY_AGENT).len, sizeof agent);
		assert_int_equal(option(&offer, DHCP_OPTION_LEASE_TIME).len, 4);
		assert_int_equal(option(&offer, DHCP_OPTION_TFTP_SERVERS).len, 4);
		assert_int_equal(option(&offer, DHCP_OPTION_CLIENT_ID).len,
				 told >= 800 ? sizeof id : option(&offer, 61).len);
		/* Option 82 is the last of the options field. */
		size_t end = reply.len;
		while (end > 0 && reply.bytes[end - 1] == 0)
			end--;
		assert_int_equal(reply.bytes[end - 1], DHCP_OPTION_END);
		assert_memory_equal(&reply.bytes[end - 1 - sizeof agent], agent, sizeof agent);
	}
	dhcp_server_free(s);
	reg_free(r);
}

TEST("INFORM is answered to the client's address, or to where it came from when it names none")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = packet(DHCP_INFORM, phone_a);
	struct dhcp_arrival arrival = here;
	struct dhcp_reply reply;
	m.ciaddr = ip4_of(0x0a4d0080);
	send(s, &m, 0);
	struct dhcp_message ack = answer(s, &reply);
	assert_int_equal(reply.way, DHCP_TO_ADDRESS);
	assert_int_equal(ip4_number(reply.to.ip), 0x0a4d0080);
	assert_true(ip4_is_zero(ack.yiaddr));
	assert_false(dhcp_option_has(&ack, DHCP_OPTION_T1));
	m.ciaddr = ip4_of(0);
	arrival.from.ip = ip4_of(0x0a4d0081);
	send_from(s, &arrival, &m, 0);
	assert_int_equal(answer(s, &reply).type, DHCP_ACK);
	assert_int_equal(ip4_number(reply.to.ip), 0x0a4d0081);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a NAK names the server, the client and the relay's data, and no lease")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = request_for(phone_a, 0xc0a80105, false);
	struct dhcp_reply reply;
	assert_int_equal(
	    dhcp_option_add(&m, DHCP_OPTION_CLIENT_ID, harness_hex("01 00 30 94 c2 d5 ca")), 0);
	m.flags = 0;
	send(s, &m, 0);
	struct dhcp_message nak = answer(s, &reply);
	assert_int_equal(nak.type, DHCP_NAK);
	assert_int_equal(reply.way, DHCP_TO_BROADCAST);
	assert_true(dhcp_option_has(&nak, DHCP_OPTION_SERVER_ID));
	assert_true(dhcp_option_has(&nak, DHCP_OPTION_CLIENT_ID));
	assert_true(dhcp_option_has(&nak, DHCP_OPTION_MESSAGE));
	assert_false(dhcp_option_has(&nak, DHCP_OPTION_LEASE_TIME));
	assert_false(dhcp_option_has(&nak, DHCP_OPTION_SUBNET_MASK));
	assert_true(ip4_is_zero(nak.siaddr) && ip4_is_zero(nak.yiaddr));
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a release or decline meant for another server is not ours to act on")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	uint32_t ip = lease(s, phone_a, 0);
	struct change c;
	struct dhcp_message m = packet(DHCP_RELEASE, phone_a);
	m.ciaddr = ip4_of(ip);
	add_ip(&m, DHCP_OPTION_SERVER_ID, 0x0a4d0002);
	send(s, &m, 0);
	m = packet(DHCP_DECLINE, phone_a);
	add_ip(&m, DHCP_OPTION_REQUESTED_IP, ip);
	add_ip(&m, DHCP_OPTION_SERVER_ID, 0x0a4d0002);
	send(s, &m, 0);
	assert_false(dhcp_server_next_change(s, &c));
	assert_non_null(dhcp_server_lease_by_mac(s, phone_a, 0));
	dhcp_server_free(s);
	reg_free(r);
}

TEST("whoever was not given an address can neither release nor decline it")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	uint32_t ip = lease(s, phone_a, 0);
	struct change c;
	struct dhcp_message m = packet(DHCP_RELEASE, phone_b);
	m.ciaddr = ip4_of(ip);
	send(s, &m, 0);
	m = request_for(phone_b, ip, true);
	m.type = DHCP_DECLINE;
	send(s, &m, 0);
	m = request_for(phone_b, POOL_FIRST + 5, true);
	m.type = DHCP_DECLINE;
	send(s, &m, 0);
	assert_false(dhcp_server_next_change(s, &c));
	dhcp_server_free(s);
	reg_free(r);
}
