/* ICMP errors to facts: who says that the phone's packets do not arrive, and whose packets the
 * phone does not take. */
#include "observe/observer_internal.h"

#include "base/text.h"
#include "observe/words.h"
#include "proto/frame/frame.h"

/* Ports where servers of a boot listen: they tell the phone's side of a packet when nothing else
 * does. */
static bool is_server_port(uint16_t port)
{
	switch (port) {
	case 53:
	case 67:
	case 69:
	case 123:
	case 2000:
	case 2443:
	case 2445:
	case 3804:
	case 5060:
	case 5061:
	case 6970:
	case 6971:
		return true;
	default:
		return false;
	}
}

/* Was the packet inside sent by the phone (or by who is more likely one)? */
static bool sent_by_phone(const struct observer *o, const struct flow *inner)
{
	bool from = observer_is_phone(o, inner->from.ip);
	bool to = observer_is_phone(o, inner->to.ip);

	if (from != to)
		return from;
	return is_server_port(inner->to.port) || !is_server_port(inner->from.port);
}

static void tell(struct observer *o, enum fact_kind kind, struct ip4 phone, struct endpoint peer,
		 uint32_t number, uint32_t value, struct ip4 who)
{
	struct fact f = observer_fact(o, kind, phone);

	f.peer = peer;
	f.number = number;
	f.value[0] = value;
	if (!ip4_is_zero(who))
		(void)ip4_format(who, f.text);
	observer_add_if_phone(o, &f);
}

void observer_icmp(struct observer *o, const struct flow *flow, const struct icmp *icmp, dt_time at,
		   uint64_t evidence)
{
	struct frame_ip inner;
	struct frame_udp ports = {0};
	struct flow sent = {0};

	observer_begin(o, flow, at, evidence);
	if (!icmp_is_error(icmp->type) || icmp->type == ICMP_REDIRECT ||
	    frame_decode_ip(icmp->quoted, &inner) != 0)
		return;
	/* UDP and TCP have their ports in the same place, and eight bytes are always quoted. */
	if (frame_decode_udp(inner.payload, &ports) == 0) {
		sent.from.port = ports.from;
		sent.to.port = ports.to;
	}
	sent.from.ip = inner.from;
	sent.to.ip = inner.to;
	sent.vlan = flow->vlan;
	bool to_phone = sent_by_phone(o, &sent);
	struct buf *line = observer_line(o);
	if (line != NULL) {
		words_icmp(line, icmp);
		observer_said(o, "ICMP", to_phone ? sent.from.ip : sent.to.ip,
			      to_phone ? sent.to : sent.from, !to_phone);
	}
	if (!to_phone) {
		if (icmp->type == ICMP_UNREACHABLE && ip4_equal(flow->from.ip, sent.to.ip))
			tell(o, FACT_ICMP_FROM_PHONE, sent.to.ip, sent.from, icmp->code, 0,
			     (struct ip4){{0}});
		return;
	}
	if (icmp->type == ICMP_TIME_EXCEEDED) {
		tell(o, FACT_ICMP_TTL, sent.from.ip, sent.to, icmp->code, 0, flow->from.ip);
	} else if (icmp->type == ICMP_UNREACHABLE && icmp->code == ICMP_FRAGMENTATION_NEEDED) {
		tell(o, FACT_ICMP_FRAGMENT, sent.from.ip, sent.to, icmp->mtu, 0, flow->from.ip);
	} else if (icmp->type == ICMP_UNREACHABLE) {
		tell(o, FACT_ICMP_UNREACHABLE, sent.from.ip, sent.to, icmp->code, inner.protocol,
		     flow->from.ip);
		observer_unreachable(o, &sent, inner.protocol == FRAME_TCP, at, evidence);
	}
}

void observer_fragment_lost(struct observer *o, const struct flow *flow, uint8_t protocol,
			    uint32_t bytes, dt_time at, uint64_t evidence)
{
	observer_begin(o, flow, at, evidence);
	bool by_phone = observer_is_phone(o, flow->from.ip);

	if (!by_phone && !observer_is_phone(o, flow->to.ip))
		return;
	struct fact f =
	    observer_fact(o, FACT_FRAGMENT_LOST, by_phone ? flow->from.ip : flow->to.ip);
	f.peer.ip = by_phone ? flow->to.ip : flow->from.ip;
	f.number = bytes;
	f.value[0] = protocol;
	f.value[1] = by_phone ? 1 : 2;
	observer_add_fact(o, &f);
}
