/* The timeline: order, joining of addresses, and its ceilings. */
#include "harness.h"

#include "base/error.h"
#include "boot/timeline.h"

static struct mac mac_of(uint32_t n)
{
	return (struct mac){
	    {0x00, 0x1b, (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
}

static struct fact fact_of(enum fact_kind kind, struct mac mac, dt_time at)
{
	return (struct fact){.kind = kind, .mac = mac, .at = at, .evidence = (uint64_t)at};
}

TEST("facts that come slightly out of order are put in order, equal times keep theirs")
{
	static const dt_time at[] = {5, 1, 3, 3, 2};
	const struct fact *facts = NULL;
	struct timeline *t = timeline_new();
	for (uint32_t i = 0; i < 5; i++) {
		struct fact f = fact_of(FACT_TCP_SYN, mac_of(1), at[i]);
		f.number = i;
		assert_int_equal(timeline_add(t, &f), 0);
	}
	assert_int_equal(timeline_facts(t, mac_of(1), &facts), 5);
	static const uint32_t order[] = {1, 4, 2, 3, 0};
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(facts[i].number, order[i]);
	timeline_free(t);
}

TEST("what was seen of an address joins the phone that claims it, unless the lease is older")
{
	const struct ip4 ip = {{10, 0, 0, 9}};
	const struct fact *facts = NULL;
	for (int late = 0; late <= 1; late++) {
		struct timeline *t = timeline_new();
		struct fact seen = fact_of(FACT_TCP_SYN, (struct mac){{0}}, DT_SECONDS(10));
		seen.ip = ip;
		assert_int_equal(timeline_add(t, &seen), 0);
		struct fact ack = fact_of(FACT_DHCP_ACK, mac_of(2), DT_SECONDS(late ? 5000 : 20));
		ack.ip = ip;
		ack.dhcp.lease_s = 3600;
		assert_int_equal(timeline_add(t, &ack), 0);
		assert_int_equal(timeline_facts(t, mac_of(2), &facts), late ? 1 : 2);
		assert_int_equal(timeline_phone_count(t), late ? 2 : 1);
		timeline_free(t);
	}
}

TEST("a week of keepalives does not push out the boot")
{
	const struct fact *facts = NULL;
	struct timeline *t = timeline_new();
	struct fact boot = fact_of(FACT_SCCP_REGISTER, mac_of(3), 1);
	assert_int_equal(timeline_add(t, &boot), 0);
	for (dt_time i = 1; i <= 20160; i++) {
		struct fact ask = fact_of(FACT_SCCP_KEEPALIVE, mac_of(3), DT_SECONDS(30 * i));
		struct fact answer =
		    fact_of(FACT_SCCP_KEEPALIVE_ACK, mac_of(3), DT_SECONDS(30 * i) + 5);
		assert_int_equal(timeline_add(t, &ask), 0);
		assert_int_equal(timeline_add(t, &answer), 0);
	}
	size_t n = timeline_facts(t, mac_of(3), &facts);
	assert_in_range(n, 3, 10);
	assert_int_equal(facts[0].kind, FACT_SCCP_REGISTER);
	assert_int_equal(facts[n - 1].at, DT_SECONDS(30 * 20160) + 5);
	assert_int_equal(timeline_dropped(t, mac_of(3)), 0);
	timeline_free(t);
}

TEST("a flood of invented addresses pushes out itself, not the phone that speaks")
{
	const struct fact *facts = NULL;
	struct timeline *t = timeline_new();
	for (uint32_t i = 0; i < 120000; i++) {
		struct fact flood = fact_of(FACT_DHCP_DISCOVER, mac_of(1000 + i), i);
		assert_int_equal(timeline_add(t, &flood), 0);
		struct fact real = fact_of(FACT_SCCP_KEEPALIVE, mac_of(4), i);
		if (i % 1000 == 0)
			assert_int_equal(timeline_add(t, &real), 0);
	}
	assert_in_range(timeline_phone_count(t), 1, 50000);
	assert_true(timeline_facts(t, mac_of(4), &facts) > 0);
	timeline_free(t);
}

HARNESS_OOM("a timeline without memory loses the fact and nothing else")
{
	struct timeline *t = timeline_new();
	int error = t == NULL ? E_NO_MEMORY : 0;
	for (uint32_t i = 0; error == 0 && i < 40; i++) {
		struct fact f = fact_of(FACT_TCP_SYN, mac_of(i % 3), i);
		f.ip = (struct ip4){{10, 0, 0, (uint8_t)i}};
		error = timeline_add(t, &f);
	}
	if (t != NULL)
		timeline_free(t);
	return error;
}

TEST("what the stories take is told, and grows with them")
{
	struct timeline *t = timeline_new();
	size_t empty = timeline_bytes(t);
	struct fact f = fact_of(FACT_TCP_SYN, mac_of(1), 1);
	assert_int_equal(timeline_add(t, &f), 0);
	size_t one = timeline_bytes(t);
	assert_true(empty == 0 && one > 0);
	for (dt_time at = 2; at < 1000; at++) {
		f = fact_of(FACT_TCP_SYN, mac_of(1), at);
		assert_int_equal(timeline_add(t, &f), 0);
	}
	assert_true(timeline_bytes(t) > one);
	timeline_free(t);
}
