/* Datagrams: DHCP in its odd forms, DNS, NTP, ICMP, RTP. */
#include "watch.h"

#include "base/writer.h"
#include "proto/dhcp/dhcp.h"
#include "proto/dns/dns.h"
#include "proto/icmp/icmp.h"

static void dhcp(struct watch *w, const struct dhcp_message *m, bool up)
{
	uint8_t bytes[900];
	struct writer to = writer_of(bytes, sizeof bytes);
	struct flow flow = {.from = {ip4_of(0), 68}, .to = {ip4_of(0xffffffff), 67}};

	if (!up)
		flow = (struct flow){.from = {watch_server.ip, 67},
				     .to = {ip4_of(0xffffffff), 68},
				     .source = {{2, 0, 0, 0, 0, 1}},
				     .vlan = 110};
	assert_int_equal(dhcp_encode(m, &to), 0);
	observer_dhcp(w->o, &flow, writer_done(&to), w->at, ++w->number);
}

static struct dhcp_message offer(void)
{
	struct dhcp_message m = {
	    .op = 2, .xid = 7, .chaddr = watch_mac, .yiaddr = watch_phone.ip, .type = DHCP_OFFER};
	(void)dhcp_option_add_ip(&m, DHCP_OPTION_SERVER_ID, watch_server.ip);
	(void)dhcp_option_add_u32(&m, DHCP_OPTION_LEASE_TIME, 3600);
	return m;
}

TEST("option 150 typed as text is told with what was typed, and how long it is")
{
	struct watch w;
	struct fact f;
	struct dhcp_message m = offer();
	watch_begin(&w);
	(void)dhcp_option_add(&m, DHCP_OPTION_TFTP_SERVERS, slice_of("10.136.123.11", 14));
	dhcp(&w, &m, false);
	assert_true(observer_next_fact(w.o, &f));
	assert_true(f.dhcp.option150_text);
	assert_int_equal(f.dhcp.option150_len, 14);
	assert_string_equal(f.dhcp.option150_words, "10.136.123.11");
	assert_int_equal(f.vlan, 110);
	assert_int_equal(f.dhcp.server_mac.b[5], 1);
	watch_end(&w);
}

TEST("the relay's circuit is readable text, or hex when it is not")
{
	struct watch w;
	struct fact f;
	watch_begin(&w);
	struct dhcp_message m = offer();
	(void)dhcp_option_add(&m, DHCP_OPTION_RELAY_AGENT, slice_of("\2\3abc\1\6Fa0/12", 13));
	m.giaddr = ip4_of(0x0a4d00fe);
	dhcp(&w, &m, false);
	assert_true(observer_next_fact(w.o, &f));
	assert_string_equal(f.dhcp.circuit, "Fa0/12");
	assert_true(mac_is_zero(f.dhcp.server_mac));
	m = offer();
	(void)dhcp_option_add(&m, DHCP_OPTION_RELAY_AGENT, slice_of("\1\4\0\4\0\156", 6));
	dhcp(&w, &m, false);
	assert_true(observer_next_fact(w.o, &f));
	assert_string_equal(f.dhcp.circuit, "0004006e");
	m = offer();
	(void)dhcp_option_add(&m, DHCP_OPTION_RELAY_AGENT, slice_of("\1\377x", 3));
	dhcp(&w, &m, false);
	assert_true(observer_next_fact(w.o, &f));
	assert_string_equal(f.dhcp.circuit, "x");
	watch_end(&w);
}

TEST("an offer without server identifier or lease time is told to be broken")
{
	struct watch w;
	struct dhcp_message m = {
	    .op = 2, .xid = 7, .chaddr = watch_mac, .yiaddr = watch_phone.ip, .type = DHCP_OFFER};
	watch_begin(&w);
	dhcp(&w, &m, false);
	assert_non_null(strstr(watch_facts(&w), "text=\"no server identifier (option 54)\""));
	(void)dhcp_option_add_ip(&m, DHCP_OPTION_SERVER_ID, watch_server.ip);
	dhcp(&w, &m, false);
	assert_non_null(strstr(watch_facts(&w), "text=\"no lease time (option 51)\""));
	m = offer();
	dhcp(&w, &m, false);
	assert_null(strstr(watch_facts(&w), "dhcp.broken"));
	watch_end(&w);
}

static void dns(struct watch *w, bool response, uint8_t rcode, uint8_t addresses)
{
	uint8_t bytes[300];
	struct writer to = writer_of(bytes, sizeof bytes);
	struct dns d = {.id = 9,
			.is_response = response,
			.rcode = rcode,
			.name = "tftp.example",
			.type = DNS_A,
			.address_count = addresses,
			.address = {{{10, 77, 0, 1}}}};
	struct flow flow = response ? watch_down(53) : watch_up(53);
	assert_int_equal(dns_encode(&d, &to), 0);
	observer_dns(w->o, &flow, writer_done(&to), w->at, ++w->number);
}

TEST("a name is asked, answered, not found, or answered with nothing")
{
	struct watch w;
	watch_begin(&w);
	watch_lease(&w);
	dns(&w, false, 0, 0);
	dns(&w, true, 0, 1);
	dns(&w, true, 3, 0);
	dns(&w, true, 0, 0);
	watch_expect(
	    &w, "dns.asked peer=10.77.0.1:53 name=\"tftp.example\" number=9 value=1\n"
		"dns.answered peer=10.77.0.1:53 name=\"tftp.example\" number=9 value=1,172818433\n"
		"dns.failed peer=10.77.0.1:53 name=\"tftp.example\" number=9 value=3\n"
		"dns.failed peer=10.77.0.1:53 name=\"tftp.example\" number=9\n");
	watch_end(&w);
}

TEST("four thousand questions of others push each other out, and the phone's last is still told")
{
	struct watch w;
	static const char name[] = "\0\1SEP001BD5853661.cnf.xml\0octet";
	struct flow ask = watch_up(69);
	watch_begin(&w);
	for (uint32_t i = 0; i < 10000; i++) {
		uint8_t bytes[100];
		struct writer to = writer_of(bytes, sizeof bytes);
		struct dns d = {.id = (uint16_t)i, .name = "www.example", .type = DNS_A};
		struct flow flow = {.from = {ip4_of(0x0b000000 + i), 999},
				    .to = {watch_server.ip, 53}};
		assert_int_equal(dns_encode(&d, &to), 0);
		observer_dns(w.o, &flow, writer_done(&to), w.at, i);
	}
	dns(&w, false, 0, 0);
	watch_expect(&w, "");
	assert_true(observer_tftp(w.o, &ask, slice_of(name, sizeof name), w.at, 1));
	assert_non_null(strstr(watch_facts(&w), "dns.asked"));
	watch_end(&w);
}

static void ntp(struct watch *w, bool answer, uint32_t unix_s, uint8_t stratum)
{
	uint8_t bytes[48] = {answer ? 0x24 : 0x23, stratum};
	struct writer to = writer_of(bytes + 40, 8);
	struct flow flow = answer ? watch_down(123) : watch_up(123);
	writer_be32(&to, unix_s + 2208988800u);
	observer_ntp(w->o, &flow, slice_of(bytes, 48), w->at, ++w->number);
}

TEST("the time a server gives is compared with the capture's clock; a station that asks on is told "
     "seldom")
{
	struct watch w;
	watch_begin(&w);
	watch_lease(&w);
	ntp(&w, false, 0, 0);
	ntp(&w, true, WATCH_UNIX + 7200, 3);
	watch_expect(&w, "ntp.asked peer=10.77.0.1:123\n"
			 "ntp.answered peer=10.77.0.1:123 number=3 value=7200\n");
	for (unsigned i = 0; i < 10; i++) {
		watch_wait(&w, 1);
		ntp(&w, false, 0, 0);
		ntp(&w, true, WATCH_UNIX, 3);
	}
	watch_expect(&w, "");
	watch_end(&w);
}

/* An ICMP error about a packet of 28 bytes. */
static void icmp(struct watch *w, uint8_t type, uint8_t code, bool about_phone, uint8_t protocol,
		 uint16_t port)
{
	uint8_t quoted[28] = {0x45, 0, 0, 28};
	struct slice from = slice_of(about_phone ? watch_phone.ip.b : watch_server.ip.b, 4);
	struct slice to = slice_of(about_phone ? watch_server.ip.b : watch_phone.ip.b, 4);
	struct flow flow = {.from = {ip4_of(0x0a4d00fe), 0}, .to = watch_phone};
	quoted[9] = protocol;
	memcpy(quoted + 12, from.ptr, 4);
	memcpy(quoted + 16, to.ptr, 4);
	struct writer ports = writer_of(quoted + 20, 4);
	writer_be16(&ports, about_phone ? 50000 : port);
	writer_be16(&ports, about_phone ? port : 50000);
	if (!about_phone)
		flow = (struct flow){.from = {watch_phone.ip, 0}, .to = {watch_server.ip, 0}};
	struct icmp i = {.type = type, .code = code, .mtu = 1400, .quoted = slice_of(quoted, 28)};
	observer_icmp(w->o, &flow, &i, w->at, ++w->number);
}

TEST("who says that the phone's packets do not arrive is told, and what to")
{
	struct watch w;
	watch_begin(&w);
	watch_lease(&w);
	icmp(&w, ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE, true, 17, 69);
	icmp(&w, ICMP_UNREACHABLE, ICMP_FRAGMENTATION_NEEDED, true, 6, 2000);
	icmp(&w, ICMP_TIME_EXCEEDED, 0, true, 6, 2000);
	icmp(&w, ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE, false, 17, 69);
	watch_expect(&w,
		     "icmp.unreachable peer=10.77.0.1:69 number=3 value=17 text=\"10.77.0.254\"\n"
		     "icmp.fragment peer=10.77.0.1:2000 number=1400 text=\"10.77.0.254\"\n"
		     "icmp.ttl peer=10.77.0.1:2000 text=\"10.77.0.254\"\n"
		     "icmp.from-phone peer=10.77.0.1:69 number=3\n");
	watch_end(&w);
}

TEST("an ICMP error in answer to a SYN refuses the connection")
{
	struct watch w;
	watch_begin(&w);
	watch_lease(&w);
	watch_segment(&w, true, 2000, OBSERVE_TCP_SYN, 0, 0, slice_of(NULL, 0));
	icmp(&w, ICMP_UNREACHABLE, ICMP_HOST_UNREACHABLE, true, 6, 2000);
	assert_non_null(strstr(watch_facts(&w), "tcp.refused peer=10.77.0.1:2000 number=1\n"));
	watch_end(&w);
}

static bool rtp(struct watch *w, bool up, uint16_t sequence)
{
	uint8_t bytes[32] = {0x80, 0, (uint8_t)(sequence >> 8), (uint8_t)sequence};
	const struct endpoint other = {ip4_of(0x0a4d0042), 20000};
	struct flow flow = {.from = {watch_phone.ip, 20002}, .to = other};
	if (!up)
		flow = (struct flow){.from = other, .to = {watch_phone.ip, 20002}};
	bytes[11] = up ? 1 : 2;
	return observer_rtp(w->o, &flow, slice_of(bytes, sizeof bytes), w->at, ++w->number);
}

TEST("three packets in sequence make a stream; its end tells what was lost")
{
	struct watch w;
	watch_begin(&w);
	watch_lease(&w);
	for (uint16_t i = 0; i < 100; i++) {
		if (i != 40 && i != 41)
			assert_true(rtp(&w, true, (uint16_t)(65500 + i)));
		watch_wait(&w, 0.02);
	}
	watch_expect(&w, "rtp.flow peer=10.77.0.66:20000 value=1\n");
	watch_wait(&w, 8);
	watch_expect(&w, "rtp.end peer=10.77.0.66:20000 number=98 value=1,2,2\n");
	watch_end(&w);
}

TEST("packets that only look like RTP make no stream")
{
	struct watch w;
	watch_begin(&w);
	watch_lease(&w);
	for (uint32_t i = 0; i < 100; i++)
		assert_true(rtp(&w, true, (uint16_t)(i * 7919)));
	watch_wait(&w, 8);
	watch_expect(&w, "");
	watch_end(&w);
}

TEST("a side that alone is heard for five seconds is told, one that is answered is not")
{
	struct watch w;
	for (unsigned both = 0; both < 2; both++) {
		watch_begin(&w);
		watch_lease(&w);
		for (uint16_t i = 0; i < 400; i++) {
			assert_true(rtp(&w, true, i));
			if (both == 1)
				assert_true(rtp(&w, false, i));
			watch_wait(&w, 0.02);
		}
		const char *text = watch_facts(&w);
		assert_int_equal(strstr(text, "rtp.one-way") != NULL, both == 0);
		watch_end(&w);
	}
}

TEST("eight thousand streams are followed, and a flood of invented ones stays within the ceiling")
{
	struct watch w;
	watch_begin(&w);
	watch_lease(&w);
	for (uint32_t i = 0; i < 30000; i++) {
		uint8_t bytes[32] = {0x80, 0, 0, (uint8_t)i};
		struct flow flow = {.from = {ip4_of(0x0b000000 + i), 20000}, .to = watch_phone};
		w.at += 100;
		assert_true(observer_rtp(w.o, &flow, slice_of(bytes, sizeof bytes), w.at, i));
	}
	for (uint16_t i = 0; i < 4; i++)
		assert_true(rtp(&w, true, i));
	watch_expect(&w, "rtp.flow peer=10.77.0.66:20000 value=1\n");
	watch_end(&w);
}
