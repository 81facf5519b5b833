/* The boot of a phone in trouble, as the phone itself saw it: its messages through the same
 * observer and rules as a capture's, so that the report of a fleet names causes and not only
 * numbers. One observer a phone: phones may share an address here. */
#include "fleet/fleet_internal.h"

#include "base/alloc.h"
#include "boot/diagnose.h"
#include "observe/observer.h"
#include "proto/dns/dns.h"

#include <stdio.h>

struct fleet_watch {
	struct observer *observer;
	struct timeline *timeline;
	struct timeline_scope scope;
	uint64_t evidence;
};

struct fleet_watch *fleet_watch_new(dt_time now)
{
	struct fleet_watch *w = alloc_zero(1, sizeof *w);

	if (w == NULL)
		return NULL;
	w->observer = observer_new(VANTAGE_PHONE);
	w->timeline = timeline_new();
	w->scope = (struct timeline_scope){.sees_dhcp = true,
					   .sees_files = true,
					   .sees_sccp = true,
					   .complete = true,
					   .from = now};
	if (w->observer == NULL || w->timeline == NULL) {
		fleet_watch_free(w);
		return NULL;
	}
	return w;
}

void fleet_watch_free(struct fleet_watch *w)
{
	if (w == NULL)
		return;
	observer_free(w->observer);
	timeline_free(w->timeline);
	alloc_free(w);
}

static void take_facts(struct fleet_watch *w)
{
	struct fact fact;

	/* A fact that finds no memory is lost: the report is poorer by a line. */
	while (observer_next_fact(w->observer, &fact))
		(void)timeline_add(w->timeline, &fact);
}

void fleet_watch_dhcp(struct fleet_watch *w, struct endpoint from, struct endpoint to,
		      struct slice bytes, dt_time now)
{
	struct flow flow = {.from = from, .to = to};

	if (w == NULL)
		return;
	observer_dhcp(w->observer, &flow, bytes, now, ++w->evidence);
	take_facts(w);
}

void fleet_watch_datagram(struct fleet_watch *w, struct endpoint from, struct endpoint to,
			  struct slice bytes, dt_time now)
{
	struct flow flow = {.from = from, .to = to};

	if (w == NULL)
		return;
	w->evidence++;
	if (from.port == DNS_PORT || to.port == DNS_PORT)
		observer_dns(w->observer, &flow, bytes, now, w->evidence);
	else
		(void)observer_tftp(w->observer, &flow, bytes, now, w->evidence);
	take_facts(w);
}

void fleet_watch_unreachable(struct fleet_watch *w, struct endpoint phone, struct endpoint server,
			     dt_time now)
{
	struct flow flow = {.from = phone, .to = server};

	if (w == NULL)
		return;
	observer_unreachable(w->observer, &flow, false, now, ++w->evidence);
	take_facts(w);
}

void fleet_watch_tcp(struct fleet_watch *w, struct endpoint phone, struct endpoint server,
		     enum fleet_tcp_event event, dt_time now)
{
	struct flow out = {.from = phone, .to = server};
	struct flow in = {.from = server, .to = phone};

	if (w == NULL)
		return;
	w->evidence++;
	switch (event) {
	case FLEET_TCP_ASKED:
		observer_tcp(w->observer, &out, OBSERVE_TCP_SYN, now, w->evidence);
		break;
	case FLEET_TCP_OPENED:
		observer_tcp(w->observer, &in, OBSERVE_TCP_SYN | OBSERVE_TCP_ACK, now, w->evidence);
		observer_tcp(w->observer, &out, OBSERVE_TCP_ACK, now, w->evidence);
		break;
	case FLEET_TCP_RESET:
		observer_tcp(w->observer, &in, OBSERVE_TCP_RST | OBSERVE_TCP_ACK, now, w->evidence);
		break;
	case FLEET_TCP_CLOSED:
		observer_tcp(w->observer, &in, OBSERVE_TCP_FIN | OBSERVE_TCP_ACK, now, w->evidence);
		break;
	}
	take_facts(w);
}

/* Whole frames only: one that comes in pieces is not worth a buffer here. */
void fleet_watch_sccp(struct fleet_watch *w, struct endpoint from, struct endpoint to,
		      struct slice bytes, dt_time now)
{
	struct flow flow = {.from = from, .to = to};
	struct slice frame;
	struct sccp_message m;
	int used = 0;

	if (w == NULL)
		return;
	while ((used = sccp_frame_next(bytes, &frame)) > 0) {
		if (sccp_decode(frame, &m, NULL) == 0)
			observer_sccp(w->observer, &flow, &m, now, ++w->evidence);
		bytes = slice_from(bytes, (size_t)used);
	}
	take_facts(w);
}

void fleet_watch_explain(struct fleet_watch *w, struct mac mac, dt_time now,
			 char to[static FLEET_EXPLANATION_MAX])
{
	struct phone_report *report = alloc_zero(1, sizeof *report);

	to[0] = 0;
	if (report == NULL)
		return;
	w->scope.to = now;
	timeline_set_scope(w->timeline, &w->scope);
	if (diagnose_phone(w->timeline, mac, now, report) && report->finding_count > 0) {
		const struct finding *f = &report->finding[0];
		(void)snprintf(to, FLEET_EXPLANATION_MAX, "%s (%s): %s", rule_row(f->rule)->id,
			       f->proved ? "proved" : "suspected", f->text);
	}
	alloc_free(report);
}
