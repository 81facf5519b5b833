/* What went wrong in other TFTP servers, each as a test of its own (advisories by their numbers),
 * and what a bad line does. */
#include "site.h"

#include "base/error.h"
#include "base/text.h"

#include <stdio.h>

static void datagram(struct site *site, const void *bytes, size_t len)
{
	tftp_server_request(site->tftp, site_client, site_local,
			    harness_guarded(slice_of(bytes, len)), 0);
}

static bool anything_sent(struct site *site)
{
	struct tftp_output out;
	return tftp_server_next_output(site->tftp, &out);
}

TEST("CVE-2020-6097: a sequence of crafted packets stops nothing")
{
	static const char *const packets[] = {
	    "00 05 00 00 00", "00 04 00 01", "00 03 00 01 41", "00 06 00", "00 01",         "00 00",
	    "00 05",          "00 04",       "00 01 00 00",    "ff ff",    "00 02 41 00 00"};
	struct site *site = site_new();
	struct tftp_output out = {0};
	for (size_t i = 0; i < sizeof packets / sizeof *packets; i++) {
		for (unsigned port = 0; port < TFTP_PORTS; port++)
			tftp_server_input(site->tftp, port, site_client, harness_hex(packets[i]),
					  0);
		tftp_server_request(site->tftp, site_client, site_local, harness_hex(packets[i]),
				    0);
	}
	while (anything_sent(site))
		;
	site_ask_file(site, "XMLDefault.cnf.xml", 0);
	assert_int_equal(site_sent(site, &out).op, TFTP_DATA);
	/* The same once a transfer runs. */
	for (size_t i = 1; i < sizeof packets / sizeof *packets; i++)
		tftp_server_input(site->tftp, out.port, site_client, harness_hex(packets[i]), 0);
	site_free(site);
}

TEST("CVE-2021-41054: no option makes the server write beyond a block's memory")
{
	static const char *const sizes[] = {
	    "0",     "1",     "7",          "8",          "1469", "65464", "65465",
	    "65535", "65536", "4294967295", "4294967296", "-1",   "08",    "99999999999999999999"};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct site *site = site_new();
		struct tftp_output out;
		struct tftp_packet rrq = {
		    .op = TFTP_RRQ,
		    .file = "big.sbn",
		    .mode = "octet",
		    .option_count = 2,
		    .option = {{slice_text("blksize"), slice_text(sizes[i])},
			       {slice_text("windowsize"), slice_text(sizes[i])}}};
		site_put_large(site, "big.sbn", 200000);
		site_ask(site, site_client, &rrq, 0);
		assert_true(tftp_server_next_output(site->tftp, &out));
		site_acknowledge(site, out.port, 0, 0);
		while (tftp_server_next_output(site->tftp, &out)) {
			assert_true(out.datagram <= TFTP_DATAGRAM_MAX);
			assert_true(out.bytes.len <= (size_t)TFTP_WINDOW_MAX * TFTP_DATAGRAM_MAX);
		}
		site_free(site);
	}
}

TEST("CVE-2021-46671: options without their ends are not read beyond the packet")
{
	static const char packet[] = "\0\1XMLDefault.cnf.xml\0octet\0blksize\0001400\0tsize\0000\0";
	for (size_t len = 0; len < sizeof packet; len++) {
		struct site *site = site_new();
		datagram(site, packet, len);
		while (anything_sent(site))
			;
		site_free(site);
	}
}

TEST(
    "CVE-2011-2199: an option of any name and length is passed over or taken, never copied blindly")
{
	char packet[600] = "\0\1XMLDefault.cnf.xml\0octet\0utimeout\0";
	size_t front = 2 + 19 + 6 + 9;
	struct site *site = site_new();
	struct tftp_output out = {0};
	memset(packet + front, '9', sizeof packet - front - 1);
	packet[sizeof packet - 1] = 0;
	datagram(site, packet, sizeof packet);
	assert_int_equal(site_sent(site, &out).op, TFTP_DATA);
	site_free(site);
}

TEST("CVE-2019-11365: an error text of any length from a client is read and forgotten")
{
	static char packet[1400] = "\0\5\0\1";
	struct site *site = site_new();
	struct tftp_output out = {0};
	memset(packet + 4, 'A', sizeof packet - 4);
	site_ask_file(site, "XMLDefault.cnf.xml", 0);
	(void)site_sent(site, &out);
	tftp_server_input(site->tftp, out.port, site_client,
			  harness_guarded(slice_of(packet, sizeof packet)), 0);
	assert_int_equal(tftp_server_transfer_count(site->tftp), 0);
	site_free(site);
}

TEST("CVE-2019-11366: transfers that end in any order leave the others whole")
{
	struct site *site = site_new();
	static struct tftp_output out[200];
	for (unsigned i = 0; i < 200; i++) {
		struct endpoint from = {ip4_of(0x0a4d0100 + i % 7), (uint16_t)(2000 + i)};
		struct tftp_packet rrq = {
		    .op = TFTP_RRQ, .file = "XMLDefault.cnf.xml", .mode = "octet"};
		site_ask(site, from, &rrq, i);
		(void)site_sent(site, &out[i]);
		out[i].to = from;
	}
	for (unsigned i = 0; i < 200; i++) {
		unsigned k = i * 77 % 200;
		tftp_server_input(site->tftp, out[k].port, out[k].to, harness_hex("00 05 00 00 00"),
				  300);
		assert_int_equal(tftp_server_transfer_count(site->tftp), 199 - i);
		tftp_server_expire(site->tftp, 300);
	}
	site_free(site);
}

TEST("CVE-2026-21620: a relative path is no way out, in any mode and with any option")
{
	static const char *const modes[] = {"octet", "netascii"};
	struct site *site = site_new();
	struct tftp_output out = {0};
	for (size_t i = 0; i < 2; i++) {
		struct tftp_packet rrq = {.op = TFTP_RRQ,
					  .file = "a/../../etc/passwd",
					  .option_count = 1,
					  .option = {{slice_text("tsize"), slice_text("0")}}};
		(void)text_copy(rrq.mode, sizeof rrq.mode, modes[i]);
		site_ask(site, site_client, &rrq, 0);
		assert_int_equal(site_sent(site, &out).code, TFTP_ERROR_NOT_FOUND);
	}
	assert_int_equal(site->opens, 0); /* it never came near a file system */
	site_free(site);
}

TEST("a forged request brings three packets, and a thousand of them no more than one each")
{
	struct site *site = site_new();
	unsigned datagrams = 0;
	for (unsigned i = 0; i < 1000; i++) {
		struct endpoint victim = {{{10, 77, 0, 99}}, (uint16_t)(1024 + i)};
		struct tftp_packet rrq = {
		    .op = TFTP_RRQ, .file = "XMLDefault.cnf.xml", .mode = "octet"};
		site_ask(site, victim, &rrq, 0);
	}
	while (anything_sent(site))
		datagrams++;
	for (dt_time at = 0; (at = tftp_server_deadline(site->tftp)) != DT_NEVER;) {
		tftp_server_expire(site->tftp, at);
		while (anything_sent(site))
			datagrams++;
	}
	assert_true(datagrams <= 1000 + 2 * TFTP_SOURCE_MAX);
	assert_int_equal(tftp_server_transfer_count(site->tftp), 0);
	site_free(site);
}

TEST("the table of transfers has its ceiling, and few addresses cannot fill it")
{
	struct site *site = site_new();
	struct tftp_packet rrq = {.op = TFTP_RRQ, .file = "XMLDefault.cnf.xml", .mode = "octet"};
	struct tftp_output out = {0};
	for (unsigned i = 0; i < TFTP_TRANSFERS_MAX; i++) {
		struct endpoint hostile = {ip4_of(0x0a4d0100 + i % 2), (uint16_t)(1024 + i / 2)};
		site_ask(site, hostile, &rrq, 0);
		while (anything_sent(site))
			;
	}
	assert_true(tftp_server_transfer_count(site->tftp) <= TFTP_TRANSFERS_MAX / 2);
	/* Everybody else is served, and when all is full who never answered makes room. */
	for (unsigned i = 0; i < TFTP_TRANSFERS_MAX; i++) {
		struct endpoint phone = {ip4_of(0x0a4e0000 + i), 49152};
		site_ask(site, phone, &rrq, DT_MS(1));
		assert_int_equal(site_sent(site, &out).op, TFTP_DATA);
		out.bytes.len = 0;
		assert_true(tftp_server_transfer_count(site->tftp) <= TFTP_TRANSFERS_MAX);
	}
	site_free(site);
}

TEST("block numbers roll over: an image of 65,536 blocks and more arrives whole")
{
	const uint64_t size = 70000ULL * 512 + 17;
	struct site *site = site_new();
	struct tftp_output out = {0};
	uint64_t got = 0;
	site_put_large(site, "rootfs.sbn", size);
	site_ask_file(site, "rootfs.sbn", 0);
	for (uint32_t block = 1;; block++) {
		struct tftp_packet p = site_sent(site, &out);
		assert_int_equal(p.op, TFTP_DATA);
		assert_int_equal(p.block, (uint16_t)block);
		if (p.data.len > 0 && p.data.ptr[0] != site_large_byte(got))
			fail_msg("block %u is another one", block);
		got += p.data.len;
		site_acknowledge(site, out.port, (uint16_t)block, block);
		if (p.data.len < 512)
			break;
	}
	assert_int_equal(got, size);
	assert_int_equal(tftp_server_transfer_count(site->tftp), 0);
	site_free(site);
}

TEST("a file written over in the middle of its transfer ends it with an error, not with half of "
     "each")
{
	struct site *site = site_new();
	struct tftp_output out = {0};
	site_put_large(site, "image.sbn", 1 << 20);
	site_ask_file(site, "image.sbn", 0);
	assert_int_equal(site_sent(site, &out).op, TFTP_DATA);
	site_put_large(site, "image.sbn", 1 << 20);
	site_acknowledge(site, out.port, 1, 0);
	assert_int_equal(site_sent(site, &out).op, TFTP_ERROR);
	assert_int_equal(tftp_server_transfer_count(site->tftp), 0);
	site_free(site);
}

/* A client that loses packets both ways; its own wait is a second. */
struct lossy {
	struct site *site;
	struct tftp_output out;
	uint32_t seed;
	unsigned percent;
	uint32_t expected; /* block */
	unsigned port;
	bool started, done;
	uint64_t bytes;
	unsigned datas;
	dt_time now, next;
};

static bool lost(struct lossy *l)
{
	l->seed = l->seed * 1664525 + 1013904223;
	return (l->seed >> 8) % 100 < l->percent;
}

static void lossy_send(struct lossy *l)
{
	l->next = l->now + DT_SECONDS(1);
	if (lost(l))
		return;
	if (!l->started)
		site_ask_file(l->site, "image.sbn", l->now);
	else
		site_acknowledge(l->site, l->port, (uint16_t)(l->expected - 1), l->now);
}

static void lossy_receive(struct lossy *l)
{
	for (struct tftp_packet p; (p = site_sent(l->site, &l->out)).op == TFTP_DATA;) {
		l->datas++;
		if (lost(l))
			continue;
		l->started = true;
		l->port = l->out.port;
		if (p.block == (uint16_t)l->expected) {
			l->expected++;
			l->bytes += p.data.len;
			l->done = l->done || p.data.len < 512;
		}
		lossy_send(l);
	}
}

/* Runs one transfer of 9,600 bytes. How long it took. */
static dt_time lossy_run(struct lossy *l)
{
	site_put_large(l->site, "image.sbn", 9600);
	l->expected = 1;
	lossy_send(l);
	while (!l->done && l->now < DT_SECONDS(300)) {
		lossy_receive(l);
		dt_time at = dt_time_min(l->next, tftp_server_deadline(l->site->tftp));
		l->now = at > l->now ? at : l->now;
		if (l->next <= l->now)
			lossy_send(l);
		tftp_server_expire(l->site->tftp, l->now);
	}
	return l->now;
}

TEST("at half of all packets lost each way every transfer of 9,600 bytes is complete in 300 s")
{
	dt_time sum = 0;
	for (uint32_t seed = 1; seed <= 100; seed++) {
		struct lossy l = {.site = site_new(), .seed = seed * 7919, .percent = 50};
		sum += lossy_run(&l);
		if (!l.done || l.bytes != 9600)
			fail_msg("seed %u: %llu bytes in %lld us", seed,
				 (unsigned long long)l.bytes, (long long)l.now);
		site_free(l.site);
	}
	assert_true(sum / 100 <= DT_SECONDS(30));
}

TEST("without loss no packet is sent twice, whatever the round trip, and duplicates double nothing")
{
	for (dt_time round_trip = DT_MS(1); round_trip <= DT_MS(900); round_trip *= 3) {
		struct site *site = site_new();
		struct tftp_output out = {0};
		struct tftp_counters counters;
		unsigned datas = 0;
		dt_time now = 0;
		site_put_large(site, "image.sbn", 9600);
		site_ask_file(site, "image.sbn", now);
		for (uint16_t block = 1; block <= 19; block++) {
			while (site_sent(site, &out).op == TFTP_DATA)
				datas++;
			now += round_trip;
			tftp_server_expire(site->tftp, now - 1);
			site_acknowledge(site, out.port, block, now);
			site_acknowledge(site, out.port, block, now);
		}
		tftp_server_count(site->tftp, &counters);
		assert_int_equal(datas, 19);
		assert_int_equal(counters.resent, 0);
		assert_int_equal(counters.delivered, 1);
		site_free(site);
	}
}
