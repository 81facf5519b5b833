/* History never repeats: each published fault of a DHCP server, as the packet or the file that
 * showed it. The server must live, keep its leases, and answer the next phone. */
#include "site.h"

#include "base/error.h"
#include "base/rand.h"

struct victim {
	struct reg *reg;
	struct dhcp_server *server;
	uint32_t known; /* phone_a's lease */
};

static struct victim victim(void)
{
	struct victim v = {.reg = site(20)};
	v.server = dhcp_server_new(v.reg);
	v.known = lease(v.server, phone_a, 0);
	return v;
}

/* After the attack: the known phone has its lease, a new one gets one. */
static void still_serves(struct victim *v, dt_time now)
{
	struct dhcp_reply reply;
	commit(v->server, true, now);
	while (dhcp_server_next_output(v->server, &reply))
		;
	const struct lease *l = dhcp_server_lease_by_mac(v->server, phone_a, now);
	assert_non_null(l);
	assert_int_equal(ip4_number(l->ip), v->known);
	assert_in_range(lease(v->server, numbered(4711), now), POOL_FIRST, POOL_FIRST + 19);
	dhcp_server_free(v->server);
	reg_free(v->reg);
}

/* A packet by its bytes behind a sound DISCOVER's or REQUEST's fixed part. */
static void send_options(struct victim *v, enum dhcp_type type, const uint8_t *options, size_t len)
{
	uint8_t bytes[2048];
	struct dhcp_message m = packet(type, phone_b);
	struct writer w = writer_of(bytes, sizeof bytes);
	assert_int_equal(dhcp_encode(&m, &w), 0);
	/* After cookie and option 53. */
	memcpy(bytes + 243, options, len);
	dhcp_server_input(v->server, &here, at_the_edge(slice_of(bytes, 243 + len)), 0);
}

TEST("CVE-2019-6473 (Kea): a host name that is no name")
{
	static const struct {
		const char *bytes;
		size_t len;
	} names[] = {{"", 0},          {".", 1},       {"..", 2},       {"\0\0\0", 3},
		     {"a..b", 4},      {"-", 1},       {"\xff\xfe", 2}, {".leading", 8},
		     {"trailing.", 9}, {"\x1b[2J", 4}, {"%s%n", 4}};
	struct victim v = victim();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct dhcp_message m = packet(DHCP_DISCOVER, phone_b);
		static const uint8_t wanted[] = {12};
		assert_int_equal(dhcp_option_add(&m, DHCP_OPTION_HOST_NAME,
						 slice_of(names[i].bytes, names[i].len)),
				 0);
		assert_int_equal(dhcp_option_add(&m, DHCP_OPTION_PARAMETERS, slice_of(wanted, 1)),
				 0);
		send(v.server, &m, 0);
		assert_int_equal(answer(v.server, NULL).type, DHCP_OFFER);
	}
	still_serves(&v, 0);
}

TEST("CVE-2019-6474 (Kea): lease records that contradict each other do not keep the server from "
     "starting")
{
	struct reg *r = site(20);
	struct dhcp_server *s = dhcp_server_new(r);
	static const struct lease odd[] = {
	    {.mac = {{0, 1, 2, 3, 4, 5}}, .ip = {{0}}, .expires = DT_SECONDS(100)},
	    {.ip = {{10, 77, 0, 50}}, .expires = DT_SECONDS(100)},
	    {.mac = {{0, 1, 2, 3, 4, 5}}, .ip = {{10, 77, 0, 51}}, .declined = true},
	    {.mac = {{0, 1, 2, 3, 4, 5}}, .ip = {{10, 77, 0, 52}}, .expires = INT64_MIN},
	    {.mac = {{0, 1, 2, 3, 4, 5}}, .ip = {{10, 77, 0, 53}}, .expires = DT_NEVER},
	    {.mac = {{0, 1, 2, 3, 4, 5}}, .ip = {{10, 77, 0, 53}}, .expires = DT_SECONDS(50)},
	    {.mac = {{0, 1, 2, 3, 4, 6}}, .ip = {{10, 77, 0, 53}}, .expires = DT_SECONDS(60)},
	    {.mac = {{0, 1, 2, 3, 4, 7}}, .ip = {{255, 255, 255, 255}}, .expires = DT_NEVER},
	};
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		assert_int_equal(dhcp_server_load_lease(s, &odd[i]), 0);
	assert_int_equal(lease(s, phone_a, DT_SECONDS(1)), POOL_FIRST);
	const struct lease *l = dhcp_server_lease_by_ip(s, ip4_of(0x0a4d0035), DT_SECONDS(1));
	assert_true(mac_equal(l->mac, odd[6].mac));
	dhcp_server_free(s);
	reg_free(r);
}

TEST("CVE-2025-40779 (Kea): a request sent to us alone, from a client of no subnet")
{
	struct victim v = victim();
	struct dhcp_arrival arrival = here;
	struct dhcp_message m = packet(DHCP_REQUEST, phone_b);
	arrival.from = (struct endpoint){ip4_of(0xc0a80909), 68};
	arrival.local = ip4_of(0xc0a80901);
	for (unsigned option = 1; option < 255; option++) {
		m = packet(DHCP_REQUEST, phone_b);
		if (option != DHCP_OPTION_MESSAGE_TYPE)
			assert_int_equal(
			    dhcp_option_add(&m, (uint8_t)option, harness_hex("0a 4d 00 40")), 0);
		m.ciaddr = ip4_of(0xc0a80909);
		send_from(v.server, &arrival, &m, 0);
	}
	still_serves(&v, 0);
}

TEST("CVE-2025-11232 (Kea): a name with nothing left of it is no name")
{
	struct victim v = victim();
	static const uint8_t names[] = {12, 3, '!', '!', '!', 81, 3, 0, 0, 0, 55, 2, 12, 81, 255};
	send_options(&v, DHCP_DISCOVER, names, sizeof names);
	assert_int_equal(answer(v.server, NULL).type, DHCP_OFFER);
	still_serves(&v, 0);
}

TEST("CVE-2026-4892 (dnsmasq), CVE-2017-14493: the longest client identifiers, whole and in parts")
{
	struct victim v = victim();
	uint8_t options[1800];
	for (unsigned parts = 1; parts <= 6; parts++) {
		size_t at = 0;
		for (unsigned i = 0; i < parts; i++) {
			options[at++] = DHCP_OPTION_CLIENT_ID;
			options[at++] = 255;
			memset(options + at, (int)i + 1, 255);
			at += 255;
		}
		options[at++] = 255;
		send_options(&v, DHCP_DISCOVER, options, at);
		struct dhcp_message offer = answer(v.server, NULL);
		assert_int_equal(offer.type, DHCP_OFFER);
		/* What is echoed is the whole identifier or none (RFC 6842). */
		size_t echoed = dhcp_option_get(&offer, DHCP_OPTION_CLIENT_ID).len;
		assert_true(echoed == 0 || echoed == (size_t)parts * 255);
	}
	still_serves(&v, 0);
}

TEST("CVE-2018-5732 (ISC): an option whose length runs past the packet, at every place")
{
	struct victim v = victim();
	for (unsigned option = 1; option < 255; option++) {
		for (unsigned len = 1; len < 256; len += 17) {
			uint8_t bytes[3] = {(uint8_t)option, (uint8_t)len, 0};
			send_options(&v, DHCP_DISCOVER, bytes, sizeof bytes);
			send_options(&v, DHCP_REQUEST, bytes, 1);
			(void)answer(v.server, NULL);
			(void)answer(v.server, NULL);
		}
	}
	still_serves(&v, 0);
}

TEST("CVE-2018-5733, CVE-2022-2928 (ISC): millions of references to an option are one option")
{
	struct victim v = victim();
	uint8_t options[1400];
	/* A list that asks for the same option over and over. */
	for (uint8_t wanted = 1; wanted < 200; wanted += 7) {
		size_t at = 0;
		while (at + 257 < sizeof options - 1) {
			options[at++] = DHCP_OPTION_PARAMETERS;
			options[at++] = 255;
			memset(options + at, wanted, 255);
			at += 255;
		}
		options[at++] = 255;
		send_options(&v, DHCP_DISCOVER, options, at);
		struct dhcp_message offer = answer(v.server, NULL);
		assert_int_equal(offer.type, DHCP_OFFER);
		unsigned seen = 0;
		for (uint16_t i = 0; i < offer.option_count; i++)
			seen += offer.option[i].number == wanted;
		assert_in_range(seen, 0, 1);
	}
	still_serves(&v, 0);
}

TEST("CVE-2021-25217 (ISC): a text option without its end, as long as it can be")
{
	struct victim v = victim();
	uint8_t options[258];
	for (unsigned option = 1; option < 255; option++) {
		options[0] = (uint8_t)option;
		options[1] = 255;
		memset(options + 2, 'A', 255);
		options[257] = 255;
		send_options(&v, DHCP_DISCOVER, options, sizeof options);
		(void)answer(v.server, NULL);
	}
	still_serves(&v, 0);
}

TEST("overload that points at itself, at nothing, or at both fields full of lies")
{
	struct victim v = victim();
	for (unsigned value = 0; value < 256; value++) {
		uint8_t bytes[400];
		struct dhcp_message m = packet(DHCP_DISCOVER, phone_b);
		struct writer w = writer_of(bytes, sizeof bytes);
		assert_int_equal(dhcp_encode(&m, &w), 0);
		memset(bytes + 44, 52, 192);
		const uint8_t overload[] = {52, 1, (uint8_t)value, 255};
		memcpy(bytes + 243, overload, sizeof overload);
		dhcp_server_input(v.server, &here, at_the_edge(slice_of(bytes, 247)), 0);
		(void)answer(v.server, NULL);
	}
	still_serves(&v, 0);
}

TEST("relay data of every length, with sub-options that do not fit it")
{
	struct victim v = victim();
	for (unsigned len = 0; len < 256; len++) {
		uint8_t agent[256];
		struct dhcp_message m = packet(DHCP_DISCOVER, phone_b);
		memset(agent, 5, sizeof agent);
		m.giaddr = ip4_of(0x0a4d00fe);
		assert_int_equal(dhcp_option_add(&m, DHCP_OPTION_RELAY_AGENT, slice_of(agent, len)),
				 0);
		send(v.server, &m, 0);
		struct dhcp_message offer = answer(v.server, NULL);
		(void)offer;
	}
	(void)events(v.server, DHCP_EVENT_NO_SUBNET);
	still_serves(&v, 0);
}

TEST("exhaustion: hardware addresses made up by the thousand keep nobody out for longer than ten "
     "seconds")
{
	struct victim v = victim();
	for (uint32_t i = 0; i < 20000; i++) {
		struct dhcp_message m = packet(DHCP_DISCOVER, numbered(100000 + i));
		send(v.server, &m, DT_SECONDS(1));
		(void)answer(v.server, NULL);
	}
	(void)events(v.server, DHCP_EVENT_POOL_EMPTY);
	still_serves(&v, DT_SECONDS(12));
}

TEST("a hundred thousand random packets change nothing for the phone that has its lease")
{
	struct victim v = victim();
	struct rand rand = rand_of(9);
	uint8_t bytes[600];
	struct dhcp_event event;
	struct dhcp_reply reply;
	for (int i = 0; i < 100000; i++) {
		struct dhcp_message m = packet((enum dhcp_type)(1 + rand_below(&rand, 8)), phone_b);
		struct writer w = writer_of(bytes, sizeof bytes);
		assert_int_equal(dhcp_encode(&m, &w), 0);
		for (int k = 0; k < 30; k++)
			bytes[rand_below(&rand, 3) == 0 ? 28 + rand_below(&rand, 6)
							: 240 + rand_below(&rand, 60)] =
			    (uint8_t)rand_next(&rand);
		/* Never in the known phone's name. */
		bytes[28] = 2;
		dhcp_server_input(v.server, &here, slice_of(bytes, 240 + rand_below(&rand, 61)), 0);
		commit(v.server, rand_below(&rand, 2) == 0, 0);
		while (dhcp_server_next_event(v.server, &event))
			;
		while (dhcp_server_next_output(v.server, &reply))
			assert_in_range(reply.len, 300, 548);
	}
	const struct lease *l = dhcp_server_lease_by_mac(v.server, phone_a, 0);
	assert_int_equal(ip4_number(l->ip), v.known);
	dhcp_server_free(v.server);
	reg_free(v.reg);
}
