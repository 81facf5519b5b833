#include "site.h"

#include <sys/mman.h>
#include <unistd.h>

const struct mac phone_a = {{0x00, 0x30, 0x94, 0xc2, 0xd5, 0xca}};
const struct mac phone_b = {{0x00, 0x30, 0x94, 0xc2, 0xd5, 0xcb}};
const struct dhcp_arrival here = {.from = {{{0}}, 68}, .local = {{10, 77, 0, 1}}, .interface = 3};

struct slice at_the_edge(struct slice bytes)
{
	static uint8_t *map;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	if (map == NULL) {
		map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
		assert_true(map != MAP_FAILED);
		assert_int_equal(mprotect(map + page, page, PROT_NONE), 0);
	}
	assert_in_range(bytes.len, 0, page);
	memcpy(map + page - bytes.len, bytes.ptr, bytes.len);
	return slice_of(map + page - bytes.len, bytes.len);
}

struct reg *site(unsigned pool)
{
	struct reg *r = reg_new();
	struct settings s = settings_default();
	assert_non_null(r);
	s.server_ip = ip4_of(SERVER);
	s.netmask = ip4_of(0xffffff00);
	s.subnet = ip4_of(0x0a4d0000);
	s.pool_first = ip4_of(POOL_FIRST);
	s.pool_last = ip4_of(POOL_FIRST + pool - 1);
	s.router = ip4_of(0x0a4d00fe);
	s.lease_s = 600;
	reg_load_settings(r, &s);
	return r;
}

struct dhcp_message packet(enum dhcp_type type, struct mac mac)
{
	struct dhcp_message m = {
	    .op = 1, .type = type, .xid = 7, .flags = DHCP_FLAG_BROADCAST, .chaddr = mac};
	return m;
}

struct dhcp_message request_for(struct mac mac, uint32_t ip, bool selecting)
{
	struct dhcp_message m = packet(DHCP_REQUEST, mac);
	add_ip(&m, DHCP_OPTION_REQUESTED_IP, ip);
	if (selecting)
		add_ip(&m, DHCP_OPTION_SERVER_ID, SERVER);
	return m;
}

void add_text(struct dhcp_message *m, uint8_t option, const char *text)
{
	assert_int_equal(dhcp_option_add_text(m, option, text), 0);
}

void add_ip(struct dhcp_message *m, uint8_t option, uint32_t ip)
{
	assert_int_equal(dhcp_option_add_ip(m, option, ip4_of(ip)), 0);
}

void send_from(struct dhcp_server *s, const struct dhcp_arrival *arrival,
	       const struct dhcp_message *m, dt_time now)
{
	uint8_t bytes[DHCP_MESSAGE_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);
	assert_int_equal(dhcp_encode(m, &w), 0);
	dhcp_server_input(s, arrival, at_the_edge(writer_done(&w)), now);
}

void send(struct dhcp_server *s, const struct dhcp_message *m, dt_time now)
{
	send_from(s, &here, m, now);
}

struct dhcp_message answer(struct dhcp_server *s, struct dhcp_reply *ret_reply)
{
	struct dhcp_message m = {0};
	struct dhcp_reply reply;
	if (!dhcp_server_next_output(s, &reply))
		return m;
	assert_int_equal(dhcp_decode(slice_of(reply.bytes, reply.len), &m, NULL), 0);
	assert_int_equal(m.op, 2);
	assert_int_equal(m.xid, 7);
	if (ret_reply != NULL)
		*ret_reply = reply;
	return m;
}

void commit(struct dhcp_server *s, bool ok, dt_time now)
{
	struct change c;
	while (dhcp_server_next_change(s, &c))
		dhcp_server_commit_done(s, c.ticket, ok, now);
}

uint32_t lease(struct dhcp_server *s, struct mac mac, dt_time now)
{
	struct dhcp_message m = packet(DHCP_DISCOVER, mac);
	send(s, &m, now);
	uint32_t ip = ip4_number(answer(s, NULL).yiaddr);
	m = request_for(mac, ip, true);
	send(s, &m, now);
	commit(s, true, now);
	assert_int_equal(answer(s, NULL).type, DHCP_ACK);
	return ip;
}

uint32_t lease_s_of(const struct dhcp_message *m)
{
	uint32_t seconds = 0;
	(void)dhcp_option_u32(m, DHCP_OPTION_LEASE_TIME, &seconds);
	return seconds;
}

unsigned events(struct dhcp_server *s, enum dhcp_event_kind kind)
{
	struct dhcp_event event;
	unsigned n = 0;
	while (dhcp_server_next_event(s, &event))
		n += event.kind == kind;
	return n;
}

struct mac numbered(uint32_t n)
{
	return (struct mac){{0x00, 0x1b, 0, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
}
