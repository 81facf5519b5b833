/* What the edges saw, to the timeline: the same observers as for a capture. What only the server
 * knows (why it refused) becomes facts of its own kind. */
#include "daemon/node.h"

#include "base/text.h"
#include "model/phone_type.h"
#include "model/provision.h"
#include "proto/frame/frame.h"
#include "proto/tftp/tftp.h"

#include <stdio.h>
#include <stdlib.h>

void node_add_fact(struct node *n, const struct fact *fact)
{
	perf_fact(&n->perf, fact);
	/* Without memory the oldest knowledge is not worth a phone's service: the fact is lost. */
	(void)timeline_add(n->timeline, fact);
}

#define FREE_NUMBERS_TOLD 10 /* so many or more */

static struct fact own_fact(struct node *n, enum fact_kind kind)
{
	return (struct fact){.kind = kind,
			     .vantage = VANTAGE_SERVER,
			     .at = loop_now(n->loop),
			     .evidence = ++n->events};
}

/* What the database says of the phone that asks for its own file or registers. */
static void tell_record(struct node *n, const struct fact *about)
{
	char name[DEVICE_NAME_SIZE];

	(void)text_copy_slice(name, sizeof name, slice_of(about->name, strcspn(about->name, ".")));
	const struct device *device = reg_device_find(n->reg, name);
	struct fact f = own_fact(n, device != NULL ? FACT_SERVER_RECORD : FACT_SERVER_NO_RECORD);
	f.mac = about->mac;
	f.ip = about->ip;
	(void)text_copy(f.name, sizeof f.name, name);
	if (device != NULL) {
		char model[32];
		(void)snprintf(f.text, sizeof f.text, "%s SCCP",
			       phone_type_name(device->type, model, sizeof model));
		f.number = device->type;
		f.value[0] = device->dn[0] != 0;
		f.value[1] = device->autoregistered;
	} else {
		/* Looked for among all records: not for each of many files that are asked for. */
		const struct device *near =
		    about->kind == FACT_SCCP_REGISTER ? reg_device_near(n->reg, name) : NULL;
		(void)text_copy(f.text, sizeof f.text, near != NULL ? near->name : "");
		f.number = reg_autoreg_open(n->reg, loop_unix_s(n->loop));
		f.value[0] = f.number != 0 ? reg_autoreg_free(n->reg, FREE_NUMBERS_TOLD) : 0;
	}
	node_add_fact(n, &f);
}

/* "{SEP001BD4000001-12}", as in the files of our making: 12. 0: another's stamp. */
static uint64_t stamp_number(const char *text)
{
	const char *dash = strrchr(text, '-');

	return text[0] == '{' && dash != NULL ? strtoull(dash + 1, NULL, 10) : 0;
}

/* Which version of its own file a phone was given last: 50,000 phones at most, as the timeline. */
static void note_stamp(struct node *n, const struct fact *read)
{
	uint64_t number = stamp_number(read->text);

	if (number != 0 && strncmp(read->name, "SEP", 3) == 0 && !mac_is_zero(read->mac))
		(void)map_put(&n->stamps, mac_key(read->mac), (void *)(uintptr_t)number); // NOLINT
}

/* It registers without having read what was changed since: it wants a reset. */
static void tell_stale_file(struct node *n, const struct fact *reg)
{
	uint64_t given = (uint64_t)(uintptr_t)map_get(&n->stamps, mac_key(reg->mac));
	struct provision p;

	if (given == 0 || reg_device_find(n->reg, reg->name) == NULL)
		return;
	reg_provision(n->reg, reg->name, reg->number, &p);
	if (p.stamp <= given)
		return;
	struct fact f = own_fact(n, FACT_SERVER_STALE_FILE);
	f.mac = reg->mac;
	f.ip = reg->ip;
	(void)snprintf(f.name, sizeof f.name, "%.15s.cnf.xml", reg->name);
	node_add_fact(n, &f);
}

static bool asks_for_own_file(const struct fact *f)
{
	return f->kind == FACT_FILE_ASKED && strncmp(f->name, "SEP", 3) == 0 &&
	       strstr(f->name, ".cnf") != NULL;
}

void node_take_facts(struct node *n)
{
	struct fact fact;

	while (observer_next_fact(n->observer, &fact)) {
		node_add_fact(n, &fact);
		if (asks_for_own_file(&fact) || fact.kind == FACT_SCCP_REGISTER)
			tell_record(n, &fact);
		if (fact.kind == FACT_CONFIG_STAMP)
			note_stamp(n, &fact);
		if (fact.kind == FACT_SCCP_REGISTER)
			tell_stale_file(n, &fact);
	}
}

static void tell_own(struct node *n, uint32_t service, struct endpoint at)
{
	struct fact f = own_fact(n, FACT_SERVER_OWN);

	if (ip4_is_zero(at.ip))
		return;
	f.peer = at;
	f.number = service;
	node_add_fact(n, &f);
}

void node_tell_own_services(struct node *n)
{
	const struct settings *s = reg_settings(n->reg);
	const union record *node = NULL;

	for (size_t i = 0; i < n->wires; i++) {
		if (n->wire[i].serves_dhcp)
			tell_own(n, 1, (struct endpoint){n->wire[i].iface.ip, 0});
	}
	tell_own(n, 2, (struct endpoint){n->iface.ip, 69});
	tell_own(n, 3, (struct endpoint){n->iface.ip, n->sccp_port});
	/* Where phones are sent to is ours too, whoever runs it. */
	tell_own(n, 3, (struct endpoint){s->callmanager_ip, s->sccp_port});
	while ((node = reg_record_next(n->reg, RECORD_NODE, node == NULL ? "" : node->key)) !=
	       NULL) {
		struct endpoint at = {{{0}}, (uint16_t)node->node.sccp_port};
		if (ip4_parse(node->node.address, &at.ip) == 0)
			tell_own(n, 3, at);
	}
}

void node_tell_state(struct node *n, uint32_t state, dt_time at, const char *how)
{
	struct fact f = own_fact(n, FACT_SERVER_STATE);

	f.at = at;
	f.number = state;
	(void)text_copy(f.text, sizeof f.text, how);
	node_add_fact(n, &f);
}

void node_tell_order(struct node *n, const char *name, uint32_t type)
{
	struct fact f = own_fact(n, FACT_SERVER_ADMIN);

	if (mac_of_device_name(name, &f.mac) != 0)
		return;
	f.number = type;
	(void)text_copy(f.text, sizeof f.text, "administrator");
	node_add_fact(n, &f);
}

void node_saw_dhcp(void *context, struct endpoint from, struct endpoint to, struct slice payload)
{
	struct node *n = context;
	struct flow flow = {.from = from, .to = to};

	observer_dhcp(n->observer, &flow, payload, loop_now(n->loop), ++n->events);
	node_take_facts(n);
}

void node_saw_tftp(void *context, struct endpoint from, struct endpoint to, struct slice payload)
{
	struct node *n = context;
	struct flow flow = {.from = from, .to = to};

	(void)observer_tftp(n->observer, &flow, payload, loop_now(n->loop), ++n->events);
	node_take_facts(n);
	node_saw_files(n);
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
		f.peer.ip = event->ip;
		f.number = event->number[0];
		f.value[0] = event->number[1];
		f.value[1] = event->number[2];
		break;
	case DHCP_EVENT_NO_OFFER:
		f.kind = FACT_SERVER_NO_OFFER;
		(void)text_copy(f.text, sizeof f.text, event->why);
		break;
	case DHCP_EVENT_DECLINED:
		f.kind = FACT_SERVER_DUPLICATE_IP;
		f.peer.ip = event->ip;
		break;
	case DHCP_EVENT_STORE_FAILED:
		f.kind = FACT_SERVER_STORE_FAILED;
		(void)text_copy(f.text, sizeof f.text, "the lease could not be stored");
		break;
	case DHCP_EVENT_STORE_SLOW:
		f.kind = FACT_SERVER_SLOW_OFFER;
		(void)text_copy(f.text, sizeof f.text, "disk");
		f.number = event->number[0];
		f.value[0] = event->number[1];
		node_alarm_disk(n, " takes longer than 2 s to store a lease");
		break;
	case DHCP_EVENT_TEMPORARY:
		f.kind = FACT_SERVER_STORE_FAILED;
		(void)text_copy(f.text, sizeof f.text, "five minutes from memory");
		break;
	case DHCP_EVENT_OTHER_SERVER:
		/* It concerns every phone of the site. */
		f.kind = FACT_SERVER_FOREIGN_DHCP;
		f.mac = (struct mac){{0}};
		f.peer.ip = event->ip;
		node_alarm_other_dhcp(n, event);
		break;
	}
	node_add_fact(n, &f);
}

/* Two phones, one name: who is refused has to be found by its address. */
static void saw_copied_name(struct node *n, const struct station_event *event, struct mac mac)
{
	struct fact f = own_fact(n, FACT_SERVER_DUPLICATE_DEVICE);

	f.mac = mac;
	f.ip = event->peer.ip;
	f.peer = event->rival;
	(void)text_copy(f.name, sizeof f.name, event->name);
	node_add_fact(n, &f);
	node_alarm_copied_name(n, event);
}

/* CcmDevUnregCauseCode in words. */
static const char *gone_words(uint32_t code)
{
	static const struct {
		uint32_t code;
		const char *words;
	} rows[] = {
	    {6, "connectivity error"}, {8, "device-initiated reset"},
	    {9, "CallManager reset"},  {11, "malformed register message"},
	    {13, "keepalive timeout"}, {16, "duplicate registration"},
	    {17, "apply config"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (rows[i].code == code)
			return rows[i].words;
	}
	return "unknown";
}

static void saw_gone(struct node *n, const struct station_event *event)
{
	struct fact f = own_fact(n, FACT_SERVER_GONE);

	if (mac_of_device_name(event->name, &f.mac) != 0)
		return;
	f.ip = event->peer.ip;
	f.number = event->code;
	(void)text_copy(f.name, sizeof f.name, event->name);
	(void)text_copy(f.text, sizeof f.text, gone_words(event->code));
	node_add_fact(n, &f);
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
	if (event->decision.reason == REASON_NAME_IN_USE)
		saw_copied_name(n, event, f.mac);
	(void)text_copy(f.text, sizeof f.text, row->rule);
	(void)text_copy(f.name, sizeof f.name, event->decision.near_name);
	node_add_fact(n, &f);
}

/* Its record was made by its Register: only now is there one to tell of. */
static void saw_registered(struct node *n, const struct station_event *event)
{
	const struct device *device = reg_device_find(n->reg, event->name);
	struct fact f = {.kind = FACT_SCCP_REGISTER, .ip = event->peer.ip};

	if (device == NULL || !device->autoregistered ||
	    mac_of_device_name(event->name, &f.mac) != 0)
		return;
	(void)text_copy(f.name, sizeof f.name, event->name);
	tell_record(n, &f);
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
		node_take_facts(n);
		saw_refusal(n, event);
		break;
	case STATION_EVENT_GONE:
		saw_gone(n, event);
		break;
	case STATION_EVENT_REGISTERED:
		node_take_facts(n);
		saw_registered(n, event);
		break;
	}
	node_take_facts(n);
}

void node_saw_connection(void *context, struct endpoint phone, struct endpoint server, bool opened,
			 bool by_phone)
{
	struct node *n = context;
	struct flow in = {.from = phone, .to = server};
	struct flow out = {.from = server, .to = phone};
	dt_time now = loop_now(n->loop);

	/* With a view of the wire the segments themselves are seen, refused ones included, but for
	 * the one that completes the opening: it looks like any acknowledgement. */
	if (node_sees_connections(n)) {
		if (opened) {
			node_read_wires(n);
			observer_tcp(n->observer, &in, OBSERVE_TCP_ACK, now, ++n->events);
			node_take_facts(n);
		}
		return;
	}
	uint64_t event = ++n->events;
	if (opened) {
		observer_tcp(n->observer, &in, OBSERVE_TCP_SYN, now, event);
		observer_tcp(n->observer, &out, OBSERVE_TCP_SYN | OBSERVE_TCP_ACK, now, event);
		observer_tcp(n->observer, &in, OBSERVE_TCP_ACK, now, event);
	} else {
		observer_tcp(n->observer, by_phone ? &in : &out, OBSERVE_TCP_FIN, now, event);
	}
	node_take_facts(n);
}

static bool either_port(const struct flow *flow, uint16_t port)
{
	return flow->from.port == port || flow->to.port == port;
}

static void saw_udp(struct node *n, const struct flow *flow, struct slice payload, dt_time at)
{
	uint64_t event = ++n->events;

	if (either_port(flow, 53))
		observer_dns(n->observer, flow, payload, at, event);
	else if (either_port(flow, 123))
		observer_ntp(n->observer, flow, payload, at, event);
	else if (flow->to.port == 69)
		(void)observer_tftp(n->observer, flow, payload, at, event);
	else
		observer_dhcp(n->observer, flow, payload, at, event);
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
		saw_udp(n, &flow, udp.payload, at);
	} else if (ip.protocol == FRAME_ICMP &&
		   frame_decode_unreachable(ip.payload, &inner, &from, &to) == 0) {
		struct flow flow = {.from = {inner.from, from}, .to = {inner.to, to}};
		observer_unreachable(n->observer, &flow, inner.protocol == FRAME_TCP, at,
				     ++n->events);
	}
	node_take_facts(n);
}
