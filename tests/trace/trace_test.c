/* Captures end to end: bytes to facts to words. Golden files beside each capture: UPDATE=1 rewrites
 * them, and the difference is read by a person. */
#include "harness.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "base/writer.h"
#include "boot/explain.h"
#include "trace/trace.h"

#include <stdio.h>

#define TEXT_MAX (4u << 20)

static const char *const captures[] = {
    "01-boot-ok.pcap",
    "03-no-dhcp-server.pcap",
    "04-no-option150.pcap",
    "07-cm-port-closed.pcap",
    "peer-dhcp-clients.pcap",
    "peer-tftp-clients-openings.pcap",
    "ref-chanskinny-registration-stalls.pcap",
    "ref-libsccp-two-phones-call.pcap",
    "ndpi-sccp-hwconf-register.pcapng",
    "ndpi-skinny-call.pcap",
    "pyskinny-cm2-hold.pcap",
    "tcpdump-dhcp-option150.pcap",
    "packetlife-lldp-and-cdp.cap",
    "arkime-lldp-med-voice.pcap",
    "sipnab-sip-auth-failure.pcapng",
    "lab-isc-option-150-as-text.pcap",
    "lab-isc-pool-full.pcap",
    "lab-kea-option-66-name.pcap",
    "lab-tftp-stopped.pcap",
    "lab-tftpd-hpa-permission.pcap",
    "lab-atftpd-no-file.pcap",
    "lab-dnsmasq-transfer-stalls.pcap",
    "lab-nginx-6970-503.pcap",
    "lab-callmanager-filtered-icmp.pcap",
    "lab-callmanager-mute.pcap",
    "scapy-erspan-boot-ok.pcap",
    "scapy-media-resources.pcap",
    "scapy-refused-standby-dead.pcap",
    "scapy-late-offers.pcap",
    "scapy-gateway-ports.pcap",
    "scapy-two-behind-nat.pcap",
};

/* Reads a capture given in pieces of `step` bytes, as a pipe would. */
static struct timeline *read_pieces(struct slice file, size_t step, bool *ret_bad,
				    dt_time *ret_last)
{
	struct timeline *timeline = timeline_new();
	struct trace *trace = trace_new(timeline, VANTAGE_CAPTURE);
	size_t at = 0;
	size_t have = 0;
	bool bad = false;

	while (!bad && have < file.len) {
		have = have + step < file.len ? have + step : file.len;
		at += trace_bytes(trace, slice_of(file.ptr + at, have - at), &bad);
	}
	trace_end(trace, bad || at < file.len);
	if (ret_bad != NULL)
		*ret_bad = bad;
	if (ret_last != NULL)
		*ret_last = trace_last(trace);
	trace_free(trace);
	return timeline;
}

static void write_fact(const struct fact *f, bool with_numbers, struct buf *to)
{
	if (with_numbers)
		buf_printf(to, "%10.6f %5llu ", (double)f->at / 1e6,
			   (unsigned long long)f->evidence);
	fact_format(f, to);
	buf_char(to, '\n');
}

/* What concerns nobody in particular first, then each phone's. */
static void write_facts(struct timeline *t, bool with_numbers, struct buf *to)
{
	size_t phone = 0;
	struct mac mac;
	const struct fact *site = NULL;
	size_t count = timeline_site(t, &site);

	for (size_t i = 0; i < count; i++)
		write_fact(&site[i], with_numbers, to);

	while (timeline_next_phone(t, &phone, &mac)) {
		size_t at = 0;
		const struct fact *f = NULL;
		while ((f = timeline_next_fact(t, mac, &at)) != NULL)
			write_fact(f, with_numbers, to);
	}
}

static void write_words(struct timeline *t, dt_time now, struct buf *to)
{
	struct phone_report *report = alloc_zero(1, sizeof *report);
	size_t at = 0;
	struct mac mac;

	while (timeline_next_phone(t, &at, &mac)) {
		if (!diagnose_phone(t, mac, now, report))
			continue;
		explain_phone_text(report, &(struct explain_options){.width = 100}, to);
		buf_char(to, '\n');
	}
	alloc_free(report);
}

static void golden(const char *capture, const char *suffix, const struct buf *got)
{
	char name[256];

	assert_int_equal(buf_error(got), 0);
	(void)snprintf(name, sizeof name, "captures/%s.%s", capture, suffix);
	harness_golden(name, slice_of(got->ptr != NULL ? got->ptr : (const uint8_t *)"", got->len));
}

TEST("each capture gives the facts and the words that its ground truth says")
{
	for (size_t i = 0; i < sizeof captures / sizeof *captures; i++) {
		char path[128];
		dt_time last = 0;
		bool bad = false;
		struct buf text;
		(void)snprintf(path, sizeof path, "captures/%s", captures[i]);
		struct timeline *t = read_pieces(harness_file(path), 1u << 20, &bad, &last);
		assert_false(bad);
		buf_init(&text, TEXT_MAX);
		write_facts(t, true, &text);
		golden(captures[i], "facts", &text);
		buf_clear(&text);
		write_words(t, last, &text);
		golden(captures[i], "explain", &text);
		buf_clear(&text);
		assert_int_equal(explain_json(t, captures[i], last, &text), 0);
		golden(captures[i], "json", &text);
		buf_done(&text);
		timeline_free(t);
	}
}

TEST("a capture that comes in any pieces gives the same facts")
{
	struct slice file = harness_file("captures/ref-libsccp-two-phones-call.pcap");
	struct buf whole;
	buf_init(&whole, TEXT_MAX);
	struct timeline *t = read_pieces(file, file.len, NULL, NULL);
	write_facts(t, true, &whole);
	timeline_free(t);
	for (size_t step = 1; step < 3000; step = step * 3 + 1) {
		struct buf pieces;
		buf_init(&pieces, TEXT_MAX);
		t = read_pieces(file, step, NULL, NULL);
		write_facts(t, true, &pieces);
		assert_true(slice_equal(buf_slice(&whole), buf_slice(&pieces)));
		timeline_free(t);
		buf_done(&pieces);
	}
	buf_done(&whole);
}

TEST("a capture cut anywhere is read as far as it goes")
{
	struct slice file = harness_file("captures/07-cm-port-closed.pcap");
	for (size_t len = 0; len < file.len; len += 7) {
		struct buf text;
		bool bad = false;
		buf_init(&text, TEXT_MAX);
		struct timeline *t = read_pieces(slice_head(file, len), 4096, &bad, NULL);
		write_facts(t, true, &text);
		assert_false(bad);
		timeline_free(t);
		buf_done(&text);
	}
}

/* Rewrites a classic pcap as pcapng: two interfaces, packets on the second, a comment block
 * between. */
static void to_pcapng(struct slice pcap, struct buf *to)
{
	uint8_t bytes[512];
	struct writer w = writer_of(bytes, sizeof bytes);
	writer_le32(&w, 0x0a0d0d0a);
	writer_le32(&w, 28);
	writer_le32(&w, 0x1a2b3c4d);
	writer_le32(&w, 1);
	writer_le32(&w, 0xffffffff);
	writer_le32(&w, 0xffffffff);
	writer_le32(&w, 28);
	for (uint32_t i = 0; i < 2; i++) {
		writer_le32(&w, 1);
		writer_le32(&w, 28);
		writer_le16(&w, i == 0 ? 228 : 1);
		writer_le16(&w, 0);
		writer_le32(&w, 0);
		writer_le16(&w, 9); /* if_tsresol: nanoseconds */
		writer_le16(&w, 1);
		writer_le32(&w, 9);
		writer_le32(&w, 28);
	}
	writer_le32(&w, 0x99);
	writer_le32(&w, 16);
	writer_le32(&w, 0);
	writer_le32(&w, 16);
	buf_append(to, writer_done(&w));
	for (size_t at = 24; at + 16 <= pcap.len;) {
		uint32_t head[4];
		memcpy(head, pcap.ptr + at, 16);
		uint64_t ns = (uint64_t)head[0] * 1000000000u + (uint64_t)head[1] * 1000u;
		uint32_t padded = (head[2] + 3) & ~3u;
		uint32_t total = 32 + padded;
		w = writer_of(bytes, sizeof bytes);
		writer_le32(&w, 6);
		writer_le32(&w, total);
		writer_le32(&w, 1);
		writer_le32(&w, (uint32_t)(ns >> 32));
		writer_le32(&w, (uint32_t)ns);
		writer_le32(&w, head[2]);
		writer_le32(&w, head[3]);
		buf_append(to, writer_done(&w));
		buf_append(to, slice_of(pcap.ptr + at + 16, head[2]));
		w = writer_of(bytes, sizeof bytes);
		writer_zero(&w, padded - head[2]);
		writer_le32(&w, total);
		buf_append(to, writer_done(&w));
		at += 16 + head[2];
	}
}

TEST("the same packets as pcapng with several interfaces and nanoseconds give the same facts")
{
	struct slice file = harness_file("captures/01-boot-ok.pcap");
	struct buf ng;
	struct buf a;
	struct buf b;
	buf_init(&ng, TEXT_MAX);
	buf_init(&a, TEXT_MAX);
	buf_init(&b, TEXT_MAX);
	to_pcapng(file, &ng);
	struct timeline *t = read_pieces(file, 1000, NULL, NULL);
	write_facts(t, true, &a);
	timeline_free(t);
	t = read_pieces(buf_slice(&ng), 1000, NULL, NULL);
	write_facts(t, true, &b);
	timeline_free(t);
	assert_string_equal(buf_cstr(&a), buf_cstr(&b));
	buf_done(&ng);
	buf_done(&a);
	buf_done(&b);
}

/* The frames of a classic pcap by index. */
static struct slice frame_at(struct slice pcap, size_t index)
{
	size_t at = 24;
	for (;; index--) {
		uint32_t len = 0;
		memcpy(&len, pcap.ptr + at + 8, 4);
		if (index == 0)
			return slice_of(pcap.ptr + at + 16, len);
		at += 16 + len;
	}
}

TEST("TCP segments out of order, repeated or both give the same SCCP facts")
{
	struct slice file = harness_file("captures/01-boot-ok.pcap");
	struct buf want;
	buf_init(&want, TEXT_MAX);
	for (unsigned variant = 0; variant < 4; variant++) {
		struct timeline *timeline = timeline_new();
		struct trace *trace = trace_new(timeline, VANTAGE_CAPTURE);
		struct buf got;
		buf_init(&got, TEXT_MAX);
		for (size_t i = 0; i < 57; i++) {
			/* Answers 25 to 32 of the server, pairwise exchanged; every second segment
			 * twice. */
			size_t index = (variant & 1) != 0 && i >= 24 && i < 32 && i != 26 && i != 28
					   ? i ^ 1
					   : i;
			trace_frame(trace, 1, frame_at(file, index), (dt_time)i, 1);
			if ((variant & 2) != 0 && i % 2 == 0)
				trace_frame(trace, 1, frame_at(file, index), (dt_time)i, 1);
		}
		size_t at = 0;
		struct mac mac = {{0x00, 0x1b, 0xd5, 0x85, 0x36, 0x61}};
		const struct fact *f = NULL;
		while ((f = timeline_next_fact(timeline, mac, &at)) != NULL) {
			if (f->kind < FACT_SCCP_ALARM || f->kind == FACT_SCCP_ASKED ||
			    f->kind == FACT_SCCP_ANSWERED)
				continue;
			fact_format(f, variant == 0 ? &want : &got);
			buf_char(variant == 0 ? &want : &got, '\n');
		}
		if (variant > 0)
			assert_string_equal(buf_cstr(&want), buf_cstr(&got));
		buf_done(&got);
		trace_free(trace);
		timeline_free(timeline);
	}
	assert_non_null(strstr(buf_cstr(&want), "sccp.ready"));
	buf_done(&want);
}

TEST("what is no capture, and a file that claims gigabytes, are told apart from captures")
{
	bool bad = false;
	timeline_free(read_pieces(slice_text("this is no capture at all"), 4, &bad, NULL));
	assert_true(bad);
	struct slice lying = harness_hex("d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000"
					 "00000000 00000000 ffffff7f ffffff7f 00");
	timeline_free(read_pieces(lying, 64, &bad, NULL));
	assert_true(bad);
}

HARNESS_OOM("reading a capture survives any allocation failing")
{
	struct slice file = harness_file("captures/07-cm-port-closed.pcap");
	struct timeline *timeline = timeline_new();
	struct trace *trace = timeline != NULL ? trace_new(timeline, VANTAGE_CAPTURE) : NULL;
	bool bad = false;
	int error = trace == NULL ? E_NO_MEMORY : 0;
	if (error == 0)
		(void)trace_bytes(trace, file, &bad);
	trace_free(trace);
	timeline_free(timeline);
	return error;
}
