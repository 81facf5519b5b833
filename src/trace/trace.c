/* Frames to observers: which packets matter, and the clock. */
#include "trace/trace_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "proto/dhcp/dhcp.h"
#include "proto/tftp/tftp.h"

struct trace *trace_new(struct timeline *timeline, enum vantage vantage)
{
	struct trace *t = alloc_zero(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->timeline = timeline;
	t->observer = observer_new(vantage);
	if (t->observer == NULL) {
		alloc_free(t);
		return NULL;
	}
	map_init(&t->streams, TRACE_STREAMS_MAX);
	t->reader = pcap_reader_of();
	t->scope.complete = true;
	return t;
}

void trace_free(struct trace *t)
{
	if (t == NULL)
		return;
	trace_streams_free(t);
	trace_fragments_free(t);
	observer_free(t->observer);
	alloc_free(t);
}

static void take_facts(struct trace *t)
{
	struct fact fact;

	while (observer_next_fact(t->observer, &fact)) {
		if (timeline_add(t->timeline, &fact) != 0)
			t->out_of_memory = true;
	}
}

static void on_udp(struct trace *t, struct flow *flow, struct slice bytes, dt_time at,
		   uint64_t number)
{
	struct frame_udp udp;

	if (frame_decode_udp(bytes, &udp) != 0)
		return;
	flow->from.port = udp.from;
	flow->to.port = udp.to;
	bool dhcp = udp.to == DHCP_SERVER_PORT || udp.to == DHCP_CLIENT_PORT;
	if (dhcp) {
		observer_dhcp(t->observer, flow, udp.payload, at, number);
		t->scope.sees_dhcp = true;
	} else if (observer_tftp(t->observer, flow, udp.payload, at, number)) {
		t->scope.sees_files = true;
	}
}

static void on_tcp(struct trace *t, struct flow *flow, struct slice bytes, dt_time at,
		   uint64_t number)
{
	struct frame_tcp tcp;

	if (frame_decode_tcp(bytes, &tcp) != 0)
		return;
	flow->from.port = tcp.from;
	flow->to.port = tcp.to;
	observer_tcp(t->observer, flow, tcp.flags, at, number);
	if (observer_callmanager(t->observer, flow->from) ||
	    observer_callmanager(t->observer, flow->to))
		trace_segment(t, flow, &tcp, at, number);
}

static void on_icmp(struct trace *t, struct slice bytes, dt_time at, uint64_t number)
{
	struct frame_ip inner;
	struct flow flow = {0};

	if (frame_decode_unreachable(bytes, &inner, &flow.from.port, &flow.to.port) != 0)
		return;
	flow.from.ip = inner.from;
	flow.to.ip = inner.to;
	observer_unreachable(t->observer, &flow, inner.protocol == FRAME_TCP, at, number);
}

void trace_frame(struct trace *t, uint32_t link, struct slice frame, dt_time at, uint64_t number)
{
	struct frame_ip ip;

	if (frame_decode(link, frame, &ip) != 0)
		return;
	struct flow flow = {.from = {.ip = ip.from}, .to = {.ip = ip.to}, .source = ip.source};
	struct slice payload = ip.payload;
	if ((ip.more_fragments || ip.fragment_at > 0) && !trace_fragment(t, &ip, &payload))
		return;
	switch (ip.protocol) {
	case FRAME_UDP:
		on_udp(t, &flow, payload, at, number);
		break;
	case FRAME_TCP:
		on_tcp(t, &flow, payload, at, number);
		break;
	case FRAME_ICMP:
		on_icmp(t, payload, at, number);
		break;
	default:
		return;
	}
	take_facts(t);
}

size_t trace_bytes(struct trace *t, struct slice bytes, bool *ret_bad)
{
	size_t used_up = 0;

	*ret_bad = false;
	for (;;) {
		struct pcap_record record;
		size_t used = 0;
		enum pcap_step step =
		    pcap_read(&t->reader, slice_from(bytes, used_up), &used, &record);
		used_up += used;
		if (step == PCAP_STEP_MORE)
			return used_up;
		if (step == PCAP_STEP_BAD) {
			*ret_bad = true;
			return used_up;
		}
		if (step == PCAP_STEP_SKIP)
			continue;
		if (t->frames++ == 0)
			t->first_unix = record.unix_us;
		dt_time at = record.unix_us - t->first_unix;
		t->last = at > t->last ? at : t->last;
		trace_frame(t, record.link, record.frame, at, t->frames);
	}
}

void trace_end(struct trace *t, bool truncated)
{
	t->scope.complete = !truncated && !t->out_of_memory;
	t->scope.to = t->last;
	timeline_set_scope(t->timeline, &t->scope);
}

bool trace_is_capture(const struct trace *t)
{
	return t->reader.state != PCAP_START;
}

uint64_t trace_frame_count(const struct trace *t)
{
	return t->frames;
}

dt_time trace_last(const struct trace *t)
{
	return t->last;
}
