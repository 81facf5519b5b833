/* Opening and closing of connections toward a CallManager, and ICMP that answers them. The phone is
 * who sent the SYN. */
#include "observe/observer_internal.h"

#define SIDE_PHONE  1
#define SIDE_SERVER 2

static void add(struct observer *o, enum fact_kind kind, const struct observed_flow *f,
		uint32_t number, dt_time at, uint64_t evidence)
{
	struct fact fact = observer_fact(o, kind, f->phone.ip, at, evidence);

	fact.peer = f->server;
	fact.number = number;
	observer_add_fact(o, &fact);
}

static void on_syn(struct observer *o, const struct flow *flow, dt_time at, uint64_t evidence)
{
	struct observed_flow *f = observer_flow_make(o, flow->from, flow->to);

	if (f == NULL)
		return;
	observer_see_source(o, flow);
	if (f->open || f->refused || f->closed)
		*f = (struct observed_flow){.phone = flow->from, .server = flow->to};
	f->syn = true;
	add(o, FACT_TCP_SYN, f, 0, at, evidence);
}

static void on_end(struct observer *o, struct observed_flow *f, bool by_phone, unsigned flags,
		   dt_time at, uint64_t evidence)
{
	uint32_t side = by_phone ? SIDE_PHONE : SIDE_SERVER;

	if (f->closed || f->refused)
		return;
	if ((flags & OBSERVE_TCP_RST) != 0 && f->syn && !f->open) {
		f->refused = !by_phone;
		f->closed = by_phone;
		if (!by_phone)
			add(o, FACT_TCP_REFUSED, f, 0, at, evidence);
		return;
	}
	f->closed = true;
	add(o, (flags & OBSERVE_TCP_RST) != 0 ? FACT_TCP_RESET : FACT_TCP_CLOSED, f, side, at,
	    evidence);
}

void observer_tcp(struct observer *o, const struct flow *flow, unsigned flags, dt_time at,
		  uint64_t evidence)
{
	bool syn = (flags & OBSERVE_TCP_SYN) != 0;

	if (syn && (flags & OBSERVE_TCP_ACK) == 0) {
		if (observer_callmanager(o, flow->to))
			on_syn(o, flow, at, evidence);
		return;
	}
	struct observed_flow *f = observer_flow(o, flow->from, flow->to);
	if (f == NULL)
		return;
	bool by_phone = endpoint_equal(flow->from, f->phone);
	if ((flags & (OBSERVE_TCP_FIN | OBSERVE_TCP_RST)) != 0) {
		on_end(o, f, by_phone, flags, at, evidence);
	} else if (syn) {
		f->syn_ack = true;
	} else if (by_phone && f->syn_ack && !f->open) {
		f->open = true;
		add(o, FACT_TCP_OPEN, f, 0, at, evidence);
	}
}

void observer_unreachable(struct observer *o, const struct flow *flow, bool tcp, dt_time at,
			  uint64_t evidence)
{
	struct observed_flow *f = tcp ? observer_flow(o, flow->from, flow->to) : NULL;

	if (f == NULL || f->open || f->refused)
		return;
	f->refused = true;
	add(o, FACT_TCP_REFUSED, f, 0, at, evidence);
}
