/* Any sequence of datagrams to the DHCP server, with a disk that works, fails or takes its time:
 * what it answers is well formed and fits, and no address is promised to two at once.
 *
 * Input: records of one byte of instructions, one of length and so many bytes, which stand in for
 * the options of a packet. */
#include "dhcp/dhcp_server.h"

#include "base/reader.h"

#include <assert.h>

#define POOL 8

static struct {
	struct mac mac;
	dt_time until;
} promised[POOL];

static void check(const struct dhcp_reply *reply, dt_time now)
{
	struct dhcp_message m;
	uint32_t seconds = 0;

	assert(reply->len >= 300 && reply->len <= 1472);
	assert(dhcp_decode(slice_of(reply->bytes, reply->len), &m, NULL) == 0 && m.op == 2);
	if (m.type != DHCP_ACK || !dhcp_option_u32(&m, DHCP_OPTION_LEASE_TIME, &seconds))
		return;
	uint32_t i = ip4_number(m.yiaddr) - 0x0a4d0032;
	assert(i < POOL);
	assert(promised[i].until <= now || mac_equal(promised[i].mac, m.chaddr));
	promised[i].mac = m.chaddr;
	promised[i].until = now + DT_SECONDS(seconds);
}

static void forget(struct mac mac)
{
	for (unsigned i = 0; i < POOL; i++) {
		if (mac_equal(promised[i].mac, mac))
			promised[i].until = 0;
	}
}

static void send(struct dhcp_server *s, uint8_t how, struct slice options, dt_time now)
{
	uint8_t bytes[600];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct dhcp_message m = {.op = 1,
				 .type = (enum dhcp_type)(1 + how % 8),
				 .chaddr = {{2, 0, 0, 0, 0, (uint8_t)(1 + (how >> 3) % 12)}}};
	struct dhcp_arrival arrival = {.local = {{10, 77, 0, 1}}};

	if (m.type == DHCP_RELEASE || m.type == DHCP_DECLINE)
		forget(m.chaddr);
	if ((how & 0x80) != 0)
		m.giaddr = ip4_of(0x0a4d00fe);
	if (options.len > 0)
		m.ciaddr = ip4_of(options.ptr[0] % 2 ? 0 : 0x0a4d0032u + options.ptr[0] % POOL);
	(void)dhcp_encode(&m, &w);
	if (options.len > 0)
		memcpy(bytes + 243, options.ptr, options.len);
	dhcp_server_input(s, &arrival, slice_of(bytes, options.len < 57 ? 300 : 243 + options.len),
			  now);
}

static void drain(struct dhcp_server *s, uint8_t how, dt_time now)
{
	struct dhcp_reply reply;
	struct dhcp_event event;
	struct change change;

	while (how % 3 != 0 && dhcp_server_next_change(s, &change))
		dhcp_server_commit_done(s, change.ticket, how % 3 == 1, now);
	while (dhcp_server_next_output(s, &reply))
		check(&reply, now);
	while (dhcp_server_next_event(s, &event))
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = reader_of(slice_of(data, size));
	struct reg *reg = reg_new();
	struct settings settings = settings_default();
	dt_time now = 0;

	memset(promised, 0, sizeof promised);
	settings.server_ip = ip4_of(0x0a4d0001);
	settings.subnet = ip4_of(0x0a4d0000);
	settings.netmask = ip4_of(0xffffff00);
	settings.pool_first = ip4_of(0x0a4d0032);
	settings.pool_last = ip4_of(0x0a4d0032 + POOL - 1);
	settings.lease_s = 600;
	reg_load_settings(reg, &settings);
	struct dhcp_server *s = dhcp_server_new(reg);
	while (reader_left(&r) >= 2) {
		uint8_t how = reader_u8(&r);
		size_t len = reader_u8(&r);
		len = len < reader_left(&r) ? len : reader_left(&r);
		send(s, how, reader_bytes(&r, len), now);
		drain(s, (uint8_t)(how ^ len), now);
		now += DT_MS(len * 37);
	}
	dhcp_server_free(s);
	reg_free(reg);
	return 0;
}
