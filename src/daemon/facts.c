/* What the edges saw, to the timeline: the same observers as for a capture. What only the server
 * knows (why it refused) becomes facts of its own kind. */
#include "daemon/node.h"

#include "base/text.h"
#include "proto/frame/frame.h"
#include "proto/tftp/tftp.h"

static void take_facts(struct node *n)
{
	struct fact fact;

	/* Without memory the oldest knowledge is not worth a phone's service: the fact is lost. */
	while (observer_next_fact(n->observer, &fact))
		(void)timeline_add(n->timeline, &fact);
}

void node_saw_dhcp(void *context, struct endpoint from, struct endpoint to, struct slice payload)
{
	struct node *n = context;
	struct flow flow = {.from = from, .to = to};

	observer_dhcp(n->observer, &flow, payload, loop_now(n->loop), ++n->events);
	take_facts(n);
}

void node_saw_tftp(void *context, struct endpoint from, struct endpoint to, struct slice payload)
{
	struct node *n = context;
	struct flow flow = {.from = from, .to = to};

	(void)observer_tftp(n->observer, &flow, payload, loop_now(n->loop), ++n->events);
	take_facts(n);
}

void node_saw_dhcp_event(struct node *n, const struct dhcp_event *event)
{
	struct fact f = {.vantage = VANTAGE_SERVER,
			 .at = loop_now(n->loop),
			 .evidence = ++n->events,
			 .mac = event->mac};

	switch (event->kind) {
	case DHCP_EVENT_NO_SUBNET:
		f.kind = FACT_SERVER_NO_SUBNET;
		f.peer.ip = event->ip;
		break;
	case DHCP_EVENT_POOL_EMPTY:
		f.kind = FACT_SERVER_POOL_EMPTY;
		break;
	case DHCP_EVENT_STORE_FAILED:
		f.kind = FACT_SERVER_STORE_FAILED;
		(void)text_copy(f.text, sizeof f.text, "the lease could not be stored");
		break;
	case DHCP_EVENT_STORE_SLOW:
		f.kind = FACT_SERVER_SLOW_OFFER;
		(void)text_copy(f.text, sizeof f.text, "disk");
		node_alarm_disk(n, "takes longer than 2 s to store a lease");
		break;
	case DHCP_EVENT_TEMPORARY:
		f.kind = FACT_SERVER_STORE_FAILED;
		(void)text_copy(f.text, sizeof f.text, "five minutes from memory");
		break;
	case DHCP_EVENT_OTHER_SERVER:
		f.kind = FACT_SERVER_FOREIGN_DHCP;
		f.peer.ip = event->ip;
		node_alarm_other_dhcp(n, event);
		break;
	}
	(void)timeline_add(n->timeline, &f);
}

static void saw_refusal(struct node *n, const struct station_event *event)
{
	const struct reason_row *row = reason_row(event->decision.reason);
	struct fact f = {.kind = FACT_SERVER_REFUSED,
			 .vantage = VANTAGE_SERVER,
			 .at = loop_now(n->loop),
			 .evidence = ++n->events,
			 .ip = event->peer.ip,
			 .number = row->code};

	(void)observer_identify(n->observer, event->peer.ip, &f.mac);
	(void)text_copy(f.text, sizeof f.text, row->rule);
	(void)text_copy(f.name, sizeof f.name, event->decision.near_name);
	(void)timeline_add(n->timeline, &f);
}

void node_saw_station(void *context, const struct station_event *event)
{
	struct node *n = context;
	struct endpoint server = {event->local, n->sccp_port};
	struct flow in = {.from = event->peer, .to = server};
	struct flow out = {.from = server, .to = event->peer};

	switch (event->kind) {
	case STATION_EVENT_MESSAGE_IN:
		observer_sccp(n->observer, &in, &event->message, loop_now(n->loop), ++n->events);
		break;
	case STATION_EVENT_MESSAGE_OUT:
		observer_sccp(n->observer, &out, &event->message, loop_now(n->loop), ++n->events);
		break;
	case STATION_EVENT_BROKEN:
		observer_sccp_broken(n->observer, &in, "the stream is no longer SCCP",
				     loop_now(n->loop), ++n->events);
		break;
	case STATION_EVENT_REFUSED:
		take_facts(n);
		saw_refusal(n, event);
		break;
	case STATION_EVENT_REGISTERED:
	case STATION_EVENT_GONE:
		break;
	}
	take_facts(n);
}

void node_saw_connection(void *context, struct endpoint phone, struct endpoint server, bool opened,
			 bool by_phone)
{
	struct node *n = context;
	struct flow in = {.from = phone, .to = server};
	struct flow out = {.from = server, .to = phone};
	dt_time now = loop_now(n->loop);

	/* With a view of the wire the segments themselves are seen, refused ones included. */
	if (node_sees_connections(n))
		return;
	uint64_t event = ++n->events;
	if (opened) {
		observer_tcp(n->observer, &in, OBSERVE_TCP_SYN, now, event);
		observer_tcp(n->observer, &out, OBSERVE_TCP_SYN | OBSERVE_TCP_ACK, now, event);
		observer_tcp(n->observer, &in, OBSERVE_TCP_ACK, now, event);
	} else {
		observer_tcp(n->observer, by_phone ? &in : &out, OBSERVE_TCP_FIN, now, event);
	}
	take_facts(n);
}

void node_saw_frame(void *context, uint32_t link, struct slice frame, dt_time at)
{
	struct node *n = context;
	struct frame_ip ip;
	struct frame_tcp tcp;
	struct frame_ip inner;
	struct frame_udp udp;
	uint16_t from = 0;
	uint16_t to = 0;

	if (frame_decode(link, frame, &ip) != 0)
		return;
	if (ip.protocol == FRAME_TCP && frame_decode_tcp(ip.payload, &tcp) == 0) {
		struct flow flow = {
		    .from = {ip.from, tcp.from}, .to = {ip.to, tcp.to}, .source = ip.source};
		observer_tcp(n->observer, &flow, tcp.flags, at, ++n->events);
	} else if (ip.protocol == FRAME_UDP && frame_decode_udp(ip.payload, &udp) == 0) {
		struct flow flow = {.from = {ip.from, udp.from}, .to = {ip.to, udp.to}};
		observer_dhcp(n->observer, &flow, udp.payload, at, ++n->events);
	} else if (ip.protocol == FRAME_ICMP &&
		   frame_decode_unreachable(ip.payload, &inner, &from, &to) == 0) {
		struct flow flow = {.from = {inner.from, from}, .to = {inner.to, to}};
		observer_unreachable(n->observer, &flow, inner.protocol == FRAME_TCP, at,
				     ++n->events);
	}
	take_facts(n);
}
