/* What needs privileges, and giving them up: raw frames, interfaces, dropping root. */
#include "harness.h"

#include "base/error.h"
#include "net/iface.h"
#include "net/packet.h"
#include "net/privileges.h"
#include "net/tap.h"
#include "net/udp.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void give_up(void *context)
{
	(void)context;
	fail_msg("nothing happened for five seconds");
}

static void run(struct loop *l)
{
	struct timer *guard = timer_new(l, give_up, NULL);
	assert_non_null(guard);
	timer_set(guard, loop_now(l) + DT_SECONDS(5));
	assert_int_equal(loop_run(l), 0);
	timer_free(guard);
}

struct offered {
	struct loop *loop;
	size_t len;
	uint8_t bytes[128];
};

static void on_offer(void *context, uint32_t link, struct slice frame, dt_time at)
{
	struct offered *o = context;
	(void)link;
	(void)at;
	if (frame.len < 44 || frame.ptr[23] != 17 || memcmp(frame.ptr + 42, "OFFER", 5) != 0)
		return;
	o->len = frame.len;
	memcpy(o->bytes, frame.ptr, frame.len < sizeof o->bytes ? frame.len : sizeof o->bytes);
	loop_stop(o->loop);
}

TEST("a datagram to a hardware address goes out with that address and sound headers")
{
	struct loop *l = loop_new();
	struct offered seen = {.loop = l};
	struct packet *sender = NULL;
	struct packet *watcher = NULL;
	struct iface lo;
	struct packet_options send = {.interface = "lo", .filter = PACKET_NONE};
	struct packet_options watch = {
	    .interface = "lo", .filter = PACKET_ALL, .on_frame = on_offer, .context = &seen};
	struct mac phone = {{0x00, 0x13, 0x80, 0xad, 0x9e, 0x5f}};
	assert_int_equal(iface_find("lo", &lo), 0);
	int error = packet_open(l, &send, &sender);
	if (error != 0) {
		assert_int_equal(error, E_DENIED);
		loop_free(l);
		skip();
	}
	assert_int_equal(packet_open(l, &watch, &watcher), 0);
	assert_int_equal(
	    packet_send_udp(sender, &lo, phone, (struct endpoint){ip4_of(0x0a4d0001), 67},
			    (struct endpoint){ip4_of(0x0a4d0033), 68}, slice_text("OFFER")),
	    0);
	run(l);
	/* RFC 791: 20 bytes, length 33, no fragments, TTL 64, UDP; checksum computed by hand. */
	struct slice expected = harness_hex("001380ad9e5f 000000000000 0800"
					    "4500 0021 0000 4000 4011 25ff 0a4d0001 0a4d0033"
					    "0043 0044 000d 0000 4f46464552");
	assert_int_equal(seen.len, expected.len);
	assert_memory_equal(seen.bytes, expected.ptr, expected.len);
	packet_close(watcher);
	packet_close(sender);
	loop_free(l);
}

struct kernel_asks {
	struct loop *loop;
	struct tap *tap;
	unsigned asked, answered;
};

/* The kernel's ARP request, answered; then the datagram it held back. */
static void on_kernel_frame(void *context, struct slice frame)
{
	struct kernel_asks *k = context;
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
	uint8_t answer[42];

	if (frame.len == 42 && frame.ptr[12] == 8 && frame.ptr[13] == 6) {
		k->asked++;
		memcpy(answer, frame.ptr, sizeof answer);
		memcpy(answer, frame.ptr + 6, 6);
		memcpy(answer + 6, mac, sizeof mac);
		answer[21] = 2;
		memcpy(answer + 22, mac, sizeof mac);
		memcpy(answer + 28, frame.ptr + 38, 4);
		memcpy(answer + 32, frame.ptr + 22, 10);
		tap_send(k->tap, slice_of(answer, sizeof answer));
	} else if (frame.len == 47 && memcmp(frame.ptr + 42, "HELLO", 5) == 0) {
		assert_int_equal(frame.ptr[22], 250); /* its TTL */
		k->answered++;
		loop_stop(k->loop);
	}
}

static void nothing(void *context, const struct udp_arrival *arrival, struct slice datagram)
{
	(void)context;
	(void)arrival;
	(void)datagram;
}

TEST("a socket bound to a tap speaks to the program behind it, by ARP and with its own TTL")
{
	struct loop *l = loop_new();
	struct kernel_asks k = {.loop = l};
	struct tap_options options = {.on_frame = on_kernel_frame, .context = &k};
	struct udp *udp = NULL;
	int error = tap_open(l, &options, &k.tap);

	if (error != 0) {
		assert_true(error == E_DENIED || error == E_UNKNOWN);
		loop_free(l);
		skip();
	}
	struct ip4 own = ip4_of(0xc6336401); /* 198.51.100.1, for documents */
	assert_int_equal(iface_local_route(tap_index(k.tap), own, true), 0);
	struct udp_options from = {
	    .bind = {own, 0}, .interface = tap_name(k.tap), .ttl = 250, .on_datagram = nothing};
	assert_int_equal(udp_open(l, &from, &udp), 0);
	assert_int_equal(
	    udp_send(udp, (struct endpoint){ip4_of(0xc0000207), 69}, own, 0, slice_text("HELLO")),
	    0);
	run(l);
	assert_int_equal(k.asked, 1);
	assert_int_equal(k.answered, 1);
	udp_close(udp);
	tap_close(k.tap);
	loop_free(l);
}

TEST("the loopback interface is found with address and mask, another name is unknown")
{
	struct iface lo;
	assert_int_equal(iface_find("lo", &lo), 0);
	assert_true(lo.up && lo.loopback && lo.index != 0);
	assert_int_equal(ip4_number(lo.ip), 0x7f000001);
	assert_int_equal(ip4_number(lo.mask), 0xff000000);
	assert_int_equal(iface_find("no-such-if", &lo), E_UNKNOWN);
	assert_int_equal(iface_find("a-name-longer-than-any-interface", &lo), E_UNKNOWN);
}

/* In the child: 0 when nothing privileged is left to do. */
static int drop_and_try(void)
{
	struct loop *l = loop_new();
	struct packet *p = NULL;
	struct packet_options o = {.interface = "lo", .filter = PACKET_NONE};
	char line[256];
	bool none_left = false;
	struct privileges_user nobody;

	if (l == NULL || privileges_find_user("nobody", &nobody) != 0)
		return 1;
	/* In a namespace that maps one id only there is nobody to become. */
	int became = privileges_become(&nobody);
	if (became != 0 && became != E_UNSUPPORTED)
		return 1;
	if (became == 0 && (getuid() != nobody.uid || getgid() != nobody.gid ||
			    getgroups(0, NULL) != 0 || setresuid(0, 0, 0) == 0))
		return 4;
	/* Ports can still be opened as that user. */
	if (packet_open(l, &o, &p) != 0)
		return 5;
	packet_close(p);
	if (privileges_drop() != 0)
		return 6;
	if (packet_open(l, &o, &p) != E_DENIED)
		return 2;
	FILE *status = fopen("/proc/self/status", "r");
	while (status != NULL && fgets(line, sizeof line, status) != NULL)
		none_left = none_left || strcmp(line, "CapPrm:\t0000000000000000\n") == 0;
	if (status != NULL)
		(void)fclose(status);
	return none_left ? 0 : 3;
}

TEST("after dropping privileges no capability is left and no raw socket can be had")
{
	pid_t child = fork();
	int status = 0;
	if (child == 0)
		_exit(drop_and_try());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

struct flood {
	struct loop *loop;
	unsigned seen;
	uint8_t wanted; /* last byte of the frame that ends the run */
};

static void on_flood(void *context, uint32_t link, struct slice frame, dt_time at)
{
	struct flood *f = context;
	(void)link;
	(void)at;
	f->seen++;
	if (frame.ptr[41] == f->wanted)
		loop_stop(f->loop);
}

static void stop(void *context)
{
	loop_stop(context);
}

TEST("of a flood of ARP only so much is handed on in a second, and the next second all is well "
     "again")
{
	struct loop *l = loop_new();
	struct flood flood = {.loop = l, .wanted = 1};
	struct packet *sender = NULL;
	struct packet *watcher = NULL;
	struct iface lo;
	struct packet_options send = {.interface = "lo", .filter = PACKET_NONE};
	struct packet_options watch = {.interface = "lo",
				       .filter = PACKET_ARP_HEARD,
				       .frames_a_second = 100,
				       .on_frame = on_flood,
				       .context = &flood};
	uint8_t frame[42] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, [12] = 0x08, 0x06};
	assert_int_equal(iface_find("lo", &lo), 0);
	int error = packet_open(l, &send, &sender);
	if (error != 0) {
		assert_int_equal(error, E_DENIED);
		loop_free(l);
		skip();
	}
	assert_int_equal(packet_open(l, &watch, &watcher), 0);
	struct timer *end = timer_new(l, stop, l);
	timer_set(end, loop_now(l) + DT_SECONDS(1) / 4);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(packet_send(sender, lo.index, slice_of(frame, sizeof frame)), 0);
	run(l);
	/* The limit, and one turn beyond it. */
	assert_in_range(flood.seen, 1, 100 + 256);
	assert_true(packet_lost(watcher) > 0);
	frame[41] = 1;
	timer_set(end, DT_NEVER);
	/* What the kernel had kept comes first; then the one that is waited for. */
	for (int tries = 0; tries < 5 && flood.wanted != 0; tries++) {
		assert_int_equal(packet_send(sender, lo.index, slice_of(frame, sizeof frame)), 0);
		timer_set(end, loop_now(l) + DT_SECONDS(2));
		unsigned before = flood.seen;
		run(l);
		if (flood.seen > before)
			flood.wanted = 0;
	}
	assert_int_equal(flood.wanted, 0);
	timer_free(end);
	packet_close(watcher);
	packet_close(sender);
	loop_free(l);
}
