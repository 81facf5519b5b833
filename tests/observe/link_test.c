/* What is seen before and beside IP: neighbours, 802.1X, ARP. */
#include "watch.h"

#include "proto/arp/arp.h"
#include "proto/cdp/cdp.h"
#include "proto/eapol/eapol.h"
#include "proto/lldp/lldp.h"

static const struct mac switch_mac = {{0x00, 0x18, 0xba, 0, 0, 1}};
static const struct mac other_mac = {{0x00, 0x50, 0x56, 0, 0, 9}};
static const struct mac group = {{0x01, 0x80, 0xc2, 0, 0, 3}};

static void phone_cdp(struct watch *w, struct mac mac)
{
	struct link_ends ends = {.source = mac};
	struct cdp c = {.version = 2,
			.device_id = slice_text("SEP001BD5853661"),
			.platform = slice_text("Cisco IP Phone 7961"),
			.has_voice_query = true,
			.has_duplex = true,
			.full_duplex = true,
			.consumption_mw = 6300,
			.requested = {.present = true, .count = 1, .mw = {7000}}};
	observer_cdp(w->o, &ends, &c, w->at, ++w->number);
}

static void switch_cdp(struct watch *w, uint16_t vlan)
{
	struct link_ends ends = {.source = switch_mac};
	struct cdp c = {.version = 2,
			.device_id = slice_text("Switch3"),
			.port_id = slice_text("Fa0/12"),
			.has_native_vlan = true,
			.native_vlan = 20,
			.has_voice_vlan = vlan != 0,
			.voice_vlan = vlan,
			.available = {.present = true, .count = 2, .mw = {UINT32_MAX, 15400}}};
	observer_cdp(w->o, &ends, &c, w->at, ++w->number);
}

TEST("a phone asks for its voice VLAN by CDP, and the switch answers it")
{
	struct watch w;
	watch_begin(&w);
	phone_cdp(&w, watch_mac);
	switch_cdp(&w, 110);
	watch_expect(&w, "cdp.phone name=\"SEP001BD5853661\" number=1 value=6300,2,7000 "
			 "text=\"Cisco IP Phone 7961\"\n"
			 "cdp.switch name=\"Switch3\" number=110 value=20 text=\"Fa0/12\"\n");
	watch_end(&w);
}

TEST("what a switch says concerns nobody in particular when no phone, or several, are there")
{
	struct watch w;
	struct fact f;
	watch_begin(&w);
	switch_cdp(&w, 110);
	assert_true(observer_next_fact(w.o, &f));
	assert_true(mac_is_zero(f.mac));
	phone_cdp(&w, watch_mac);
	phone_cdp(&w, other_mac);
	(void)watch_facts(&w);
	switch_cdp(&w, 111);
	assert_true(observer_next_fact(w.o, &f));
	assert_true(mac_is_zero(f.mac));
	watch_end(&w);
}

TEST("a neighbour that says the same for ever is told a few times, then now and then")
{
	struct watch w;
	unsigned told = 0;
	struct fact f;
	watch_begin(&w);
	for (unsigned i = 0; i < 100; i++)
		phone_cdp(&w, watch_mac);
	while (observer_next_fact(w.o, &f))
		told++;
	assert_int_equal(told, 8 + 9);
	switch_cdp(&w, 110);
	switch_cdp(&w, 0);
	assert_non_null(strstr(watch_facts(&w), "cdp.switch name=\"Switch3\" value=20"));
	watch_end(&w);
}

TEST("LLDP-MED tells the same as CDP; a PC's LLDP tells nothing")
{
	struct watch w;
	watch_begin(&w);
	struct link_ends phone = {.source = watch_mac};
	struct link_ends net = {.source = switch_mac};
	struct lldp p = {.system_name = slice_text("SEP001BD5853661"),
			 .has_med = true,
			 .med_class = LLDP_MED_PHONE,
			 .model = slice_text("CP-7961G"),
			 .has_link = true,
			 .mau = 16,
			 .power = {.present = true, .is_device = true, .mw = 6300}};
	struct lldp s = {.port_kind = LLDP_PORT_LOCAL,
			 .port = slice_text("Fa0/12"),
			 .system_name = slice_text("sw"),
			 .has_capabilities = true,
			 .capabilities = LLDP_BRIDGE,
			 .policy_count = 1,
			 .policy = {{.application = LLDP_VOICE, .tagged = true, .vlan = 50}}};
	struct lldp pc = {.system_name = slice_text("pc"),
			  .has_capabilities = true,
			  .capabilities = LLDP_STATION};
	observer_lldp(w.o, &phone, &p, w.at, 1);
	observer_lldp(w.o, &net, &s, w.at, 2);
	observer_lldp(w.o, &net, &pc, w.at, 3);
	watch_expect(&w, "lldp.phone name=\"SEP001BD5853661\" value=6300,2 text=\"CP-7961G\"\n"
			 "lldp.switch name=\"sw\" number=50 value=1 text=\"Fa0/12\"\n");
	watch_end(&w);
}

TEST("802.1X: the phone starts, is asked, answers, and is refused")
{
	struct watch w;
	watch_begin(&w);
	struct link_ends up = {.source = watch_mac, .destination = group};
	struct link_ends down = {.source = switch_mac, .destination = watch_mac};
	struct eapol start = {.type = EAPOL_START};
	struct eapol ask = {.code = EAP_REQUEST, .method = EAP_IDENTITY};
	struct eapol answer = {
	    .code = EAP_RESPONSE, .method = EAP_IDENTITY, .identity = slice_text("CP-7961G-SEP1")};
	struct eapol failure = {.code = EAP_FAILURE};
	observer_eapol(w.o, &up, &start, w.at, 1);
	observer_eapol(w.o, &down, &ask, w.at, 2);
	observer_eapol(w.o, &up, &answer, w.at, 3);
	observer_eapol(w.o, &down, &failure, w.at, 4);
	watch_expect(&w, "eapol.start\neap.request number=1\n"
			 "eap.response number=1 text=\"CP-7961G-SEP1\"\neap.failure\n");
	watch_end(&w);
}

static void arp(struct watch *w, uint16_t op, struct mac from, uint32_t from_ip, struct mac to,
		uint32_t to_ip)
{
	struct link_ends ends = {.source = from, .destination = to};
	struct arp a = {.op = op,
			.sender = from,
			.sender_ip = ip4_of(from_ip),
			.target = to,
			.target_ip = ip4_of(to_ip)};
	observer_arp(w->o, &ends, &a, w->at, ++w->number);
}

#define PHONE_IP   0x0a4d0041u
#define GATEWAY_IP 0x0a4d00feu
static const struct mac nobody = {{0}};

TEST("the gateway that answers with two hardware addresses is told with their count")
{
	struct watch w;
	watch_begin(&w);
	watch_lease(&w);
	for (unsigned i = 0; i < 5; i++)
		arp(&w, ARP_REQUEST, watch_mac, PHONE_IP, nobody, GATEWAY_IP);
	watch_expect(&w, "arp.asked peer=10.77.0.254\narp.asked peer=10.77.0.254\n"
			 "arp.asked peer=10.77.0.254\n");
	arp(&w, ARP_REPLY, switch_mac, GATEWAY_IP, watch_mac, PHONE_IP);
	arp(&w, ARP_REPLY, switch_mac, GATEWAY_IP, watch_mac, PHONE_IP);
	arp(&w, ARP_REPLY, other_mac, GATEWAY_IP, watch_mac, PHONE_IP);
	watch_expect(&w, "arp.answered peer=10.77.0.254 number=1 text=\"00:18:ba:00:00:01\"\n"
			 "arp.answered peer=10.77.0.254 number=2 text=\"00:50:56:00:00:09\"\n");
	watch_end(&w);
}

TEST("who answers a phone's probe, or claims its leased address, is in conflict with it")
{
	struct watch w;
	watch_begin(&w);
	watch_lease(&w);
	arp(&w, ARP_REQUEST, watch_mac, 0, nobody, 0x0a4d0042);
	arp(&w, ARP_REPLY, other_mac, 0x0a4d0042, watch_mac, 0);
	assert_non_null(strstr(watch_facts(&w), "arp.conflict peer=10.77.0.66 number=1 "
						"text=\"00:50:56:00:00:09\"\n"));
	arp(&w, ARP_REQUEST, watch_mac, PHONE_IP, nobody, PHONE_IP);
	(void)watch_facts(&w);
	arp(&w, ARP_REQUEST, other_mac, PHONE_IP, nobody, PHONE_IP);
	assert_non_null(strstr(watch_facts(&w), "arp.conflict peer=10.77.0.65 number=2 "
						"text=\"00:50:56:00:00:09\"\n"));
	watch_end(&w);
}

TEST("a host that speaks for a phone which never says that the address is its own is in conflict "
     "with nobody")
{
	struct watch w;
	watch_begin(&w);
	watch_lease(&w);
	/* Not even when it has asked whether its address is taken. */
	arp(&w, ARP_REQUEST, watch_mac, 0, nobody, PHONE_IP);
	arp(&w, ARP_REQUEST, other_mac, PHONE_IP, nobody, GATEWAY_IP);
	arp(&w, ARP_REQUEST, other_mac, PHONE_IP, nobody, GATEWAY_IP);
	assert_null(strstr(watch_facts(&w), "arp.conflict"));
	watch_end(&w);
}

TEST("after the lease the address may be anybody's")
{
	struct watch w;
	watch_begin(&w);
	watch_lease(&w);
	watch_wait(&w, 3601);
	arp(&w, ARP_REQUEST, other_mac, PHONE_IP, nobody, PHONE_IP);
	assert_null(strstr(watch_facts(&w), "arp.conflict"));
	watch_end(&w);
}

TEST("what a station did is told when it turns out to be a phone, not before")
{
	struct watch w;
	struct flow ask = {.from = {ip4_of(PHONE_IP), 40000}, .to = {watch_server.ip, 69}};
	static const char name[] = "\0\1SEP001BD5853661.cnf.xml\0octet";
	watch_begin(&w);
	arp(&w, ARP_REQUEST, watch_mac, PHONE_IP, nobody, GATEWAY_IP);
	watch_expect(&w, "");
	assert_true(observer_tftp(w.o, &ask, slice_of(name, sizeof name), w.at, 9));
	watch_expect(&w, "arp.asked peer=10.77.0.254\n"
			 "file.asked peer=10.77.0.1:69 name=\"SEP001BD5853661.cnf.xml\" "
			 "value=40000\n");
	watch_end(&w);
}

TEST("a host that speaks for many addresses is none of the phones behind it")
{
	struct watch w;
	struct mac mac;
	watch_begin(&w);
	arp(&w, ARP_REQUEST, other_mac, 0x0a4d0081, nobody, GATEWAY_IP);
	assert_true(observer_identify(w.o, ip4_of(0x0a4d0081), &mac));
	arp(&w, ARP_REQUEST, other_mac, 0x0a4d0082, nobody, GATEWAY_IP);
	assert_false(observer_identify(w.o, ip4_of(0x0a4d0081), &mac));
	assert_false(observer_identify(w.o, ip4_of(0x0a4d0082), &mac));
	struct flow ask = {.from = {ip4_of(0x0a4d0081), 40000}, .to = {watch_server.ip, 69}};
	static const char name[] = "\0\1SEP001BD5853661.cnf.xml\0octet";
	assert_true(observer_tftp(w.o, &ask, slice_of(name, sizeof name), w.at, 9));
	assert_true(observer_identify(w.o, ip4_of(0x0a4d0081), &mac));
	assert_true(mac_equal(mac, watch_mac));
	watch_end(&w);
}

TEST("more than a thousand broadcasts a second are told once in a while, fewer never")
{
	struct watch w;
	watch_begin(&w);
	for (unsigned i = 0; i < 10000; i++)
		observer_broadcast(w.o, 110, w.at + (dt_time)i * 1100, i);
	watch_expect(&w, "");
	for (unsigned i = 0; i < 10000; i++)
		observer_broadcast(w.o, 110, w.at + DT_SECONDS(60) + (dt_time)i * 500, i);
	watch_expect(&w, "lan.storm vlan=110 number=1001\n");
	watch_end(&w);
}
