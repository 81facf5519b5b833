/* Connections toward CallManagers and file servers: opening, closing, and what the path does to
 * them. The phone is who sent the SYN.
 *
 * A connection to a CallManager makes tcp.* facts, one to another service of a boot service.*: the
 * same events, named apart, since the rules ask them different questions. */
#include "observe/observer_internal.h"

#include "base/alloc.h"
#include "proto/frame/frame.h"
#include "proto/sip/sip.h"

#define PORT_SCCP_TLS  2443
#define PORT_HTTP      6970
#define PORT_HTTPS     6971
#define PORT_TVS       2445
#define PORT_CAPF      3804
#define PROBES_TOLD    3
#define SYN_ACKS_TOLD  3
#define GIVEN_UP_AFTER 65536 /* bytes of a connection that never said anything understood */

/* The two names of each event. */
static const struct {
	enum fact_kind tcp, service;
} events[] = {
    {FACT_TCP_SYN, FACT_SERVICE_SYN},         {FACT_TCP_OPEN, FACT_SERVICE_OPEN},
    {FACT_TCP_REFUSED, FACT_SERVICE_REFUSED}, {FACT_TCP_RESET, FACT_SERVICE_RESET},
    {FACT_TCP_CLOSED, FACT_SERVICE_CLOSED},
};

static enum fact_kind named(const struct observed_flow *f, enum fact_kind kind)
{
	for (size_t i = 0;
	     f->service != SERVICE_IS_CALLMANAGER && i < sizeof events / sizeof *events; i++) {
		if (events[i].tcp == kind)
			return events[i].service;
	}
	return kind;
}

static bool service_of(const struct observer *o, struct endpoint e, uint8_t *ret_service)
{
	switch (e.port) {
	case PORT_HTTP:
	case PORT_HTTPS:
		*ret_service = SERVICE_IS_FILES;
		return true;
	case PORT_TVS:
	case PORT_CAPF:
		*ret_service = SERVICE_IS_TRUST;
		return true;
	default:
		*ret_service = SERVICE_IS_CALLMANAGER;
		return observer_callmanager(o, e);
	}
}

bool observer_callmanager(const struct observer *o, struct endpoint e)
{
	return e.port == SCCP_PORT || e.port == PORT_SCCP_TLS || e.port == SIP_PORT ||
	       e.port == SIP_TLS_PORT || map_get(&o->servers, endpoint_key(e)) != NULL;
}

/* One key for both directions. */
static uint64_t flow_key(struct endpoint a, struct endpoint b)
{
	uint64_t x = endpoint_key(a);
	uint64_t y = endpoint_key(b);
	uint64_t low = x < y ? x : y;
	uint64_t high = x < y ? y : x;

	return (low * 0x9e3779b97f4a7c15ULL) ^ (high + (high << 17));
}

struct observed_flow *observer_flow(struct observer *o, struct endpoint a, struct endpoint b)
{
	struct observed_flow *f = table_get(&o->flows, flow_key(a, b));

	if (f == NULL)
		return NULL;
	bool same = (endpoint_equal(f->phone, a) && endpoint_equal(f->server, b)) ||
		    (endpoint_equal(f->phone, b) && endpoint_equal(f->server, a));
	return same ? f : NULL;
}

void observer_flow_clear(struct observer *o, struct observed_flow *f)
{
	for (unsigned i = 0; i < 2; i++) {
		size_t len = f->side[i].len;
		size_t size = f->side[i].size;
		observer_drop(o, &f->side[i].buffer, &len, &size);
		f->side[i].len = 0;
		f->side[i].size = 0;
	}
	observer_web_free(o, f);
}

static void flow_reset(struct observer *o, struct observed_flow *f, struct endpoint phone,
		       struct endpoint server)
{
	uint8_t service = SERVICE_IS_CALLMANAGER;

	observer_flow_clear(o, f);
	(void)service_of(o, server, &service);
	*f = (struct observed_flow){
	    .entry = f->entry, .phone = phone, .server = server, .service = service};
}

struct observed_flow *observer_flow_make(struct observer *o, struct endpoint phone,
					 struct endpoint server)
{
	struct observed_flow *f = table_need(&o->flows, flow_key(phone, server), o->at);

	if (f == NULL)
		return NULL;
	if (!endpoint_equal(f->server, server) || !endpoint_equal(f->phone, phone))
		flow_reset(o, f, phone, server);
	if (f->service == SERVICE_IS_CALLMANAGER)
		(void)map_put(&o->servers, endpoint_key(server), &o->servers);
	return f;
}

struct fact observer_flow_fact(struct observer *o, enum fact_kind kind,
			       const struct observed_flow *f)
{
	struct fact fact = observer_fact(o, named(f, kind), f->phone.ip);

	if (!mac_is_zero(f->claim))
		fact.mac = f->claim;
	fact.peer = f->server;
	return fact;
}

static void add(struct observer *o, enum fact_kind kind, const struct observed_flow *f,
		uint32_t number)
{
	struct fact fact = observer_flow_fact(o, kind, f);

	fact.number = number;
	observer_add_fact(o, &fact);
}

static uint32_t milliseconds_since(const struct observer *o, dt_time then)
{
	return (uint32_t)((o->at - then) / 1000);
}

static struct observed_flow *on_syn(struct observer *o, const struct flow *flow)
{
	uint8_t service = SERVICE_IS_CALLMANAGER;

	if (!service_of(o, flow->to, &service))
		return NULL;
	struct observed_flow *f = observer_flow_make(o, flow->from, flow->to);
	if (f == NULL)
		return NULL;
	if (f->open || f->refused || f->closed || endpoint_equal(f->server, flow->from))
		flow_reset(o, f, flow->from, flow->to);
	if (!f->syn)
		f->syn_at = o->at;
	f->syn = true;
	add(o, FACT_TCP_SYN, f, 0);
	return f;
}

static void on_open(struct observer *o, struct observed_flow *f)
{
	struct fact fact = observer_flow_fact(o, FACT_TCP_OPEN, f);

	f->open = true;
	fact.value[0] = milliseconds_since(o, f->syn_at);
	observer_add_fact(o, &fact);
}

static void on_reset(struct observer *o, struct observed_flow *f, bool by_phone, uint8_t ttl)
{
	unsigned side = by_phone ? SIDE_OF_PHONE : SIDE_OF_SERVER;

	/* Where the segment that completes the opening is not seen, a server that answered and then
	 * resets did take the connection. */
	if (f->syn && !f->open && f->syn_ack && !by_phone)
		on_open(o, f);
	if (f->syn && !f->open) {
		f->refused = !by_phone;
		f->closed = by_phone;
		if (!by_phone)
			add(o, FACT_TCP_REFUSED, f, 0);
		return;
	}
	f->closed = true;
	struct fact fact = observer_flow_fact(o, FACT_TCP_RESET, f);
	fact.number = side + 1;
	if (f->service == SERVICE_IS_CALLMANAGER) {
		fact.value[0] = ttl;
		fact.value[1] = f->side[side].ttl;
		fact.value[2] = f->side[SIDE_OF_SERVER].bytes;
	}
	observer_add_fact(o, &fact);
}

static void on_end(struct observer *o, struct observed_flow *f, bool by_phone, unsigned flags,
		   uint8_t ttl)
{
	if (f->closed || f->refused)
		return;
	observer_web_closed(o, f, by_phone);
	if ((flags & OBSERVE_TCP_RST) != 0) {
		on_reset(o, f, by_phone, ttl);
		return;
	}
	f->closed = true;
	struct fact fact = observer_flow_fact(o, FACT_TCP_CLOSED, f);
	fact.number = by_phone ? 1 : 2;
	fact.value[0] = f->side[SIDE_OF_PHONE].bytes;
	fact.value[1] = f->side[SIDE_OF_SERVER].bytes;
	observer_add_fact(o, &fact);
}

/* Connections begin and end: SYN, SYN-ACK, FIN, RST. */
static void say(struct observer *o, const struct observed_flow *f, bool by_phone, unsigned flags)
{
	unsigned telling = flags & (OBSERVE_TCP_SYN | OBSERVE_TCP_FIN | OBSERVE_TCP_RST);
	struct buf *line = telling != 0 ? observer_line(o) : NULL;

	if (line == NULL)
		return;
	buf_text(line, (flags & OBSERVE_TCP_RST) != 0   ? "RST"
		       : (flags & OBSERVE_TCP_FIN) != 0 ? "FIN"
		       : (flags & OBSERVE_TCP_ACK) != 0 ? "SYN-ACK"
							: "SYN");
	observer_said(o, "TCP", f->phone.ip, f->server, by_phone);
}

/* The control bits. */
static struct observed_flow *on_flags(struct observer *o, const struct flow *flow, unsigned flags)
{
	bool syn = (flags & OBSERVE_TCP_SYN) != 0;

	if (syn && (flags & OBSERVE_TCP_ACK) == 0) {
		struct observed_flow *begun = on_syn(o, flow);
		if (begun != NULL)
			say(o, begun, true, flags);
		return begun;
	}
	struct observed_flow *f = observer_flow(o, flow->from, flow->to);
	if (f == NULL)
		return NULL;
	f->entry.last = o->at;
	bool by_phone = endpoint_equal(flow->from, f->phone);
	say(o, f, by_phone, flags);
	if ((flags & (OBSERVE_TCP_FIN | OBSERVE_TCP_RST)) != 0) {
		on_end(o, f, by_phone, flags, flow->ttl);
	} else if (syn && !by_phone) {
		f->syn_ack = true;
		if (f->service == SERVICE_IS_CALLMANAGER && !f->open && f->syn_acks < UINT8_MAX &&
		    ++f->syn_acks == SYN_ACKS_TOLD)
			add(o, FACT_TCP_HALF_OPEN, f, f->syn_acks);
	} else if (by_phone && f->syn_ack && !f->open) {
		on_open(o, f);
	}
	return f;
}

void observer_tcp(struct observer *o, const struct flow *flow, unsigned flags, dt_time at,
		  uint64_t evidence)
{
	observer_begin(o, flow, at, evidence);
	(void)on_flags(o, flow, flags);
}

void observer_unreachable(struct observer *o, const struct flow *flow, bool tcp, dt_time at,
			  uint64_t evidence)
{
	observer_begin(o, flow, at, evidence);
	struct observed_flow *f = tcp ? observer_flow(o, flow->from, flow->to) : NULL;

	if (f == NULL || f->open || f->refused)
		return;
	f->refused = true;
	add(o, FACT_TCP_REFUSED, f, 1);
}

/* Data below what was sent already: sent again, or TCP's own keep-alive (one byte before the next,
 * or none). */
static void on_old_data(struct observer *o, struct observed_flow *f, unsigned side,
			const struct frame_tcp *tcp)
{
	struct observed_side *s = &f->side[side];

	/* A FIN sent again stands where a probe would. */
	if ((tcp->flags & OBSERVE_TCP_FIN) != 0 && tcp->payload.len == 0)
		return;
	if (tcp->payload.len <= 1 && tcp->seq + 1 == s->next) {
		if (s->probes < UINT8_MAX && ++s->probes >= PROBES_TOLD) {
			struct fact fact = observer_flow_fact(o, FACT_TCP_PROBE, f);
			fact.number = side + 1;
			fact.value[0] = s->probes;
			observer_add_fact(o, &fact);
		}
		return;
	}
	s->again = s->again_waits && s->again_seq == tcp->seq ? (uint16_t)(s->again + 1) : 2;
	s->again_seq = tcp->seq;
	s->again_waits = true;
	if (!observer_worth_telling(s->again))
		return;
	struct fact fact = observer_flow_fact(o, FACT_TCP_AGAIN, f);
	fact.number = side + 1;
	fact.value[0] = s->again;
	fact.value[1] = (uint32_t)tcp->payload.len;
	fact.value[2] = tcp->seq;
	observer_add_fact(o, &fact);
}

/* What a segment acknowledges of the other side. */
static void on_ack(struct observer *o, struct observed_flow *f, unsigned other,
		   const struct frame_tcp *tcp)
{
	struct observed_side *s = &f->side[other];

	s->probes = 0;
	if (!s->again_waits || (int32_t)(tcp->ack - s->again_seq) <= 0)
		return;
	s->again_waits = false;
	struct fact fact = observer_flow_fact(o, FACT_TCP_ACKED, f);
	fact.number = other + 1;
	observer_add_fact(o, &fact);
}

static void on_window(struct observer *o, struct observed_flow *f, unsigned side, uint16_t window)
{
	struct observed_side *s = &f->side[side];
	bool zero = window == 0;

	if (zero && !s->zero_window && f->open)
		add(o, FACT_TCP_ZERO_WINDOW, f, side + 1);
	s->zero_window = zero;
}

/* Sequence numbers, times to live and windows: only of connections to CallManagers, whose silences
 * and resets have to be told apart. */
static void on_path(struct observer *o, struct observed_flow *f, unsigned side,
		    const struct flow *flow, const struct frame_tcp *tcp)
{
	struct observed_side *s = &f->side[side];
	uint32_t len = (uint32_t)tcp->payload.len;
	uint32_t end = tcp->seq + len + ((tcp->flags & (FRAME_TCP_SYN | FRAME_TCP_FIN)) != 0);
	bool telling = f->service == SERVICE_IS_CALLMANAGER;

	if ((tcp->flags & FRAME_TCP_RST) != 0)
		return;
	s->ttl = flow->ttl;
	bool probe = s->seen && len <= 1 && tcp->seq + 1 == s->next;
	bool old = s->seen && (int32_t)(s->next - end) >= 0;
	if (telling && (tcp->flags & FRAME_TCP_SYN) == 0 && s->seen && old && (len > 0 || probe))
		on_old_data(o, f, side, tcp);
	if (telling && (tcp->flags & FRAME_TCP_ACK) != 0)
		on_ack(o, f, 1 - side, tcp);
	if (telling)
		on_window(o, f, side, tcp->window);
	if (!s->seen || (int32_t)(end - s->next) > 0) {
		uint32_t fresh = s->seen ? end - s->next : len;
		s->bytes += fresh < len ? fresh : len;
		s->next = end;
		s->seen = true;
	}
}

void observer_segment(struct observer *o, const struct flow *flow, const struct frame_tcp *tcp,
		      dt_time at, uint64_t evidence)
{
	observer_begin(o, flow, at, evidence);
	struct observed_flow *f = on_flags(o, flow, tcp->flags);
	uint8_t service = SERVICE_IS_CALLMANAGER;

	/* In mid-stream nobody has sent a SYN: the usual port tells the server. */
	if (f == NULL && tcp->payload.len > 0) {
		if (service_of(o, flow->to, &service))
			f = observer_flow_make(o, flow->from, flow->to);
		else if (service_of(o, flow->from, &service))
			f = observer_flow_make(o, flow->to, flow->from);
		if (f != NULL)
			f->open = true;
	}
	if (f != NULL)
		on_path(o, f, endpoint_equal(flow->from, f->phone) ? SIDE_OF_PHONE : SIDE_OF_SERVER,
			flow, tcp);
}

bool observer_wants(struct observer *o, const struct flow *flow)
{
	const struct observed_flow *f = observer_flow(o, flow->from, flow->to);

	if (f == NULL || f->speech == SPEECH_NONE)
		return false;
	return f->speech != SPEECH_UNKNOWN ||
	       f->side[SIDE_OF_PHONE].bytes + f->side[SIDE_OF_SERVER].bytes < GIVEN_UP_AFTER;
}
