/* The DHCP server by packets: one request as a value, one field changed at a time, and what is
 * answered. */
#include "site.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/rand.h"
#include "base/text.h"

TEST("an offer names the boot server three times from one setting, and copies the broadcast flag")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = packet(DHCP_DISCOVER, phone_a);
	struct dhcp_reply reply = {0};
	struct ip4 ip = {{0}};
	char text[32];
	uint32_t seconds = 0;
	send(s, &m, 0);
	struct dhcp_message offer = answer(s, &reply);
	assert_int_equal(offer.type, DHCP_OFFER);
	assert_int_equal(ip4_number(offer.yiaddr), 0x0a4d0032);
	assert_int_equal(offer.flags, DHCP_FLAG_BROADCAST);
	assert_int_equal(reply.way, DHCP_TO_BROADCAST);
	assert_int_equal(reply.interface, 3);
	assert_true(dhcp_option_ip(&offer, DHCP_OPTION_TFTP_SERVERS, &ip));
	assert_int_equal(ip4_number(ip), SERVER);
	assert_int_equal(ip4_number(offer.siaddr), SERVER);
	assert_true(dhcp_option_text(&offer, DHCP_OPTION_TFTP_NAME, text, sizeof text));
	assert_string_equal(text, "10.77.0.1");
	assert_true(dhcp_option_u32(&offer, DHCP_OPTION_LEASE_TIME, &seconds));
	assert_int_equal(seconds, 600);
	assert_true(dhcp_option_u32(&offer, DHCP_OPTION_T1, &seconds));
	assert_int_equal(seconds, 300);
	assert_true(dhcp_option_ip(&offer, DHCP_OPTION_ROUTER, &ip));
	assert_false(dhcp_option_has(&offer, DHCP_OPTION_DNS));
	m.flags = 0;
	send(s, &m, 0);
	assert_int_equal(answer(s, &reply).flags, 0);
	assert_int_equal(reply.way, DHCP_TO_HARDWARE);
	assert_true(mac_equal(reply.mac, phone_a));
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a lease is not acknowledged before its commit completes")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = request_for(phone_a, 0x0a4d0033, false);
	struct change c = {0};
	struct change again;
	send(s, &m, 0);
	assert_int_equal(answer(s, NULL).type, DHCP_BOOTP);
	assert_true(dhcp_server_next_change(s, &c));
	assert_null(dhcp_server_lease_by_ip(s, ip4_of(0x0a4d0033), 0));
	/* Repeated while pending: no second commit, and nobody else gets the address. */
	send(s, &m, DT_SECONDS(1));
	assert_false(dhcp_server_next_change(s, &again));
	struct dhcp_message other = request_for(phone_b, 0x0a4d0033, false);
	send(s, &other, DT_SECONDS(4));
	assert_int_equal(answer(s, NULL).type, DHCP_NAK);
	dhcp_server_commit_done(s, c.ticket, true, DT_SECONDS(5));
	assert_int_equal(answer(s, NULL).type, DHCP_ACK);
	assert_int_equal(answer(s, NULL).type, DHCP_BOOTP);
	assert_non_null(dhcp_server_lease_by_mac(s, phone_a, DT_SECONDS(5)));
	dhcp_server_free(s);
	reg_free(r);
}

TEST(
    "a failed commit leaves a new phone with five minutes from memory and an old one with what the "
    "disk still holds")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = request_for(phone_a, 0x0a4d0033, false);
	struct dhcp_event event = {0};
	uint32_t seconds = 0;
	send(s, &m, 0);
	commit(s, false, 0);
	struct dhcp_message marked = answer(s, NULL);
	assert_int_equal(marked.type, DHCP_ACK);
	assert_int_equal(lease_s_of(&marked), 300);
	assert_true(dhcp_option_has(&marked, DHCP_OPTION_MESSAGE));
	assert_true(dhcp_server_next_event(s, &event));
	assert_int_equal(event.kind, DHCP_EVENT_STORE_FAILED);
	send(s, &m, 0);
	commit(s, true, 0);
	assert_int_equal(answer(s, NULL).type, DHCP_ACK);
	send(s, &m, DT_SECONDS(100));
	commit(s, false, DT_SECONDS(100));
	struct dhcp_message ack = answer(s, NULL);
	assert_int_equal(ack.type, DHCP_ACK);
	assert_true(dhcp_option_u32(&ack, DHCP_OPTION_LEASE_TIME, &seconds));
	assert_int_equal(seconds, 500);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a reservation is the phone's alone and holds even when the disk fails")
{
	struct reg *r = site(1);
	struct device d = {.name = "SEP003094C2D5CA", .type = 7, .reserved_ip = {{10, 77, 0, 50}}};
	assert_int_equal(reg_load_device(r, &d), 0);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = packet(DHCP_DISCOVER, phone_b);
	struct dhcp_event event = {0};
	send(s, &m, 0);
	assert_int_equal(answer(s, NULL).type, DHCP_BOOTP);
	assert_true(dhcp_server_next_event(s, &event));
	assert_int_equal(event.kind, DHCP_EVENT_POOL_EMPTY);
	m = request_for(phone_a, 0x0a4d0032, false);
	send(s, &m, 0);
	commit(s, false, 0);
	assert_int_equal(answer(s, NULL).type, DHCP_ACK);
	m = request_for(phone_a, 0x0a4d0033, false);
	send(s, &m, 0);
	assert_int_equal(answer(s, NULL).type, DHCP_NAK);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("one field decides between an answer, a refusal and silence")
{
	static const struct {
		const char *what;
		uint32_t wanted, server, ciaddr, giaddr;
		enum dhcp_type expected;
		enum dhcp_way way;
	} cases[] = {
	    {"chosen", 0x0a4d0033, SERVER, 0, 0, DHCP_ACK, DHCP_TO_BROADCAST},
	    {"another server chosen", 0x0a4d0033, 0x0a4d0002, 0, 0, DHCP_BOOTP, DHCP_TO_BROADCAST},
	    {"rebooting in its net", 0x0a4d0033, 0, 0, 0, DHCP_ACK, DHCP_TO_BROADCAST},
	    {"rebooting from another net", 0xc0a80105, 0, 0, 0, DHCP_NAK, DHCP_TO_BROADCAST},
	    {"outside the pool", 0x0a4d00f0, 0, 0, 0, DHCP_NAK, DHCP_TO_BROADCAST},
	    {"renewing", 0, 0, 0x0a4d0033, 0, DHCP_ACK, DHCP_TO_ADDRESS},
	    {"nothing asked", 0, 0, 0, 0, DHCP_BOOTP, DHCP_TO_BROADCAST},
	    {"through our relay", 0x0a4d0033, SERVER, 0, 0x0a4d00fe, DHCP_ACK, DHCP_TO_RELAY},
	    {"refused through our relay", 0xc0a80105, 0, 0, 0x0a4d00fe, DHCP_NAK, DHCP_TO_RELAY},
	    {"through a relay nobody knows", 0x0a4d0033, SERVER, 0, 0x0a580001, DHCP_BOOTP,
	     DHCP_TO_RELAY},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct reg *r = site(10);
		struct dhcp_server *s = dhcp_server_new(r);
		struct dhcp_message m = packet(DHCP_REQUEST, phone_a);
		struct dhcp_reply reply = {0};
		if (cases[i].wanted != 0)
			assert_int_equal(dhcp_option_add_ip(&m, DHCP_OPTION_REQUESTED_IP,
							    ip4_of(cases[i].wanted)),
					 0);
		if (cases[i].server != 0)
			assert_int_equal(
			    dhcp_option_add_ip(&m, DHCP_OPTION_SERVER_ID, ip4_of(cases[i].server)),
			    0);
		m.ciaddr = ip4_of(cases[i].ciaddr);
		m.giaddr = ip4_of(cases[i].giaddr);
		send(s, &m, 0);
		commit(s, true, 0);
		struct dhcp_message got = answer(s, &reply);
		if (got.type != cases[i].expected ||
		    (got.type != DHCP_BOOTP && reply.way != cases[i].way))
			fail_msg("%s: %s", cases[i].what, dhcp_type_name(got.type));
		if (cases[i].giaddr != 0 && got.type == DHCP_NAK)
			assert_int_equal(got.flags, DHCP_FLAG_BROADCAST);
		dhcp_server_free(s);
		reg_free(r);
	}
}

TEST("a relay's address no subnet holds is an event that names it")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = packet(DHCP_DISCOVER, phone_a);
	struct dhcp_event event = {0};
	m.giaddr = ip4_of(0x0a580001);
	send(s, &m, 0);
	assert_true(dhcp_server_next_event(s, &event));
	assert_int_equal(event.kind, DHCP_EVENT_NO_SUBNET);
	assert_int_equal(ip4_number(event.ip), 0x0a580001);
	assert_true(mac_equal(event.mac, phone_a));
	dhcp_server_free(s);
	reg_free(r);
}

TEST("option 82 and the client identifier come back, option 82 last")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = packet(DHCP_DISCOVER, phone_a);
	assert_int_equal(dhcp_option_add(&m, DHCP_OPTION_RELAY_AGENT, harness_hex("01 02 aa bb")),
			 0);
	assert_int_equal(
	    dhcp_option_add(&m, DHCP_OPTION_CLIENT_ID, harness_hex("01 00 30 94 c2 d5 ca")), 0);
	m.giaddr = ip4_of(0x0a4d00fe);
	send(s, &m, 0);
	struct dhcp_message offer = answer(s, NULL);
	assert_true(slice_equal(dhcp_option_get(&offer, DHCP_OPTION_RELAY_AGENT),
				harness_hex("01 02 aa bb")));
	assert_int_equal(offer.option[offer.option_count - 1].number, DHCP_OPTION_RELAY_AGENT);
	assert_true(dhcp_option_has(&offer, DHCP_OPTION_CLIENT_ID));
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a declined address rests for an hour, a released one is given out last")
{
	struct reg *r = site(3);
	struct dhcp_server *s = dhcp_server_new(r);
	uint32_t ip = lease(s, phone_a, 0);
	struct dhcp_message m = packet(DHCP_RELEASE, phone_a);
	m.ciaddr = ip4_of(ip);
	send(s, &m, 0);
	commit(s, true, 0);
	assert_null(dhcp_server_lease_by_mac(s, phone_a, 0));
	assert_int_not_equal(lease(s, phone_b, 0), ip);
	uint32_t next = lease(s, (struct mac){{2, 0, 0, 0, 0, 9}}, 0);
	assert_int_not_equal(next, ip);
	m = request_for((struct mac){{2, 0, 0, 0, 0, 9}}, next, true);
	m.type = DHCP_DECLINE;
	send(s, &m, 0);
	commit(s, true, 0);
	assert_int_equal(lease(s, phone_a, DT_SECONDS(1)), ip);
	m = packet(DHCP_DISCOVER, (struct mac){{2, 0, 0, 0, 0, 10}});
	send(s, &m, DT_SECONDS(2));
	assert_int_equal(answer(s, NULL).type, DHCP_BOOTP);
	send(s, &m, DT_SECONDS(3601));
	assert_int_equal(answer(s, NULL).type, DHCP_OFFER);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a phone with a fixed address gets its configuration and no lease")
{
	struct reg *r = site(3);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = packet(DHCP_INFORM, phone_a);
	m.ciaddr = ip4_of(0x0a4d0080);
	send(s, &m, 0);
	struct dhcp_message ack = answer(s, NULL);
	assert_int_equal(ack.type, DHCP_ACK);
	assert_true(dhcp_option_has(&ack, DHCP_OPTION_TFTP_SERVERS));
	assert_false(dhcp_option_has(&ack, DHCP_OPTION_LEASE_TIME));
	assert_true(ip4_is_zero(ack.yiaddr));
	dhcp_server_free(s);
	reg_free(r);
}

#define WORLD_PHONES 12

struct promise {
	unsigned phone;
	dt_time until;
};

/* One ACK the server sent: on the disk, and nobody else's at this moment. */
static void check_ack(const struct dhcp_message *m, const struct lease *disk,
		      struct promise *promised, dt_time now)
{
	unsigned phone = m->chaddr.b[5];
	uint32_t seconds = 0;
	assert_true(dhcp_option_u32(m, DHCP_OPTION_LEASE_TIME, &seconds));
	uint32_t i = ip4_number(m->yiaddr) - 0x0a4d0032;
	assert_in_range(i, 0, 7);
	if (promised[i].until > now)
		assert_int_equal(promised[i].phone, phone);
	/* Five minutes from memory, and said to be: a crash may break them. */
	if (dhcp_option_has(m, DHCP_OPTION_MESSAGE)) {
		assert_int_equal(seconds, 300);
		return;
	}
	assert_true(mac_equal(disk[i].mac, m->chaddr) &&
		    disk[i].expires >= now + DT_SECONDS(seconds));
	promised[i] = (struct promise){phone, now + DT_SECONDS(seconds)};
}

TEST("whatever is lost, repeated, failing or restarted, no address is two phones' at once and "
     "every ACK is on disk")
{
	struct rand rand = rand_of(11);
	struct lease disk[8] = {0};
	struct promise promised[8] = {0};
	struct reg *r = site(8);
	struct dhcp_server *s = dhcp_server_new(r);
	dt_time now = 0;
	unsigned acks = 0;
	for (int step = 0; step < 20000; step++) {
		struct mac mac = {{2, 0, 0, 0, 0, (uint8_t)rand_below(&rand, WORLD_PHONES)}};
		uint32_t ip = 0x0a4d0032 + (uint32_t)rand_below(&rand, 8);
		struct dhcp_message m = rand_below(&rand, 2)
					    ? packet(DHCP_DISCOVER, mac)
					    : request_for(mac, ip, rand_below(&rand, 2));
		struct change c;
		struct dhcp_reply reply;
		struct dhcp_event event = {0};
		uint8_t bytes[DHCP_MESSAGE_MAX];
		struct writer w = writer_of(bytes, sizeof bytes);
		assert_int_equal(dhcp_encode(&m, &w), 0);
		now += DT_SECONDS(rand_below(&rand, 60));
		dhcp_server_input(s, &here, writer_done(&w), now);
		while (rand_below(&rand, 3) != 0 && dhcp_server_next_change(s, &c)) {
			bool ok = rand_below(&rand, 3) != 0;
			if (ok)
				disk[ip4_number(c.lease.ip) - 0x0a4d0032] = c.lease;
			dhcp_server_commit_done(s, c.ticket, ok, now);
		}
		while (dhcp_server_next_output(s, &reply)) {
			struct dhcp_message got;
			assert_int_equal(dhcp_decode(slice_of(reply.bytes, reply.len), &got, NULL),
					 0);
			if (got.type == DHCP_ACK) {
				check_ack(&got, disk, promised, now);
				acks++;
			}
		}
		while (dhcp_server_next_event(s, &event))
			;
		if (rand_below(&rand, 200) != 0)
			continue;
		dhcp_server_free(s);
		s = dhcp_server_new(r);
		for (size_t i = 0; i < 8; i++) {
			if (!ip4_is_zero(disk[i].ip))
				assert_int_equal(dhcp_server_load_lease(s, &disk[i]), 0);
		}
	}
	assert_true(acks > 500);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a pool of twenty thousand is given out to the last address, and none of them twice")
{
	const uint32_t pool = 20000;
	struct reg *r = reg_new();
	struct settings settings = settings_default();
	settings.server_ip = ip4_of(SERVER);
	settings.netmask = ip4_of(0xffff0000);
	settings.subnet = ip4_of(0x0a4d0000);
	settings.pool_first = ip4_of(0x0a4d0100);
	settings.pool_last = ip4_of(0x0a4d0100 + pool - 1);
	settings.lease_s = 600;
	reg_load_settings(r, &settings);
	struct dhcp_server *s = dhcp_server_new(r);
	static bool given[20000];
	for (uint32_t i = 0; i < pool; i++) {
		uint32_t ip = lease(s, numbered(i), DT_SECONDS(1)) - 0x0a4d0100;
		assert_in_range(ip, 0, pool - 1);
		assert_false(given[ip]);
		given[ip] = true;
	}
	size_t count = 0;
	const struct lease **list = dhcp_server_lease_list(s, &count);
	assert_int_equal(count, pool);
	for (size_t i = 1; i < count; i++)
		assert_true(ip4_number(list[i - 1]->ip) < ip4_number(list[i]->ip));
	alloc_free(list);
	/* Full: thousands ask in vain and cost no search each; a released address is found at once.
	 */
	struct dhcp_message m;
	for (uint32_t i = 0; i < pool; i++) {
		m = packet(DHCP_DISCOVER, numbered(pool + i));
		send(s, &m, DT_SECONDS(2));
		assert_int_equal(answer(s, NULL).type, DHCP_BOOTP);
	}
	m = packet(DHCP_RELEASE, numbered(77));
	m.ciaddr = dhcp_server_lease_by_mac(s, numbered(77), DT_SECONDS(2))->ip;
	uint32_t released = ip4_number(m.ciaddr);
	send(s, &m, DT_SECONDS(2));
	commit(s, true, DT_SECONDS(2));
	assert_int_equal(lease(s, numbered(pool + 5), DT_SECONDS(3)), released);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("the router's, the DNS server's and our own address are nobody's, wherever the pool lies")
{
	struct reg *r = reg_new();
	struct settings settings = settings_default();
	settings.netmask = ip4_of(0xffffff00);
	settings.subnet = ip4_of(0x0a4d0000);
	settings.server_ip = ip4_of(SERVER);
	settings.dns = ip4_of(SERVER + 1);
	settings.router = ip4_of(SERVER + 3);
	settings.pool_first = ip4_of(SERVER);
	settings.pool_last = ip4_of(SERVER + 3);
	settings.lease_s = 600;
	reg_load_settings(r, &settings);
	struct dhcp_server *s = dhcp_server_new(r);
	assert_int_equal(lease(s, phone_a, 0), SERVER + 2);
	struct dhcp_message m = packet(DHCP_DISCOVER, phone_b);
	send(s, &m, 0);
	assert_int_equal(answer(s, NULL).type, DHCP_BOOTP);
	m = request_for(phone_b, SERVER + 3, false);
	send(s, &m, 0);
	assert_int_equal(answer(s, NULL).type, DHCP_NAK);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("an address whose reservation is taken away goes back to the pool")
{
	struct reg *r = site(1);
	struct device d = {.name = "SEP003094C2D5CA", .type = 7, .reserved_ip = ip4_of(0x0a4d0032)};
	assert_int_equal(reg_load_device(r, &d), 0);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = packet(DHCP_DISCOVER, phone_b);
	send(s, &m, 0);
	assert_int_equal(answer(s, NULL).type, DHCP_BOOTP);
	d.reserved_ip = ip4_of(0);
	assert_int_equal(reg_load_device(r, &d), 0);
	assert_int_equal(lease(s, phone_b, DT_SECONDS(10)), 0x0a4d0032);
	dhcp_server_free(s);
	reg_free(r);
}

HARNESS_OOM("the DHCP server survives any allocation failing")
{
	struct reg *r = reg_new();
	struct dhcp_server *s = r != NULL ? dhcp_server_new(r) : NULL;
	int error = s == NULL ? E_NO_MEMORY : 0;
	struct settings settings = settings_default();
	settings.server_ip = ip4_of(SERVER);
	settings.subnet = ip4_of(0x0a4d0000);
	settings.netmask = ip4_of(0xffffff00);
	settings.pool_first = ip4_of(0x0a4d0032);
	settings.pool_last = ip4_of(0x0a4d0042);
	if (error == 0) {
		struct dhcp_message m = packet(DHCP_DISCOVER, phone_a);
		uint8_t bytes[DHCP_MESSAGE_MAX];
		struct writer w = writer_of(bytes, sizeof bytes);
		struct dhcp_reply reply;
		reg_load_settings(r, &settings);
		assert_int_equal(dhcp_encode(&m, &w), 0);
		dhcp_server_input(s, &here, writer_done(&w), 0);
		m = request_for(phone_a, 0x0a4d0032, true);
		w = writer_of(bytes, sizeof bytes);
		assert_int_equal(dhcp_encode(&m, &w), 0);
		dhcp_server_input(s, &here, writer_done(&w), 0);
		commit(s, true, 0);
		while (dhcp_server_next_output(s, &reply))
			;
	}
	dhcp_server_free(s);
	reg_free(r);
	return error;
}
