/* Frames to observers: which packets matter, and the clock. */
#include "trace/trace_internal.h"

#include "base/alloc.h"
#include "base/error.h"
#include "proto/arp/arp.h"
#include "proto/cdp/cdp.h"
#include "proto/dhcp/dhcp.h"
#include "proto/eapol/eapol.h"
#include "proto/icmp/icmp.h"
#include "proto/lldp/lldp.h"
#include "proto/sip/sip.h"
#include "proto/tftp/tftp.h"

#define DNS_PORT    53
#define NTP_PORT    123
#define TUNNELS_MAX 2 /* a mirror of a tunnel */

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
	trace_streams_init(t);
	t->reader = pcap_reader_of();
	t->scope.complete = true;
	return t;
}

void trace_free(struct trace *t)
{
	if (t == NULL)
		return;
	table_done(&t->streams);
	trace_fragments_free(t);
	observer_free(t->observer);
	alloc_free(t);
}

static void take_messages(struct trace *t)
{
	struct observed_message message;

	while (t->ladder != NULL && observer_next_message(t->observer, &message))
		ladder_add(t->ladder, &message);
}

int trace_set_ladder(struct trace *t, struct ladder *ladder)
{
	if (observer_tell_messages(t->observer) != 0)
		return E_NO_MEMORY;
	t->ladder = ladder;
	return 0;
}

static void take_facts(struct trace *t)
{
	struct fact fact;

	take_messages(t);
	while (observer_next_fact(t->observer, &fact)) {
		switch (fact_row(fact.kind)->family) {
		case FAMILY_DHCP:
			t->scope.sees_dhcp = true;
			break;
		case FAMILY_FILE:
			t->scope.sees_files = true;
			break;
		case FAMILY_SCCP:
			t->scope.sees_sccp = true;
			break;
		default:
			break;
		}
		if (timeline_add(t->timeline, &fact) != 0)
			t->out_of_memory = true;
	}
}

static void on_sip(struct trace *t, const struct flow *flow, struct slice payload, dt_time at,
		   uint64_t number)
{
	struct sip_message m;

	if (sip_decode(payload, &m, NULL) == 0)
		observer_sip(t->observer, flow, &m, payload.len, at, number);
}

static void on_udp(struct trace *t, struct flow *flow, struct slice bytes, dt_time at,
		   uint64_t number)
{
	struct frame_udp udp;

	if (frame_decode_udp(bytes, &udp) != 0)
		return;
	flow->from.port = udp.from;
	flow->to.port = udp.to;
	if (udp.to == DHCP_SERVER_PORT || udp.to == DHCP_CLIENT_PORT)
		observer_dhcp(t->observer, flow, udp.payload, at, number);
	else if (udp.to == DNS_PORT || udp.from == DNS_PORT)
		observer_dns(t->observer, flow, udp.payload, at, number);
	else if (udp.to == NTP_PORT || udp.from == NTP_PORT)
		observer_ntp(t->observer, flow, udp.payload, at, number);
	else if (udp.to == SIP_PORT || udp.from == SIP_PORT)
		on_sip(t, flow, udp.payload, at, number);
	else if (udp.payload.len > 0 && udp.payload.ptr[0] >> 6 == 2)
		(void)observer_rtp(t->observer, flow, udp.payload, at, number);
	else
		(void)observer_tftp(t->observer, flow, udp.payload, at, number);
}

static void on_tcp(struct trace *t, struct flow *flow, struct slice bytes, dt_time at,
		   uint64_t number)
{
	struct frame_tcp tcp;

	if (frame_decode_tcp(bytes, &tcp) != 0)
		return;
	flow->from.port = tcp.from;
	flow->to.port = tcp.to;
	if ((tcp.flags & FRAME_TCP_ACK) != 0)
		trace_acknowledged(t, flow, tcp.ack);
	/* Bytes before the FIN that comes with them: a file's end is told before its connection's.
	 */
	bool ends = (tcp.flags & (FRAME_TCP_FIN | FRAME_TCP_RST)) != 0;
	if (ends && observer_wants(t->observer, flow))
		trace_segment(t, flow, &tcp, at, number);
	observer_segment(t->observer, flow, &tcp, at, number);
	if (!ends && observer_wants(t->observer, flow))
		trace_segment(t, flow, &tcp, at, number);
}

static void on_icmp(struct trace *t, const struct flow *flow, struct slice bytes, dt_time at,
		    uint64_t number)
{
	struct icmp icmp;

	if (icmp_decode(bytes, &icmp, NULL) == 0)
		observer_icmp(t->observer, flow, &icmp, at, number);
}

static void on_frame(struct trace *t, uint32_t link, struct slice frame, dt_time at,
		     uint64_t number, unsigned depth);

/* A mirror session over the network (ERSPAN), or a tunnel: the frame inside is what was to be seen.
 */
static void on_gre(struct trace *t, struct slice bytes, dt_time at, uint64_t number, unsigned depth)
{
	uint32_t link = 0;
	struct slice inner;

	if (depth < TUNNELS_MAX && frame_decode_gre(bytes, &link, &inner) == 0)
		on_frame(t, link, inner, at, number, depth + 1);
}

static void on_ip(struct trace *t, const struct frame_head *head, dt_time at, uint64_t number,
		  unsigned depth)
{
	struct frame_ip ip;

	if (frame_decode_ip(head->payload, &ip) != 0)
		return;
	if (trace_seen_before(t, &ip, at)) {
		t->again++;
		return;
	}
	ip.vlan = head->vlan;
	struct flow flow = {.from = {.ip = ip.from},
			    .to = {.ip = ip.to},
			    .source = head->source,
			    .vlan = head->vlan,
			    .ttl = ip.ttl};
	struct slice payload = ip.payload;
	if ((ip.more_fragments || ip.fragment_at > 0) &&
	    !trace_fragment(t, &ip, &payload, at, number))
		return;
	switch (ip.protocol) {
	case FRAME_UDP:
		on_udp(t, &flow, payload, at, number);
		break;
	case FRAME_TCP:
		on_tcp(t, &flow, payload, at, number);
		break;
	case FRAME_ICMP:
		on_icmp(t, &flow, payload, at, number);
		break;
	case FRAME_GRE:
		on_gre(t, payload, at, number, depth);
		break;
	default:
		break;
	}
}

static void on_link(struct trace *t, const struct frame_head *head, dt_time at, uint64_t number)
{
	const struct link_ends ends = {head->source, head->destination, head->vlan};
	struct slice payload = head->payload;
	struct cdp cdp;
	struct lldp lldp;
	struct eapol eapol;
	struct arp arp;

	if (trace_frame_seen_before(t, head, at)) {
		t->again++;
		return;
	}
	if (head->oui == FRAME_OUI_CISCO) {
		if (head->type == FRAME_SNAP_CDP && cdp_decode(payload, &cdp, NULL) == 0)
			observer_cdp(t->observer, &ends, &cdp, at, number);
		return;
	}
	switch (head->oui == 0 ? head->type : FRAME_TYPE_NONE) {
	case FRAME_TYPE_ARP:
		if (arp_decode(payload, &arp, NULL) == 0)
			observer_arp(t->observer, &ends, &arp, at, number);
		break;
	case FRAME_TYPE_LLDP:
		if (lldp_decode(payload, &lldp, NULL) == 0)
			observer_lldp(t->observer, &ends, &lldp, at, number);
		break;
	case FRAME_TYPE_EAPOL:
		if (eapol_decode(payload, &eapol, NULL) == 0)
			observer_eapol(t->observer, &ends, &eapol, at, number);
		break;
	default:
		break;
	}
}

static bool is_broadcast(struct mac mac)
{
	return mac_key(mac) == 0xffffffffffffULL;
}

static void on_frame(struct trace *t, uint32_t link, struct slice frame, dt_time at,
		     uint64_t number, unsigned depth)
{
	struct frame_head head;

	if (frame_decode_head(link, frame, &head) != 0)
		return;
	if (is_broadcast(head.destination))
		observer_broadcast(t->observer, head.vlan, at, number);
	if (head.type == FRAME_TYPE_IPV4 && head.oui == 0)
		on_ip(t, &head, at, number, depth);
	else
		on_link(t, &head, at, number);
}

void trace_frame(struct trace *t, uint32_t link, struct slice frame, dt_time at, uint64_t number)
{
	on_frame(t, link, frame, at, number, 0);
	observer_expire(t->observer, at, false);
	take_facts(t);
}

void trace_set_clock(struct trace *t, dt_time unix_us)
{
	t->has_clock = true;
	t->first_unix = unix_us;
	observer_set_clock(t->observer, unix_us);
}

/* When a record was captured, from the first frame on; one without a time counts as of the frame
 * before it. */
static dt_time time_of(struct trace *t, const struct pcap_record *record)
{
	if (!record->timed)
		return t->last;
	if (!t->has_clock)
		trace_set_clock(t, record->unix_us - t->last);
	dt_time at = record->unix_us - t->first_unix;
	t->last = at > t->last ? at : t->last;
	return at;
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
		t->is_capture |= t->reader.state == PCAP_CLASSIC || t->reader.state == PCAP_NG;
		if (step == PCAP_STEP_MORE)
			return used_up;
		if (step == PCAP_STEP_BAD) {
			*ret_bad = true;
			return used_up;
		}
		if (step == PCAP_STEP_SKIP)
			continue;
		t->frames++;
		trace_frame(t, record.link, record.frame, time_of(t, &record), t->frames);
	}
}

void trace_end(struct trace *t, bool truncated)
{
	trace_streams_end(t);
	trace_fragments_end(t);
	observer_expire(t->observer, t->last, true);
	take_facts(t);
	t->scope.complete = !truncated && !t->out_of_memory;
	t->scope.to = t->last;
	timeline_set_scope(t->timeline, &t->scope);
}

bool trace_is_capture(const struct trace *t)
{
	return t->is_capture;
}

uint64_t trace_frame_count(const struct trace *t)
{
	return t->frames;
}

uint64_t trace_frames_again(const struct trace *t)
{
	return t->again;
}

dt_time trace_last(const struct trace *t)
{
	return t->last;
}
