/* Several subnets: which one a packet is about, and what is particular to each. */
#include "site.h"

#include "base/error.h"
#include "base/text.h"

/* The site, and three subnets behind relays. */
static struct reg *big_site(void)
{
	struct reg *r = site(10);
	static const struct subnet subnets[] = {
	    {.name = "voice",
	     .network = {{10, 88, 0, 0}},
	     .netmask = {{255, 255, 255, 0}},
	     .pool = "10.88.0.100-10.88.0.109",
	     .phones = "10.88.0.10-10.88.0.11,10.88.0.20",
	     .router = {{10, 88, 0, 1}},
	     .dns1 = {{10, 88, 0, 53}},
	     .dns2 = {{10, 88, 1, 53}},
	     .ntp = {{10, 88, 0, 123}},
	     .domain = "voice.example",
	     .lease_s = 7200,
	     .tftp1 = {{10, 88, 0, 69}},
	     .tftp2 = {{10, 88, 1, 69}},
	     .on = true,
	     .version = 2},
	    {.name = "branch",
	     .network = {{10, 99, 0, 0}},
	     .netmask = {{255, 255, 0, 0}},
	     .pool = "10.99.1.0-10.99.1.255",
	     .on = true,
	     .version = 3},
	    {.name = "closed",
	     .network = {{10, 66, 0, 0}},
	     .netmask = {{255, 255, 255, 0}},
	     .pool = "10.66.0.10-10.66.0.99",
	     .on = false,
	     .version = 4},
	};
	for (size_t i = 0; i < sizeof subnets / sizeof *subnets; i++) {
		union record record = {.subnet = subnets[i]};
		assert_int_equal(reg_load_record(r, RECORD_SUBNET, &record), 0);
	}
	return r;
}

static struct dhcp_message offer_for(struct dhcp_server *s, const struct dhcp_message *m)
{
	send(s, m, 0);
	return answer(s, NULL);
}

TEST("the subnet is that of the link selection, the subnet selection, the relay, the client's "
     "address, the interface: in this order")
{
	static const struct {
		const char *what;
		uint32_t link, selection, giaddr, local;
		uint32_t net; /* of the offer; 0: none */
	} cases[] = {
	    {"nothing but the interface", 0, 0, 0, SERVER, 0x0a4d0000},
	    {"another interface", 0, 0, 0, 0x0a580002, 0x0a580000},
	    {"an interface of no subnet", 0, 0, 0, 0xc0a80001, 0},
	    {"a relay", 0, 0, 0x0a580001, SERVER, 0x0a580000},
	    {"a relay of no subnet", 0, 0, 0x0a570001, SERVER, 0},
	    {"a relay of a subnet that is off", 0, 0, 0x0a420001, SERVER, 0},
	    {"a client's selection", 0, 0x0a630000, 0, SERVER, 0x0a630100},
	    {"a client's selection through a relay", 0, 0x0a630000, 0x0a580001, SERVER, 0x0a630100},
	    {"a selection of no subnet", 0, 0x0a570000, 0, SERVER, 0},
	    {"a relay's link selection", 0x0a580000, 0x0a630000, 0x0a4d00fe, SERVER, 0x0a580000},
	    {"a relay elsewhere", 0x0a630000, 0, 0xc0a80001, SERVER, 0x0a630100},
	    {"a link selection without relay", 0x0a580000, 0, 0, SERVER, 0x0a4d0000},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct reg *r = big_site();
		struct dhcp_server *s = dhcp_server_new(r);
		struct dhcp_message m = packet(DHCP_DISCOVER, phone_a);
		struct dhcp_arrival arrival = here;
		uint8_t agent[6] = {5, 4};
		memcpy(agent + 2, ip4_of(cases[i].link).b, 4);
		if (cases[i].link != 0)
			assert_int_equal(dhcp_option_add(&m, DHCP_OPTION_RELAY_AGENT,
							 slice_of(agent, sizeof agent)),
					 0);
		if (cases[i].selection != 0)
			add_ip(&m, DHCP_OPTION_SUBNET_SELECTION, cases[i].selection);
		m.giaddr = ip4_of(cases[i].giaddr);
		arrival.local = ip4_of(cases[i].local);
		send_from(s, &arrival, &m, 0);
		struct dhcp_message offer = answer(s, NULL);
		uint32_t net = ip4_number(offer.yiaddr) & 0xffffff00;
		if (offer.type != (cases[i].net != 0 ? DHCP_OFFER : DHCP_BOOTP) ||
		    net != cases[i].net)
			fail_msg("%s: %s %x", cases[i].what, dhcp_type_name(offer.type), net);
		dhcp_server_free(s);
		reg_free(r);
	}
}

TEST("a renewal is about the subnet of the address it renews, wherever it comes in")
{
	struct reg *r = big_site();
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = packet(DHCP_DISCOVER, phone_a);
	m.giaddr = ip4_of(0x0a630001);
	struct dhcp_message got = offer_for(s, &m);
	struct ip4 ip = got.yiaddr;
	m = request_for(phone_a, ip4_number(ip), true);
	m.giaddr = ip4_of(0x0a630001);
	send(s, &m, 0);
	commit(s, true, 0);
	assert_int_equal(answer(s, NULL).type, DHCP_ACK);
	m = packet(DHCP_REQUEST, phone_a);
	m.ciaddr = ip;
	send(s, &m, 0);
	commit(s, true, 0);
	got = answer(s, NULL);
	assert_int_equal(got.type, DHCP_ACK);
	assert_true(ip4_equal(got.yiaddr, ip));
	/* It has moved to the server's own net: the old address is refused there. */
	m = request_for(phone_a, ip4_number(ip), false);
	send(s, &m, 0);
	assert_int_equal(answer(s, NULL).type, DHCP_NAK);
	/* From an address of nobody's, on our own wire. */
	m = packet(DHCP_REQUEST, phone_a);
	m.ciaddr = ip4_of(0xc0a80105);
	send(s, &m, 0);
	assert_int_equal(answer(s, NULL).type, DHCP_NAK);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("replies carry their subnet's own options, in the order in which the phone asked")
{
	struct reg *r = big_site();
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = packet(DHCP_DISCOVER, phone_a);
	static const uint8_t order[] = {66, 42, 6, 3, 15, 150};
	char text[64];
	m.giaddr = ip4_of(0x0a580001);
	add_text(&m, DHCP_OPTION_VENDOR_CLASS, "Cisco Systems, Inc. IP Phone CP-7961G");
	assert_int_equal(dhcp_option_add(&m, DHCP_OPTION_PARAMETERS, slice_of(order, sizeof order)),
			 0);
	struct dhcp_message offer = offer_for(s, &m);
	assert_int_equal(lease_s_of(&offer), 7200);
	assert_true(slice_equal(dhcp_option_get(&offer, DHCP_OPTION_TFTP_SERVERS),
				harness_hex("0a 58 00 45 0a 58 01 45")));
	assert_true(slice_equal(dhcp_option_get(&offer, DHCP_OPTION_DNS),
				harness_hex("0a 58 00 35 0a 58 01 35")));
	assert_true(dhcp_option_text(&offer, DHCP_OPTION_TFTP_NAME, text, sizeof text));
	assert_string_equal(text, "10.88.0.69");
	assert_int_equal(ip4_number(offer.siaddr), 0x0a580045);
	assert_string_equal(offer.sname, "10.88.0.69");
	/* In the packet: 53, 54, 51, 58, 59, then as asked; the mask goes before the router. */
	static const uint8_t expected[] = {53, 54, 51, 58, 59, 66, 42, 6, 1, 3, 15, 150};
	for (size_t i = 0; i < sizeof expected; i++)
		assert_int_equal(offer.option[i].number, expected[i]);
	assert_int_equal(offer.option_count, sizeof expected);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("phones take from their own list, everybody else from the pool")
{
	struct reg *r = big_site();
	struct dhcp_server *s = dhcp_server_new(r);
	static const uint32_t expected[] = {0x0a58000a, 0x0a58000b, 0x0a580014, 0};
	struct dhcp_message m;
	for (uint32_t i = 0; i < 4; i++) {
		m = packet(DHCP_DISCOVER, numbered(i));
		m.giaddr = ip4_of(0x0a580001);
		add_text(&m, DHCP_OPTION_VENDOR_CLASS, "Cisco Systems, Inc. IP Phone CP-7960");
		assert_int_equal(ip4_number(offer_for(s, &m).yiaddr), expected[i]);
	}
	assert_int_equal(events(s, DHCP_EVENT_POOL_EMPTY), 1);
	m = packet(DHCP_DISCOVER, numbered(77));
	m.giaddr = ip4_of(0x0a580001);
	add_text(&m, DHCP_OPTION_VENDOR_CLASS, "MSFT 5.0");
	assert_int_equal(ip4_number(offer_for(s, &m).yiaddr), 0x0a580064);
	/* A PC may not have a phone's address, nor a phone a PC's. */
	m = request_for(numbered(77), 0x0a58000a, false);
	m.giaddr = ip4_of(0x0a580001);
	add_text(&m, DHCP_OPTION_VENDOR_CLASS, "MSFT 5.0");
	assert_int_equal(offer_for(s, &m).type, DHCP_NAK);
	/* Without a list of their own phones take from the pool. */
	m = packet(DHCP_DISCOVER, numbered(3));
	m.giaddr = ip4_of(0x0a630001);
	add_text(&m, DHCP_OPTION_VENDOR_CLASS, "Cisco Systems, Inc. IP Phone CP-7960");
	assert_int_equal(ip4_number(offer_for(s, &m).yiaddr), 0x0a630100);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a phone that leaves out its vendor class when it renews keeps its address")
{
	struct reg *r = big_site();
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = request_for(phone_a, 0x0a58000a, false);
	m.giaddr = ip4_of(0x0a580001);
	add_text(&m, DHCP_OPTION_VENDOR_CLASS, "Cisco Systems, Inc. IP Phone CP-7960");
	send(s, &m, 0);
	commit(s, true, 0);
	assert_int_equal(answer(s, NULL).type, DHCP_ACK);
	m = packet(DHCP_REQUEST, phone_a);
	m.ciaddr = ip4_of(0x0a58000a);
	send(s, &m, 0);
	commit(s, true, 0);
	assert_int_equal(answer(s, NULL).type, DHCP_ACK);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a reservation holds in its own subnet; elsewhere the phone is a guest")
{
	struct reg *r = big_site();
	struct device d = {.name = "SEP003094C2D5CA", .type = 7, .reserved_ip = ip4_of(0x0a5800c8)};
	assert_int_equal(reg_load_device(r, &d), 0);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = packet(DHCP_DISCOVER, phone_a);
	assert_int_equal(ip4_number(offer_for(s, &m).yiaddr), POOL_FIRST);
	m.giaddr = ip4_of(0x0a580001);
	assert_int_equal(ip4_number(offer_for(s, &m).yiaddr), 0x0a5800c8);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a subnet added, changed or taken away is so for the next packet, and its leases stay")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = packet(DHCP_DISCOVER, phone_a);
	m.giaddr = ip4_of(0x0a580001);
	assert_int_equal(offer_for(s, &m).type, DHCP_BOOTP);
	union record record = {.subnet = {.name = "voice",
					  .network = {{10, 88, 0, 0}},
					  .netmask = {{255, 255, 255, 0}},
					  .pool = "10.88.0.10",
					  .on = true,
					  .version = 5}};
	assert_int_equal(reg_load_record(r, RECORD_SUBNET, &record), 0);
	assert_int_equal(ip4_number(offer_for(s, &m).yiaddr), 0x0a58000a);
	m = request_for(phone_a, 0x0a58000a, true);
	m.giaddr = ip4_of(0x0a580001);
	send(s, &m, 0);
	commit(s, true, 0);
	assert_int_equal(answer(s, NULL).type, DHCP_ACK);
	(void)text_copy(record.subnet.pool, sizeof record.subnet.pool, "10.88.0.10-10.88.0.11");
	record.subnet.version = 6;
	assert_int_equal(reg_load_record(r, RECORD_SUBNET, &record), 0);
	m = packet(DHCP_DISCOVER, phone_b);
	m.giaddr = ip4_of(0x0a580001);
	assert_int_equal(ip4_number(offer_for(s, &m).yiaddr), 0x0a58000b);
	assert_non_null(dhcp_server_lease_by_mac(s, phone_a, 0));
	record.subnet.on = false;
	record.subnet.version = 7;
	assert_int_equal(reg_load_record(r, RECORD_SUBNET, &record), 0);
	assert_int_equal(offer_for(s, &m).type, DHCP_BOOTP);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a record takes the place of the settings' own subnet")
{
	struct reg *r = site(10);
	union record record = {.subnet = {.name = "here",
					  .network = {{10, 77, 0, 0}},
					  .netmask = {{255, 255, 255, 0}},
					  .pool = "10.77.0.200-10.77.0.210",
					  .on = true}};
	assert_int_equal(reg_load_record(r, RECORD_SUBNET, &record), 0);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = packet(DHCP_DISCOVER, phone_a);
	struct dhcp_message offer = offer_for(s, &m);
	assert_int_equal(ip4_number(offer.yiaddr), 0x0a4d00c8);
	assert_int_equal(lease_s_of(&offer), 600);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("another server is noticed when a client chooses it, or when it is overheard; our own nodes "
     "are not")
{
	struct reg *r = site(10);
	union record record = {.node = {.name = "cm2", .address = "10.77.0.3", .version = 2}};
	assert_int_equal(reg_load_record(r, RECORD_NODE, &record), 0);
	struct dhcp_server *s = dhcp_server_new(r);
	static const struct ip4 own[] = {{{10, 77, 0, 4}}};
	dhcp_server_set_own(s, own, 1);
	struct dhcp_message m = request_for(phone_a, POOL_FIRST, false);
	struct dhcp_event event = {0};
	add_ip(&m, DHCP_OPTION_SERVER_ID, 0x0a4d0002);
	send(s, &m, 0);
	assert_true(dhcp_server_next_event(s, &event));
	assert_int_equal(event.kind, DHCP_EVENT_OTHER_SERVER);
	assert_int_equal(ip4_number(event.ip), 0x0a4d0002);
	assert_true(mac_equal(event.mac, phone_a));
	/* Once in ten minutes. */
	send(s, &m, DT_SECONDS(599));
	assert_int_equal(events(s, DHCP_EVENT_OTHER_SERVER), 0);
	send(s, &m, DT_SECONDS(600));
	assert_int_equal(events(s, DHCP_EVENT_OTHER_SERVER), 1);
	static const struct {
		uint32_t server;
		bool stranger;
	} heard[] = {{SERVER, false}, {0x0a4d0003, false}, {0x0a4d0004, false}, {0x0a4d0009, true}};
	for (size_t i = 0; i < sizeof heard / sizeof *heard; i++) {
		uint8_t bytes[DHCP_MESSAGE_MAX];
		struct writer w = writer_of(bytes, sizeof bytes);
		m = packet(DHCP_OFFER, phone_b);
		m.op = 2;
		add_ip(&m, DHCP_OPTION_SERVER_ID, heard[i].server);
		assert_int_equal(dhcp_encode(&m, &w), 0);
		assert_int_equal(dhcp_server_overheard(s, ip4_of(0x0a4d00fe), writer_done(&w), 0),
				 heard[i].stranger);
		assert_int_equal(events(s, DHCP_EVENT_OTHER_SERVER), heard[i].stranger);
	}
	/* Who floods us with made-up servers displaces others, and no more. */
	for (uint32_t i = 0; i < 100; i++) {
		m = request_for(phone_a, POOL_FIRST, false);
		add_ip(&m, DHCP_OPTION_SERVER_ID, 0x0b000001 + i);
		send(s, &m, DT_SECONDS(700));
	}
	size_t count = 0;
	assert_non_null(dhcp_server_others(s, &count));
	assert_int_equal(count, DHCP_OTHERS_MAX);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a relay that is no host's address is answered to nobody")
{
	static const uint32_t bad[] = {0xffffffff, 0xe0000001, 0x7f000001, 0x00000001};
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct dhcp_message m = packet(DHCP_DISCOVER, phone_a);
		m.giaddr = ip4_of(bad[i]);
		add_ip(&m, DHCP_OPTION_SUBNET_SELECTION, 0x0a4d0000);
		assert_int_equal(offer_for(s, &m).type, DHCP_BOOTP);
	}
	dhcp_server_free(s);
	reg_free(r);
}

/* The next event of this kind; others before it are thrown away. */
static struct dhcp_event event_of(struct dhcp_server *s, enum dhcp_event_kind kind)
{
	struct dhcp_event event = {.kind = kind};
	while (dhcp_server_next_event(s, &event)) {
		if (event.kind == kind)
			return event;
	}
	fail_msg("no event %u", (unsigned)kind);
	return event;
}

TEST("a phone that is not answered is an event that says why")
{
	struct reg *r = big_site();
	struct device d = {.name = "SEP003094C2D5CB", .type = 7, .reserved_ip = ip4_of(POOL_FIRST)};
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = packet(DHCP_DISCOVER, phone_a);
	m.giaddr = ip4_of(0x0a420001);
	assert_int_equal(offer_for(s, &m).type, DHCP_BOOTP);
	assert_string_equal(event_of(s, DHCP_EVENT_NO_OFFER).why, "its subnet is switched off");
	/* Reserved for one phone while another has it. */
	assert_int_equal(lease(s, phone_a, 0), POOL_FIRST);
	assert_int_equal(reg_load_device(r, &d), 0);
	m = packet(DHCP_DISCOVER, phone_b);
	assert_int_equal(offer_for(s, &m).type, DHCP_BOOTP);
	assert_non_null(strstr(event_of(s, DHCP_EVENT_NO_OFFER).why, "reserved"));
	/* All of the pool: nine to PCs, of which one address is parked. */
	for (uint32_t i = 0; i < 9; i++)
		(void)lease(s, numbered(i), 0);
	m = request_for(numbered(3), POOL_FIRST + 4, true);
	m.type = DHCP_DECLINE;
	send(s, &m, 0);
	commit(s, true, 0);
	assert_int_equal(ip4_number(event_of(s, DHCP_EVENT_DECLINED).ip), POOL_FIRST + 4);
	m = packet(DHCP_DISCOVER, numbered(99));
	assert_int_equal(offer_for(s, &m).type, DHCP_BOOTP);
	struct dhcp_event event = event_of(s, DHCP_EVENT_POOL_EMPTY);
	assert_int_equal(ip4_number(event.ip), POOL_FIRST);
	assert_int_equal(event.number[0], 10);
	assert_int_equal(event.number[1], 1);
	assert_in_range(event.number[2], 8, 9);
	dhcp_server_free(s);
	reg_free(r);
}
