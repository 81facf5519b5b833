#include "watch.h"

#include "base/buf.h"
#include "base/text.h"
#include "proto/dhcp/dhcp.h"

#include <stdio.h>

const struct endpoint watch_phone = {{{10, 77, 0, 65}}, 50000};
const struct endpoint watch_server = {{{10, 77, 0, 1}}, 2000};
const struct mac watch_mac = {{0x00, 0x1b, 0xd5, 0x85, 0x36, 0x61}};

static uint32_t next_seq[2];

void watch_begin(struct watch *w)
{
	memset(w, 0, sizeof *w);
	w->o = observer_new(VANTAGE_CAPTURE);
	assert_non_null(w->o);
	observer_set_clock(w->o, DT_SECONDS(WATCH_UNIX));
}

void watch_end(struct watch *w)
{
	observer_free(w->o);
}

void watch_wait(struct watch *w, double seconds)
{
	w->at += (dt_time)(seconds * 1e6);
	observer_expire(w->o, w->at, false);
}

/* Takes " mac=… ip=…" of the phone under test out of a line. */
static void cut(char *line, const char *part)
{
	char *at = strstr(line, part);

	if (at != NULL)
		memmove(at, at + strlen(part), strlen(at + strlen(part)) + 1);
}

const char *watch_facts(struct watch *w)
{
	struct fact f;
	size_t used = 0;
	struct buf to;

	buf_init(&to, 1024);
	w->text[0] = 0;
	while (observer_next_fact(w->o, &f)) {
		char line[1024];
		buf_clear(&to);
		fact_format(&f, &to);
		(void)text_copy(line, sizeof line, buf_cstr(&to));
		cut(line, " mac=00:1b:d5:85:36:61");
		cut(line, " ip=10.77.0.65");
		used += (size_t)snprintf(w->text + used, sizeof w->text - used, "%s\n", line);
		assert_true(used < sizeof w->text);
	}
	buf_done(&to);
	return w->text;
}

void watch_expect(struct watch *w, const char *lines)
{
	assert_string_equal(watch_facts(w), lines);
}

struct flow watch_up(uint16_t port)
{
	return (struct flow){.from = watch_phone, .to = {watch_server.ip, port}, .ttl = 64};
}

struct flow watch_down(uint16_t port)
{
	return (struct flow){.from = {watch_server.ip, port}, .to = watch_phone, .ttl = 128};
}

void watch_lease(struct watch *w)
{
	static const enum dhcp_type types[] = {DHCP_DISCOVER, DHCP_OFFER, DHCP_REQUEST, DHCP_ACK};

	for (size_t i = 0; i < 4; i++) {
		uint8_t bytes[600];
		struct writer to = writer_of(bytes, sizeof bytes);
		bool up = i % 2 == 0;
		struct dhcp_message m = {
		    .op = up ? 1 : 2, .xid = 7, .chaddr = watch_mac, .type = types[i]};
		if (up) {
			(void)dhcp_option_add_text(&m, DHCP_OPTION_VENDOR_CLASS,
						   "Cisco Systems, Inc. IP Phone CP-7961G");
		} else {
			m.yiaddr = watch_phone.ip;
			(void)dhcp_option_add_ip(&m, DHCP_OPTION_SERVER_ID, watch_server.ip);
			(void)dhcp_option_add_u32(&m, DHCP_OPTION_LEASE_TIME, 3600);
			(void)dhcp_option_add_ip(&m, DHCP_OPTION_TFTP_SERVERS, watch_server.ip);
			(void)dhcp_option_add_ip(&m, DHCP_OPTION_ROUTER, ip4_of(0x0a4d00fe));
		}
		assert_int_equal(dhcp_encode(&m, &to), 0);
		struct flow flow = {.from = {ip4_of(0), 68}, .to = {ip4_of(0xffffffff), 67}};
		flow.source = watch_mac;
		if (!up)
			flow = (struct flow){.from = {watch_server.ip, 67},
					     .to = {ip4_of(0xffffffff), 68}};
		observer_dhcp(w->o, &flow, writer_done(&to), w->at, ++w->number);
	}
	(void)watch_facts(w);
}

void watch_segment(struct watch *w, bool up, uint16_t port, unsigned flags, uint32_t seq,
		   uint32_t ack, struct slice payload)
{
	struct flow flow = up ? watch_up(port) : watch_down(port);
	struct frame_tcp tcp = {.from = flow.from.port,
				.to = flow.to.port,
				.seq = seq,
				.ack = ack,
				.flags = (uint8_t)flags,
				.window = 8192,
				.payload = payload};

	observer_segment(w->o, &flow, &tcp, w->at, ++w->number);
	if (payload.len > 0 && observer_wants(w->o, &flow))
		observer_bytes(w->o, &flow, payload, false, w->at, w->number);
}

void watch_open(struct watch *w, uint16_t port)
{
	watch_segment(w, true, port, OBSERVE_TCP_SYN, 0, 0, slice_of(NULL, 0));
	watch_segment(w, false, port, OBSERVE_TCP_SYN | OBSERVE_TCP_ACK, 0, 1, slice_of(NULL, 0));
	watch_segment(w, true, port, OBSERVE_TCP_ACK, 1, 1, slice_of(NULL, 0));
	next_seq[0] = 1;
	next_seq[1] = 1;
	(void)watch_facts(w);
}

void watch_say(struct watch *w, bool up, uint16_t port, struct slice bytes)
{
	watch_segment(w, up, port, OBSERVE_TCP_ACK, next_seq[up ? 0 : 1], next_seq[up ? 1 : 0],
		      bytes);
	next_seq[up ? 0 : 1] += (uint32_t)bytes.len;
}
