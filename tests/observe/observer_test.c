/* From messages to facts: whose fact it is, and what a connection's segments say. */
#include "harness.h"

#include "base/buf.h"
#include "base/error.h"
#include "observe/observer.h"

#include <string.h>

static const struct endpoint phone = {{{10, 77, 0, 51}}, 50000};
static const struct endpoint other = {{{10, 77, 0, 52}}, 50000};
static const struct endpoint files = {{{10, 77, 0, 1}}, 69};
static const struct endpoint callmanager = {{{10, 77, 0, 1}}, 2000};
static const struct mac source = {{0x00, 0x1b, 0xd4, 0, 0, 1}};

static const char own_file[] = "\0\1SEP001BD4000001.cnf.xml\0octet";

static void ask_file(struct observer *o, struct endpoint from, struct mac mac)
{
	struct flow flow = {.from = from, .to = files, .source = mac};
	assert_true(observer_tftp(o, &flow, slice_of(own_file, sizeof own_file), 1000, 1));
}

/* The facts as lines. */
static const char *facts(struct observer *o)
{
	static char text[4096];
	struct fact f;
	struct buf to;

	buf_init(&to, sizeof text);
	while (observer_next_fact(o, &f)) {
		fact_format(&f, &to);
		buf_char(&to, '\n');
	}
	(void)strncpy(text, buf_cstr(&to), sizeof text - 1);
	buf_done(&to);
	return text;
}

static void segment(struct observer *o, struct endpoint from, struct endpoint to, unsigned flags)
{
	struct flow flow = {.from = from, .to = to};
	observer_tcp(o, &flow, flags, 2000, 2);
}

TEST("a phone's own file name claims its address, and later facts carry its hardware address")
{
	struct mac mac;
	struct observer *o = observer_new(VANTAGE_CAPTURE);
	assert_false(observer_identify(o, phone.ip, &mac));
	ask_file(o, phone, (struct mac){{0}});
	assert_true(observer_identify(o, phone.ip, &mac));
	assert_true(mac_equal(mac, source));
	(void)facts(o);
	segment(o, phone, callmanager, OBSERVE_TCP_SYN);
	struct fact f;
	assert_true(observer_next_fact(o, &f));
	assert_int_equal(f.kind, FACT_TCP_SYN);
	assert_true(mac_equal(f.mac, source));
	observer_free(o);
}

TEST("a hardware address behind which two IP addresses speak is a router, and identifies nobody")
{
	struct mac mac;
	const struct mac router = {{0x00, 0x00, 0x0c, 9, 9, 9}};
	struct observer *o = observer_new(VANTAGE_CAPTURE);
	struct flow one = {.from = phone, .to = callmanager, .source = router};
	struct flow two = {.from = other, .to = callmanager, .source = router};
	observer_tcp(o, &one, OBSERVE_TCP_SYN, 1, 1);
	observer_tcp(o, &two, OBSERVE_TCP_SYN, 2, 2);
	(void)facts(o);
	observer_tcp(o, &one, OBSERVE_TCP_SYN, 3, 3);
	struct fact f;
	assert_true(observer_next_fact(o, &f));
	assert_true(mac_is_zero(f.mac));
	assert_false(observer_identify(o, other.ip, &mac) && mac_equal(mac, router));
	observer_free(o);
}

TEST("SYN, SYN-ACK and ACK make one open connection")
{
	struct observer *o = observer_new(VANTAGE_CAPTURE);
	segment(o, phone, callmanager, OBSERVE_TCP_SYN);
	segment(o, callmanager, phone, OBSERVE_TCP_SYN | OBSERVE_TCP_ACK);
	segment(o, phone, callmanager, OBSERVE_TCP_ACK);
	segment(o, phone, callmanager, OBSERVE_TCP_ACK);
	const char *text = facts(o);
	const char *open = strstr(text, "tcp.open");
	assert_non_null(strstr(text, "tcp.syn"));
	assert_non_null(open);
	assert_null(strstr(open + 1, "tcp.open"));
	observer_free(o);
}

TEST("RST in answer to SYN is a refusal, RST on an open connection is not")
{
	struct observer *o = observer_new(VANTAGE_CAPTURE);
	segment(o, phone, callmanager, OBSERVE_TCP_SYN);
	segment(o, callmanager, phone, OBSERVE_TCP_RST | OBSERVE_TCP_ACK);
	assert_non_null(strstr(facts(o), "tcp.refused"));
	segment(o, other, callmanager, OBSERVE_TCP_SYN);
	segment(o, callmanager, other, OBSERVE_TCP_SYN | OBSERVE_TCP_ACK);
	segment(o, other, callmanager, OBSERVE_TCP_ACK);
	segment(o, callmanager, other, OBSERVE_TCP_RST);
	const char *text = facts(o);
	assert_null(strstr(text, "tcp.refused"));
	assert_non_null(strstr(text, "tcp.reset"));
	observer_free(o);
}

TEST("connections to ports that no CallManager has make no facts")
{
	struct observer *o = observer_new(VANTAGE_CAPTURE);
	struct endpoint web = {callmanager.ip, 443};
	segment(o, phone, web, OBSERVE_TCP_SYN);
	segment(o, web, phone, OBSERVE_TCP_SYN | OBSERVE_TCP_ACK);
	assert_string_equal(facts(o), "");
	observer_free(o);
}

TEST("the same messages give the same facts from a socket and from a capture")
{
	char captured[4096];
	struct observer *o = observer_new(VANTAGE_CAPTURE);
	ask_file(o, phone, source);
	segment(o, phone, callmanager, OBSERVE_TCP_SYN);
	(void)strncpy(captured, facts(o), sizeof captured - 1);
	captured[sizeof captured - 1] = 0;
	observer_free(o);
	o = observer_new(VANTAGE_SERVER);
	ask_file(o, phone, (struct mac){{0}});
	segment(o, phone, callmanager, OBSERVE_TCP_SYN);
	assert_string_equal(facts(o), captured);
	observer_free(o);
}

TEST("a hundred thousand invented connections stay within the ceiling, and the last is followed")
{
	struct observer *o = observer_new(VANTAGE_CAPTURE);
	struct fact f;
	for (uint32_t i = 0; i < 100000; i++) {
		struct endpoint from = {ip4_of(0x0b000000 + i), 1024};
		segment(o, from, callmanager, OBSERVE_TCP_SYN);
		while (observer_next_fact(o, &f))
			;
	}
	struct endpoint last = {ip4_of(0x0b000000 + 99999), 1024};
	segment(o, callmanager, last, OBSERVE_TCP_RST | OBSERVE_TCP_ACK);
	assert_non_null(strstr(facts(o), "tcp.refused"));
	observer_free(o);
}

HARNESS_OOM("an observer without memory loses facts and nothing else")
{
	struct observer *o = observer_new(VANTAGE_CAPTURE);
	struct fact f;
	unsigned count = 0;
	if (o == NULL)
		return E_NO_MEMORY;
	for (unsigned i = 0; i < 8; i++) {
		struct flow flow = {.from = {ip4_of(0x0a000001 + i), 50000}, .to = files};
		(void)observer_tftp(o, &flow, slice_of(own_file, sizeof own_file), 1, 1);
	}
	while (observer_next_fact(o, &f))
		count++;
	observer_free(o);
	return count == 8 ? 0 : E_NO_MEMORY;
}
