/* An ACK never promises more than the disk holds: the disk fails, or takes its time. */
#include "site.h"

#include "base/alloc.h"

/* The next change, not yet reported back. */
static struct change taken(struct dhcp_server *s)
{
	struct change c = {0};
	assert_true(dhcp_server_next_change(s, &c));
	return c;
}

TEST("a phone nobody knows gets five marked minutes while the disk is full, and its next request "
     "makes them a lease")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = request_for(phone_a, POOL_FIRST, false);
	size_t count = 0;
	send(s, &m, 0);
	commit(s, false, 0);
	struct dhcp_message ack = answer(s, NULL);
	assert_int_equal(ack.type, DHCP_ACK);
	assert_int_equal(lease_s_of(&ack), 300);
	const struct lease *l = dhcp_server_lease_by_mac(s, phone_a, 0);
	assert_non_null(l);
	assert_true(l->temporary);
	assert_int_equal(events(s, DHCP_EVENT_TEMPORARY), 1);
	/* In the list, and nobody else's. */
	const struct lease **list = dhcp_server_lease_list(s, &count);
	assert_int_equal(count, 1);
	assert_true(list[0]->temporary);
	alloc_free(list);
	struct dhcp_message other = request_for(phone_b, POOL_FIRST, false);
	send(s, &other, DT_SECONDS(10));
	assert_int_equal(answer(s, NULL).type, DHCP_NAK);
	/* Its renewal finds the disk well again. */
	m = packet(DHCP_REQUEST, phone_a);
	m.ciaddr = ip4_of(POOL_FIRST);
	send(s, &m, DT_SECONDS(150));
	commit(s, true, DT_SECONDS(150));
	ack = answer(s, NULL);
	assert_int_equal(lease_s_of(&ack), 600);
	assert_false(dhcp_option_has(&ack, DHCP_OPTION_MESSAGE));
	assert_false(dhcp_server_lease_by_mac(s, phone_a, DT_SECONDS(150))->temporary);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a temporary lease ends after five minutes")
{
	struct reg *r = site(1);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = request_for(phone_a, POOL_FIRST, false);
	send(s, &m, 0);
	commit(s, false, 0);
	(void)answer(s, NULL);
	assert_null(dhcp_server_lease_by_ip(s, ip4_of(POOL_FIRST), DT_SECONDS(301)));
	assert_int_equal(lease(s, phone_b, DT_SECONDS(301)), POOL_FIRST);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a request repeated after two seconds does not wait for a slow disk any more")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = request_for(phone_a, POOL_FIRST, false);
	send(s, &m, 0);
	struct change slow = taken(s);
	send(s, &m, DT_MS(1999));
	assert_int_equal(answer(s, NULL).type, DHCP_BOOTP);
	send(s, &m, DT_SECONDS(4));
	struct dhcp_message ack = answer(s, NULL);
	assert_int_equal(lease_s_of(&ack), 300);
	assert_int_equal(events(s, DHCP_EVENT_STORE_SLOW), 1);
	/* Then the disk has it after all: no second answer, and the lease is a lease. */
	dhcp_server_commit_done(s, slow.ticket, true, DT_SECONDS(30));
	assert_int_equal(answer(s, NULL).type, DHCP_BOOTP);
	const struct lease *l = dhcp_server_lease_by_mac(s, phone_a, DT_SECONDS(30));
	assert_false(l->temporary);
	assert_true(l->expires > DT_SECONDS(600));
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a slow commit that fails in the end leaves the five minutes it bridged")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = request_for(phone_a, POOL_FIRST, false);
	send(s, &m, 0);
	struct change slow = taken(s);
	send(s, &m, DT_SECONDS(4));
	(void)answer(s, NULL);
	dhcp_server_commit_done(s, slow.ticket, false, DT_SECONDS(20));
	assert_int_equal(answer(s, NULL).type, DHCP_BOOTP);
	assert_non_null(dhcp_server_lease_by_mac(s, phone_a, DT_SECONDS(303)));
	assert_null(dhcp_server_lease_by_mac(s, phone_a, DT_SECONDS(306)));
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a known phone is told what the disk still holds, however often it asks")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	uint32_t ip = lease(s, phone_a, 0);
	struct dhcp_message m = packet(DHCP_REQUEST, phone_a);
	m.ciaddr = ip4_of(ip);
	for (int t = 100; t <= 500; t += 100) {
		send(s, &m, DT_SECONDS(t));
		commit(s, false, DT_SECONDS(t));
		struct dhcp_message ack = answer(s, NULL);
		assert_int_equal(lease_s_of(&ack), 600 - t);
		assert_false(dhcp_option_has(&ack, DHCP_OPTION_MESSAGE));
	}
	assert_int_equal(events(s, DHCP_EVENT_TEMPORARY), 0);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a known phone about to lose its address gets five minutes from memory")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	uint32_t ip = lease(s, phone_a, 0);
	struct dhcp_message m = packet(DHCP_REQUEST, phone_a);
	m.ciaddr = ip4_of(ip);
	send(s, &m, DT_SECONDS(590));
	commit(s, false, DT_SECONDS(590));
	struct dhcp_message ack = answer(s, NULL);
	assert_int_equal(lease_s_of(&ack), 300);
	assert_true(dhcp_option_has(&ack, DHCP_OPTION_MESSAGE));
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a reservation is acknowledged in full without a write when the disk fails or is slow")
{
	struct reg *r = site(10);
	struct device d = {.name = "SEP003094C2D5CA", .type = 7, .reserved_ip = {{10, 77, 0, 9}}};
	assert_int_equal(reg_load_device(r, &d), 0);
	struct dhcp_server *s = dhcp_server_new(r);
	struct dhcp_message m = request_for(phone_a, 0x0a4d0009, false);
	send(s, &m, 0);
	commit(s, false, 0);
	struct dhcp_message ack = answer(s, NULL);
	assert_int_equal(lease_s_of(&ack), 600);
	send(s, &m, DT_SECONDS(1));
	struct change slow = taken(s);
	send(s, &m, DT_SECONDS(5));
	ack = answer(s, NULL);
	assert_int_equal(lease_s_of(&ack), 600);
	assert_false(dhcp_option_has(&ack, DHCP_OPTION_MESSAGE));
	assert_int_equal(slow.kind, CHANGE_LEASE_PUT);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("when too many wait for the disk the next one is answered from memory")
{
	struct reg *r = site(100);
	struct settings settings = *reg_settings(r);
	settings.netmask = ip4_of(0xffff0000);
	settings.pool_last = ip4_of(POOL_FIRST + 30000);
	reg_load_settings(r, &settings);
	struct dhcp_server *s = dhcp_server_new(r);
	struct change c;
	uint32_t n = 0;
	/* The changes are taken and never reported back. */
	for (; n < 20002; n++) {
		struct dhcp_message m = request_for(numbered(n), POOL_FIRST + n, false);
		send(s, &m, 0);
		(void)dhcp_server_next_change(s, &c);
	}
	/* Before it, the refusal of the router's address. */
	assert_int_equal(answer(s, NULL).type, DHCP_NAK);
	struct dhcp_message ack = answer(s, NULL);
	assert_int_equal(ack.type, DHCP_ACK);
	assert_true(mac_equal(ack.chaddr, numbered(n - 1)));
	assert_int_equal(lease_s_of(&ack), 300);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("a phone that asks while its own release is being written is not promised what that deletes")
{
	struct reg *r = site(10);
	struct dhcp_server *s = dhcp_server_new(r);
	uint32_t ip = lease(s, phone_a, 0);
	struct dhcp_message m = packet(DHCP_RELEASE, phone_a);
	m.ciaddr = ip4_of(ip);
	send(s, &m, 0);
	struct change deletion = taken(s);
	assert_int_equal(deletion.kind, CHANGE_LEASE_DELETE);
	m = request_for(phone_a, ip, false);
	send(s, &m, 0);
	dhcp_server_commit_done(s, deletion.ticket, true, 0);
	assert_int_equal(answer(s, NULL).type, DHCP_BOOTP);
	assert_null(dhcp_server_lease_by_ip(s, ip4_of(ip), 0));
	/* It asks again, and then there is nothing in the way. */
	send(s, &m, DT_SECONDS(4));
	commit(s, true, DT_SECONDS(4));
	assert_int_equal(answer(s, NULL).type, DHCP_ACK);
	dhcp_server_free(s);
	reg_free(r);
}

TEST("an address declined while the disk is full is parked all the same")
{
	struct reg *r = site(1);
	struct dhcp_server *s = dhcp_server_new(r);
	uint32_t ip = lease(s, phone_a, 0);
	struct dhcp_message m = request_for(phone_a, ip, true);
	m.type = DHCP_DECLINE;
	send(s, &m, 0);
	commit(s, false, 0);
	m = packet(DHCP_DISCOVER, phone_b);
	send(s, &m, DT_SECONDS(700));
	assert_int_equal(answer(s, NULL).type, DHCP_BOOTP);
	send(s, &m, DT_SECONDS(3601));
	assert_int_equal(answer(s, NULL).type, DHCP_OFFER);
	dhcp_server_free(s);
	reg_free(r);
}
